//! Calls of a service provider, against a scripted WeCom.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

use super::SuiteIdentity;
use crate::{
    kernel::{failure::Failure, secret::Secret},
    wecom::{
        error::Class,
        model::{Credential, ScannedIdentity, SuiteCredential},
        testing::{Call, Reaction, Stub, bench, installed, suite},
    },
};

const SUITE_TOKEN: &str = "service/get_suite_token";
const CORP_TOKEN: &str = "service/get_corp_token";

/// Gives `suite-1`, `suite-2`, … and `corp-1`, `corp-2`, …; everything else is answered here.
fn provider(answer: impl Fn(&Call) -> Value + Send + 'static) -> Stub {
    let given = AtomicUsize::new(0);
    Stub::start(move |call| {
        let next = || given.fetch_add(1, Ordering::SeqCst) + 1;
        let told = answer(call);
        let told = match call.path.trim_start_matches("/cgi-bin/") {
            _ if !told.is_null() => told,
            SUITE_TOKEN => json!({ "suite_access_token": format!("suite-{}", next()), "expires_in": 7200 }),
            CORP_TOKEN | "gettoken" => json!({ "access_token": format!("corp-{}", next()), "expires_in": 7200 }),
            "service/get_provider_token" => json!({ "provider_access_token": "provider-1" }),
            _ => json!({}),
        };
        Reaction::json(&told.to_string())
    })
}

fn refusing(path: &'static str, errcode: i64) -> Stub {
    provider(move |call| match call.path.ends_with(path) {
        true => json!({ "errcode": errcode, "errmsg": "no" }),
        false => Value::Null,
    })
}

fn template() -> Credential {
    let suite_id = "dk0000000000000001".to_owned();
    Credential {
        suite: Some(SuiteCredential { suite_id, ..suite() }),
        ..installed()
    }
}

fn body(stub: &Stub, path: &str) -> Value {
    let path = format!("/cgi-bin/{path}");
    let call = stub.calls().into_iter().find(|call| call.path == path).unwrap();
    serde_json::from_str(&call.body).unwrap()
}

#[tokio::test]
async fn an_installed_corp_has_a_token_by_the_suites_own_and_a_hundred_callers_fetch_one_of_each() {
    let stub = provider(|_| Value::Null);
    let bench = bench(&stub);
    let credential = installed();
    let calls = (0..100).map(|_| bench.wecom.tags(&credential));
    for answer in futures_util::future::join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(
        (stub.count(SUITE_TOKEN), stub.count(CORP_TOKEN), stub.count("gettoken")),
        (1, 1, 0)
    );
    assert_eq!(
        body(&stub, SUITE_TOKEN),
        json!({
            "suite_id": "ww0000000000000009", "suite_secret": "SECRET-of-the-suite", "suite_ticket": "TICKET-of-the-suite"
        })
    );
    assert_eq!(
        body(&stub, CORP_TOKEN),
        json!({ "auth_corpid": "wpENCRYPTED", "permanent_code": "SECRET-permanent-code" })
    );
    let calls = stub.calls();
    let by = |path: &str| calls.iter().find(|call| call.path.ends_with(path)).unwrap();
    assert_eq!(by(CORP_TOKEN).query("suite_access_token").as_deref(), Some("suite-1"));
    assert_eq!(by("tag/list").query("access_token").as_deref(), Some("corp-2"));
}

#[tokio::test]
async fn a_dead_suite_token_is_dropped_and_the_call_repeated_once() {
    for errcode in [40082, 42009] {
        let stub = provider(move |call| match call.query("suite_access_token").as_deref() {
            Some("suite-1") => json!({ "errcode": errcode }),
            _ => Value::Null,
        });
        let bench = bench(&stub);
        bench.wecom.tags(&installed()).await.unwrap();
        assert_eq!((stub.count(SUITE_TOKEN), stub.count(CORP_TOKEN)), (2, 2), "{errcode}");
    }
    let stub = refusing(CORP_TOKEN, 42009);
    let error = bench(&stub).wecom.tags(&installed()).await.unwrap_err();
    assert_eq!((error.class, error.errcode), (Class::Token, Some(42009)));
    assert_eq!(Failure::from(error).entry.number, "WC-142");
    assert_eq!(stub.count(CORP_TOKEN), 2);
}

