//! Faults between Menjin and WeCom: secrets, domains, IPs, scopes, callbacks, syncs.

use std::time::Duration;

use serde_json::json;
use simulator::{
    Delivery, Event, ForcedExpiry, Owner, Tamper, sample,
    world::{Fault, FaultKind, Scope},
};

use super::{assert_found, assert_well, healthy, sql};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    a_secret_that_wecom_refuses_is_named_once,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        fixture.edit_corp(|corp| corp.contacts_secret = Some("reset".to_owned()));
        fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
        fixture.sync(id(&source)).await;
        let finding = assert_found(&fixture, "WC-110", "error").await;
        assert!(text(&finding, "where").starts_with("data-sources/"), "{finding}");
        let shown = fixture.admin().get(&format!("data-sources/{}", id(&source))).await;
        assert_eq!(shown["problems"].as_array().unwrap().len(), 1, "{shown}");
        assert_eq!(shown["problems"][0]["number"], "WC-110");
    }
);

scenario!(an_app_that_was_closed_is_named_once, |fixture: Fixture| async move {
    let source = healthy(&fixture).await;
    fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().closed = true);
    fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
    fixture.sync(id(&source)).await;
    let finding = assert_found(&fixture, "WC-110", "error").await;
    assert!(text(&finding, "where").starts_with("wecom-apps/"), "{finding}");
});

scenario!(
    another_trusted_domain_or_port_is_named_once,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let own = fixture.base.trim_start_matches("http://").to_owned();
        let (host, _) = own.split_once(':').unwrap();
        for other in ["sso.other.example".to_owned(), format!("{host}:1")] {
            fixture.edit_corp(|corp| {
                let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
                app.oauth_domain = Some(other.clone());
            });
            fixture.clock.advance(Duration::from_secs(1));
            fixture.sync(id(&source)).await;
            let finding = assert_found(&fixture, "DI-207", "error").await;
            assert!(text(&finding, "seen").contains(&other), "{finding}");
        }
    }
);

scenario!(
    an_address_that_wecom_does_not_trust_is_named_once,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        fixture.add_fault(Fault::new("/cgi-bin/user/list", FaultKind::Errcode(60020)));
        fixture.add_fault(Fault::new("/cgi-bin/user/list_id", FaultKind::Errcode(60020)));
        fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Errcode(60020)));
        fixture.add_fault(Fault::new("/cgi-bin/department", FaultKind::Errcode(60020)));
        fixture.clock.advance(Duration::from_secs(1));
        let run = fixture.sync(id(&source)).await;
        assert_ne!(run["state"], "succeeded", "{run}");
        assert_found(&fixture, "SY-113", "error").await;
        fixture.mend_wecom();
        fixture.clock.advance(Duration::from_secs(1));
        fixture.sync(id(&source)).await;
        assert_well(&fixture).await;
    }
);

scenario!(two_corp_ids_that_differ_are_named_once, |fixture: Fixture| async move {
    let source = healthy(&fixture).await;
    let own = fixture.base.trim_start_matches("http://").to_owned();
    fixture.wecom.edit(|world| {
        let app = world.corp_mut(sample::CORP2).unwrap().apps.get_mut(&sample::AGENT_ID2);
        app.unwrap().oauth_domain = Some(own);
    });
    let body = json!({
        "name": "老门户", "corp_id": sample::CORP2, "data_source_id": id(&source),
        "agent_id": sample::AGENT_ID2, "app_secret": sample::APP_SECRET2,
    });
    fixture.admin().create("auth-sources", body).await;
    let finding = assert_found(&fixture, "GT-104", "error").await;
    assert!(text(&finding, "where").contains("老门户"), "{finding}");
});

scenario!(
    a_scope_that_was_emptied_waits_for_an_admin,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        fixture.edit_corp(|corp| {
            corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = Scope::default();
        });
        fixture.clock.advance(Duration::from_secs(1));
        let run = fixture.sync(id(&source)).await;
        assert_ne!(run["state"], "succeeded", "{run}");
        assert_found(&fixture, "DR-192", "warning").await;
    }
);

