//! What forms do: none of them without its deciding word, dangerous ones with a fresh proof that loses nothing entered, and each as a call for a shell
//! that does the same.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use super::{Colleague, at_work, send, sent, shown};
use crate::{
    actors::{Browser, Page, id, text},
    fixture::Fixture,
    groups,
    password::{GOOD, type_in},
    scenario,
};

/// Sends a form when the proof is too old, proves anew, and is on the page that asks for one more click.
async fn kept(fixture: &Fixture, owner: &Colleague, browser: &Browser, action: &str, fields: &[(&str, &str)]) -> Page {
    fixture.advance(Duration::from_secs(16 * 60));
    let login = send(fixture, browser, action, fields).await;
    assert!(login.url.contains("/signin/"), "{action}: {} {}", login.url, login.body);
    let code = type_in(browser, &login, &owner.username, GOOD).await;
    let shown = owner.app.shows(fixture, 0);
    let page = browser.submit(&code.url, &[("code", &shown)]).await;
    assert!(
        page.url.contains("/console/again/"),
        "{action}: {} {}",
        page.url,
        page.body
    );
    page
}

/// The fields by which the page that asks sends what was kept.
fn click(page: &Page) -> [(String, String); 2] {
    ["confirm", "kept"].map(|name| (name.to_owned(), page.field(name)))
}

async fn go_on(fixture: &Fixture, browser: &Browser, action: &str, page: &Page) -> Page {
    let fields = click(page);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.submit(&format!("{}{action}", fixture.base), &fields).await
}

scenario!(
    what_was_entered_is_kept_until_the_proof_was_given_and_sent_once,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let action = "/console/settings/tokens";
        let before = fixture.admin().items("api-tokens").await.len();
        let fields = [("name", "of the night"), ("role", "auditor")];
        let page = kept(&fixture, &owner, &browser, action, &fields).await;
        assert!(page.body.contains(action), "{}", page.body);
        assert_eq!(fixture.admin().items("api-tokens").await.len(), before, "asked only");
        // Of a hundred clicks one counts.
        let clicks = (0..100).map(|_| go_on(&fixture, &browser, action, &page));
        let made = join_all(clicks).await;
        assert_eq!(made.iter().filter(|page| page.status == 200).count(), 1);
        assert!(
            made.iter().all(|page| matches!(page.status, 200 | 410)),
            "{:?}",
            made[0]
        );
        let tokens = fixture.admin().items("api-tokens").await;
        assert_eq!(tokens.len(), before + 1);
        assert!(tokens.iter().any(|token| token["name"] == "of the night"), "{tokens:?}");
        // What was sent leads nowhere any more.
        let over = browser.open(&page.url).await;
        assert!(
            over.url.ends_with("/console") || over.url.contains("/console/setup"),
            "{}",
            over.url
        );
    }
);

scenario!(
    what_somebody_entered_is_kept_for_them_and_for_that_address_alone,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let action = "/console/settings/tokens";
        let fields = [("name", "mine"), ("role", "auditor")];
        let page = kept(&fixture, &owner, &browser, action, &fields).await;
        let elsewhere = go_on(&fixture, &browser, "/console/settings/registration", &page).await;
        assert!(
            elsewhere.status == 410 && elsewhere.body.contains("CO-105"),
            "{}",
            elsewhere.body
        );
        assert!(fixture.admin().items("initial-access-tokens").await.is_empty());

        let page = kept(&fixture, &owner, &browser, action, &fields).await;
        let other = at_work(&fixture, "admin").await;
        let stolen = send(&fixture, &other, action, &[("kept", &page.field("kept"))]).await;
        assert_eq!(stolen.status, 410, "{}", stolen.body);
        // Without the token of this session nothing is kept, nor sent.
        let fields = [("kept", page.field("kept"))];
        let foreign = browser
            .submit(&format!("{}{action}", fixture.base), &[("kept", &fields[0].1)])
            .await;
        assert_eq!(foreign.status, 403, "{}", foreign.body);
        assert_eq!(go_on(&fixture, &browser, action, &page).await.status, 200);
    }
);

scenario!(
    each_twin_of_a_dangerous_act_asks_for_a_fresh_proof,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        fixture.advance(Duration::from_secs(16 * 60));
        let source = id(&source);
        let nobody = "00000000-0000-7000-8000-000000000001";
        for action in [
            format!("/assistant/{source}/app"),
            format!("/assistant/{source}/contacts"),
            format!("/assistant/{source}/contacts/callback"),
            format!("/setup/{source}/callbacks"),
            format!("/setup/{source}/auth-source"),
            format!("/wecom/{source}/callbacks/{nobody}/renew"),
            format!("/wecom/{source}/callbacks/{nobody}/delete"),
            "/wecom/auth-sources/new".to_owned(),
            format!("/settings/tokens/{nobody}/revoke"),
            format!("/settings/registration/{nobody}/revoke"),
            format!("/settings/notices/channels/{nobody}/delete"),
            format!("/people/groups/{nobody}/delete"),
            format!("/sync/conflicts/{nobody}"),
            format!("/sync/identities/{nobody}"),
            "/portals/new/grafana".to_owned(),
            format!("/people/{user}/disable"),
            format!("/people/{user}/edit"),
        ] {
            let page = send(&fixture, &browser, &format!("/console{action}"), &[("name", "x")]).await;
            assert!(page.url.contains("/signin/"), "{action}: {} {}", page.url, page.body);
        }
        let stands = fixture.admin().get(&format!("users/{user}")).await;
        assert_eq!(text(&stands, "status"), "active");
    }
);

