//! Leave = out: who is deleted, unsubscribed or disabled in WeCom.

use std::time::Duration;

use simulator::{
    Delivery, Event,
    sample::{AGENT_ID, APP_SECRET, BY_PICK, CONTACTS_SECRET, CORP, NORMAL, OUT_OF_SCOPE},
    world::{Fault, FaultKind},
};

use super::bench::Bench;
use crate::{
    directory::{
        callback::owner::Owner,
        sync::{
            departure_check::DepartureCheck,
            plan::model::{Departure, Held, Plan, RowOutcome},
        },
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
    let bench = Bench::open().await;
    let issued = bench.configure(Owner::Contacts).await;
    let session = bench.session(NORMAL).await;
    bench.advance(Duration::from_secs(5));
    bench.remove(NORMAL);
    bench.tell(deleted(NORMAL)).await;
    let user = bench.user(NORMAL).await;
    assert_eq!(
        (user.status.as_str(), user.disabled_reason.as_deref()),
        ("disabled", Some("departed"))
    );
    let member = bench.member(NORMAL).await.unwrap();
    assert_eq!(
        (member.state.as_str(), member.departed_at),
        ("departed", Some(bench.clock.now().millis()))
    );
    let session = bench.find_session(session).await;
    assert_eq!(session.end_reason.as_deref(), Some("departed"));
    assert_eq!(session.ended_at, Some(bench.clock.now().millis()));
    let [record] = &bench.departures().await[..] else {
        panic!("one record")
    };
    assert_eq!(record.detail["userid"], NORMAL);
    assert!(record.detail["sync_run_id"].is_null(), "{}", record.detail);
    assert_eq!(bench.event_runs().await, 0);
    let endpoint = bench.endpoint(issued.id).await;
    assert_eq!((endpoint.retry_at, endpoint.told), (None, 1));
    assert_eq!(endpoint.last_event_at, Some(bench.clock.now().millis()));
}

#[actix_web::test]
async fn a_userid_in_another_letter_case_is_the_same_member() {
    let bench = Bench::open().await;
    bench.configure(Owner::Contacts).await;
    bench.remove(NORMAL);
    bench.tell(deleted(&NORMAL.to_uppercase())).await;
    assert!(!bench.is_in(NORMAL).await);
}

#[actix_web::test]
async fn who_leaves_the_apps_visible_scope_is_out_where_the_app_is_all_we_have() {
    let bench = Bench::open().await;
    bench.forget_contacts_secret().await;
    leave_scope(&bench).await;
    assert!(!bench.is_in(BY_PICK).await);
    assert_eq!(bench.event_runs().await, 0);
}

#[actix_web::test]
async fn who_leaves_only_the_apps_visible_scope_stays_where_the_corp_is_asked() {
    let bench = Bench::open().await;
    leave_scope(&bench).await;
    assert!(bench.is_in(BY_PICK).await);
    assert_eq!(bench.event_runs().await, 1);
    assert!(bench.departures().await.is_empty());
}

async fn leave_scope(bench: &Bench) {
    bench.configure(Owner::App).await;
    bench.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        app.scope.users.retain(|userid| userid != BY_PICK);
    });
    let event = Event::Unsubscribe {
        userid: BY_PICK.to_owned(),
    };
    let report = bench.emit(Owner::App, event, Delivery::default()).await;
    assert_eq!(report.statuses, [200]);
}