#[tokio::test]
async fn without_a_ticket_nothing_is_asked_but_a_token_that_is_good_serves_on() {
    let stub = provider(|_| Value::Null);
    let bench = bench(&stub);
    let mut credential = installed();
    credential.suite = Some(SuiteCredential {
        ticket: None,
        ..suite()
    });
    let error = bench.wecom.tags(&credential).await.unwrap_err();
    assert_eq!((error.class, error.errcode), (Class::Admin, Some(40085)));
    assert_eq!(Failure::from(error).entry.number, "WC-117");
    assert_eq!(stub.calls().len(), 0);
    bench.wecom.tags(&installed()).await.unwrap();
    bench.clock.advance(Duration::from_secs(7000));
    bench.wecom.tags(&credential).await.unwrap();
    // The corp's token was renewed by the suite's, which lived until then.
    bench.clock.advance(Duration::from_secs(7300));
    assert!(bench.wecom.tags(&credential).await.is_err());
}

#[tokio::test]
async fn a_new_ticket_helps_at_once_where_the_old_one_was_refused() {
    let stub = provider(|call| match call.body.contains("OLD") {
        true => json!({ "errcode": 40085 }),
        false => Value::Null,
    });
    let bench = bench(&stub);
    let old = SuiteCredential {
        ticket: Some(Secret::new("OLD".to_owned())),
        ..suite()
    };
    let mut refused = installed();
    refused.suite = Some(old);
    for _ in 0..3 {
        assert_eq!(bench.wecom.tags(&refused).await.unwrap_err().errcode, Some(40085));
    }
    assert_eq!(stub.count(SUITE_TOKEN), 1, "WeCom rests a while");
    bench.wecom.tags(&installed()).await.unwrap();
    assert_eq!(stub.count(SUITE_TOKEN), 2);
}

#[tokio::test]
async fn a_wrong_suite_secret_is_asked_again_with_gaps_and_blocks_no_corp() {
    let right = Arc::new(AtomicUsize::new(0));
    let switch = right.clone();
    let stub = provider(
        move |call| match call.path.ends_with(SUITE_TOKEN) && switch.load(Ordering::SeqCst) == 0 {
            true => json!({ "errcode": 40080, "errmsg": "invalid suite_secret" }),
            false => Value::Null,
        },
    );
    let bench = bench(&stub);
    for _ in 0..3 {
        let error = bench.wecom.tags(&installed()).await.unwrap_err();
        assert_eq!((error.call, Failure::from(error).entry.number), (SUITE_TOKEN, "WC-114"));
    }
    assert_eq!(stub.count(SUITE_TOKEN), 1);
    right.store(1, Ordering::SeqCst);
    bench.clock.advance(Duration::from_secs(60));
    bench.wecom.tags(&installed()).await.unwrap();
    assert_eq!(stub.count(CORP_TOKEN), 1, "the corp's own credential was never refused");
}

#[tokio::test]
async fn a_revoked_permanent_code_is_told_and_left_alone() {
    for errcode in [40084, 48004] {
        let stub = refusing(CORP_TOKEN, errcode);
        let bench = bench(&stub);
        for _ in 0..3 {
            let error = bench.wecom.tags(&installed()).await.unwrap_err();
            assert!(error.is_not_installed());
            assert_eq!(Failure::from(error).entry.number, "WC-116");
        }
        assert_eq!(stub.count(CORP_TOKEN), 1);
        let mut again = installed();
        again.secret = Secret::new("another code".to_owned());
        assert!(bench.wecom.tags(&again).await.is_err());
        assert_eq!(stub.count(CORP_TOKEN), 2, "installed again, it is another matter");
    }
}

#[tokio::test]
async fn a_templates_code_is_the_apps_own_secret_or_else_goes_by_the_suite() {
    let stub = provider(|_| Value::Null);
    bench(&stub).wecom.tags(&template()).await.unwrap();
    assert_eq!((stub.count("gettoken"), stub.count(CORP_TOKEN)), (1, 0));
    let asked = stub.calls().remove(0);
    assert_eq!(
        (asked.query("corpid").as_deref(), asked.query("corpsecret").as_deref()),
        (Some("wpENCRYPTED"), Some("SECRET-permanent-code"))
    );
    let other = refusing("gettoken", 48002);
    bench(&other).wecom.tags(&template()).await.unwrap();
    assert_eq!((other.count("gettoken"), other.count(CORP_TOKEN)), (1, 1));
    let plain = refusing(CORP_TOKEN, 48002);
    bench(&plain).wecom.tags(&installed()).await.unwrap();
    assert_eq!((plain.count(CORP_TOKEN), plain.count("gettoken")), (1, 1));
}

