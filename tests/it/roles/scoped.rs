//! Tokens of scoped kinds: what they reach answers, what they do not reach is not there, and what their kind may never do is 403.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::sample;

use super::MATRIX;
use crate::{
    actors::{Admin, LogoutReceiver, id, text},
    back_channel_logout::{deliveries, listening},
    fixture::Fixture,
    scenario,
};

/// Every operation on one resource that a scoped kind may do: kind, method, path, and a body that is acceptable.
const OPERATIONS: &[(&str, &str, &str, &str)] = &[
    ("sync", "GET", "data-sources/{source}", ""),
    ("sync", "POST", "data-sources/{source}/sync", r#"{"mode":"plan"}"#),
    ("sync", "GET", "sync-runs/{run}", ""),
    ("sync", "GET", "sync-runs/{run}/rows", ""),
    ("sync", "GET", "sync-runs/{run}/rows.csv", ""),
    ("sync", "GET", "sync-runs/{run}/events", ""),
    ("portal", "GET", "clients/{client}", ""),
    (
        "portal",
        "PATCH",
        "clients/{client}",
        r#"{"redirect_uris":["https://new.portal.example/cb"]}"#,
    ),
    ("portal", "POST", "clients/{client}/secret", "{}"),
    ("portal", "GET", "clients/{client}/access-checks", ""),
    ("portal", "GET", "clients/{client}/access-checks.csv", ""),
    ("portal", "GET", "clients/{client}/access-checks/counts", ""),
    ("portal", "GET", "access-checks?client_id={client}&user_id={user}", ""),
    ("portal", "GET", "sessions/{session}", ""),
    (
        "portal",
        "POST",
        "sessions/end",
        r#"{"scope":{"client_id":"{client}"},"dry_run":true}"#,
    ),
    ("portal", "GET", "logout-deliveries/{delivery}", ""),
    ("portal", "POST", "logout-deliveries/{delivery}/retry", ""),
    ("portal", "DELETE", "sessions/{session}", ""),
];

/// Lists, which are filtered by the scope.
const LISTS: &[(&str, &str)] = &[
    ("sync", "data-sources"),
    ("sync", "sync-runs"),
    ("sync", "sync-runs.csv"),
    ("portal", "clients"),
    ("portal", "sessions"),
    ("portal", "clients.csv"),
    ("portal", "logout-deliveries"),
    ("portal", "logout-deliveries.csv"),
];

async fn token(fixture: &Fixture, role: &str, scope: Value) -> Admin {
    let token = json!({ "name": role, "role": role, "scope": scope });
    let token = fixture.admin().create("api-tokens", token).await;
    Admin::new(&fixture.http, &fixture.base, text(&token, "token"))
}

/// Names and what stands for them.
type Names<'a> = Vec<(&'a str, String)>;

