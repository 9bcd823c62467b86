//! A forgotten password: who asks learns nothing, a link is mailed to whom they mean, and it works once.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{GOOD, OTHER, connect_with_password, give_password, is_wrong, lets_in, link, local_user, sign_in, totp};
use crate::{
    actors::{Browser, Page, Portal, text},
    fixture::Fixture,
    notices::{mail_channel, smtp_sink::SmtpSink},
    scenario,
};

pub(super) const ADDRESS: &str = "anna@corp.example";

/// A mail server, and somebody with a password and an address, whose mails are in English.
pub(super) async fn anna(fixture: &Fixture) -> (SmtpSink, String, Portal) {
    let sink = SmtpSink::listen();
    mail_channel(fixture, &sink).await;
    // The only mails are those with links.
    let alone = json!({ "topics": ["password_forgotten"] });
    fixture.admin().change("personal-notices", alone).await;
    let user = with_address(fixture, "anna", ADDRESS).await;
    (sink, user, fixture.portal("wiki", json!({})).await)
}

pub(super) async fn with_address(fixture: &Fixture, username: &str, address: &str) -> String {
    let user = local_user(fixture, username).await;
    let own = json!({ "email": address, "locale": "en" });
    fixture.admin().change(&format!("users/{user}"), own).await;
    give_password(fixture, &user, GOOD).await;
    user
}

/// The login page of a portal, and behind it the page that asks.
async fn ask_page(portal: &Portal, browser: &Browser) -> Page {
    let login = browser.open(&portal.authorize_url(&[])).await;
    browser.open(&login.link("/forgotten")).await
}

/// Types this; answers the page and waits until what follows is done.
pub(super) async fn ask(fixture: &Fixture, portal: &Portal, typed: &str) -> Page {
    let browser = fixture.browser();
    let page = ask_page(portal, &browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let token = page.field("form");
    let form = [("form", token.as_str()), ("who", typed)];
    let mut answer = browser.submit(&page.url, &form).await;
    fixture.wait_for_background_work().await;
    fixture.app.tick().await.unwrap();
    // The same journey has another id each time.
    let journey = page.url.split('/').nth(4).unwrap();
    answer.body = answer.body.replace(journey, "JOURNEY");
    answer
}

/// The link of the last mail.
pub(super) fn mailed(fixture: &Fixture, sink: &SmtpSink) -> Value {
    let mails = sink.mails();
    let text = mails.last().expect("a mail").readable();
    let begin = format!("{}/password/", fixture.base);
    let at = text.find(&begin).unwrap_or_else(|| panic!("no link in {text}"));
    let url: String = text[at..]
        .chars()
        .take_while(|c| !c.is_whitespace() && *c != '"')
        .collect();
    json!({ "url": url })
}

pub(super) async fn choose(fixture: &Fixture, link: &Value, password: &str) -> Page {
    super::choose(fixture, link, password).await
}

scenario!(
    a_link_is_mailed_to_the_address_and_a_new_password_ends_what_was_before,
    |fixture: Fixture| async move {
        let (sink, user, portal) = anna(&fixture).await;
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, "anna", GOOD).await;
        assert!(page.returned("code").is_some());
        let (invitation, codes) = (
            link(&fixture, &user).await,
            fixture
                .admin()
                .create(&format!("users/{user}/totp-link"), json!({}))
                .await,
        );
        ask(&fixture, &portal, "  ANNA ").await;
        let mail = sink.mails().remove(0);
        assert!(mail.to[0].contains(ADDRESS) && sink.mails().len() == 1);
        assert_eq!(
            mail.header("subject").as_deref(),
            Some("A new password for your account")
        );
        assert!(mail.readable().contains("Username: anna"), "{}", mail.text);
        let mailed = mailed(&fixture, &sink);
        // Scanners of mail gateways open links before people do.
        let url = text(&mailed, "url");
        let opened = join_all((0..50).map(|_| async { fixture.browser().get(url).await.status })).await;
        assert!(opened.iter().all(|status| *status == 200), "{opened:?}");
        lets_in(&fixture, &portal, "anna", GOOD).await;
        assert_eq!(choose(&fixture, &mailed, OTHER).await.status, 200);
        portal.assert_signed_out(&browser).await;
        is_wrong(&fixture, &portal, "anna", GOOD).await;
        lets_in(&fixture, &portal, "anna", OTHER).await;
        for dead in [&mailed, &invitation] {
            assert_eq!(choose(&fixture, dead, GOOD).await.status, 404, "used, or void with it");
        }
        assert_eq!(
            fixture.browser().get(text(&codes, "url")).await.status,
            404,
            "all links are void"
        );
        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        let told = events.iter().map(Value::to_string).collect::<String>();
        assert!(
            told.contains("password link mailed") && told.contains("\"link_made_by\":\"mail\""),
            "{told}"
        );
        let token = url.rsplit('/').next().unwrap();
        let kept = fixture.admin().items("notices").await;
        assert!(
            !told.contains(token) && !json!(kept).to_string().contains(token),
            "a link is shown nowhere"
        );
    }
);

