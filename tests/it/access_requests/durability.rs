//! Whoever is killed in the middle of a decision leaves all of it or nothing: the state, the user and the notice are one commit.

use std::time::Duration;

use menjin::store::Database;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use simulator::sample;

use super::{apply, asking};
use crate::{
    actors::{Admin, id, text},
    backends::Backend,
    durability::process::Installation,
    fixture::{ADMIN_TOKEN, Fixture},
};

/// Who asks, and is decided about while the server is killed.
const PEOPLE: [&str; 4] = [sample::NORMAL, sample::ADMIN, sample::BY_PICK, sample::BY_TAG];

async fn counted(database: &Database, sql: String) -> i64 {
    let backend = database.reader().get_database_backend();
    let row = database
        .reader()
        .query_one_raw(Statement::from_string(backend, sql))
        .await;
    row.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap()
}

/// Of each request: whether it was approved, whether its member is a user, and how many notices tell them so.
async fn all_or_nothing(installation: &Installation, requests: &[Value]) {
    let database = Database::connect_unlocked(installation.database_url(), 2)
        .await
        .unwrap();
    for request in requests {
        let approved = counted(
            &database,
            format!(
                "SELECT count(*) FROM access_request WHERE state = 'approved' AND userid = '{}'",
                text(request, "userid")
            ),
        );
        let users = counted(
            &database,
            format!(
                "SELECT count(*) FROM users WHERE username_key = '{}'",
                text(request, "userid")
            ),
        );
        let told = counted(
            &database,
            format!(
                "SELECT count(*) FROM notice WHERE topic = 'access_approved' AND subject = 'access_request:{}'",
                id(request)
            ),
        );
        let standing = (approved.await, users.await, told.await);
        assert!(
            standing == (0, 0, 0) || standing == (1, 1, 1),
            "{request}: {standing:?}"
        );
    }
}

async fn a_killed_decision_is_whole_or_not_there(backend: Backend) {
    let Some(fixture) = Fixture::open(backend).await else {
        return;
    };
    // The other process has the machine's clock.
    fixture.advance_to_now();
    let (_, portal) = asking(&fixture).await;
    for userid in PEOPLE {
        apply(&fixture, &portal, &fixture.browser(), userid, "").await;
    }
    let requests = fixture.admin().items("access-requests").await;
    assert_eq!(requests.len(), PEOPLE.len());
    let installation = Installation::over(&fixture);
    let http = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()
        .unwrap();
    for (round, request) in requests.iter().enumerate() {
        let server = installation.serve(&http).await;
        let address = format!("{}/api/v1/access-requests/{}/approve", installation.base(), id(request));
        let deciding = http.post(address).bearer_auth(ADMIN_TOKEN).json(&json!({})).send();
        let deciding = tokio::spawn(deciding);
        // From before it arrives until after it is answered.
        std::thread::park_timeout(Duration::from_millis(2 + 12 * u64::try_from(round).unwrap()));
        tokio::task::yield_now().await;
        server.kill();
        drop(deciding.await);
        all_or_nothing(&installation, &requests).await;
    }
    let server = installation.serve(&http).await;
    let admin = Admin::new(&http, &installation.base(), ADMIN_TOKEN);
    for request in &requests {
        let path = format!("access-requests/{}/approve", id(request));
        let reply = admin.call("POST", &path, Some(json!({}))).await;
        assert!(
            reply.status == 200 || reply.refusal() == (409, "AR-103"),
            "{}",
            reply.body
        );
    }
    server.stop();
    all_or_nothing(&installation, &requests).await;
}

#[actix_web::test]
async fn a_killed_decision_is_whole_or_not_there_on_sqlite() {
    a_killed_decision_is_whole_or_not_there(Backend::SqliteMemory).await;
}

#[actix_web::test]
async fn a_killed_decision_is_whole_or_not_there_on_postgres() {
    a_killed_decision_is_whole_or_not_there(Backend::PostgresRedis).await;
}
