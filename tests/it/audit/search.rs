//! Searching the audit log, and exporting what is found.

use std::time::Duration;

use entity::audit_event;
use menjin::{
    kernel::{clock::Timestamp, entropy::Entropy},
    store::Database,
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, id, text},
    fixture::{ADMIN_TOKEN, Fixture, START},
    scenario,
};

async fn found(fixture: &Fixture, query: &str) -> Vec<Value> {
    fixture.admin().items(&format!("audit-events?limit=200&{query}")).await
}

/// What of a list has this value.
fn all(events: &[Value], field: &str, value: impl Into<Value>) -> bool {
    let value = value.into();
    !events.is_empty() && events.iter().all(|event| event[field] == value)
}

scenario!(
    events_are_found_by_person_portal_data_source_number_actor_and_time,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let wiki = fixture.portal("wiki", json!({})).await;
        let mail = fixture.portal("mail", json!({})).await;
        fixture.advance(Duration::from_secs(60));
        let begun = fixture.clock.now().millis();
        wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        mail.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
        let page = wiki
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::OUT_OF_SCOPE))
            .await;
        assert_eq!(page.status, 403);
        let admin = fixture.admin();
        let person = admin.user_id(sample::NORMAL).await;
        admin
            .change(&format!("users/{person}"), json!({ "locale": "zh-CN" }))
            .await;

        let by_id = found(&fixture, &format!("user={person}")).await;
        assert!(all(&by_id, "user_id", person.as_str()), "{by_id:?}");
        let kinds: Vec<&str> = by_id.iter().map(|event| text(event, "kind")).collect();
        for kind in ["signed_in", "tokens_issued", "configured"] {
            assert!(kinds.contains(&kind), "{kinds:?}");
        }
        for name in [
            sample::NORMAL.to_owned(),
            sample::NORMAL.to_uppercase(),
            format!("{}@{}", sample::NORMAL, sample::CORP),
            person.to_uppercase(),
        ] {
            let by_name = found(&fixture, &format!("user={name}")).await;
            assert_eq!(by_name, by_id, "{name}");
        }
        let refused = found(&fixture, &format!("user={}@{}", sample::OUT_OF_SCOPE, sample::CORP)).await;
        assert!(
            refused
                .iter()
                .any(|event| event["kind"] == "refused" && event["number"] == "GT-108"),
            "as a member, who is perhaps no user: {refused:?}"
        );
        for nobody in [
            "nobody",
            "nobody@wwX",
            "0190aaaa-0000-7000-8000-00000000dead",
            "%25",
            "'",
        ] {
            assert_eq!(
                found(&fixture, &format!("user={nobody}")).await,
                [] as [Value; 0],
                "{nobody}"
            );
        }

        let of_wiki = found(&fixture, "client_id=wiki").await;
        assert!(all(&of_wiki, "client_id", "wiki"), "{of_wiki:?}");
        assert_eq!(
            found(&fixture, &format!("client_id={}", id_of(&fixture, "wiki").await)).await,
            of_wiki
        );
        let of_source = found(&fixture, &format!("data_source={}", id(&source))).await;
        assert!(all(&of_source, "data_source_id", source["id"].clone()), "{of_source:?}");
        for number in ["GT-108", "gt-108"] {
            let told = found(&fixture, &format!("number={number}")).await;
            assert!(all(&told, "number", "GT-108"), "{told:?}");
        }
        let actor = text(&of_source[0], "actor");
        assert!(all(&found(&fixture, &format!("actor={actor}")).await, "actor", actor));
        assert!(all(&found(&fixture, "kind=signed_in").await, "kind", "signed_in"));

        let since = found(&fixture, &format!("since={begun}")).await;
        assert!(!since.is_empty() && since.iter().all(|event| event["at"].as_i64() >= Some(begun)));
        let until = found(&fixture, &format!("until={begun}")).await;
        assert!(!until.is_empty() && until.iter().all(|event| event["at"].as_i64() < Some(begun)));
        let everything = found(&fixture, "").await;
        assert_eq!(since.len() + until.len(), everything.len());
        let both = found(
            &fixture,
            &format!("client_id=wiki&user={person}&kind=tokens_issued&since={begun}"),
        )
        .await;
        assert_eq!(both.len(), 1, "filters go together: {both:?}");
        assert_eq!(
            found(&fixture, &format!("client_id=mail&user={person}")).await,
            [] as [Value; 0]
        );

        for wrong in [
            "kind=nothing",
            "number=GT-999",
            "number=x",
            "since=yesterday",
            "until=-1",
            "reference=x",
            "data_source=x",
            "user=%00",
            "client_id=%00",
            "actor=%00",
            "person=x",
        ] {
            let reply = admin.call("GET", &format!("audit-events?{wrong}"), None).await;
            assert!((400..500).contains(&reply.status), "{wrong}: {}", reply.body);
        }
    }
);

async fn id_of(fixture: &Fixture, client: &str) -> String {
    id(&fixture.admin().get(&format!("clients/{client}")).await).to_owned()
}

