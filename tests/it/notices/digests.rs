//! Digests: what is gathered is sent once, together.

use std::time::Duration;

use serde_json::{Value, json};

use menjin::notices::{NewNotice, Topic};

use super::{asked, mail_channel, notices, smtp_sink::SmtpSink, subscribe, tell, tick};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// Requests themselves are told at once, whatever the digest: their links live for a day.
fn refused(subject: &str, name: &str) -> NewNotice {
    NewNotice {
        topic: Topic::AccessRefused,
        ..asked(subject, name)
    }
}

/// The states of all deliveries.
/// Somebody is told of refused requests once an hour, by mail, which ends here.
async fn gathered_hourly(fixture: &Fixture) -> SmtpSink {
    let sink = SmtpSink::listen();
    let channel = mail_channel(fixture, &sink).await;
    let wanted = json!({ "digest": "hourly", "topics": ["access_refused"] });
    subscribe(fixture, &channel, wanted).await;
    sink
}

async fn states(fixture: &Fixture) -> Vec<String> {
    let all = notices(fixture, "").await;
    let deliveries = all.iter().flat_map(|notice| notice["deliveries"].as_array().unwrap());
    deliveries.map(|delivery| text(delivery, "state").to_owned()).collect()
}

scenario!(
    the_notices_of_an_hour_are_one_mail_at_the_full_hour_and_each_says_what_became_of_it,
    |fixture: Fixture| async move {
        let sink = gathered_hourly(&fixture).await;
        for what in ["alpha", "beta", "gamma"] {
            fixture.advance(Duration::from_secs(60));
            tell(&fixture, &refused(&format!("matter:{what}"), what)).await;
            tick(&fixture).await;
        }
        assert!(sink.mails().is_empty());
        assert_eq!(states(&fixture).await, ["held", "held", "held"]);
        fixture.advance(Duration::from_secs(57 * 60 - 1));
        tick(&fixture).await;
        assert!(sink.mails().is_empty(), "not a second early");
        // A server that is away keeps them together.
        sink.answer("MAIL", "451 4.3.0 not now");
        fixture.advance(Duration::from_secs(1));
        tick(&fixture).await;
        assert!(sink.mails().is_empty());
        sink.accept();
        fixture.advance(Duration::from_secs(5));
        tick(&fixture).await;
        let mails = sink.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].header("subject").as_deref(), Some("3 notices from Menjin"));
        for what in ["alpha", "beta", "gamma"] {
            assert!(mails[0].readable().contains(what), "{what}: {}", mails[0].text);
        }
        assert_eq!(states(&fixture).await, ["delivered", "delivered", "delivered"]);
        // The next hour begins anew; one alone is no digest of one.
        tell(&fixture, &refused("matter:delta", "delta")).await;
        fixture.advance(Duration::from_secs(3600));
        tick(&fixture).await;
        tick(&fixture).await;
        let mails = sink.mails();
        assert_eq!(mails.len(), 2);
        assert_eq!(
            mails[1].header("subject").as_deref(),
            Some("Your request for access was refused")
        );
        // One of a digest is sent again alone.
        let beta: Value = notices(&fixture, "?subject=matter:beta").await.remove(0);
        let again = json!({ "delivery_id": beta["deliveries"][0]["id"] });
        let path = format!("notices/{}/resend", id(&beta));
        fixture.admin().create(&path, again).await;
        tick(&fixture).await;
        let last = sink.mails().remove(2);
        assert!(
            last.readable().contains("beta") && !last.readable().contains("alpha"),
            "{}",
            last.text
        );
    }
);

scenario!(
    what_carried_a_digest_is_sent_again_alone_and_loses_none_of_the_others,
    |fixture: Fixture| async move {
        let sink = gathered_hourly(&fixture).await;
        for what in ["alpha", "beta", "gamma"] {
            fixture.advance(Duration::from_secs(1));
            tell(&fixture, &refused(&format!("matter:{what}"), what)).await;
        }
        sink.answer("MAIL", "451 4.3.0 not now");
        fixture.advance(Duration::from_secs(3600));
        tick(&fixture).await;
        let alpha: Value = notices(&fixture, "?subject=matter:alpha").await.remove(0);
        let again = json!({ "delivery_id": alpha["deliveries"][0]["id"] });
        let path = format!("notices/{}/resend", id(&alpha));
        fixture.admin().create(&path, again).await;
        sink.accept();
        for _ in 0..3 {
            fixture.advance(Duration::from_secs(60));
            tick(&fixture).await;
        }
        let whole: String = sink.mails().iter().map(|mail| mail.readable()).collect();
        assert!(
            whole.contains("alpha") && whole.contains("beta") && whole.contains("gamma"),
            "{whole}"
        );
        assert_eq!(states(&fixture).await, ["delivered", "delivered", "delivered"]);
    }
);

scenario!(
    a_request_for_access_is_told_at_once_whatever_the_digest,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &channel, json!({ "digest": "daily" })).await;
        tell(&fixture, &asked("matter:1", "Li Hua")).await;
        tick(&fixture).await;
        assert_eq!(sink.mails().len(), 1);
    }
);
