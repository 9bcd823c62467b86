//! Who stands behind a userid: one that was given on inherits nothing, one that was changed loses nothing, and a doubt is an admin's
//! (docs/identity.md).

mod awaited;
mod changed_userids;
mod doubts;
mod told;

use serde_json::{Value, json};
use simulator::{
    Delivery, Event, Owner, sample,
    world::{Corp, Member},
};

use crate::{
    actors::{As, Browser, LogoutReceiver, Portal, id, id_claims, text},
    back_channel_logout::listening,
    callbacks::connect_callback,
    fixture::Fixture,
    scenario,
    sync::member,
};

/// Another person whom the company gives this userid to.
fn newcomer(userid: &str) -> Member {
    let mut member = Member::new(userid, "王小明", &[3]);
    member.sensitive.mobile = "19911112222".to_owned();
    member.sensitive.email = "wang@mail.example".to_owned();
    member.sensitive.biz_mail = "wangxiaoming@qingyun.example".to_owned();
    member
}

/// 李华 is deleted and the userid given to somebody else, in a moment that no poll sees.
fn give_on(corp: &mut Corp) {
    corp.remove_member(sample::NORMAL).unwrap();
    corp.add_member(newcomer(sample::NORMAL));
}

/// The contacts-sync secret is asked from an address entered before August 2022: it shows numbers and addresses (reference 5.1).
fn shows_numbers(fixture: &Fixture) {
    fixture.edit_corp(|corp| corp.contacts_ip_is_new = false);
}

/// 李华's name in WeCom is another one.
pub fn rename_person(fixture: &Fixture, name: &str) {
    fixture.edit_corp(|corp| name.clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().name));
}

/// Neither the browser nor the tokens of the person before lead anywhere, and each portal was told.
async fn assert_out(fixture: &Fixture, (portal, browser, tokens): (&Portal, &Browser, &Value), told: &LogoutReceiver) {
    let silent = portal.authorize_silently(browser).await;
    assert!(silent.returned("code").is_none(), "the old browser still gets codes");
    portal.assert_ended(tokens).await;
    fixture.app.tick().await.unwrap();
    fixture.wait_for_background_work().await;
    assert_eq!(told.heard().len(), 1, "the portal was not told");
}

/// The newcomer scans in: as whom.
async fn scans_in_as(fixture: &Fixture, portal: &Portal) -> String {
    let tokens = portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    let told = portal.userinfo(text(&tokens, "access_token")).await.body;
    text(&told, "sub").to_owned()
}

/// Waits until no sync is running.
async fn synced(fixture: &Fixture) {
    for run in fixture.admin().items("sync-runs?limit=200").await {
        fixture.admin().watch(id(&run)).await;
    }
}

async fn open_findings(fixture: &Fixture) -> Vec<Value> {
    fixture.admin().items("identity-findings?state=open").await
}

async fn decide(fixture: &Fixture, finding: &Value, verdict: &str) -> Value {
    let path = format!("identity-findings/{}/decide", id(finding));
    let decided = fixture.admin().create(&path, json!({ "verdict": verdict })).await;
    synced(fixture).await;
    decided
}

struct Before {
    source: Value,
    portal: Portal,
    browser: Browser,
    tokens: Value,
    user: Value,
    told: LogoutReceiver,
}

impl Before {
    /// 李华 is signed in at a portal that wants to be told of logouts.
    async fn of(fixture: &Fixture, source: Value) -> Self {
        let told = LogoutReceiver::listen();
        let portal = listening(fixture, "wiki", &told).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(fixture, &browser, sample::NORMAL).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        Self {
            source,
            portal,
            browser,
            tokens,
            user,
            told,
        }
    }

    async fn assert_out(&self, fixture: &Fixture) {
        assert_out(fixture, (&self.portal, &self.browser, &self.tokens), &self.told).await;
        let user = fixture.admin().get(&format!("users/{}", id(&self.user))).await;
        assert_eq!(
            (&user["status"], &user["disabled_reason"]),
            (&json!("disabled"), &json!("departed"))
        );
    }

    /// Whoever has the userid now is somebody of their own, `lihua-2`.
    async fn assert_newcomer_is_another(&self, fixture: &Fixture) {
        let sub = scans_in_as(fixture, &self.portal).await;
        assert_ne!(sub, id(&self.user), "the newcomer scans into the old sub");
        assert_eq!(sub, fixture.admin().user_id(&format!("{}-2", sample::NORMAL)).await);
    }

    /// The same person, signed in as before.
    async fn assert_still_in(&self, fixture: &Fixture) {
        let silent = self.portal.authorize_silently(&self.browser).await;
        assert!(silent.returned("code").is_some(), "{:?}", silent.location);
        let refreshed = self.portal.refresh(text(&self.tokens, "refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert_eq!(
            fixture.admin().get(&format!("users/{}", id(&self.user))).await["status"],
            "active"
        );
    }
}

async fn tell(fixture: &Fixture, event: Event) {
    let told = fixture
        .wecom
        .emit(sample::CORP, Owner::Contacts, event, Delivery::default());
    assert_eq!(told.await.statuses, [200]);
    fixture.wait_for_background_work().await;
}

fn deleted() -> Event {
    Event::DeleteUser {
        userid: sample::NORMAL.to_owned(),
    }
}

fn created() -> Event {
    Event::CreateUser {
        userid: sample::NORMAL.to_owned(),
    }
}

scenario!(
    a_userid_given_on_between_two_polls_inherits_nothing,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        fixture.edit_corp(give_on);
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(
            (&run["counts"]["departed"], &run["counts"]["created"]),
            (&json!(1), &json!(1)),
            "{run}"
        );
        before.assert_out(&fixture).await;
        before.assert_newcomer_is_another(&fixture).await;
        let events = fixture.admin().items("audit-events?kind=member.userid_reused").await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
        // And again nothing is left to do.
        let again = fixture.sync(id(&before.source)).await;
        assert_eq!(
            (&again["counts"]["created"], &again["counts"]["departed"]),
            (&json!(0), &json!(0)),
            "{again}"
        );
    }
);