fn filled(template: &str, names: &Names<'_>) -> String {
    let mut text = template.to_owned();
    for (name, value) in names {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// Does all operations of this kind, first to what is not reached and then to what is.
async fn play(caller: &Admin, kind: &str, (own, foreign): (Names<'_>, Names<'_>)) {
    let unknown: Names<'_> = own.iter().map(|(name, _)| (*name, NOBODY.to_owned())).collect();
    for (_, method, path, body) in OPERATIONS.iter().filter(|operation| operation.0 == kind) {
        let ask = async |names: &Names<'_>| {
            let body = filled(body, names);
            let body = (!body.is_empty()).then(|| serde_json::from_str(&body).unwrap());
            caller.status(method, &filled(path, names), body).await
        };
        let refused = ask(&foreign).await;
        assert_eq!(refused.0, 404, "{method} {path}: {}", refused.1);
        // Whoever asks learns nothing: what is out of reach and what does not exist are one answer.
        let number = |text: &str| serde_json::from_str::<Value>(text).unwrap()["number"].clone();
        let missing = ask(&unknown).await;
        assert_eq!(
            (missing.0, number(&missing.1)),
            (404, number(&refused.1)),
            "{method} {path}"
        );
        let done = ask(&own).await;
        let settled = done.0 == 409 && done.1.contains("OP-341");
        assert!(
            settled || (200..300).contains(&done.0),
            "{method} {path}: {} {}",
            done.0,
            done.1
        );
    }
}

/// An id that no row has.
const NOBODY: &str = "0190aaaa-0000-7000-8000-00000000dead";

scenario!(
    a_sync_token_reads_and_syncs_its_data_sources_and_no_other,
    |fixture: Fixture| async move {
        let own = fixture.connect().await;
        let foreign = fixture.connect_second(json!({})).await;
        let caller = token(&fixture, "sync", json!({ "data_sources": [own["id"]] })).await;
        let runs = fixture.admin().items("sync-runs").await;
        let run = |source: &Value| {
            let of_source = runs.iter().find(|run| run["data_source_id"] == source["id"]);
            id(of_source.unwrap()).to_owned()
        };
        let names = |source: &Value| vec![("source", id(source).to_owned()), ("run", run(source))];
        play(&caller, "sync", (names(&own), names(&foreign))).await;
        let sources = caller.items("data-sources").await;
        assert_eq!(sources.len(), 1);
        assert_eq!(sources[0]["id"], own["id"]);
        let seen = caller.items("sync-runs").await;
        assert!(
            seen.len() >= 2 && seen.iter().all(|run| run["data_source_id"] == own["id"]),
            "{seen:?}"
        );
        let (status, csv) = caller.status("GET", "sync-runs.csv", None).await;
        assert_eq!(status, 200, "{csv}");
        assert!(csv.contains(&run(&own)) && !csv.contains(&run(&foreign)), "{csv}");
        let asked = format!("sync-runs?data_source={}", id(&foreign));
        assert_eq!(caller.items(&asked).await, [] as [Value; 0]);
        // What an operator decides.
        for deed in ["confirm", "undo"] {
            let reply = caller
                .call("POST", &format!("sync-runs/{}/{deed}", run(&own)), None)
                .await;
            assert_eq!(reply.refusal(), (403, "AD-103"), "{deed}");
        }
        // Without a scope it reaches all data sources, and still nothing else.
        let all = token(&fixture, "sync", Value::Null).await;
        assert_eq!(all.items("data-sources").await.len(), 2);
        assert_eq!(all.call("GET", "users", None).await.refusal(), (403, "AD-103"));
    }
);

scenario!(
    a_portal_token_looks_after_its_portals_and_sees_no_other,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let wiki = listening(&fixture, "wiki", &receiver).await;
        let mail = listening(&fixture, "mail", &receiver).await;
        let caller = token(&fixture, "portal", json!({ "clients": ["wiki"] })).await;
        // One session at each, both of which end, and then one session more at each; the own one also enters the foreign portal.
        for portal in [&wiki, &mail] {
            portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        }
        let everybody = json!({ "scope": { "everybody": true } });
        fixture.admin().create("sessions/end", everybody).await;
        fixture.app.tick().await.unwrap();
        fixture.wait_for_background_work().await;
        let told = deliveries(&fixture, "").await;
        let (both, other) = (fixture.browser(), fixture.browser());
        wiki.tokens(&fixture, &both, sample::NORMAL).await;
        mail.tokens_silently(&both, &[]).await;
        mail.tokens(&fixture, &other, sample::BY_PICK).await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        let active = fixture.admin().items("sessions?active=true").await;
        let names = |client: &str, clients: Value| {
            let session = active.iter().find(|session| session["clients"] == clients).unwrap();
            let delivery = told.iter().find(|delivery| delivery["client_id"] == client).unwrap();
            vec![
                ("client", client.to_owned()),
                ("user", user.clone()),
                ("session", id(session).to_owned()),
                ("delivery", id(delivery).to_owned()),
            ]
        };
        let own = names("wiki", json!(["mail", "wiki"]));
        let foreign = names("mail", json!(["mail"]));

        let seen = caller.items("sessions?active=true").await;
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(
            seen[0]["clients"],
            json!(["wiki"]),
            "where else somebody is signed in is not told"
        );
        assert_eq!(caller.items("sessions?client_id=mail").await, [] as [Value; 0]);
        assert_eq!(caller.items("logout-deliveries?client_id=mail").await, [] as [Value; 0]);
        let seen = caller.items("logout-deliveries").await;
        assert!(
            !seen.is_empty() && seen.iter().all(|delivery| delivery["client_id"] == "wiki"),
            "{seen:?}"
        );
        for list in ["clients.csv", "logout-deliveries.csv"] {
            let (status, csv) = caller.status("GET", list, None).await;
            assert_eq!(status, 200, "{list}: {csv}");
            assert!(csv.contains(",wiki,") && !csv.contains(",mail,"), "{list}: {csv}");
        }
        let seen = caller.items("clients").await;
        assert_eq!((seen.len(), &seen[0]["client_id"]), (1, &json!("wiki")));
        for scope in [json!({ "everybody": true }), json!({ "user_id": user })] {
            let reply = caller
                .call("POST", "sessions/end", Some(json!({ "scope": scope })))
                .await;
            assert_eq!(reply.refusal(), (403, "AD-103"), "{scope}");
        }
        play(&caller, "portal", (own, foreign)).await;
        let left = fixture.admin().items("sessions?active=true").await;
        assert_eq!(
            (left.len(), &left[0]["clients"]),
            (1, &json!(["mail"])),
            "its own session ended, the other did not"
        );
    }
);

