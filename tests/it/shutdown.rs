//! The server is told to stop while people sign in.

use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{As, Browser},
    fixture::Fixture,
    scenario,
};

/// A client each of whose requests comes on a connection of its own, so that the server's workers take turns.
fn without_pool() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()
        .unwrap()
}

scenario!(
    a_scan_in_flight_survives_the_end_of_another_worker,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        // Workers take turns, so in one of two rounds the second scan meets another worker than the first.
        for round in 0..2 {
            let server = fixture.serve_with(|config| config.workers = 2).await;
            let portal = portal.at(&server.base);
            let http = without_pool();
            let callback = async |browser: &Browser| {
                let login = browser.open(&portal.authorize_url(&[])).await;
                let shown = browser.open(&login.link("/go/")).await;
                fixture.phone().scan(browser, &shown, As::Member(sample::NORMAL)).await
            };
            // One worker calls WeCom first, and its connection is kept for the next call, whoever makes it.
            let (first, second) = (Browser::new(&http), Browser::new(&http));
            let addresses = [callback(&first).await, callback(&second).await];
            let page = first.get(&addresses[0]).await;
            assert_eq!(page.status, 303, "{}", page.body);
            for _ in 0..round {
                http.get(format!("{}/healthz", server.base)).send().await.unwrap();
            }
            // The other worker has a call under way when the first, who has nothing to do, ends.
            let before = fixture.wecom.calls("auth/getuserinfo");
            fixture.add_fault(Fault::new("/cgi-bin/auth/getuserinfo", FaultKind::Slow(500)).times(1));
            let stop = async {
                while fixture.wecom.calls("auth/getuserinfo") == before {
                    tokio::task::yield_now().await;
                }
                server.stop.drain().await;
                server.stop.stop().await;
            };
            let (page, ()) = tokio::join!(second.get(&addresses[1]), stop);
            assert_eq!(page.status, 303, "round {round}: {}", page.body);
        }
    }
);
