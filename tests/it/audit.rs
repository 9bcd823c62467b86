//! The audit log: every change with its values before and after, and no secret.

mod exports;
mod search;
mod upgrade;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Admin, id, text},
    fixture::Fixture,
    password::{GOOD, anna},
    scenario,
};

/// What stands for a secret.
const MASK: &str = "***";

/// The changes of this subject. The clock stands still, so that their order says nothing.
async fn changes(admin: &Admin, subject: &str) -> Vec<Value> {
    let mut events = admin.items("audit-events?kind=configured&limit=200").await;
    events.retain(|event| text(event, "subject") == subject);
    events
}

/// A change of this subject.
async fn a_change(admin: &Admin, subject: &str) -> Value {
    let mut events = changes(admin, subject).await;
    events.pop().unwrap_or_else(|| panic!("nothing about {subject}"))
}

/// Asserts that a change of this subject says so: action, some values before, and some values after. It is handed back.
async fn says(admin: &Admin, subject: &str, action: &str, sides: [Value; 2]) -> Value {
    let tells = |event: &Value| {
        let detail = &event["detail"];
        let fits = |(side, expected): (&str, &Value)| match expected.as_object() {
            None => detail.get(side).is_none(),
            Some(expected) => expected.iter().all(|(field, value)| &detail[side][field] == value),
        };
        detail["action"] == action && ["before", "after"].into_iter().zip(&sides).all(fits)
    };
    let events = changes(admin, subject).await;
    let found = events.iter().find(|event| tells(event)).cloned();
    found.unwrap_or_else(|| panic!("no change {action} of {subject} with {sides:?} among {events:#?}"))
}

scenario!(
    changes_of_data_sources_and_auth_sources_tell_before_and_after,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let source = fixture.connect().await;
        let subject = format!("data_source:{}", id(&source));
        let created = json!({ "name": "青云科技", "corp_id": sample::CORP, "contacts_secret_set": true, "app.agent_id": sample::AGENT_ID });
        let events = admin.items("audit-events?kind=configured&limit=200").await;
        let made = events
            .iter()
            .find(|event| event["subject"] == subject.as_str() && event["detail"]["action"] == "created");
        for (field, value) in created.as_object().unwrap() {
            assert_eq!(&made.unwrap()["detail"]["after"][field], value, "{field}");
        }
        let path = format!("data-sources/{}", id(&source));
        let change = json!({
            "name": "青云", "guard": { "departures": { "count": 3 } }, "contacts_secret": sample::CONTACTS_SECRET,
        });
        admin.change(&path, change).await;
        let event = says(
            &admin,
            &subject,
            "changed",
            [
                json!({ "name": "青云科技", "guard.departures.count": null, "contacts_secret": MASK }),
                json!({ "name": "青云", "guard.departures.count": 3, "contacts_secret": MASK }),
            ],
        )
        .await;
        assert_eq!(
            event["detail"]["fields"],
            json!(["name", "contacts_secret", "guard"]),
            "what was given: {event}"
        );
        assert_eq!(
            event["detail"]["before"].as_object().unwrap().len(),
            3,
            "what differs: {event}"
        );
        admin.change(&path, json!({ "contacts_secret": null })).await;
        let sides = [json!({ "contacts_secret": MASK }), json!({ "contacts_secret": null })];
        says(&admin, &subject, "changed", sides).await;
        admin
            .change(&path, json!({ "contacts_secret": sample::CONTACTS_SECRET }))
            .await;

        let auth_source = fixture.auth_source(sample::CORP).await;
        let named = format!("auth_source:{}", id(&auth_source));
        let auth_path = format!("auth-sources/{}", id(&auth_source));
        let change = json!({ "name": "扫码", "enabled": false, "app_secret": sample::APP_SECRET });
        admin.change(&auth_path, change).await;
        says(
            &admin,
            &named,
            "changed",
            [
                json!({ "name": auth_source["name"], "enabled": true, "app_secret": MASK }),
                json!({ "name": "扫码", "enabled": false, "app_secret": MASK }),
            ],
        )
        .await;
        assert_eq!(
            a_change(&admin, &named).await["data_source_id"],
            auth_source["data_source_id"]
        );
        assert_eq!(admin.call("DELETE", &auth_path, None).await.status, 204);
        says(
            &admin,
            &named,
            "deleted",
            [json!({ "name": "扫码", "agent_id": sample::AGENT_ID }), Value::Null],
        )
        .await;
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        says(
            &admin,
            &subject,
            "deleted",
            [json!({ "id": source["id"], "name": "青云" }), Value::Null],
        )
        .await;
        let log = admin.get("audit-events?limit=200").await.to_string();
        for secret in [sample::CONTACTS_SECRET, sample::APP_SECRET] {
            assert!(!log.contains(secret), "{log}");
        }
    }
);

