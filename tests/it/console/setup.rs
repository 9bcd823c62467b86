//! The set-up in steps: from an empty installation to a portal, each answer tried, gone on with by a colleague, and what may be left out.

mod faults;
mod judged;
mod standing;

use serde_json::json;
use simulator::{Event, Owner, sample};

use super::{Colleague, in_both_languages, send};
use crate::{
    actors::{Browser, Page, id, text},
    callbacks::tell,
    fixture::Fixture,
    scenario,
};

/// The value in the block that can be copied under this label.
fn copied(page: &Page, label: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("<p class=\"copy-label\">{label}</p>"))
        .unwrap_or_else(|| panic!("nothing called {label} can be copied: {}", page.body));
    let (_, rest) = rest.split_once("<code>").unwrap();
    rest.split("</code>").next().unwrap().replace("&#38;", "&")
}

/// What stands in a field of a form.
fn value(page: &Page, name: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(&format!("name=\"{name}\" type=\"text\""))
        .unwrap_or_else(|| panic!("no field {name}: {}", page.body));
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The step that a page shows.
fn step(page: &Page) -> &str {
    let path = page.url.split(['?', '#']).next().unwrap();
    path.rsplit('/').next().unwrap()
}

/// Sends the form of a step as the page has it, with these values.
async fn fill(fixture: &Fixture, browser: &Browser, page: &Page, fields: &[(&str, &str)]) -> Page {
    let path = page.url.split(['?', '#']).next().unwrap();
    let action = path.strip_prefix(&fixture.base).unwrap();
    let version = page.body.contains("name=\"version\"").then(|| page.field("version"));
    let mut all: Vec<(&str, &str)> = version.iter().map(|version| ("version", version.as_str())).collect();
    all.extend(fields);
    send(fixture, browser, action, &all).await
}

/// A corp that was named, with nothing else; answers the page of the step behind it and the id of the data source.
async fn begun(fixture: &Fixture, browser: &Browser) -> (Page, String) {
    let page = browser.open(&format!("{}/console", fixture.base)).await;
    assert!(
        page.url.ends_with("/console/setup/new"),
        "the first start: {}",
        page.url
    );
    let named = [("name", "青云科技"), ("corp_id", sample::CORP)];
    let page = fill(fixture, browser, &page, &named).await;
    assert_eq!((page.status, step(&page)), (200, "app"), "{}", page.body);
    let source = fixture.admin().items("data-sources").await.remove(0);
    assert!(source["next_sync_at"].is_null(), "nothing is synced unseen: {source}");
    (page, id(&source).to_owned())
}

const APP: [(&str, &str); 3] = [
    ("app.agent_id", "1000002"),
    ("app.secret", sample::APP_SECRET),
    ("login_methods", "wecom_qr"),
];

async fn open(fixture: &Fixture, browser: &Browser, source: &str, step: &str) -> Page {
    let page = browser
        .open(&format!("{}/console/setup/{source}/{step}", fixture.base))
        .await;
    assert_eq!(page.status, 200, "{step}: {}", page.body);
    page
}

/// Previews the first sync and applies it.
async fn synced(fixture: &Fixture, browser: &Browser, source: &str, import: &str) -> Page {
    let page = open(fixture, browser, source, "people").await;
    let version = page.field("version");
    let rules = [
        ("version", version.as_str()),
        ("import", import),
        ("duplicate_rule", "skip"),
    ];
    let page = send(fixture, browser, &format!("/console/setup/{source}/rules"), &rules).await;
    assert_eq!((page.status, step(&page)), (200, "people"), "{}", page.body);
    let admin = fixture.admin();
    let run = admin.items(&format!("sync-runs?data_source={source}&limit=1")).await;
    let planned = admin.watch(id(&run[0])).await;
    assert_eq!(text(&planned, "state"), "planned", "{planned}");
    assert_eq!(admin.items("members").await.len(), 0, "a preview does nothing");
    let page = open(fixture, browser, source, "people").await;
    assert!(
        page.body.contains(&format!("action=\"/console/setup/{source}/sync\"")),
        "what was shown can be agreed to: {}",
        page.body
    );
    let shown = page.field("run");
    assert_eq!(shown, id(&planned), "what was shown is what is agreed to");
    let schedule = [("run", shown.as_str()), ("auto_sync_hours", "12")];
    let page = send(fixture, browser, &format!("/console/setup/{source}/sync"), &schedule).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let run = admin
        .items(&format!("sync-runs?data_source={source}&mode=apply&limit=1"))
        .await;
    let applied = admin.watch(id(&run[0])).await;
    assert_eq!(text(&applied, "state"), "succeeded", "{applied}");
    assert_eq!(id(&applied), id(&planned), "no other run was begun: {applied}");
    open(fixture, browser, source, "people").await
}

scenario!(
    from_an_empty_installation_to_a_portal_step_by_step,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let (page, source) = begun(&fixture, &browser).await;

        let page = fill(&fixture, &browser, &page, &APP).await;
        assert_eq!(step(&page), "domain", "{}", page.body);
        let auth_source = fixture.auth_source(sample::CORP).await;
        assert_eq!(text(&auth_source, "data_source_id"), source, "it comes with the app");
        assert!(auth_source["problems"].as_array().unwrap().is_empty(), "{auth_source}");
        let domain = fixture.base.trim_start_matches("http://");
        assert_eq!(copied(&page, "Enter this in WeCom"), domain);
        let file = [("name", "WW_verify_abc123.txt"), ("content", "abc123")];
        let page = fill(&fixture, &browser, &page, &file).await;
        assert!(page.body.contains("WW_verify_abc123.txt"), "{}", page.body);
        let served = fixture.fetch("/WW_verify_abc123.txt").await.text().await.unwrap();
        assert_eq!(served, "abc123");

        let page = open(&fixture, &browser, &source, "callbacks").await;
        let issued = fill(&fixture, &browser, &page, &[("owner", "contacts")]).await;
        let live = format!("{}/console/setup/{source}/callbacks/live", fixture.base);
        let before = browser.open(&live).await;
        assert!(before.body.contains("Nothing has arrived yet"), "{}", before.body);
        let [url, token, key] = ["URL", "Token", "EncodingAESKey"].map(|label| copied(&issued, label));
        let saved = fixture
            .wecom
            .configure_callback(sample::CORP, Owner::Contacts, &url, &token, &key);
        saved.await.unwrap();
        let after = browser.open(&live).await;
        assert_eq!(after.body.matches("state yes").count(), 5, "{}", after.body);
        assert!(!after.body.contains("<html"), "it is a fragment: {}", after.body);
        let again = open(&fixture, &browser, &source, "callbacks").await;
        assert!(
            !again.body.contains(&token) && !again.body.contains(&key),
            "shown this once"
        );

        // What WeCom tells meanwhile starts no sync that nobody has seen.
        let userid = sample::NORMAL.to_owned();
        tell(&fixture, Event::CreateUser { userid }).await;
        assert!(fixture.admin().items("sync-runs").await.is_empty());

        let page = synced(&fixture, &browser, &source, "all").await;
        let admin = fixture.admin();
        let members = admin.items("wecom-apps").await[0]["members"].as_i64().unwrap();
        assert!(
            members > 1 && page.body.contains(&format!("<strong>{members}</strong>")),
            "{members}: {}",
            page.body
        );
        assert!(!admin.items("users?q=lihua").await.is_empty());
        let kept = admin.get(&format!("data-sources/{source}")).await;
        assert_eq!(kept["auto_sync_hours"], 12, "{kept}");

        let page = open(&fixture, &browser, &source, "portal").await;
        let recipe = browser.open(&page.link("/portals/new/grafana")).await;
        let form = [
            ("setup", source.as_str()),
            ("name", "Grafana"),
            ("address", "https://grafana.corp.example"),
            ("client_id", "grafana"),
        ];
        let created = fill(&fixture, &browser, &recipe, &form).await;
        assert_eq!(created.status, 200, "{}", created.body);
        let scan = browser.open(&created.link(&format!("/setup/{source}/scan"))).await;
        assert_eq!(scan.status, 200, "{}", scan.body);
        let on = browser.open(&format!("{}/console/setup/{source}", fixture.base)).await;
        assert_eq!(step(&on), "scan", "all before it is done: {}", on.body);
        for step in ["corp", "app", "domain", "callbacks", "people", "portal", "scan"] {
            in_both_languages(&fixture, &browser, &format!("/console/setup/{source}/{step}")).await;
        }
    }
);

