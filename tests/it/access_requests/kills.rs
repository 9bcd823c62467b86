//! A process that is killed after WeCom took a message about a request and before that was written down: it is sent again under the same content, which
//! WeCom's duplicate check swallows, and nothing is lost.

use std::time::Duration;

use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{apply, asking, cards::told_by_cards, imported, name_approver, notices};
use crate::{
    actors::{Admin, id},
    backends::Backend,
    durability::process::{Installation, Server},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// Messages about this on somebody's phone.
fn on_phone(fixture: &Fixture, userid: &str) -> usize {
    let messages = fixture.wecom.messages();
    messages.iter().filter(|message| message.userid == userid).count()
}

/// Waits until somebody's phone has a message, and kills the server before it has WeCom's answer.
async fn killed_after(fixture: &Fixture, server: Server, userid: &str) {
    while on_phone(fixture, userid) == 0 {
        tokio::task::yield_now().await;
    }
    server.kill();
}

async fn delivered(admin: &Admin, topic: &str) {
    loop {
        let told = admin.items(&format!("notices?topic={topic}")).await;
        let deliveries = told[0]["deliveries"].as_array().unwrap();
        if deliveries.iter().all(|delivery| delivery["state"] == "delivered") {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn what_wecom_took_from_a_killed_process_is_told_once() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    // The other process has the machine's clock.
    fixture.advance_to_now();
    let (source, portal) = asking(&fixture).await;
    let approver = imported(&fixture, sample::ADMIN).await;
    name_approver(&fixture, &source, &approver).await;
    told_by_cards(&fixture, &source, &[sample::ADMIN]).await;
    apply(&fixture, &portal, &fixture.browser(), sample::NORMAL, "").await;
    assert_eq!(notices(&fixture, "access_requested").await.len(), 1);
    let request = fixture.admin().items("access-requests").await.remove(0);
    let installation = Installation::over(&fixture);
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy();
    let http = http.build().unwrap();
    let admin = Admin::new(&http, &installation.base(), ADMIN_TOKEN);
    let late = || Fault::new("/cgi-bin/message/send", FaultKind::Slow(20_000)).times(1);

    // The approver's card.
    fixture.add_fault(late());
    let server = installation.serve(&http).await;
    killed_after(&fixture, server, sample::ADMIN).await;
    fixture.mend_wecom();
    let server = installation.serve(&http).await;
    delivered(&admin, "access_requested").await;
    assert_eq!(on_phone(&fixture, sample::ADMIN), 1, "not twice");

    // The person's word.
    fixture.add_fault(late());
    let path = format!("access-requests/{}/approve", id(&request));
    let decided = admin.call("POST", &path, Some(json!({}))).await;
    assert_eq!(decided.status, 200, "{}", decided.body);
    killed_after(&fixture, server, sample::NORMAL).await;
    fixture.mend_wecom();
    let server = installation.serve(&http).await;
    delivered(&admin, "access_approved").await;
    assert_eq!(on_phone(&fixture, sample::NORMAL), 1, "not twice");
    server.stop();
}

// Where others use the database too, nobody knows that a sender is dead before its lease has run out.
scenario!(
    what_wecom_took_from_a_sender_that_hangs_is_told_once,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        name_approver(&fixture, &source, &approver).await;
        told_by_cards(&fixture, &source, &[sample::ADMIN]).await;
        apply(&fixture, &portal, &fixture.browser(), sample::NORMAL, "").await;
        fixture.add_fault(Fault::new("/cgi-bin/message/send", FaultKind::Slow(8_000)).times(1));
        let app = fixture.app.clone();
        let hanging = actix_web::rt::spawn(async move { app.tick().await });
        while on_phone(&fixture, sample::ADMIN) == 0 {
            tokio::task::yield_now().await;
        }
        let replica = Box::pin(fixture.replica()).await;
        fixture.advance(Duration::from_secs(121));
        replica.app.tick().await.unwrap();
        delivered(&fixture.admin(), "access_requested").await;
        assert_eq!(on_phone(&fixture, sample::ADMIN), 1, "not twice");
        hanging.abort();
    }
);
