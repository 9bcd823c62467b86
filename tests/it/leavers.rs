//! Who leaves, who comes back, and when a run must not remove anybody.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    World, sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{As, LogoutReceiver, id, text},
    back_channel_logout::listening,
    fixture::Fixture,
    password::{GOOD, give_password, sign_in},
    scenario,
    sync::{member, runs_of},
};

/// 李华 leaves the corp, and the next sync notices it.
async fn departs(fixture: &Fixture, source: &Value) {
    fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
    let run = fixture.sync(id(source)).await;
    assert_eq!(run["counts"]["departed"], 1, "{run}");
}

/// The states of these runs.
fn states_of(runs: &[Value]) -> Vec<String> {
    runs.iter().map(|run| text(run, "state").to_owned()).collect()
}

// product.md §6: leavers never noticed (Casdoor).
scenario!(
    a_leaver_is_out_after_the_next_sync_with_session_and_tokens,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        departs(&fixture, &source).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(
            (user["status"].as_str(), user["disabled_reason"].as_str()),
            (Some("disabled"), Some("departed"))
        );
        portal.assert_ended(&tokens).await;
        let silent = portal.authorize_silently(&browser).await;
        assert!(silent.returned("code").is_none());
    }
);

// A sync never takes the console from somebody, but whoever left is signed out everywhere.
scenario!(
    a_console_user_who_leaves_keeps_the_role_and_is_signed_out_everywhere,
    |fixture: Fixture| async move {
        let source = fixture
            .connect_with(json!({ "login_methods": ["wecom_qr", "password"] }))
            .await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        let path = format!("users/{user}");
        fixture.admin().change(&path, json!({ "console_role": "admin" })).await;
        give_password(&fixture, &user, GOOD).await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        let (scanned, typed) = (fixture.browser(), fixture.browser());
        let tokens = portal.tokens(&fixture, &scanned, sample::NORMAL).await;
        let page = sign_in(&portal, &typed, sample::NORMAL, GOOD).await;
        portal.tokens_from(&page).await;
        departs(&fixture, &source).await;
        let shown = fixture.admin().get(&path).await;
        assert_eq!(
            (&shown["status"], &shown["console_role"]),
            (&json!("active"), &json!("admin"))
        );
        let alive = format!("sessions?user_id={user}&active=true");
        assert_eq!(fixture.admin().get(&alive).await["items"], json!([]));
        for browser in [&scanned, &typed] {
            portal.assert_signed_out(browser).await;
            let own = browser.open(&format!("{}/account", fixture.base)).await;
            assert!(!own.body.contains(sample::NORMAL), "{} {}", own.status, own.body);
        }
        fixture.app.tick().await.unwrap();
        fixture.wait_for_background_work().await;
        assert_eq!(receiver.heard().len(), 2, "one logout token for each session");
        portal.assert_ended(&tokens).await;
        // Neither way leads in again.
        let page = sign_in(&portal, &typed, sample::NORMAL, GOOD).await;
        assert!(
            page.body.contains("GT-108") && page.returned("code").is_none(),
            "{}",
            page.body
        );
    }
);

// product.md §6: or everybody removed after a partial fetch.
scenario!(a_partial_fetch_removes_nobody, |fixture: Fixture| async move {
    let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
    let before = fixture.admin().items("members?limit=200").await.len();
    fixture.add_fault(Fault::new("/cgi-bin/user/list", FaultKind::Truncated));
    let run = fixture.sync(id(&source)).await;
    assert_ne!(run["state"], "succeeded", "{run}");
    assert_eq!(run["counts"]["departed"].as_u64().unwrap_or(0), 0, "{run}");
    let members = fixture.admin().items("members?limit=200").await;
    let present = members.iter().filter(|member| member["state"] == "present");
    assert_eq!(present.count(), before);
});

scenario!(a_run_that_would_remove_too_many_pauses, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    fixture.edit_corp(|corp| {
        let userids: Vec<String> = corp.members.values().map(|member| member.userid.clone()).collect();
        for userid in userids.iter().skip(5) {
            corp.remove_member(userid);
        }
    });
    let run = fixture.sync(id(&source)).await;
    assert_eq!(run["state"], "paused", "{run}");
    assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "active");
});

