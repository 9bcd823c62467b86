//! A process that is killed between the lease of a delivery and its result.

use std::time::Duration;

use serde_json::json;

use super::{asked, mail_channel, notices, smtp_sink::SmtpSink, subscribe, tell};
use crate::{
    actors::{Admin, text},
    backends::Backend,
    durability::process::Installation,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

#[actix_web::test]
async fn what_a_killed_process_was_sending_is_sent_by_the_next_under_the_same_id() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let sink = SmtpSink::listen();
    let channel = mail_channel(&fixture, &sink).await;
    subscribe(&fixture, &channel, json!({})).await;
    fixture.advance_to_now();
    tell(&fixture, &asked("matter:1", "Li Hua")).await;
    sink.fall_silent();
    let installation = Installation::over(&fixture);
    // No connection to a dead process is used again.
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
    let http = http.build().unwrap();
    let server = installation.serve(&http).await;
    sink.wait_for(1).await;
    server.kill();
    sink.accept();
    let _server = installation.serve(&http).await;
    sink.wait_for(2).await;
    let mails = sink.mails();
    assert_eq!(mails[0].header("message-id"), mails[1].header("message-id"));
    let admin = Admin::new(&http, &installation.base(), ADMIN_TOKEN);
    let state = async || admin.items("notices").await[0]["deliveries"][0]["state"].clone();
    while state().await != "delivered" {
        tokio::task::yield_now().await;
    }
    assert_eq!(sink.mails().len(), 2, "and not once more");
}

// Where others use the database too, nobody knows that a sender is dead before its lease has run out.
scenario!(a_lease_that_nobody_ends_runs_out, |fixture: Fixture| async move {
    let sink = SmtpSink::listen();
    let channel = mail_channel(&fixture, &sink).await;
    subscribe(&fixture, &channel, json!({})).await;
    tell(&fixture, &asked("matter:1", "Li Hua")).await;
    sink.fall_silent();
    // A sender that hangs, as one that died: its lease stands.
    let app = fixture.app.clone();
    let hanging = actix_web::rt::spawn(async move { app.tick().await });
    sink.wait_for(1).await;
    sink.accept();
    let replica = Box::pin(fixture.replica()).await;
    replica.app.tick().await.unwrap();
    assert_eq!(sink.mails().len(), 1, "it is being sent");
    fixture.advance(Duration::from_secs(121));
    replica.app.tick().await.unwrap();
    assert_eq!(sink.mails().len(), 2);
    let row = notices(&fixture, "").await[0]["deliveries"][0].clone();
    assert_eq!(
        (text(&row, "state"), &row["attempts"]),
        ("delivered", &json!(2)),
        "{row}"
    );
    hanging.abort();
});
