//! An e-mail address is verified by a link that was mailed there, for one user at a time, as long as they have it; and links that admins send.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Browser, Page, id, text},
    fixture::Fixture,
    notices::{mail_channel, smtp_sink::SmtpSink},
    password::{GOOD, OTHER, give_password, local_user, sign_in, totp},
    scenario,
};

/// The address of Anna.
pub const ADDRESS: &str = "anna@corp.example";

/// Somebody made here who has this address, and no password.
pub async fn with_address(fixture: &Fixture, username: &str, address: &str) -> String {
    let user = local_user(fixture, username).await;
    let own = json!({ "email": address, "locale": "en" });
    fixture.admin().change(&format!("users/{user}"), own).await;
    user
}

/// The link in the last mail, whose path begins so.
async fn mailed(fixture: &Fixture, sink: &SmtpSink, place: &str) -> String {
    fixture.app.tick().await.unwrap();
    let mails = sink.mails();
    let text = mails.last().expect("a mail").readable();
    let begin = format!("{}{place}", fixture.base);
    let at = text.find(&begin).unwrap_or_else(|| panic!("no link in {text}"));
    text[at..]
        .chars()
        .take_while(|c| !c.is_whitespace() && *c != '"')
        .collect()
}

/// An admin has a link sent to a user's address.
pub async fn sent(fixture: &Fixture, sink: &SmtpSink, user: &str) -> String {
    let path = format!("users/{user}/email-verification");
    let reply = fixture.admin().create(&path, json!({})).await;
    let expires = fixture.clock.now().millis() + 24 * 3600 * 1000;
    assert_eq!(reply["expires_at"], json!(expires));
    mailed(fixture, sink, "/email/").await
}

/// Whether their address is verified.
pub async fn verified(fixture: &Fixture, user: &str) -> bool {
    fixture.admin().get(&format!("users/{user}")).await["email_verified"] == true
}

/// Presses the button behind a link, in a browser of nobody.
pub async fn press(fixture: &Fixture, link: &str) -> Page {
    fixture.browser().post(link, &[]).await
}

scenario!(
    pressing_the_button_behind_a_link_makes_an_address_verified_and_opening_it_does_not,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let user = with_address(&fixture, "anna", ADDRESS).await;
        let link = sent(&fixture, &sink, &user).await;
        let mail = sink.mails().remove(0);
        assert!(
            mail.to[0].contains(ADDRESS) && mail.readable().contains("Username: anna"),
            "{}",
            mail.text
        );
        assert_eq!(mail.header("subject").as_deref(), Some("Is the account anna yours?"));
        let page = fixture.browser().get(&link).await;
        assert!(
            page.body.contains("Is the account anna yours?") && page.body.contains("Yes, this account is mine"),
            "{}",
            page.body
        );
        let opened = join_all((0..50).map(|_| async { fixture.browser().get(&link).await })).await;
        assert!(
            opened
                .iter()
                .all(|page| page.status == 200 && page.body.contains(ADDRESS))
        );
        assert!(!verified(&fixture, &user).await);
        assert_eq!(press(&fixture, &link).await.status, 200);
        assert!(verified(&fixture, &user).await);
        let again = press(&fixture, &link).await;
        assert!(
            again.status == 404 && again.body.contains("SI-203"),
            "it works once: {}",
            again.body
        );
        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        let told = json!(events).to_string();
        let token = link.rsplit('/').next().unwrap();
        assert!(
            told.contains("e-mail address verified") && !told.contains(token),
            "{told}"
        );
        // It holds for that address alone, and again for it.
        let path = format!("users/{user}");
        for (address, holds) in [("other@corp.example", false), ("Anna@Corp.example", true)] {
            let changed = fixture.admin().change(&path, json!({ "email": address })).await;
            assert_eq!(changed["email_verified"], holds, "{address}");
        }
    }
);

scenario!(
    a_link_is_for_one_user_and_address_and_lives_for_a_day,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let user = with_address(&fixture, "anna", ADDRESS).await;
        let first = sent(&fixture, &sink, &user).await;
        let second = sent(&fixture, &sink, &user).await;
        assert_eq!(press(&fixture, &first).await.status, 404, "replaced");
        let other = json!({ "email": "other@corp.example" });
        fixture.admin().change(&format!("users/{user}"), other).await;
        assert_eq!(press(&fixture, &second).await.status, 404, "they have another address");
        let third = sent(&fixture, &sink, &user).await;
        fixture.advance(Duration::from_secs(24 * 3600));
        assert_eq!(press(&fixture, &third).await.status, 404, "too old");
        // Somebody else is signed in in this browser.
        let mallory = with_address(&fixture, "mallory", "mallory@corp.example").await;
        give_password(&fixture, &mallory, GOOD).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        sign_in(&portal, &browser, "mallory", GOOD).await;
        let fourth = sent(&fixture, &sink, &user).await;
        for page in [browser.get(&fourth).await, browser.post(&fourth, &[]).await] {
            assert!(page.status == 403 && page.body.contains("SI-242"), "{}", page.body);
        }
        // What chooses passwords verifies no address, nor the other way round.
        for place in ["/password/", "/totp/"] {
            let path = fourth.replace("/email/", place);
            assert_eq!(fixture.browser().get(&path).await.status, 404);
        }
        assert!(!verified(&fixture, &user).await && !verified(&fixture, &mallory).await);
        let nobody = local_user(&fixture, "nobody").await;
        let path = format!("users/{nobody}/email-verification");
        assert_eq!(
            fixture.admin().call("POST", &path, None).await.refusal(),
            (409, "SI-240")
        );
    }
);

