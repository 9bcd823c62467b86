//! Reference §2.4, §9.8: signing in by a suite, in the browser and in the client.

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulator::sample::{CORP, CORP2, SUITE, SUITE2};
use simulator::world::ScanScopeCheck;

use crate::provider::{Provider, provider};
use crate::stage::{Page, REDIRECT, encoded, errcode};

const INSIDE: &str = "Mozilla/5.0 wxwork/4.1.0 MicroMessenger/7.0.1";

fn web(suite: &str) -> String {
    let redirect_uri = encoded(REDIRECT);
    format!("/wwlogin/sso/login?login_type=ServiceApp&appid={suite}&redirect_uri={redirect_uri}&state=abc")
}

async fn scan(provider: &Provider, form: &[(&str, &str)]) -> Page {
    let ticket = provider.stage.open_login(&web(SUITE)).await;
    let done = provider.stage.submit(&format!("/phone/{ticket}"), form).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    provider.stage.page(&format!("/wwlogin/sso/wait?ticket={ticket}")).await
}

async fn exchange(provider: &Provider, code: &str) -> Value {
    provider.ask(&format!("auth/getuserinfo3rd?code={code}")).await
}

#[actix_web::test]
async fn a_scan_gives_the_ids_of_the_provider_for_members_of_any_corp() {
    let provider = provider().await;
    let (corp, _) = provider.connect().await;
    let page = scan(&provider, &[("corp", CORP), ("userid", "LiHua")]).await;
    let query = page.query();
    assert_eq!(
        (query["state"].as_str(), query["appid"].as_str(), query["keep"].as_str()),
        ("abc", SUITE, "1")
    );
    let reply = exchange(&provider, &page.code()).await;
    assert_eq!(reply["corpid"], corp);
    assert!(
        reply["userid"] == reply["open_userid"] && reply["userid"].as_str().unwrap().starts_with("wo"),
        "{reply}"
    );
    assert!(reply.get("user_ticket").is_none() && !reply.to_string().contains("lihua"));
    assert_eq!(errcode(&exchange(&provider, &page.code()).await), 40029);
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.encrypted_userids = false);
    let page = scan(&provider, &[("corp", CORP), ("userid", "lihua")]).await;
    let plain = exchange(&provider, &page.code()).await;
    assert_eq!(
        (&plain["userid"], &plain["open_userid"]),
        (&json!("lihua"), &reply["open_userid"])
    );
    let page = scan(&provider, &[("corp", CORP2), ("userid", "lihua")]).await;
    let stranger = exchange(&provider, &page.code()).await;
    assert_ne!(stranger["corpid"], corp);
    assert!(
        stranger["userid"].as_str().unwrap().starts_with("wo"),
        "encrypted where the corp has not installed: {stranger}"
    );
    assert_ne!(stranger["open_userid"], reply["open_userid"]);
}

#[actix_web::test]
async fn the_older_path_answers_too_and_outsiders_have_an_openid() {
    let provider = provider().await;
    let page = scan(&provider, &[("corp", CORP), ("as", "outsider")]).await;
    let reply = provider.ask(&format!("getuserinfo3rd?code={}", page.code())).await;
    assert!(reply["openid"].is_string() && reply.get("corpid").is_none() && reply.get("userid").is_none());
    assert_eq!(errcode(&provider.ask("getuserinfo3rd").await), 41008);
}

#[actix_web::test]
async fn codes_belong_to_their_suite_expire_and_are_no_codes_of_an_app() {
    let provider = provider().await;
    provider.connect().await;
    let code = scan(&provider, &[("corp", CORP), ("userid", "lihua")]).await.code();
    let own = provider.stage.as_app(&format!("auth/getuserinfo?code={code}")).await;
    assert_eq!(errcode(&own), 40029);
    let app_code = provider
        .stage
        .scan(&[("as", "member"), ("userid", "lihua")])
        .await
        .code();
    assert_eq!(errcode(&exchange(&provider, &app_code).await), 40029);
    provider.stage.sim.clock().advance(300);
    assert_eq!(errcode(&exchange(&provider, &code).await), 40029);
}

