//! Tests of change events: every change but a departure starts a sync; none is lost, whatever else goes on.

use simulator::{
    Delivery, Event,
    sample::{CORP, NORMAL},
    world::Member,
};

use super::fixture::Fixture;
use crate::directory::{
    sync::run_state::Cause,
    wecom_events::{endpoint_owner::Owner, event_handler::MIN_SYNC_INTERVAL, store},
};

const NEW: &str = "xinlai";

fn hired(fixture: &Fixture, userid: &str) -> Event {
    fixture.sim.edit(|world| {
        world
            .corp_mut(CORP)
            .unwrap()
            .add_member(Member::new(userid, "新来", &[2]))
    });
    Event::CreateUser {
        userid: userid.to_owned(),
    }
}

#[actix_web::test]
async fn a_newcomer_is_imported() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    let event = hired(&fixture, NEW);
    fixture.tell(event).await;
    assert!(fixture.is_in(NEW).await);
    assert_eq!(fixture.event_runs().await, 1);
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn every_kind_of_change_starts_one_sync() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    let tag = Event::UpdateTag {
        id: 1,
        added_users: vec![NORMAL.to_owned()],
        removed_users: Vec::new(),
        added_parties: Vec::new(),
        removed_parties: Vec::new(),
    };
    let moved = Event::UpdateUser {
        userid: NORMAL.to_owned(),
        new_userid: None,
    };
    let changes = [
        moved,
        Event::CreateParty { id: 2 },
        Event::UpdateParty { id: 2 },
        Event::DeleteParty { id: 2 },
        tag,
    ];
    for (before, change) in changes.into_iter().enumerate() {
        fixture.tell(change).await;
        assert_eq!(fixture.event_runs().await, before + 1);
        fixture.advance(MIN_SYNC_INTERVAL);
    }
}

#[actix_web::test]
async fn what_is_told_soon_after_a_sync_shares_the_next_one() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    let first = hired(&fixture, NEW);
    fixture.tell(first).await;
    assert_eq!(fixture.event_runs().await, 1, "the first does not wait");
    for late in ["houlai1", "houlai2", "houlai3"] {
        let event = hired(&fixture, late);
        fixture.tell(event).await;
    }
    assert_eq!(
        (fixture.event_runs().await, fixture.callbacks.tick().await.unwrap()),
        (1, 0)
    );
    fixture.advance(MIN_SYNC_INTERVAL - std::time::Duration::from_millis(1));
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 0);
    fixture.advance(std::time::Duration::from_millis(1));
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 1);
    assert_eq!(fixture.event_runs().await, 2, "one for all three");
    for late in ["houlai1", "houlai2", "houlai3"] {
        assert!(fixture.is_in(late).await);
    }
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
    // A leaver does not wait for the next sync either.
    fixture.remove(NEW);
    fixture.tell(Event::DeleteUser { userid: NEW.to_owned() }).await;
    assert!(!fixture.is_in(NEW).await);
}

#[actix_web::test]
async fn who_gets_another_userid_stays_the_same_user() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    let before = fixture.member(NORMAL).await.unwrap();
    let event = || Event::UpdateUser {
        userid: NORMAL.to_owned(),
        new_userid: Some(NEW.to_owned()),
    };
    fixture.tell(event()).await;
    assert!(fixture.member(NEW).await.is_none(), "an event is not believed");
    fixture.advance(std::time::Duration::from_secs(5));
    assert!(
        fixture
            .sim
            .edit(|world| world.corp_mut(CORP).unwrap().rename_member(NORMAL, NEW))
    );
    fixture.tell(event()).await;
    let after = fixture.member(NEW).await.unwrap();
    assert_eq!((after.id, after.user_id), (before.id, before.user_id));
    assert_eq!((after.userid.as_str(), after.state.as_str()), (NEW, "present"));
    assert!(fixture.is_in(NEW).await);
    assert!(fixture.member(NORMAL).await.is_none());
    assert!(fixture.departures().await.is_empty());
}

