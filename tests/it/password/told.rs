//! People are told what happens to their account, and of sign-ins with browsers that are not known for them.

use serde_json::{Value, json};
use simulator::sample;

use super::{GOOD, OTHER, give_password, link, local_user, sign_in, totp};
use crate::{
    actors::{Browser, text},
    fixture::Fixture,
    notices::{
        mail_channel,
        smtp_sink::{Mail, SmtpSink},
    },
    scenario,
};

/// A mail server, and somebody with an address, whose mails are in English.
async fn anna(fixture: &Fixture) -> (SmtpSink, String) {
    let sink = SmtpSink::listen();
    mail_channel(fixture, &sink).await;
    let user = local_user(fixture, "anna").await;
    let own = json!({ "email": "anna@corp.example", "locale": "en" });
    fixture.admin().change(&format!("users/{user}"), own).await;
    (sink, user)
}

/// What was mailed since then: the subjects, and the mails.
async fn told(fixture: &Fixture, sink: &SmtpSink, since: usize) -> (Vec<String>, Vec<Mail>) {
    fixture.app.tick().await.unwrap();
    let mails = sink.mails().split_off(since);
    let subjects = mails.iter().map(|mail| mail.header("subject").unwrap());
    (subjects.collect(), mails)
}

scenario!(
    whatever_is_done_to_an_account_is_told_with_who_when_and_from_where,
    |fixture: Fixture| async move {
        let (sink, user) = anna(&fixture).await;
        let mut since = 0;
        let mut last = async |expected: &[&str]| {
            let (subjects, mails) = told(&fixture, &sink, since).await;
            assert_eq!(subjects, expected);
            since += mails.len();
            mails.last().map(Mail::readable).unwrap_or_default()
        };
        let made = link(&fixture, &user).await;
        let mail = last(&["A link to a new password was made for you"]).await;
        assert!(
            mail.contains("By: an administrator") && mail.contains("When: 2026-01-05 16:00 (UTC+8)"),
            "{mail}"
        );
        assert!(
            mail.contains(&format!("{}/account", fixture.base)) && !mail.contains("/password/"),
            "{mail}"
        );
        let agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 <script>\"x\"</script>";
        let posted = fixture
            .http
            .post(text(&made, "url"))
            .header("user-agent", agent)
            .form(&[("password", GOOD), ("again", GOOD)])
            .send()
            .await
            .unwrap();
        assert_eq!(posted.status(), 200);
        let mail = last(&["Your password was changed"]).await;
        for part in [
            "By: you, or",
            "Browser: Chrome, Windows",
            "From the address: 127.0.0.1",
            "Username: anna",
        ] {
            assert!(mail.contains(part), "{part}: {mail}");
        }
        assert!(!mail.contains("script"), "{mail}");
        totp::set_up(&fixture, &user).await;
        last(&[
            "A link to one-time codes was made for you",
            "One-time codes were set up for your account",
        ])
        .await;
        for (what, subject) in [
            ("totp", "Your one-time codes were taken away"),
            ("password", "Your password was taken away"),
        ] {
            let path = format!("users/{user}/{what}");
            for expected in [&[subject][..], &[]] {
                assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
                last(expected).await;
            }
        }
        give_password(&fixture, &user, OTHER).await;
        last(&["A link to a new password was made for you", "Your password was changed"]).await;
        fixture.admin().create(&format!("users/{user}/reset"), json!({})).await;
        let mail = last(&["Everything by which you sign in was reset"]).await;
        assert!(mail.contains("By: an administrator"), "{mail}");
        // Each can be switched off by itself.
        let stands = fixture.admin().get("personal-notices").await;
        let rest: Vec<&Value> = stands["topics"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|topic| **topic != "password_changed")
            .collect();
        fixture
            .admin()
            .change("personal-notices", json!({ "topics": rest }))
            .await;
        give_password(&fixture, &user, GOOD).await;
        last(&["A link to a new password was made for you"]).await;
        // The same stands on the page of the account, once.
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        sign_in(&portal, &browser, "anna", GOOD).await;
        let page = browser.open(&format!("{}/account", fixture.base)).await;
        assert_eq!(page.body.matches("taken away by").count(), 2, "{}", page.body);
    }
);

