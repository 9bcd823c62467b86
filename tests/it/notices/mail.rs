//! E-mail: what is sent, what cannot be injected, and what a mail server's refusal is called.

use std::{collections::BTreeMap, time::Duration};

use menjin::notices::{NewNotice, To, Topic};
use serde_json::{Value, json};

use super::{asked, mail_channel, notices, smtp_sink::SmtpSink, subscribe, tell, tick};
use crate::{
    actors::{TlsServer, id, text},
    fixture::Fixture,
    scenario,
};

/// Tries a channel; answers its only delivery.
async fn tried(fixture: &Fixture, channel: &str) -> Value {
    let path = format!("notice-channels/{channel}/test");
    let sent = json!({ "address": "ops@corp.example", "language": "en" });
    let notice = fixture.admin().create(&path, sent).await;
    assert_eq!(
        (text(&notice, "topic"), notice["deliveries"].as_array().unwrap().len()),
        ("test", 1)
    );
    notice["deliveries"][0].clone()
}

scenario!(
    a_test_message_is_a_mail_of_two_parts_and_its_delivery_says_that_it_was_accepted,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let delivery = tried(&fixture, &channel).await;
        assert_eq!(
            (text(&delivery, "state"), &delivery["last_status"]),
            ("delivered", &json!(250)),
            "{delivery}"
        );
        assert_eq!(delivery["delivered_at"], json!(fixture.clock.now().millis()));
        assert!(text(&delivery, "provider_id").contains("kept as 1"), "{delivery}");
        let mail = sink.mails().remove(0);
        assert!(mail.from.contains("<menjin@corp.example>") && mail.to[0].contains("<ops@corp.example>"));
        assert_eq!(mail.header("subject").as_deref(), Some("A test from Menjin"));
        assert_eq!(mail.header("auto-submitted").as_deref(), Some("auto-generated"));
        assert_eq!(mail.header("date").as_deref(), Some("Mon, 05 Jan 2026 08:00:00 +0000"));
        let message_id = format!("<{}@corp.example>", id(&delivery));
        assert_eq!(mail.header("message-id").as_deref(), Some(message_id.as_str()));
        for part in ["multipart/alternative", "text/plain", "text/html", "the channel works"] {
            assert!(mail.readable().contains(part), "{part}: {}", mail.text);
        }
    }
);

scenario!(
    what_a_mail_server_refuses_is_told_as_what_it_is_and_a_test_is_tried_once,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let path = format!("notice-channels/{channel}");
        let login = json!({ "username": "menjin@corp.example", "secret": "hunter2hunter2" });
        fixture.admin().change(&path, login).await;
        for (command, answer, number, state) in [
            ("AUTH", "535 5.7.8", "NO-112", "abandoned"),
            ("MAIL", "553 5.7.1 not your address", "NO-114", "abandoned"),
            ("RCPT", "550 5.1.1 nobody here", "NO-113", "failed"),
            ("RCPT", "450 4.2.1 try later", "NO-113", "abandoned"),
            (".", "554 5.7.1 spam", "NO-115", "failed"),
        ] {
            sink.accept();
            sink.answer(command, answer);
            let delivery = tried(&fixture, &channel).await;
            assert_eq!(text(&delivery, "state"), state, "{answer}: {delivery}");
            assert_eq!(text(&delivery["problem"], "number"), number, "{delivery}");
            assert_eq!(delivery["last_status"].to_string(), &answer[..3]);
            let told = text(&delivery, "last_error");
            assert!(told.contains(answer.split(' ').next_back().unwrap()), "{told}");
        }
        sink.accept();
        // Without what the channel asks for nothing is said at all.
        let greeted = sink.commands().len();
        fixture.admin().change(&path, json!({ "security": "starttls" })).await;
        let delivery = tried(&fixture, &channel).await;
        assert_eq!(text(&delivery["problem"], "number"), "NO-116", "{delivery}");
        let since = sink.commands().split_off(greeted);
        assert!(
            since
                .iter()
                .all(|line| line.starts_with("EHLO") || line.starts_with("QUIT")),
            "{since:?}"
        );
        fixture
            .admin()
            .change(&path, json!({ "security": "none", "username": "x" }))
            .await;
        sink.answer("EHLO", "250 sink.example");
        assert_eq!(text(&tried(&fixture, &channel).await["problem"], "number"), "NO-116");
        let server = TlsServer::start(String::new());
        let port: u16 = server.base.rsplit_once(':').unwrap().1.parse().unwrap();
        fixture
            .admin()
            .change(
                &path,
                json!({ "security": "tls", "port": port, "secret": "hunter2-hunter2" }),
            )
            .await;
        let delivery = tried(&fixture, &channel).await;
        assert_eq!(text(&delivery["problem"], "number"), "NO-111", "{delivery}");
        assert!(text(&delivery, "last_error").contains("certificate"), "{delivery}");
        fixture
            .admin()
            .change(&path, json!({ "port": 9, "secret": "hunter2-hunter2" }))
            .await;
        assert_eq!(text(&tried(&fixture, &channel).await["problem"], "number"), "NO-110");
        // None of them is tried again by itself.
        let before = sink.mails().len();
        fixture.advance(Duration::from_secs(3600));
        tick(&fixture).await;
        assert_eq!(sink.mails().len(), before);
    }
);

