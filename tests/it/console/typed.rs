//! What somebody typed is found again in its form, wherever the form was not taken: for every form of the console, and for each way in which one is not taken.

mod form;

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use simulator::sample;

use form::{filled_in, forms, inputs, state};

use super::{Colleague, at_work, shown};
use crate::{
    actors::{Browser, Page, id},
    fixture::Fixture,
    groups,
    password::{GOOD, type_in},
    scenario, suites,
};

/// Forms of what only comes about in the course of time, or of nobody's page.
const ELSEWHERE: [&str; 11] = [
    "/installations/",
    "/leaving/",
    "/moves/",
    "/names/",
    "/people/{id}/remove-passkey",
    "/portals/{id}/logouts/",
    "/requests/{id}/",
    "/settings/notices/{id}/resend",
    "/setup/check",
    "/sync/conflicts/",
    "/sync/identities/",
];

/// Where each act of the table has its form: the act and its page, as they are mounted below `/console`.
fn acts() -> Vec<(String, String)> {
    let home = concat!(env!("CARGO_MANIFEST_DIR"), "/src/console/http/acts");
    let mut acts = Vec::new();
    for file in ["people", "wecom", "settings"] {
        for line in std::fs::read_to_string(format!("{home}/{file}.rs")).unwrap().lines() {
            let words: Vec<&str> = line.trim().split('"').collect();
            let is_act = ["Never ", "Sent ", "Shown "]
                .iter()
                .any(|word| words[0].starts_with(word));
            if is_act {
                let page = if words[2] == " on " { words[3] } else { words[1] };
                acts.push((words[1].to_owned(), page.to_owned()));
            }
        }
    }
    acts
}

/// Everything that has a form of its own, by the begin of its address.
async fn things(fixture: &Fixture) -> Vec<(&'static str, String)> {
    suites::with_provider(fixture);
    let admin = fixture.admin();
    let source = fixture.connect_with(json!({ "import": "chosen" })).await;
    let auth_source = fixture.auth_source(sample::CORP).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let group = groups::group(fixture, "ops").await;
    let user = admin.create("users", json!({ "username": "anna" })).await;
    let suite = admin.create("suites", suites::entered()).await;
    let file = json!({ "name": "WW_verify_abcDEF0123456789.txt", "content": "abcDEF0123456789" });
    let file = admin.create("verification-files", file).await;
    let hook = json!({ "kind": "webhook", "name": "Robot", "url": "https://robot.example/hook" });
    let hook = admin.create("notice-channels", hook).await;
    let told = json!({ "channel_id": hook["id"], "topics": ["access_requested"] });
    let told = admin.create("notice-subscriptions", told).await;
    let token = admin
        .create("api-tokens", json!({ "name": "t", "role": "auditor" }))
        .await;
    let registration = admin
        .create("initial-access-tokens", json!({ "name": "r", "max_uses": 1 }))
        .await;
    let operator = admin
        .create("users", json!({ "username": "opal", "console_role": "auditor" }))
        .await;
    let callback = admin
        .create(
            &format!("data-sources/{}/callbacks", id(&source)),
            json!({ "owner": "contacts" }),
        )
        .await;
    let app = admin.items("wecom-apps").await.remove(0);
    let of = |begin: &'static str, thing: &serde_json::Value| (begin, id(thing).to_owned());
    vec![
        of("/people/groups/", &group),
        of("/people/", &user),
        ("/portals/new/", "grafana".to_owned()),
        ("/portals/", portal.id.clone()),
        of("/requests/settings/", &source),
        of("/wecom/files/", &file),
        of("/wecom/auth-sources/", &auth_source),
        of("/wecom/apps/", &app),
        of("/wecom/", &source),
        of("/suites/", &suite),
        of("/setup/", &source),
        of("/assistant/", &source),
        of("/settings/operators/", &operator),
        of("/settings/tokens/", &token),
        of("/settings/registration/", &registration),
        of("/settings/branding/companies/", &source),
        of("/settings/notices/channels/", &hook),
        of("/settings/notices/subscriptions/", &told),
        of("/callbacks/", &callback),
    ]
}

/// An address with the things in the place of what varies; `None`: of such things there is none here.
fn address(route: &str, things: &[(&str, String)]) -> Option<String> {
    let of = |begin: &str| {
        things
            .iter()
            .find(|(known, _)| *known == begin)
            .map(|(_, id)| id.clone())
            .unwrap()
    };
    let mut whole = route.to_owned();
    for (begin, id) in things {
        if let Some((_, rest)) = whole
            .split_once(begin)
            .filter(|(before, rest)| before.is_empty() && rest.starts_with('{'))
        {
            whole = format!("{begin}{id}{}", rest.split_once('}').unwrap().1);
        }
    }
    whole = whole
        .replace("{callback}", &of("/callbacks/"))
        .replace("{user}", &of("/people/"))
        .replace("{step}", "contacts");
    (!whole.contains('{')).then(|| format!("/console{whole}"))
}

