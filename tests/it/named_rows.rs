//! What is named by its id or by a name of its own is found by either, also where the name looks like an id.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, LogoutReceiver, Portal, id, text},
    back_channel_logout::sign_out,
    fixture::Fixture,
    scenario,
};

/// Every list that a portal filters; `{}` is its name.
const LISTS: &[&str] = &[
    "grants?client_id={}",
    "logout-deliveries?client_id={}",
    "sessions?client_id={}",
    "audit-events?client_id={}",
    "refusals?client_id={}",
    "users?client={}",
    "clients/{}/access-checks",
];

/// The same lists as files.
const FILES: &[&str] = &[
    "logout-deliveries.csv?client_id={}",
    "audit-events.csv?client_id={}",
    "refusals.csv?client_id={}",
    "users.csv?client={}",
    "clients/{}/access-checks.csv",
];

/// A portal whose `client_id` was made, where somebody signed in and out, somebody is signed in, and somebody was refused.
async fn lived_in(fixture: &Fixture) -> (Portal, String) {
    fixture.connect().await;
    let receiver = LogoutReceiver::listen();
    let made = fixture
        .admin()
        .create(
            "clients",
            json!({
                "name": "Wiki",
                "auth_method": "client_secret_basic",
                "redirect_uris": ["https://wiki.portal.example/callback"],
                "metadata": { "backchannel_logout_uri": receiver.address() },
            }),
        )
        .await;
    let portal = Portal::registered(fixture, &made);
    assert_eq!(portal.client_id.len(), 32, "one that is read as a UUID too");
    let browser = fixture.browser();
    let tokens = portal.tokens(fixture, &browser, sample::NORMAL).await;
    sign_out(fixture, &browser, &tokens).await;
    fixture.wait_for_background_work().await;
    portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    let refused = portal
        .sign_in(fixture, &fixture.browser(), As::Member(sample::OUT_OF_SCOPE))
        .await;
    assert_eq!(refused.status, 403);
    (portal, id(&made).to_owned())
}

scenario!(
    a_portal_is_found_by_its_made_client_id_wherever_it_is_named,
    |fixture: Fixture| async move {
        let (portal, row_id) = lived_in(&fixture).await;
        let admin = fixture.admin();
        let person = admin.user_id(sample::NORMAL).await;
        for list in LISTS {
            let by_id = admin.items(&list.replace("{}", &row_id)).await;
            let by_name = admin.items(&list.replace("{}", &portal.client_id)).await;
            assert!(
                !by_id.is_empty() && by_name == by_id,
                "{list}: {by_name:?} and {by_id:?}"
            );
        }
        for file in FILES {
            let [by_id, by_name] = [row_id.as_str(), &portal.client_id].map(|name| file.replace("{}", name));
            let by_id = admin.status("GET", &by_id, None).await;
            assert!(
                by_id.0 == 200 && by_id.1.trim().lines().count() > 1,
                "{file}: {by_id:?}"
            );
            assert_eq!(admin.status("GET", &by_name, None).await, by_id, "{file}");
        }
        for name in [&row_id, &portal.client_id] {
            assert_eq!(id(&admin.get(&format!("clients/{name}")).await), row_id);
            let way = admin
                .get(&format!("access-checks?client_id={name}&user_id={person}"))
                .await;
            assert_eq!(text(&way, "client_id"), portal.client_id);
            let counted = admin.get(&format!("refusals/summary?client_id={name}")).await;
            assert!(counted.to_string().contains("GT-108"), "{counted}");
            let token = json!({ "name": name, "role": "portal", "scope": { "clients": [name] } });
            let token = admin.create("api-tokens", token).await;
            assert_eq!(token["scope"]["clients"], json!([row_id]), "{token}");
            let scope = json!({ "scope": { "client_id": name }, "dry_run": true });
            assert_eq!(admin.create("sessions/end", scope).await["sessions"], 1);
            let path = format!("clients/{name}/grants?dry_run=true");
            assert_eq!(admin.call("DELETE", &path, None).await.body["ended"], 1);
        }
    }
);

scenario!(
    a_person_whose_username_looks_like_an_id_is_found_by_it_in_the_audit_log,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let username = "0198a3f41c2d7e3f8a4b5c6d7e8f9a0b";
        let user = admin.create("users", json!({ "username": username })).await;
        let by_id = admin.items(&format!("audit-events?user={}", id(&user))).await;
        let by_name = admin.items(&format!("audit-events?user={username}")).await;
        assert!(!by_id.is_empty() && by_name == by_id, "{by_name:?} and {by_id:?}");
    }
);

scenario!(
    no_client_id_is_the_row_id_of_another_client,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let wiki = fixture.portal("wiki", json!({})).await;
        let plain = wiki.id.replace('-', "");
        for taken in [wiki.id.as_str(), &plain, &wiki.id.to_uppercase(), "wiki"] {
            let body = json!({
                "client_id": taken, "name": "Other", "auth_method": "client_secret_basic",
                "redirect_uris": ["https://o.example/cb"],
            });
            for path in ["clients?dry_run=true", "clients"] {
                let reply = admin.call("POST", path, Some(body.clone())).await;
                assert_eq!(reply.refusal(), (409, "RG-103"), "{path} {taken}");
            }
        }
        // Any other is a name like every name, and leads to its own client.
        let foreign = "8f14e45f-ceea-467f-a0a6-f0b1c2d3e4f5";
        let made = fixture.portal(foreign, json!({})).await;
        let found: Value = admin.get(&format!("clients/{foreign}")).await;
        assert_eq!((id(&found), text(&found, "name")), (made.id.as_str(), foreign));
    }
);
