//! Every change in WeCom, by every way of learning of it, with every set of secrets.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Change, Secrets, connect};
use crate::{
    actors::{As, Browser, LogoutReceiver, Portal, claims, id, id_claims, text},
    device,
    fixture::{Fixture, Replica},
    scenario,
};

/// How Menjin learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Learned {
    Sync,
    Event,
    /// WeCom tells the app that they left its scope, although they left the corp.
    Unsubscribed,
    Refresh,
    Scan,
}

/// What the user is disabled for.
fn reason(change: Change, secrets: Secrets, learned: Learned) -> &'static str {
    let live = matches!(learned, Learned::Refresh | Learned::Scan);
    match change {
        Change::Disabled => "wecom_disabled",
        Change::NotActivated => "wecom_not_activated",
        Change::UnknownStatus => "wecom_status_unknown",
        // The app shows nobody outside its scope, so with its secret alone that is the same as having left.
        Change::OutOfScope if secrets == Secrets::App && !live => "departed",
        Change::OutOfScope => "out_of_scope",
        Change::Deleted if live => "out_of_scope",
        Change::Deleted => "departed",
    }
}

/// Somebody who is signed in at a portal.
pub(super) struct Insider {
    pub(super) userid: &'static str,
    pub(super) browser: Browser,
    pub(super) tokens: Value,
}

/// What was begun and is not used up: a code that was not redeemed, and a device that was allowed in.
struct Begun {
    code: String,
    device: Value,
}

impl Begun {
    async fn of(fixture: &Fixture, portal: &Portal, browser: &Browser) -> Self {
        let issued = device::asked(fixture, portal).await;
        let allowed = device::answer(fixture, browser, &issued, "allow").await;
        assert_eq!(allowed.status, 200, "{}", allowed.body);
        let silent = portal.authorize_silently(browser).await;
        Self {
            code: silent.returned("code").unwrap(),
            device: issued,
        }
    }

    /// Nothing of it leads to tokens.
    async fn is_refused(&self, portal: &Portal, what: &str) {
        let redeemed = portal.redeem(&self.code).await;
        assert_eq!(redeemed.status, 400, "{what}: {}", redeemed.body);
        let polled = device::poll(portal, &self.device).await;
        assert_eq!(polled.status, 400, "{what}: {}", polled.body);
    }
}

/// They are refused at this address whatever they have, and the page of their own sign-ins is not theirs.
pub(super) async fn is_refused_at(fixture: &Fixture, portal: &Portal, insider: &Insider, base: &str, what: &str) {
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
        Learned::Unsubscribed => super::unsubscribed(fixture, insider.userid).await,
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
    let begun = Begun::of(fixture, portal, &insider.browser).await;
    let before = fixture.edit_corp(|corp| corp.member_mut(userid).unwrap().clone());
    fixture.advance(Duration::from_secs(1));
    change.happens_to(fixture, userid);
    learn(fixture, source, portal, (change, learned), &insider).await;
    for base in [&fixture.base, &replica.base] {
        is_refused_at(fixture, portal, &insider, base, &what).await;
    }
    begun.is_refused(&portal.at(&replica.base), &what).await;
    let user = fixture.admin().get(&format!("users/{}", sub.as_str().unwrap())).await;
    assert_eq!(user["status"], "disabled", "{what}");
    assert_eq!(user["disabled_reason"], reason(change, secrets, learned), "{what}");
    replica.app.tick().await.unwrap();
    let heard = receiver.tokens();
    let told = heard.iter().filter(|token| claims(token)["sid"] == sid).count();
    assert_eq!(told, 1, "{what}: {} heard", heard.len());
    let report = fixture
        .admin()
        .items(&format!("offboardings?user_id={}", sub.as_str().unwrap()))
        .await
        .remove(0);
    assert_eq!(report["reason"], reason(change, secrets, learned), "{what}");
    assert_eq!(report["portal_counts"]["told"], 1, "{what}: {report}");
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

/// Whether that way tells of that change where the data source has these secrets.
fn can_be_learned(secrets: Secrets, change: Change, learned: Learned) -> bool {
    let gone = change == Change::Deleted;
    match (secrets, learned) {
        // Who was deleted scans no more.
        (_, Learned::Scan) => !gone,
        // The scope of the app is not read with the contacts-sync secret, and ids have no status.
        (Secrets::Contacts, Learned::Sync) => change != Change::OutOfScope,
        (Secrets::ContactsIds, Learned::Sync) => gone,
        // The helper for contacts is told of nothing else.
        (Secrets::Contacts | Secrets::ContactsIds, Learned::Event) | (_, Learned::Unsubscribed) => gone,
        _ => true,
    }
}

/// Every change by these ways of learning.
async fn matrix(fixture: Fixture, secrets: Secrets, ways: &[Learned]) {
    let source = connect(&fixture, secrets).await;
    let replica = fixture.replica().await;
    let receiver = LogoutReceiver::listen();
    let metadata = json!({ "metadata": { "backchannel_logout_uri": receiver.address() }, "membership_max_age": 900 });
    let portal = device::portal(&fixture, "wiki", metadata).await;
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
            if !can_be_learned(secrets, change, *learned) {
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
        &[
            Learned::Sync,
            Learned::Event,
            Learned::Unsubscribed,
            Learned::Refresh,
            Learned::Scan
        ]
    )
);

scenario!(
    with_the_contacts_secret_every_way_of_being_outside_is_out_everywhere,
    |fixture: Fixture| matrix(
        fixture,
        Secrets::Contacts,
        &[Learned::Sync, Learned::Event, Learned::Refresh, Learned::Scan]
    )
);

scenario!(
    with_the_contacts_secret_that_shows_ids_alone_every_way_of_being_outside_is_out_everywhere,
    |fixture: Fixture| matrix(
        fixture,
        Secrets::ContactsIds,
        &[Learned::Sync, Learned::Event, Learned::Refresh, Learned::Scan]
    )
);
