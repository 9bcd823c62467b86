//! Each trouble that is worth an alert is told, with the page that mends it, and not again while it stays the same.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use simulator::{ForcedExpiry, Tamper, sample};

use super::{
    alerts::{alerts, look},
    mail_channel,
    smtp_sink::SmtpSink,
    subscribe,
};
use crate::{
    actors::{Admin, LogoutReceiver, id, text},
    back_channel_logout::{listening, sign_out},
    backends::Backend,
    doctor::{healthy, sql, wecom},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// Somebody is told of alerts by mail, which ends here.
pub(super) async fn told_by_mail(fixture: &Fixture) -> SmtpSink {
    let sink = SmtpSink::listen();
    let channel = mail_channel(fixture, &sink).await;
    subscribe(fixture, &channel, json!({ "topics": ["alert"] })).await;
    sink
}

/// Asserts that this is told, of each matter once, by a mail with this page and these words; and not again where it is looked again. Answers one of the alerts.
async fn assert_told(fixture: &Fixture, sink: &SmtpSink, number: &str, (page, words): (&str, &str)) -> Value {
    let mut told = Vec::new();
    // On a machine that is busy a check may have no answer in time, and those that rest on it are made at the next look.
    for _ in 0..4 {
        if told.is_empty() {
            look(fixture).await;
            told = alerts(fixture, number).await;
        }
    }
    let matters: BTreeSet<&str> = told.iter().map(|alert| text(alert, "subject")).collect();
    assert!(!told.is_empty() && matters.len() == told.len(), "{number}: {matters:?}");
    for alert in &told {
        assert_eq!(text(&alert["deliveries"][0], "state"), "delivered", "{alert}");
    }
    let link = format!("{}{page}\n", fixture.base);
    let mails = sink.mails().into_iter().map(|mail| mail.readable());
    let about: Vec<String> = mails
        .filter(|mail| mail.contains(&format!("Number: {number}")))
        .collect();
    assert_eq!(about.len(), told.len(), "{number}");
    assert!(
        about.iter().any(|mail| mail.contains(&link) && mail.contains(words)),
        "{link} and {words:?} in {about:#?}"
    );
    look(fixture).await;
    assert_eq!(alerts(fixture, number).await.len(), told.len(), "{number}: the same");
    told[0].clone()
}

/// Asserts that nothing of this number is told.
async fn assert_untold(fixture: &Fixture, number: &str) {
    look(fixture).await;
    let told = alerts(fixture, number).await;
    assert!(told.is_empty(), "{number}: {told:?}");
}

/// The page of a data source.
fn page(source: &Value) -> String {
    format!("/console/wecom/{}", id(source))
}

scenario!(
    a_sync_that_waits_for_an_admin_is_told_with_its_run,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let sink = told_by_mail(&fixture).await;
        let guard = json!({ "guard": { "departures": { "count": 0 } } });
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, guard).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::BY_PICK));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "paused", "{run}");
        let page = format!("/console/sync/{}", id(&run));
        assert_told(&fixture, &sink, "DR-192", (&page, "waits for an admin")).await;
    }
);

scenario!(
    a_sync_that_failed_twice_is_told_and_one_that_failed_once_is_not,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let sink = told_by_mail(&fixture).await;
        let failed = "UPDATE sync_run SET state = 'failed', failure_number = NULL, findings = '[]'";
        sql(&fixture, failed).await;
        assert_untold(&fixture, "DR-193").await;
        let report = fixture.admin().get("doctor").await.to_string();
        assert!(report.contains("DR-193"), "the doctor shows it at once: {report}");
        let run = fixture.sync(id(&source)).await;
        sql(&fixture, failed).await;
        let page = format!("/console/sync/{}", id(&run));
        assert_told(&fixture, &sink, "DR-193", (&page, "did not succeed")).await;
    }
);

scenario!(
    a_sync_that_failed_after_one_that_waited_for_an_admin_is_told,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let sink = told_by_mail(&fixture).await;
        // One that waits keeps others from being begun, so it is made to have waited once both have ended.
        let run = fixture.sync(id(&source)).await;
        let ended = "UPDATE sync_run SET state = CASE WHEN id <> ";
        let last = "(SELECT id FROM sync_run ORDER BY id DESC LIMIT 1)";
        let as_words = "THEN 'paused' ELSE 'failed' END, failure_number = NULL, findings = '[]'";
        sql(&fixture, &format!("{ended}{last} {as_words}")).await;
        let page = format!("/console/sync/{}", id(&run));
        assert_told(&fixture, &sink, "DR-193", (&page, "did not succeed")).await;
    }
);

