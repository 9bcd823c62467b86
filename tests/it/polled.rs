//! What is polled: each kind of work is found by the one statement that asks, and found no more once it is done.

use serde_json::json;
use simulator::sample;

use crate::{actors::text, backends::Backend, doctor::sql, fixture::Fixture, replicas::psql, scenario};

/// What a poll finds that asks for everything.
async fn found(fixture: &Fixture) -> Vec<String> {
    let found = fixture.app.poll(0).await.unwrap();
    found.iter().map(|work| format!("{work:?}")).collect()
}

/// Makes each kind of work due, by rows that somebody left there.
const DUE: &[(&str, &str)] = &[
    (
        "Logouts",
        "INSERT INTO logout_delivery (id, session_id, user_id, client_id, reason, state, attempts, next_at, deadline, created_at) \
         SELECT session.id, session.id, session.user_id, client.id, 'signed_out', 'pending', 0, 0, 0, 0 FROM session, client",
    ),
    (
        "Notices",
        "INSERT INTO notice (id, topic, data_source_id, subject, content, created_at) \
         SELECT id, 'alert', id, 'x', 'x', 0 FROM data_source; \
         INSERT INTO notice_delivery (id, notice_id, data_source_id, kind, address, language, state, digest, attempts, leased, next_at, deadline, \
         created_at) SELECT id, id, id, 'wecom', 'lihua', 'zh-CN', 'pending', FALSE, 0, FALSE, 0, 0, 0 FROM data_source",
    ),
    (
        "Cards",
        "INSERT INTO card_settlement (subject, content, settled_at, attempts, next_at) VALUES ('x', 'x', 0, 0, 0)",
    ),
    (
        "Looks",
        "INSERT INTO pending_look (data_source_id, userid_key, kind, userid, told_at, next_at, attempts) \
         SELECT id, 'nobody', 'member', 'nobody', 0, 0, 0 FROM data_source",
    ),
    (
        "AccessEnds",
        "UPDATE users SET access_until = 1 WHERE username_key = 'zhangwei'",
    ),
    (
        "Requests",
        "INSERT INTO card_event (id, data_source_id, corp_id, agent_id, userid, task_id, event_key, received_at) \
         SELECT id, id, corp_id, 1, 'lihua', 'x', 'x', 9000000000000 FROM data_source",
    ),
    ("Schedule", "UPDATE data_source SET next_sync_at = 0"),
    (
        "Events",
        "INSERT INTO callback_endpoint (id, data_source_id, owner, token_sealed, aes_key_sealed, told, retry_at, created_at) \
         SELECT id, id, 'contacts', 'x', 'x', 1, 0, 0 FROM data_source",
    ),
    ("Apps", "UPDATE wecom_app SET next_read_at = 0"),
];

scenario!(
    each_kind_of_work_is_found_where_it_is_due_and_no_more_once_it_is_done,
    |fixture: Fixture| async move {
        let (_, _, _) = fixture.signed_in().await;
        // What a look at somebody, and an end, lead to is done as well.
        let settle = async || {
            for _ in 0..3 {
                fixture.app.tick().await.unwrap();
                fixture.app.wait_for_background_work().await;
            }
        };
        settle().await;
        let none: [&str; 0] = [];
        assert_eq!(found(&fixture).await, none);
        for (kind, made) in DUE {
            sql(&fixture, made).await;
            assert!(found(&fixture).await.contains(&(*kind).to_owned()), "{kind} is due");
            settle().await;
            assert_eq!(found(&fixture).await, none, "{kind} is done");
        }
        sql(
            &fixture,
            "UPDATE data_source SET disabled_reason = 'installation_cancelled'",
        )
        .await;
        assert_eq!(found(&fixture).await, ["Cancelled"]);
    }
);

#[actix_web::test]
async fn a_postgres_that_ended_all_connections_fails_no_request_that_only_reads() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    fixture.connect().await;
    let portal = fixture.portal("wiki", json!({})).await;
    let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    let token = text(&tokens, "access_token");
    let (server, name) = fixture.database_url().rsplit_once('/').unwrap();
    let other = format!("{server}/postgres");
    for _ in 0..3 {
        let asked = futures_util::future::join_all((0..16).map(|_| portal.userinfo(token))).await;
        assert!(asked.iter().all(|answer| answer.status == 200));
        psql(
            &other,
            &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
        );
        for _ in 0..8 {
            assert_eq!(portal.userinfo(token).await.status, 200);
        }
    }
}