scenario!(
    a_colleague_goes_on_from_another_browser_and_nothing_typed_is_lost,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let owner = Colleague::hire(&fixture, "owner").await;
        let (_, source) = begun(&fixture, &owner.browser(&fixture).await).await;
        let admin = Colleague::hire(&fixture, "admin").await;
        let browser = admin.browser(&fixture).await;
        let page = browser.open(&format!("{}/console", fixture.base)).await;
        assert!(page.body.contains(&format!("/console/setup/{source}")), "{}", page.body);
        let page = browser.open(&format!("{}/console/setup", fixture.base)).await;
        assert_eq!(step(&page), "app", "where it stands: {}", page.url);
        let page = fill(&fixture, &browser, &page, &APP).await;
        assert_eq!(step(&page), "domain");
        let corp = open(&fixture, &browser, &source, "corp").await;
        assert_eq!(
            (value(&corp, "name"), value(&corp, "corp_id")),
            ("青云科技".to_owned(), sample::CORP.to_owned()),
            "{}",
            corp.body
        );
        let app = open(&fixture, &browser, &source, "app").await;
        assert_eq!(value(&app, "app.agent_id"), "1000002");
        assert!(!app.body.contains(sample::APP_SECRET), "a secret comes back");
        // An empty secret keeps the stored one.
        let kept = [APP[0], APP[2]];
        let page = fill(&fixture, &browser, &app, &kept).await;
        assert_eq!(step(&page), "domain", "{}", page.body);
    }
);

