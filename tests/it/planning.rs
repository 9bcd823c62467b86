//! Looking before a sync is applied: plans, the guard, progress as it goes, history and export.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind, FaultSecret, Member},
};
use tokio::time::timeout;

use crate::{
    actors::{Admin, id, text},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
    sync::member,
};

/// As long as nothing here takes by far.
const FAR: Duration = Duration::from_secs(60);

/// One call below this path takes so many milliseconds.
fn slow(path: &str, milliseconds: u64) -> Fault {
    Fault::new(path, FaultKind::Slow(milliseconds)).times(1)
}

/// Plans a sync to its end.
async fn plan(fixture: &Fixture, source: &Value) -> Value {
    let path = format!("data-sources/{}/sync", id(source));
    let run = fixture.admin().create(&path, json!({ "mode": "plan" })).await;
    fixture.admin().watch(id(&run)).await
}

async fn rows(fixture: &Fixture, run: &Value, query: &str) -> Vec<Value> {
    let path = format!("sync-runs/{}/rows?limit=200{query}", id(run));
    fixture.admin().items(&path).await
}

/// What an admin sees of the directory.
async fn directory(fixture: &Fixture) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "members",
        "users",
        "departments",
        "tags",
        "data-sources",
        "auth-sources",
        "offboardings",
    ] {
        seen.push(fixture.admin().get(&format!("{path}?limit=200")).await);
    }
    seen
}

/// Somebody comes, somebody leaves, somebody has another position.
fn change_corp(fixture: &Fixture) {
    fixture.edit_corp(|corp| {
        corp.add_member(Member::new("newcomer", "新人", &[1]));
        corp.remove_member(sample::BY_PICK);
        corp.member_mut(sample::NORMAL).unwrap().position = "组长".to_owned();
    });
}

scenario!(
    a_plan_shows_who_would_change_and_changes_nothing_until_it_is_confirmed,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        change_corp(&fixture);
        let before = directory(&fixture).await;
        let asked = fixture.wecom.call_log().len();
        let run = plan(&fixture, &source).await;
        assert_eq!((text(&run, "state"), text(&run, "mode")), ("planned", "plan"), "{run}");
        let asked = fixture.wecom.call_log().len() - asked;
        assert_eq!(run["calls"], asked, "each request is counted: {run}");
        assert!(run["duration_ms"].is_i64(), "{run}");
        assert_eq!(directory(&fixture).await, before);
        let shown = rows(&fixture, &run, "").await;
        let of = |userid: &str| {
            shown
                .iter()
                .find(|row| row["userid"] == userid)
                .unwrap_or(&Value::Null)
                .clone()
        };
        assert_eq!(of("newcomer")["outcome"], "created", "{shown:?}");
        assert_eq!(of(sample::BY_PICK)["outcome"], "departed", "{shown:?}");
        let changed = of(sample::NORMAL);
        assert_eq!(changed["outcome"], "updated", "{changed}");
        assert_eq!(changed["changes"]["member.position"]["to"], "组长", "{changed}");

        let path = format!("sync-runs/{}/confirm", id(&run));
        let confirmed = fixture.admin().create(&path, json!({})).await;
        let run = fixture.admin().watch(id(&confirmed)).await;
        assert_eq!(
            (text(&run, "state"), text(&run, "mode")),
            ("succeeded", "apply"),
            "{run}"
        );
        assert_eq!(member(&fixture, sample::NORMAL).await["position"], "组长");
        assert_eq!(member(&fixture, sample::BY_PICK).await["state"], "departed");
        let again = plan(&fixture, &source).await;
        let mut left = rows(&fixture, &again, "").await;
        left.retain(|row| !["skipped", "conflict", "malformed", "adjusted"].contains(&text(row, "outcome")));
        assert_eq!(left, [] as [Value; 0], "nothing is left to do");
        let events = fixture.admin().get("audit-events?limit=200").await.to_string();
        assert!(
            events.contains("sync_plan_requested") && events.contains("confirmed"),
            "{events}"
        );
        let reply = fixture
            .admin()
            .call("POST", &format!("sync-runs/{}/confirm", id(&run)), None)
            .await;
        assert_eq!(reply.refusal(), (409, "SY-118"));
    }
);