#[actix_web::test]
async fn a_token_error_leaves_the_code_usable_unless_switched() {
    let provider = provider().await;
    for (survives, expected) in [(true, 0), (false, 40029)] {
        provider
            .stage
            .sim
            .edit(|world| world.switches.code_survives_token_error = survives);
        let code = scan(&provider, &[("corp", CORP), ("userid", "lihua")]).await.code();
        let path = format!("/cgi-bin/service/auth/getuserinfo3rd?code={code}&suite_access_token=made-up");
        assert_eq!(errcode(&provider.stage.get(&path).await), 40082);
        let reply = exchange(&provider, &code).await;
        assert_eq!(reply["errcode"], expected, "{reply}");
    }
}

#[actix_web::test]
async fn the_login_page_takes_only_suites_with_login_and_their_domain() {
    let provider = provider().await;
    let shown = async |path: &str| provider.stage.page(path).await.body;
    assert!(shown(&web(SUITE)).await.contains("云门助手"));
    assert!(shown(&web(CORP)).await.contains("该链接无法访问"));
    provider
        .stage
        .sim
        .edit(|world| world.suites.get_mut(SUITE2).unwrap().web_login = false);
    assert!(shown(&web(SUITE2)).await.contains("该链接无法访问"));
    provider.stage.sim.edit(|world| {
        world.suites.get_mut(SUITE).unwrap().login_domain = Some("other.example".to_owned());
    });
    assert!(
        shown(&web(SUITE))
            .await
            .contains("redirect_uri 与配置的授权完成回调域名不一致")
    );
}

#[actix_web::test]
async fn a_code_that_went_to_a_host_no_longer_trusted_is_50001() {
    let provider = provider().await;
    let code = scan(&provider, &[("corp", CORP), ("userid", "lihua")]).await.code();
    provider.stage.sim.edit(|world| {
        let suite = world.suites.get_mut(SUITE).unwrap();
        (suite.login_domain, suite.trusted_domain) =
            (Some("other.example".to_owned()), Some("other.example".to_owned()));
    });
    assert_eq!(errcode(&exchange(&provider, &code).await), 50001);
}

#[actix_web::test]
async fn the_phone_chooses_the_corp_and_by_a_switch_blocks_those_out_of_scope() {
    let provider = provider().await;
    provider.connect().await;
    let ticket = provider.stage.open_login(&web(SUITE)).await;
    let phone = provider.stage.page(&format!("/phone/{ticket}")).await.body;
    assert!(
        phone.contains("白石设计") && phone.contains("value=\"lihua\""),
        "{phone}"
    );
    let other = provider.stage.page(&format!("/phone/{ticket}?corp={CORP2}")).await.body;
    assert!(other.contains("黎桦"), "{other}");
    provider
        .stage
        .sim
        .edit(|world| world.switches.scan_scope_check = ScanScopeCheck::Block);
    let form = |userid: &'static str| [("corp", CORP), ("userid", userid)];
    let path = format!("/phone/{ticket}");
    let outside = provider.stage.submit(&path, &form("chuwei")).await;
    assert_eq!(outside.status, StatusCode::FORBIDDEN);
    assert_eq!(
        provider.stage.submit(&path, &form("lihua")).await.status,
        StatusCode::OK
    );
}

fn authorize(scope: &str) -> String {
    let redirect_uri = encoded(REDIRECT);
    format!(
        "/connect/oauth2/authorize?appid={SUITE}&redirect_uri={redirect_uri}&response_type=code&scope={scope}&state=abc123"
    )
}

