//! Portals whose servers take connections and never answer: they delay no others.

use serde_json::{Value, json};
use simulator::sample;

use super::{deliveries, listening, sign_out};
use crate::{actors::LogoutReceiver, fixture::Fixture, scenario};

scenario!(a_portal_that_hangs_delays_no_other, |fixture: Fixture| async move {
    fixture.connect().await;
    let (slow_receiver, receiver) = (LogoutReceiver::listen(), LogoutReceiver::listen());
    let slow = listening(&fixture, "slow", &slow_receiver).await;
    let wiki = listening(&fixture, "wiki", &receiver).await;
    slow_receiver.hang(true);
    for round in 1..=6 {
        let browser = fixture.browser();
        let tokens = slow.tokens(&fixture, &browser, sample::NORMAL).await;
        wiki.tokens_silently(&browser, &[]).await;
        sign_out(&fixture, &browser, &tokens).await;
        receiver.wait_for(round).await;
    }
    assert!(
        slow_receiver.heard().len() <= 4,
        "at most four calls at once to one portal"
    );
    slow_receiver.hang(false);
    fixture.wait_for_background_work().await;
    fixture.app.tick().await.unwrap();
    assert_eq!(slow_receiver.heard().len(), 6);
    assert_eq!(deliveries(&fixture, "?state=delivered").await.len(), 12);
});

// Whoever hangs, and however many there are, delays nobody else: not even until the first of them is given up.
scenario!(eighty_portals_that_hang_delay_no_other, |fixture: Fixture| async move {
    fixture.connect().await;
    let browser = fixture.browser();
    let mut tokens = Value::Null;
    let mut deaf = Vec::new();
    for number in 0..80 {
        // Connections are taken by the system's queue, and nobody ever reads from them.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/backchannel", listener.local_addr().unwrap());
        deaf.push(listener);
        let metadata = json!({ "metadata": { "backchannel_logout_uri": address } });
        let portal = fixture.portal(&format!("deaf-{number}"), metadata).await;
        if number == 0 {
            tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
            continue;
        }
        portal.tokens_silently(&browser, &[]).await;
    }
    let receiver = LogoutReceiver::listen();
    let wiki = listening(&fixture, "wiki", &receiver).await;
    wiki.tokens_silently(&browser, &[]).await;
    sign_out(&fixture, &browser, &tokens).await;
    receiver.wait_for(1).await;
    let mut waiting = deliveries(&fixture, "?state=pending&limit=100").await;
    waiting.retain(|row| row["client_id"] != "wiki");
    assert_eq!(waiting.len(), 80);
    for row in waiting {
        assert_eq!(
            row["last_error"],
            Value::Null,
            "the others waited until it was given up"
        );
    }
    // Their connections break, and they are tried again like everybody else.
    drop(deaf);
    fixture.wait_for_background_work().await;
    for row in deliveries(&fixture, "?state=pending&limit=100").await {
        assert!(row["last_error"].as_str().unwrap().starts_with("OB-103"), "{row}");
    }
});
