//! Reference §2.4, §2.5, §3.3: inside the WeCom client.

use reqwest::StatusCode;
use serde_json::json;
use simulator::sample::{AGENT_ID, CORP};
use simulator::world::ConsentRefusal;

use crate::stage::{Page, REDIRECT, Stage, encoded, errcode, sample};

const INSIDE: &str = "Mozilla/5.0 wxwork/4.1.0 MicroMessenger/7.0.1";

fn authorize(scope: &str, rest: &str) -> String {
    let redirect_uri = encoded(REDIRECT);
    format!(
        "/connect/oauth2/authorize?appid={CORP}&redirect_uri={redirect_uri}&response_type=code&scope={scope}&agentid={AGENT_ID}{rest}"
    )
}

async fn open(stage: &Stage, path: &str, userid: &str) -> Page {
    let request = stage.http.get(stage.url(path)).header("user-agent", INSIDE);
    let reply = request
        .header("cookie", format!("sim_client={CORP}/{userid}"))
        .send()
        .await
        .unwrap();
    Page {
        status: reply.status(),
        location: reply
            .headers()
            .get("location")
            .map(|value| value.to_str().unwrap().parse().unwrap()),
        body: reply.text().await.unwrap(),
    }
}

#[actix_web::test]
async fn snsapi_base_is_silent_even_out_of_scope() {
    let stage = sample().await;
    for userid in ["lihua", "waibu01"] {
        let page = open(&stage, &authorize("snsapi_base", "&state=abc123"), userid).await;
        assert_eq!(page.status, StatusCode::FOUND, "{}", page.body);
        assert_eq!(page.query()["state"], "abc123");
        let reply = stage.as_app(&format!("auth/getuserinfo?code={}", page.code())).await;
        assert_eq!(reply, json!({"errcode": 0, "errmsg": "ok", "userid": userid}));
    }
}

#[actix_web::test]
async fn snsapi_userinfo_is_taken_as_base_unless_switched_off() {
    let stage = sample().await;
    let path = authorize("snsapi_userinfo", "&state=abc123");
    let page = open(&stage, &path, "lihua").await;
    let reply = stage.as_app(&format!("auth/getuserinfo?code={}", page.code())).await;
    assert_eq!(reply, json!({"errcode": 0, "errmsg": "ok", "userid": "lihua"}));
    stage.sim.edit(|world| world.switches.userinfo_scope_is_base = false);
    let page = open(&stage, &path, "lihua").await;
    assert!(page.location.is_none() && page.body.contains("scope"), "{}", page.body);
}

#[actix_web::test]
async fn a_plain_browser_is_sent_to_the_client() {
    let stage = sample().await;
    let page = stage.page(&authorize("snsapi_base", "")).await;
    assert!(page.body.contains("请在企业微信客户端打开链接"));
    let plugin = stage
        .http
        .get(stage.url(&authorize("snsapi_base", "")))
        .header("user-agent", "MicroMessenger/7.0");
    let page = plugin.send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("请在企业微信客户端打开链接"), "{page}");
}

#[actix_web::test]
async fn states_and_domains_are_checked() {
    let stage = sample().await;
    for state in ["a-b".to_owned(), "x".repeat(129)] {
        let page = open(&stage, &authorize("snsapi_base", &format!("&state={state}")), "lihua").await;
        assert!(page.location.is_none() && page.body.contains("84025"), "{state}");
    }
    stage.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        app.oauth_domain = Some("other.example".to_owned());
    });
    let page = open(&stage, &authorize("snsapi_base", ""), "lihua").await;
    assert!(
        page.location.is_none() && page.body.contains("redirect_uri 参数错误"),
        "{}",
        page.body
    );
}

