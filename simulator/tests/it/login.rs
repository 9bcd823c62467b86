//! Reference §2.1, §2.3, §13 point 5: the QR pages and the phone.

use reqwest::StatusCode;
use simulator::sample::{AGENT_ID, CORP, CORP2};
use simulator::world::ScanScopeCheck;
use simulator::{Simulator, World};

use crate::stage::{REDIRECT, Stage, encoded, sample, stage, web_login};

fn legacy_login() -> String {
    let redirect_uri = encoded(REDIRECT);
    format!("/wwopen/sso/qrConnect?appid={CORP}&agentid={AGENT_ID}&redirect_uri={redirect_uri}&state=abc")
}

fn set_web_domain(sim: &Simulator, domain: &str) {
    sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        app.web_callback_domain = Some(domain.to_owned());
    });
}

async fn wait(stage: &Stage, ticket: &str) -> crate::stage::Page {
    stage.page(&format!("/wwlogin/sso/wait?ticket={ticket}")).await
}

#[actix_web::test]
async fn a_confirmed_scan_redirects_with_code_state_and_the_own_query() {
    let stage = sample().await;
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    let before = wait(&stage, &ticket).await;
    assert_eq!(before.status, StatusCode::OK);
    assert!(
        before
            .body
            .contains(&format!("content=\"3;url=/wwlogin/sso/wait?ticket={ticket}\"")),
        "{}",
        before.body
    );

    let phone = stage.page(&format!("/phone/{ticket}")).await;
    assert!(phone.body.contains("已停用 disabled") && phone.body.contains("不在可见范围 out of scope"));
    assert!(phone.body.contains("name=\"userid\" value=\"lihua\""));
    let confirmed = stage
        .submit(&format!("/phone/{ticket}"), &[("as", "member"), ("userid", "LiHua")])
        .await;
    assert!(confirmed.body.contains("已确认"));

    let done = wait(&stage, &ticket).await;
    assert_eq!(done.status, StatusCode::FOUND);
    let query = done.query();
    assert_eq!(
        (query["keep"].as_str(), query["state"].as_str(), query["appid"].as_str()),
        ("1", "abc", CORP)
    );
    assert!(!query["code"].is_empty());
    let again = stage
        .submit(&format!("/phone/{ticket}"), &[("as", "member"), ("userid", "zhangsan")])
        .await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "a ticket is used once");
    assert_eq!(wait(&stage, &ticket).await.code(), query["code"]);
}

#[actix_web::test]
async fn the_callback_domain_must_match_host_and_port() {
    let stage = sample().await;
    for (domain, fits) in [
        ("sso.corp.example", true),
        ("sso.corp.example:8443", false),
        ("corp.example", false),
        ("x.sso.corp.example", false),
    ] {
        set_web_domain(&stage.sim, domain);
        let page = stage.page(&web_login(REDIRECT)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.body.contains("/phone/"), fits, "{domain}");
        assert_eq!(
            page.body.contains("redirect_uri 与配置的授权完成回调域名不一致"),
            !fits,
            "{domain}"
        );
    }
}

#[actix_web::test]
async fn an_unset_domain_is_refused_when_so_switched() {
    let stage = sample().await;
    stage.sim.edit(|world| world.switches.unset_domain_allows_any = false);
    assert!(stage.page(&web_login(REDIRECT)).await.body.contains("不一致"));
}

#[actix_web::test]
async fn wrong_parameters_never_redirect() {
    let stage = sample().await;
    let good = web_login(REDIRECT);
    for (from, to) in [
        (CORP, "wwnobody"),
        ("1000002", "1000009"),
        ("CorpApp", "ServiceApp"),
        ("redirect_uri=http", "redirect_uri=data"),
    ] {
        let page = stage.page(&good.replace(from, to)).await;
        assert_eq!((page.status, page.location), (StatusCode::OK, None), "{to}");
        assert!(!page.body.contains("/phone/"), "{to}");
    }
}

