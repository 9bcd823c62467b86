//! Tests of the token cache through the client's public calls: what reaches WeCom, and what does not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::*;
use crate::wecom::testing::{Call, Reaction, Stub, app, bench, replica};

const BAD_SECRET: &str = r#"{"errcode":40001,"errmsg":"invalid credential, from ip: 203.0.113.9, more"}"#;

fn token(n: usize) -> Reaction {
    Reaction::json(&format!(
        r#"{{"errcode":0,"errmsg":"ok","access_token":"token-{n}","expires_in":7200}}"#
    ))
}

/// Gives `token-1`, `token-2`, … and refuses every token whose number is at most `dead` with `errcode`.
fn rotating(dead: usize, errcode: i64) -> Stub {
    let given = AtomicUsize::new(0);
    Stub::start(move |call: &Call| {
        if call.path == "/cgi-bin/gettoken" {
            return token(given.fetch_add(1, Ordering::SeqCst) + 1);
        }
        let number: usize = call.query("access_token").unwrap()[6..].parse().unwrap();
        if number <= dead {
            return Reaction::json(&format!(r#"{{"errcode":{errcode},"errmsg":"invalid access_token"}}"#));
        }
        Reaction::json(r#"{"errcode":0,"taglist":[{"tagid":1,"tagname":"oncall"}]}"#)
    })
}

#[tokio::test]
async fn a_hundred_callers_fetch_one_token() {
    let stub = rotating(0, 0);
    let bench = bench(&stub);
    let credential = app();
    let calls = (0..100).map(|_| bench.wecom.tags(&credential));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap().rows.len(), 1);
    }
    assert_eq!(stub.count("gettoken"), 1);
    assert_eq!(bench.wecom.flights_waiting(), 0);
}

#[tokio::test]
async fn a_hundred_callers_share_one_failure() {
    let stub = Stub::start(|_| Reaction::Html(502));
    let bench = bench(&stub);
    let credential = app();
    let calls = (0..100).map(|_| bench.wecom.tags(&credential));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap_err().class, Class::Retry);
    }
    assert_eq!(stub.count("gettoken"), 3, "one caller's tries");
    assert!(bench.wecom.tags(&credential).await.is_err());
    assert_eq!(
        stub.count("gettoken"),
        5,
        "a later caller tries again, and once more since WeCom is down"
    );
}

#[tokio::test]
async fn replicas_share_tokens_through_the_store_and_see_no_plain_text_there() {
    let stub = rotating(0, 0);
    let one = bench(&stub);
    let two = replica(&stub, &one.store, &one.clock, crate::wecom::client::Settings::default());
    one.wecom.tags(&app()).await.unwrap();
    two.tags(&app()).await.unwrap();
    assert_eq!(stub.count("gettoken"), 1);
    let key = token_key(&Holder::Corp(&app()).name(&stub.base));
    let kept = one.store.get(&key).await.unwrap().unwrap();
    assert!(!String::from_utf8(kept).unwrap().contains("token-1"));
}

#[tokio::test]
async fn a_dead_token_is_dropped_and_the_call_repeated_once() {
    for errcode in [40014, 42001, 40001] {
        let stub = rotating(1, errcode);
        let bench = bench(&stub);
        assert_eq!(bench.wecom.tags(&app()).await.unwrap().rows.len(), 1);
        assert_eq!((stub.count("gettoken"), stub.count("tag/list")), (2, 2));
        let last = stub.calls().pop().unwrap();
        assert_eq!(
            last.query("access_token").as_deref(),
            Some("token-2"),
            "the URL is rebuilt"
        );
    }
}

