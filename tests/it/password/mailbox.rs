//! What a mailbox is worth: no way into the console, no second factor, and nothing against whoever proved an address.

use std::time::Duration;

use serde_json::json;

use super::{
    GOOD, OTHER,
    forgotten::{ADDRESS, anna, ask, choose, mailed, with_address},
    give_password, is_wrong, lets_in, sign_in, totp,
};
use crate::{fixture::Fixture, scenario};

scenario!(
    nobody_with_a_role_in_the_console_is_mailed_a_way_in,
    |fixture: Fixture| async move {
        let (sink, _, portal) = anna(&fixture).await;
        let chief = json!({ "username": "chief", "console_role": "owner" });
        fixture.admin().create("users", chief).await;
        let boss = with_address(&fixture, "boss", "boss@corp.example").await;
        let path = format!("users/{boss}");
        for role in ["admin", "owner", "auditor"] {
            let given = json!({ "console_role": role, "email": "boss@corp.example" });
            fixture.admin().change(&path, given).await;
            // An administrator's link was used just now, so codes could be set up with whatever password there is.
            give_password(&fixture, &boss, GOOD).await;
            for typed in ["boss", "boss@corp.example"] {
                ask(&fixture, &portal, typed).await;
            }
            fixture.advance(Duration::from_secs(3600));
            assert!(sink.mails().is_empty(), "{role}");
        }
        fixture.admin().change(&path, json!({ "console_role": null })).await;
        ask(&fixture, &portal, "boss").await;
        assert_eq!(sink.mails().len(), 1);
        // What was mailed before a role was given leads nowhere.
        fixture
            .admin()
            .change(&path, json!({ "console_role": "auditor" }))
            .await;
        assert_eq!(choose(&fixture, &mailed(&fixture, &sink), OTHER).await.status, 404);
    }
);

scenario!(
    a_colleague_who_enters_an_address_switches_off_nobody_s_new_password,
    |fixture: Fixture| async move {
        let (sink, user, portal) = anna(&fixture).await;
        let mallory = with_address(&fixture, "mallory", "Anna@corp.example").await;
        ask(&fixture, &portal, "anna").await;
        assert!(sink.mails().is_empty(), "nobody knows whose it is");
        // Who is gone has no say.
        let path = format!("users/{mallory}");
        fixture.admin().change(&path, json!({ "status": "disabled" })).await;
        fixture.advance(Duration::from_secs(3600));
        ask(&fixture, &portal, "anna").await;
        assert_eq!(sink.mails().len(), 1);
        fixture.admin().change(&path, json!({ "status": "active" })).await;
        // Nor has anybody against whoever proved it, however many there are.
        for number in 0..4 {
            with_address(&fixture, &format!("mallory{number}"), ADDRESS).await;
        }
        let verification = format!("users/{user}/email-verification");
        fixture.admin().create(&verification, json!({})).await;
        fixture.app.tick().await.unwrap();
        let text = sink.mails().last().unwrap().readable();
        let at = text.find(&format!("{}/email/", fixture.base)).unwrap();
        let link: String = text[at..].chars().take_while(|c| !c.is_whitespace()).collect();
        assert_eq!(fixture.browser().post(&link, &[]).await.status, 200);
        fixture.advance(Duration::from_secs(3600));
        for typed in ["anna", ADDRESS] {
            let before = sink.mails().len();
            ask(&fixture, &portal, typed).await;
            assert_eq!(sink.mails().len(), before + 1, "{typed}");
            assert_eq!(choose(&fixture, &mailed(&fixture, &sink), OTHER).await.status, 200);
            fixture.advance(Duration::from_secs(3600));
        }
        lets_in(&fixture, &portal, "anna", OTHER).await;
        is_wrong(&fixture, &portal, "mallory", OTHER).await;
    }
);

scenario!(
    where_codes_are_demanded_a_password_chosen_by_mail_is_no_leave_to_set_them_up,
    |fixture: Fixture| async move {
        let (sink, user, portal) = anna(&fixture).await;
        ask(&fixture, &portal, "anna").await;
        assert_eq!(choose(&fixture, &mailed(&fixture, &sink), OTHER).await.status, 200);
        let strict = fixture.restart_with(&[("PASSWORD__TOTP", "required")]).await;
        let portal = portal.at(&strict);
        let page = sign_in(&portal, &fixture.browser(), "anna", OTHER).await;
        assert!(page.status == 403 && page.body.contains("SI-205"), "{}", page.body);
        // An administrator's link is.
        totp::set_up(&fixture, &user).await;
        let page = sign_in(&portal, &fixture.browser(), "anna", OTHER).await;
        assert!(page.url.contains("/signin/code/"), "{}", page.url);
    }
);
