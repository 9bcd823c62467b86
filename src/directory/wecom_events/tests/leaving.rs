//! Tests of departure events: who is deleted, unsubscribed or disabled in WeCom loses access.

use std::time::Duration;

use simulator::{
    Delivery, Event,
    sample::{AGENT_ID, APP_SECRET, BY_PICK, CONTACTS_SECRET, CORP, NORMAL, OUT_OF_SCOPE},
    world::{Fault, FaultKind},
};

use super::fixture::Fixture;
use crate::{
    directory::{
        sync::{
            departure_check::DepartureCheck,
            plan::model::{Departure, Plan, RowOutcome, RowVersion},
        },
        wecom_events::endpoint_owner::Owner,
    },
    kernel::secret::Secret,
    wecom::model::{Credential, SecretKind},
};

fn deleted(userid: &str) -> Event {
    Event::DeleteUser {
        userid: userid.to_owned(),
    }
}

#[actix_web::test]
async fn a_leaver_is_out_without_a_sync() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    let session = fixture.session(NORMAL).await;
    fixture.advance(Duration::from_secs(5));
    fixture.remove(NORMAL);
    fixture.tell(deleted(NORMAL)).await;
    let user = fixture.user(NORMAL).await;
    assert_eq!(
        (user.status.as_str(), user.disabled_reason.as_deref()),
        ("disabled", Some("departed"))
    );
    let member = fixture.member(NORMAL).await.unwrap();
    assert_eq!(
        (member.state.as_str(), member.departed_at),
        ("departed", Some(fixture.clock.now().millis()))
    );
    let session = fixture.find_session(session).await;
    assert_eq!(session.end_reason.as_deref(), Some("departed"));
    assert_eq!(session.ended_at, Some(fixture.clock.now().millis()));
    let [record] = &fixture.departures().await[..] else {
        panic!("one record")
    };
    assert_eq!(record.detail["userid"], NORMAL);
    assert!(record.detail["sync_run_id"].is_null(), "{}", record.detail);
    assert_eq!(fixture.event_runs().await, 0);
    let endpoint = fixture.endpoint(issued.id).await;
    assert_eq!((endpoint.retry_at, endpoint.told), (None, 0));
    assert!(fixture.pending().await.is_empty());
    assert_eq!(endpoint.last_event_at, Some(fixture.clock.now().millis()));
}

#[actix_web::test]
async fn a_userid_in_another_letter_case_is_the_same_member() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    fixture.tell(deleted(&NORMAL.to_uppercase())).await;
    assert!(!fixture.is_in(NORMAL).await);
}

#[actix_web::test]
async fn who_leaves_the_apps_visible_scope_is_out_where_the_app_is_all_we_have() {
    let fixture = Fixture::open().await;
    fixture.forget_contacts_secret().await;
    leave_scope(&fixture).await;
    assert!(!fixture.is_in(BY_PICK).await);
    assert_eq!(fixture.event_runs().await, 0);
}

#[actix_web::test]
async fn who_leaves_only_the_apps_visible_scope_stays_a_member_and_is_out() {
    let fixture = Fixture::open().await;
    leave_scope(&fixture).await;
    assert_eq!(fixture.member(BY_PICK).await.unwrap().state, "present");
    let user = fixture.user(BY_PICK).await;
    assert_eq!(user.disabled_reason.as_deref(), Some("out_of_scope"));
    assert_eq!(fixture.event_runs().await, 1);
    assert!(fixture.departures().await.is_empty());
}

async fn leave_scope(fixture: &Fixture) {
    fixture.configure(Owner::App).await;
    fixture.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        app.scope.users.retain(|userid| userid != BY_PICK);
    });
    let event = Event::Unsubscribe {
        userid: BY_PICK.to_owned(),
    };
    let report = fixture.emit(Owner::App, event, Delivery::default()).await;
    assert_eq!(report.statuses, [200]);
}

