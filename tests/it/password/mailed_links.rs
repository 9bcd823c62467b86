//! Links that are mailed or handed over: to whom they are mailed, and that they end with access.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{
    GOOD,
    forgotten::{anna, ask},
};
use crate::{
    actors::{id, text},
    email_verification::{ADDRESS, press, sent, verified, with_address},
    fixture::Fixture,
    notices::{mail_channel, smtp_sink::SmtpSink},
    scenario,
};

scenario!(
    to_a_role_in_the_console_links_are_mailed_only_where_an_address_was_entered_since_it_was_given,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let mail = || Some(json!({ "send": "email" }));
        let chief = json!({ "username": "chief", "console_role": "owner" });
        fixture.admin().create("users", chief).await;
        let user = with_address(&fixture, "anna", "mallory@corp.example").await;
        // Mallory proves it too, before anybody makes her an administrator.
        let link = sent(&fixture, &sink, &user).await;
        assert_eq!(press(&fixture, &link).await.status, 200);
        let path = |what: &str| format!("users/{user}/{what}");
        let own = format!("users/{user}");
        let call = async |what: &str| fixture.admin().call("POST", &path(what), mail()).await;
        fixture.admin().change(&own, json!({ "console_role": "admin" })).await;
        assert!(!verified(&fixture, &user).await, "whose it is, is not known any more");
        for what in ["password-link", "reset", "totp-link"] {
            assert_eq!(call(what).await.refusal(), (409, "SI-243"), "{what}");
        }
        // The same address, entered again, counts, until another role is given.
        let again = json!({ "email": "mallory@corp.example" });
        fixture.admin().change(&own, again.clone()).await;
        for what in ["password-link", "reset"] {
            assert_eq!(call(what).await.status, 200, "{what}");
        }
        assert_eq!(
            call("totp-link").await.refusal(),
            (409, "SI-243"),
            "both factors never come by mail"
        );
        fixture.admin().change(&own, json!({ "console_role": "owner" })).await;
        assert_eq!(call("password-link").await.refusal(), (409, "SI-243"));
        let both = json!({ "console_role": "auditor", "email": "anna@corp.example" });
        fixture.admin().change(&own, both).await;
        assert_eq!(call("password-link").await.status, 200);
        // Without a role nothing of this matters.
        fixture.admin().change(&own, json!({ "console_role": null })).await;
        assert_eq!(call("totp-link").await.status, 200);
    }
);

scenario!(
    links_lead_nowhere_for_people_whose_access_ended_nor_afterwards,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let anna = with_address(&fixture, "anna", ADDRESS).await;
        let bernd = with_address(&fixture, "bernd", ADDRESS).await;
        let path = format!("users/{bernd}");
        let admin = fixture.admin();
        let soon = fixture.clock.now().millis() + 3_600_000;
        for (ended, back) in [
            (json!({ "status": "disabled" }), json!({ "status": "active" })),
            (
                json!({ "access_until": fixture.clock.now().millis() - 1 }),
                json!({ "access_until": soon }),
            ),
        ] {
            let mut links = vec![sent(&fixture, &sink, &bernd).await];
            for what in ["password-link", "totp-link"] {
                let made = admin.create(&format!("{path}/{what}"), json!({})).await;
                links.push(text(&made, "url").to_owned());
            }
            let proof = sent(&fixture, &sink, &anna).await;
            assert_eq!(press(&fixture, &proof).await.status, 200);
            admin.change(&path, ended).await;
            for link in &links {
                assert_eq!(fixture.browser().get(link).await.status, 404, "{link}");
            }
            assert_eq!(press(&fixture, &links[0]).await.status, 404);
            assert!(verified(&fixture, &anna).await && !verified(&fixture, &bernd).await);
            admin.change(&path, back).await;
            for link in &links {
                assert_eq!(fixture.browser().get(link).await.status, 404, "{link}");
            }
        }
        // A date that has come, before anybody noted it.
        let made = admin.create(&format!("{path}/password-link"), json!({})).await;
        let link = text(&made, "url");
        assert_eq!(fixture.browser().get(link).await.status, 200);
        fixture.advance(Duration::from_secs(3600));
        let form = [("password", GOOD), ("again", GOOD)];
        assert_eq!(fixture.browser().post(link, &form).await.status, 404);
    }
);