scenario!(
    a_sign_in_with_an_unknown_browser_is_told_but_never_the_first,
    |fixture: Fixture| async move {
        let (sink, user) = anna(&fixture).await;
        give_password(&fixture, &user, GOOD).await;
        let portal = fixture.portal("wiki", json!({})).await;
        fixture.app.tick().await.unwrap();
        let mut since = sink.mails().len();
        let mut enters = async |browser: &Browser, expected: &[&str]| {
            let page = sign_in(&portal, browser, "anna", GOOD).await;
            assert!(page.returned("code").is_some(), "{}", page.body);
            let (subjects, mails) = told(&fixture, &sink, since).await;
            assert_eq!(subjects, expected);
            since += mails.len();
            mails.last().map(Mail::readable).unwrap_or_default()
        };
        let first = fixture.browser();
        enters(&first, &[]).await;
        let again = fixture.browser();
        again.plant("127.0.0.1", "menjin_known", &first.cookie("menjin_known").unwrap());
        enters(&again, &[]).await;
        let other = fixture.browser().at_address("203.0.113.77");
        let mail = enters(&other, &["A new sign-in to your account"]).await;
        assert!(
            mail.contains("From the address: 203.0.113.77") && mail.contains("Browser: "),
            "{mail}"
        );
        // With another password every browser is a stranger once more: one of them may have been another's. So is each after a reset.
        for reset in [false, true] {
            fixture.advance(std::time::Duration::from_secs(1));
            if reset {
                fixture.admin().create(&format!("users/{user}/reset"), json!({})).await;
            }
            give_password(&fixture, &user, GOOD).await;
            fixture.app.tick().await.unwrap();
            let since = sink.mails().len();
            let mut known = other.cookie("menjin_known").unwrap();
            for time in ["a stranger", "known again"] {
                let later = fixture.browser();
                later.plant("127.0.0.1", "menjin_known", &known);
                let page = sign_in(&portal, &later, "anna", GOOD).await;
                assert!(page.returned("code").is_some());
                let subjects = told(&fixture, &sink, since).await.0;
                assert_eq!(subjects, ["A new sign-in to your account"], "{time}");
                known = later.cookie("menjin_known").unwrap();
            }
        }
    }
);

scenario!(
    scans_make_browsers_known_too_and_what_is_done_inside_wecom_is_not_told,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        fixture.trust_domain();
        let portal = fixture.connected_portal().await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        let own = json!({ "email": "lihua@corp.example" });
        fixture.admin().change(&format!("users/{user}"), own).await;
        let enters = async |browser: &Browser| {
            portal.tokens(&fixture, browser, sample::NORMAL).await;
            fixture.app.tick().await.unwrap();
            sink.mails().len()
        };
        let (first, again) = (fixture.browser(), fixture.browser());
        assert_eq!(enters(&first).await, 0, "the first of all");
        again.plant("127.0.0.1", "menjin_known", &first.cookie("menjin_known").unwrap());
        assert_eq!(enters(&again).await, 0, "a browser that is known");
        assert_eq!(enters(&fixture.browser()).await, 1);
        assert!(
            sink.mails()[0].header("subject").unwrap().starts_with("=?utf-8?"),
            "Chinese"
        );
        let phone = fixture.browser().in_wecom_of(sample::NORMAL);
        let page = phone.open(&portal.authorize_url(&[])).await;
        assert!(page.returned("code").is_some(), "{} {}", page.url, page.body);
        fixture.app.tick().await.unwrap();
        assert_eq!(sink.mails().len(), 1);
        // What a scan leaves in the browser trusts it with nothing.
        let known = first.cookie("menjin_known").unwrap();
        assert!(!known.contains(&user), "it is sealed");
    }
);