scenario!(
    whoever_asks_learns_nothing_and_nobody_else_is_mailed,
    |fixture: Fixture| async move {
        let (sink, _, portal) = anna(&fixture).await;
        let (_, synced) = connect_with_password(&fixture).await;
        let body = ask(&fixture, &portal, "anna").await.body;
        assert_eq!(sink.mails().len(), 1);
        // Nobody; a password of nobody; no password; disabled; an address that two have; one that a template made up; what is no text at all.
        let unable = local_user(&fixture, "bernd").await;
        let path = format!("users/{unable}");
        fixture
            .admin()
            .change(&path, json!({ "email": "bernd@corp.example" }))
            .await;
        let disabled = with_address(&fixture, "carla", "carla@corp.example").await;
        fixture
            .admin()
            .change(&format!("users/{disabled}"), json!({ "status": "disabled" }))
            .await;
        with_address(&fixture, "dora", "shared@corp.example").await;
        with_address(&fixture, "emil", "Shared@corp.example").await;
        with_address(&fixture, "frieda", "frieda@corp.example").await;
        let none = json!({ "email": null });
        fixture
            .admin()
            .change(&format!("users/{}", fixture.admin().user_id("frieda").await), none)
            .await;
        for typed in [
            "nobody",
            "nobody@corp.example",
            "bernd",
            "bernd@corp.example",
            "carla",
            "dora",
            "shared@corp.example",
            "frieda",
            "<script>x</script>\u{202e}",
            "a\r\nBcc: b@corp.example",
            "%",
            &"x".repeat(300),
        ] {
            let page = ask(&fixture, &portal, typed).await;
            assert_eq!(page.status, 200, "{typed}");
            let differs = page.body != body;
            assert!(!differs, "{typed}: {}\n{body}", page.body);
            assert!(!page.body.contains(typed) || typed == "%", "{typed}");
        }
        assert_eq!(
            sink.mails().len(),
            1,
            "{:?}",
            sink.mails().iter().map(|mail| &mail.to).collect::<Vec<_>>()
        );
        // The address does as well as the name, in any case; members of a company with passwords are mailed too.
        with_address(&fixture, "gustav", "gustav@corp.example").await;
        ask(&fixture, &portal, "GUSTAV@corp.example").await;
        assert!(sink.mails()[1].to[0].contains("gustav@corp.example"));
        let path = format!("users/{synced}");
        fixture
            .admin()
            .change(&path, json!({ "email": "lihua@corp.example" }))
            .await;
        let username = text(&fixture.admin().get(&path).await, "username").to_owned();
        ask(&fixture, &portal, &username).await;
        assert!(sink.mails()[2].to[0].contains("lihua@corp.example"));
    }
);