#[actix_web::test]
async fn an_app_tells_of_who_came_and_not_of_who_looked() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::App).await;
    let entered = Event::EnterAgent {
        userid: NORMAL.to_owned(),
    };
    assert_eq!(
        fixture.emit(Owner::App, entered, Delivery::default()).await.statuses,
        [200]
    );
    let row = fixture.endpoint(issued.id).await;
    assert_eq!((row.told, row.retry_at, fixture.event_runs().await), (0, None, 0));
    assert!(row.last_event_at.is_some());
    let came = Event::Subscribe {
        userid: NORMAL.to_owned(),
    };
    assert_eq!(
        fixture.emit(Owner::App, came, Delivery::default()).await.statuses,
        [200]
    );
    assert_eq!(fixture.event_runs().await, 1);
}

#[actix_web::test]
async fn a_change_during_a_sync_is_looked_at_after_it() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    let run = fixture.sync.start(fixture.source, Cause::Manual).await.unwrap();
    let event = hired(&fixture, NEW);
    fixture.tell(event).await;
    assert_eq!(fixture.event_runs().await, 0);
    assert_eq!(
        fixture.callbacks.tick().await.unwrap(),
        1,
        "due at once, but one is running"
    );
    assert!(fixture.member(NEW).await.is_none());
    // The running sync may have asked before the change; here it is dropped without a result.
    drop(run);
    fixture.advance(std::time::Duration::from_secs(61));
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 1);
    assert!(fixture.is_in(NEW).await);
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 0);
}

#[actix_web::test]
async fn what_was_acknowledged_survives_the_death_of_the_process() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    let now = fixture.clock.now();
    // A delivery that was acknowledged, and no action after it.
    let recorded = store::note(
        &fixture.db,
        issued.id,
        now,
        now.plus(std::time::Duration::from_secs(60)),
    )
    .await;
    assert_eq!(
        recorded.unwrap().unwrap(),
        store::RecordedEvent { told: 1, alone: true }
    );
    fixture.advance(std::time::Duration::from_secs(60));
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 1);
    assert!(!fixture.is_in(NORMAL).await);
}

#[actix_web::test]
async fn ending_one_action_does_not_settle_what_was_told_meanwhile() {
    let fixture = Fixture::unsynced(true).await;
    let id = fixture.configure(Owner::Contacts).await.id;
    let now = fixture.clock.now();
    let first = store::note(&fixture.db, id, now, now).await.unwrap().unwrap();
    let second = store::note(&fixture.db, id, now, now).await.unwrap().unwrap();
    assert_eq!((first.alone, second.alone), (true, false));
    store::settle(&fixture.db, id, first.told).await.unwrap();
    assert_eq!(
        store::outstanding(&fixture.db, fixture.source).await.unwrap(),
        [(id, 2)]
    );
    store::settle(&fixture.db, id, second.told).await.unwrap();
    assert!(
        store::outstanding(&fixture.db, fixture.source)
            .await
            .unwrap()
            .is_empty()
    );
    store::hasten(&fixture.db, fixture.source, now).await.unwrap();
    assert!(
        store::due(&fixture.db, now).await.unwrap().is_empty(),
        "hastening wakes nothing that is settled"
    );
}

#[actix_web::test]
async fn of_a_hundred_replicas_one_claims_what_is_due() {
    let fixture = Fixture::unsynced(true).await;
    let id = fixture.configure(Owner::Contacts).await.id;
    let now = fixture.clock.now();
    let notes = (0..100).map(|_| store::note(&fixture.db, id, now, now));
    let notes = futures_util::future::join_all(notes).await;
    let mut told: Vec<i64> = notes.iter().map(|note| note.as_ref().unwrap().unwrap().told).collect();
    told.sort_unstable();
    assert_eq!(told, (1..=100).collect::<Vec<i64>>());
    let due = store::due(&fixture.db, now).await.unwrap();
    assert_eq!(due.len(), 1);
    let next = now.plus(std::time::Duration::from_secs(1));
    let claims = (0..100).map(|_| store::claim(&fixture.db, &due[0], next));
    let claims = futures_util::future::join_all(claims).await;
    assert_eq!(claims.into_iter().filter(|claim| *claim.as_ref().unwrap()).count(), 1);
}