scenario!(
    changes_of_portals_tokens_and_keys_tell_before_and_after_and_no_secret,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let mut secrets = Vec::new();
        let body = json!({ "client_id": "wiki", "name": "Wiki", "redirect_uris": ["https://wiki.example/cb"] });
        let created = admin.create("clients", body).await;
        secrets.push(text(&created, "client_secret").to_owned());
        let after = json!({ "client_id": "wiki", "name": "Wiki", "redirect_uris": ["https://wiki.example/cb"], "client_secret_set": true });
        says(&admin, "client:wiki", "created", [Value::Null, after]).await;
        assert_eq!(a_change(&admin, "client:wiki").await["client_id"], "wiki");
        let address = "https://wiki.example/logout";
        let change = json!({ "membership_grace": 0, "metadata": { "backchannel_logout_uri": address } });
        admin.change("clients/wiki", change).await;
        let sides = [
            json!({ "membership_grace": 14_400 }),
            json!({ "membership_grace": 0, "metadata.backchannel_logout_uri": address }),
        ];
        says(&admin, "client:wiki", "changed", sides).await;
        let rotated = admin.create("clients/wiki/secret", json!({})).await;
        secrets.push(text(&rotated, "client_secret").to_owned());
        let masked = json!({ "client_secret": MASK });
        says(&admin, "client:wiki", "secret_rotated", [masked.clone(), masked]).await;
        assert_eq!(admin.call("DELETE", "clients/wiki", None).await.status, 204);
        says(
            &admin,
            "client:wiki",
            "deleted",
            [json!({ "name": "Wiki", "client_id": "wiki" }), Value::Null],
        )
        .await;

        for (path, subject) in [
            ("api-tokens", "api_token"),
            ("initial-access-tokens", "initial_access_token"),
        ] {
            let body = match path {
                "api-tokens" => json!({ "name": "ci", "role": "auditor" }),
                _ => json!({ "name": "ci", "max_uses": 2 }),
            };
            let token = admin.create(path, body).await;
            secrets.push(text(&token, "token").to_owned());
            let subject = format!("{subject}:{}", id(&token));
            says(&admin, &subject, "created", [Value::Null, json!({ "name": "ci" })]).await;
            let gone = admin.call("DELETE", &format!("{path}/{}", id(&token)), None).await;
            assert_eq!(gone.status, 204);
            let event = says(&admin, &subject, "revoked", [json!({ "revoked_at": null }), json!({})]).await;
            assert!(
                event["detail"]["after"]["revoked_at"].is_i64() && event["detail"]["name"] == "ci",
                "{event}"
            );
        }

        let kids = |keys: &Value| -> Vec<String> {
            let keys = keys["items"].as_array().unwrap().iter();
            keys.map(|key| text(key, "kid").to_owned()).collect()
        };
        let before = kids(&admin.get("keys").await);
        let after = kids(&admin.create("keys/rotate", json!({ "now": true })).await);
        let mut events = changes(&admin, "signing_keys").await;
        events.retain(|event| event["detail"]["action"] != "created");
        let event = events.pop().unwrap();
        let told =
            |side: &str| -> Vec<String> { serde_json::from_value(event["detail"][side]["kids"].clone()).unwrap() };
        let sorted = |mut list: Vec<String>| {
            list.sort_unstable();
            list
        };
        assert_eq!(sorted(told("before")), sorted(before), "{event}");
        assert_eq!(sorted(told("after")), sorted(after), "{event}");
        let log = admin.get("audit-events?limit=200").await.to_string();
        assert!(secrets.iter().all(|secret| !log.contains(secret)), "{log}");
    }
);