scenario!(
    no_name_injects_a_header_or_markup_or_turns_the_direction_of_writing,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let topics = json!({ "topics": ["access_requested", "access_refused"] });
        subscribe(&fixture, &channel, topics).await;
        let hostile = "Eve\r\nBcc: victim@corp.example\r\n\r\n<script>x</script>\u{202e}\u{2066}\u{0}\u{7f}";
        let request = NewNotice {
            topic: Topic::AccessRequested,
            facts: BTreeMap::from([("name", hostile), ("reason", hostile), ("portal", hostile)])
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..asked("access_request:1", "")
        };
        assert_eq!(request.to, To::Subscribers);
        tell(&fixture, &request).await;
        tell(&fixture, &asked("matter:1", hostile)).await;
        tick(&fixture).await;
        let mails = sink.mails();
        assert_eq!(mails.len(), 2, "{:?}", notices(&fixture, "").await);
        for mail in &mails {
            assert_eq!(mail.to.len(), 1, "{:?}", mail.to);
            assert_eq!(mail.header("bcc"), None, "{}", mail.text);
            let head = mail.text.split("\n\n").next().unwrap();
            assert!(
                head.lines().all(|line| line.starts_with(' ') || line.contains(": ")),
                "{head}"
            );
            // Escaped in HTML, text in the plain part; in either encoding no raw tag follows another.
            assert!(
                !mail
                    .text
                    .contains("<p>Reason given: Eve Bcc: victim@corp.example <script>"),
                "{}",
                mail.text
            );
            for steering in ["\u{202e}", "=E2=80=AE", "\u{2066}", "\u{0}", "\u{7f}"] {
                assert!(!mail.readable().contains(steering), "{steering:?}");
            }
        }
        assert!(mails[0].readable().contains("&lt;script&gt;"), "{}", mails[0].text);
        let shown = notices(&fixture, "").await;
        assert!(
            !shown.iter().any(|notice| text(notice, "title").contains('\u{202e}')),
            "{shown:?}"
        );
        // Addresses that would be two, or more than an address, are not taken at all.
        for address in [
            "a@b.example, c@d.example",
            "a@b.example\r\nRCPT TO:<c@d.example>",
            "a@b.example> x",
        ] {
            let body = json!({ "channel_id": channel, "address": address, "topics": ["access_requested"] });
            let refused = fixture.admin().call("POST", "notice-subscriptions", Some(body)).await;
            assert!(matches!(refused.status, 422), "{address:?}: {}", refused.body);
        }
    }
);