#[actix_web::test]
async fn an_event_is_not_believed() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    fixture.tell(deleted(NORMAL)).await;
    assert!(fixture.is_in(NORMAL).await);
    assert_eq!(fixture.event_runs().await, 0);
    assert_eq!(
        fixture.pending().await,
        [(NORMAL.to_owned(), 1)],
        "WeCom may show it a moment later"
    );
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 0, "not at once");
    fixture.remove(NORMAL);
    fixture.advance(Duration::from_secs(1));
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 1);
    assert!(!fixture.is_in(NORMAL).await);
    assert!(fixture.pending().await.is_empty());
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn whom_wecom_still_shows_after_ten_minutes_a_sync_decides_about() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    fixture.tell(deleted(NORMAL)).await;
    for _ in 0..60 {
        fixture.advance(Duration::from_secs(15));
        fixture.callbacks.tick().await.unwrap();
    }
    assert!(fixture.is_in(NORMAL).await && fixture.pending().await.is_empty());
    assert_eq!(fixture.event_runs().await, 1);
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn who_is_disabled_in_wecom_is_known_to_be() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    fixture
        .sim
        .edit(|world| world.corp_mut(CORP).unwrap().member_mut(NORMAL).unwrap().status = 2);
    fixture.advance(Duration::from_secs(5));
    fixture.tell(deleted(NORMAL)).await;
    let member = fixture.member(NORMAL).await.unwrap();
    assert_eq!((member.status, member.state.as_str()), (Some(2), "present"));
    let now = fixture.clock.now().millis();
    assert_eq!((member.checked_at, member.updated_at), (now, now));
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn who_was_never_here_leaves_without_a_trace() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    fixture.tell(deleted("nobody")).await;
    assert_eq!((fixture.departures().await.len(), fixture.event_runs().await), (0, 0));
    assert!(fixture.pending().await.is_empty());
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn where_the_app_may_not_look_the_ids_of_the_corp_tell() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    let fault = Fault::new("/cgi-bin/user/get", FaultKind::Errcode(48002)).times(1);
    fixture.sim.edit(|world| world.faults.push(fault));
    fixture.tell(deleted(NORMAL)).await;
    assert!(!fixture.is_in(NORMAL).await);
    assert_eq!(fixture.event_runs().await, 0);
}

#[actix_web::test]
async fn where_neither_the_member_nor_the_ids_may_be_read_a_sync_tells() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    for call in ["/cgi-bin/user/get", "/cgi-bin/user/list_id"] {
        let fault = Fault::new(call, FaultKind::Errcode(48002)).times(1);
        fixture.sim.edit(|world| world.faults.push(fault));
    }
    fixture.tell(deleted(NORMAL)).await;
    assert!(!fixture.is_in(NORMAL).await);
    assert_eq!(fixture.event_runs().await, 1);
}

#[actix_web::test]
async fn one_broken_reply_does_not_delay_a_departure() {
    for kind in [
        FaultKind::Reset,
        FaultKind::Truncated,
        FaultKind::BadGateway,
        FaultKind::Errcode(-1),
    ] {
        let fixture = Fixture::open().await;
        fixture.configure(Owner::Contacts).await;
        fixture.remove(NORMAL);
        let fault = Fault::new("/cgi-bin/user/get", kind.clone()).times(1);
        fixture.sim.edit(|world| world.faults.push(fault));
        fixture.tell(deleted(NORMAL)).await;
        assert!(!fixture.is_in(NORMAL).await, "{kind:?}");
        assert_eq!(fixture.event_runs().await, 0);
    }
}

#[actix_web::test]
async fn an_outage_of_wecom_delays_a_departure_by_seconds() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    fixture.advance(Duration::from_secs(5));
    fixture
        .sim
        .edit(|world| world.faults.push(Fault::new("/cgi-bin/", FaultKind::BadGateway)));
    fixture.tell(deleted(NORMAL)).await;
    for _ in 0..150 {
        fixture.advance(Duration::from_secs(1));
        fixture.callbacks.tick().await.unwrap();
    }
    assert!(
        fixture.is_in(NORMAL).await,
        "absence proves nothing while WeCom is down"
    );
    let [(_, looks)] = fixture.pending().await[..] else {
        panic!("one")
    };
    assert!((10..20).contains(&looks), "not in a loop: {looks}");
    assert_eq!(fixture.event_runs().await, 0, "nor is a sync tried");
    fixture.sim.edit(|world| world.faults.clear());
    for _ in 0..15 {
        fixture.advance(Duration::from_secs(1));
        fixture.callbacks.tick().await.unwrap();
    }
    assert!(!fixture.is_in(NORMAL).await);
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn a_rename_told_during_an_outage_is_not_lost() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    let before = fixture.member(NORMAL).await.unwrap();
    fixture.advance(Duration::from_secs(5));
    fixture.sim.edit(|world| {
        world.corp_mut(CORP).unwrap().rename_member(NORMAL, "xinming");
        world.faults.push(Fault::new("/cgi-bin/", FaultKind::Reset));
    });
    let renamed = Event::UpdateUser {
        userid: NORMAL.to_owned(),
        new_userid: Some("xinming".to_owned()),
    };
    fixture.tell(renamed).await;
    fixture.sim.edit(|world| world.faults.clear());
    fixture.advance(Duration::from_secs(15));
    fixture.callbacks.tick().await.unwrap();
    let after = fixture.member("xinming").await.unwrap();
    assert_eq!((after.id, after.user_id), (before.id, before.user_id));
}