scenario!(
    a_form_without_its_deciding_word_does_nothing,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let owner = at_work(&fixture, "owner").await;
        let admin = fixture.admin();
        let user = admin.user_id(sample::NORMAL).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let (keys, runs) = (admin.items("keys").await, admin.items("sync-runs").await.len());
        let nobody = "00000000-0000-7000-8000-000000000001";
        for (action, fields) in [
            ("/settings/keys/rotate".to_owned(), &[("sure", "on")][..]),
            ("/sync".to_owned(), &[("data_source", id(&source))]),
            (format!("/sync/conflicts/{nobody}"), &[]),
            (format!("/sync/identities/{nobody}"), &[]),
            (
                format!("/requests/settings/{}", id(&source)),
                &[("username", sample::NORMAL)],
            ),
            (format!("/portals/{}/sessions/end", portal.id), &[]),
            (format!("/people/{user}/password-link"), &[]),
            (format!("/settings/operators/{user}/link"), &[]),
        ] {
            let page = sent(&fixture, &owner, &format!("/console{action}"), fields).await;
            assert!(
                page.status == 422 && page.body.contains("CO-106"),
                "{action}: {} {}",
                page.status,
                page.body
            );
        }
        assert_eq!(admin.items("keys").await, keys);
        assert_eq!(admin.items("sync-runs").await.len(), runs);
    }
);

/// Method, path below the API's, entity tag and body of a call that a page shows for a shell.
fn read(call: &str, base: &str) -> (String, String, Option<String>, Option<Value>) {
    let call = call.replace("&#39;", "'").replace("&#34;", "\"").replace("&#38;", "&");
    let method = call
        .split("-X ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .unwrap_or("GET");
    let address = call.split('\'').nth(1).unwrap();
    let path = address.strip_prefix(&format!("{base}/api/v1/"));
    let path = path.unwrap_or_else(|| panic!("{call} leads elsewhere than {base}"));
    let tag = call.split("if-match: ").nth(1).and_then(|rest| rest.split('\'').next());
    let body = call.split(" -d '").nth(1).and_then(|rest| rest.strip_suffix('\''));
    (
        method.to_owned(),
        path.to_owned(),
        tag.map(str::to_owned),
        body.map(|body| serde_json::from_str(body).unwrap()),
    )
}

/// The calls that a page shows, of which the last ones are those of its buttons.
fn calls(page: &Page) -> Vec<&str> {
    let (_, fold) = page.body.split_once("class=\"same\"").unwrap();
    let parts = fold.split("<code>").skip(1);
    parts.filter_map(|part| part.split("</code>").next()).collect()
}

scenario!(
    the_same_over_the_api_does_what_the_button_of_the_page_does,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let owner = at_work(&fixture, "owner").await;
        let admin = fixture.admin();
        let user = admin.user_id(sample::NORMAL).await;
        let group = groups::group(&fixture, "ops").await;
        let portal = fixture.portal("wiki", json!({})).await;
        let run = admin
            .create(&format!("data-sources/{}/sync", id(&source)), json!({ "mode": "plan" }))
            .await;
        admin.watch(id(&run)).await;
        for (page, wanted) in [
            (format!("/people/{user}/disable"), "PATCH"),
            (format!("/people/{user}/sign-out"), "DELETE"),
            (format!("/people/groups/{}/delete", id(&group)), "DELETE"),
            (format!("/sync/{}/confirm", id(&run)), "POST"),
            (format!("/portals/{}/delete", portal.id), "DELETE"),
        ] {
            let page = shown(&fixture, &owner, &format!("/console{page}")).await;
            let calls = calls(&page);
            let shown = calls.iter().map(|call| read(call, &fixture.base));
            let acts = shown.filter(|(method, path, ..)| method != "GET" && !path.contains("dry_run"));
            let mut acts = acts.filter(|(.., body)| body.as_ref().is_none_or(|body| body.get("dry_run").is_none()));
            let act = acts.next_back().unwrap();
            let (method, path, _, body) = &act;
            assert_eq!(method, wanted, "{act:?} of {calls:#?}");
            let done = admin.call(method, path, body.clone()).await;
            assert!(done.status < 300, "{act:?}: {} {:?}", done.status, done.body);
        }
        assert_eq!(admin.get(&format!("users/{user}")).await["status"], "disabled");
        assert_eq!(
            admin.status("GET", &format!("clients/{}", portal.id), None).await.0,
            404
        );
        // The tag of what the page shows is in the call, and whoever may not act is shown none.
        let portal = fixture.portal("blog", json!({})).await;
        let edit = format!("/console/portals/{}/edit", portal.id);
        let page = shown(&fixture, &owner, &edit).await;
        let last = calls(&page).last().map(|call| read(call, &fixture.base)).unwrap();
        assert_eq!(last.2, Some(page.field("version")));
        let auditor = at_work(&fixture, "auditor").await;
        let read = format!("/console/portals/{}", portal.id);
        let page = shown(&fixture, &auditor, &read).await;
        assert!(calls(&page).iter().all(|call| !call.contains("-X ")), "{}", page.body);
    }
);