#[tokio::test]
async fn a_hundred_callers_of_a_dead_token_fetch_one_new() {
    let dead = Arc::new(AtomicBool::new(false));
    let (switch, given) = (dead.clone(), AtomicUsize::new(0));
    let stub = Stub::start(move |call| {
        if call.path == "/cgi-bin/gettoken" {
            return token(given.fetch_add(1, Ordering::SeqCst) + 1);
        }
        let first = call.query("access_token").as_deref() == Some("token-1");
        let refused = first && switch.load(Ordering::SeqCst);
        Reaction::json(if refused { r#"{"errcode":42001}"# } else { "{}" })
    });
    let bench = bench(&stub);
    let credential = app();
    bench.wecom.tags(&credential).await.unwrap();
    dead.store(true, Ordering::SeqCst);
    let calls = (0..100).map(|_| bench.wecom.tags(&credential));
    for answer in futures_util::future::join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(stub.count("gettoken"), 2);
}

#[tokio::test]
async fn a_token_that_stays_dead_surfaces_after_one_repetition() {
    let stub = rotating(99, 40014);
    let error = bench(&stub).wecom.tags(&app()).await.unwrap_err();
    assert_eq!((error.class, error.errcode), (Class::Token, Some(40014)));
    assert_eq!((stub.count("gettoken"), stub.count("tag/list")), (2, 2));
}

#[tokio::test]
async fn dropping_a_dead_token_spares_a_newer_one() {
    let stub = rotating(0, 0);
    let bench = bench(&stub);
    bench.wecom.tags(&app()).await.unwrap();
    bench.wecom.reject_token(&app(), "token-0").await;
    bench.wecom.tags(&app()).await.unwrap();
    assert_eq!(stub.count("gettoken"), 1);
    bench.wecom.reject_token(&app(), "token-1").await;
    bench.wecom.tags(&app()).await.unwrap();
    assert_eq!(stub.count("gettoken"), 2);
}

#[tokio::test]
async fn tokens_are_refreshed_early_and_a_failed_refresh_keeps_the_old_one() {
    let broken = Arc::new(AtomicBool::new(false));
    let (switch, given) = (broken.clone(), AtomicUsize::new(0));
    let stub = Stub::start(move |call| match call.path.as_str() {
        "/cgi-bin/gettoken" if switch.load(Ordering::SeqCst) => Reaction::Html(502),
        "/cgi-bin/gettoken" => token(given.fetch_add(1, Ordering::SeqCst) + 1),
        _ => Reaction::json("{}"),
    });
    let bench = bench(&stub);
    bench.wecom.tags(&app()).await.unwrap();
    bench.clock.advance(Duration::from_secs(7200 - 361));
    bench.wecom.tags(&app()).await.unwrap();
    assert_eq!(stub.count("gettoken"), 1, "not yet");
    bench.clock.advance(Duration::from_secs(61));
    broken.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        bench.wecom.tags(&app()).await.unwrap();
    }
    assert_eq!(
        stub.count("gettoken"),
        4,
        "one refresh that failed three times, then a pause"
    );
    broken.store(false, Ordering::SeqCst);
    bench.clock.advance(REFRESH_PAUSE);
    bench.wecom.tags(&app()).await.unwrap();
    assert_eq!(stub.count("gettoken"), 5);
    assert_eq!(
        stub.calls().pop().unwrap().query("access_token").as_deref(),
        Some("token-2")
    );
}

#[tokio::test]
async fn an_expired_token_is_not_used() {
    let stub = rotating(0, 0);
    let bench = bench(&stub);
    bench.wecom.tags(&app()).await.unwrap();
    bench.clock.advance(Duration::from_secs(7200));
    bench.wecom.tags(&app()).await.unwrap();
    assert_eq!(stub.count("gettoken"), 2);
}

#[tokio::test]
async fn a_refused_secret_is_probed_with_growing_gaps_or_once_edited() {
    for reply in [BAD_SECRET, r#"{"errcode":40013}"#, r#"{"errcode":40091}"#] {
        let stub = Stub::start(move |_| Reaction::json(reply));
        let bench = bench(&stub);
        let first = bench.wecom.tags(&app()).await.unwrap_err();
        let second = bench.wecom.tags(&app()).await.unwrap_err();
        assert_eq!(first, second);
        assert_eq!((first.class, stub.count("gettoken")), (Class::Admin, 1));
        for (minutes, probes) in [
            (1, 2),
            (4, 2),
            (1, 3),
            (14, 3),
            (1, 4),
            (59, 4),
            (1, 5),
            (60, 6),
            (60, 7),
        ] {
            bench.clock.advance(Duration::from_secs(minutes * 60));
            for _ in 0..3 {
                assert!(bench.wecom.tags(&app()).await.is_err());
            }
            assert_eq!(stub.count("gettoken"), probes, "{minutes} minutes later");
        }
        let mut edited = app();
        edited.secret = Secret::new("another".to_owned());
        assert!(bench.wecom.tags(&edited).await.is_err());
        assert_eq!(stub.count("gettoken"), 8, "another secret is another matter");
        bench.wecom.forget(&app()).await;
        assert!(bench.wecom.tags(&app()).await.is_err());
        assert_eq!(stub.count("gettoken"), 9);
    }
}

#[tokio::test]
async fn an_app_that_is_switched_on_again_heals_by_itself_and_one_of_all_replicas_finds_out() {
    let off = Arc::new(AtomicBool::new(true));
    let switch = off.clone();
    let stub = Stub::start(move |call| match call.path.as_str() {
        "/cgi-bin/gettoken" if switch.load(Ordering::SeqCst) => Reaction::json(BAD_SECRET),
        "/cgi-bin/gettoken" => token(1),
        _ => Reaction::json("{}"),
    });
    let one = bench(&stub);
    let two = replica(&stub, &one.store, &one.clock, crate::wecom::client::Settings::default());
    assert!(one.wecom.tags(&app()).await.is_err());
    let refused = two.refusal(&app()).await.unwrap();
    assert_eq!(
        (refused.since, refused.kind().entry().number),
        (one.clock.now(), "WC-110")
    );
    one.clock.advance(Duration::from_secs(60));
    // Both ask at once: one probes, the other is told what is known.
    let credential = app();
    let (first, second) = tokio::join!(one.wecom.tags(&credential), two.tags(&credential));
    assert!(first.is_err() && second.is_err());
    assert_eq!(stub.count("gettoken"), 2);
    off.store(false, Ordering::SeqCst);
    one.clock.advance(Duration::from_secs(300));
    two.tags(&app()).await.unwrap();
    assert_eq!(two.refusal(&app()).await, None);
    one.wecom.tags(&app()).await.unwrap();
    assert_eq!(stub.count("gettoken"), 3);
}

#[tokio::test]
async fn a_throttled_gettoken_is_left_alone_for_a_minute() {
    let stub = Stub::start(|_| Reaction::json(r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#));
    let bench = bench(&stub);
    for _ in 0..3 {
        assert_eq!(bench.wecom.tags(&app()).await.unwrap_err().class, Class::Throttled);
    }
    assert_eq!(stub.count("gettoken"), 1);
    bench.clock.advance(Duration::from_secs(60));
    assert!(bench.wecom.tags(&app()).await.is_err());
    assert_eq!(stub.count("gettoken"), 2);
}

#[tokio::test]
async fn forgetting_drops_the_token_too() {
    let stub = rotating(0, 0);
    let bench = bench(&stub);
    bench.wecom.tags(&app()).await.unwrap();
    bench.wecom.forget(&app()).await;
    bench.wecom.tags(&app()).await.unwrap();
    assert_eq!(stub.count("gettoken"), 2);
}

#[tokio::test]
async fn a_token_sealed_with_another_key_is_fetched_anew() {
    let stub = rotating(0, 0);
    let bench = bench(&stub);
    bench.wecom.tags(&app()).await.unwrap();
    let other = Sealer::new(&Secret::new(vec![8; 32]), Entropy::system()).unwrap();
    let http = crate::wecom::transport::build_client(None, Duration::from_secs(5)).unwrap();
    let endpoints = crate::wecom::endpoints::Endpoints {
        api: stub.base.clone(),
        ..crate::wecom::endpoints::Endpoints::default()
    };
    let rekeyed = crate::wecom::client::WeCom::new(http, endpoints, bench.store, other, bench.clock, Entropy::system());
    assert!(rekeyed.tags(&app()).await.is_ok());
    assert_eq!(stub.count("gettoken"), 2);
}
