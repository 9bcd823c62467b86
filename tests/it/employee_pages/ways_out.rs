//! Pages that are no failure have a way out too: nobody has to close one, or to go on as somebody else.

use serde_json::json;
use simulator::sample;

use super::{absolute, ways};
use crate::{
    actors::{As, Browser, Page, id, id_claims},
    consent, device,
    email_verification::{ADDRESS, sent, with_address},
    fixture::Fixture,
    notices::{mail_channel, smtp_sink::SmtpSink},
    password::{GOOD, anna, anna_and_portal, link, local_user, sign_in, totp},
    scenario,
    signin::in_app_callback,
    signing_out::{BYE, confirm_logout, logout_url},
};

/// Each way on works, at a portal or here.
async fn leads_out(how: &str, browser: &Browser, page: &Page) {
    let ways = ways(page);
    assert!(!ways.is_empty(), "{how}: a dead end: {}", page.body);
    for (label, way) in &ways {
        if way.contains(".portal.example/") {
            continue;
        }
        let next = browser.open(&absolute(page, way)).await;
        let arrived = next.status < 400 && next.url != page.url;
        assert!(arrived, "{how}: {label} ({way}) leads to {} {}", next.status, next.url);
    }
}

/// The same of a page that asks something, which can be read in the other language.
async fn asks_and_leads_out(how: &str, browser: &Browser, page: &Page) {
    assert_eq!(page.status, 200, "{how}: {}", page.body);
    leads_out(how, browser, page).await;
    let chinese = browser.open(&absolute(page, &page.link("keep=1"))).await;
    assert!(
        chinese.body.contains("<html lang=\"zh-CN\">"),
        "{how}: {}",
        chinese.body
    );
    let english = browser.open(&absolute(&chinese, &chinese.link("keep=1"))).await;
    assert!(english.body.contains("<html lang=\"en\">"), "{how}: {}", english.body);
}

fn hrefs(page: &Page) -> Vec<String> {
    ways(page).into_iter().map(|(_, href)| href).collect()
}

scenario!(
    whoever_is_asked_whether_to_sign_out_can_go_on_signed_in,
    |fixture: Fixture| async move {
        let (_, browser, _) = fixture.signed_in().await;
        let url = logout_url(&fixture, &[("client_id", "wiki"), ("post_logout_redirect_uri", BYE)]);
        let page = browser.get(&url).await;
        asks_and_leads_out("the question", &browser, &page).await;
        assert_eq!(
            hrefs(&page),
            ["https://wiki.portal.example/", "/account", "/"],
            "{}",
            page.body
        );
        let refused = browser.get(&logout_url(&fixture, &[("id_token_hint", "e30")])).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        leads_out("a request to sign out that cannot be verified", &browser, &refused).await;
        assert!(refused.body.contains("keep=1"), "{}", refused.body);
        let stale = browser
            .post(
                &format!("{}/oauth2/logout", fixture.base),
                &[("confirm", "of another session")],
            )
            .await;
        assert!(stale.body.contains("OP-172"), "{}", stale.body);
        assert_eq!(hrefs(&stale)[0], "/oauth2/logout", "{}", stale.body);
        let asked = browser.get(&absolute(&stale, "/oauth2/logout")).await;
        let done = confirm_logout(&fixture, &browser, &asked, &[]).await;
        assert_eq!(done.status, 200, "{}", done.body);
        leads_out("signed out", &browser, &done).await;
    }
);

scenario!(
    whoever_signed_out_before_finds_the_way_back_to_the_portal_that_asks_and_is_not_sent_there,
    |fixture: Fixture| async move {
        let (_, browser, _) = fixture.signed_in().await;
        let asked = [
            ("client_id", "wiki"),
            ("post_logout_redirect_uri", BYE),
            ("state", "s1"),
        ];
        for who in [&fixture.browser(), &browser] {
            let mut page = who.get(&logout_url(&fixture, &asked)).await;
            if who.cookie("menjin_session").is_some() {
                page = confirm_logout(&fixture, who, &page, &asked).await;
                assert_eq!(page.location, Some(format!("{BYE}?state=s1")), "{}", page.body);
                page = who.get(&logout_url(&fixture, &asked)).await;
            }
            assert_eq!((page.status, &page.location), (200, &None), "{}", page.body);
            assert_eq!(hrefs(&page)[0], format!("{BYE}?state=s1"), "{}", page.body);
            leads_out("nobody is signed in", who, &page).await;
        }
        let foreign = logout_url(
            &fixture,
            &[
                ("client_id", "wiki"),
                ("post_logout_redirect_uri", "https://e.example/"),
            ],
        );
        let page = browser.get(&foreign).await;
        assert!(!page.body.contains("https://e.example/\""), "{}", page.body);
    }
);