#[tokio::test]
async fn people_of_a_third_party_app_are_members_of_its_corp_only() {
    let stub = provider(|call| match call.path.ends_with("getuserinfo3rd") {
        true => serde_json::from_str(&call.query("code").unwrap()).unwrap(),
        false => Value::Null,
    });
    let wecom = bench(&stub).wecom;
    let scanned = async |told: Value| wecom.exchange_code(&installed(), &told.to_string()).await;
    let own = scanned(json!({ "corpid": "wpENCRYPTED", "userid": "woLi", "open_userid": "woLi", "user_ticket": "T" }));
    let user_ticket = Some("T".to_owned());
    let userid = "woLi".to_owned();
    assert_eq!(own.await.unwrap(), ScannedIdentity::Member { userid, user_ticket });
    let other = scanned(json!({ "corpid": "wpOTHER", "userid": "woLi", "open_userid": "woLi" })).await;
    let corp_id = "wpOTHER".to_owned();
    assert_eq!(other.unwrap(), ScannedIdentity::OtherCorp { corp_id });
    for outsider in [
        json!({ "openid": "oA" }),
        json!({ "corpid": "wpENCRYPTED", "openid": "oA" }),
        json!({ "corpid": "wpENCRYPTED", "userid": "" }),
        json!({ "userid": "woLi" }),
    ] {
        assert_eq!(scanned(outsider).await.unwrap(), ScannedIdentity::Outsider);
    }
    for linked in ["wpOTHER/woLi", "wpENCRYPTED/woLi"] {
        let linked = scanned(json!({ "corpid": "wpENCRYPTED", "userid": linked })).await;
        assert!(matches!(linked.unwrap(), ScannedIdentity::LinkedCorp { .. }));
    }
    assert!(
        scanned(json!({ "corpid": "wpENCRYPTED", "userid": "wo\u{0}" }))
            .await
            .is_err()
    );
    assert_eq!(stub.count("auth/getuserinfo"), 0);
}

#[tokio::test]
async fn people_of_a_templates_app_sign_in_as_to_an_app_of_the_corp() {
    let stub = provider(|call| match call.path.ends_with("auth/getuserinfo") {
        true => json!({ "userid": "woLi" }),
        false => Value::Null,
    });
    let found = bench(&stub).wecom.exchange_code(&template(), "c").await.unwrap();
    assert!(matches!(found, ScannedIdentity::Member { userid, .. } if userid == "woLi"));
}

#[tokio::test]
async fn a_code_of_a_suite_is_exchanged_once() {
    for (errcode, number) in [(40029, "WC-160"), (50001, "WC-121"), (-1, "WC-140"), (45009, "WC-130")] {
        let stub = refusing("getuserinfo3rd", errcode);
        let error = bench(&stub).wecom.suite_identity(&suite(), "c").await.unwrap_err();
        assert_eq!(Failure::from(error).entry.number, number);
        assert_eq!(stub.count("service/auth/getuserinfo3rd"), 1);
    }
    let stub = provider(|_| Value::Null);
    let nobody = bench(&stub).wecom.suite_identity(&suite(), "c").await.unwrap();
    assert_eq!(nobody, SuiteIdentity::Outsider);
}

fn installing() -> Stub {
    provider(|call| match call.path.trim_start_matches("/cgi-bin/service/") {
        "get_pre_auth_code" => json!({ "pre_auth_code": "PRE", "expires_in": 900 }),
        "v2/get_permanent_code" => json!({
            "permanent_code": "PERM", "auth_corp_info": { "corpid": "wpA", "corp_name": "Acme" },
            "auth_user_info": { "userid": "", "open_userid": "woBoss", "name": "" }, "register_code_info": { "state": "s1" },
        }),
        "v2/get_auth_info" => json!({
            "auth_corp_info": { "corp_name": "Acme" },
            "auth_info": { "agent": [{ "agentid": "1000003", "name": "SSO", "auth_mode": 1, "privilege": {
                "allow_party": [1, "7"], "allow_user": ["woA", "w o"], "allow_tag": [], "extra_user": ["woX"] } }] },
        }),
        "get_admin_list" => json!({ "admin": [{ "userid": "woBoss", "auth_type": 1 }, { "auth_type": 1 }] }),
        "get_app_qrcode" => json!({ "qrcode": "https://q.example/1" }),
        "get_customized_auth_url" => json!({ "qrcode_url": "https://q.example/2" }),
        _ => Value::Null,
    })
}

