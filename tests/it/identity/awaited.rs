//! A changed userid that is told (`NewUserID`) while others that have to do with it are still to be told: nobody departs, and nobody gets another's account,
//! because of a sync that comes before them (docs/identity.md).

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, Owner, sample};

use super::{
    Before, open_findings, synced, tell,
    told::{assert_is_at, chain, renamed, settle, signed_in},
};
use crate::{
    actors::{As, id},
    fixture::Fixture,
    offboarding::Secrets,
    scenario,
    sync::member,
};

/// Longer than runs for events are apart.
async fn settle_again(fixture: &Fixture) {
    for _ in 0..2 {
        fixture.advance(Duration::from_secs(61));
        fixture.app.tick().await.unwrap();
        fixture.wait_for_background_work().await;
        synced(fixture).await;
    }
}

/// 李华 got the userid of 张三, of whom nothing is told for now.
async fn half_a_chain_is_told(fixture: &Fixture, secrets: Secrets) -> (Before, String) {
    let before = signed_in(fixture, secrets).await;
    let other = fixture.admin().user_id(sample::ADMIN).await;
    fixture.edit_corp(chain);
    tell(fixture, renamed(sample::NORMAL, sample::ADMIN)).await;
    settle(fixture).await;
    let run = fixture.sync(id(&before.source)).await;
    assert_eq!(
        (&run["counts"]["departed"], &run["counts"]["created"]),
        (&json!(0), &json!(0)),
        "{run}"
    );
    assert_eq!(member(fixture, sample::ADMIN).await["user_id"], other.as_str());
    assert_eq!(open_findings(fixture).await, [] as [Value; 0]);
    (before, other)
}

async fn a_chain_is_followed_though_a_sync_comes_before_the_rest(fixture: Fixture, secrets: Secrets) {
    let (before, other) = half_a_chain_is_told(&fixture, secrets).await;
    tell(&fixture, renamed(sample::ADMIN, "zhang.san")).await;
    settle_again(&fixture).await;
    assert_eq!(member(&fixture, "zhang.san").await["user_id"], other.as_str());
    assert_is_at(&fixture, &before, sample::ADMIN).await;
}

scenario!(
    who_has_to_make_room_keeps_their_sub_though_a_sync_comes_before_their_event,
    |fixture: Fixture| a_chain_is_followed_though_a_sync_comes_before_the_rest(fixture, Secrets::App)
);

scenario!(
    who_has_to_make_room_keeps_their_sub_though_a_sync_comes_before_their_event_where_only_ids_are_shown,
    |fixture: Fixture| a_chain_is_followed_though_a_sync_comes_before_the_rest(fixture, Secrets::ContactsIds)
);

// Of 张三 nothing is told in ten minutes: perhaps they left.
scenario!(
    a_userid_that_was_told_to_be_anothers_is_given_up_once_nothing_more_is_told,
    |fixture: Fixture| async move {
        let (before, other) = half_a_chain_is_told(&fixture, Secrets::App).await;
        fixture.advance(Duration::from_secs(600));
        settle_again(&fixture).await;
        assert_is_at(&fixture, &before, sample::ADMIN).await;
        let other = fixture.admin().get(&format!("users/{other}")).await;
        assert_eq!(other["disabled_reason"], "departed", "{other}");
    }
);

// Whoever waits for the rest to be told must not scan into another's account, nor end it.
async fn who_waits_does_not_scan_in(fixture: Fixture, secrets: Secrets) {
    let (before, other) = half_a_chain_is_told(&fixture, secrets).await;
    let page = before
        .portal
        .sign_in(&fixture, &fixture.browser(), As::Member(sample::ADMIN))
        .await;
    assert!(page.returned("code").is_none(), "{}", page.body);
    assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
    assert_eq!(fixture.admin().get(&format!("users/{other}")).await["status"], "active");
    tell(&fixture, renamed(sample::ADMIN, "zhang.san")).await;
    settle_again(&fixture).await;
    assert_is_at(&fixture, &before, sample::ADMIN).await;
}

scenario!(
    who_was_given_a_userid_does_not_scan_in_as_the_one_before_while_more_is_awaited,
    |fixture: Fixture| who_waits_does_not_scan_in(fixture, Secrets::App)
);

scenario!(
    who_was_given_a_userid_does_not_scan_in_as_the_one_before_where_only_ids_are_shown,
    |fixture: Fixture| who_waits_does_not_scan_in(fixture, Secrets::ContactsIds)
);

async fn who_changed_twice_is_followed(fixture: Fixture, secrets: Secrets) {
    let before = signed_in(&fixture, secrets).await;
    fixture.edit_corp(|corp| {
        assert!(corp.rename_member(sample::NORMAL, "between"));
        assert!(corp.rename_member("between", "li.hua"));
    });
    tell(&fixture, renamed(sample::NORMAL, "between")).await;
    settle(&fixture).await;
    let run = fixture.sync(id(&before.source)).await;
    assert_eq!(
        (&run["counts"]["departed"], &run["counts"]["created"]),
        (&json!(0), &json!(0)),
        "{run}"
    );
    tell(&fixture, renamed("between", "li.hua")).await;
    settle_again(&fixture).await;
    assert_is_at(&fixture, &before, "li.hua").await;
}

scenario!(
    who_changed_userid_twice_keeps_their_sub_though_a_sync_comes_before_the_second_event,
    |fixture: Fixture| who_changed_twice_is_followed(fixture, Secrets::App)
);

scenario!(
    who_changed_userid_twice_keeps_their_sub_though_a_sync_comes_before_the_second_event_where_only_ids_are_shown,
    |fixture: Fixture| who_changed_twice_is_followed(fixture, Secrets::ContactsIds)
);

// The later of the two is told first; 李华 has another's former userid for a moment.
scenario!(
    two_changes_of_one_userid_are_kept_apart,
    |fixture: Fixture| async move {
        let before = signed_in(&fixture, Secrets::App).await;
        let other = fixture.admin().user_id(sample::ADMIN).await;
        let second = Duration::from_secs(1);
        fixture.edit_corp(|corp| {
            assert!(corp.rename_member(sample::ADMIN, "zhang.san"));
            assert!(corp.rename_member(sample::NORMAL, sample::ADMIN));
            assert!(corp.rename_member(sample::ADMIN, "li.hua"));
        });
        let held = Delivery {
            hold: true,
            ..Delivery::default()
        };
        let first = renamed(sample::ADMIN, "zhang.san");
        let told = fixture.wecom.emit(sample::CORP, Owner::Contacts, first, held);
        assert!(told.await.held);
        for told in [renamed(sample::NORMAL, sample::ADMIN), renamed(sample::ADMIN, "li.hua")] {
            fixture.advance(second);
            tell(&fixture, told).await;
        }
        fixture.wecom.release(false).await;
        fixture.wait_for_background_work().await;
        settle(&fixture).await;
        settle_again(&fixture).await;
        assert_eq!(member(&fixture, "zhang.san").await["user_id"], other.as_str());
        assert_is_at(&fixture, &before, "li.hua").await;
    }
);