scenario!(a_secret_that_wecom_refuses_is_told, |fixture: Fixture| async move {
    let source = healthy(&fixture).await;
    let sink = told_by_mail(&fixture).await;
    fixture.edit_corp(|corp| corp.contacts_secret = Some("reset".to_owned()));
    fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
    fixture.sync(id(&source)).await;
    assert_told(
        &fixture,
        &sink,
        "WC-110",
        (&page(&source), "does not accept the secret"),
    )
    .await;
});

scenario!(
    an_address_that_wecom_does_not_trust_is_told_with_the_address_it_saw,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let sink = told_by_mail(&fixture).await;
        fixture.edit_corp(|corp| {
            let elsewhere = || Some(vec!["192.0.2.1".to_owned()]);
            corp.contacts_trusted_ips = elsewhere();
            corp.apps.values_mut().for_each(|app| app.trusted_ips = elsewhere());
        });
        fixture.sync(id(&source)).await;
        // Data source and app each learn of it, at looks of their own.
        for _ in 0..3 {
            look(&fixture).await;
        }
        assert_told(&fixture, &sink, "DI-212", (&page(&source), "127.0.0.1")).await;
    }
);

scenario!(
    a_callback_whose_aes_key_or_token_is_another_is_told,
    |fixture: Fixture| async move {
        wecom::with_callback(&fixture).await;
        let sink = told_by_mail(&fixture).await;
        let source = fixture.admin().items("data-sources").await[0].clone();
        wecom::push(&fixture, Some(Tamper::Key)).await;
        assert_told(&fixture, &sink, "WC-182", (&page(&source), "EncodingAESKey")).await;
        wecom::push(&fixture, Some(Tamper::Signature)).await;
        assert_told(&fixture, &sink, "WC-181", (&page(&source), "Token")).await;
    }
);

scenario!(
    a_logout_that_a_portal_has_not_taken_for_an_hour_is_told,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let sink = told_by_mail(&fixture).await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        receiver.answer(500);
        sign_out(&fixture, &browser, &tokens).await;
        fixture.wait_for_background_work().await;
        assert_untold(&fixture, "DR-217").await;
        fixture.advance(Duration::from_secs(3600));
        let client = fixture.admin().get("clients/wiki").await;
        let page = format!("/console/portals/{}", id(&client));
        assert_told(&fixture, &sink, "DR-217", (&page, "wiki")).await;
        receiver.answer(200);
        fixture.advance(Duration::from_secs(3600));
        look(&fixture).await;
        fixture.advance(Duration::from_secs(86_400));
        look(&fixture).await;
        assert_eq!(alerts(&fixture, "DR-217").await.len(), 1, "it was told since");
    }
);

scenario!(
    contacts_that_were_not_synced_for_two_intervals_are_told,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let sink = told_by_mail(&fixture).await;
        let ago = fixture.clock.now().millis() - 9 * 3_600_000;
        sql(&fixture, &format!("UPDATE data_source SET last_synced_at = {ago}")).await;
        assert_told(&fixture, &sink, "DR-190", (&page(&source), "two intervals")).await;
    }
);

scenario!(
    keys_that_will_sign_are_told_with_their_moment_and_what_portals_need,
    |fixture: Fixture| async move {
        let sink = told_by_mail(&fixture).await;
        assert_untold(&fixture, "NO-131").await;
        fixture.admin().create("keys/rotate", json!({ "alg": "EdDSA" })).await;
        let words = "EdDSA (2026-01-06T08:";
        assert_told(&fixture, &sink, "NO-131", ("/console/settings/keys", words)).await;
        assert!(sink.mails().iter().any(|mail| mail.readable().contains("jwks_uri")));
        // They sign from then on, and there is nothing to be told any more.
        fixture.advance(Duration::from_secs(8 * 86_400));
        look(&fixture).await;
        assert_eq!(alerts(&fixture, "NO-131").await.len(), 1);
    }
);

#[actix_web::test]
async fn a_disk_that_is_nearly_full_is_told() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    healthy(&fixture).await;
    told_by_mail(&fixture).await;
    let full = fixture
        .serve_with(|config| config.database_free_megabytes = u64::MAX)
        .await;
    full.app.tick().await.unwrap();
    full.app.tick().await.unwrap();
    let admin = Admin::new(&fixture.http, &full.base, ADMIN_TOKEN);
    let all = admin.items("notices?topic=alert&limit=200").await;
    let low = all
        .iter()
        .find(|notice| text(notice, "subject").starts_with("alert:DR-111:"));
    let low = low.unwrap_or_else(|| panic!("{all:?}"));
    assert_eq!(text(&low["deliveries"][0], "state"), "delivered", "{low}");
}