#[tokio::test]
async fn an_installation_is_read_with_its_scope_and_its_code() {
    let stub = installing();
    let wecom = bench(&stub).wecom;
    let code = wecom.pre_auth_code(&suite()).await.unwrap();
    assert_eq!((code.code.expose().as_str(), code.expires_in), ("PRE", 900));
    wecom.set_session_info(&suite(), &code.code, true).await.unwrap();
    assert_eq!(body(&stub, "service/set_session_info")["session_info"]["auth_type"], 1);
    let auth_code = Secret::new("AUTH".to_owned());
    let new = wecom.permanent_code(&suite(), &auth_code).await.unwrap();
    assert_eq!(
        (new.corp_id.as_str(), new.permanent_code.expose().as_str()),
        ("wpA", "PERM")
    );
    assert_eq!(
        (new.installer.as_deref(), new.state.as_deref()),
        (Some("woBoss"), Some("s1"))
    );
    let found = wecom.installation(&suite(), "wpA", &new.permanent_code).await.unwrap();
    assert_eq!((found.agent_id, found.by_member), (1_000_003, true));
    assert_eq!(
        (found.users, found.departments, found.tags),
        (vec!["woA".to_owned()], vec![1, 7], vec![])
    );
    assert_eq!(
        (found.extra_users, found.extra_departments),
        (vec!["woX".to_owned()], vec![])
    );
    let admins = wecom.suite_admins(&suite(), "wpA", 1_000_003).await.unwrap();
    assert!(matches!(&admins[..], [one] if one.manages && one.userid == "woBoss"));
    assert_eq!(
        wecom.install_qrcode(&suite(), "s1").await.unwrap(),
        "https://q.example/1"
    );
    let template = template().suite.unwrap();
    assert_eq!(
        wecom.install_qrcode(&template, "s1").await.unwrap(),
        "https://q.example/2"
    );
    let lonely = SuiteCredential {
        provider: None,
        ..template
    };
    assert_eq!(
        wecom.install_qrcode(&lonely, "s1").await.unwrap_err().errcode,
        Some(48002)
    );
}

#[tokio::test]
async fn the_scope_of_an_app_that_may_not_ask_for_itself_is_what_was_authorised() {
    let stub = provider(|call| match call.path.trim_start_matches("/cgi-bin/") {
        "agent/get" => json!({ "errcode": 48002 }),
        "service/v2/get_auth_info" => json!({ "auth_info": { "agent": [{ "agentid": 1_000_002, "name": "SSO",
            "privilege": { "allow_party": [2], "allow_user": ["woA"], "extra_party": [9] } }] } }),
        _ => Value::Null,
    });
    let agent = bench(&stub).wecom.agent(&template()).await.unwrap();
    assert_eq!(
        (agent.agent_id, agent.departments, agent.users),
        (1_000_002, vec![2], vec!["woA".to_owned()])
    );
}

#[tokio::test]
async fn an_installation_without_corp_code_or_app_is_unreadable() {
    let auth_code = Secret::new("AUTH".to_owned());
    for told in [
        json!({}),
        json!({ "permanent_code": "P" }),
        json!({ "auth_corp_info": { "corpid": "wpA" } }),
    ] {
        let stub = provider(move |call| match call.path.contains("/service/v2/") {
            true => told.clone(),
            false => Value::Null,
        });
        let wecom = bench(&stub).wecom;
        assert!(wecom.permanent_code(&suite(), &auth_code).await.is_err());
        assert!(wecom.installation(&suite(), "wpA", &auth_code).await.is_err());
        assert_eq!(stub.count("service/v2/get_permanent_code"), 1);
    }
    let used = refusing("v2/get_permanent_code", 40078);
    let error = bench(&used)
        .wecom
        .permanent_code(&suite(), &auth_code)
        .await
        .unwrap_err();
    assert_eq!(Failure::from(error).entry.number, "WC-161");
}

#[tokio::test]
async fn no_secret_of_a_suite_is_seen_in_a_failure() {
    let stub = Stub::start(|call| {
        let echo = format!("{} {}", call.target, call.body);
        Reaction::json(&json!({ "errcode": 40013, "errmsg": echo }).to_string())
    });
    let wecom = bench(&stub).wecom;
    let secret = Secret::new("SECRET-code".to_owned());
    let errors = [
        wecom.tags(&installed()).await.err(),
        wecom.tags(&template()).await.err(),
        wecom.permanent_code(&suite(), &secret).await.err(),
        wecom.install_qrcode(&template().suite.unwrap(), "s").await.err(),
    ];
    for error in errors {
        let error = error.unwrap();
        let shown = format!("{error} {error:?} {:?} {:?}", Failure::from(error.clone()), installed());
        assert!(!shown.contains("SECRET-") && !shown.contains("TICKET-"), "{shown}");
    }
}
