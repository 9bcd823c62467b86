//! The four steps as pages, without script: done or not done at a glance, left and gone on with from another browser, each fault at its field.

use serde_json::json;
use simulator::{Delivery, ExternalChange, Owner, sample};

use super::{CUSTOMER, CUSTOMERS, customer, told};
use crate::{
    actors::{Browser, Page, id, text},
    console::{Colleague, at_work, in_both_languages, send},
    fixture::Fixture,
    installations, scenario,
};

/// The value in the block that can be copied under this label.
fn copied(page: &Page, label: &str) -> String {
    let marked = format!("<p class=\"copy-label\">{label}</p>");
    let found = page
        .body
        .split_once(&marked)
        .and_then(|(_, rest)| rest.split_once("<code>"));
    let (_, rest) = found.unwrap_or_else(|| panic!("nothing called {label} can be copied: {}", page.body));
    rest.split("</code>").next().unwrap().replace("&#38;", "&")
}

/// The step that a page shows.
fn step(page: &Page) -> &str {
    page.url.split(['?', '#']).next().unwrap().rsplit('/').next().unwrap()
}

async fn open(fixture: &Fixture, browser: &Browser, path: &str) -> Page {
    let page = browser.open(&format!("{}/console/assistant{path}", fixture.base)).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    page
}

/// Sends the form of the page that is shown.
async fn fill(fixture: &Fixture, browser: &Browser, page: &Page, fields: &[(&str, &str)]) -> Page {
    let path = page.url.split(['?', '#']).next().unwrap();
    let version = page.body.contains("name=\"version\"").then(|| page.field("version"));
    let mut all: Vec<(&str, &str)> = version.iter().map(|version| ("version", version.as_str())).collect();
    all.extend(fields);
    send(fixture, browser, path.strip_prefix(&fixture.base).unwrap(), &all).await
}

/// Enters in WeCom's console what a page shows.
async fn enter(fixture: &Fixture, owner: Owner, page: &Page) {
    let [url, token, key] = ["URL", "Token", "EncodingAESKey"].map(|label| copied(page, label));
    let saved = fixture
        .wecom
        .configure_callback(sample::CORP, owner, &url, &token, &key);
    saved.await.unwrap();
}

/// Classes of the steps of the only company in the list, in their order.
async fn glance(fixture: &Fixture, browser: &Browser) -> String {
    let page = open(fixture, browser, "").await;
    let (_, row) = page.body.split_once("<tbody>").unwrap();
    let states = row.split("<span class=\"state ").skip(1);
    let words: Vec<&str> = states.map(|rest| rest.split('"').next().unwrap()).collect();
    words.join(" ")
}

const NEW: [(&str, &str); 4] = [
    ("name", "青云科技"),
    ("corp_id", sample::CORP),
    ("app.agent_id", "1000002"),
    ("app.secret", sample::APP_SECRET),
];

