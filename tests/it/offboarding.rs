//! Out is out: whatever ends a person's access ends it everywhere, on every replica, and each portal is told (product.md §4.1, §8 "out").

mod dates;
mod late_answers;
mod matrix;
mod scope_cut;
mod whole_corp;

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, Event, Owner, sample, world::Member};

use crate::{
    actors::{LogoutReceiver, id, text},
    back_channel_logout::listening,
    fixture::Fixture,
    password::{GOOD, give_password},
    scenario,
};

/// Which secrets the data source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    Both,
    App,
    Contacts,
    /// That of the contacts-sync helper, asked from an address entered after August 2022: it shows ids and nothing else (reference 5.1).
    ContactsIds,
}

/// What happened in WeCom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Disabled,
    NotActivated,
    UnknownStatus,
    OutOfScope,
    Deleted,
}

/// Connects the corp with these secrets and a way to sign in; callbacks of app and contacts-sync helper are set up.
pub async fn connect(fixture: &Fixture, secrets: Secrets) -> Value {
    let source = match secrets {
        Secrets::Both => fixture.connect().await,
        Secrets::App => fixture.connect_with(json!({ "contacts_secret": null })).await,
        Secrets::Contacts | Secrets::ContactsIds => {
            fixture.edit_corp(|corp| corp.contacts_ip_is_new = secrets == Secrets::ContactsIds);
            let source = fixture.connect_with(json!({ "app": null })).await;
            sign_in_through(fixture, (sample::AGENT_ID, sample::APP_SECRET)).await;
            source
        }
    };
    let path = format!("data-sources/{}/callbacks", id(&source));
    for (owner, at) in [("contacts", Owner::Contacts), ("app", Owner::App(sample::AGENT_ID))] {
        if owner == "app" && [Secrets::Contacts, Secrets::ContactsIds].contains(&secrets) {
            continue;
        }
        let issued = fixture.admin().create(&path, json!({ "owner": owner })).await;
        let saved = fixture.wecom.configure_callback(
            sample::CORP,
            at,
            text(&issued, "url"),
            text(&issued, "token"),
            text(&issued, "encoding_aes_key"),
        );
        saved.await.unwrap();
    }
    source
}

/// An auth source over this app of the sample corp.
async fn sign_in_through(fixture: &Fixture, (agent_id, secret): (u32, &str)) -> Value {
    let body = json!({ "name": "门禁", "corp_id": sample::CORP, "agent_id": agent_id, "app_secret": secret });
    fixture.admin().create("auth-sources", body).await
}

impl Change {
    fn happens_to(self, fixture: &Fixture, userid: &str) {
        fixture.edit_corp(|corp| match self {
            Self::Disabled => corp.member_mut(userid).unwrap().status = 2,
            Self::NotActivated => corp.member_mut(userid).unwrap().status = 4,
            Self::UnknownStatus => corp.member_mut(userid).unwrap().status = 9,
            Self::OutOfScope => {
                let elsewhere = Member::new(userid, "", &[10]);
                corp.member_mut(userid).unwrap().departments = elsewhere.departments;
            }
            Self::Deleted => drop(corp.remove_member(userid)),
        });
    }

    /// The member is as they were.
    fn is_undone(fixture: &Fixture, before: &Member) {
        fixture.edit_corp(|corp| before.clone_into(corp.member_mut(&before.userid).unwrap()));
    }

    async fn is_told(self, fixture: &Fixture, userid: &str) {
        if self != Self::Deleted {
            return unsubscribed(fixture, userid).await;
        }
        let userid = userid.to_owned();
        tell(fixture, Owner::Contacts, Event::DeleteUser { userid }).await;
    }
}

/// The app is told that they left its scope.
async fn unsubscribed(fixture: &Fixture, userid: &str) {
    let userid = userid.to_owned();
    tell(fixture, Owner::App(sample::AGENT_ID), Event::Unsubscribe { userid }).await;
}

async fn tell(fixture: &Fixture, owner: Owner, event: Event) {
    let told = fixture.wecom.emit(sample::CORP, owner, event, Delivery::default());
    assert_eq!(told.await.statuses, [200]);
    fixture.wait_for_background_work().await;
}