/// Goes through the consent page and gives the user ticket.
async fn consented(stage: &Stage, fields: &[&str]) -> String {
    let page = open(stage, &authorize("snsapi_privateinfo", ""), "lihua").await;
    let ticket = page
        .body
        .split("name=\"ticket\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let mut form = vec![("ticket", ticket), ("answer", "allow")];
    form.extend(fields.iter().map(|field| (*field, "on")));
    let code = stage.submit("/connect/oauth2/consent", &form).await.code();
    let reply = stage.as_app(&format!("auth/getuserinfo?code={code}")).await;
    reply["user_ticket"]
        .as_str()
        .unwrap_or_else(|| panic!("{reply}"))
        .to_owned()
}

#[actix_web::test]
async fn details_are_what_the_member_consented_to() {
    let stage = sample().await;
    let ticket = consented(&stage, &["mobile", "gender"]).await;
    let path = format!("/cgi-bin/auth/getuserdetail?access_token={}", stage.app_token().await);
    let reply = stage.post(&path, &json!({"user_ticket": ticket})).await;
    assert_eq!(
        (&reply["mobile"], &reply["gender"]),
        (&json!("19900000001"), &json!("2"))
    );
    assert!(reply.get("email").is_none() && reply.get("name").is_none());
    assert_eq!(reply["avatar"], "https://p.example/default/0");

    assert_eq!(errcode(&stage.post(&path, &json!({})).await), 84090);
    assert_eq!(errcode(&stage.post(&path, &json!({"user_ticket": "x"})).await), 84015);
    stage.sim.clock().advance(1800);
    assert_eq!(
        errcode(&stage.post(&path, &json!({"user_ticket": ticket})).await),
        84014
    );
}

#[actix_web::test]
async fn the_administrator_limits_what_can_be_asked() {
    let stage = sample().await;
    let ticket = consented(&stage, &["mobile"]).await;
    stage.sim.edit(|world| {
        world
            .corp_mut(CORP)
            .unwrap()
            .apps
            .get_mut(&AGENT_ID)
            .unwrap()
            .consent_fields
            .clear()
    });
    let path = format!("/cgi-bin/auth/getuserdetail?access_token={}", stage.app_token().await);
    assert!(
        stage
            .post(&path, &json!({"user_ticket": ticket}))
            .await
            .get("mobile")
            .is_none()
    );
}

#[actix_web::test]
async fn private_scope_stops_members_out_of_scope_and_refusals_carry_no_code() {
    let stage = sample().await;
    let page = open(&stage, &authorize("snsapi_privateinfo", ""), "waibu01").await;
    assert!(page.location.is_none() && page.body.contains("没有权限"));
    let page = open(&stage, &authorize("snsapi_privateinfo", "&state=s1"), "lihua").await;
    let ticket = page
        .body
        .split("name=\"ticket\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let refused = stage
        .submit("/connect/oauth2/consent", &[("ticket", ticket), ("answer", "deny")])
        .await;
    let query = refused.query();
    assert_eq!((query["state"].as_str(), query.contains_key("code")), ("s1", false));
}

#[actix_web::test]
async fn the_client_page_signs_a_member_in() {
    let stage = sample().await;
    let form = [("corp", CORP), ("userid", "lihua"), ("next", "/desk")];
    let reply = stage.http.post(stage.url("/client")).form(&form).send().await.unwrap();
    assert!(reply.headers()["set-cookie"].to_str().unwrap().contains("sim_client="));
    assert_eq!(reply.headers()["location"], "/desk");
    let elsewhere = [("corp", CORP), ("userid", "lihua"), ("next", "//evil.example")];
    let reply = stage
        .http
        .post(stage.url("/client"))
        .form(&elsewhere)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.headers()["location"], "/");
}

#[actix_web::test]
async fn a_client_of_another_corp_is_an_outsider() {
    let stage = sample().await;
    let path = authorize(
        "snsapi_base",
        &format!("&sim_client={}/moyan", simulator::sample::CORP2),
    );
    let page = open(&stage, &path, "lihua").await;
    let reply = stage.as_app(&format!("auth/getuserinfo?code={}", page.code())).await;
    assert!(reply["openid"].is_string() && reply.get("userid").is_none());
}

#[actix_web::test]
async fn a_ticket_lives_and_is_spent_as_the_switches_say() {
    let stage = sample().await;
    let path = format!("/cgi-bin/auth/getuserdetail?access_token={}", stage.app_token().await);
    stage.sim.edit(|world| {
        world.switches.private_info.ticket_works_once = true;
        world.switches.private_info.unknown_ticket_code = 84014;
    });
    let ticket = json!({"user_ticket": consented(&stage, &["mobile"]).await});
    assert_eq!(errcode(&stage.post(&path, &ticket).await), 0);
    assert_eq!(errcode(&stage.post(&path, &ticket).await), 84014, "it is spent");
    stage.sim.edit(|world| {
        world.switches.private_info.ticket_works_once = false;
        world.switches.private_info.ticket_seconds = 60;
    });
    let ticket = json!({"user_ticket": consented(&stage, &["mobile"]).await});
    assert_eq!(errcode(&stage.post(&path, &ticket).await), 0);
    stage.sim.clock().advance(60);
    assert_eq!(errcode(&stage.post(&path, &ticket).await), 84014, "it is too old");
}

#[actix_web::test]
async fn denying_and_agreeing_again_lead_where_the_switches_say() {
    let stage = sample().await;
    let address = authorize("snsapi_privateinfo", "&state=s1");
    let deny = async || {
        let page = open(&stage, &address, "lihua").await;
        let ticket = page.body.split("name=\"ticket\" value=\"").nth(1).unwrap();
        let ticket = ticket.split('"').next().unwrap().to_owned();
        stage
            .submit("/connect/oauth2/consent", &[("ticket", &ticket), ("answer", "deny")])
            .await
    };
    stage
        .sim
        .edit(|world| world.switches.private_info.refusal = ConsentRefusal::CodeWithoutTicket);
    let code = deny().await.code();
    let reply = stage.as_app(&format!("auth/getuserinfo?code={code}")).await;
    assert_eq!((&reply["userid"], reply.get("user_ticket")), (&json!("lihua"), None));
    stage
        .sim
        .edit(|world| world.switches.private_info.refusal = ConsentRefusal::Stays);
    assert!(deny().await.location.is_none());
    stage
        .sim
        .edit(|world| world.switches.private_info.remembers_consent = true);
    assert!(open(&stage, &address, "lihua").await.location.is_none(), "asked once");
    consented(&stage, &["mobile"]).await;
    let code = open(&stage, &address, "lihua").await.code();
    let reply = stage.as_app(&format!("auth/getuserinfo?code={code}")).await;
    assert!(reply["user_ticket"].is_string(), "{reply}");
}