scenario!(
    four_steps_from_no_company_to_events_about_customers,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let none = open(&fixture, &browser, "").await;
        assert!(none.body.contains("/console/assistant/new"), "{}", none.body);
        // Only what works is offered.
        if let Some(install) = none.find_link("/console/installations/new") {
            assert_eq!(browser.open(&install).await.status, 200);
        }

        let page = open(&fixture, &browser, "/new").await;
        let mut wrong = NEW;
        wrong[3].1 = "nonsense-secret";
        let refused = fill(&fixture, &browser, &page, &wrong).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(
            refused.body.contains("id=\"f-app-secret-fault\"") && refused.body.contains("DI-237"),
            "{}",
            refused.body
        );
        assert!(refused.body.contains("青云科技"), "nothing typed is lost");
        let page = fill(&fixture, &browser, &page, &NEW).await;
        assert_eq!((page.status, step(&page)), (200, "contacts"), "{}", page.body);
        let source = fixture.admin().items("data-sources").await.remove(0);
        let auth_source = fixture.auth_source(sample::CORP).await;
        assert_eq!(
            text(&auth_source, "data_source_id"),
            id(&source),
            "it comes with the app"
        );
        assert_eq!(glance(&fixture, &browser).await, "ok waiting waiting waiting");

        for (word, field, wrong, secret, owner) in [
            (
                "contacts",
                "contacts_secret",
                ("DI-240", sample::APP_SECRET),
                sample::CONTACTS_SECRET,
                Owner::Contacts,
            ),
            (
                "external-contacts",
                "customer_secret",
                ("DI-248", sample::APP_SECRET),
                sample::CUSTOMER_SECRET,
                CUSTOMERS,
            ),
        ] {
            let path = format!("/{}/{word}", id(&source));
            let page = open(&fixture, &browser, &path).await;
            assert!(
                !page.body.contains("copy-label"),
                "nothing is made before there is a secret: {}",
                page.body
            );
            let refused = fill(&fixture, &browser, &page, &[(field, wrong.1)]).await;
            assert_eq!(refused.status, 422, "{}", refused.body);
            let fault = format!("id=\"f-{}-fault\"", field.replace('_', "-"));
            assert!(
                refused.body.contains(&fault) && refused.body.contains(wrong.0),
                "{}",
                refused.body
            );
            assert!(
                refused.body.contains("class=\"place\"") && !refused.body.contains(wrong.1),
                "{}",
                refused.body
            );

            let issued = fill(&fixture, &browser, &page, &[(field, secret)]).await;
            assert_eq!(issued.status, 200, "{}", issued.body);
            let live = open(&fixture, &browser, &format!("{path}/live")).await;
            assert!(live.body.contains("Nothing has arrived yet"), "{}", live.body);
            assert!(!live.body.contains("<html"), "it is a fragment: {}", live.body);
            // Left here; another one goes on where WeCom is still to be told.
            let other = owner_elsewhere(&fixture).await;
            let gone_on = open(&fixture, &other, &format!("/{}", id(&source))).await;
            assert_eq!(step(&gone_on), word, "{}", gone_on.body);
            // Without script the page looks by itself.
            assert!(gone_on.body.contains("http-equiv=\"refresh\""), "{}", gone_on.body);
            assert!(
                !gone_on.body.contains("copy-label"),
                "token and key are shown once: {}",
                gone_on.body
            );

            enter(&fixture, owner, &issued).await;
            let live = open(&fixture, &other, &format!("{path}/live")).await;
            assert_eq!(live.body.matches("state yes").count(), 5, "{}", live.body);
            let seen = open(&fixture, &browser, &path).await;
            assert!(
                !seen.body.contains("http-equiv=\"refresh\""),
                "it is over: {}",
                seen.body
            );
            for secret in [secret, &copied(&issued, "Token"), &copied(&issued, "EncodingAESKey")] {
                assert!(!seen.body.contains(secret), "{}", seen.body);
            }
        }
        assert_eq!(glance(&fixture, &browser).await, "ok ok ok ok");
        let event = customer(ExternalChange::AddExternalContact, CUSTOMER);
        assert_eq!(
            told(&fixture, CUSTOMERS, event, Delivery::default()).await.statuses,
            [200]
        );
        let finish = open(&fixture, &browser, &format!("/{}", id(&source))).await;
        assert_eq!(step(&finish), "finish", "{}", finish.body);
        assert!(
            finish.body.contains("Everything is authorised") && finish.body.contains("2 members have customers."),
            "{}",
            finish.body
        );
        let events = format!("/console/wecom/{}/external-contacts", id(&source));
        let listed = browser.open(&finish.link(&events)).await;
        assert!(
            listed.body.contains(CUSTOMER) && listed.body.contains("chuwei"),
            "{}",
            listed.body
        );
        for word in ["app", "contacts", "external-contacts", "finish"] {
            in_both_languages(
                &fixture,
                &browser,
                &format!("/console/assistant/{}/{word}", id(&source)),
            )
            .await;
        }
        for path in ["/console/assistant", "/console/assistant/new", &events] {
            in_both_languages(&fixture, &browser, path).await;
        }
    }
);

/// Another admin, at another browser.
async fn owner_elsewhere(fixture: &Fixture) -> Browser {
    let name = format!("colleague-{}", fixture.admin().items("users?limit=200").await.len());
    let user = json!({ "username": name, "console_role": "admin" });
    let user = fixture.admin().create("users", user).await;
    crate::password::give_password(fixture, id(&user), crate::password::GOOD).await;
    let (app, _) = crate::password::totp::set_up(fixture, id(&user)).await;
    fixture.advance(std::time::Duration::from_secs(60));
    let colleague = Colleague {
        id: id(&user).to_owned(),
        username: name,
        app,
    };
    colleague.browser(fixture).await
}