scenario!(
    a_guard_pauses_by_its_number_and_says_which_and_is_changed_by_merge_patch,
    |fixture: Fixture| async move {
        let guard = json!({ "departures": { "count": 0 } });
        let source = fixture.connect_with(json!({ "guard": guard })).await;
        assert_eq!(
            source["guard"],
            json!({
                "departures": { "count": 0, "percent": null },
                "outside": { "count": null, "percent": null },
                "overwrites": { "count": null, "percent": 50 },
            })
        );
        fixture.edit_corp(|corp| corp.remove_member(sample::BY_PICK));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(text(&run, "state"), "paused", "{run}");
        assert_eq!(run["findings"][0]["number"], "SY-147", "{run}");
        assert!(
            text(&run["findings"][0], "detail").contains("guard.departures"),
            "{run}"
        );
        let path = format!("data-sources/{}", id(&source));
        let changed = fixture
            .admin()
            .change(&path, json!({ "guard": { "departures": { "count": 1 } } }))
            .await;
        assert_eq!(changed["guard"]["overwrites"]["percent"], 50, "{changed}");
        assert_eq!(fixture.sync(id(&source)).await["state"], "succeeded");
        for (guard, field) in [
            (json!({ "departures": { "count": -1 } }), "guard.departures.count"),
            (json!({ "outside": { "percent": 0 } }), "guard.outside.percent"),
            (json!({ "overwrites": { "percent": 101 } }), "guard.overwrites.percent"),
            (json!({ "departures": { "share": 1 } }), "guard.departures"),
            (json!({ "removals": {} }), "guard"),
            (json!({ "outside": null }), "guard.outside"),
            (json!(7), "guard"),
            (json!(null), "guard"),
        ] {
            let reply = fixture
                .admin()
                .call("PATCH", &path, Some(json!({ "guard": guard })))
                .await;
            assert!((400..500).contains(&reply.status), "{guard}: {}", reply.body);
            assert!(text(&reply.body, "detail").contains(field), "{guard}: {}", reply.body);
        }
    }
);

/// Reads server-sent events until the stream ends: (event, data).
async fn events(fixture: &Fixture, base: &str, path: &str, last: Option<&str>) -> (u16, Vec<(String, Value)>) {
    let mut request = fixture
        .http
        .get(format!("{base}/api/v1/{path}"))
        .bearer_auth(ADMIN_TOKEN);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let kind = answer
        .headers()
        .get("content-type")
        .map(|kind| kind.to_str().unwrap().to_owned());
    let body = timeout(FAR, answer.text())
        .await
        .expect("the events never end")
        .unwrap();
    if status != 200 {
        return (status, Vec::new());
    }
    assert_eq!(kind.as_deref(), Some("text/event-stream"));
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim().to_owned())
    };
    let blocks = body.split("\n\n").filter(|block| block.contains("event:"));
    let events = blocks.map(|block| {
        let data = field(block, "data:").unwrap();
        (field(block, "event:").unwrap(), serde_json::from_str(&data).unwrap())
    });
    (status, events.collect())
}

scenario!(
    a_run_is_watched_from_any_replica_while_it_fetches_and_to_its_end,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let replica = match fixture.database_url().starts_with("postgres") {
            true => fixture.replica().await.base,
            false => fixture.base.clone(),
        };
        fixture.add_fault(slow("/cgi-bin/user/list", 2500).with(FaultSecret::App));
        let path = format!("data-sources/{}/sync", id(&source));
        let run = fixture.admin().create(&path, json!({})).await;
        let path = format!("sync-runs/{}/events", id(&run));
        let (status, told) = events(&fixture, &replica, &path, None).await;
        assert_eq!(status, 200);
        let (last, progress) = told.split_last().unwrap();
        assert_eq!(
            (last.0.as_str(), text(&last.1, "state")),
            ("finished", "succeeded"),
            "{told:?}"
        );
        let moved = |(event, data): &(String, Value)| {
            event == "progress"
                && data["phase"] == "fetching"
                && data["calls"].as_i64() > Some(0)
                && data["done"].as_i64() > Some(0)
        };
        assert!(progress.iter().any(moved), "fetching does not advance: {told:?}");

        let (_, told) = events(&fixture, &replica, &path, None).await;
        assert_eq!(told.len(), 1, "a run that is over is told at once: {told:?}");
        assert_eq!(
            events(&fixture, &replica, &path, Some("finished")).await.0,
            204,
            "and nobody need connect again"
        );
        let nil = "sync-runs/00000000-0000-0000-0000-000000000000/events";
        assert_eq!(events(&fixture, &replica, nil, None).await.0, 404);
        let nobody = Admin::new(&fixture.http, &fixture.base, "wrong");
        assert_eq!(nobody.call("GET", &path, None).await.refusal(), (401, "AD-102"));
    }
);

