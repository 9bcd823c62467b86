//! Reference §3.1, §3.2: codes and who stands behind them.

use serde_json::json;
use simulator::ForcedExpiry;
use simulator::sample::{AGENT_ID, AGENT_ID2, APP_SECRET2, CORP, CORP2, OLD_APP_SECRET};

use crate::stage::{REDIRECT, errcode, sample, web_login};

#[actix_web::test]
async fn a_code_gives_the_canonical_userid_once() {
    let stage = sample().await;
    let code = stage.scan(&[("as", "member"), ("userid", "jin.ming")]).await.code();
    let reply = stage.as_app(&format!("auth/getuserinfo?code={code}")).await;
    assert_eq!(reply, json!({"errcode": 0, "errmsg": "ok", "userid": "Jin.Ming"}));
    assert_eq!(
        errcode(&stage.as_app(&format!("auth/getuserinfo?code={code}")).await),
        40029
    );
}

#[actix_web::test]
async fn a_code_dies_after_five_minutes() {
    let stage = sample().await;
    let form = [("as", "member"), ("userid", "lihua")];
    let (alive, late) = (stage.scan(&form).await.code(), stage.scan(&form).await.code());
    stage.sim.clock().advance(299);
    assert_eq!(
        errcode(&stage.as_app(&format!("auth/getuserinfo?code={alive}")).await),
        0
    );
    stage.sim.clock().advance(1);
    assert_eq!(
        errcode(&stage.as_app(&format!("auth/getuserinfo?code={late}")).await),
        40029
    );
}

#[actix_web::test]
async fn a_code_belongs_to_its_app_and_corp() {
    let stage = sample().await;
    let code = stage.scan(&[("as", "member"), ("userid", "lihua")]).await.code();
    let call = format!("auth/getuserinfo?code={code}");
    let other_app = stage.token_of(CORP, OLD_APP_SECRET).await;
    assert_eq!(errcode(&stage.with(&other_app, &call).await), 40029);
    let other_corp = stage.token_of(CORP2, APP_SECRET2).await;
    assert_eq!(errcode(&stage.with(&other_corp, &call).await), 40029);
    assert_eq!(errcode(&stage.as_contacts(&call).await), 50001);
    assert_eq!(errcode(&stage.as_app(&call).await), 0, "none of these used it up");
}

#[actix_web::test]
async fn an_untrusted_redirect_host_is_50001() {
    let stage = sample().await;
    let code = stage.scan(&[("as", "member"), ("userid", "lihua")]).await.code();
    stage.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        (app.web_callback_domain, app.oauth_domain) =
            (Some("other.example".to_owned()), Some("other.example".to_owned()));
    });
    assert_eq!(
        errcode(&stage.as_app(&format!("auth/getuserinfo?code={code}")).await),
        50001
    );
}

#[actix_web::test]
async fn the_userid_comes_whatever_the_scope_says() {
    let stage = sample().await;
    let code = stage.scan(&[("as", "member"), ("userid", "waibu01")]).await.code();
    assert_eq!(
        stage.as_app(&format!("auth/getuserinfo?code={code}")).await["userid"],
        "waibu01"
    );
}

#[actix_web::test]
async fn outsiders_customers_and_linked_corps_have_their_own_shape() {
    let stage = sample().await;
    let mut replies = Vec::new();
    for kind in ["outsider", "customer", "linked"] {
        let code = stage.scan(&[("as", kind)]).await.code();
        replies.push(stage.as_app(&format!("auth/getuserinfo?code={code}")).await);
    }
    assert!(replies[0].get("userid").is_none() && replies[0].get("external_userid").is_none());
    assert!(replies[0]["openid"].is_string());
    assert!(replies[1]["openid"].is_string() && replies[1]["external_userid"].is_string());
    assert!(replies[2]["userid"].as_str().unwrap().contains('/'));
}

#[actix_web::test]
async fn the_legacy_path_spells_differently() {
    let stage = sample().await;
    let code = stage.scan(&[("as", "member"), ("userid", "lihua")]).await.code();
    let reply = stage.as_app(&format!("user/getuserinfo?code={code}")).await;
    assert_eq!(reply["UserId"], "lihua");
    assert!(reply.get("userid").is_none());
    let code = stage.scan(&[("as", "outsider")]).await.code();
    assert!(stage.as_app(&format!("user/getuserinfo?code={code}")).await["OpenId"].is_string());
}

#[actix_web::test]
async fn a_token_error_leaves_the_code_usable_unless_switched() {
    let stage = sample().await;
    let form = [("as", "member"), ("userid", "lihua")];
    for (survives, expected) in [(true, 0), (false, 40029)] {
        stage
            .sim
            .edit(|world| world.switches.code_survives_token_error = survives);
        let code = stage.scan(&form).await.code();
        let token = stage.app_token().await;
        stage.sim.expire_tokens(ForcedExpiry::Code42001);
        let call = format!("auth/getuserinfo?code={code}");
        assert_eq!(errcode(&stage.with(&token, &call).await), 42001);
        assert_eq!(errcode(&stage.as_app(&call).await), expected);
    }
}

#[actix_web::test]
async fn valid_codes_are_exempt_from_the_frequency_limit() {
    let stage = sample().await;
    stage.sim.edit(|world| world.limits.corp_per_minute = 1);
    let token = stage.app_token().await;
    for _ in 0..3 {
        let code = stage.scan(&[("as", "member"), ("userid", "lihua")]).await.code();
        assert_eq!(
            errcode(&stage.with(&token, &format!("auth/getuserinfo?code={code}")).await),
            0
        );
    }
    assert_eq!(errcode(&stage.with(&token, "auth/getuserinfo?code=x").await), 40029);
    assert_eq!(errcode(&stage.with(&token, "auth/getuserinfo?code=x").await), 45009);
}

#[actix_web::test]
async fn the_same_letters_in_another_corp_are_another_person() {
    let stage = sample().await;
    let login = web_login(REDIRECT).replace(CORP, CORP2);
    assert_eq!(AGENT_ID, AGENT_ID2);
    let ticket = stage.open_login(&login).await;
    stage
        .submit(&format!("/phone/{ticket}"), &[("as", "member"), ("userid", "lihua")])
        .await;
    let code = stage.page(&format!("/wwlogin/sso/wait?ticket={ticket}")).await.code();
    let token = stage.token_of(CORP2, APP_SECRET2).await;
    assert_eq!(
        stage.with(&token, &format!("auth/getuserinfo?code={code}")).await["userid"],
        "LiHua"
    );
}