scenario!(
    changes_of_people_and_what_is_decided_about_them_tell_before_and_after,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let user = anna(&fixture).await;
        let subject = format!("user:{user}");
        says(
            &admin,
            &subject,
            "password chosen",
            [json!({ "password": null }), json!({ "password": MASK })],
        )
        .await;
        let path = format!("users/{user}");
        admin
            .change(
                &path,
                json!({ "email": "anna@a.example", "profile": { "nickname": "A" }, "console_role": "auditor" }),
            )
            .await;
        let before = json!({ "email": null, "console_role": null });
        let after = json!({ "email": "anna@a.example", "console_role": "auditor", "profile.nickname": "A" });
        says(&admin, &subject, "changed", [before, after]).await;
        admin
            .change(&path, json!({ "email": "a@a.example", "status": "disabled" }))
            .await;
        let before = json!({ "email": "anna@a.example", "status": "active", "disabled_reason": null });
        let after = json!({ "email": "a@a.example", "status": "disabled", "disabled_reason": "admin" });
        says(&admin, &subject, "changed", [before, after]).await;
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        let deleted = says(
            &admin,
            &subject,
            "deleted",
            [json!({ "id": user, "username": "anna" }), Value::Null],
        )
        .await;
        assert!(deleted["detail"]["before"].get("email").is_none(), "{deleted}");

        let source = fixture.connect_with(json!({ "import": "chosen" })).await;
        let members = admin.items("members?limit=200").await;
        let member = members
            .iter()
            .find(|member| text(member, "userid") == sample::NORMAL)
            .unwrap();
        let subject = format!("member:{}", id(member));
        for (deed, action, before, after) in [
            ("import", "imported", "not_chosen", "imported"),
            ("exclude", "excluded", "imported", "not_chosen"),
        ] {
            let reply = admin
                .call("POST", &format!("members/{}/{deed}", id(member)), None)
                .await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            let sides = [json!({ "import_outcome": before }), json!({ "import_outcome": after })];
            says(&admin, &subject, action, sides).await;
            assert_eq!(a_change(&admin, &subject).await["data_source_id"], source["id"]);
        }
        let log = admin.get("audit-events?limit=200").await.to_string();
        assert!(!log.contains(GOOD), "{log}");
    }
);

scenario!(
    what_is_done_to_runs_sessions_and_callbacks_tells_before_and_after,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let session = admin.items("sessions").await.remove(0);
        let path = format!("sessions/{}", id(&session));
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        let subject = format!("session:{}", id(&session));
        let sides = [
            json!({ "active": true, "clients": ["wiki"], "end_reason": null }),
            json!({ "active": false, "clients": [], "end_reason": "admin" }),
        ];
        says(&admin, &subject, "ended", sides).await;
        assert_eq!(a_change(&admin, &subject).await["user_id"], session["user_id"]);
        let signed_out = admin.items("audit-events?kind=signed_out").await;
        assert_eq!(signed_out[0]["user_id"], session["user_id"], "{signed_out:?}");

        let path = format!("data-sources/{}/callbacks", id(&source));
        let mut issued = Vec::new();
        for before in [Value::Null, json!(MASK)] {
            let callback = admin.create(&path, json!({ "owner": "contacts" })).await;
            let subject = format!("callback:{}", id(&callback));
            let sides = [
                json!({ "token": before, "aes_key": before }),
                json!({ "token": MASK, "aes_key": MASK, "owner": "contacts" }),
            ];
            says(&admin, &subject, "created", sides).await;
            assert_eq!(a_change(&admin, &subject).await["data_source_id"], source["id"]);
            issued.extend(["token", "encoding_aes_key"].map(|secret| text(&callback, secret).to_owned()));
        }
        let log = admin.get("audit-events?limit=200").await.to_string();
        assert!(issued.iter().all(|secret| !log.contains(secret)), "{log}");

        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().position = "组长".to_owned());
        let plan = admin
            .create(&format!("data-sources/{}/sync", id(&source)), json!({ "mode": "plan" }))
            .await;
        let plan = admin.watch(id(&plan)).await;
        let confirmed = admin
            .create(&format!("sync-runs/{}/confirm", id(&plan)), json!({}))
            .await;
        let run = admin.watch(id(&confirmed)).await;
        let subject = format!("sync_run:{}", id(&run));
        let sides = [
            json!({ "state": "planned", "mode": "plan" }),
            json!({ "mode": "apply" }),
        ];
        says(&admin, &subject, "confirmed", sides).await;
        let undo = admin.create(&format!("sync-runs/{}/undo", id(&run)), json!({})).await;
        admin.watch(id(&undo)).await;
        says(
            &admin,
            &subject,
            "undone",
            [Value::Null, json!({ "undone_by": undo["id"] })],
        )
        .await;
        assert_eq!(a_change(&admin, &subject).await["data_source_id"], source["id"]);

        for content in ["one", "two"] {
            let file = json!({ "name": "WW_verify_a.txt", "content": content });
            admin.create("verification-files", file).await;
        }
        let file = admin.items("verification-files").await.remove(0);
        let subject = format!("verification_file:{}", id(&file));
        says(
            &admin,
            &subject,
            "changed",
            [json!({ "content": "one" }), json!({ "content": "two" })],
        )
        .await;
        let path = format!("verification-files/{}", id(&file));
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        says(
            &admin,
            &subject,
            "deleted",
            [json!({ "name": "WW_verify_a.txt", "content": "two" }), Value::Null],
        )
        .await;
    }
);