/// A callback of the contacts helper, verified by WeCom.
pub async fn with_callback(fixture: &Fixture) {
    let source = healthy(fixture).await;
    let path = format!("data-sources/{}/callbacks", id(&source));
    let issued = fixture.admin().create(&path, json!({ "owner": "contacts" })).await;
    assert_found(fixture, "DR-180", "warning").await;
    let (url, token, key) = (
        text(&issued, "url"),
        text(&issued, "token"),
        text(&issued, "encoding_aes_key"),
    );
    let saved = fixture
        .wecom
        .configure_callback(sample::CORP, Owner::Contacts, url, token, key);
    saved.await.unwrap();
    assert_well(fixture).await;
}

/// WeCom pushes an event that was spoilt like this.
pub async fn push(fixture: &Fixture, tamper: Option<Tamper>) {
    let event = Event::DeleteUser {
        userid: "nobody".to_owned(),
    };
    let delivery = Delivery {
        tamper,
        ..Delivery::default()
    };
    fixture.wecom.emit(sample::CORP, Owner::Contacts, event, delivery).await;
    fixture.wait_for_background_work().await;
}

scenario!(
    a_callback_with_a_wrong_token_is_named_until_an_event_arrives,
    |fixture: Fixture| async move {
        with_callback(&fixture).await;
        push(&fixture, Some(Tamper::Signature)).await;
        let finding = assert_found(&fixture, "WC-181", "error").await;
        assert!(text(&finding, "where").contains("callbacks contacts"), "{finding}");
        push(&fixture, None).await;
        assert_well(&fixture).await;
    }
);

scenario!(
    a_callback_with_a_wrong_aes_key_is_named,
    |fixture: Fixture| async move {
        with_callback(&fixture).await;
        push(&fixture, Some(Tamper::Key)).await;
        let finding = assert_found(&fixture, "WC-182", "error").await;
        assert!(text(&finding, "where").contains("callbacks contacts"), "{finding}");
    }
);

scenario!(
    contacts_that_were_not_synced_for_two_intervals_or_never_are_named,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let ago = |hours: i64| fixture.clock.now().millis() - hours * 3_600_000;
        let set = async |column: &str, value: i64| {
            sql(&fixture, &format!("UPDATE data_source SET {column} = {value}")).await;
        };
        set("last_synced_at", ago(7)).await;
        assert_well(&fixture).await;
        set("last_synced_at", ago(9)).await;
        assert_found(&fixture, "DR-190", "error").await;
        set("created_at", ago(2)).await;
        sql(&fixture, "UPDATE data_source SET last_synced_at = NULL").await;
        assert_found(&fixture, "DR-191", "warning").await;
    }
);

scenario!(
    contacts_that_are_old_because_the_last_sync_failed_or_one_is_running_are_not_named_twice,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        sql(&fixture, "UPDATE data_source SET last_synced_at = 1").await;
        sql(
            &fixture,
            "UPDATE sync_run SET state = 'failed', failure_number = NULL, findings = '[]'",
        )
        .await;
        assert_found(&fixture, "DR-193", "error").await;
        sql(&fixture, "UPDATE sync_run SET state = 'running'").await;
        assert_well(&fixture).await;
        sql(&fixture, "UPDATE sync_run SET state = 'succeeded'").await;
        assert_found(&fixture, "DR-190", "error").await;
    }
);

scenario!(
    what_is_switched_off_in_menjin_is_not_told,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().closed = true);
        fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
        fixture.sync(id(&source)).await;
        assert_found(&fixture, "WC-110", "error").await;
        sql(&fixture, "UPDATE auth_source SET enabled = false").await;
        sql(&fixture, "UPDATE data_source SET enabled = false").await;
        assert_well(&fixture).await;
    }
);

scenario!(
    a_sync_that_the_guard_paused_or_that_failed_is_named,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        sql(
            &fixture,
            "UPDATE sync_run SET state = 'failed', failure_number = NULL, findings = '[]'",
        )
        .await;
        assert_found(&fixture, "DR-193", "error").await;
        let guard = json!({ "guard": { "departures": { "count": 0 } } });
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, guard).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::BY_PICK));
        fixture.clock.advance(Duration::from_secs(1));
        assert_eq!(fixture.sync(id(&source)).await["state"], "paused");
        let finding = assert_found(&fixture, "DR-192", "warning").await;
        assert!(text(&finding, "where").starts_with("sync-runs/"), "{finding}");
    }
);
