//! Reference §6.3, §6.5, §9.1: callbacks of suites, tickets, tokens of suites and providers.

use serde_json::{Value, json};
use simulator::sample::{CORP, PROVIDER, PROVIDER_SECRET, SUITE, SUITE_SECRET, SUITE2};
use simulator::world::Scope;
use simulator::{Delivery, Push, SuiteCallback, Tamper, World};

use crate::provider::{KEY, Provider, TOKEN, provider};
use crate::stage::{NOW, errcode, sample};

#[actix_web::test]
async fn the_demo_world_has_no_suites() {
    let stage = sample().await;
    let reply = stage
        .post(
            "/cgi-bin/service/get_suite_token",
            &json!({"suite_id": SUITE, "suite_secret": SUITE_SECRET, "suite_ticket": "t"}),
        )
        .await;
    assert_eq!(errcode(&reply), 40083);
    assert!(!stage.page("/").await.body.contains("suite_id"));
}

#[actix_web::test]
async fn urls_are_verified_with_the_receive_id_of_their_kind() {
    let provider = provider().await;
    let command = format!("{}/command", provider.base);
    let data = format!("{}/data/$CORPID$", provider.base);
    for (as_provider, which, url, expected) in [
        (false, SuiteCallback::Command, &command, SUITE),
        (true, SuiteCallback::Command, &command, PROVIDER),
        (false, SuiteCallback::Data, &data, PROVIDER),
    ] {
        provider.forget();
        let sim = &provider.stage.sim;
        sim.edit(|world| world.switches.suites.command_verified_as_provider = as_provider);
        sim.configure_suite(SUITE, which, (url, TOKEN, KEY)).await.unwrap();
        assert_eq!(provider.heard()[0].receive_id, expected);
    }
    assert_eq!(provider.heard()[0].path, format!("/data/{PROVIDER}"));
    let other = provider
        .stage
        .sim
        .configure_suite(SUITE, SuiteCallback::Command, (&command, "another", KEY));
    assert!(other.await.unwrap_err().contains("40057"));
}

#[actix_web::test]
async fn a_ticket_push_names_the_suite_and_has_no_corp() {
    let provider = provider().await;
    let ticket = provider.ticket().await;
    let heard = provider.heard();
    assert_eq!(
        (heard[0].path.as_str(), heard[0].receive_id.as_str()),
        ("/command", SUITE)
    );
    let expected = format!(
        "<xml><SuiteId><![CDATA[{SUITE}]]></SuiteId><InfoType><![CDATA[suite_ticket]]></InfoType>\
         <TimeStamp>{NOW}</TimeStamp><SuiteTicket><![CDATA[{ticket}]]></SuiteTicket></xml>"
    );
    assert_eq!(heard[0].message, expected);
    let outer = provider.kept.lock().unwrap().outer[0].clone();
    assert!(
        outer.contains(&format!(
            "<ToUserName><![CDATA[{SUITE}]]></ToUserName><AgentID><![CDATA[]]></AgentID>"
        )),
        "{outer}"
    );
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.info_type_leading_blank = true);
    provider.ticket().await;
    assert_eq!(provider.heard()[1].value("InfoType"), " suite_ticket");
}

async fn fetch(provider: &Provider, ticket: &str) -> Value {
    let body = json!({"suite_id": SUITE, "suite_secret": SUITE_SECRET, "suite_ticket": ticket});
    provider.stage.post("/cgi-bin/service/get_suite_token", &body).await
}

#[actix_web::test]
async fn a_ticket_is_good_for_thirty_minutes_and_older_ones_beside_it() {
    let provider = provider().await;
    let first = provider.ticket().await;
    provider.stage.sim.clock().advance(600);
    let second = provider.ticket().await;
    assert_ne!(first, second);
    provider.stage.sim.clock().advance(1199);
    assert_eq!(errcode(&fetch(&provider, &first).await), 0);
    provider.stage.sim.clock().advance(1);
    assert_eq!(errcode(&fetch(&provider, &first).await), 40085);
    assert_eq!(errcode(&fetch(&provider, &second).await), 0);
    assert_eq!(errcode(&fetch(&provider, "made-up").await), 40085);
    provider.stage.sim.clock().advance(600);
    assert_eq!(errcode(&fetch(&provider, &second).await), 40085);
}

#[actix_web::test]
async fn the_clock_pushes_a_ticket_every_ten_minutes_unless_switched_off() {
    let provider = provider().await;
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.pushes_tickets = true);
    let pushed = async |count: usize| {
        while provider.heard().len() < count {
            actix_web::rt::task::yield_now().await;
        }
    };
    pushed(1).await;
    provider.stage.sim.clock().advance(600);
    pushed(2).await;
    provider.stage.sim.clock().advance(7200);
    pushed(3).await;
    let tickets = provider.told(&["InfoType", "SuiteTicket"]);
    assert!(tickets.iter().all(|told| told[0] == "suite_ticket") && tickets[1] != tickets[2]);
    assert_eq!(errcode(&fetch(&provider, &tickets[2][1]).await), 0);
}

