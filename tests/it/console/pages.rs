//! Every page of refusals, sync, audit and settings, in both languages and for the least and the most powerful; and rubbish in every parameter.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{Colleague, at_work, sent};
use crate::{
    actors::{As, id},
    fixture::Fixture,
    scenario,
};

const PAGES: [&str; 14] = [
    "/console/refusals",
    "/console/sync",
    "/console/sync/conflicts",
    "/console/sync/identities",
    "/console/audit",
    "/console/requests",
    "/console/settings",
    "/console/settings/tokens",
    "/console/settings/keys",
    "/console/settings/keys/rotate",
    "/console/settings/branding",
    "/console/settings/registration",
    "/console/settings/configuration",
    "/console/settings/doctor?check=clock",
];
/// Addresses to which forms of these pages are sent; `{}`: an id.
const FORMS: [&str; 16] = [
    "/console/sync",
    "/console/sync/{}/confirm",
    "/console/sync/{}/undo",
    "/console/sync/conflicts/{}",
    "/console/sync/identities/{}",
    "/console/settings/operators",
    "/console/settings/operators/{}/role",
    "/console/settings/operators/{}/remove",
    "/console/settings/operators/{}/link",
    "/console/settings/tokens",
    "/console/settings/tokens/{}/revoke",
    "/console/settings/keys/rotate",
    "/console/settings/branding",
    "/console/settings/branding/logo/remove",
    "/console/settings/registration",
    "/console/settings/registration/{}/revoke",
];
/// The parameters of each list.
const FILTERS: [(&str, &[&str]); 9] = [
    (
        "refusals",
        &[
            "number",
            "client_id",
            "user_id",
            "member_id",
            "person",
            "since",
            "until",
            "zone",
            "cursor",
        ],
    ),
    (
        "sync",
        &["data_source", "state", "cause", "mode", "since", "sort", "cursor"],
    ),
    ("sync/conflicts", &["data_source", "decision", "cursor"]),
    ("sync/identities", &["data_source", "state", "sort", "cursor"]),
    (
        "audit",
        &[
            "user",
            "client_id",
            "data_source",
            "kind",
            "number",
            "actor",
            "reference",
            "until",
            "cursor",
        ],
    ),
    ("settings", &["role", "cursor"]),
    ("settings/tokens", &["role", "state", "sort", "cursor"]),
    ("settings/registration", &["cursor"]),
    ("settings/configuration", &["q", "source"]),
];
const RUBBISH: [&str; 4] = [
    "%00",
    "..%2F..",
    "%27%22%3E%3Cscript%3E%F0%9F%92%A9",
    "99999999999999999999999999",
];

scenario!(
    each_page_of_the_console_is_there_for_every_role_in_both_languages,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let refused = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::OUT_OF_SCOPE))
            .await;
        let run = id(&fixture.admin().items("sync-runs").await[0]).to_owned();
        let mut pages: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
        pages.push(format!("/console/refusals/{}", refused.reference()));
        pages.extend(["", "/confirm", "/undo"].map(|act| format!("/console/sync/{run}{act}")));
        for role in ["auditor", "owner"] {
            let colleague = Colleague::hire(&fixture, role).await;
            let english = colleague.browser(&fixture).await;
            fixture.advance(Duration::from_secs(60));
            let chinese = fixture.browser().in_chinese();
            assert_eq!(colleague.sign_in(&fixture, &chinese, "/console").await.status, 200);
            for page in &pages {
                for (browser, lang) in [(&english, "en"), (&chinese, "zh-CN")] {
                    let shown = browser.get(&format!("{}{page}", fixture.base)).await;
                    // Where an act is asked for, whoever may not do it is told who may.
                    let is_anothers = role == "auditor" && shown.status == 403 && shown.body.contains("CO-107");
                    assert!(shown.status == 200 || is_anothers, "{role} {page}: {}", shown.body);
                    assert!(shown.body.contains(&format!("<html lang=\"{lang}\">")), "{page}");
                    assert!(
                        !shown.body.contains("console-"),
                        "{role} {page}: a text is missing: {}",
                        missing(&shown.body)
                    );
                    assert!(shown.body.len() < 200 * 1024, "{page}");
                    let offers = shown.body.matches("method=\"post\"").count();
                    assert!(
                        role == "owner" || page.contains("settings") || offers == 0,
                        "{role} {page} offers a change"
                    );
                }
            }
        }
    }
);