scenario!(
    a_mailed_link_lives_for_30_minutes_for_that_address_alone_and_the_newest_only,
    |fixture: Fixture| async move {
        let (sink, user, portal) = anna(&fixture).await;
        ask(&fixture, &portal, "anna").await;
        let first = mailed(&fixture, &sink);
        ask(&fixture, &portal, ADDRESS).await;
        assert_eq!(sink.mails().len(), 1, "who asks twice at once follows the first mail");
        fixture.advance(Duration::from_secs(121));
        ask(&fixture, &portal, "anna").await;
        let second = mailed(&fixture, &sink);
        assert_eq!(choose(&fixture, &first, OTHER).await.status, 404, "replaced");
        fixture.advance(Duration::from_secs(30 * 60 - 1));
        assert_eq!(fixture.browser().get(text(&second, "url")).await.status, 200);
        fixture.advance(Duration::from_secs(1));
        assert_eq!(choose(&fixture, &second, OTHER).await.status, 404, "too old");
        fixture.advance(Duration::from_secs(3600));
        ask(&fixture, &portal, "anna").await;
        let third = mailed(&fixture, &sink);
        let elsewhere = json!({ "email": "other@corp.example" });
        fixture.admin().change(&format!("users/{user}"), elsewhere).await;
        assert_eq!(
            choose(&fixture, &third, OTHER).await.status,
            404,
            "sent to an address that is not theirs any more"
        );
        // What is for codes is not for passwords, nor the other way round.
        let path = text(&third, "url").replace("/password/", "/totp/");
        assert_eq!(fixture.browser().get(&path).await.status, 404);
        lets_in(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(
    of_100_parallel_uses_of_a_mailed_link_exactly_one_wins,
    |fixture: Fixture| async move {
        let (sink, _, portal) = anna(&fixture).await;
        ask(&fixture, &portal, "anna").await;
        let mailed = mailed(&fixture, &sink);
        let passwords: Vec<String> = (0..100)
            .map(|number| format!("a walk number {number} to the sea"))
            .collect();
        let pages = join_all(passwords.iter().map(|password| choose(&fixture, &mailed, password))).await;
        let won: Vec<usize> = (0..pages.len()).filter(|at| pages[*at].status == 200).collect();
        assert_eq!(
            won.len(),
            1,
            "{:?}",
            pages.iter().map(|page| page.status).collect::<Vec<_>>()
        );
        assert!(pages.iter().all(|page| [200, 404, 503].contains(&page.status)));
        lets_in(&fixture, &portal, "anna", &passwords[won[0]]).await;
    }
);

scenario!(
    asking_is_bounded_by_name_by_user_and_by_network,
    |fixture: Fixture| async move {
        let (sink, _, portal) = anna(&fixture).await;
        let mut answers = Vec::new();
        for _ in 0..5 {
            answers.push(ask(&fixture, &portal, "anna").await.body);
            fixture.advance(Duration::from_secs(121));
        }
        assert_eq!(sink.mails().len(), 3, "by what was typed");
        ask(&fixture, &portal, ADDRESS).await;
        assert_eq!(sink.mails().len(), 3, "by user, whatever was typed");
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        let browser = fixture.browser().at_address("203.0.113.9");
        let page = ask_page(&portal, &browser).await;
        let token = page.field("form");
        let mut statuses = Vec::new();
        for number in 0..21 {
            let who = format!("nobody{number}");
            let form = [("form", token.as_str()), ("who", who.as_str())];
            statuses.push(browser.submit(&page.url, &form).await);
        }
        assert!(statuses[..20].iter().all(|answer| answer.status == 200));
        let last = statuses.last().unwrap();
        assert!(last.status == 429 && last.body.contains("SI-206"), "{}", last.body);
        // Others go on.
        fixture.advance(Duration::from_secs(3600));
        ask(&fixture, &portal, "anna").await;
        assert_eq!(sink.mails().len(), 4);
    }
);

scenario!(
    it_is_offered_where_mail_can_be_sent_and_an_admin_has_not_switched_it_off,
    |fixture: Fixture| async move {
        local_user(&fixture, "bernd").await;
        crate::password::anna(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        assert!(login.find_link("/forgotten").is_none(), "no channel stands");
        let page = format!("{}/forgotten", login.url.split('?').next().unwrap());
        assert_eq!(browser.get(&page).await.status, 404);
        mail_channel(&fixture, &SmtpSink::listen()).await;
        assert_eq!(browser.get(&page).await.status, 200);
        let told = fixture.admin().get("personal-notices").await;
        let topics: Vec<&Value> = told["topics"].as_array().unwrap().iter().collect();
        let rest: Vec<&&Value> = topics.iter().filter(|topic| **topic != "password_forgotten").collect();
        assert_eq!(rest.len() + 1, topics.len());
        fixture
            .admin()
            .change("personal-notices", json!({ "topics": rest }))
            .await;
        assert_eq!(browser.get(&page).await.status, 404, "switched off");
        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        assert_eq!(
            events
                .iter()
                .filter(|event| event["subject"] == "personal_notices")
                .count(),
            1
        );
        let refused = json!({ "topics": ["alert"] });
        let refused = fixture.admin().call("PATCH", "personal-notices", Some(refused)).await;
        assert_eq!(refused.refusal(), (422, "NO-101"));
        // One form of another browser is worth nothing in this one.
        fixture
            .admin()
            .change("personal-notices", json!({ "topics": topics }))
            .await;
        let form = [("form", "made up"), ("who", "anna")];
        assert_eq!(browser.post(&page, &form).await.status, 403);
    }
);

scenario!(
    a_mailbox_alone_sets_up_no_codes_and_takes_none_away,
    |fixture: Fixture| async move {
        let (sink, user, portal) = anna(&fixture).await;
        totp::set_up(&fixture, &user).await;
        ask(&fixture, &portal, "anna").await;
        assert_eq!(choose(&fixture, &mailed(&fixture, &sink), OTHER).await.status, 200);
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, "anna", OTHER).await;
        assert!(
            page.url.contains("/signin/code/"),
            "the code is asked for as ever: {}",
            page.url
        );
    }
);
