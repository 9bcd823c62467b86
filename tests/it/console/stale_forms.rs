//! A form that deletes something, or makes new secrets for it, is about what its page showed: whatever changed meanwhile is seen first (`If-Match`).

use serde_json::{Value, json};
use simulator::sample;

use super::{at_work, send, shown};
use crate::{
    actors::{Browser, Page, id},
    fixture::Fixture,
    scenario, suites,
};

/// A form of the console.
struct Act<'a> {
    /// The page that it stands on.
    page: String,
    /// Where it is sent.
    action: String,
    /// What else it holds.
    fields: &'a [(&'a str, &'a str)],
    /// What it is about, in the API.
    resource: String,
    /// Somebody else's change of that: method and body.
    change: (&'a str, Value),
}

async fn submitted(fixture: &Fixture, owner: &Browser, act: &Act<'_>, version: &str) -> Page {
    let mut form = act.fields.to_vec();
    form.push(("version", version));
    send(fixture, owner, &act.action, &form).await
}

async fn is_about_what_was_shown(fixture: &Fixture, owner: &Browser, act: &Act<'_>) {
    let version = shown(fixture, owner, &act.page).await.field("version");
    let (method, body) = &act.change;
    let changed = fixture.admin().call(method, &act.resource, Some(body.clone())).await;
    assert!(changed.status < 300, "{}: {}", act.resource, changed.body);
    let stale = submitted(fixture, owner, act, &version).await;
    assert!(
        stale.status == 412 && stale.body.contains("AD-114"),
        "{}: {} {}",
        act.action,
        stale.status,
        stale.body
    );
    let there = fixture.admin().call("GET", &act.resource, None).await;
    assert_eq!(there.status, 200, "{}: nothing was done", act.action);
    let fresh = shown(fixture, owner, &act.page).await.field("version");
    let done = submitted(fixture, owner, act, &fresh).await;
    assert!(done.status < 300, "{}: {} {}", act.action, done.status, done.body);
}

scenario!(
    what_changed_since_its_page_was_shown_is_not_deleted_and_gets_no_new_secret,
    |fixture: Fixture| async move {
        suites::with_provider(&fixture);
        let admin = fixture.admin();
        let owner = at_work(&fixture, "owner").await;
        let source = fixture.connect().await;
        let auth_source = fixture.auth_source(sample::CORP).await;
        let portal = json!({ "client_id": "wiki", "name": "Wiki", "redirect_uris": ["https://wiki.example/cb"] });
        let portal = admin.create("clients", portal).await;
        let group = admin.create("groups", json!({ "name": "editors" })).await;
        let suite = admin.create("suites", suites::entered()).await;
        let hook = json!({ "kind": "webhook", "name": "Robot", "url": "https://robot.example/hook" });
        let hook = admin.create("notice-channels", hook).await;
        let told = json!({ "channel_id": hook["id"], "topics": ["access_requested"] });
        let told = admin.create("notice-subscriptions", told).await;
        let auditor = json!({ "username": "auditor", "console_role": "auditor" });
        let auditor = admin.create("users", auditor).await;
        let renamed = |name: &str| ("PATCH", json!({ "name": name }));
        let (settings, people) = ("/console/settings", "/console/people");
        let acts = [
            Act {
                page: format!("/console/portals/{}/secret", id(&portal)),
                action: format!("/console/portals/{}/secret", id(&portal)),
                fields: &[("once", "1")],
                resource: format!("clients/{}", id(&portal)),
                change: renamed("Wiki 2"),
            },
            Act {
                page: format!("/console/portals/{}/delete", id(&portal)),
                action: format!("/console/portals/{}/delete", id(&portal)),
                fields: &[("client_id", "wiki")],
                resource: format!("clients/{}", id(&portal)),
                change: renamed("Wiki 3"),
            },
            Act {
                page: format!("{people}/groups/{}/delete", id(&group)),
                action: format!("{people}/groups/{}/delete", id(&group)),
                fields: &[],
                resource: format!("groups/{}", id(&group)),
                change: renamed("writers"),
            },
            Act {
                page: format!("/console/suites/{}/keys", id(&suite)),
                action: format!("/console/suites/{}/keys", id(&suite)),
                fields: &[("once", "2")],
                resource: format!("suites/{}", id(&suite)),
                change: renamed("助手 2"),
            },
            Act {
                page: format!("/console/suites/{}/delete", id(&suite)),
                action: format!("/console/suites/{}/delete", id(&suite)),
                fields: &[("suite_id", sample::SUITE)],
                resource: format!("suites/{}", id(&suite)),
                change: renamed("助手 3"),
            },
            Act {
                page: format!("{settings}/notices/subscriptions/{}", id(&told)),
                action: format!("{settings}/notices/subscriptions/{}/delete", id(&told)),
                fields: &[],
                resource: format!("notice-subscriptions/{}", id(&told)),
                change: ("PATCH", json!({ "topics": ["alert"] })),
            },
            Act {
                page: format!("{settings}/notices/channels/{}", id(&hook)),
                action: format!("{settings}/notices/channels/{}/delete", id(&hook)),
                fields: &[],
                resource: format!("notice-channels/{}", id(&hook)),
                change: renamed("Robot 2"),
            },
            Act {
                page: format!("{settings}/operators/{}/remove", id(&auditor)),
                action: format!("{settings}/operators/{}/remove", id(&auditor)),
                fields: &[],
                resource: format!("operators/{}", id(&auditor)),
                change: ("PUT", json!({ "role": "operator" })),
            },
            Act {
                page: format!("/console/wecom/auth-sources/{}", id(&auth_source)),
                action: format!("/console/wecom/auth-sources/{}/delete", id(&auth_source)),
                fields: &[],
                resource: format!("auth-sources/{}", id(&auth_source)),
                change: renamed("Scan"),
            },
            Act {
                page: format!("/console/wecom/{}/delete", id(&source)),
                action: format!("/console/wecom/{}/delete", id(&source)),
                fields: &[("corp_id", sample::CORP)],
                resource: format!("data-sources/{}", id(&source)),
                change: renamed("Qingyun"),
            },
        ];
        for act in acts {
            is_about_what_was_shown(&fixture, &owner, &act).await;
        }
        for list in [
            "clients",
            "groups",
            "suites",
            "notice-channels",
            "auth-sources",
            "data-sources",
        ] {
            assert!(admin.items(list).await.is_empty(), "{list}");
        }
    }
);