#[actix_web::test]
async fn wrong_credentials_of_a_suite_have_their_codes() {
    let provider = provider().await;
    let ticket = provider.ticket().await;
    let good = json!({"suite_id": SUITE, "suite_secret": SUITE_SECRET, "suite_ticket": ticket});
    for (key, value, code) in [
        ("suite_id", json!(null), 41021),
        ("suite_secret", json!(null), 41024),
        ("suite_ticket", json!(null), 41023),
        ("suite_id", json!("wwnobody"), 40083),
        ("suite_secret", json!("wrong"), 40080),
        ("suite_id", json!(SUITE2), 40080),
    ] {
        let mut body = good.clone();
        body[key] = value;
        let reply = provider.stage.post("/cgi-bin/service/get_suite_token", &body).await;
        assert_eq!(errcode(&reply), code, "{key}");
    }
    provider.stage.sim.edit(|world| {
        world.providers.get_mut(PROVIDER).unwrap().trusted_ips = Some(vec!["203.0.113.*".to_owned()]);
    });
    let reply = provider.stage.post("/cgi-bin/service/get_suite_token", &good).await;
    assert_eq!(errcode(&reply), 60020);
    provider
        .stage
        .sim
        .edit(|world| world.caller_ip = Some("203.0.113.9".to_owned()));
    let reply = provider.stage.post("/cgi-bin/service/get_suite_token", &good).await;
    assert_eq!((errcode(&reply), &reply["expires_in"]), (0, &json!(7200)));
}

#[actix_web::test]
async fn tokens_stay_expire_and_are_not_interchangeable() {
    let provider = provider().await;
    let suite = provider.suite_token().await;
    assert_eq!(provider.suite_token().await, suite, "the same until it expires");
    let by = async |call: &str, parameter: &str, token: &str| {
        let path = format!("/cgi-bin/{call}?{parameter}={token}");
        errcode(&provider.stage.get(&path).await)
    };
    let pre_auth = "service/get_pre_auth_code";
    assert_eq!(by(pre_auth, "suite_access_token", &suite).await, 0);
    assert_eq!(by(pre_auth, "suite_access_token", "").await, 41022);
    assert_eq!(by(pre_auth, "suite_access_token", "made-up").await, 40082);
    let corp = provider.stage.app_token().await;
    assert_eq!(by(pre_auth, "suite_access_token", &corp).await, 40082);
    assert_eq!(by("tag/list", "access_token", &suite).await, 40014);
    let own = provider.provider_token().await;
    assert_eq!(by(pre_auth, "suite_access_token", &own).await, 40082);
    provider.stage.sim.clock().advance(7200);
    assert_eq!(by(pre_auth, "suite_access_token", &suite).await, 42009);
    let new = provider.suite_token().await;
    for code in [40082, 42009] {
        let reply = provider.stage.post("/_sim/tokens/expire", &json!({"code": code})).await;
        assert_eq!(reply["ok"], true, "{reply}");
        assert_eq!(by(pre_auth, "suite_access_token", &new).await, code);
    }
    assert_ne!(provider.suite_token().await, new);
}

#[actix_web::test]
async fn provider_tokens_and_replies_without_errcode() {
    let provider = provider().await;
    let body = json!({"corpid": PROVIDER, "provider_secret": PROVIDER_SECRET});
    let path = "/cgi-bin/service/get_provider_token";
    let reply = provider.stage.post(path, &body).await;
    assert_eq!((errcode(&reply), &reply["expires_in"]), (0, &json!(7200)));
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.service_lacks_errcode = true);
    let reply = provider.stage.post(path, &body).await;
    assert!(
        reply.get("errcode").is_none() && reply.get("errmsg").is_none(),
        "{reply}"
    );
    let wrong = json!({"corpid": PROVIDER, "provider_secret": "wrong"});
    assert_eq!(errcode(&provider.stage.post(path, &wrong).await), 40001);
    let nobody = json!({"corpid": "wwnobody", "provider_secret": "wrong"});
    assert_eq!(errcode(&provider.stage.post(path, &nobody).await), 40013);
}

#[actix_web::test]
async fn calls_of_suites_fail_on_demand_like_any_other() {
    let provider = provider().await;
    let fault = json!({"path": "/cgi-bin/service/get_pre_auth_code", "kind": {"errcode": 45009}, "count": 1});
    provider.stage.post("/_sim/faults", &fault).await;
    assert_eq!(errcode(&provider.ask("get_pre_auth_code").await), 45009);
    assert_eq!(errcode(&provider.ask("get_pre_auth_code").await), 0);
    let token = provider.suite_token().await;
    provider.stage.sim.edit(|world| world.limits.ip_per_minute = 2);
    let path = format!("/cgi-bin/service/get_pre_auth_code?suite_access_token={token}");
    let codes = [provider.stage.get(&path).await, provider.stage.get(&path).await];
    assert_eq!(
        codes.map(|reply| errcode(&reply)),
        [0, 45009],
        "one call before, in the same minute"
    );
}

