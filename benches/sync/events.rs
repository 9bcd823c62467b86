//! Ten thousand events, each about another member, while people sign in: how quickly they are acknowledged, and when the first, the middle
//! and the last of them are in the directory.

use std::{net::TcpListener, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::StreamExt;
use serde_json::json;
use simulator::{Delivery, Event, Owner, generator};

use crate::{
    Bench, corp, now, ratio, say,
    sign_ins::{self, Times},
};

/// Deliveries under way at once.
const PARALLEL: usize = 8;

/// How often the directory is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Measures them.
pub async fn measure(bench: &Bench<'_>, source: &str, quiet: &Times) {
    let members = crate::number("MENJIN_BENCH_MEMBERS", 100_000);
    let how_many = crate::number("MENJIN_BENCH_EVENTS", 10_000).min(members);
    let made = bench
        .admin
        .create(
            &format!("data-sources/{source}/callbacks"),
            json!({ "owner": "contacts" }),
        )
        .await;
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    let (url, token, key) = (text("url"), text("token"), text("encoding_aes_key"));
    let saved = bench
        .wecom
        .configure_callback(generator::CORP, Owner::Contacts, &url, &token, &key);
    saved.await.unwrap();
    bench.wecom.edit(|world| corp::promote_first(world, how_many));
    let bare = beside_others(bench, how_many, quiet).await;
    let others = [("alone", quiet), ("while others are told them", &bare)];
    let started = now();
    let (told, times) = sign_ins::during(bench, async {
        tell(bench, how_many).await;
        let told = started.elapsed();
        known(bench, how_many).await;
        told
    })
    .await;
    let done = started.elapsed();
    say(&format!(
        "  {how_many} events: acknowledged in {:.1} s ({:.0} a second), the first, the middle and the last of them in the directory after {:.1} s ({:.1} x)",
        told.as_secs_f64(),
        f64::from(how_many) / told.as_secs_f64(),
        done.as_secs_f64(),
        ratio(done, told)
    ));
    say(&format!("    sign-ins meanwhile: {}", times.beside(&others)));
}

/// Sign-ins while as many events are told to a listener that only answers: how long they wait for the simulated WeCom and for the processor.
async fn beside_others(bench: &Bench<'_>, how_many: u32, quiet: &Times) -> Times {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = format!("http://{}/", listener.local_addr().unwrap());
    let server = HttpServer::new(|| App::new().default_service(web::to(HttpResponse::Ok)))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    let ours = told_at(bench, elsewhere);
    let started = now();
    let ((), times) = sign_ins::during(bench, tell(bench, how_many)).await;
    let rate = f64::from(how_many) / started.elapsed().as_secs_f64();
    told_at(bench, ours);
    handle.stop(false).await;
    serving.await.unwrap().unwrap();
    say(&format!(
        "  {how_many} events told to a listener that only answers ({rate:.0} a second), without Menjin"
    ));
    say(&format!(
        "    sign-ins meanwhile: {}",
        times.beside(&[("alone", quiet)])
    ));
    times
}

/// Has the events of the corp told at this address, without asking whoever listens there; where they were told before.
fn told_at(bench: &Bench<'_>, address: String) -> String {
    let mut before = address;
    bench.wecom.edit(|world| {
        let corp = world.corps.get_mut(generator::CORP).unwrap();
        let callback = corp.contacts_callback.as_mut().unwrap();
        std::mem::swap(&mut callback.url, &mut before);
    });
    before
}

async fn tell(bench: &Bench<'_>, how_many: u32) {
    let told = (1..=how_many).map(|number| {
        let event = Event::UpdateUser {
            userid: corp::userid(number),
            new_userid: None,
        };
        bench
            .wecom
            .emit(generator::CORP, Owner::Contacts, event, Delivery::default())
    });
    let mut told = futures_util::stream::iter(told).buffer_unordered(PARALLEL);
    while let Some(report) = told.next().await {
        assert_eq!(report.statuses, [200]);
    }
}

/// Waits until the directory knows the new positions, of the first, the last and one in between.
async fn known(bench: &Bench<'_>, how_many: u32) {
    for number in [1, how_many / 2, how_many] {
        let userid = corp::userid(number);
        // Plain names that the corp which was connected first has are taken.
        let users = bench.admin.items(&format!("users?q={userid}&limit=200")).await;
        let members = users.iter().flat_map(|user| user["members"].as_array().unwrap());
        let member = members
            .into_iter()
            .find(|member| member["corp_id"] == generator::CORP)
            .unwrap();
        let path = format!("members/{}", member["id"].as_str().unwrap());
        while bench.admin.get(&path).await["position"] != corp::position(number).as_str() {
            tokio::time::sleep(LOOK).await;
        }
    }
}