#[actix_web::test]
async fn who_is_missing_from_the_lists_is_looked_at_before_they_depart() {
    let fixture = Fixture::open().await;
    fixture.forget_contacts_secret().await;
    fixture.remove(NORMAL);
    let unreachable = Fault::new("/cgi-bin/user/get", FaultKind::BadGateway);
    fixture.sim.edit(|world| world.faults.push(unreachable));
    // Members picked singly could not be read now either, so nobody could depart: the fault is meant for the departure check alone.
    fixture.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        app.scope.users.clear();
        app.scope.tags.clear();
    });
    fixture.run().await;
    assert!(fixture.is_in(NORMAL).await, "nothing could be learned of them");
    fixture.sim.edit(|world| world.faults.clear());
    fixture.run().await;
    assert!(!fixture.is_in(NORMAL).await);
}

#[actix_web::test]
async fn who_moved_while_the_lists_were_read_is_seen_live_and_stays() {
    let fixture = Fixture::unsynced(true).await;
    let check_member = DepartureCheck {
        others: std::collections::HashMap::new(),
        wecom: fixture.callbacks.deps.wecom.clone(),
        app: Some(Credential {
            corp_id: CORP.to_owned(),
            secret: Secret::new(APP_SECRET.to_owned()),
            kind: SecretKind::App {
                agent_id: i64::from(AGENT_ID),
            },
            suite: None,
        }),
        contacts: None,
    };
    let missing = |number, userid: &str| Departure {
        held: RowVersion {
            id: uuid::Uuid::from_u128(number),
            version: 1,
        },
        userid: userid.to_owned(),
        user_id: None,
        told: false,
        reused: false,
    };
    let mut plan = Plan {
        departures: vec![missing(1, NORMAL), missing(2, "nobody")],
        ..Plan::default()
    };
    check_member.filter(&mut plan).await;
    assert_eq!(plan.departures, [missing(2, "nobody")]);
    assert_eq!(plan.confirmed, [uuid::Uuid::from_u128(1)]);
    let [row] = &plan.rows[..] else { panic!("one row") };
    assert_eq!((row.userid.as_str(), row.outcome), (NORMAL, RowOutcome::Skipped));
    assert!(row.reason.contains("seen live"), "{}", row.reason);

    let many: Vec<_> = (1..=51).map(|number| missing(number, NORMAL)).collect();
    plan.departures.clone_from(&many);
    check_member.filter(&mut plan).await;
    assert_eq!(plan.departures, many, "so many are the threshold's business");

    // Where absence proves nothing, as many as can be looked at are, and of the rest nothing is known.
    plan.departures.insert(0, missing(99, "nobody"));
    (plan.needs_look, plan.rows) = (true, Vec::new());
    check_member.filter(&mut plan).await;
    assert_eq!(plan.departures, [missing(99, "nobody")]);
    assert_eq!(plan.confirmed.len(), 1 + 49);
}

#[actix_web::test]
async fn whom_the_app_does_not_see_and_one_walk_missed_is_found_by_a_second_walk() {
    let fixture = Fixture::unsynced(true).await;
    let credential = |secret: &str, kind| Credential {
        corp_id: CORP.to_owned(),
        secret: Secret::new(secret.to_owned()),
        kind,
        suite: None,
    };
    let app = SecretKind::App {
        agent_id: i64::from(AGENT_ID),
    };
    let check_member = DepartureCheck {
        others: std::collections::HashMap::new(),
        wecom: fixture.callbacks.deps.wecom.clone(),
        app: Some(credential(APP_SECRET, app)),
        contacts: Some(credential(CONTACTS_SECRET, SecretKind::ContactsSync)),
    };
    let missing = |number, userid: &str, told| Departure {
        held: RowVersion {
            id: uuid::Uuid::from_u128(number),
            version: 1,
        },
        userid: userid.to_owned(),
        user_id: None,
        told,
        reused: false,
    };
    let planned = || Plan {
        departures: vec![
            missing(1, OUT_OF_SCOPE, false),
            missing(2, "nobody", false),
            missing(3, OUT_OF_SCOPE, true),
        ],
        ..Plan::default()
    };
    let mut plan = planned();
    let before = fixture.sim.calls("/cgi-bin/user/list_id");
    check_member.filter(&mut plan).await;
    assert_eq!(
        plan.departures,
        [missing(2, "nobody", false), missing(3, OUT_OF_SCOPE, true)],
        "whom WeCom says to have left has left"
    );
    assert_eq!(plan.confirmed, [uuid::Uuid::from_u128(1)]);
    assert_eq!(
        fixture.sim.calls("/cgi-bin/user/list_id"),
        before + 1,
        "one walk for all"
    );
    // Where the list of ids cannot be read, nobody departs by being missing.
    let broken = Fault::new("/cgi-bin/user/list_id", FaultKind::BadGateway);
    fixture.sim.edit(|world| world.faults.push(broken));
    let mut plan = planned();
    check_member.filter(&mut plan).await;
    assert_eq!(plan.departures, [missing(3, OUT_OF_SCOPE, true)]);
    assert!(plan.confirmed.is_empty() && plan.rows[0].reason.contains("could not be looked at"));
}