scenario!(another_app_takes_its_auth_source_along, |fixture: Fixture| async move {
    fixture.trust_domain();
    let owner = Colleague::hire(&fixture, "owner").await;
    let browser = owner.browser(&fixture).await;
    let (page, source) = begun(&fixture, &browser).await;
    fill(&fixture, &browser, &page, &APP).await;
    let page = open(&fixture, &browser, &source, "app").await;
    let agent_id = sample::OLD_AGENT_ID.to_string();
    let other = [
        ("app.agent_id", agent_id.as_str()),
        ("app.secret", sample::OLD_APP_SECRET),
        APP[2],
    ];
    fill(&fixture, &browser, &page, &other).await;
    let auth_source = fixture.auth_source(sample::CORP).await;
    assert_eq!(auth_source["agent_id"], sample::OLD_AGENT_ID, "{auth_source}");
});

scenario!(
    steps_can_be_left_out_and_say_what_then_does_not_work,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        // Whoever puts it off is not led back at each turn.
        let busy = owner.browser(&fixture).await;
        for address in ["/console?setup=later", "/console"] {
            let page = busy.open(&format!("{}{address}", fixture.base)).await;
            assert!(page.body.contains("Nobody can sign in yet"), "{}", page.body);
        }
        fixture.advance(std::time::Duration::from_secs(60));
        let browser = owner.browser(&fixture).await;
        let (page, source) = begun(&fixture, &browser).await;
        assert!(page.body.contains("nobody can sign in by scanning"), "{}", page.body);
        for (step, next, without) in [
            ("app", "domain", "An auth source can be added later"),
            ("domain", "callbacks", "WeCom refuses to send people back"),
            ("callbacks", "people", "seen at the next sync only"),
            ("people", "portal", "there are no users"),
            ("portal", "scan", "nothing to sign in to"),
        ] {
            let page = open(&fixture, &browser, &source, step).await;
            assert!(page.body.contains(without), "{step}: {}", page.body);
            page.link(&format!("/console/setup/{source}/{next}"));
        }
        // The second way: an auth source on its own, with a corp ID of its own.
        let own = open(&fixture, &browser, &source, "auth-source").await;
        let form = [
            ("name", "扫码"),
            ("corp_id", sample::CORP),
            ("agent_id", "1000002"),
            ("app_secret", sample::APP_SECRET),
        ];
        let page = fill(&fixture, &browser, &own, &form).await;
        assert_eq!(step(&page), "domain", "{}", page.body);
        let app = open(&fixture, &browser, &source, "app").await;
        assert!(app.body.contains("Next step"), "{}", app.body);
    }
);

