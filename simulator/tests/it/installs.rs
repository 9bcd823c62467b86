//! Reference §9.2, §9.3: installing in the browser and on the phone.

use reqwest::{Method, StatusCode};
use serde_json::json;
use simulator::World;
use simulator::sample::{CORP, SUITE, SUITE2};

use crate::provider::{install_page, provider};
use crate::stage::{NOW, errcode};

#[actix_web::test]
async fn the_browser_is_redirected_with_a_code_and_nothing_is_pushed() {
    let provider = provider().await;
    let code = provider.pre_auth_code().await;
    let page = provider.stage.page(&install_page(&code, "&state=abc")).await;
    assert!(
        page.body.contains("同意以上授权并添加") && page.body.contains("name=\"party-2\""),
        "{}",
        page.body
    );
    provider.forget();
    let query = provider.install_by(&code, CORP).await;
    assert_eq!(
        (
            query["keep"].as_str(),
            query["state"].as_str(),
            query["expires_in"].as_str()
        ),
        ("1", "abc", "600")
    );
    assert!(provider.heard().is_empty());
    let again = provider.stage.page(&install_page(&code, "")).await;
    assert!(
        again.body.contains("40077"),
        "a pre-auth code is used once: {}",
        again.body
    );
}

#[actix_web::test]
async fn by_a_switch_the_browser_also_pushes_create_auth() {
    let provider = provider().await;
    let switch = |world: &mut World| world.switches.suites.browser_install_pushes_create_auth = true;
    provider.stage.sim.edit(switch);
    let code = provider.install().await["auth_code"].clone();
    let pushed = provider.told(&["InfoType", "AuthCode"]);
    assert_eq!(pushed.last().unwrap(), &["create_auth".to_owned(), code]);
}

#[actix_web::test]
async fn install_pages_refuse_wrong_parameters_and_never_redirect() {
    let provider = provider().await;
    let code = provider.pre_auth_code().await;
    let shown = async |path: &str| {
        let page = provider.stage.page(path).await;
        assert!(page.location.is_none() && page.status == StatusCode::OK);
        page.body
    };
    assert!(shown(&install_page(&code, "&state=a-b")).await.contains("84025"));
    assert!(shown(&install_page("made-up", "")).await.contains("40077"));
    assert!(
        shown(&install_page(&code, "").replace(SUITE, SUITE2))
            .await
            .contains("40077")
    );
    assert!(
        shown(&install_page(&code, "").replace(SUITE, "wwnobody"))
            .await
            .contains("suite_id")
    );
    let refused = [("answer", "refuse"), ("suite_id", SUITE)];
    assert!(
        provider
            .stage
            .submit("/3rdapp/install", &refused)
            .await
            .body
            .contains("已取消")
    );
    for (domain, fits) in [
        ("sso.corp.example", true),
        ("sso.corp.example:8443", false),
        ("corp.example", false),
    ] {
        provider.stage.sim.edit(|world| {
            world.suites.get_mut(SUITE).unwrap().install_domain = Some(domain.to_owned());
        });
        let body = shown(&install_page(&code, "")).await;
        assert_eq!(
            body.contains("redirect_uri 与配置的授权完成回调域名不一致"),
            !fits,
            "{domain}"
        );
    }
    provider.stage.sim.clock().advance(1200);
    provider
        .stage
        .sim
        .edit(|world| world.suites.get_mut(SUITE).unwrap().install_domain = None);
    assert!(shown(&install_page(&code, "")).await.contains("42007"));
    let sim = &provider.stage.sim;
    sim.edit(|world| world.switches.suites.pre_auth_code_seconds = 60);
    assert_eq!(provider.ask("get_pre_auth_code").await["expires_in"], 60);
    let short = provider.pre_auth_code().await;
    sim.clock().advance(60);
    assert!(shown(&install_page(&short, "")).await.contains("42007"));
}

#[actix_web::test]
async fn an_unpublished_suite_is_installed_as_a_test_only() {
    let provider = provider().await;
    provider
        .stage
        .sim
        .edit(|world| world.suites.get_mut(SUITE).unwrap().published = false);
    let code = provider.pre_auth_code().await;
    assert!(
        provider
            .stage
            .page(&install_page(&code, ""))
            .await
            .body
            .contains("应用未上线")
    );
    let info = |code: &str| json!({"pre_auth_code": code, "session_info": {"appid": [], "auth_type": 1}});
    assert_eq!(errcode(&provider.call("set_session_info", info(&code)).await), 0);
    assert!(
        provider
            .stage
            .page(&install_page(&code, ""))
            .await
            .body
            .contains("同意以上授权并添加")
    );
    assert_eq!(
        errcode(&provider.call("set_session_info", info("made-up")).await),
        40077
    );
    assert!(
        provider
            .stage
            .page(&format!("/install/{SUITE}"))
            .await
            .body
            .contains("应用未上线")
    );
    let asked = json!({"suite_id": SUITE, "state": "abc", "result_type": 2});
    assert_eq!(errcode(&provider.call("get_app_qrcode", asked).await), 48002);
}