#[actix_web::test]
async fn out_of_scope_passes_the_web_login_unless_switched_and_never_the_legacy_page() {
    let stage = sample().await;
    let form = [("as", "member"), ("userid", "waibu01")];
    assert!(stage.scan(&form).await.query().contains_key("code"));

    let ticket = stage.open_login(&legacy_login()).await;
    assert_eq!(
        stage.submit(&format!("/phone/{ticket}"), &form).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        wait(&stage, &ticket).await.status,
        StatusCode::OK,
        "the browser still waits"
    );

    stage
        .sim
        .edit(|world| world.switches.scan_scope_check = ScanScopeCheck::Block);
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    assert_eq!(
        stage.submit(&format!("/phone/{ticket}"), &form).await.status,
        StatusCode::FORBIDDEN
    );
}

#[actix_web::test]
async fn disabled_members_confirm_only_while_the_switch_lets_them() {
    let stage = sample().await;
    let form = [("as", "member"), ("userid", "chenyu")];
    assert!(stage.scan(&form).await.query().contains_key("code"));
    stage.sim.edit(|world| world.switches.inactive_may_confirm = false);
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    assert_eq!(
        stage.submit(&format!("/phone/{ticket}"), &form).await.status,
        StatusCode::FORBIDDEN
    );
}

#[actix_web::test]
async fn cancelling_stays_on_the_new_page_and_redirects_without_code_from_the_old_one() {
    let stage = sample().await;
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    stage.submit(&format!("/phone/{ticket}"), &[("as", "cancel")]).await;
    let stays = wait(&stage, &ticket).await;
    assert!(
        stays.location.is_none() && stays.body.contains("取消登录"),
        "{}",
        stays.body
    );

    let ticket = stage.open_login(&legacy_login()).await;
    stage.submit(&format!("/phone/{ticket}"), &[("as", "cancel")]).await;
    let query = wait(&stage, &ticket).await.query();
    assert_eq!(
        (query.get("state").map(String::as_str), query.get("code")),
        (Some("abc"), None)
    );
}

