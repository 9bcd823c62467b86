//! Tests of change events: every change but a departure starts a sync; none is lost, whatever else goes on.

use simulator::{
    Delivery, Event,
    sample::{CORP, NORMAL},
    world::Member,
};

use super::fixture::Fixture;
use crate::directory::{
    sync::run_state::Cause,
    wecom_events::{
        endpoint_owner::Owner,
        event_handler::MIN_SYNC_INTERVAL,
        pending_look::{CLAIM, PendingLook, Told},
        store,
    },
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

/// A delivery that was acknowledged, and whose receiver died before it did anything.
async fn acknowledged(fixture: &Fixture, userid: &str) -> PendingLook {
    let now = fixture.clock.now();
    let look = PendingLook {
        data_source: fixture.source,
        userid: userid.to_owned(),
        told: Told::Left,
        told_at: now,
        happened_at: now,
        next_at: now,
        attempts: 0,
    };
    store::pending_looks::add(&fixture.db, look).await.unwrap().unwrap()
}

#[actix_web::test]
async fn whoever_dies_between_acknowledgement_and_look_is_followed_after_seconds() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    acknowledged(&fixture, NORMAL).await;
    assert_eq!(
        fixture.callbacks.tick().await.unwrap(),
        0,
        "the receiver may still be at it"
    );
    // Who takes it up dies as well, and again.
    for _ in 0..3 {
        fixture.advance(CLAIM);
        let now = fixture.clock.now();
        let due = store::pending_looks::due(&fixture.db, now).await.unwrap();
        let claimed = store::pending_looks::claim(&fixture.db, &due[0], now).await.unwrap();
        assert!(claimed.is_some());
    }
    fixture.advance(CLAIM);
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 1);
    assert!(!fixture.is_in(NORMAL).await);
}

#[actix_web::test]
async fn a_process_that_knows_that_it_is_alone_looks_at_once() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    acknowledged(&fixture, NORMAL).await;
    fixture.callbacks.take_over().await.unwrap();
    assert_eq!(fixture.callbacks.tick().await.unwrap(), 1);
    assert!(!fixture.is_in(NORMAL).await);
}

#[actix_web::test]
async fn what_is_told_during_a_look_is_looked_at_after_it() {
    let fixture = Fixture::unsynced(true).await;
    let first = acknowledged(&fixture, "li").await;
    let second = acknowledged(&fixture, "LI").await;
    assert_eq!((first.attempts, second.attempts), (1, 2));
    store::pending_looks::finish(&fixture.db, &first).await.unwrap();
    assert_eq!(fixture.pending().await, [("LI".to_owned(), 2)]);
    store::pending_looks::finish(&fixture.db, &second).await.unwrap();
    assert!(fixture.pending().await.is_empty());
}

#[actix_web::test]
async fn a_thousand_members_wait_singly_and_more_are_left_to_a_sync() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    for number in 0..1000 {
        acknowledged(&fixture, &format!("gone{number}")).await;
    }
    fixture.remove(NORMAL);
    let event = Event::DeleteUser {
        userid: NORMAL.to_owned(),
    };
    fixture.tell(event).await;
    assert_eq!(fixture.pending().await.len(), 1000);
    assert!(!fixture.is_in(NORMAL).await);
    assert_eq!(fixture.event_runs().await, 1);
    assert_eq!(fixture.endpoint(issued.id).await.retry_at, None);
}

#[actix_web::test]
async fn ending_one_sync_does_not_settle_what_was_told_meanwhile() {
    let fixture = Fixture::unsynced(true).await;
    let id = fixture.configure(Owner::Contacts).await.id;
    let now = fixture.clock.now();
    for _ in 0..2 {
        assert!(store::note(&fixture.db, id, now, now).await.unwrap());
    }
    store::settle(&fixture.db, id, 1).await.unwrap();
    assert_eq!(
        store::outstanding(&fixture.db, fixture.source).await.unwrap(),
        [(id, 2)]
    );
    store::settle(&fixture.db, id, 2).await.unwrap();
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
    for noted in futures_util::future::join_all(notes).await {
        assert!(noted.unwrap());
    }
    assert_eq!(fixture.endpoint(id).await.told, 100);
    let due = store::due(&fixture.db, now).await.unwrap();
    assert_eq!(due.len(), 1);
    let next = now.plus(std::time::Duration::from_secs(1));
    let claims = (0..100).map(|_| store::claim(&fixture.db, &due[0], next));
    let claims = futures_util::future::join_all(claims).await;
    assert_eq!(claims.into_iter().filter(|claim| *claim.as_ref().unwrap()).count(), 1);
    acknowledged(&fixture, "li").await;
    fixture.advance(CLAIM);
    let now = fixture.clock.now();
    let look = store::pending_looks::due(&fixture.db, now).await.unwrap().remove(0);
    let claims = (0..100).map(|_| store::pending_looks::claim(&fixture.db, &look, now));
    let claims = futures_util::future::join_all(claims).await;
    assert_eq!(
        claims
            .into_iter()
            .filter(|claim| claim.as_ref().unwrap().is_some())
            .count(),
        1
    );
}