scenario!(
    a_userid_given_on_inherits_nothing_where_the_app_is_given_neither_number_nor_address,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
        let before = Before::of(&fixture, source).await;
        fixture.edit_corp(give_on);
        fixture.sync(id(&before.source)).await;
        before.assert_out(&fixture).await;
    }
);

scenario!(
    a_userid_given_on_inherits_nothing_when_both_events_come_late_in_order,
    |fixture: Fixture| async move {
        connect_callback(&fixture).await;
        let source = fixture.admin().items("data-sources").await.remove(0);
        let before = Before::of(&fixture, source).await;
        fixture.edit_corp(give_on);
        tell(&fixture, deleted()).await;
        before.assert_out(&fixture).await;
        tell(&fixture, created()).await;
        fixture.sync(id(&before.source)).await;
        before.assert_newcomer_is_another(&fixture).await;
    }
);

scenario!(
    a_userid_given_on_inherits_nothing_when_both_events_come_late_the_wrong_way_round,
    |fixture: Fixture| async move {
        connect_callback(&fixture).await;
        let source = fixture.admin().items("data-sources").await.remove(0);
        let before = Before::of(&fixture, source).await;
        fixture.edit_corp(give_on);
        tell(&fixture, created()).await;
        before.assert_out(&fixture).await;
        tell(&fixture, deleted()).await;
        fixture.sync(id(&before.source)).await;
        before.assert_newcomer_is_another(&fixture).await;
    }
);

scenario!(
    who_was_given_a_userid_does_not_scan_into_the_old_sub_before_the_sync,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        fixture.edit_corp(give_on);
        let page = before
            .portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(
            page.body.contains("GT-116") && page.returned("code").is_none(),
            "{}",
            page.body
        );
        before.assert_out(&fixture).await;
        // The refused scan has begun a sync.
        synced(&fixture).await;
        before.assert_newcomer_is_another(&fixture).await;
    }
);

// The app is given neither number nor address; the contacts-sync secret tells them apart, and is asked because the department differs.
scenario!(
    a_namesake_who_was_given_a_userid_does_not_scan_into_the_old_sub_before_the_sync,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        fixture.edit_corp(|corp| {
            let name = corp.member(sample::NORMAL).unwrap().name.clone();
            give_on(corp);
            corp.member_mut(sample::NORMAL).unwrap().name = name;
        });
        let page = before
            .portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(
            page.body.contains("GT-117") && page.returned("code").is_none(),
            "{}",
            page.body
        );
        assert_eq!(open_findings(&fixture).await.len(), 1);
        // Who only changed department is asked about as well, and comes in.
        let other = fixture.admin().user_id(sample::ADMIN).await;
        fixture.edit_corp(|corp| {
            corp.member_mut(sample::ADMIN).unwrap().departments = vec![simulator::world::Placement::of(3)];
        });
        let tokens = before.portal.tokens(&fixture, &fixture.browser(), sample::ADMIN).await;
        assert_eq!(id_claims(&tokens)["sub"], other);
    }
);

scenario!(
    a_userid_changed_unseen_keeps_its_sub_and_its_sessions,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        fixture.edit_corp(|corp| corp.rename_member(sample::NORMAL, "li.hua"));
        let run = fixture.sync(id(&before.source)).await;
        assert_eq!(run["counts"]["departed"], 0, "{run}");
        assert_eq!(member(&fixture, "li.hua").await["user_id"], before.user["id"]);
        before.assert_still_in(&fixture).await;
        let tokens = before.portal.tokens(&fixture, &fixture.browser(), "li.hua").await;
        let told = before.portal.userinfo(text(&tokens, "access_token")).await.body;
        assert_eq!(told["sub"], before.user["id"]);
    }
);

scenario!(
    a_name_that_grew_a_suffix_keeps_its_sub_while_number_or_address_agrees,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        rename_person(&fixture, "李华(外包)");
        fixture.edit_corp(|corp| {
            corp.member_mut(sample::NORMAL).unwrap().sensitive.mobile = "19933334444".to_owned();
        });
        fixture.sync(id(&before.source)).await;
        before.assert_still_in(&fixture).await;
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "李华(外包)");
        assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
    }
);

scenario!(
    another_name_with_the_same_number_is_the_same_person,
    |fixture: Fixture| async move {
        shows_numbers(&fixture);
        let source = fixture.connect().await;
        let before = Before::of(&fixture, source).await;
        rename_person(&fixture, "欧阳华");
        fixture.sync(id(&before.source)).await;
        before.assert_still_in(&fixture).await;
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "欧阳华");
    }
);

scenario!(two_who_swapped_userids_keep_their_subs, |fixture: Fixture| async move {
    shows_numbers(&fixture);
    let source = fixture.connect().await;
    let before = Before::of(&fixture, source).await;
    let other = fixture.admin().user(sample::ADMIN).await;
    fixture.edit_corp(|corp| {
        corp.rename_member(sample::NORMAL, "between");
        corp.rename_member(sample::ADMIN, sample::NORMAL);
        corp.rename_member("between", sample::ADMIN);
    });
    let run = fixture.sync(id(&before.source)).await;
    assert_eq!(run["counts"]["departed"], 0, "{run}");
    assert_eq!(member(&fixture, sample::ADMIN).await["user_id"], before.user["id"]);
    assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], other["id"]);
    before.assert_still_in(&fixture).await;
});
