//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

use std::{pin::pin, time::Duration};

use futures_util::future::{join, join_all, select};
use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{Answer, send, send_to};
use crate::{
    actors::text,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

const HEADER: &str = "idempotency-key";
const TRIES: usize = 100;

fn user(name: &str) -> Value {
    json!({ "username": name, "display_name": name })
}

async fn create(fixture: &Fixture, key: &str, body: Value) -> Answer {
    send(fixture, ("POST", "users"), &[(HEADER, key)], Some(body)).await
}

async fn users(fixture: &Fixture) -> usize {
    fixture.admin().items("users?limit=200").await.len()
}

scenario!(
    of_100_parallel_creations_with_one_key_exactly_one_is_carried_out,
    |fixture: Fixture| async move {
        // Tokens have no unique name: each request that is carried out makes one.
        let body = json!({ "name": "once", "role": "auditor" });
        let before = fixture.admin().items("api-tokens?limit=200").await.len();
        let create = || {
            send(
                &fixture,
                ("POST", "api-tokens"),
                &[(HEADER, "one-key")],
                Some(body.clone()),
            )
        };
        let answers = join_all((0..TRIES).map(|_| create())).await;
        let (done, busy): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
        for answer in &busy {
            assert_eq!(answer.refusal(), (409, "AD-112".to_owned()));
        }
        let first = done
            .iter()
            .filter(|answer| answer.header("idempotency-replayed").is_none());
        assert_eq!(first.count(), 1, "{} of {TRIES} were told that it is done", done.len());
        assert!(done.iter().all(|answer| answer.text == done[0].text));
        let again = create().await;
        assert_eq!((again.status, &again.text), (201, &done[0].text));
        assert_eq!(fixture.admin().items("api-tokens?limit=200").await.len(), before + 1);
        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        let made =
            |event: &&Value| text(event, "subject").starts_with("api_token:") && event["detail"]["action"] == "created";
        assert_eq!(events.iter().filter(made).count(), 1, "{events:?}");
    }
);

scenario!(
    the_same_request_gets_the_same_answer_again_on_every_replica_and_after_a_restart,
    |fixture: Fixture| async move {
        let body = json!({ "name": "邮箱", "redirect_uris": ["https://mail.portal.example/cb"] });
        let request = ("POST", "clients");
        let first = send(&fixture, request, &[(HEADER, "k1")], Some(body.clone())).await;
        assert_eq!(first.status, 201, "{}", first.text);
        assert!(first.header("idempotency-replayed").is_none());
        assert!(!text(&first.json(), "client_secret").is_empty());
        let restarted = fixture.restart().await;
        for base in [&fixture.base, &restarted] {
            let again = send_to(
                &fixture,
                (base, ADMIN_TOKEN),
                request,
                &[(HEADER, "k1")],
                Some(body.clone()),
            )
            .await;
            assert_eq!(again.status, 201);
            assert_eq!(again.text, first.text);
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            for header in ["location", "etag", "content-type", "cache-control"] {
                assert_eq!(again.header(header), first.header(header), "{header}");
                assert!(again.header(header).is_some(), "{header}");
            }
        }
        // A quoted key is the same key (RFC 8941).
        let quoted = send(&fixture, request, &[(HEADER, "\"k1\"")], Some(body.clone())).await;
        assert_eq!(quoted.text, first.text);
        // Without the header everything is as ever.
        let other = send(&fixture, request, &[], Some(body)).await;
        assert_eq!(other.status, 201);
        assert_ne!(other.json()["id"], first.json()["id"]);
    }
);

scenario!(
    another_request_under_the_same_key_is_refused,
    |fixture: Fixture| async move {
        assert_eq!(create(&fixture, "k", user("anna")).await.status, 201);
        let refused = (422, "AD-111".to_owned());
        assert_eq!(create(&fixture, "k", user("bert")).await.refusal(), refused);
        let client = json!({ "name": "x", "redirect_uris": ["https://x.portal.example/cb"] });
        let elsewhere = send(&fixture, ("POST", "clients"), &[(HEADER, "k")], Some(client)).await;
        assert_eq!(elsewhere.refusal(), refused);
        let path = "users?x=1";
        let other_query = send(&fixture, ("POST", path), &[(HEADER, "k")], Some(user("anna"))).await;
        assert_eq!(other_query.refusal(), refused);
        // Another token has keys of its own.
        let token = json!({ "name": "second", "role": "admin" });
        let token = fixture.admin().create("api-tokens", token).await;
        let caller = (fixture.base.as_str(), text(&token, "token"));
        let own = send_to(
            &fixture,
            caller,
            ("POST", "users"),
            &[(HEADER, "k")],
            Some(user("bert")),
        )
        .await;
        assert_eq!(own.status, 201, "{}", own.text);
    }
);

scenario!(
    what_was_decided_is_kept_and_what_may_come_out_otherwise_is_not,
    |fixture: Fixture| async move {
        let wrong = json!({ "username": "", "display_name": "x" });
        let refused = create(&fixture, "wrong", wrong.clone()).await;
        assert_eq!(refused.refusal(), (422, "DI-101".to_owned()));
        let again = create(&fixture, "wrong", wrong).await;
        assert_eq!(again.text, refused.text, "another reference: it was carried out again");
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        // Forbidden: whoever gets the right later may try again with the same key.
        let auditor = json!({ "name": "auditor", "role": "auditor" });
        let auditor = fixture.admin().create("api-tokens", auditor).await;
        let caller = (fixture.base.as_str(), text(&auditor, "token"));
        let first = send_to(&fixture, caller, ("POST", "users"), &[(HEADER, "f")], Some(user("eva"))).await;
        let second = send_to(&fixture, caller, ("POST", "users"), &[(HEADER, "f")], Some(user("eva"))).await;
        assert_eq!((first.status, second.status), (403, 403));
        assert!(second.header("idempotency-replayed").is_none());
        assert_ne!(first.text, second.text);
        // Whatever fails on our side or WeCom's is tried again.
        let unknown = send_to(
            &fixture,
            (&fixture.base, "no-token"),
            ("POST", "users"),
            &[(HEADER, "u")],
            Some(user("u")),
        )
        .await;
        assert_eq!(unknown.status, 401);
    }
);

scenario!(
    a_faulty_key_is_refused_and_nothing_is_done,
    |fixture: Fixture| async move {
        let before = users(&fixture).await;
        let long = "k".repeat(256);
        for key in ["", "a b", "\"a", "\"\"", long.as_str()] {
            let refused = create(&fixture, key, user("anna")).await;
            assert_eq!(refused.refusal(), (400, "AD-110".to_owned()), "{key:?}");
        }
        let two = send(
            &fixture,
            ("POST", "users"),
            &[(HEADER, "a"), (HEADER, "b")],
            Some(user("anna")),
        )
        .await;
        assert_eq!(two.refusal(), (400, "AD-110".to_owned()));
        assert_eq!(users(&fixture).await, before);
        assert_eq!(create(&fixture, &"k".repeat(255), user("anna")).await.status, 201);
    }
);

scenario!(a_key_is_free_again_after_a_day, |fixture: Fixture| async move {
    assert_eq!(create(&fixture, "day", user("anna")).await.status, 201);
    fixture.advance(Duration::from_secs(24 * 3600 - 1));
    let kept = create(&fixture, "day", user("anna")).await;
    assert_eq!(kept.header("idempotency-replayed"), Some("true"));
    fixture.advance(Duration::from_secs(1));
    let other = create(&fixture, "day", user("bert")).await;
    assert_eq!(other.status, 201, "{}", other.text);
});

scenario!(changes_and_removals_take_a_key_too, |fixture: Fixture| async move {
    let anna = create(&fixture, "a", user("anna")).await.json();
    let path = format!("users/{}", text(&anna, "id"));
    let named = json!({ "display_name": "Anna" });
    let first = send(&fixture, ("PATCH", &path), &[(HEADER, "b")], Some(named.clone())).await;
    fixture.admin().change(&path, json!({ "display_name": "Other" })).await;
    let again = send(&fixture, ("PATCH", &path), &[(HEADER, "b")], Some(named)).await;
    assert_eq!(again.text, first.text);
    assert_eq!(
        fixture.admin().get(&path).await["display_name"],
        "Other",
        "it was carried out again"
    );
    for replayed in [None, Some("true")] {
        let gone = send(&fixture, ("DELETE", &path), &[(HEADER, "c")], None).await;
        assert_eq!((gone.status, gone.header("idempotency-replayed")), (204, replayed));
    }
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 404);
});

