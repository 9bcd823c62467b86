//! A portal that is down while somebody leaves, and a Menjin that is killed before the portal is back: the portal is told all the same.

use serde_json::json;
use simulator::sample;

use super::{process::Installation, unpooled};
use crate::{
    actors::{Admin, LogoutReceiver, claims, id, id_claims},
    back_channel_logout::listening,
    backends::Backend,
    fixture::{ADMIN_TOKEN, Fixture},
};

/// Asks until the answer is this one; the process has the machine's clock.
async fn until(what: &str, mut reached: impl AsyncFnMut() -> bool) {
    for _ in 0..1200 {
        if reached().await {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what} within a minute");
}

async fn told_by_the_next_process(backend: Backend) {
    let Some(mut fixture) = Fixture::open(backend).await else {
        return;
    };
    fixture.http = unpooled();
    fixture.advance_to_now();
    let source = fixture.connect().await;
    let receiver = LogoutReceiver::listen();
    let portal = listening(&fixture, "wiki", &receiver).await;
    let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    let installation = Installation::over(&fixture);
    let admin = Admin::new(&fixture.http, &installation.base(), ADMIN_TOKEN);
    let report = async || admin.items("offboardings").await.remove(0);

    let server = installation.serve(&fixture.http).await;
    receiver.answer(503);
    fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
    admin
        .create(&format!("data-sources/{}/sync", id(&source)), json!({}))
        .await;
    until("the portal was tried", async || !receiver.tokens().is_empty()).await;
    assert_eq!(report().await["portal_counts"]["pending"], 1, "{}", report().await);
    server.kill();
    receiver.answer(200);
    let before = receiver.tokens().len();
    let server = installation.serve(&fixture.http).await;
    until("the portal is told", async || {
        report().await["portal_counts"]["told"] == 1
    })
    .await;
    let tokens_heard = receiver.tokens();
    assert_eq!(tokens_heard.len(), before + 1, "told once");
    assert_eq!(claims(tokens_heard.last().unwrap())["sid"], id_claims(&tokens)["sid"]);
    server.stop();
}

#[actix_web::test]
async fn on_sqlite_a_portal_that_was_down_is_told_by_the_next_process() {
    told_by_the_next_process(Backend::SqliteMemory).await;
}

#[actix_web::test]
async fn on_postgres_a_portal_that_was_down_is_told_by_the_next_process() {
    told_by_the_next_process(Backend::PostgresRedis).await;
}