/// The page of a form, with what it needs to be told.
fn page_of(route: &str, page: String, things: &[(&str, String)]) -> String {
    let of = |begin: &str| things.iter().find(|(known, _)| *known == begin).unwrap().1.clone();
    match route {
        "/people/members/import" | "/wecom/auth-sources/new" => format!("{page}?data_source={}", of("/setup/")),
        "/people/groups/{id}/remove" => format!("{page}?user={}", of("/people/")),
        "/settings/notices/channels/new" => format!("{page}?kind=webhook"),
        _ => page,
    }
}

/// Sends a form that this session does not confirm, and goes the way back; answers the page on which the form stands again.
async fn back_from(
    fixture: &Fixture,
    browser: &Browser,
    (page, action): (&Page, &str),
    form: &[(String, String)],
) -> Page {
    let mut fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.push(("confirm", "stale"));
    let refused = browser
        .post_from(&page.url, &format!("{}{action}", fixture.base), &fields)
        .await;
    assert!(
        refused.status == 403 && refused.body.contains("CO-101"),
        "{action}: {} {}",
        refused.status,
        refused.body
    );
    let back = refused
        .find_link("typed=")
        .unwrap_or_else(|| panic!("{action} leads nowhere: {}", refused.body));
    let again = browser.open(&back).await;
    assert_eq!(again.status, 200, "{action}: {} {}", again.url, again.body);
    again
}

scenario!(
    what_was_typed_into_any_form_of_the_console_stands_in_it_again,
    |fixture: Fixture| async move {
        let things = things(&fixture).await;
        let owner = at_work(&fixture, "owner").await;
        let mut tried = BTreeSet::new();
        for (route, page) in acts() {
            if ELSEWHERE.iter().any(|begin| route.starts_with(begin)) {
                continue;
            }
            let (Some(action), Some(at)) = (address(&route, &things), address(&page, &things)) else {
                continue;
            };
            let at = page_of(&route, at, &things);
            let page = owner.open(&format!("{}{at}", fixture.base)).await;
            for (number, form) in forms(&page, &action).iter().enumerate() {
                let pairs = filled_in(form);
                let secret = |name: &str| {
                    inputs(form)
                        .iter()
                        .any(|input| input.name == name && input.kind == "password")
                };
                let hidden = |name: &str| {
                    inputs(form)
                        .iter()
                        .any(|input| input.name == name && input.kind == "hidden")
                };
                let typed: BTreeSet<(String, String)> = pairs
                    .iter()
                    .filter(|(name, _)| !secret(name) && !hidden(name))
                    .cloned()
                    .collect();
                if typed.is_empty() || typed == state(form) {
                    continue;
                }
                let again = back_from(&fixture, &owner, (&page, &action), &pairs).await;
                let form = forms(&again, &action)[number];
                assert_eq!(state(form), typed, "{route}: {}", again.body);
                assert!(
                    again.body.contains("stands in the form again"),
                    "{route}: {}",
                    again.body
                );
                assert!(!again.body.contains("never again"), "a secret comes back: {route}");
                tried.insert(route.clone());
            }
        }
        for known in [
            "/people/groups/new",
            "/people/{id}/edit",
            "/people/{id}/role",
            "/portals/new/{recipe}",
            "/portals/{id}/edit",
            "/requests/settings/{source}",
            "/settings/branding",
            "/settings/notices/channels/new",
            "/settings/operators",
            "/settings/registration",
            "/settings/tokens",
            "/setup/{source}/app",
            "/setup/{source}/domain",
            "/suites/new",
            "/suites/{id}/edit",
            "/wecom/auth-sources/{id}",
            "/wecom/files",
            "/wecom/new",
            "/wecom/{id}/edit",
        ] {
            assert!(tried.contains(known), "{known} is not among {tried:?}");
        }
    }
);

