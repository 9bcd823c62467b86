//! Reference §0.2, §9.3, §9.5, §9.6: apps that a vendor develops for one corp.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::World;
use simulator::sample::{CORP, SUITE, TEMPLATE, TEMPLATE_SECRET};

use crate::provider::{Provider, provider, provider_of};
use crate::stage::errcode;

/// A world whose backend is that of the template, and the permanent code of an installation.
async fn developed() -> (Provider, String, String) {
    let provider = provider_of(World::sample_with_suites(), TEMPLATE).await;
    let install = json!({"suite_id": TEMPLATE, "by": "zhangsan", "scope": {"parties": [2]}});
    provider
        .control(Method::POST, &format!("/corps/{CORP}/installs"), install)
        .await;
    let code = provider.heard().last().unwrap().value("AuthCode");
    let reply = by_template(&provider, "get_permanent_code", json!({"auth_code": code})).await;
    assert!(reply.get("access_token").is_none(), "{reply}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (corp, permanent) = (text(&reply["auth_corp_info"]["corpid"]), text(&reply["permanent_code"]));
    (provider, corp, permanent)
}

async fn by_template(provider: &Provider, call: &str, body: Value) -> Value {
    let token = provider.suite_token_of(TEMPLATE, TEMPLATE_SECRET).await;
    let path = format!("/cgi-bin/service/{call}?suite_access_token={token}");
    provider.stage.post(&path, &body).await
}

#[actix_web::test]
async fn the_permanent_code_of_a_template_is_the_apps_secret() {
    let (provider, corp, code) = developed().await;
    let body = json!({"auth_corpid": corp, "permanent_code": code});
    assert_eq!(
        errcode(&by_template(&provider, "get_corp_token", body.clone()).await),
        48002
    );
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.template_gets_corp_token = true);
    assert_eq!(errcode(&by_template(&provider, "get_corp_token", body).await), 0);
    let token = provider.stage.token_of(CORP, &code).await;
    let list = provider.stage.with(&token, "user/simplelist?department_id=6").await;
    assert!(
        list["userlist"][0]["name"].as_str().unwrap().starts_with("wo"),
        "{list}"
    );
    provider.stage.sim.edit(|world| {
        world
            .installed_mut(CORP, TEMPLATE)
            .unwrap()
            .install
            .as_mut()
            .unwrap()
            .names = true;
    });
    let list = provider.stage.with(&token, "user/simplelist?department_id=6").await;
    assert_eq!(list["userlist"][0]["name"], "曹阳");
    let admins = provider.stage.with(&token, "agent/get_admin_list").await;
    assert_eq!(admins["admin"].as_array().unwrap().len(), 1);
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.template_admin_list = false);
    let url = provider
        .stage
        .url(&format!("/cgi-bin/agent/get_admin_list?access_token={token}"));
    assert_eq!(
        provider.stage.http.get(url).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    let pre_auth = by_template_get(&provider, "get_pre_auth_code").await;
    assert_eq!(errcode(&pre_auth), 48002);
}

async fn by_template_get(provider: &Provider, call: &str) -> Value {
    let token = provider.suite_token_of(TEMPLATE, TEMPLATE_SECRET).await;
    provider
        .stage
        .get(&format!("/cgi-bin/service/{call}?suite_access_token={token}"))
        .await
}

#[actix_web::test]
async fn a_reset_permanent_code_is_pushed_and_exchanged_again() {
    let (provider, _, old) = developed().await;
    let token = provider.stage.token_of(CORP, &old).await;
    let path = format!("/corps/{CORP}/installs/{TEMPLATE}/reset");
    assert_eq!(provider.control(Method::POST, &path, json!({})).await.0, StatusCode::OK);
    let heard = provider.heard().last().unwrap().clone();
    assert_eq!(
        (heard.value("InfoType").as_str(), heard.receive_id.as_str()),
        ("reset_permanent_code", TEMPLATE)
    );
    assert_eq!(errcode(&provider.stage.with(&token, "tag/list").await), 40001);
    let body = json!({"auth_code": heard.value("AuthCode")});
    let new = by_template(&provider, "v2/get_permanent_code", body).await["permanent_code"].clone();
    assert_ne!(new, json!(old));
    provider.stage.token_of(CORP, new.as_str().unwrap()).await;
    let suite = format!("/corps/{CORP}/installs/{SUITE}/reset");
    assert_eq!(
        provider.control(Method::POST, &suite, json!({})).await.0,
        StatusCode::NOT_FOUND
    );
}

#[actix_web::test]
async fn a_template_has_a_link_with_a_state() {
    let provider = provider().await;
    let token = provider.provider_token().await;
    let path = format!("/cgi-bin/service/get_customized_auth_url?provider_access_token={token}");
    let reply = provider
        .stage
        .post(&path, &json!({"state": "abc", "templateid_list": [TEMPLATE]}))
        .await;
    assert_eq!((errcode(&reply), &reply["expires_in"]), (0, &json!(864_000)));
    assert!(
        reply["qrcode_url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/install/{TEMPLATE}?state=abc"))
    );
    for (body, code) in [
        (json!({"state": "a b", "templateid_list": [TEMPLATE]}), 84025),
        (json!({"state": "a", "templateid_list": ["dkNobody"]}), 40083),
        (json!({"state": "a", "templateid_list": []}), 40058),
    ] {
        assert_eq!(errcode(&provider.stage.post(&path, &body).await), code);
    }
}
