//! Notices at the console: channels with their test, subscriptions, what was told last.

use serde_json::json;

use super::{at_work, in_both_languages, sent, shown};
use crate::{actors::id, fixture::Fixture, notices::smtp_sink::SmtpSink, scenario};

const NOTICES: &str = "/console/settings/notices";

scenario!(
    a_mailbox_is_set_up_tried_subscribed_to_and_what_failed_is_sent_again,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let owner = at_work(&fixture, "owner").await;
        let [empty, _] = in_both_languages(&fixture, &owner, NOTICES).await;
        assert!(empty.body.contains("There is no channel yet"), "{}", empty.body);
        let new = format!("{NOTICES}/channels/new?kind=email");
        in_both_languages(&fixture, &owner, &new).await;
        let port = sink.port.to_string();
        let mut form = vec![
            ("name", "Mail"),
            ("host", "127.0.0.1"),
            ("port", &port),
            ("security", "none"),
        ];
        form.extend([("sender", "no address"), ("enabled", "on")]);
        let faulty = sent(&fixture, &owner, &new, &form).await;
        assert_eq!(faulty.status, 422);
        assert!(faulty.body.contains("id=\"f-sender-fault\""), "{}", faulty.body);
        assert!(
            faulty.body.contains("value=\"no address\""),
            "nothing that was typed is lost"
        );
        form.retain(|(name, _)| *name != "sender");
        form.push(("sender", "menjin@corp.example"));
        let made = sent(&fixture, &owner, &new, &form).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let channel = fixture.admin().items("notice-channels").await.remove(0);
        let page = format!("{NOTICES}/channels/{}", id(&channel));
        assert!(made.url.ends_with(&page), "{}", made.url);
        in_both_languages(&fixture, &owner, &page).await;

        let test = format!("{page}/test");
        sink.answer("RCPT", "550 5.1.1 nobody here");
        let refused = sent(&fixture, &owner, &test, &[("address", "nobody@corp.example")]).await;
        assert!(
            refused.body.contains("NO-113") && refused.body.contains("nobody here"),
            "{}",
            refused.body
        );
        assert!(
            refused.body.contains("value=\"nobody@corp.example\""),
            "{}",
            refused.body
        );
        let list = shown(&fixture, &owner, &format!("{NOTICES}?state=failed")).await;
        assert!(list.body.contains("/resend\""), "{}", list.body);
        sink.accept();
        let notice = fixture.admin().items("notices").await.remove(0);
        let again = sent(&fixture, &owner, &format!("{NOTICES}/{}/resend", id(&notice)), &[]).await;
        assert!(again.body.contains("done"), "{}", again.body);
        fixture.app.tick().await.unwrap();
        assert_eq!(sink.mails().len(), 1);
        let accepted = sent(&fixture, &owner, &test, &[("address", "ops@corp.example")]).await;
        assert!(accepted.body.contains("class=\"done\""), "{}", accepted.body);

        let new = format!("{NOTICES}/subscriptions/new");
        in_both_languages(&fixture, &owner, &new).await;
        let mut form = vec![
            ("channel_id", id(&channel)),
            ("address", "ops@corp.example"),
            ("topics", "alert"),
        ];
        form.extend([("language", "en"), ("digest", "none"), ("utc_offset", "480")]);
        form.extend([("quiet_from", "22:00"), ("quiet_to", "07:00")]);
        sent(&fixture, &owner, &new, &form).await;
        let subscription = fixture.admin().items("notice-subscriptions").await.remove(0);
        assert_eq!(
            (&subscription["quiet_from"], &subscription["quiet_to"]),
            (&json!(1320), &json!(420))
        );
        let page = format!("{NOTICES}/subscriptions/{}", id(&subscription));
        let [shown_again, _] = in_both_languages(&fixture, &owner, &page).await;
        assert!(shown_again.body.contains("value=\"22:00\""), "{}", shown_again.body);
        form.retain(|(name, _)| !matches!(*name, "quiet_from" | "quiet_to" | "digest" | "channel_id"));
        form.extend([("quiet_from", ""), ("quiet_to", ""), ("digest", "daily")]);
        sent(&fixture, &owner, &page, &form).await;
        let changed = fixture.admin().items("notice-subscriptions").await.remove(0);
        assert_eq!(
            (&changed["quiet_from"], &changed["digest"]),
            (&json!(null), &json!("daily")),
            "{changed}"
        );
        let [list, _] = in_both_languages(&fixture, &owner, NOTICES).await;
        assert!(
            list.body.contains("ops@corp.example") && list.body.contains("Every day at nine"),
            "{}",
            list.body
        );
        sent(&fixture, &owner, &format!("{page}/delete"), &[]).await;
        assert!(fixture.admin().items("notice-subscriptions").await.is_empty());
    }
);