scenario!(
    a_portal_token_changes_addresses_and_keys_and_nothing_that_lets_people_in,
    |fixture: Fixture| async move {
        let portal = fixture.portal("wiki", json!({})).await;
        let path = format!("clients/{}", portal.id);
        let caller = token(&fixture, "portal", json!({ "clients": ["wiki"] })).await;
        let admin = fixture.admin();
        let before = admin.get(&path).await;
        for (field, value) in before.as_object().unwrap() {
            let own = [
                "auth_method",
                "id_token_alg",
                "post_logout_redirect_uris",
                "redirect_uris",
            ];
            let shown_only = [
                "id",
                "client_id",
                "client_secret_set",
                "created_at",
                "updated_at",
                "metadata",
            ];
            if own.contains(&field.as_str()) || shown_only.contains(&field.as_str()) {
                continue;
            }
            // Even if it changes nothing.
            let reply = caller.call("PATCH", &path, Some(json!({ field: value }))).await;
            assert_eq!(reply.refusal(), (403, "AD-120"), "{field}: {}", reply.body);
            assert!(
                reply.body["detail"].as_str().unwrap().contains(field.as_str()),
                "{}",
                reply.body
            );
        }
        for member in [
            "consent",
            "claims",
            "server_initiated_logout",
            "grant_types",
            "security_profile",
        ] {
            let patch = json!({ "redirect_uris": ["https://evil.example/"], "metadata": { member: null } });
            let reply = caller.call("PATCH", &path, Some(patch)).await;
            assert_eq!(reply.refusal(), (403, "AD-120"), "{member}");
            assert_eq!(reply.body["detail"], format!("metadata.{member}"));
        }
        assert_eq!(admin.get(&path).await, before, "nothing changed");
        let address = "https://wiki.portal.example/logout";
        let patch = json!({ "metadata": { "backchannel_logout_uri": address } });
        assert_eq!(
            caller.change(&path, patch).await["metadata"]["backchannel_logout_uri"],
            address
        );
        for (method, path) in [
            ("POST", "clients"),
            ("DELETE", path.as_str()),
            ("GET", "audit-events"),
            ("GET", "users"),
        ] {
            let body = (method == "POST").then(|| json!({}));
            assert_eq!(
                caller.call(method, path, body).await.refusal(),
                (403, "AD-103"),
                "{method} {path}"
            );
        }
    }
);

scenario!(
    a_portal_token_moves_no_pairwise_client_into_another_sector,
    |fixture: Fixture| async move {
        let registration = json!({
            "redirect_uris": ["https://wiki.portal.example/cb"], "metadata": { "subject_type": "pairwise" },
        });
        let portal = fixture.portal("wiki", registration).await;
        let path = format!("clients/{}", portal.id);
        let caller = token(&fixture, "portal", json!({ "clients": ["wiki"] })).await;
        let own = json!({ "redirect_uris": ["https://wiki.portal.example/other"] });
        assert_eq!(
            caller.change(&path, own.clone()).await["redirect_uris"],
            own["redirect_uris"]
        );
        let patch = json!({ "redirect_uris": ["https://mail.portal.example/cb"] });
        let refused = caller.call("PATCH", &path, Some(patch.clone())).await;
        assert_eq!(refused.refusal(), (403, "AD-120"), "{}", refused.body);
        assert_eq!(refused.body["detail"], "redirect_uris");
        fixture.admin().change(&path, patch).await;
    }
);

/// Path with everything that stands for a parameter made alike.
fn alike(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let parts = path.trim_start_matches('/').split('/');
    let parts = parts.map(|part| match part.starts_with('{') || part == "x" {
        true => "*",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// An operation that a matrix admits a scoped kind to, and that is not played here, would be one whose reach nobody checks.
#[test]
fn every_operation_of_a_scoped_kind_is_played() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/admin/http/tests/roles.rs");
    let text = std::fs::read_to_string(file).unwrap();
    let mut admitted = BTreeSet::new();
    for line in text.lines() {
        for (kind, variant) in [("sync", "Some(Role::Sync)"), ("portal", "Some(Role::Portal)")] {
            if line.contains(variant) && line.trim_start().starts_with("(\"") {
                let mut quoted = line.split('"').skip(1).step_by(2);
                let (method, path) = (quoted.next().unwrap(), quoted.next().unwrap());
                admitted.insert((kind.to_owned(), method.to_owned(), alike(path)));
            }
        }
    }
    for (method, path, _, kind) in MATRIX.iter().filter(|line| !line.3.is_empty()) {
        admitted.insert(((*kind).to_owned(), (*method).to_owned(), alike(path)));
    }
    let played = OPERATIONS.iter().map(|(kind, method, path, _)| (*kind, *method, *path));
    let played = played.chain(LISTS.iter().map(|(kind, path)| (*kind, "GET", *path)));
    let played: BTreeSet<_> = played
        .map(|(kind, method, path)| (kind.to_owned(), method.to_owned(), alike(path)))
        .collect();
    assert_eq!(admitted, played);
    // And no handler admits one without a line in a matrix.
    let home = concat!(env!("CARGO_MANIFEST_DIR"), "/src/admin/http");
    let mut admitting = 0;
    for entry in std::fs::read_dir(home).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && !path.ends_with("authorization.rs") {
            let text = std::fs::read_to_string(path).unwrap();
            let takes = |by: &str, kind: &str| text.matches(&format!("caller: {by}<{kind}<")).count();
            let owned = |kind: &str| takes("Caller", kind) + takes("Matched", kind);
            admitting += owned("OrSync") + owned("OrPortal");
        }
    }
    assert_eq!(admitting, played.len());
}