/// The first text that is shown by its key.
fn missing(body: &str) -> &str {
    body.find("console-")
        .and_then(|at| body.get(at..at + 60))
        .unwrap_or_default()
}

scenario!(
    rubbish_in_an_address_or_a_form_is_told_and_never_breaks_a_page,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let at = |path: &str| format!("{}{path}", fixture.base);
        for rubbish in RUBBISH {
            for (list, names) in FILTERS {
                for name in names {
                    let page = owner.get(&at(&format!("/console/{list}?{name}={rubbish}"))).await;
                    assert!(page.status < 500, "{list} {name}={rubbish}: {}", page.body);
                    assert!(
                        page.body.contains("href=\"/console"),
                        "{list} {name}={rubbish} leads nowhere"
                    );
                }
            }
            for path in ["refusals", "sync", "sync/identities", "settings/tokens"] {
                let act = if path == "settings/tokens" { "/revoke" } else { "" };
                let page = owner.get(&at(&format!("/console/{path}/{rubbish}{act}"))).await;
                assert!((400..500).contains(&page.status), "{path} {rubbish}: {}", page.status);
            }
            for form in FORMS {
                let path = form.replace("{}", rubbish);
                let fields = [
                    "data_source",
                    "mode",
                    "decision",
                    "user_id",
                    "username",
                    "verdict",
                    "role",
                    "name",
                    "expires",
                    "zone",
                    "clients",
                    "max_uses",
                    "accent",
                    "kind",
                    "now",
                ];
                let fields: Vec<(&str, &str)> = fields.iter().map(|field| (*field, "\u{0}'\"><\u{1f4a9}")).collect();
                let page = sent(&fixture, &owner, &path, &fields).await;
                assert!(page.status < 500, "POST {path}: {} {}", page.status, page.body);
            }
        }
    }
);

scenario!(
    what_an_auditor_or_another_site_sends_changes_nothing,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let auditor = at_work(&fixture, "auditor").await;
        let owner = at_work(&fixture, "owner").await;
        let admin = fixture.admin();
        let run = id(&admin.items("sync-runs").await[0]).to_owned();
        let user = admin.user_id(sample::NORMAL).await;
        let before = (
            admin.items("sync-runs").await.len(),
            admin.items("api-tokens").await.len(),
            admin.items("keys").await,
        );
        for form in FORMS {
            let about = if form.contains("operators") { &user } else { &run };
            let path = form.replace("{}", about);
            let fields = [
                ("data_source", id(&source)),
                ("mode", "apply"),
                ("decision", "ignore"),
                ("verdict", "same_person"),
                ("username", sample::NORMAL),
                ("role", "auditor"),
                ("name", "mine"),
                ("kind", "password"),
                ("now", "yes"),
            ];
            let refused = sent(&fixture, &auditor, &path, &fields).await;
            assert!(
                matches!(refused.status, 403 | 404),
                "{path}: {} {}",
                refused.status,
                refused.body
            );
            // Who may do it does not do it by a form of another site.
            for confirm in [None, Some(("confirm", "0123456789abcdef"))] {
                let forged: Vec<(&str, &str)> = fields.iter().copied().chain(confirm).collect();
                let foreign = owner.post(&format!("{}{path}", fixture.base), &forged).await;
                let seen = (foreign.status, foreign.body.contains("CO-101"));
                assert_eq!(seen, (403, true), "{path} without confirmation: {}", foreign.body);
            }
        }
        let after = (
            admin.items("sync-runs").await.len(),
            admin.items("api-tokens").await.len(),
            admin.items("keys").await,
        );
        assert_eq!(after, before);
        assert_eq!(admin.get("branding").await["name"], json!(null));
    }
);

// The answer to a form has a link to the same address in the other language, and an address is typed, or comes from the history.
scenario!(
    an_address_that_takes_forms_alone_leads_to_the_page_around_it,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        for form in FORMS {
            let form = form.replace("{}", "00000000-0000-7000-8000-000000000001");
            let page = owner
                .open(&format!("{}{form}?ui_locales=zh-CN&keep=1", fixture.base))
                .await;
            assert!(!page.body.contains("WB-102"), "{form}: {} {}", page.url, page.body);
            assert!(page.body.contains("lang=\"zh-CN\""), "{form}: {}", page.body);
        }
        let unknown = owner.open(&format!("{}/console/sync/a/b/c", fixture.base)).await;
        assert!(
            unknown.status == 404 && unknown.body.contains("WB-102"),
            "{}",
            unknown.body
        );
    }
);
