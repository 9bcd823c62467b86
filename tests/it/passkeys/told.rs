//! Whose passkey was added or removed is told by mail, and of a sign-in by it in a browser that was not known.

use serde_json::json;

use super::{operator, set_up, sign_in};
use crate::{
    actors::text,
    fixture::Fixture,
    notices::{mail_channel, smtp_sink::SmtpSink},
    passkey_scenario,
};

passkey_scenario!(
    adding_using_elsewhere_and_removing_a_passkey_is_told,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        mail_channel(&fixture, &sink).await;
        let (colleague, passkey) = operator(&fixture, "admin").await;
        let path = format!("users/{}", colleague.id);
        let own = json!({ "email": "boss@corp.example", "locale": "en" });
        fixture.admin().change(&path, own).await;
        let console = format!("{}/console", fixture.base);
        let told = async |count: usize| {
            fixture.app.tick().await.unwrap();
            let mails = sink.mails();
            assert_eq!(mails.len(), count);
            let last = mails.last().unwrap();
            format!("{}\n{}", last.header("subject").unwrap(), last.readable())
        };
        let stranger = fixture.browser();
        assert_eq!(sign_in(&stranger, &console, &passkey).await.status, 200);
        assert!(told(1).await.starts_with("A new sign-in to your account"));
        set_up(&fixture, &stranger, "Phone").await;
        let mail = told(2).await;
        assert!(
            mail.starts_with("A passkey was added") && mail.contains("By: you"),
            "{mail}"
        );
        let listed = fixture.admin().get(&format!("{path}/passkeys")).await;
        let removed = format!("{path}/passkeys/{}", text(&listed["items"][1], "id"));
        assert_eq!(fixture.admin().call("DELETE", &removed, None).await.status, 204);
        let mail = told(3).await;
        assert!(
            mail.starts_with("A passkey of your account") && mail.contains("By: an administrator"),
            "{mail}"
        );
        // The browser is known from its first sign-in on.
        fixture.advance(std::time::Duration::from_secs(60));
        let known = stranger.cookie("menjin_known").unwrap();
        let again = fixture.browser();
        again.plant("localhost", "menjin_known", &known);
        assert_eq!(sign_in(&again, &console, &passkey).await.status, 200);
        fixture.app.tick().await.unwrap();
        assert_eq!(sink.mails().len(), 3);
    }
);
