//! Tests of the transport: what is repeated, what is told of failures, and that no secret is.

use std::sync::atomic::Ordering;

use super::*;
use crate::wecom::testing::{Reaction, Stub};

fn transport(base: &str) -> Transport {
    let http = build_client(None, Duration::from_secs(5)).unwrap();
    over(http, base)
}

fn over(http: HttpClient, base: &str) -> Transport {
    let clock = Clock::manual(crate::kernel::clock::Timestamp::from_secs(1_760_000_000));
    Transport::new(http, base, clock, Entropy::seeded(1))
}

async fn failing(stub: &Stub) -> WeComError {
    let ask = ApiRequest::new("user/get").with("userid", "li hua&x=+");
    transport(&stub.base).ask(&ask, None).await.err().unwrap()
}

#[tokio::test]
async fn broken_replies_are_worth_another_try() {
    let reactions = [
        Reaction::Html(502),
        Reaction::Html(200),
        Reaction::Raw(503, r#"{"note":"no errcode, but not 200 either"}"#.to_owned()),
        Reaction::Raw(302, String::new()),
        Reaction::Raw(200, r#"{"errcode":0,"name":"tru"#.to_owned()),
        Reaction::Reset,
        Reaction::Short,
    ];
    for reaction in reactions {
        let stub = Stub::start(move |_| reaction.clone());
        let error = failing(&stub).await;
        assert_eq!((error.class, error.errcode), (Class::Retry, None), "{error}");
    }
}

#[tokio::test]
async fn a_silent_server_is_worth_another_try() {
    let stub = Stub::start(|_| Reaction::Silence);
    let http = build_client(None, Duration::from_millis(50)).unwrap();
    let silent = over(http, &stub.base);
    let error = silent.ask(&ApiRequest::new("user/get"), None).await.err().unwrap();
    assert_eq!(error.class, Class::Retry);
    assert!(error.message.starts_with("timed out"), "{error}");
}

#[tokio::test]
async fn an_unreachable_server_is_worth_another_try_and_its_url_stays_secret() {
    let ask = ApiRequest::new("gettoken").with("corpsecret", "hush-hush");
    let error = transport("http://127.0.0.1:1").ask(&ask, None).await.err().unwrap();
    assert_eq!(error.class, Class::Retry);
    assert!(!format!("{error} {error:?}").contains("hush"));
}

#[tokio::test]
async fn a_read_that_broke_or_met_a_busy_wecom_is_repeated_within_the_patience_of_who_asks() {
    let reactions = [
        (Reaction::json(r#"{"errcode":-1,"errmsg":"system busy"}"#), 3, 4),
        (Reaction::json(r#"{"errcode":6000}"#), 3, 4),
        (Reaction::json(r#"{"errcode":45033}"#), 3, 4),
        (Reaction::Html(502), 3, 7),
        (Reaction::Html(200), 3, 7),
        (Reaction::Raw(200, r#"{"errcode":0,"name":"tru"#.to_owned()), 3, 7),
        (Reaction::Reset, 3, 7),
        (Reaction::Short, 3, 7),
        // The same a moment later.
        (Reaction::Html(404), 1, 1),
        (Reaction::Raw(302, String::new()), 1, 1),
        (Reaction::json(r#"{"errcode":45009}"#), 1, 1),
        (Reaction::json(r#"{"errcode":60111}"#), 1, 1),
    ];
    for (reaction, person, background) in reactions {
        let shown = format!("{reaction:?}");
        for (patience, asked) in [(Patience::Person, person), (Patience::Background, background)] {
            let answer = reaction.clone();
            let stub = Stub::start(move |_| answer.clone());
            let transport = transport(&stub.base).with_patience(patience);
            assert!(transport.ask(&ApiRequest::new("user/get"), None).await.is_err());
            assert_eq!(stub.count("user/get"), asked, "{patience:?} {shown}");
            for once in ["auth/getuserinfo", "auth/getuserdetail", "message/send"] {
                assert!(transport.ask(&ApiRequest::new(once), None).await.is_err());
                assert_eq!(stub.count(once), 1, "{patience:?} {shown}");
            }
        }
    }
}

#[tokio::test]
async fn one_broken_reply_is_made_good_by_the_next() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let stub = Stub::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Reaction::Reset,
        _ => Reaction::json("{}"),
    });
    assert!(
        transport(&stub.base)
            .ask(&ApiRequest::new("user/get"), None)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn while_wecom_is_down_each_further_read_is_repeated_once_only() {
    let stub = Stub::start(|_| Reaction::Reset);
    let transport = transport(&stub.base).with_patience(Patience::Background);
    for _ in 0..3 {
        assert!(transport.ask(&ApiRequest::new("tag/list"), None).await.is_err());
    }
    assert_eq!(stub.count("tag/list"), 7 + 2 + 2);
}

#[tokio::test]
async fn parameters_arrive_as_they_were_given() {
    let stub = Stub::start(|_| Reaction::json("{}"));
    let ask = ApiRequest::new("user/get")
        .with("userid", "li+hua&x=/é")
        .body(serde_json::json!({"姓": "李"}));
    let token = Secret::new("t/+=".to_owned());
    assert!(
        transport(&format!("{}/", stub.base))
            .ask(&ask, Some(&token))
            .await
            .is_ok()
    );
    let call = stub.calls().remove(0);
    assert_eq!(
        (call.path.as_str(), call.body.as_str()),
        ("/cgi-bin/user/get", r#"{"姓":"李"}"#)
    );
    assert_eq!(call.query("userid").as_deref(), Some("li+hua&x=/é"));
    assert_eq!(call.query("access_token").as_deref(), Some("t/+="));
}

#[tokio::test]
async fn our_secrets_are_removed_from_wecoms_words() {
    let stub = Stub::start(|call| {
        let echo = format!("bad {} {}", call.target, call.query("code").unwrap());
        Reaction::json(&serde_json::json!({"errcode": 40029, "errmsg": echo}).to_string())
    });
    let ask = ApiRequest::new("auth/getuserinfo").with("code", "CODE+1");
    let token = Secret::new("TOKEN/1".to_owned());
    let error = transport(&stub.base).ask(&ask, Some(&token)).await.err().unwrap();
    let shown = format!("{error} {error:?}");
    assert_eq!(error.errcode, Some(40029));
    assert!(!shown.contains("CODE") && !shown.contains("TOKEN"), "{shown}");
}

#[tokio::test]
async fn the_proxy_carries_the_calls() {
    let stub = Stub::start(|_| Reaction::json("{}"));
    let http = build_client(Some(&stub.base), Duration::from_secs(5)).unwrap();
    let proxied = over(http, "http://wecom.invalid");
    assert!(proxied.ask(&ApiRequest::new("tag/list"), None).await.is_ok());
    assert_eq!(stub.calls().remove(0).path, "http://wecom.invalid/cgi-bin/tag/list");
}

#[tokio::test]
async fn a_proxy_that_is_called_by_a_name_of_the_inner_network_carries_the_downloads() {
    let stub = Stub::start(|_| Reaction::json("{}"));
    let proxy = stub.base.replace("127.0.0.1", "localhost");
    assert_ne!(proxy, stub.base);
    let timeout = Duration::from_secs(5);
    let http = build_download_client(None, Some(&proxy), timeout, "https://qyapi.weixin.qq.com").unwrap();
    let reply = http.get("http://cdn.invalid/a").send().await.unwrap();
    assert_eq!(reply.status().as_u16(), 200);
    assert_eq!(stub.calls().remove(0).path, "http://cdn.invalid/a");
}

#[test]
fn a_proxy_that_is_no_url_is_refused_without_repeating_it() {
    assert!(build_client(Some("http://127.0.0.1:3128"), Duration::from_secs(1)).is_ok());
    let failure = build_client(Some("http://user:pass word@[::"), Duration::from_secs(1)).unwrap_err();
    assert_eq!(failure.entry.number, "WC-101");
    assert!(!failure.to_string().contains("pass"));
}

#[tokio::test]
async fn a_list_that_broke_off_is_asked_for_again_and_its_rows_count_once() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let list = |ends: &str| format!(r#"{{"errcode":0,"userlist":[{{"userid":"a"}},{{"userid":"b"}}{ends}"#);
    let (broken, whole) = (list(""), list(r#",{"userid":"c"}]}"#));
    let stub = Stub::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Reaction::json(&broken),
        1 => Reaction::Reset,
        _ => Reaction::json(&whole),
    });
    let members = crate::wecom::members::list(false);
    let ask = ApiRequest::new("user/list").listing(&members);
    let reply = transport(&stub.base).ask(&ask, None).await.ok().unwrap();
    let found = members.rows_of(&reply).unwrap();
    assert_eq!((found.rows.len(), stub.count("user/list")), (3, 3));
}

#[tokio::test]
async fn a_list_with_more_rows_than_anybody_has_is_not_read_to_its_end_nor_asked_for_again() {
    let endless = format!(r#"{{"userlist":[{}0]}}"#, "0,".repeat(200_000));
    let stub = Stub::start(move |_| Reaction::json(&endless));
    let members = crate::wecom::members::list(false);
    let ask = ApiRequest::new("user/list").listing(&members);
    let error = transport(&stub.base).ask(&ask, None).await.err().unwrap();
    assert_eq!((error.class, stub.count("user/list")), (Class::Defect, 1), "{error}");
}
