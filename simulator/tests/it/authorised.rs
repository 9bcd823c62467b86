//! Reference §9.3–9.6: codes, what was authorised, changing, cancelling.

use reqwest::{Method, StatusCode};
use serde_json::json;
use simulator::World;
use simulator::sample::{CORP, CORP2, SUITE};
use simulator::world::AuthUserInfo;

use crate::provider::provider;
use crate::stage::errcode;

#[actix_web::test]
async fn an_auth_code_is_used_once_by_its_suite_within_ten_minutes() {
    let provider = provider().await;
    let exchange = async |code: &str| provider.call("v2/get_permanent_code", json!({"auth_code": code})).await;
    let code = provider.install().await["auth_code"].clone();
    let reply = exchange(&code).await;
    assert_eq!(
        (errcode(&reply), &reply["auth_corp_info"]["corp_name"]),
        (0, &json!("青云科技"))
    );
    assert!(reply.get("access_token").is_none() && reply.get("state").is_none());
    assert_eq!(errcode(&exchange(&code).await), 40078);
    assert_eq!(errcode(&exchange("made-up").await), 40078);
    let late = provider.install().await["auth_code"].clone();
    provider.stage.sim.clock().advance(600);
    assert_eq!(errcode(&exchange(&late).await), 40078);
    assert_eq!(errcode(&provider.call("v2/get_permanent_code", json!({})).await), 41008);
}

#[actix_web::test]
async fn the_first_form_tells_everything_at_once() {
    let provider = provider().await;
    let code = provider.install().await["auth_code"].clone();
    let reply = provider.call("get_permanent_code", json!({"auth_code": code})).await;
    let agent = &reply["auth_info"]["agent"][0];
    assert_eq!((&agent["name"], &agent["auth_mode"]), (&json!("云门助手"), &json!(0)));
    let privilege = &agent["privilege"];
    assert_eq!(
        (&privilege["level"], &privilege["allow_party"]),
        (&json!(1), &json!([2]))
    );
    let picked = privilege["allow_user"][0].as_str().unwrap();
    assert!(picked.starts_with("wo"), "{picked}");
    let token = reply["access_token"].as_str().unwrap();
    let agentid = agent["agentid"].as_u64().unwrap();
    assert_eq!(
        errcode(
            &provider
                .stage
                .with(token, &format!("agent/get?agentid={agentid}"))
                .await
        ),
        0
    );
    assert!(reply["auth_corp_info"]["corpid"].as_str().unwrap().starts_with("wp"));
    assert_eq!(reply["auth_corp_info"]["corp_type"], "verified");
    let user = &reply["auth_user_info"];
    assert!(
        user["open_userid"].as_str().unwrap().starts_with("wo") && user["name"] == "",
        "{user}"
    );
    for (shape, there) in [(AuthUserInfo::Empty, true), (AuthUserInfo::Missing, false)] {
        provider
            .stage
            .sim
            .edit(|world| world.switches.suites.auth_user_info = shape);
        let code = provider.install().await["auth_code"].clone();
        let reply = provider.call("v2/get_permanent_code", json!({"auth_code": code})).await;
        let user = reply.get("auth_user_info");
        assert_eq!(user.is_some(), there);
        assert!(user.is_none_or(|user| user["userid"] == ""));
    }
}

#[actix_web::test]
async fn ids_are_plain_before_the_upgrade() {
    let provider = provider().await;
    provider.stage.sim.edit(|world| {
        let switches = &mut world.switches.suites;
        (switches.encrypted_corpids, switches.encrypted_userids) = (false, false);
    });
    let (corp, code) = provider.connect().await;
    assert_eq!(corp, CORP);
    let body = json!({"auth_corpid": corp, "permanent_code": code});
    let reply = provider.call("get_auth_info", body).await;
    assert_eq!(
        reply["auth_info"]["agent"][0]["privilege"]["allow_user"],
        json!(["dandu"])
    );
    assert_eq!(reply["auth_user_info"]["userid"], "zhangsan");
}

#[actix_web::test]
async fn installing_again_updates_and_by_a_switch_keeps_the_permanent_code() {
    let provider = provider().await;
    let (corp, first) = provider.connect().await;
    let (again, second) = provider.connect().await;
    assert!(corp == again && first != second);
    let info = async |code: &str| {
        let body = json!({"auth_corpid": corp, "permanent_code": code});
        errcode(&provider.call("v2/get_auth_info", body).await)
    };
    assert_eq!((info(&first).await, info(&second).await), (40084, 0));
    let switch = |world: &mut World| world.switches.suites.reinstall_renews_permanent_code = false;
    provider.stage.sim.edit(switch);
    assert_eq!(provider.connect().await.1, second);
    let installed = provider.stage.sim.edit(|world| {
        let apps = world.corps[CORP].apps.values();
        apps.filter(|app| app.is_of(SUITE)).count()
    });
    assert_eq!(installed, 1);
}

