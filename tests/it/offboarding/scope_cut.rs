//! A visible scope that is cut by mistake: nobody is out before an admin has agreed, and nothing is lost when the mistake is taken back.

use serde_json::json;
use simulator::sample;

use super::{Secrets, connect};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

// An admin of WeCom narrows the app's scope by mistake: more than half of the people would be out. With the app's secret alone that looks as if they
// had all left.
async fn pauses_when_the_scope_is_cut(fixture: Fixture, secrets: Secrets) {
    let source = connect(&fixture, secrets).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let users = fixture.admin().items("users?limit=200").await;
    let active = users.iter().filter(|user| user["status"] == "active").count();
    let whole = fixture.edit_corp(|corp| {
        let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
        let whole = app.scope.clone();
        app.scope = simulator::world::Scope::default();
        whole
    });
    // 李华 and as many more as make two fifths of the people.
    fixture.edit_corp(|corp| {
        let mut kept: Vec<String> = corp.members.values().map(|member| member.userid.clone()).collect();
        kept.retain(|userid| userid != sample::NORMAL);
        kept.truncate(active * 2 / 5 - 1);
        kept.push(sample::NORMAL.to_owned());
        corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope.users = kept;
    });
    let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    let run = fixture.sync(id(&source)).await;
    assert_eq!(run["state"], "paused", "{run}");
    let removals = run["counts"]["removals"].as_u64().unwrap();
    assert!(removals * 2 > active as u64, "{removals} of {active}: {run}");
    let still = fixture.admin().items("users?limit=200").await;
    let still = still.iter().filter(|user| user["status"] == "active").count();
    assert_eq!(still, active, "nobody is out before an admin has said so");
    // The mistake is taken back: nothing is left to do, and nothing was lost.
    fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = whole);
    let run = fixture.sync(id(&source)).await;
    assert_eq!(
        (&run["state"], &run["counts"]["departed"]),
        (&json!("succeeded"), &json!(0)),
        "{run}"
    );
    assert_eq!(portal.userinfo(text(&tokens, "access_token")).await.status, 200);
}

// Ten of any corp pass unasked; of a small one they would be everybody.
scenario!(
    a_scope_of_ten_people_that_is_cut_by_more_than_half_waits_for_an_admin,
    |fixture: Fixture| async move {
        let pick = |many: usize| {
            fixture.edit_corp(|corp| {
                let all = corp.members.values().filter(|member| member.status == 1);
                let picked: Vec<String> = all.map(|member| member.userid.clone()).take(many).collect();
                corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = simulator::world::Scope {
                    users: picked,
                    ..simulator::world::Scope::default()
                };
            });
        };
        pick(10);
        let source = connect(&fixture, Secrets::App).await;
        pick(4);
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"]),
            (&json!("paused"), &json!(6)),
            "{run}"
        );
        pick(5);
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["state"], &run["counts"]["departed"]),
            (&json!("succeeded"), &json!(5)),
            "{run}"
        );
    }
);

scenario!(
    a_scope_cut_by_more_than_half_puts_nobody_out_before_an_admin_agrees_with_both_secrets,
    |fixture: Fixture| pauses_when_the_scope_is_cut(fixture, Secrets::Both)
);

scenario!(
    a_scope_cut_by_more_than_half_puts_nobody_out_before_an_admin_agrees_with_the_app_secret_alone,
    |fixture: Fixture| pauses_when_the_scope_is_cut(fixture, Secrets::App)
);