// Whoever watches a run that takes minutes must not keep the server from stopping.
scenario!(
    who_watches_a_run_does_not_hold_up_the_stop_of_the_server,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let server = fixture.serve_with(|_| {}).await;
        fixture.add_fault(slow("/cgi-bin/tag/list", 20_000));
        let path = format!("data-sources/{}/sync", id(&source));
        let run = fixture.admin().create(&path, json!({})).await;
        let path = format!("{}/api/v1/sync-runs/{}/events", server.base, id(&run));
        let mut answer = fixture.http.get(path).bearer_auth(ADMIN_TOKEN).send().await.unwrap();
        let first = timeout(FAR, answer.chunk()).await.unwrap().unwrap().unwrap();
        assert!(first.starts_with(b"event: progress"), "{first:?}");
        let drained = timeout(Duration::from_secs(5), server.stop.drain()).await;
        assert!(drained.is_ok(), "the stop waits for who watches");
        let rest = timeout(FAR, answer.text()).await.unwrap().unwrap();
        assert!(!rest.contains("finished"), "{rest}");
        server.stop.stop().await;
    }
);

scenario!(
    the_history_is_filtered_and_a_run_exported,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        fixture.advance(Duration::from_secs(60));
        let moment = fixture.clock.now().millis();
        change_corp(&fixture);
        fixture.edit_corp(|corp| corp.add_member(Member::new("formula", "=1+1", &[1])));
        plan(&fixture, &source).await;
        let run = fixture.sync(id(&source)).await;
        let admin = fixture.admin();
        let count = async |query: String| admin.items(&format!("sync-runs?limit=200&{query}")).await.len();
        for (query, expected) in [
            (format!("data_source={}", id(&source)), 3),
            ("mode=plan".to_owned(), 1),
            ("mode=apply&state=succeeded&cause=manual".to_owned(), 2),
            ("state=failed".to_owned(), 0),
            (format!("since={moment}"), 2),
            (format!("until={moment}"), 1),
            (format!("since={moment}&until={moment}"), 0),
        ] {
            assert_eq!(count(query.clone()).await, expected, "{query}");
        }
        for query in [
            "state=done",
            "mode=both",
            "cause=me",
            "since=x",
            "until=-1",
            "unknown=1",
        ] {
            let reply = admin.call("GET", &format!("sync-runs?{query}"), None).await;
            assert!((400..500).contains(&reply.status), "{query}: {}", reply.body);
        }
        let found = async |query: &str| {
            let found = rows(&fixture, &run, query).await;
            found
                .iter()
                .map(|row| text(row, "userid").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("&outcome=departed").await, [sample::BY_PICK]);
        assert_eq!(found("&userid=NEWCOMER").await, ["newcomer"]);
        assert_eq!(found("&userid=new*&subject=member").await, ["newcomer"]);
        assert_eq!(found("&userid=new_omer").await, [] as [&str; 0]);
        assert_eq!(found("&userid=new_*").await, [] as [&str; 0], "_ stands for itself");
        for query in ["outcome=gone", "subject=planet", "unknown=1"] {
            let reply = admin
                .call("GET", &format!("sync-runs/{}/rows?{query}", id(&run)), None)
                .await;
            assert!((400..500).contains(&reply.status), "{query}: {}", reply.body);
        }

        let path = format!("{}/api/v1/sync-runs/{}/rows.csv", fixture.base, id(&run));
        let export = async |query: &str| {
            let answer = fixture
                .http
                .get(format!("{path}{query}"))
                .bearer_auth(ADMIN_TOKEN)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), 200);
            assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
            answer.text().await.unwrap()
        };
        let csv = export("").await;
        assert_eq!(csv.lines().count(), 1 + rows(&fixture, &run, "").await.len(), "{csv}");
        assert!(
            csv.starts_with("row,subject,userid,outcome,reason,changes,user_id,undone\r\n"),
            "{csv}"
        );
        assert!(csv.contains("member.position: ") && csv.contains(" → 组长"), "{csv}");
        assert_eq!(export("?outcome=departed").await.lines().count(), 2);
    }
);

// What a plan showed is not what a run did.
scenario!(
    a_confirmed_plan_that_fails_shows_nothing_as_if_it_had_been_done,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        change_corp(&fixture);
        let run = plan(&fixture, &source).await;
        assert!(!rows(&fixture, &run, "").await.is_empty());
        fixture.break_wecom("/cgi-bin/");
        fixture
            .admin()
            .create(&format!("sync-runs/{}/confirm", id(&run)), json!({}))
            .await;
        let run = fixture.admin().watch(id(&run)).await;
        assert_eq!(run["state"], "failed", "{run}");
        assert_eq!(rows(&fixture, &run, "").await, [] as [Value; 0]);
        assert_eq!(run["findings"], json!([]), "{run}");
    }
);