scenario!(
    a_fault_later_on_shows_at_its_step_and_what_was_made_can_be_made_anew,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = crate::assistant::source(&fixture, json!({ "customer_secret": sample::CUSTOMER_SECRET })).await;
        crate::assistant::connect_customers(&fixture, &source).await;
        let browser = at_work(&fixture, "admin").await;
        assert_eq!(glance(&fixture, &browser).await, "ok waiting ok waiting");
        let refusal = simulator::world::FaultKind::Errcode(84074);
        fixture.add_fault(simulator::world::Fault::new("/cgi-bin/externalcontact/", refusal));
        let look = format!("/console/assistant/{}/look", id(&source));
        let page = send(&fixture, &browser, &look, &[("step", "external-contacts")]).await;
        assert_eq!((page.status, step(&page)), (200, "external-contacts"), "{}", page.body);
        assert!(
            page.body.contains("id=\"f-customer-secret-fault\"") && page.body.contains("DI-250"),
            "{}",
            page.body
        );
        assert_eq!(glance(&fixture, &browser).await, "ok waiting error waiting");
        fixture.mend_wecom();
        send(&fixture, &browser, &look, &[("step", "external-contacts")]).await;
        assert_eq!(glance(&fixture, &browser).await, "ok waiting ok waiting");

        // A new Token and key are not verified yet.
        let renew = format!("/console/assistant/{}/external-contacts/callback", id(&source));
        let page = send(&fixture, &browser, &renew, &[]).await;
        assert!(page.status == 200 && page.body.contains("copy-label"), "{}", page.body);
        assert_eq!(glance(&fixture, &browser).await, "ok waiting waiting waiting");
        enter(&fixture, CUSTOMERS, &page).await;
        assert_eq!(glance(&fixture, &browser).await, "ok waiting ok waiting");
        let nowhere = browser
            .open(&format!("{}/console/assistant/{}/nonsense", fixture.base, id(&source)))
            .await;
        assert_eq!(nowhere.status, 404, "{}", nowhere.body);
    }
);

// Its corp ID and ids are the suite's, so no secret and no callback of the company's own would fit.
scenario!(
    a_company_that_installed_the_app_goes_through_the_steps_with_nothing_to_enter,
    |fixture: Fixture| async move {
        let suite = installations::suite(&fixture).await;
        let installed = installations::connected(&fixture, &suite).await;
        let source = text(&installed, "data_source_id");
        let browser = at_work(&fixture, "admin").await;
        let list = open(&fixture, &browser, "").await;
        let install = browser.open(&list.link("/console/installations/new")).await;
        assert_eq!(install.status, 200, "{}", install.body);
        assert_eq!(glance(&fixture, &browser).await, "ok ok ok ok");
        let page = open(&fixture, &browser, &format!("/{source}/app")).await;
        assert!(page.body.contains(text(&installed, "suite_name")), "{}", page.body);
        let own = format!("/console/installations/{}", id(&installed));
        let shown = browser.open(&page.link(&own)).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        for word in ["app", "contacts", "external-contacts", "finish"] {
            let [page, _] = in_both_languages(&fixture, &browser, &format!("/console/assistant/{source}/{word}")).await;
            for field in ["app.secret", "contacts_secret", "customer_secret"] {
                let asked = format!("name=\"{field}\"");
                assert!(!page.body.contains(&asked), "{word}: {}", page.body);
            }
        }
        for (word, field, secret) in [
            ("contacts", "contacts_secret", sample::CONTACTS_SECRET),
            ("external-contacts", "customer_secret", sample::CUSTOMER_SECRET),
        ] {
            let path = format!("/console/assistant/{source}/{word}");
            let sent = send(&fixture, &browser, &path, &[(field, secret)]).await;
            assert_eq!((sent.status, step(&sent)), (200, word), "{}", sent.body);
            let live = open(&fixture, &browser, &format!("/{source}/{word}/live")).await;
            assert!(live.body.contains("verified this URL"), "{}", live.body);
        }
        let kept = fixture.admin().get(&format!("data-sources/{source}")).await;
        assert_eq!(
            (&kept["contacts_secret_set"], &kept["customer_secret_set"]),
            (&json!(false), &json!(false)),
            "{kept}"
        );
        for owner in ["contacts", "app", "external_contacts"] {
            let path = format!("data-sources/{source}/callbacks");
            let refused = fixture
                .admin()
                .call("POST", &path, Some(json!({ "owner": owner })))
                .await;
            assert_eq!(refused.refusal(), (422, "CB-104"), "{}", refused.body);
        }
        let finish = open(&fixture, &browser, &format!("/{source}")).await;
        assert_eq!(step(&finish), "finish", "{}", finish.body);
        assert!(finish.body.contains("Everything is authorised"), "{}", finish.body);
    }
);

scenario!(whoever_may_not_set_up_is_told_who_can, |fixture: Fixture| async move {
    let source = crate::assistant::source(&fixture, json!({})).await;
    let browser = at_work(&fixture, "operator").await;
    for path in [
        "",
        "/new",
        &format!("/{}/contacts", id(&source)),
        &format!("/{}/finish", id(&source)),
    ] {
        let page = browser.open(&format!("{}/console/assistant{path}", fixture.base)).await;
        assert_eq!(page.status, 403, "{path}: {}", page.body);
    }
    let path = format!("/console/assistant/{}/external-contacts", id(&source));
    let sent = send(
        &fixture,
        &browser,
        &path,
        &[("customer_secret", sample::CUSTOMER_SECRET)],
    )
    .await;
    assert_eq!(sent.status, 403, "{}", sent.body);
    let kept = fixture.admin().get(&format!("data-sources/{}", id(&source))).await;
    assert_eq!(kept["customer_secret_set"], false);
});