// Of other changes a sync tells some time later; whoever left is out at once, however lately one ended.
scenario!(
    where_only_ids_are_shown_a_leaver_does_not_wait_for_the_next_sync,
    |fixture: Fixture| async move {
        let source = connect(&fixture, Secrets::ContactsIds).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let other = portal.tokens(&fixture, &fixture.browser(), "zhaoliu").await;
        let runs = async || {
            fixture
                .admin()
                .items(&format!("sync-runs?limit=200&data_source={}", id(&source)))
                .await
                .len()
        };
        let tell = async |event: Event| tell(&fixture, Owner::Contacts, event).await;
        let before = runs().await;
        tell(Event::CreateParty { id: 2 }).await;
        assert_eq!(runs().await, before + 1, "a sync has just ended");
        fixture.advance(Duration::from_secs(5));
        let left = |userid: &str| Event::DeleteUser {
            userid: userid.to_owned(),
        };
        // An event is not believed: the ids decide, and where they still show somebody they are read again.
        tell(left("zhaoliu")).await;
        assert_eq!(portal.userinfo(text(&other, "access_token")).await.status, 200);
        Change::Deleted.happens_to(&fixture, sample::NORMAL);
        tell(left(sample::NORMAL)).await;
        portal.assert_ended(&tokens).await;
        assert_eq!(runs().await, before + 1, "without another sync");
        Change::Deleted.happens_to(&fixture, "zhaoliu");
        fixture.advance(Duration::from_secs(2));
        fixture.app.tick().await.unwrap();
        portal.assert_ended(&other).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(user["disabled_reason"], "departed", "{user}");
    }
);

// Whom the app is said to show no more may have left the corp as well; the contacts-sync secret tells.
scenario!(
    who_was_deleted_is_out_also_where_only_the_app_is_told,
    |fixture: Fixture| async move {
        connect(&fixture, Secrets::Both).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.advance(Duration::from_secs(1));
        Change::Deleted.happens_to(&fixture, sample::NORMAL);
        unsubscribed(&fixture, sample::NORMAL).await;
        portal.assert_ended(&tokens).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(user["status"], "disabled", "{user}");
    }
);