#[actix_web::test]
async fn tests_install_and_delete_without_a_page() {
    let provider = provider().await;
    let scope = Scope {
        parties: vec![2],
        ..Scope::default()
    };
    let sim = &provider.stage.sim;
    let code = sim
        .install(CORP, SUITE, ("zhangsan", scope.clone()), Delivery::default())
        .await;
    assert_eq!(
        provider.told(&["InfoType", "AuthCode"]),
        [["create_auth".to_owned(), code.unwrap()]]
    );
    assert!(
        sim.install(CORP, SUITE, ("nobody", scope), Delivery::default())
            .await
            .is_none()
    );
    let pushed = sim.uninstall(CORP, SUITE, Delivery::default()).await.unwrap();
    assert_eq!(
        (pushed[0].push.info_type(), pushed[0].report.taken),
        ("cancel_auth", true)
    );
    assert!(sim.uninstall(CORP, SUITE, Delivery::default()).await.is_none());
}

#[actix_web::test]
async fn a_push_is_repeated_until_the_answer_is_success() {
    let provider = provider().await;
    provider.kept.lock().unwrap().answers = vec!["ok", "Success"];
    let push = async || {
        provider
            .stage
            .sim
            .push(SUITE, &Push::SuiteTicket, Delivery::default())
            .await
    };
    let report = push().await;
    assert_eq!((report.attempts, report.taken), (3, true));
    let messages: Vec<String> = provider.heard().into_iter().map(|heard| heard.message).collect();
    assert!(
        messages[0] == messages[1] && messages[1] == messages[2],
        "the same ticket"
    );
    provider.kept.lock().unwrap().answers = vec![""; 9];
    let report = push().await;
    assert_eq!((report.attempts, report.taken), (4, false));
}

#[actix_web::test]
async fn pushes_are_lost_duplicated_reordered_and_planned() {
    let provider = provider().await;
    let sim = &provider.stage.sim;
    let push = async |delivery| sim.push(SUITE, &Push::SuiteTicket, delivery).await;
    let usual = Delivery::default();
    push(Delivery { drop: true, ..usual }).await;
    assert!(provider.heard().is_empty());
    push(Delivery {
        duplicate: true,
        ..usual
    })
    .await;
    let told = provider.told(&["SuiteTicket"]);
    assert!(told.len() == 2 && told[0] == told[1]);
    provider.forget();
    assert!(push(Delivery { reorder: true, ..usual }).await.held);
    let cancel = Push::CancelAuth { corp: CORP.to_owned() };
    sim.push(SUITE, &cancel, usual).await;
    let kinds = provider.told(&["InfoType"]);
    assert_eq!(kinds, [["cancel_auth"], ["suite_ticket"]]);
    provider.forget();
    let plan = json!({"info_type": "create_auth", "delivery": {"drop": true}, "count": 1});
    provider.stage.post(&format!("/_sim/suites/{SUITE}/plans"), &plan).await;
    let install = json!({"suite_id": SUITE, "by": "zhangsan", "scope": {"parties": [2]}});
    for expected in [0, 1] {
        let reply = provider
            .stage
            .post(&format!("/_sim/corps/{CORP}/installs"), &install)
            .await;
        assert!(reply["auth_code"].is_string(), "{reply}");
        assert_eq!(provider.heard().len(), expected, "only the first is lost");
    }
}

#[actix_web::test]
async fn tampered_pushes_carry_what_they_say() {
    let provider = provider().await;
    let push = async |tamper| {
        provider.forget();
        let delivery = Delivery {
            tamper: Some(tamper),
            ..Delivery::default()
        };
        provider.stage.sim.push(SUITE, &Push::SuiteTicket, delivery).await;
        let kept = provider.kept.lock().unwrap();
        (kept.refused, kept.heard.first().map(|heard| heard.receive_id.clone()))
    };
    for tamper in [
        Tamper::Signature,
        Tamper::Key,
        Tamper::OtherSuite,
        Tamper::OtherSuiteKey,
        Tamper::Base64,
    ] {
        assert_eq!(push(tamper).await, (4, None), "{tamper:?}");
    }
    let other = World::sample_with_suites()
        .suites
        .into_keys()
        .find(|id| id != SUITE)
        .unwrap();
    for (tamper, expected) in [
        (Tamper::ReceiveId, "ww0000000000000000"),
        (Tamper::ProviderId, PROVIDER),
        (Tamper::OtherSuiteId, other.as_str()),
    ] {
        assert_eq!(push(tamper).await, (0, Some(expected.to_owned())), "{tamper:?}");
    }
}

#[test]
fn a_scenario_may_begin_with_an_installed_suite() {
    let suites = include_str!("../../scenarios/suites.toml");
    let install = |by: &str| {
        let rest = "scope = { parties = [2] }\npermanent_code = \"code\"\n";
        let text = format!("[[install]]\ncorp = \"{CORP}\"\nsuite_id = \"{SUITE}\"\nby = \"{by}\"\n{rest}");
        World::from_toml(&format!("{suites}\n{text}"))
    };
    let world = install("zhangsan").unwrap();
    let app = world.installed(CORP, SUITE).unwrap();
    assert_eq!(app.scope.parties, [2]);
    assert_eq!(app.install.as_ref().unwrap().permanent_code, "code");
    assert!(install("nobody").unwrap_err().contains("nobody"));
}