scenario!(
    while_the_first_request_is_under_way_others_are_told_so_and_its_death_does_not_block_the_key,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let body = json!({
            "name": "青云科技",
            "corp_id": sample::CORP,
            "contacts_secret": sample::CONTACTS_SECRET,
            "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET },
        });
        let create = || {
            send(
                &fixture,
                ("POST", "data-sources"),
                &[(HEADER, "slow")],
                Some(body.clone()),
            )
        };
        // WeCom answers the probe late: the first request is under way meanwhile.
        fixture.add_fault(Fault::new("/cgi-bin/gettoken", FaultKind::Slow(1500)));
        let under_way = async {
            while fixture.wecom.calls("gettoken") == 0 {
                tokio::task::yield_now().await;
            }
            let busy = create().await;
            let other = send(&fixture, ("POST", "users"), &[(HEADER, "slow")], Some(user("x"))).await;
            // Nobody has given a sign of life for longer than the lease: the same request may run, another one may not.
            fixture.advance(Duration::from_secs(61));
            let still_another = send(&fixture, ("POST", "users"), &[(HEADER, "slow")], Some(user("x"))).await;
            fixture.mend_wecom();
            (busy, other, still_another, create().await)
        };
        let (first, (busy, other, still_another, second)) = join(create(), under_way).await;
        assert_eq!(busy.refusal(), (409, "AD-112".to_owned()));
        assert_eq!(other.refusal(), (422, "AD-111".to_owned()));
        assert_eq!(still_another.refusal(), (422, "AD-111".to_owned()));
        // Both were carried out; the corp ID lets only one of them succeed, and the key keeps the answer of whoever took it over.
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", first.text, second.text);
        let kept = create().await;
        assert_eq!((kept.status, kept.text), (second.status, second.text));
        assert_eq!(fixture.admin().items("data-sources").await.len(), 1);
    }
);

