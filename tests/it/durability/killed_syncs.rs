//! A sync, and an undo, whose process is killed at any moment: between two of their batches and within one. Whoever comes next completes both.

use serde_json::{Value, json};
use simulator::{sample, world::Member};

use super::{process::Installation, unpooled};
use crate::{
    actors::{Admin, id},
    backends::Backend,
    fixture::{ADMIN_TOKEN, Fixture},
};

/// People who come in each of these syncs: some batches of them.
const NEWCOMERS: usize = 400;
/// By far as long as such a sync takes once it writes, milliseconds.
const LONGEST: u64 = 600;

/// Asks until there is an answer; the process has the machine's clock, and the lease of one that was killed runs out after fifteen seconds.
async fn until(what: &str, mut answer: impl AsyncFnMut() -> Option<Value>) -> Value {
    for _ in 0..1200 {
        if let Some(answer) = answer().await {
            return answer;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    panic!("{what} within a minute");
}

fn some_time() {
    std::thread::park_timeout(std::time::Duration::from_millis(rand::random::<u64>() % LONGEST));
}

fn newcomers(fixture: &Fixture) {
    fixture.edit_corp(|corp| {
        for number in 0..NEWCOMERS {
            corp.add_member(Member::new(&format!("xinren-{number:03}"), "新人", &[2]));
        }
    });
}

fn leave(fixture: &Fixture) {
    fixture.edit_corp(|corp| {
        for number in 0..NEWCOMERS {
            corp.remove_member(&format!("xinren-{number:03}"));
        }
    });
}

async fn call(admin: &Admin, path: &str) -> Option<Value> {
    let reply = admin.call("POST", path, Some(json!({}))).await;
    if reply.status < 300 {
        return Some(reply.body);
    }
    match reply.refusal() {
        // The one that was killed is about to go on.
        (409, "SY-101") => None,
        // It was killed before it had written anything.
        (409, "SY-137") => Some(Value::Null),
        (status, _) => panic!("{path}: {status} {}", reply.body),
    }
}

/// Starts a sync by hand as soon as none is running, and watches it.
async fn synced(admin: &Admin, source: &str) -> Value {
    let path = format!("data-sources/{source}/sync");
    let begun = until("a sync begins", async || call(admin, &path).await).await;
    let run = admin.watch(id(&begun)).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    run
}

/// So many kills of a sync, and at least as many of an undo.
async fn killed_at_any_moment(backend: Backend, kills: usize) {
    let Some(mut fixture) = Fixture::open(backend).await else {
        return;
    };
    fixture.http = unpooled();
    fixture.advance_to_now();
    let source = fixture.connect().await;
    let source = id(&source);
    let installation = Installation::over(&fixture);
    let admin = Admin::new(&fixture.http, &installation.base(), ADMIN_TOKEN);
    let mut server = installation.serve(&fixture.http).await;
    for _ in 0..kills {
        newcomers(&fixture);
        let path = format!("data-sources/{source}/sync");
        let killed = until("a sync begins", async || call(&admin, &path).await).await;
        until("it writes", async || {
            let run = admin.get(&format!("sync-runs/{}", id(&killed))).await;
            (run["state"] != "running" || run["counts"]["phase"] == "applying").then_some(run)
        })
        .await;
        some_time();
        server.kill();
        server = installation.serve(&fixture.http).await;
        // By itself, unless the one that was killed had just ended.
        let ended = until("the sync is made up for", async || {
            let runs = admin.items(&format!("sync-runs?data_source={source}&limit=10")).await;
            let since = runs.into_iter().filter(|run| id(run) >= id(&killed));
            since.into_iter().find(|run| run["state"] == "succeeded")
        })
        .await;
        let nothing = synced(&admin, source).await;
        assert_eq!(
            (&nothing["counts"]["created"], &nothing["counts"]["updated"]),
            (&json!(0), &json!(0)),
            "{ended}\n{nothing}"
        );

        // What both of them did is taken back, and that is killed as well.
        leave(&fixture);
        for run in [&ended, &killed] {
            let path = format!("sync-runs/{}/undo", id(run));
            let undo = until("an undo begins", async || call(&admin, &path).await).await;
            if undo.is_null() {
                continue;
            }
            some_time();
            server.kill();
            server = installation.serve(&fixture.http).await;
            let undone = until("the undo goes on", async || {
                let run = admin.get(&format!("sync-runs/{}", id(&undo))).await;
                (run["state"] != "running").then_some(run)
            })
            .await;
            assert_eq!(undone["state"], "succeeded", "{undone}");
            assert_eq!(undone["counts"]["undone"], undone["counts"]["todo"], "{undone}");
            if id(&ended) == id(&killed) {
                break;
            }
        }
        assert!(admin.items("users?q=xinren-").await.is_empty());
        let nothing = synced(&admin, source).await;
        assert_eq!(
            (&nothing["counts"]["departed"], &nothing["counts"]["created"]),
            (&json!(0), &json!(0)),
            "{nothing}"
        );
        assert_eq!(admin.user(sample::NORMAL).await["status"], "active");
    }
    server.stop();
}

#[actix_web::test]
async fn on_sqlite_a_sync_and_an_undo_that_are_killed_at_any_moment_are_completed() {
    killed_at_any_moment(Backend::SqliteMemory, 4).await;
}

#[actix_web::test]
async fn on_postgres_a_sync_and_an_undo_that_are_killed_at_any_moment_are_completed() {
    // Fewer: the lease of each runs out in real time.
    killed_at_any_moment(Backend::PostgresRedis, 2).await;
}
