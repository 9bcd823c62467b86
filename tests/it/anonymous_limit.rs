//! One address cannot fill the memory with sign-ins nobody finishes.

use std::time::Duration;

use simulator::{World, sample};

use crate::{actors::Browser, backends::Backend, fixture::Fixture};

/// Begun in the tests before it is too much.
const MOST: u64 = 8;

/// An installation where one address may begin so many sign-ins in ten minutes.
pub async fn open_with_most(backend: Backend, most: u64) -> Option<Fixture> {
    let most = ("MENJIN__SERVER__STRANGERS_PER_TEN_MINUTES".to_owned(), most.to_string());
    Fixture::open_set(backend, World::sample(), &[most]).await
}

async fn status(browser: &Browser, url: &str) -> u16 {
    browser.get(url).await.status
}

async fn too_many_anonymous_clients_wait_and_who_is_signed_in_enters(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let signed_in = fixture.browser();
    portal.tokens(&fixture, &signed_in, sample::NORMAL).await;
    let url = portal.authorize_url(&[]);
    let mut begun = 0;
    while status(&fixture.browser(), &url).await == 303 {
        begun += 1;
        assert!(begun <= MOST, "there is no bound");
    }
    assert!(begun > 0);
    let reply = fixture.http.get(&url).send().await.unwrap();
    assert_eq!(reply.status(), 429);
    assert_eq!(reply.headers()["retry-after"], "600");
    assert!(reply.text().await.unwrap().contains("WB-106"));
    let reply = fixture
        .http
        .get(&url)
        .header("cookie", "menjin_session=x; __Host-menjin_session=x");
    assert_eq!(
        reply.send().await.unwrap().status(),
        429,
        "a cookie alone proves nothing"
    );
    let elsewhere = fixture.http.get(&url).header("x-forwarded-for", "198.51.100.7");
    assert_eq!(elsewhere.send().await.unwrap().status(), 303);
    assert_eq!(status(&signed_in, &url).await, 303, "who is signed in is not anonymous");

    let app = fixture
        .portal("app", serde_json::json!({ "auth_method": "none" }))
        .await;
    let form = app.parameters(&[]);
    let pushed = fixture.http.post(format!("{}/oauth2/par", fixture.base)).form(&form);
    let pushed = pushed.send().await.unwrap();
    assert_eq!(
        (
            pushed.status().as_u16(),
            pushed.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "600")
    );
    assert!(pushed.text().await.unwrap().contains("temporarily_unavailable"));

    fixture.advance(Duration::from_secs(601));
    assert_eq!(status(&fixture.browser(), &url).await, 303);
}

#[actix_web::test]
async fn too_many_anonymous_requests_wait_on_sqlite_and_memory() {
    if let Some(fixture) = open_with_most(Backend::SqliteMemory, MOST).await {
        too_many_anonymous_clients_wait_and_who_is_signed_in_enters(fixture).await;
    }
}

#[actix_web::test]
async fn too_many_anonymous_requests_wait_on_postgres_and_redis() {
    if let Some(fixture) = open_with_most(Backend::PostgresRedis, MOST).await {
        too_many_anonymous_clients_wait_and_who_is_signed_in_enters(fixture).await;
    }
}