scenario!(
    of_two_who_change_a_role_the_second_sees_what_the_first_did,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let owner = at_work(&fixture, "owner").await;
        let user = admin
            .create("users", json!({ "username": "colleague", "console_role": "auditor" }))
            .await;
        let page = format!("/console/people/{}/role", id(&user));
        let version = shown(&fixture, &owner, &page).await.field("version");
        let path = format!("operators/{}", id(&user));
        assert_eq!(
            admin.call("PUT", &path, Some(json!({ "role": "admin" }))).await.status,
            200
        );
        for role in ["operator", "none"] {
            let fields = [("role", role), ("version", version.as_str())];
            let stale = send(&fixture, &owner, &page, &fields).await;
            assert_eq!(stale.status, 412, "{role}: {}", stale.body);
        }
        assert_eq!(admin.get(&path).await["role"], "admin");
        let fresh = shown(&fixture, &owner, &page).await.field("version");
        let fields = [("role", "none"), ("version", fresh.as_str())];
        assert_eq!(send(&fixture, &owner, &page, &fields).await.status, 200);
        assert_eq!(admin.call("GET", &path, None).await.status, 404);
    }
);

scenario!(
    a_role_in_the_list_of_operators_is_changed_from_the_one_that_the_list_showed,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let owner = at_work(&fixture, "owner").await;
        let colleague = json!({ "username": "colleague", "console_role": "auditor" });
        let colleague = admin.create("users", colleague).await;
        let path = format!("operators/{}", id(&colleague));
        let action = format!("/console/settings/{path}/role");
        let list = shown(&fixture, &owner, "/console/settings").await;
        assert!(
            list.body
                .contains("<input type=\"hidden\" name=\"shown\" value=\"auditor\">"),
            "{}",
            list.body
        );
        let raised = admin.call("PUT", &path, Some(json!({ "role": "admin" }))).await;
        assert_eq!(raised.status, 200, "{}", raised.body);
        let sent = async |shown: &str| {
            let fields = [("role", "operator"), ("shown", shown)];
            send(&fixture, &owner, &action, &fields).await
        };
        let stale = sent("auditor").await;
        assert!(stale.status == 412 && stale.body.contains("AD-114"), "{}", stale.body);
        assert_eq!(admin.get(&path).await["role"], "admin");
        assert_eq!(sent("admin").await.status, 200);
        assert_eq!(admin.get(&path).await["role"], "operator");
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        assert_eq!(sent("operator").await.status, 404, "nobody is made an operator again");
    }
);

scenario!(
    of_two_who_let_people_ask_the_second_switches_nothing_back,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let owner = at_work(&fixture, "owner").await;
        let source = fixture.connect().await;
        let page = format!("/console/requests/settings/{}", id(&source));
        let path = format!("data-sources/{}", id(&source));
        let version = shown(&fixture, &owner, &page).await.field("version");
        admin.change(&path, json!({ "access_requests": true })).await;
        let fields = [("act", "switch"), ("version", version.as_str())];
        let stale = send(&fixture, &owner, &page, &fields).await;
        assert_eq!(stale.status, 412, "{}", stale.body);
        assert_eq!(admin.get(&path).await["access_requests"], true);
    }
);
