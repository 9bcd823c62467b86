//! While WeCom gives no answer, whatever the cause, portals are told to try again, and what they sent still works afterwards.

use std::time::Duration;

use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use crate::{
    device::{answer, asked, poll, portal as device_portal},
    fixture::Fixture,
    scenario,
};

/// Whatever `user/get` may answer instead of a member: temporary, an admin's to mend, or never heard of.
const OUTAGES: [FaultKind; 16] = [
    FaultKind::Errcode(60020),
    FaultKind::Errcode(40001),
    FaultKind::Errcode(40013),
    FaultKind::Errcode(40014),
    FaultKind::Errcode(40091),
    FaultKind::Errcode(301_002),
    FaultKind::Errcode(45009),
    FaultKind::Errcode(45033),
    FaultKind::Errcode(48002),
    FaultKind::Errcode(48006),
    FaultKind::Errcode(50001),
    FaultKind::Errcode(50003),
    FaultKind::Errcode(987_654),
    FaultKind::Reset,
    FaultKind::Truncated,
    FaultKind::BadGateway,
];

scenario!(
    every_grant_waits_for_wecom_and_nothing_is_used_up,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let bounds = json!({ "membership_max_age": 60, "membership_grace": 0 });
        let portal = device_portal(&fixture, "tv", bounds).await;
        let browser = fixture.browser();
        let mut tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        for outage in OUTAGES {
            // The membership is confirmed now, and the confirmation is too old when everything is redeemed.
            fixture.advance(Duration::from_secs(61));
            assert!(portal.authorize_silently(&browser).await.returned("code").is_some());
            let issued = asked(&fixture, &portal).await;
            answer(&fixture, &browser, &issued, "allow").await;
            fixture.advance(Duration::from_secs(40));
            let code = portal.authorize_silently(&browser).await.returned("code").unwrap();
            fixture.advance(Duration::from_secs(25));
            fixture.add_fault(Fault::new("/cgi-bin/user/get", outage.clone()));
            let refresh = tokens["refresh_token"].as_str().unwrap();
            for (grant, reply) in [
                ("code", portal.redeem(&code).await),
                ("refresh", portal.refresh(refresh).await),
                ("device", poll(&portal, &issued).await),
            ] {
                let expected = (503, "temporarily_unavailable");
                assert_eq!(reply.refusal(), expected, "{outage:?} {grant}: {}", reply.body);
                let words = reply.body["error_description"].as_str().unwrap();
                assert!(words.starts_with("OP-156"), "{outage:?} {grant}: {words}");
                assert!(!words.contains("60020") && !words.contains("127.0.0.1"), "{words}");
            }
            let silent = portal.authorize_silently(&browser).await;
            assert_eq!(
                silent.returned("error").unwrap(),
                "temporarily_unavailable",
                "{outage:?}"
            );
            fixture.mend_wecom();
            let redeemed = portal.redeem(&code).await;
            assert_eq!(redeemed.status, 200, "{outage:?}: {}", redeemed.body);
            let refreshed = portal.refresh(refresh).await;
            assert_eq!(refreshed.status, 200, "{outage:?}: {}", refreshed.body);
            fixture.advance(Duration::from_secs(6));
            let polled = poll(&portal, &issued).await;
            assert_eq!(polled.status, 200, "{outage:?}: {}", polled.body);
            tokens = refreshed.body;
        }
    }
);