scenario!(
    what_the_api_refuses_where_the_page_does_not_show_the_form_again_is_not_lost,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let owner = at_work(&fixture, "owner").await;
        let here = format!("/console/setup/{}", id(&source));
        let page = shown(&fixture, &owner, &format!("{here}/people")).await;
        let confirm = page.field("confirm");
        let form = [
            ("confirm", confirm.as_str()),
            ("version", "\"0\""),
            ("import", "chosen"),
            ("duplicate_rule", "overwrite"),
        ];
        let refused = owner
            .post_from(&page.url, &format!("{}{here}/rules", fixture.base), &form)
            .await;
        assert!(
            refused.status == 412 && refused.body.contains("AD-114"),
            "{} {}",
            refused.status,
            refused.body
        );
        let again = owner.open(&refused.link("typed=")).await;
        assert!(again.url.contains(&format!("{here}/people?typed=")), "{}", again.url);
        for chosen in [
            "<option value=\"chosen\" selected>",
            "<option value=\"overwrite\" selected>",
        ] {
            assert!(again.body.contains(chosen), "{chosen}: {}", again.body);
        }
        // Nobody else finds it there, and nothing was done.
        let other = at_work(&fixture, "admin").await;
        let theirs = other.open(&again.url).await;
        assert!(
            theirs.status == 200 && !theirs.body.contains("stands in the form again"),
            "{}",
            theirs.body
        );
        let stands = fixture.admin().get(&format!("data-sources/{}", id(&source))).await;
        assert_eq!(stands["duplicate_rule"], source["duplicate_rule"]);
        // A quarter of an hour later the page is as it is.
        fixture.advance(Duration::from_secs(16 * 60));
        let later = owner.open(&again.url).await;
        assert!(
            later.status == 200 && !later.body.contains("stands in the form again"),
            "{}",
            later.body
        );
    }
);

scenario!(
    what_was_typed_stands_in_the_form_after_a_new_proof_and_after_a_session_that_was_over,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let sign_in = async |login: Page| {
            let code = type_in(&browser, &login, &owner.username, GOOD).await;
            browser
                .submit(&code.url, &[("code", &owner.app.shows(&fixture, 0))])
                .await
        };
        let twice = [
            ("/console/settings/tokens", 16 * 60),
            ("/console/people/groups/new", 9 * 3600),
        ];
        for (action, seconds) in twice {
            let page = shown(&fixture, &browser, action).await;
            let confirm = page.field("confirm");
            fixture.advance(Duration::from_secs(seconds));
            let form = [
                ("confirm", confirm.as_str()),
                ("name", "night-shift"),
                ("description", "of the night"),
                ("role", "auditor"),
            ];
            let login = browser
                .post_from(&page.url, &format!("{}{action}", fixture.base), &form)
                .await;
            let asked = sign_in(browser.follow(login).await).await;
            assert!(
                asked.url.contains("/console/again/"),
                "{action}: {} {}",
                asked.url,
                asked.body
            );
            let again = browser.open(&asked.link("typed=")).await;
            let form = forms(&again, action)[0];
            assert!(
                state(form).contains(&("name".to_owned(), "night-shift".to_owned())),
                "{action}: {}",
                again.body
            );
            // The click sends it as well.
            let sent = [("confirm", asked.field("confirm")), ("kept", asked.field("kept"))];
            let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let done = browser.submit(&format!("{}{action}", fixture.base), &sent).await;
            assert!(done.status < 400, "{action}: {}", done.body);
        }
        // Whoever signs in instead finds nothing of it.
        let page = shown(&fixture, &browser, "/console/people/groups/new").await;
        let form = [("confirm", page.field("confirm")), ("name", "day-shift".to_owned())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let admin = Colleague::hire(&fixture, "admin").await;
        fixture.advance(Duration::from_secs(9 * 3600));
        let login = browser.post_from(&page.url, &page.url, &form).await;
        let login = browser.follow(login).await;
        let code = type_in(&browser, &login, &admin.username, GOOD).await;
        let home = browser
            .submit(&code.url, &[("code", &admin.app.shows(&fixture, 0))])
            .await;
        assert!(
            !home.url.contains("/again/") && !home.body.contains("day-shift"),
            "{} {}",
            home.url,
            home.body
        );
    }
);

scenario!(
    what_another_site_sends_is_not_kept_for_anybody,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let action = format!("{}/console/people/groups/new", fixture.base);
        let form = [("confirm", "guessed"), ("name", "theirs")];
        let foreign = browser.post(&action, &form).await;
        assert!(
            foreign.status == 403 && foreign.body.contains("CO-101"),
            "{}",
            foreign.body
        );
        assert!(foreign.find_link("typed=").is_none(), "{}", foreign.body);
        foreign.link("/console/people/groups/new");
        // Nor where the session is over: without its token it is nobody's.
        fixture.advance(Duration::from_secs(9 * 3600));
        let login = browser.follow(browser.post_from(&action, &action, &form).await).await;
        let code = type_in(&browser, &login, &owner.username, GOOD).await;
        let home = browser
            .submit(&code.url, &[("code", &owner.app.shows(&fixture, 0))])
            .await;
        assert!(!home.url.contains("/again/"), "{} {}", home.url, home.body);
    }
);