#[actix_web::test]
async fn an_event_is_not_believed() {
    let bench = Bench::open().await;
    let issued = bench.configure(Owner::Contacts).await;
    bench.tell(deleted(NORMAL)).await;
    assert!(bench.is_in(NORMAL).await);
    assert_eq!(bench.event_runs().await, 0);
    assert!(
        bench.endpoint(issued.id).await.retry_at.is_some(),
        "WeCom may show it a moment later"
    );
    assert_eq!(bench.callbacks.tick().await.unwrap(), 0, "not at once");
    bench.remove(NORMAL);
    bench.advance(Duration::from_secs(60));
    assert_eq!(bench.callbacks.tick().await.unwrap(), 1);
    assert!(!bench.is_in(NORMAL).await);
    assert_eq!(bench.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn who_is_disabled_in_wecom_is_known_to_be() {
    let bench = Bench::open().await;
    let issued = bench.configure(Owner::Contacts).await;
    bench
        .sim
        .edit(|world| world.corp_mut(CORP).unwrap().member_mut(NORMAL).unwrap().status = 2);
    bench.advance(Duration::from_secs(5));
    bench.tell(deleted(NORMAL)).await;
    let member = bench.member(NORMAL).await.unwrap();
    assert_eq!((member.status, member.state.as_str()), (Some(2), "present"));
    let now = bench.clock.now().millis();
    assert_eq!((member.checked_at, member.updated_at), (now, now));
    assert_eq!(bench.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn who_was_never_here_leaves_without_a_trace() {
    let bench = Bench::open().await;
    let issued = bench.configure(Owner::Contacts).await;
    bench.tell(deleted("nobody")).await;
    assert_eq!((bench.departures().await.len(), bench.event_runs().await), (0, 0));
    assert_eq!(bench.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn where_one_member_cannot_be_looked_at_a_sync_tells() {
    let bench = Bench::open().await;
    bench.configure(Owner::Contacts).await;
    bench.remove(NORMAL);
    let fault = Fault::new("/cgi-bin/user/get", FaultKind::BadGateway).times(1);
    bench.sim.edit(|world| world.faults.push(fault));
    bench.tell(deleted(NORMAL)).await;
    assert!(!bench.is_in(NORMAL).await);
    assert_eq!(bench.event_runs().await, 1);
}

#[actix_web::test]
async fn an_outage_of_wecom_delays_a_departure_and_does_not_lose_it() {
    let bench = Bench::open().await;
    let issued = bench.configure(Owner::Contacts).await;
    bench.remove(NORMAL);
    bench.advance(Duration::from_secs(5));
    bench
        .sim
        .edit(|world| world.faults.push(Fault::new("/cgi-bin/", FaultKind::BadGateway)));
    bench.tell(deleted(NORMAL)).await;
    assert!(bench.is_in(NORMAL).await, "absence proves nothing while WeCom is down");
    bench.advance(Duration::from_secs(60));
    assert_eq!(bench.callbacks.tick().await.unwrap(), 1);
    assert_eq!(bench.callbacks.tick().await.unwrap(), 0, "not in a loop");
    bench.sim.edit(|world| world.faults.clear());
    bench.advance(Duration::from_secs(1800));
    assert_eq!(bench.callbacks.tick().await.unwrap(), 1);
    assert!(!bench.is_in(NORMAL).await);
    assert_eq!(bench.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn who_is_missing_from_the_lists_is_looked_at_before_they_depart() {
    let bench = Bench::open().await;
    bench.forget_contacts_secret().await;
    bench.remove(NORMAL);
    let unreachable = Fault::new("/cgi-bin/user/get", FaultKind::BadGateway);
    bench.sim.edit(|world| world.faults.push(unreachable));
    // Whoever is picked singly cannot be read now either, so nobody could depart: the fault is for the second look alone.
    bench.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        app.scope.users.clear();
        app.scope.tags.clear();
    });
    bench.run().await;
    assert!(bench.is_in(NORMAL).await, "nothing could be learned of them");
    bench.sim.edit(|world| world.faults.clear());
    bench.run().await;
    assert!(!bench.is_in(NORMAL).await);
}

#[actix_web::test]
async fn who_moved_while_the_lists_were_read_is_seen_live_and_stays() {
    let bench = Bench::unsynced(true).await;
    let look = DepartureCheck {
        wecom: bench.callbacks.deps.wecom.clone(),
        app: Some(Credential {
            corp_id: CORP.to_owned(),
            secret: Secret::new(APP_SECRET.to_owned()),
            kind: SecretKind::App {
                agent_id: i64::from(AGENT_ID),
            },
        }),
        contacts: None,
    };
    let missing = |number, userid: &str| Departure {
        held: Held {
            id: uuid::Uuid::from_u128(number),
            version: 1,
        },
        userid: userid.to_owned(),
        user_id: None,
        told: false,
    };
    let mut plan = Plan {
        departures: vec![missing(1, NORMAL), missing(2, "nobody")],
        ..Plan::default()
    };
    look.filter(&mut plan).await;
    assert_eq!(plan.departures, [missing(2, "nobody")]);
    assert_eq!(plan.confirmed, [uuid::Uuid::from_u128(1)]);
    let [row] = &plan.rows[..] else { panic!("one row") };
    assert_eq!((row.userid.as_str(), row.outcome), (NORMAL, RowOutcome::Skipped));
    assert!(row.reason.contains("seen live"), "{}", row.reason);

    let many: Vec<_> = (1..=51).map(|number| missing(number, NORMAL)).collect();
    plan.departures.clone_from(&many);
    look.filter(&mut plan).await;
    assert_eq!(plan.departures, many, "so many are the threshold's business");
}

#[actix_web::test]
async fn whom_the_app_does_not_see_and_one_walk_missed_is_found_by_a_second_walk() {
    let bench = Bench::unsynced(true).await;
    let credential = |secret: &str, kind| Credential {
        corp_id: CORP.to_owned(),
        secret: Secret::new(secret.to_owned()),
        kind,
    };
    let app = SecretKind::App {
        agent_id: i64::from(AGENT_ID),
    };
    let look = DepartureCheck {
        wecom: bench.callbacks.deps.wecom.clone(),
        app: Some(credential(APP_SECRET, app)),
        contacts: Some(credential(CONTACTS_SECRET, SecretKind::ContactsSync)),
    };
    let missing = |number, userid: &str, told| Departure {
        held: Held {
            id: uuid::Uuid::from_u128(number),
            version: 1,
        },
        userid: userid.to_owned(),
        user_id: None,
        told,
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
    let before = bench.sim.calls("/cgi-bin/user/list_id");
    look.filter(&mut plan).await;
    assert_eq!(
        plan.departures,
        [missing(2, "nobody", false), missing(3, OUT_OF_SCOPE, true)],
        "whom WeCom says to have left has left"
    );
    assert_eq!(plan.confirmed, [uuid::Uuid::from_u128(1)]);
    assert_eq!(bench.sim.calls("/cgi-bin/user/list_id"), before + 1, "one walk for all");
    // Where the walk fails, nobody departs by being missing.
    let broken = Fault::new("/cgi-bin/user/list_id", FaultKind::BadGateway);
    bench.sim.edit(|world| world.faults.push(broken));
    let mut plan = planned();
    look.filter(&mut plan).await;
    assert_eq!(plan.departures, [missing(3, OUT_OF_SCOPE, true)]);
    assert!(plan.confirmed.is_empty() && plan.rows[0].reason.contains("could not be looked at"));
}