scenario!(
    who_gives_up_waiting_finds_the_answer_with_the_same_key,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let body = json!({
            "name": "青云科技",
            "corp_id": sample::CORP,
            "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET },
        });
        let create = || {
            send(
                &fixture,
                ("POST", "data-sources"),
                &[(HEADER, "gone")],
                Some(body.clone()),
            )
        };
        fixture.add_fault(Fault::new("/cgi-bin/gettoken", FaultKind::Slow(500)).times(1));
        {
            let given_up = async {
                while fixture.wecom.calls("gettoken") == 0 {
                    tokio::task::yield_now().await;
                }
            };
            // Dropped here: the connection closes while the request is being carried out.
            select(pin!(create()), pin!(given_up)).await;
        }
        let answer = loop {
            let answer = create().await;
            if answer.refusal() != (409, "AD-112".to_owned()) {
                break answer;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(
            answer.header("idempotency-replayed"),
            Some("true"),
            "it was carried out again"
        );
        assert_eq!(fixture.admin().items("data-sources").await.len(), 1);
    }
);

scenario!(kept_answers_hold_no_readable_secret, |fixture: Fixture| async move {
    let body = json!({ "name": "secretive", "role": "auditor" });
    let made = send(&fixture, ("POST", "api-tokens"), &[(HEADER, "s")], Some(body)).await;
    let token = text(&made.json(), "token").to_owned();
    let kept = kept_replies(&fixture).await;
    assert_eq!(kept.len(), 1);
    assert!(
        !kept[0].contains(&token) && !kept[0].contains("secretive"),
        "{}",
        kept[0]
    );
});

scenario!(
    keys_are_swept_when_their_day_is_over_and_not_before,
    |fixture: Fixture| async move {
        assert_eq!(create(&fixture, "day", user("anna")).await.status, 201);
        fixture.advance(Duration::from_secs(24 * 3600 - 1));
        fixture.app.tick().await.unwrap();
        assert_eq!(kept_replies(&fixture).await.len(), 1);
        fixture.advance(Duration::from_secs(1));
        fixture.app.tick().await.unwrap();
        assert_eq!(kept_replies(&fixture).await.len(), 0);
    }
);

/// The column `reply` as it lies in the database.
async fn kept_replies(fixture: &Fixture) -> Vec<String> {
    use sea_orm::{ConnectionTrait, Statement};
    let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let select = "SELECT reply FROM idempotency_key";
    let statement = Statement::from_string(database.get_database_backend(), select);
    let rows = database.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "reply").unwrap()).collect()
}