#[actix_web::test]
async fn deleting_the_app_is_pushed_and_ends_its_code_and_tokens() {
    let provider = provider().await;
    for (code, token_code) in [(40084, 40014), (48004, 48004)] {
        provider.stage.sim.edit(|world| {
            let switches = &mut world.switches.suites;
            (switches.cancelled_code, switches.cancelled_token_code) = (code, token_code);
        });
        let (corp, permanent) = provider.connect().await;
        let token = provider.corp_token_of(&corp, &permanent).await;
        assert_eq!(errcode(&provider.stage.with(&token, "department/list").await), 0);
        provider.forget();
        let form = [("corp", CORP), ("suite", SUITE), ("action", "delete")];
        let page = provider.stage.submit("/manage", &form).await;
        assert!(page.body.contains("cancel_auth → HTTP 200"), "{}", page.body);
        assert_eq!(
            provider.told(&["InfoType", "AuthCorpId"]),
            [["cancel_auth".to_owned(), corp.clone()]]
        );
        let heard = &provider.heard()[0];
        assert_eq!((heard.path.as_str(), heard.receive_id.as_str()), ("/command", SUITE));
        assert_eq!(
            errcode(&provider.stage.with(&token, "department/list").await),
            i64::from(token_code)
        );
        let body = json!({"auth_corpid": corp, "permanent_code": permanent});
        for call in ["get_corp_token", "v2/get_auth_info"] {
            assert_eq!(
                errcode(&provider.call(call, body.clone()).await),
                i64::from(code),
                "{call}"
            );
        }
        let again = provider.stage.submit("/manage", &form).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let path = format!("/corps/{CORP}/installs/{SUITE}");
    assert_eq!(
        provider.control(Method::DELETE, &path, json!({})).await.0,
        StatusCode::NOT_FOUND
    );
}

#[actix_web::test]
async fn changes_of_scope_and_state_are_pushed_and_told_by_auth_info() {
    let provider = provider().await;
    let (corp, code) = provider.connect().await;
    provider.forget();
    let path = format!("/corps/{CORP}/installs/{SUITE}");
    let scope = json!({"scope": {"parties": [3], "users": ["dandu"]}});
    assert_eq!(provider.control(Method::PATCH, &path, scope).await.0, StatusCode::OK);
    let told = provider.told(&["InfoType", "Event", "AuthCorpId"]);
    assert_eq!(
        told.last().unwrap(),
        &["change_auth".to_owned(), String::new(), corp.clone()]
    );
    let events = &told[..told.len() - 1];
    assert!(events.iter().any(|event| event[1] == "subscribe") && events.iter().any(|event| event[1] == "unsubscribe"));
    let data = &provider.heard()[0];
    assert_eq!(
        (data.path.clone(), data.receive_id.as_str()),
        (format!("/data/{corp}"), corp.as_str())
    );
    assert_eq!(data.value("ToUserName"), corp);
    assert!(data.value("FromUserName").starts_with("wo"), "{}", data.message);
    let body = json!({"auth_corpid": corp, "permanent_code": code});
    let info =
        async || provider.call("v2/get_auth_info", body.clone()).await["auth_info"]["agent"][0]["privilege"].clone();
    assert_eq!(info().await["allow_party"], json!([3]));
    provider.forget();
    let extra = json!({"app": {"closed": true, "install": {"extra": {"parties": [7]}}}});
    assert_eq!(provider.control(Method::PATCH, &path, extra).await.0, StatusCode::OK);
    assert_eq!(provider.told(&["InfoType"]), [["change_auth"]]);
    assert_eq!(info().await["extra_party"], json!([7]));
    let token = provider.corp_token_of(&corp, &code).await;
    assert_eq!(errcode(&provider.stage.with(&token, "tag/list").await), 50003);
    let page = provider.stage.page(&format!("/manage?corp={CORP}")).await.body;
    assert!(page.contains("已停用") && page.contains("删除应用"), "{page}");
    let form = [("corp", CORP), ("suite", SUITE), ("action", "enable")];
    provider.stage.submit("/manage", &form).await;
    assert_eq!(errcode(&provider.stage.with(&token, "tag/list").await), 0);
}

#[actix_web::test]
async fn corps_are_apart_and_administrators_are_listed() {
    let provider = provider().await;
    let (corp, code) = provider.connect().await;
    let second = provider.pre_auth_code().await;
    let auth_code = provider.install_by(&second, CORP2).await["auth_code"].clone();
    let other = provider
        .call("get_permanent_code", json!({"auth_code": auth_code}))
        .await;
    let other_corp = other["auth_corp_info"]["corpid"].as_str().unwrap();
    assert_ne!(other_corp, corp);
    let crossed = json!({"auth_corpid": other_corp, "permanent_code": code});
    assert_eq!(errcode(&provider.call("get_corp_token", crossed).await), 40084);
    let unknown = json!({"auth_corpid": "wpNobody", "permanent_code": code});
    assert_eq!(errcode(&provider.call("get_corp_token", unknown).await), 40013);
    assert_eq!(
        errcode(&provider.call("get_corp_token", json!({"auth_corpid": corp})).await),
        41025
    );
    let agentid = other["auth_info"]["agent"][0]["agentid"].clone();
    let asked = json!({"auth_corpid": other_corp, "agentid": agentid});
    let admins = provider.call("get_admin_list", asked.clone()).await;
    assert_eq!(
        (
            admins["admin"].as_array().unwrap().len(),
            &admins["admin"][0]["auth_type"]
        ),
        (1, &json!(1))
    );
    provider.stage.sim.edit(|world| {
        world
            .installed_mut(CORP2, SUITE)
            .unwrap()
            .install
            .as_mut()
            .unwrap()
            .auth_mode = 1;
    });
    assert_eq!(provider.call("get_admin_list", asked).await["admin"], json!([]));
    let wrong = json!({"auth_corpid": other_corp, "agentid": 1});
    assert_eq!(errcode(&provider.call("get_admin_list", wrong).await), 40056);
}