scenario!(
    of_100_parallel_presses_one_verifies_and_of_two_with_one_address_the_last_who_proved_it,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let anna = with_address(&fixture, "anna", ADDRESS).await;
        let link = sent(&fixture, &sink, &anna).await;
        let pages = join_all((0..100).map(|_| press(&fixture, &link))).await;
        let won = pages.iter().filter(|page| page.status == 200).count();
        assert_eq!(won, 1);
        assert!(pages.iter().all(|page| [200, 404, 503].contains(&page.status)));
        // Another one who merely has the address takes nothing away; nor does a press by a stranger, whoever reads the mail.
        let bernd = with_address(&fixture, "bernd", "ANNA@corp.example").await;
        assert!(verified(&fixture, &anna).await && !verified(&fixture, &bernd).await);
        let link = sent(&fixture, &sink, &bernd).await;
        for page in [fixture.browser().get(&link).await, press(&fixture, &link).await] {
            assert!(page.status == 403 && page.body.contains("SI-244"), "{}", page.body);
        }
        assert!(verified(&fixture, &anna).await && !verified(&fixture, &bernd).await);
        // One who can sign in with the account does.
        let portal = fixture.portal("wiki", json!({})).await;
        let (hers, his) = (fixture.browser(), fixture.browser());
        for (user, name, browser) in [(&anna, "anna", &hers), (&bernd, "bernd", &his)] {
            give_password(&fixture, user, GOOD).await;
            sign_in(&portal, browser, name, GOOD).await;
        }
        fixture.app.tick().await.unwrap();
        let before = sink.mails().len();
        assert_eq!(his.post(&link, &[]).await.status, 200);
        assert!(!verified(&fixture, &anna).await && verified(&fixture, &bernd).await);
        fixture.app.tick().await.unwrap();
        let told = sink.mails().split_off(before);
        let subject = told[0].header("subject");
        assert_eq!(
            (told.len(), subject.as_deref()),
            (1, Some("Your e-mail address was verified for another account"))
        );
        assert!(told[0].readable().contains("Username: anna"), "{}", told[0].text);
        // At once, too, there is one.
        let links = [sent(&fixture, &sink, &anna).await, sent(&fixture, &sink, &bernd).await];
        let both = join_all([hers.post(&links[0], &[]), his.post(&links[1], &[])]).await;
        assert!(
            both.iter().all(|page| page.status == 200),
            "{:?}",
            both.iter().map(|page| page.status).collect::<Vec<_>>()
        );
        assert_ne!(verified(&fixture, &anna).await, verified(&fixture, &bernd).await);
    }
);

scenario!(
    a_proof_holds_through_syncs_and_settings_as_long_as_the_data_source_gives_that_address,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let sources = json!({ "email_sources": ["biz_mail", "email", "{userid}@corp.example"] });
        let source = fixture.connect_with(sources).await;
        let path = format!("data-sources/{}", id(&source));
        let user = fixture.admin().user_id(sample::NORMAL).await;
        let english = json!({ "locale": "en" });
        fixture.admin().change(&format!("users/{user}"), english).await;
        let link = sent(&fixture, &sink, &user).await;
        assert_eq!(press(&fixture, &link).await.status, 200);
        fixture.sync(id(&source)).await;
        assert!(verified(&fixture, &user).await, "a sync that changes nothing");
        for vouched in [json!(["corp.example"]), json!([])] {
            fixture
                .admin()
                .change(&path, json!({ "vouched_email_domains": vouched }))
                .await;
            assert!(verified(&fixture, &user).await, "an admin's word comes and goes");
        }
        for (template, holds) in [("{userid}@new.example", false), ("{userid}@corp.example", true)] {
            let sources = json!({ "email_sources": ["biz_mail", "email", template] });
            fixture.admin().change(&path, sources).await;
            fixture.sync(id(&source)).await;
            assert_eq!(verified(&fixture, &user).await, holds, "{template}");
        }
    }
);