scenario!(
    the_pages_of_a_password_have_a_way_for_whoever_typed_another_name_or_has_no_phone_at_hand,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let nobody = fixture.browser();
        let chosen = link(&fixture, &local_user(&fixture, "bea").await).await;
        let page = nobody.get(chosen["url"].as_str().unwrap()).await;
        asks_and_leads_out("a link to a password", &nobody, &page).await;
        let link = fixture
            .admin()
            .create(&format!("users/{user}/totp-link"), json!({}))
            .await;
        let url = link["url"].as_str().unwrap();
        let page = nobody.get(url).await;
        asks_and_leads_out("a link to codes", &nobody, &page).await;
        let app = totp::Authenticator::scan(&page);
        let page = nobody.post(url, &[("code", &app.shows(&fixture, 0))]).await;
        assert!(page.body.contains("recovery codes"), "{}", page.body);
        leads_out("recovery codes behind a link", &nobody, &page).await;

        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, "anna", GOOD).await;
        assert!(page.url.contains("/signin/code/"), "{}", page.url);
        asks_and_leads_out("the page for a code", &browser, &page).await;
        let login = browser.open(&absolute(&page, &hrefs(&page)[0])).await;
        assert!(login.body.contains("name=\"username\""), "another name: {}", login.body);
    }
);

scenario!(
    whoever_must_set_codes_up_first_can_sign_in_another_way_instead,
    |fixture: Fixture| async move {
        anna(&fixture).await;
        let base = fixture.restart_with(&[("PASSWORD__TOTP", "required")]).await;
        let portal = fixture.portal("wiki", json!({})).await.at(&base);
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, "anna", GOOD).await;
        assert!(page.url.contains("/signin/enrol/"), "{}", page.url);
        asks_and_leads_out("setting codes up", &browser, &page).await;
        let login = browser.open(&absolute(&page, &hrefs(&page)[0])).await;
        assert!(login.body.contains("name=\"username\""), "{}", login.body);
    }
);

scenario!(
    whoever_is_asked_in_another_browser_whether_it_is_them_can_say_no,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let callback = in_app_callback(&fixture, &portal).await;
        let browser = fixture.browser();
        let page = browser.open(&callback).await;
        assert!(page.url.contains("/signin/confirm/"), "{}", page.url);
        asks_and_leads_out("the confirmation", &browser, &page).await;
        let login = browser.open(&absolute(&page, &hrefs(&page)[0])).await;
        let page = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::BY_PICK))
            .await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

scenario!(
    whoever_is_asked_for_consent_can_go_on_with_another_account,
    |fixture: Fixture| async move {
        let (portal, browser, question) = consent::questioned(&fixture).await;
        asks_and_leads_out("the question", &browser, &question).await;
        let login = browser.open(&absolute(&question, &hrefs(&question)[0])).await;
        let other = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::BY_PICK))
            .await;
        assert!(other.url.contains("/oauth2/consent/"), "{} {}", other.url, other.body);
        assert!(other.body.contains(sample::BY_PICK), "whose consent: {}", other.body);
        consent::allowed(&portal, &browser, &other).await;
        // Nobody else begins anything by its address.
        let gone = fixture.browser().open(&format!("{}?account=other", question.url)).await;
        assert_eq!(gone.status, 400, "{}", gone.body);
    }
);

scenario!(
    a_device_is_let_in_with_another_account_than_the_one_signed_in,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = device::portal(&fixture, "tv", json!({})).await;
        let browser = fixture.browser();
        let typing = browser.get(&format!("{}/device", fixture.base)).await;
        asks_and_leads_out("the page for the code of a device", &browser, &typing).await;
        let (browser, before) = device::signed_in(&fixture, &portal).await;
        let issued = device::asked(&fixture, &portal).await;
        let question = device::question(&browser, &issued).await;
        asks_and_leads_out("the question", &browser, &question).await;
        let login = browser.open(&absolute(&question, &hrefs(&question)[0])).await;
        let other = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::BY_PICK))
            .await;
        assert!(other.body.contains("name=\"decision\""), "{} {}", other.url, other.body);
        let done = device::answer(&fixture, &browser, &issued, "allow").await;
        leads_out("allowed", &browser, &done).await;
        let tokens = device::poll(&portal, &issued).await;
        assert_ne!(id_claims(&tokens.body)["sub"], before["sub"], "{}", tokens.body);
    }
);

scenario!(
    an_address_is_no_dead_end_for_whoever_does_not_know_the_account,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let user = with_address(&fixture, "anna", ADDRESS).await;
        let link = sent(&fixture, &sink, &user).await;
        let browser = fixture.browser();
        let page = browser.get(&link).await;
        asks_and_leads_out("the question", &browser, &page).await;
        let done = browser.post(&link, &[]).await;
        assert_eq!(done.status, 200, "{}", done.body);
        leads_out("verified", &browser, &done).await;
    }
);

scenario!(
    my_sign_ins_say_what_each_application_got_and_lead_there,
    |fixture: Fixture| async move {
        let (_, browser, _) = fixture.signed_in().await;
        let page = browser.get(&format!("{}/account", fixture.base)).await;
        asks_and_leads_out("my sign-ins", &browser, &page).await;
        assert!(
            page.body.contains("It gets: ") && page.body.contains("profile"),
            "{}",
            page.body
        );
        assert!(
            page.body.contains("href=\"https://wiki.portal.example/\"><bdi>wiki"),
            "{}",
            page.body
        );
        let clients = fixture.admin().items("clients").await;
        let path = format!("clients/{}", id(&clients[0]));
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        let page = browser.get(&format!("{}/account", fixture.base)).await;
        assert!(!page.body.contains("https://wiki.portal.example/"), "{}", page.body);
    }
);