scenario!(
    what_is_refused_for_now_is_tried_again_until_a_day_has_passed_and_can_be_sent_again,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &channel, json!({})).await;
        sink.answer("RCPT", "450 4.2.1 greylisted");
        tell(&fixture, &asked("matter:1", "Li Hua")).await;
        let delivery = async || notices(&fixture, "").await[0]["deliveries"][0].clone();
        for (attempts, pause) in [(1, 5), (2, 10), (3, 20)] {
            tick(&fixture).await;
            let row = delivery().await;
            assert_eq!(
                (text(&row, "state"), &row["attempts"]),
                ("pending", &json!(attempts)),
                "{row}"
            );
            let due = fixture.clock.now().millis() + pause * 1000;
            assert_eq!(row["next_at"], json!(due));
            assert_eq!(text(&row["problem"], "severity"), "warning");
            // Not a moment sooner.
            fixture.advance(Duration::from_millis(u64::try_from(pause).unwrap() * 1000 - 1));
            tick(&fixture).await;
            assert_eq!(delivery().await["attempts"], json!(attempts));
            fixture.advance(Duration::from_millis(1));
        }
        for _ in 0..40 {
            fixture.advance(Duration::from_secs(3600));
            tick(&fixture).await;
        }
        let row = delivery().await;
        assert_eq!(text(&row, "state"), "abandoned", "{row}");
        assert!(sink.mails().is_empty());
        sink.accept();
        let notice = notices(&fixture, "?state=abandoned").await.remove(0);
        let path = format!("notices/{}/resend", id(&notice));
        fixture.admin().create(&path, json!({})).await;
        tick(&fixture).await;
        let row = delivery().await;
        assert_eq!(
            (text(&row, "state"), &row["attempts"]),
            ("delivered", &json!(1)),
            "{row}"
        );
        assert_eq!(sink.mails().len(), 1);
        // Once it is delivered there is nothing to send again, unless somebody says which.
        let again = fixture.admin().call("POST", &path, Some(json!({}))).await;
        assert_eq!(again.refusal(), (409, "NO-104"));
        fixture.admin().create(&path, json!({ "delivery_id": row["id"] })).await;
        tick(&fixture).await;
        let mails = sink.mails();
        assert_eq!(mails.len(), 2);
        // What was accepted and is sent again on purpose is another message; receivers drop a second one of one id.
        assert_ne!(mails[0].header("message-id"), mails[1].header("message-id"));
    }
);

scenario!(
    what_a_mail_server_repeats_of_a_login_is_not_kept,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let login = json!({ "username": "menjin", "secret": "hunter2" });
        fixture
            .admin()
            .change(&format!("notice-channels/{channel}"), login)
            .await;
        for (answer, code) in [
            ("535 5.7.8 rejected AG1lbmppbgBodW50ZXIy", "(535 5.7.8)"),
            ("535 wrong password: hunter2", "(535)"),
            ("454 4.7.0 hunter2 is not known", "(454 4.7.0)"),
            ("hunter2", ""),
        ] {
            sink.accept();
            sink.answer("AUTH", answer);
            let delivery = tried(&fixture, &channel).await;
            let kept = delivery.to_string();
            assert!(!kept.contains("hunter2") && !kept.contains("AG1lbm"), "{kept}");
            assert!(text(&delivery, "last_error").ends_with(code), "{kept}");
        }
    }
);

// Trying on with a wrong password gets mailboxes locked.
scenario!(
    a_refused_login_is_tried_once_however_many_mails_wait,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &channel, json!({})).await;
        let path = format!("notice-channels/{channel}");
        let login = json!({ "username": "menjin@corp.example", "secret": "hunter2hunter2" });
        fixture.admin().change(&path, login).await;
        for number in 0..20 {
            tell(&fixture, &asked(&format!("matter:{number}"), "Li Hua")).await;
        }
        sink.answer("AUTH", "535 5.7.8 no");
        let logins = || sink.commands().iter().filter(|line| line.starts_with("AUTH")).count();
        tick(&fixture).await;
        assert_eq!(logins(), 1);
        fixture.advance(Duration::from_secs(4));
        tick(&fixture).await;
        assert_eq!(logins(), 1, "the others wait as well");
        fixture.advance(Duration::from_secs(1));
        tick(&fixture).await;
        assert_eq!(logins(), 2);
        sink.accept();
        fixture.advance(Duration::from_secs(60));
        tick(&fixture).await;
        assert_eq!(sink.mails().len(), 20);
    }
);

scenario!(
    a_link_that_a_mail_server_quotes_is_not_kept,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &channel, json!({})).await;
        let secret = "q3Zx8TfK1mPqWv5sN7bYcLrD0gHjUeAi";
        let path = format!("/access-requests/{secret}");
        sink.answer(
            ".",
            &format!("554 5.7.1 the link {}{path} is on our list", fixture.base),
        );
        let told = NewNotice {
            path: Some(path),
            ..asked("matter:1", "Li Hua")
        };
        tell(&fixture, &told).await;
        tick(&fixture).await;
        let row = notices(&fixture, "").await[0]["deliveries"][0].clone();
        let said = text(&row, "last_error");
        assert!(said.contains("554 5.7.1 the link … is on our list"), "{row}");
        assert!(!row.to_string().contains("q3Zx8TfK"), "{row}");
    }
);