scenario!(
    a_webhooks_key_is_shown_once_and_who_only_reads_sets_up_nothing,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let new = format!("{NOTICES}/channels/new?kind=webhook");
        in_both_languages(&fixture, &owner, &new).await;
        in_both_languages(&fixture, &owner, &format!("{NOTICES}/channels/new?kind=wecom")).await;
        let form = [
            ("name", "Robot"),
            ("url", "https://robot.corp.example/x"),
            ("enabled", "on"),
        ];
        let made = sent(&fixture, &owner, &new, &form).await;
        assert!(made.body.contains("whsec_"), "{}", made.body);
        let channel = fixture.admin().items("notice-channels").await.remove(0);
        let page = format!("{NOTICES}/channels/{}", id(&channel));
        assert!(!shown(&fixture, &owner, &page).await.body.contains("whsec_"));
        let auditor = at_work(&fixture, "auditor").await;
        for path in [NOTICES, &page] {
            let read = shown(&fixture, &auditor, path).await;
            assert!(read.body.contains("Robot"), "{}", read.body);
            assert!(
                !read.body.contains("/delete\"") && !read.body.contains("/test\""),
                "{}",
                read.body
            );
        }
        for (path, form) in [
            (new.clone(), &form[..]),
            (page.clone(), &[("name", "Mine")][..]),
            (format!("{page}/test"), &[][..]),
            (format!("{page}/delete"), &[][..]),
        ] {
            assert_eq!(sent(&fixture, &auditor, &path, form).await.status, 403, "{path}");
        }
        let deleted = sent(&fixture, &owner, &format!("{page}/delete"), &[]).await;
        assert_eq!(deleted.status, 200);
        assert!(fixture.admin().items("notice-channels").await.is_empty());
    }
);

scenario!(
    what_people_are_told_of_themselves_is_chosen_on_a_page,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let page = format!("{NOTICES}/personal");
        let list = shown(&fixture, &owner, NOTICES).await;
        assert!(list.body.contains(&page), "{}", list.body);
        let [en, zh] = in_both_languages(&fixture, &owner, &page).await;
        assert!(en.body.contains("A sign-in with an unknown browser") && zh.body.contains("未知浏览器登录"));
        let chosen = [("topics", "password_changed"), ("topics", "new_sign_in")];
        assert_eq!(sent(&fixture, &owner, &page, &chosen).await.status, 200);
        let told = fixture.admin().get("personal-notices").await;
        assert_eq!(told["topics"], json!(["password_changed", "new_sign_in"]));
        let auditor = at_work(&fixture, "auditor").await;
        assert_eq!(sent(&fixture, &auditor, &page, &[]).await.status, 403);
    }
);

scenario!(
    links_are_mailed_from_the_page_of_the_ways_in_and_shown_to_nobody,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        crate::notices::mail_channel(&fixture, &sink).await;
        let owner = at_work(&fixture, "owner").await;
        let anna = json!({ "username": "anna", "email": "anna@corp.example" });
        let anna = fixture.admin().create("users", anna).await;
        let at = format!("/console/people/{}", id(&anna));
        let before = shown(&fixture, &owner, &format!("{at}/ways-in")).await;
        assert!(
            before.body.contains("not verified") && before.body.contains("value=\"email\""),
            "{}",
            before.body
        );
        for link in ["password-link", "totp-link"] {
            let page = sent(&fixture, &owner, &format!("{at}/{link}"), &[("send", "email")]).await;
            assert!(
                page.status == 200 && page.body.contains("anna@corp.example"),
                "{}",
                page.body
            );
            assert!(
                !page.body.contains("/password/") && !page.body.contains("/totp/"),
                "{}",
                page.body
            );
        }
        let page = sent(&fixture, &owner, &format!("{at}/email-verification"), &[]).await;
        assert!(page.body.contains("The link is on its way"), "{}", page.body);
        fixture.app.tick().await.unwrap();
        assert_eq!(sink.mails().len(), 3);
    }
);