async fn open(provider: &Provider, path: &str, client: &str) -> Page {
    let request = provider
        .stage
        .http
        .get(provider.stage.url(path))
        .header("user-agent", INSIDE);
    let request = request.header("cookie", format!("sim_client={client}"));
    let reply = request.send().await.unwrap();
    let location = reply
        .headers()
        .get("location")
        .map(|value| value.to_str().unwrap().parse().unwrap());
    Page {
        status: reply.status(),
        location,
        body: reply.text().await.unwrap(),
    }
}

#[actix_web::test]
async fn in_the_client_base_is_silent_and_by_a_switch_uninstalled_corps_install_first() {
    let provider = provider().await;
    let path = authorize("snsapi_base");
    let page = open(&provider, &path, &format!("{CORP}/lihua")).await;
    assert_eq!(page.query()["state"], "abc123");
    let reply = exchange(&provider, &page.code()).await;
    assert!(reply["open_userid"].is_string(), "{reply}");
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.uninstalled_must_install_first = true);
    let page = open(&provider, &path, &format!("{CORP}/lihua")).await;
    assert!(
        page.location.is_none() && page.body.contains(&format!("/install/{SUITE}")),
        "{}",
        page.body
    );
    provider.connect().await;
    assert!(
        open(&provider, &path, &format!("{CORP}/lihua"))
            .await
            .location
            .is_some()
    );
    provider.stage.sim.edit(|world| {
        world.suites.get_mut(SUITE).unwrap().trusted_domain = Some("other.example".to_owned());
    });
    let page = open(&provider, &path, &format!("{CORP}/lihua")).await;
    assert!(page.location.is_none() && page.body.contains("redirect_uri 参数错误"));
}

#[actix_web::test]
async fn a_consent_gives_gender_avatar_and_qr_code_never_mobile_mail_or_name() {
    let provider = provider().await;
    let path = authorize("snsapi_privateinfo");
    let refused = open(&provider, &path, &format!("{CORP}/lihua")).await;
    assert!(
        refused.location.is_none() && refused.body.contains("没有权限"),
        "not installed"
    );
    provider.connect().await;
    let outside = open(&provider, &path, &format!("{CORP}/chuwei")).await;
    assert!(outside.body.contains("没有权限"));
    let page = open(&provider, &path, &format!("{CORP}/lihua")).await;
    assert!(!page.body.contains("name=\"mobile\""));
    let ticket = page
        .body
        .split("name=\"ticket\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let form = [
        ("ticket", ticket),
        ("answer", "allow"),
        ("gender", "on"),
        ("mobile", "on"),
    ];
    let code = provider
        .stage
        .submit("/connect/oauth2/suite-consent", &form)
        .await
        .code();
    let reply = exchange(&provider, &code).await;
    assert_eq!(reply["expires_in"], 7200);
    let body = json!({"user_ticket": reply["user_ticket"]});
    let detail = provider.call("auth/getuserdetail3rd", body.clone()).await;
    assert_eq!(
        (&detail["corpid"], &detail["userid"], &detail["name"]),
        (&reply["corpid"], &reply["userid"], &reply["userid"])
    );
    assert_eq!(
        (&detail["gender"], detail.get("mobile"), detail.get("email")),
        (&json!("2"), None, None)
    );
    assert_eq!(errcode(&provider.call("auth/getuserdetail3rd", json!({})).await), 84090);
    assert_eq!(
        errcode(
            &provider
                .call("auth/getuserdetail3rd", json!({"user_ticket": "x"}))
                .await
        ),
        84015
    );
    provider.stage.sim.clock().advance(7200);
    assert_eq!(errcode(&provider.call("auth/getuserdetail3rd", body).await), 84014);
}

#[actix_web::test]
async fn without_the_permission_there_is_no_consent() {
    let provider = provider().await;
    provider.connect().await;
    provider
        .stage
        .sim
        .edit(|world| world.suites.get_mut(SUITE).unwrap().sensitive = false);
    let page = open(&provider, &authorize("snsapi_privateinfo"), &format!("{CORP}/lihua")).await;
    assert!(page.location.is_none() && page.body.contains("没有权限"));
}