scenario!(
    people_verify_their_own_address_from_the_page_of_their_account,
    |fixture: Fixture| async move {
        let user = with_address(&fixture, "anna", ADDRESS).await;
        give_password(&fixture, &user, GOOD).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        sign_in(&portal, &browser, "anna", GOOD).await;
        let account = format!("{}/account", fixture.base);
        assert!(
            browser.open(&account).await.find_link("/account/email").is_none(),
            "no mail can be sent"
        );
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let own = browser.open(&browser.open(&account).await.link("/account/email")).await;
        assert!(
            own.body.contains(ADDRESS) && own.body.contains("Not verified"),
            "{}",
            own.body
        );
        let made_up = browser.open(&format!("{account}/email?sent=1")).await;
        assert!(!made_up.body.contains("on its way"), "{}", made_up.body);
        let ask = async |browser: &Browser, confirm: &str| {
            let url = format!("{}/account/email", fixture.base);
            browser.submit(&url, &[("confirm", confirm)]).await
        };
        let stranger = fixture.browser();
        for (browser, confirm, number) in [
            (&browser, "made up", "SI-231"),
            (&stranger, own.field("confirm").as_str(), "SI-230"),
        ] {
            let refused = ask(browser, confirm).await;
            assert!(
                refused.status == 403 && refused.body.contains(number),
                "{}",
                refused.body
            );
        }
        let page = ask(&browser, &own.field("confirm")).await;
        assert!(page.body.contains("on its way"), "{}", page.body);
        let link = mailed(&fixture, &sink, "/email/").await;
        assert_eq!(browser.post(&link, &[]).await.status, 200);
        assert!(verified(&fixture, &user).await);
        assert!(
            browser
                .open(&format!("{account}/email"))
                .await
                .body
                .contains("Verified")
        );
        for _ in 0..4 {
            ask(&browser, &own.field("confirm")).await;
        }
        let refused = ask(&browser, &own.field("confirm")).await;
        assert!(
            refused.status == 429 && refused.body.contains("SI-241"),
            "{}",
            refused.body
        );
        // In Chinese as well.
        let chinese = fixture.browser().in_chinese();
        let page = chinese.get(&link).await;
        assert!(page.status == 404 && page.body.contains("链接"), "{}", page.body);
    }
);

scenario!(
    links_that_admins_hand_over_can_be_mailed_and_are_shown_to_nobody_then,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let user = with_address(&fixture, "anna", ADDRESS).await;
        let path = |what: &str| format!("users/{user}/{what}");
        let mail = || json!({ "send": "email" });
        let refused = fixture.admin().call("POST", &path("password-link"), Some(mail())).await;
        assert_eq!(refused.refusal(), (409, "SI-240"), "no channel stands");
        let wrong = json!({ "send": "pigeon" });
        assert_eq!(
            fixture
                .admin()
                .call("POST", &path("password-link"), Some(wrong))
                .await
                .status,
            400
        );
        mail_channel(&fixture, &sink).await;
        let portal = fixture.portal("wiki", json!({})).await;
        for (what, kind, subject, place) in [
            (
                "password-link",
                "invitation",
                "Choose a password for your account",
                "/password/",
            ),
            ("password-link", "reset", "Choose a new password", "/password/"),
            ("totp-link", "enrolment", "Set up one-time codes", "/totp/"),
            ("reset", "reset", "Choose a new password", "/password/"),
        ] {
            let before = sink.mails().len();
            let made = fixture.admin().create(&path(what), mail()).await;
            assert_eq!(
                (text(&made, "kind"), &made["url"], &made["sent_to"]),
                (kind, &Value::Null, &json!(ADDRESS))
            );
            let link = {
                fixture.app.tick().await.unwrap();
                let sent = sink.mails().split_off(before);
                let own = sent
                    .iter()
                    .find(|mail| mail.header("subject").as_deref() == Some(subject));
                let own = own.unwrap_or_else(|| {
                    panic!(
                        "{what}: {:?}",
                        sent.iter().map(|mail| mail.header("subject")).collect::<Vec<_>>()
                    )
                });
                let text = own.readable();
                let at = text.find(&format!("{}{place}", fixture.base)).unwrap();
                text[at..]
                    .chars()
                    .take_while(|c| !c.is_whitespace() && *c != '"')
                    .collect::<String>()
            };
            assert_eq!(fixture.browser().get(&link).await.status, 200, "{what}");
            if place == "/password/" {
                let form = [("password", GOOD), ("again", GOOD)];
                assert_eq!(fixture.browser().post(&link, &form).await.status, 200, "{what}");
            }
            let token = link.rsplit('/').next().unwrap();
            let told = [
                json!(fixture.admin().items("audit-events?limit=200").await).to_string(),
                json!(fixture.admin().items("notices?limit=200").await).to_string(),
            ];
            assert!(told.iter().all(|told| !told.contains(token)), "{what}");
        }
        let page = sign_in(&portal, &fixture.browser(), "anna", GOOD).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        // A link that was mailed is for whoever has that address still; one that was handed over for whoever has it.
        fixture.admin().create(&path("password-link"), mail()).await;
        let link = mailed(&fixture, &sink, "/password/").await;
        fixture
            .admin()
            .change(&format!("users/{user}"), json!({ "email": "other@corp.example" }))
            .await;
        let form = [("password", OTHER), ("again", OTHER)];
        assert_eq!(fixture.browser().post(&link, &form).await.status, 404);
        totp::set_up(&fixture, &user).await;
    }
);