#[actix_web::test]
async fn the_phone_adds_the_app_chooses_and_agrees_and_the_code_is_pushed() {
    let provider = provider().await;
    let asked = json!({"suite_id": SUITE, "state": "Ticket7", "result_type": 2});
    let address = provider.call("get_app_qrcode", asked).await["qrcode"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = address.strip_prefix(&provider.stage.sim.base_url()).unwrap();
    let first = provider.stage.page(path).await.body;
    assert!(first.contains("添加应用") && !first.contains("同意以上授权"), "{first}");
    let second = provider
        .stage
        .page(&format!("{path}&step=choose&corp={CORP}"))
        .await
        .body;
    assert!(
        second.contains("同意以上授权并添加") && second.contains("value=\"Ticket7\""),
        "{second}"
    );
    provider.forget();
    let form = [
        ("corp", CORP),
        ("by", "zhangsan"),
        ("state", "Ticket7"),
        ("tag-1", "on"),
        ("answer", "agree"),
    ];
    let page = provider.stage.submit(&format!("/install/{SUITE}"), &form).await;
    assert!(page.location.is_none() && page.body.contains("已添加"), "{}", page.body);
    let told = provider.told(&["InfoType", "SuiteId", "State", "AuthCorpId"]);
    assert_eq!(told, [["create_auth", SUITE, "Ticket7", ""]]);
    let code = provider.heard()[0].value("AuthCode");
    let reply = provider.call("v2/get_permanent_code", json!({"auth_code": code})).await;
    assert_eq!((errcode(&reply), &reply["state"]), (0, &json!("Ticket7")));
}

#[actix_web::test]
async fn states_of_qr_codes_are_short_and_told_by_switches() {
    let provider = provider().await;
    for state in ["a-b".to_owned(), "x".repeat(33)] {
        let asked = json!({"suite_id": SUITE, "state": state, "result_type": 2});
        assert_eq!(errcode(&provider.call("get_app_qrcode", asked).await), 84025);
    }
    let asked = json!({"suite_id": SUITE2, "state": "a", "result_type": 2});
    assert_eq!(errcode(&provider.call("get_app_qrcode", asked).await), 48003);
    provider.stage.sim.edit(|world| {
        let switches = &mut world.switches.suites;
        (switches.create_auth_carries_state, switches.state_in_permanent_code) = (false, false);
    });
    let install = json!({"suite_id": SUITE, "by": "zhangsan", "scope": {"parties": [2]}, "state": "abc"});
    let (_, reply) = provider
        .control(Method::POST, &format!("/corps/{CORP}/installs"), install)
        .await;
    assert!(!provider.heard().last().unwrap().message.contains("State"));
    let body = json!({"auth_code": reply["auth_code"]});
    assert!(
        provider
            .call("v2/get_permanent_code", body)
            .await
            .get("state")
            .is_none()
    );
}

#[actix_web::test]
async fn the_picture_of_a_qr_code_is_a_png() {
    let provider = provider().await;
    let token = provider.suite_token().await;
    let url = provider
        .stage
        .url(&format!("/cgi-bin/service/get_app_qrcode?suite_access_token={token}"));
    let body = json!({"suite_id": SUITE, "state": "abc", "result_type": 1});
    let reply = provider.stage.http.post(url).json(&body).send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "image/png");
    assert!(reply.bytes().await.unwrap().starts_with(b"\x89PNG"));
}

#[actix_web::test]
async fn the_control_api_shows_and_changes_suites() {
    let provider = provider().await;
    provider.connect().await;
    let list = provider.stage.get("/_sim/suites").await;
    let row = list
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["suite"]["suite_id"] == SUITE)
        .unwrap();
    assert_eq!(
        (&row["installs"][0]["corp"], &row["installs"][0]["app"]["install"]["at"]),
        (&json!(CORP), &json!(NOW))
    );
    let change = json!({"published": false, "install_domain": "sso.corp.example"});
    assert_eq!(
        provider
            .control(Method::PATCH, &format!("/suites/{SUITE}"), change)
            .await
            .0,
        StatusCode::OK
    );
    let (published, domain) = provider.stage.sim.edit(|world| {
        let suite = &world.suites[SUITE];
        (suite.published, suite.install_domain.clone())
    });
    assert_eq!((published, domain.as_deref()), (false, Some("sso.corp.example")));
    let new = json!({"suite_id": "wwnew", "name": "新", "secret": "s", "provider": "wwother"});
    assert_eq!(provider.control(Method::PUT, "/suites", new).await.0, StatusCode::OK);
    let other = json!({"corpid": "wwother", "name": "别家", "secret": "s"});
    assert_eq!(
        provider.control(Method::PUT, "/providers", other).await.0,
        StatusCode::OK
    );
    let known = provider
        .stage
        .sim
        .edit(|world| (world.suites.len(), world.providers.len()));
    assert_eq!(known, (4, 2));
    let home = provider.stage.page("/").await.body;
    assert!(home.contains(&format!("/install/{SUITE}")), "{home}");
}