scenario!(a_code_opens_however_it_was_typed, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let page = portal
        .sign_in(&fixture, &fixture.browser(), As::Member(sample::OUT_OF_SCOPE))
        .await;
    let code = page.reference();
    let admin = fixture.admin();
    let expected = admin.get(&format!("audit-events/{code}")).await;
    let trace = admin.get(&format!("traces/{code}")).await;
    let plain = code.replace('-', "");
    let spelled: Vec<String> = plain.chars().map(String::from).collect();
    let imitated = code.replace('0', "O").replace('1', "l");
    for typed in [
        code.to_lowercase(),
        plain.clone(),
        plain.to_lowercase(),
        code.replace('-', "%20"),
        code.replace('-', "%E2%80%93"),
        format!("%20{code}%20"),
        spelled.join("%20"),
        imitated,
    ] {
        assert_eq!(admin.get(&format!("audit-events/{typed}")).await, expected, "{typed}");
        assert_eq!(admin.get(&format!("traces/{typed}")).await, trace, "{typed}");
        let listed = found(&fixture, &format!("reference={typed}")).await;
        assert_eq!(listed, std::slice::from_ref(&expected), "{typed}");
    }
    assert_eq!(trace["reference"], code.as_str());
    for wrong in ["x", "7K3F", "not-a-code", "ZZZZ-ZZZZ"] {
        for resource in ["audit-events", "traces"] {
            let reply = admin.call("GET", &format!("{resource}/{wrong}"), None).await;
            assert_eq!(reply.refusal(), (404, "AD-106"), "{resource} {wrong}");
        }
    }
});

/// Rows of one kind of event, one each second from the start.
async fn fill(fixture: &Fixture, count: u64) {
    let database = Database::connect_unlocked(fixture.database_url(), 1).await.unwrap();
    let entropy = Entropy::system();
    for from in (0..count).step_by(500) {
        let rows = (from..count.min(from + 500)).map(|number| {
            let at = Timestamp::from_secs(START).plus(Duration::from_secs(number));
            audit_event::ActiveModel {
                id: Set(entropy.id(at)),
                at: Set(at.millis()),
                kind: Set("reuse_detected".to_owned()),
                actor: Set("=cmd|' /C calc'!A0".to_owned()),
                subject: Set(format!("grant:{number}")),
                reference: Set(None),
                number: Set(None),
                detail: Set(json!({ "text": "a \"quoted\", cell\r\nof two lines" })),
                user_id: Set(None),
                member_id: Set(None),
                client_id: Set(Some("-1".to_owned())),
                data_source_id: Set(None),
            }
        });
        audit_event::Entity::insert_many(rows)
            .exec_without_returning(database.writer())
            .await
            .unwrap();
    }
}

async fn export(fixture: &Fixture, path: &str) -> (String, String) {
    let address = format!("{}/api/v1/{path}", fixture.base);
    let answer = fixture.http.get(address).bearer_auth(ADMIN_TOKEN).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let media = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (media, answer.text().await.unwrap())
}

scenario!(
    what_is_found_is_exported_as_a_whole_and_no_cell_is_a_formula,
    |fixture: Fixture| async move {
        fill(&fixture, 2300).await;
        let (media, lines) = export(&fixture, "audit-events.jsonl?kind=reuse_detected").await;
        assert_eq!(media, "application/x-ndjson");
        let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events.len(), 2300);
        let at: Vec<i64> = events.iter().map(|event| event["at"].as_i64().unwrap()).collect();
        assert!(at.windows(2).all(|pair| pair[0] > pair[1]), "newest first, none twice");
        let first = found(&fixture, "kind=reuse_detected").await;
        assert_eq!(events[..200], first[..], "as in the list");
        assert!(all(&events, "client_id", "-1"));

        let (media, csv) = export(&fixture, "audit-events.csv?kind=reuse_detected").await;
        assert_eq!(media, "text/csv; charset=utf-8");
        assert!(csv.starts_with(
            "id,at_ms,kind,actor,subject,reference,number,user_id,member_id,client_id,data_source_id,detail\r\n"
        ));
        assert_eq!(csv.matches(",reuse_detected,").count(), 2300);
        assert_eq!(
            csv.matches(",'=cmd|' /C calc'!A0,").count(),
            2300,
            "an apostrophe stands before what would be a formula"
        );
        assert_eq!(csv.matches(",'-1,").count(), 2300);
        assert!(!csv.contains(",=cmd") && !csv.contains(",-1,"));

        let second = START * 1000 + 1000;
        let query = format!("since={second}&until={}&client_id=-1", second + 5000);
        let (_, some) = export(&fixture, &format!("audit-events.jsonl?{query}")).await;
        assert_eq!(some.lines().count(), 5, "the same filters");
        // Further than an id counts milliseconds.
        let late = 1_i64 << 48;
        let query = format!("audit-events.jsonl?kind=reuse_detected&until={late}");
        assert_eq!(export(&fixture, &query).await.1.lines().count(), 2300);
        let (_, none) = export(&fixture, &format!("audit-events.jsonl?since={late}")).await;
        assert_eq!(none, "");
        let (_, none) = export(&fixture, "audit-events.jsonl?actor=nobody").await;
        assert_eq!(none, "");
        for wrong in [
            "audit-events.csv?kind=x",
            "audit-events.jsonl?limit=5",
            "audit-events.csv?cursor=x",
        ] {
            let reply = fixture.admin().call("GET", wrong, None).await;
            assert!((400..500).contains(&reply.status), "{wrong}: {}", reply.body);
        }
    }
);