// Nobody is there to tell: the portal is down, Menjin is started anew, the portal comes back.
scenario!(
    a_portal_that_is_down_is_told_when_it_is_back_also_by_another_process,
    |fixture: Fixture| async move {
        let source = connect(&fixture, Secrets::Both).await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        fixture.portal("deaf", json!({})).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        receiver.answer(503);
        Change::Disabled.happens_to(&fixture, sample::NORMAL);
        fixture.sync(id(&source)).await;
        fixture.app.tick().await.unwrap();
        let report = fixture.admin().items("offboardings").await.remove(0);
        assert_eq!(report["portal_counts"]["pending"], 1, "{report}");
        let other = fixture.replica().await;
        receiver.answer(200);
        fixture.advance(Duration::from_secs(6));
        other.app.tick().await.unwrap();
        let report = format!("offboardings/{}", id(&report));
        let shown = fixture.admin().get(&report).await;
        assert_eq!(shown["portal_counts"]["told"], 1, "{shown}");
        assert_eq!(shown["portals"][0]["client_id"], "wiki", "{shown}");
        assert_eq!(shown["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(shown["evidence"]["status"], 2, "{shown}");
        // It is the proof, and stays when settled deliveries are swept.
        fixture.advance(Duration::from_secs(40 * 24 * 3600));
        fixture.app.tick().await.unwrap();
        assert_eq!(fixture.admin().get(&report).await["portals"], shown["portals"]);
        let lines = fixture
            .http
            .get(format!("{}/api/v1/{report}/export", fixture.base))
            .bearer_auth(crate::fixture::ADMIN_TOKEN)
            .send()
            .await
            .unwrap();
        assert_eq!(lines.headers()["content-type"], "text/csv; charset=utf-8");
        let lines = lines.text().await.unwrap();
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(lines.contains(",wecom_disabled,sync,,wiki,told,"), "{lines}");
    }
);

scenario!(
    what_a_portal_missed_is_sent_again_by_a_click,
    |fixture: Fixture| async move {
        connect(&fixture, Secrets::Both).await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        receiver.answer(503);
        fixture.admin().disable(sample::NORMAL).await;
        for _ in 0..30 {
            fixture.advance(Duration::from_secs(3601));
            fixture.app.tick().await.unwrap();
        }
        let report = fixture.admin().items("offboardings?reason=admin").await.remove(0);
        assert_eq!(report["portal_counts"]["failed"], 1, "{report}");
        assert_eq!(
            report["evidence"]["actor"].as_str().unwrap().split(':').next(),
            Some("token")
        );
        receiver.answer(200);
        let path = format!("offboardings/{}/resend", id(&report));
        let again = fixture.admin().call("POST", &path, Some(json!({}))).await;
        assert_eq!(again.status, 202, "{}", again.body);
        fixture.wait_for_background_work().await;
        fixture.app.tick().await.unwrap();
        let shown = fixture.admin().get(&format!("offboardings/{}", id(&report))).await;
        assert_eq!(shown["portal_counts"]["told"], 1, "{shown}");
        let auditor = fixture.admin_with_role("auditor").await;
        assert_eq!(auditor.call("POST", &path, Some(json!({}))).await.status, 403);
        assert_eq!(auditor.call("GET", "offboardings?reason=bored", None).await.status, 422);
    }
);

// Through another app of the corp somebody may still come in: only what this app opened ends.
scenario!(
    out_of_one_apps_scope_the_sign_ins_of_another_app_go_on,
    |fixture: Fixture| async move {
        let source = connect(&fixture, Secrets::Both).await;
        let other = sign_in_through(&fixture, (sample::OLD_AGENT_ID, sample::OLD_APP_SECRET)).await;
        let first = fixture.admin().items("auth-sources").await;
        let first = first.iter().find(|source| source["id"] != other["id"]).unwrap();
        let only = |source: &Value| json!({ "auth_sources": [source["id"]] });
        let (wiki, crm) = (
            fixture.portal("wiki", only(first)).await,
            fixture.portal("crm", only(&other)).await,
        );
        let (here, there) = (fixture.browser(), fixture.browser());
        let lost = wiki.tokens(&fixture, &here, sample::NORMAL).await;
        let kept = crm.tokens(&fixture, &there, sample::NORMAL).await;
        for _ in 0..2 {
            fixture.advance(Duration::from_secs(1));
            fixture.edit_corp(|corp| {
                let elsewhere = Member::new("x", "", &[10]);
                corp.member_mut(sample::NORMAL).unwrap().departments = elsewhere.departments;
                corp.tags
                    .values_mut()
                    .for_each(|tag| tag.users.retain(|user| user != sample::NORMAL));
            });
            let run = fixture.sync(id(&source)).await;
            assert_eq!(run["state"], "succeeded", "{run}");
            wiki.assert_ended(&lost).await;
            assert_eq!(crm.userinfo(text(&kept, "access_token")).await.status, 200);
            assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "active");
        }
        let reports = fixture.admin().items("offboardings").await;
        assert_eq!(reports.len(), 1, "{reports:?}");
        assert!(reports[0]["app_id"].is_string() && reports[0]["user_disabled"] == false);
    }
);

// A password is no way round it.
scenario!(
    a_password_lets_nobody_in_whom_wecom_has_outside,
    |fixture: Fixture| async move {
        let source = fixture
            .connect_with(json!({ "login_methods": ["wecom_qr", "password"] }))
            .await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        give_password(&fixture, &user, GOOD).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let typed = fixture.browser();
        let page = crate::password::sign_in(&portal, &typed, sample::NORMAL, GOOD).await;
        let tokens = portal.tokens_from(&page).await;
        let before = fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().clone());
        Change::Disabled.happens_to(&fixture, sample::NORMAL);
        fixture.sync(id(&source)).await;
        portal.assert_ended(&tokens).await;
        let page = crate::password::sign_in(&portal, &typed, sample::NORMAL, GOOD).await;
        assert!(page.returned("code").is_none(), "{}", page.body);
        Change::is_undone(&fixture, &before);
        let page = crate::password::sign_in(&portal, &typed, sample::NORMAL, GOOD).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

// A scope that shrinks by mistake looks like mass dismissal.
scenario!(
    a_run_that_would_put_too_many_outside_pauses_and_goes_on_when_confirmed,
    |fixture: Fixture| async move {
        let source = connect(&fixture, Secrets::Both).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture
            .edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = simulator::world::Scope::default());
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "paused", "{run}");
        assert_eq!(portal.userinfo(text(&tokens, "access_token")).await.status, 200);
        assert!(run["counts"]["removals"].as_u64().unwrap() > 10, "{run}");
        let path = format!("sync-runs/{}/confirm", id(&run));
        fixture.admin().create(&path, json!({})).await;
        let run = fixture.admin().watch(id(&run)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        portal.assert_ended(&tokens).await;
    }
);

// Whichever way somebody has access again, the report of its end says so.
scenario!(
    a_report_says_when_a_person_has_access_again,
    |fixture: Fixture| async move {
        let source = connect(&fixture, Secrets::Both).await;
        let ended = async |reason: &str| {
            fixture
                .admin()
                .items(&format!("offboardings?reason={reason}"))
                .await
                .remove(0)
        };
        let person = fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL).unwrap());
        fixture.sync(id(&source)).await;
        assert!(ended("departed").await["readmitted_at"].is_null());
        fixture.edit_corp(|corp| corp.add_member(person));
        fixture.sync(id(&source)).await;
        assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "active");
        assert!(ended("departed").await["readmitted_at"].is_i64());
        let user = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        fixture.admin().change(&user, json!({ "status": "disabled" })).await;
        assert!(ended("admin").await["readmitted_at"].is_null());
        fixture.admin().change(&user, json!({ "status": "active" })).await;
        assert!(ended("admin").await["readmitted_at"].is_i64());
        // A console admin is disabled by an admin's hand, and the report says that as well.
        fixture
            .admin()
            .change(&user, json!({ "console_role": "auditor" }))
            .await;
        fixture.admin().change(&user, json!({ "status": "disabled" })).await;
        assert_eq!(ended("admin").await["user_disabled"], true);
    }
);
