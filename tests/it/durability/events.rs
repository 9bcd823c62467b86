//! A process that is killed after it acknowledged an event, or during a sync: the next one goes on at once.

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{process::Installation, unpooled};
use crate::{
    actors::{Admin, id, text},
    backends::Backend,
    callbacks::{connect_callback, deliver, leaves},
    fixture::{ADMIN_TOKEN, Fixture},
};

/// Asks until the answer is this one; the process has the machine's clock.
async fn until(what: &str, mut reached: impl AsyncFnMut() -> bool) {
    for _ in 0..1000 {
        if reached().await {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    panic!("{what} within ten seconds");
}

#[actix_web::test]
async fn on_sqlite_what_was_acknowledged_or_begun_before_a_kill_goes_on_at_the_next_start() {
    let Some(mut fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.http = unpooled();
    fixture.advance_to_now();
    let (path, issued) = connect_callback(&fixture).await;
    let source = path.trim_start_matches("data-sources/").trim_end_matches("/callbacks");
    let installation = Installation::over(&fixture);
    let admin = Admin::new(&fixture.http, &installation.base(), ADMIN_TOKEN);

    let server = installation.serve(&fixture.http).await;
    leaves(&fixture);
    // Whoever looks now waits longer than the process will live.
    fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Slow(60_000)));
    let message = format!(
        "<xml><MsgType>event</MsgType><Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>{}</UserID></xml>",
        sample::NORMAL
    );
    let url = format!("{}/wecom/events/{}", installation.base(), text(&issued, "id"));
    let now = fixture.clock.now().secs();
    assert_eq!(deliver(&fixture, (&url, &issued), now, &message).await, 200);
    server.kill();
    fixture.mend_wecom();
    let server = installation.serve(&fixture.http).await;
    until("the leaver is out", async || {
        admin.user(sample::NORMAL).await["status"] == "disabled"
    })
    .await;

    fixture.add_fault(Fault::new("/cgi-bin/user/list_id", FaultKind::Slow(60_000)));
    let calls = fixture.wecom.calls("user/list_id");
    let begun = admin.create(&format!("data-sources/{source}/sync"), json!({})).await;
    until("the sync reads", async || fixture.wecom.calls("user/list_id") > calls).await;
    server.kill();
    fixture.mend_wecom();
    let server = installation.serve(&fixture.http).await;
    let runs = async || admin.items(&format!("sync-runs?data_source={source}&limit=200")).await;
    let is = |run: &Value, state: &str| run["state"] == state;
    until("the sync is made up for", async || {
        let runs = runs().await;
        let killed = runs.iter().find(|run| id(run) == id(&begun)).unwrap();
        is(killed, "failed") && runs.iter().any(|run| id(run) > id(&begun) && is(run, "succeeded"))
    })
    .await;
    server.stop();
}