#[actix_web::test]
async fn codes_on_the_screen_expire_by_time_or_by_hand() {
    let stage = sample().await;
    let by_hand = stage.open_login(&web_login(REDIRECT)).await;
    stage.submit(&format!("/phone/{by_hand}"), &[("as", "expire")]).await;
    assert!(wait(&stage, &by_hand).await.body.contains("二维码已过期"));
    let by_time = stage.open_login(&web_login(REDIRECT)).await;
    stage.sim.clock().advance(600);
    assert!(wait(&stage, &by_time).await.body.contains("二维码已过期"));
    assert_eq!(
        stage.page(&format!("/phone/{by_time}")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(wait(&stage, "unknown").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn the_callback_can_be_delivered_twice() {
    let stage = sample().await;
    let page = stage
        .scan(&[("as", "member"), ("userid", "lihua"), ("deliver", "twice")])
        .await;
    assert_eq!(page.status, StatusCode::OK);
    let target = page
        .body
        .split("<iframe class=\"second\" src=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(
        target.starts_with("http://sso.corp.example/cb?keep=1") && target.contains("code="),
        "{target}"
    );
    assert!(
        page.body.contains(&format!("content=\"1;url={target}\"")),
        "both hits have the same address"
    );
}

#[actix_web::test]
async fn the_desktop_client_confirms_by_one_click() {
    let stage = sample().await;
    let url = stage.url(&web_login(REDIRECT));
    let cookie = |corp: &str| format!("sim_client={corp}/zhangsan");
    let body = |cookie: String| stage.http.get(&url).header("cookie", cookie).send();
    let known = body(cookie(CORP)).await.unwrap().text().await.unwrap();
    assert!(known.contains("id=\"one-click\"") && known.contains("张三"));
    let foreign = body(cookie(CORP2)).await.unwrap().text().await.unwrap();
    assert!(!foreign.contains("id=\"one-click\""));
}

#[actix_web::test]
async fn the_phone_searches_big_corps_and_shows_fifty() {
    let mut corp = simulator::generator::corp(1, 2000, 20);
    corp.corpid = CORP.to_owned();
    let stage = stage(World::of(corp)).await;
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    let count = |body: &str| body.matches("aria-label=\"确认 ").count();
    assert_eq!(count(&stage.page(&format!("/phone/{ticket}")).await.body), 50);
    assert_eq!(
        count(&stage.page(&format!("/phone/{ticket}?q=USER001999")).await.body),
        1
    );
}

#[actix_web::test]
async fn pages_escape_what_people_are_called() {
    let stage = sample().await;
    stage
        .sim
        .edit(|world| world.corp_mut(CORP).unwrap().member_mut("lihua").unwrap().name = "<b>x</b>".to_owned());
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    let body = stage.page(&format!("/phone/{ticket}")).await.body;
    assert!(!body.contains("<b>x</b>") && body.contains("x"));
}

// The login page has one script of its own, which asks for the phone instead of reloading; all pages work without.
#[actix_web::test]
async fn only_the_login_page_has_a_script_and_without_it_it_reloads() {
    let stage = sample().await;
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    for path in [
        web_login(REDIRECT),
        format!("/phone/{ticket}"),
        "/".into(),
        "/client".into(),
        "/desk".into(),
    ] {
        let page = stage.page(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let scripts = page.body.matches("<script").count();
        assert!(page.body.contains("模拟器"), "{path}");
        assert_eq!(scripts, usize::from(path.contains("/wwlogin/")), "{path}");
        if scripts == 1 {
            assert!(page.body.contains("<script src=\"/wait.js\""), "{}", page.body);
            assert!(
                page.body.contains("<noscript><meta http-equiv=\"refresh\""),
                "{}",
                page.body
            );
        }
    }
}

#[actix_web::test]
async fn whoever_asks_for_a_code_hears_at_once_when_the_phone_confirmed() {
    let stage = sample().await;
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    let path = format!("/wwlogin/sso/state?ticket={ticket}");
    let phone = async {
        let form = [("as", "member"), ("userid", "lihua")];
        stage.submit(&format!("/phone/{ticket}"), &form).await
    };
    let (asked, confirmed) = tokio::join!(stage.page(&path), phone);
    assert!(confirmed.body.contains("已确认"));
    assert_eq!(asked.body, "changed");
    assert_eq!(stage.page("/wwlogin/sso/state?ticket=unknown").await.body, "changed");
}

/// What a QR code of this address is made of, drawn by the crate alone.
fn drawn(address: &str) -> String {
    let code = qrcode::QrCode::with_error_correction_level(address, qrcode::EcLevel::L).unwrap();
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate();
    dark.filter(|(_, colour)| *colour == qrcode::Color::Dark)
        .map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + 4, at / width + 4))
        .collect()
}

#[actix_web::test]
async fn the_qr_code_is_the_address_of_the_phone_page_on_the_host_that_was_asked() {
    let stage = sample().await;
    let url = stage.url(&web_login(REDIRECT));
    for (host, reached) in [("192.0.2.7:8402", true), ("127.0.0.1:8402", false)] {
        let shown = stage.http.get(&url).header("host", host).send().await.unwrap();
        let body = shown.text().await.unwrap();
        let ticket = body.split("/phone/").nth(1).unwrap().split('"').next().unwrap();
        let address = format!("http://{host}/phone/{ticket}");
        assert!(body.contains(&format!("<path d=\"{}\"", drawn(&address))), "{body}");
        assert_eq!(body.contains("--listen 0.0.0.0"), !reached, "{host}");
    }
}

#[actix_web::test]
async fn members_leave_and_come_back_by_buttons_of_the_phone() {
    let stage = sample().await;
    let member = |action: &'static str| [("corp", CORP), ("userid", "LIHUA"), ("action", action)];
    let before = stage.sim.edit(|world| world.corps[CORP].member("lihua").cloned());
    let left = stage.submit("/member", &member("leave")).await;
    assert!(
        left.body.contains("已离职 · has left") && left.body.contains("李华"),
        "{}",
        left.body
    );
    assert!(left.body.contains("delete_user → 没有配置回调"), "{}", left.body);
    assert!(stage.sim.edit(|world| world.corps[CORP].member("lihua").is_none()));
    let ticket = stage.open_login(&web_login(REDIRECT)).await;
    let phone = stage.page(&format!("/phone/{ticket}")).await;
    assert!(phone.body.contains("lihua 已离职 left"), "{}", phone.body);
    stage.submit("/member", &member("back")).await;
    for action in ["disable", "outside", "back"] {
        let acted = stage.submit("/member", &member(action)).await;
        assert_eq!(acted.status, StatusCode::OK, "{action}: {}", acted.body);
    }
    assert_eq!(
        stage.sim.edit(|world| world.corps[CORP].member("lihua").cloned()),
        before
    );
    let unknown = stage
        .submit("/member", &[("corp", CORP), ("userid", "nobody"), ("action", "leave")])
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
}