scenario!(
    the_same_person_returning_keeps_their_sub_and_a_reused_userid_does_not_inherit_it,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let first = fixture.admin().user(sample::NORMAL).await;
        let leave = || fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL).unwrap());
        let person = leave();
        fixture.sync(id(&source)).await;
        fixture.edit_corp(|corp| corp.add_member(person));
        fixture.sync(id(&source)).await;
        let back = fixture.admin().user(sample::NORMAL).await;
        assert_eq!((&back["id"], &back["status"]), (&first["id"], &json!("active")));
        let mut other = leave();
        fixture.sync(id(&source)).await;
        other.name = "另一个人".to_owned();
        fixture.edit_corp(|corp| corp.add_member(other));
        fixture.sync(id(&source)).await;
        assert_ne!(
            member(&fixture, sample::NORMAL).await["user_id"],
            first["id"],
            "somebody else inherited the account"
        );
        assert_eq!(
            fixture.admin().get(&format!("users/{}", id(&first))).await["status"],
            "disabled"
        );
    }
);

scenario!(
    the_schedule_runs_at_its_hours_on_exactly_one_replica,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "auto_sync_hours": 4 })).await;
        fixture.app.tick().await.unwrap();
        let runs = async || runs_of(&fixture, &source).await.len();
        let before = runs().await;
        fixture.advance(Duration::from_secs(3600));
        fixture.app.tick().await.unwrap();
        assert_eq!(runs().await, before, "too early");
        fixture.advance(Duration::from_secs(3 * 3600 + 1));
        let replicas: Vec<_> = (0..8).map(|_| fixture.app.tick()).collect();
        for outcome in futures_util::future::join_all(replicas).await {
            outcome.unwrap();
        }
        assert_eq!(runs().await, before + 1, "not exactly one run was started");
    }
);

scenario!(
    a_corp_whose_wecom_is_slow_does_not_keep_the_next_one_waiting,
    |fixture: Fixture| async move {
        fixture.connect_with(json!({ "auto_sync_hours": 4 })).await;
        fixture.connect_second(json!({ "auto_sync_hours": 4 })).await;
        fixture.advance(Duration::from_secs(4 * 3600 + 1));
        // Whoever calls first waits longer than this test will run.
        fixture.add_fault(Fault::new("/cgi-bin/user/list_id", FaultKind::Slow(9000)).times(1));
        let app = fixture.app.clone();
        let ticking = actix_web::rt::spawn(async move { Box::pin(app.tick()).await });
        let scheduled = async || {
            let mut runs = fixture.admin().items("sync-runs?limit=200").await;
            runs.retain(|run| run["cause"] == "schedule");
            states_of(&runs)
        };
        let mut states = scheduled().await;
        while !states.iter().any(|state| state != "running") {
            tokio::task::yield_now().await;
            states = scheduled().await;
        }
        states.sort();
        assert_eq!(states, ["running", "succeeded"]);
        ticking.abort();
    }
);

scenario!(only_one_run_at_a_time, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    fixture.add_fault(Fault::new("/cgi-bin/department/", FaultKind::Slow(500)));
    let path = format!("data-sources/{}/sync", id(&source));
    let admin = fixture.admin();
    let starts = futures_util::future::join_all((0..10).map(|_| admin.call("POST", &path, Some(json!({}))))).await;
    let started: Vec<_> = starts.iter().filter(|reply| reply.status == 202).collect();
    assert_eq!(
        started.len(),
        1,
        "{:?}",
        starts.iter().map(|reply| reply.status).collect::<Vec<_>>()
    );
    assert!(
        starts
            .iter()
            .filter(|reply| reply.status != 202)
            .all(|reply| reply.status == 409)
    );
    fixture.admin().watch(started[0].body["id"].as_str().unwrap()).await;
});

#[actix_web::test]
async fn sign_ins_are_served_while_a_large_corp_is_synced() {
    let mut world = World::sample();
    let large = simulator::generator::corp(7, 5_000, 300);
    world.corps.insert(large.corpid.clone(), large);
    let fixture = Fixture::open_with(crate::backends::Backend::SqliteMemory, world)
        .await
        .unwrap();
    let portal = fixture.connected_portal().await;
    let source = fixture
        .admin()
        .create(
            "data-sources",
            json!({
                "name": "large", "corp_id": simulator::generator::CORP, "duplicate_rule": "overwrite", "login_methods": [],
                "app": { "agent_id": simulator::generator::AGENT_ID, "secret": simulator::generator::APP_SECRET },
            }),
        )
        .await;
    let run = fixture
        .admin()
        .create(&format!("data-sources/{}/sync", id(&source)), json!({}))
        .await;
    let mut served = 0;
    loop {
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        served += 1;
        let now = fixture.admin().get(&format!("sync-runs/{}", id(&run))).await;
        if now["state"] != "running" && now["state"] != "queued" {
            assert_eq!(now["state"], "succeeded", "{now}");
            break;
        }
    }
    assert!(served > 1, "the sync ended before anybody could sign in beside it");
}