scenario!(
    one_address_is_mailed_six_links_a_day_whoever_asks,
    |fixture: Fixture| async move {
        let (sink, user, portal) = anna(&fixture).await;
        for _ in 0..5 {
            sent(&fixture, &sink, &user).await;
        }
        ask(&fixture, &portal, "anna").await;
        assert_eq!(sink.mails().len(), 6);
        fixture.advance(Duration::from_secs(3600));
        ask(&fixture, &portal, "anna").await;
        let path = format!("users/{user}/email-verification");
        let refused = fixture.admin().call("POST", &path, None).await;
        assert_eq!((sink.mails().len(), refused.refusal()), (6, (429, "SI-241")));
        // Another account with that address changes nothing.
        let other = with_address(&fixture, "other", "Anna@corp.example").await;
        let path = format!("users/{other}/email-verification");
        assert_eq!(
            fixture.admin().call("POST", &path, None).await.refusal(),
            (429, "SI-241")
        );
        fixture.advance(Duration::from_secs(24 * 3600));
        sent(&fixture, &sink, &user).await;
        assert_eq!(sink.mails().len(), 7);
    }
);

scenario!(
    a_link_is_sent_again_only_as_long_as_it_works,
    |fixture: Fixture| async move {
        let (sink, user, portal) = anna(&fixture).await;
        ask(&fixture, &portal, "anna").await;
        let admin = fixture.admin();
        let notice = admin.items(&format!("notices?subject=user:{user}")).await.remove(0);
        let path = format!("notices/{}/resend", id(&notice));
        let delivery = json!({ "delivery_id": notice["deliveries"][0]["id"] });
        fixture.advance(Duration::from_secs(30 * 60 - 1));
        assert!(admin.call("POST", &path, Some(delivery.clone())).await.status < 300);
        fixture.app.tick().await.unwrap();
        assert_eq!(sink.mails().len(), 2);
        fixture.advance(Duration::from_secs(1));
        let refused = admin.call("POST", &path, Some(delivery)).await;
        assert_eq!(refused.refusal(), (409, "NO-106"));
        fixture.app.tick().await.unwrap();
        assert_eq!(sink.mails().len(), 2);
    }
);

scenario!(
    of_a_link_that_is_mailed_its_person_is_told_by_wecom_as_well,
    |fixture: Fixture| async move {
        let (sink, source) = (SmtpSink::listen(), fixture.connect().await);
        mail_channel(&fixture, &sink).await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        let own = json!({ "email": ADDRESS, "locale": "en" });
        fixture.admin().change(&format!("users/{user}"), own).await;
        let over_wecom = json!({ "kind": "wecom", "name": "app", "data_source_id": source["id"] });
        fixture.admin().create("notice-channels", over_wecom).await;
        let link = format!("users/{user}/password-link");
        fixture.admin().create(&link, json!({ "send": "email" })).await;
        fixture.app.tick().await.unwrap();
        assert_eq!(sink.mails().len(), 1);
        let message = fixture.wecom.messages().pop().unwrap();
        let told = message.content.to_string();
        assert!(
            message.userid == sample::NORMAL
                && told.contains("A link to a new password was made for you")
                && !told.contains("/password/"),
            "{told}"
        );
    }
);

scenario!(no_name_steers_a_mail_with_a_link, |fixture: Fixture| async move {
    let sink = SmtpSink::listen();
    mail_channel(&fixture, &sink).await;
    let user = with_address(&fixture, "eve.evil.example", ADDRESS).await;
    let hostile = "Eve <b>x</b> https://evil.example";
    fixture
        .admin()
        .change(&format!("users/{user}"), json!({ "display_name": hostile }))
        .await;
    sent(&fixture, &sink, &user).await;
    fixture
        .admin()
        .create(&format!("users/{user}/password-link"), json!({ "send": "email" }))
        .await;
    fixture.app.tick().await.unwrap();
    for mail in sink.mails() {
        assert!((mail.to.len(), mail.header("bcc")) == (1, None));
        let text = mail.readable();
        for hidden in ["Eve", "<b>x", "evil.example", "\u{202e}"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
    for hostile in ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"] {
        let path = format!("users/{user}");
        let refused = fixture
            .admin()
            .call("PATCH", &path, Some(json!({ "email": hostile })))
            .await;
        assert_eq!(refused.status, 422, "{hostile:?}");
    }
});
