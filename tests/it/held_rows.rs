//! Rows that somebody holds on PostgreSQL keep those waiting who need them, and nobody beside them.

use std::time::Duration;

use actix_web::rt::spawn;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::json;
use simulator::{World, sample};
use tokio::time::timeout;

use crate::{
    actors::{Browser, Portal, id, text},
    backends::{Backend, number},
    fixture::Fixture,
};

/// As long as nothing here takes by far.
const FAR: Duration = Duration::from_secs(20);

/// Rows that are held by this statement until the transaction ends.
async fn held(fixture: &Fixture, statement: &str) -> DatabaseTransaction {
    let other = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let held = other.begin().await.unwrap();
    held.execute_unprepared(statement).await.unwrap();
    held
}

/// Until as many statements of this database wait for a lock, on a table of this name.
async fn waiting_for(fixture: &Fixture, table: &str, wanted: i64) {
    let waiting = format!(
        "SELECT count(DISTINCT a.pid) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid JOIN pg_class c ON c.oid = l.relation
         WHERE a.datname = current_database() AND a.wait_event_type = 'Lock' AND c.relname = '{table}'"
    );
    let asked = async { while number(fixture.database_url(), &waiting).await < wanted {} };
    timeout(FAR, asked).await.expect("nobody waits");
}

async fn code(portal: &Portal, browser: &Browser) -> String {
    let page = portal.authorize_silently(browser).await;
    page.returned("code").expect("no code")
}

#[actix_web::test]
async fn tokens_of_somebody_who_is_held_keep_nobody_elses_waiting() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (portal, browser, _) = fixture.signed_in().await;
    let others = fixture.browser();
    portal.tokens(&fixture, &others, sample::BY_PICK).await;
    let one = fixture.admin().user_id(sample::NORMAL).await;
    for _ in 0..3 {
        let (mut theirs, mut codes) = (Vec::new(), Vec::new());
        for _ in 0..6 {
            theirs.push(code(&portal, &browser).await);
            codes.push(code(&portal, &others).await);
            codes.push(code(&portal, &others).await);
        }
        let held = held(&fixture, &format!("SELECT 1 FROM users WHERE id = '{one}' FOR UPDATE")).await;
        let waiting: Vec<_> = theirs
            .into_iter()
            .map(|code| {
                let portal = portal.clone();
                spawn(async move { portal.redeem(&code).await })
            })
            .collect();
        let redeemed = join_all(codes.iter().map(|code| portal.redeem(code)));
        let redeemed = timeout(FAR, redeemed).await.expect("they wait for somebody else");
        assert!(redeemed.iter().all(|answer| answer.status == 200), "{redeemed:?}");
        assert!(waiting.iter().all(|waiting| !waiting.is_finished()), "nobody was held");
        held.rollback().await.unwrap();
        for answer in join_all(waiting).await {
            assert_eq!(answer.unwrap().status, 200);
        }
    }
}

#[actix_web::test]
async fn a_sync_that_edits_somebody_keeps_their_tokens_not_waiting() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let source = fixture.connect().await;
    let portal = fixture.portal("wiki", json!({})).await;
    let browser = fixture.browser();
    portal.tokens(&fixture, &browser, sample::NORMAL).await;
    let code = code(&portal, &browser).await;
    fixture.edit_corp(|corp| {
        let member = corp.member_mut(sample::NORMAL).unwrap();
        member.alias = "小李".to_owned();
    });
    // It stands at the end of its transaction, which raises a counter.
    let held = held(&fixture, "SELECT 1 FROM change_counter FOR UPDATE").await;
    let (admin, source) = (fixture.admin(), id(&source).to_owned());
    let sync = spawn(async move { admin.sync(&source).await });
    waiting_for(&fixture, "users", 1).await;
    let redeemed = timeout(FAR, portal.redeem(&code)).await.expect("it waits for the sync");
    assert_eq!(redeemed.status, 200, "{}", redeemed.body);
    assert!(!sync.is_finished());
    held.rollback().await.unwrap();
    assert_eq!(sync.await.unwrap()["state"], "succeeded");
    let told = portal.userinfo(text(&redeemed.body, "access_token")).await;
    assert_eq!(told.body["nickname"], "小李", "{told:?}");
}

#[actix_web::test]
async fn statements_that_take_long_keep_nobodys_versions_waiting() {
    let eight = [("MENJIN__DATABASE__CONNECTIONS".to_owned(), "8".to_owned())];
    let Some(fixture) = Fixture::open_set(Backend::PostgresRedis, World::sample(), &eight).await else {
        return;
    };
    let (portal, _, tokens) = fixture.signed_in().await;
    let token = text(&tokens, "access_token");
    assert_eq!(portal.userinfo(token).await.status, 200);
    let held = held(&fixture, "LOCK TABLE user_group IN ACCESS EXCLUSIVE MODE").await;
    let slow: Vec<_> = (0..20)
        .map(|_| {
            let admin = fixture.admin();
            spawn(async move { admin.items("groups").await })
        })
        .collect();
    waiting_for(&fixture, "user_group", 7).await;
    let told = timeout(FAR, portal.userinfo(token)).await.expect("it waits for them");
    assert_eq!(told.status, 200, "{}", told.body);
    held.rollback().await.unwrap();
    for listed in join_all(slow).await {
        listed.unwrap();
    }
}
