//! Out is out: whatever ends a person's access ends it everywhere, on every replica, and each portal is told (product.md §4.1, §8 "out").

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, Event, Owner, sample, world::Member};

use crate::{
    actors::{As, Browser, LogoutReceiver, Portal, claims, id, id_claims, text},
    back_channel_logout::listening,
    fixture::{Fixture, Replica},
    password::{GOOD, give_password},
    scenario,
};

/// Which secrets the data source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrets {
    Both,
    App,
    Contacts,
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

/// How Menjin learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Learned {
    Sync,
    Event,
    Refresh,
    Scan,
}

/// Connects the corp with these secrets and a way to sign in; callbacks of app and contacts-sync helper are set up.
async fn connect(fixture: &Fixture, secrets: Secrets) -> Value {
    let source = match secrets {
        Secrets::Both => fixture.connect().await,
        Secrets::App => fixture.connect_with(json!({ "contacts_secret": null })).await,
        Secrets::Contacts => {
            // From a newer address it shows ids and no status (reference 5.1); then only who is gone can be seen.
            fixture.edit_corp(|corp| corp.contacts_ip_is_new = false);
            let source = fixture.connect_with(json!({ "app": null })).await;
            sign_in_through(fixture, (sample::AGENT_ID, sample::APP_SECRET)).await;
            source
        }
    };
    let path = format!("data-sources/{}/callbacks", id(&source));
    for (owner, at) in [("contacts", Owner::Contacts), ("app", Owner::App(sample::AGENT_ID))] {
        if owner == "app" && secrets == Secrets::Contacts {
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

    /// What the user is disabled for.
    fn reason(self, secrets: Secrets, learned: Learned) -> &'static str {
        let live = matches!(learned, Learned::Refresh | Learned::Scan);
        match self {
            Self::Disabled => "wecom_disabled",
            Self::NotActivated => "wecom_not_activated",
            Self::UnknownStatus => "wecom_status_unknown",
            // The app shows nobody outside its scope, so with its secret alone that is the same as having left.
            Self::OutOfScope if secrets == Secrets::App && !live => "departed",
            Self::OutOfScope => "out_of_scope",
            Self::Deleted if live => "out_of_scope",
            Self::Deleted => "departed",
        }
    }

    async fn is_told(self, fixture: &Fixture, userid: &str) {
        let userid = userid.to_owned();
        let (owner, event) = match self {
            Self::Deleted => (Owner::Contacts, Event::DeleteUser { userid }),
            _ => (Owner::App(sample::AGENT_ID), Event::Unsubscribe { userid }),
        };
        let told = fixture.wecom.emit(sample::CORP, owner, event, Delivery::default());
        assert_eq!(told.await.statuses, [200]);
        fixture.wait_for_background_work().await;
    }
}

/// Somebody who is signed in at a portal.
struct Insider {
    userid: &'static str,
    browser: Browser,
    tokens: Value,
}

/// They are refused at this address whatever they have, and the page of their own sign-ins is not theirs.
async fn is_refused_at(fixture: &Fixture, portal: &Portal, insider: &Insider, base: &str, what: &str) {
    let portal = portal.at(base);
    portal.assert_ended(&insider.tokens).await;
    let introspected = portal.introspect(text(&insider.tokens, "access_token")).await;
    assert_eq!(introspected["active"], false, "{what} at {base}");
    let silent = portal.authorize_silently(&insider.browser).await;
    assert_eq!(
        silent.returned("error").as_deref(),
        Some("login_required"),
        "{what} at {base}"
    );
    let own = insider.browser.open(&format!("{base}/account")).await;
    assert!(!own.body.contains(insider.userid), "{what} at {base}: {}", own.body);
    let alive = format!(
        "sessions?user_id={}&active=true",
        text(&id_claims(&insider.tokens), "sub")
    );
    assert_eq!(fixture.admin().get(&alive).await["items"], json!([]), "{what}");
}

async fn learn(
    fixture: &Fixture,
    source: &Value,
    portal: &Portal,
    (change, learned): (Change, Learned),
    insider: &Insider,
) {
    match learned {
        Learned::Sync => drop(fixture.sync(id(source)).await),
        Learned::Event => change.is_told(fixture, insider.userid).await,
        Learned::Refresh => {
            fixture.advance(Duration::from_secs(901));
            let refused = portal.refresh(text(&insider.tokens, "refresh_token")).await;
            assert_eq!(refused.status, 400, "{}", refused.body);
        }
        Learned::Scan => {
            let page = portal
                .sign_in(fixture, &fixture.browser(), As::Member(insider.userid))
                .await;
            assert!(page.returned("code").is_none(), "{}", page.body);
        }
    }
}

/// One line of the matrix: somebody signed in, the change, how it is learned; then they are out on both replicas, both portals know, the
/// report proves it, and, unless they left for good, a scan lets the same person in again.
async fn is_out(
    (fixture, replica, source): (&Fixture, &Replica, &Value),
    (portal, receiver): (&Portal, &LogoutReceiver),
    (secrets, change, learned): (Secrets, Change, Learned),
    userid: &'static str,
) {
    let what = format!("{change:?} learned by {learned:?} with {secrets:?}");
    let browser = fixture.browser();
    let tokens = portal.tokens(fixture, &browser, userid).await;
    let (sub, sid) = (id_claims(&tokens)["sub"].clone(), id_claims(&tokens)["sid"].clone());
    let insider = Insider {
        userid,
        browser,
        tokens,
    };
    let before = fixture.edit_corp(|corp| corp.member_mut(userid).unwrap().clone());
    fixture.advance(Duration::from_secs(1));
    change.happens_to(fixture, userid);
    learn(fixture, source, portal, (change, learned), &insider).await;
    for base in [&fixture.base, &replica.base] {
        is_refused_at(fixture, portal, &insider, base, &what).await;
    }
    let user = fixture.admin().get(&format!("users/{}", sub.as_str().unwrap())).await;
    assert_eq!(user["status"], "disabled", "{what}");
    assert_eq!(user["disabled_reason"], change.reason(secrets, learned), "{what}");
    replica.app.tick().await.unwrap();
    let heard = receiver.tokens();
    let told = heard.iter().filter(|token| claims(token)["sid"] == sid).count();
    assert_eq!(told, 1, "{what}: {} heard", heard.len());
    let report = fixture
        .admin()
        .items(&format!("offboardings?user_id={}", sub.as_str().unwrap()))
        .await
        .remove(0);
    assert_eq!(report["reason"], change.reason(secrets, learned), "{what}");
    assert_eq!(report["portals"]["told"], 1, "{what}: {report}");
    assert!(report["readmitted_at"].is_null(), "{what}");
    if user["disabled_reason"] == "departed" || change == Change::Deleted {
        return;
    }
    Change::is_undone(fixture, &before);
    let back = portal.tokens(fixture, &fixture.browser(), userid).await;
    assert_eq!(id_claims(&back)["sub"], sub, "{what}: another person");
    let user = fixture.admin().user(userid).await;
    assert_eq!(
        (&user["status"], &user["disabled_reason"]),
        (&json!("active"), &Value::Null)
    );
    let report = fixture.admin().get(&format!("offboardings/{}", id(&report))).await;
    assert!(report["readmitted_at"].is_i64(), "{what}: {report}");
}

/// Every change by these ways of learning.
async fn matrix(fixture: Fixture, secrets: Secrets, ways: &[Learned]) {
    let source = connect(&fixture, secrets).await;
    let replica = fixture.replica().await;
    let receiver = LogoutReceiver::listen();
    let metadata = json!({ "metadata": { "backchannel_logout_uri": receiver.address() }, "membership_max_age": 900 });
    let portal = fixture.portal("wiki", metadata).await;
    let mut people = [
        "zhaoliu", "yanxi", "taoran", "zhouba", "wujiu", "huangxin", "fengyi", "hejie", "lvliang", "qinlan", "youyu",
        "yangfan", "shenyue", "hanmei", "jiangxue", "weimin", "jiangnan", "konglin", "caoyang", "xuqing",
    ]
    .into_iter();
    let changes = [
        Change::Disabled,
        Change::NotActivated,
        Change::UnknownStatus,
        Change::OutOfScope,
        Change::Deleted,
    ];
    for learned in ways {
        for change in changes {
            // The scope of the app is not read with the contacts-sync secret, and who was deleted scans no more.
            let no_scope = (secrets, change, *learned) == (Secrets::Contacts, Change::OutOfScope, Learned::Sync);
            if no_scope || (change, *learned) == (Change::Deleted, Learned::Scan) {
                continue;
            }
            let line = (secrets, change, *learned);
            let world = (&fixture, &replica, &source);
            Box::pin(is_out(world, (&portal, &receiver), line, people.next().unwrap())).await;
        }
    }
}

scenario!(
    with_both_secrets_every_way_of_being_outside_found_by_a_sync_or_told_by_an_event_is_out_everywhere,
    |fixture: Fixture| matrix(fixture, Secrets::Both, &[Learned::Sync, Learned::Event])
);

scenario!(
    with_both_secrets_every_way_of_being_outside_seen_at_a_refresh_or_a_scan_is_out_everywhere,
    |fixture: Fixture| matrix(fixture, Secrets::Both, &[Learned::Refresh, Learned::Scan])
);

scenario!(
    with_the_app_secret_every_way_of_being_outside_is_out_everywhere,
    |fixture: Fixture| matrix(
        fixture,
        Secrets::App,
        &[Learned::Sync, Learned::Event, Learned::Refresh, Learned::Scan]
    )
);

scenario!(
    with_the_contacts_secret_every_way_of_being_outside_is_out_everywhere,
    |fixture: Fixture| matrix(
        fixture,
        Secrets::Contacts,
        &[Learned::Sync, Learned::Refresh, Learned::Scan]
    )
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
        assert_eq!(report["portals"]["pending"], 1, "{report}");
        let other = fixture.replica().await;
        receiver.answer(200);
        fixture.advance(Duration::from_secs(6));
        other.app.tick().await.unwrap();
        let report = format!("offboardings/{}", id(&report));
        let shown = fixture.admin().get(&report).await;
        assert_eq!(shown["portals"]["told"], 1, "{shown}");
        assert_eq!(shown["told"][0]["client_id"], "wiki", "{shown}");
        assert_eq!(shown["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(shown["evidence"]["status"], 2, "{shown}");
        // It is the proof, and stays when settled deliveries are swept.
        fixture.advance(Duration::from_secs(40 * 24 * 3600));
        fixture.app.tick().await.unwrap();
        assert_eq!(fixture.admin().get(&report).await["told"], shown["told"]);
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
        assert_eq!(report["portals"]["failed"], 1, "{report}");
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
        assert_eq!(shown["portals"]["told"], 1, "{shown}");
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