scenario!(chosen_members_are_ticked_and_imported, |fixture: Fixture| async move {
    fixture.trust_domain();
    let owner = Colleague::hire(&fixture, "owner").await;
    let browser = owner.browser(&fixture).await;
    let (page, source) = begun(&fixture, &browser).await;
    fill(&fixture, &browser, &page, &APP).await;
    let page = synced(&fixture, &browser, &source, "chosen").await;
    let admin = fixture.admin();
    let member = admin.items("members?q=lihua").await.remove(0);
    assert!(member["user_id"].is_null(), "{member}");
    assert!(page.body.contains(id(&member)), "{}", page.body);
    let path = format!("/console/setup/{source}/members");
    let none = send(&fixture, &browser, &path, &[]).await;
    assert_eq!(none.status, 422, "{}", none.body);
    let page = send(&fixture, &browser, &path, &[("members", id(&member))]).await;
    assert_eq!(step(&page), "people", "{}", page.body);
    assert!(!page.body.contains(id(&member)), "{}", page.body);
    assert!(admin.get(&format!("members/{}", id(&member))).await["user_id"].is_string());
});

scenario!(
    an_auditor_is_told_who_sets_up_and_changes_nothing,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let auditor = Colleague::hire(&fixture, "auditor").await;
        let browser = auditor.browser(&fixture).await;
        let one = format!("/{}", id(&source));
        let before = fixture.admin().items("data-sources").await;
        for path in [
            "",
            "/new",
            &one,
            &format!("{one}/app"),
            &format!("{one}/callbacks/live"),
        ] {
            let page = browser.open(&format!("{}/console/setup{path}", fixture.base)).await;
            assert_eq!(page.status, 403, "{path}: {}", page.body);
            assert!(
                page.body.contains("This needs the role Admin; yours is Auditor."),
                "{path}: {}",
                page.body
            );
        }
        for path in [
            "/new",
            &format!("{one}/app"),
            &format!("{one}/rules"),
            &format!("{one}/callbacks"),
        ] {
            let page = send(&fixture, &browser, &format!("/console/setup{path}"), &[]).await;
            assert_eq!(page.status, 403, "{path}: {}", page.body);
        }
        // What is complete is not tried for them either.
        let complete = [
            ("form", "corp"),
            ("corp_id", sample::CORP2),
            ("contacts_secret", "nonsense-secret"),
        ];
        let page = send(&fixture, &browser, "/console/setup/check", &complete).await;
        assert!(
            page.body.contains("CO-107") && !page.body.contains("DI-238"),
            "{}",
            page.body
        );
        assert_eq!(fixture.admin().items("data-sources").await, before);
        let owner = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        for wrong in ["/x", "/%00/app", "/00000000-0000-0000-0000-000000000000/people"] {
            let page = owner.open(&format!("{}/console/setup{wrong}", fixture.base)).await;
            assert_eq!(page.status, 404, "{wrong}");
        }
    }
);

scenario!(
    credentials_are_tried_without_being_saved,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let check = |body| admin.call("POST", "data-sources/check", Some(body));
        let good = json!({ "corp_id": sample::CORP, "contacts_secret": sample::CONTACTS_SECRET,
            "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET } });
        let seen = check(good.clone()).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        let credentials = seen.body["credentials"].as_array().unwrap();
        assert_eq!(credentials.len(), 2, "{}", seen.body);
        assert!(!seen.body.to_string().contains(sample::APP_SECRET));
        let wrong = json!({ "corp_id": sample::CORP, "app": { "agent_id": sample::AGENT_ID, "secret": "nonsense" } });
        let refused = check(wrong).await;
        assert_eq!(refused.refusal(), (422, "DI-237"), "{}", refused.body);
        assert_eq!(refused.body["errors"][0]["pointer"], "#/app/secret");
        assert!(admin.items("data-sources").await.is_empty() && admin.items("wecom-apps").await.is_empty());
        // Ten refused ones within a minute are enough, for tries as for saving.
        for _ in 0..9 {
            let body = json!({ "corp_id": sample::CORP, "contacts_secret": "nonsense" });
            assert_eq!(check(body).await.refusal().1, "DI-238");
        }
        assert_eq!(check(good.clone()).await.refusal(), (429, "DI-242"));
        fixture.advance(std::time::Duration::from_secs(61));
        let source = fixture.connect().await;
        let taken = check(good.clone()).await;
        assert_eq!(taken.refusal(), (409, "DI-103"), "{}", taken.body);
        assert_eq!(taken.body["errors"][0]["pointer"], "#/corp_id");
        let mut own = good;
        own["data_source_id"] = source["id"].clone();
        assert_eq!(check(own).await.status, 200);
    }
);
