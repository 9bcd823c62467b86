//! Reference §9.10, §11: names by the stand-in for the display component, for viewers of that corp on that host.

use reqwest::StatusCode;
use sha1::{Digest, Sha1};
use simulator::sample::{CORP, CORP2, SUITE};

use crate::provider::{Provider, provider};
use crate::stage::{REDIRECT, encoded, errcode};

const PAGE: &str = "http://sso.corp.example/people?page=1";

struct Display {
    provider: Provider,
    token: String,
    corp: String,
    agentid: u32,
}

async fn display() -> Display {
    let provider = provider().await;
    let (corp, code) = provider.connect().await;
    let token = provider.corp_token_of(&corp, &code).await;
    let agentid = provider
        .stage
        .sim
        .edit(|world| world.installed(CORP, SUITE).unwrap().agentid);
    Display {
        provider,
        token,
        corp,
        agentid,
    }
}

impl Display {
    async fn ticket(&self, call: &str) -> String {
        let reply = self.provider.stage.with(&self.token, call).await;
        reply["ticket"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
    }

    /// The query by which a page is signed with this ticket.
    fn signed(&self, ticket: &str, page: &str) -> String {
        let text = format!("jsapi_ticket={ticket}&noncestr=nonce&timestamp=1760000000&url={page}");
        let digest: String = Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        let (corp, agentid) = (&self.corp, self.agentid);
        let url = encoded(page);
        format!("corpid={corp}&agentid={agentid}&noncestr=nonce&timestamp=1760000000&signature={digest}&url={url}")
    }

    async fn config(&self, query: &str) -> i64 {
        errcode(&self.provider.stage.get(&format!("/open-data/config?{query}")).await)
    }

    /// Signs in by the suite's web login and gives the browser's session.
    async fn session(&self, corp: &str, userid: &str) -> String {
        let stage = &self.provider.stage;
        let redirect_uri = encoded(REDIRECT);
        let login = format!("/wwlogin/sso/login?login_type=ServiceApp&appid={SUITE}&redirect_uri={redirect_uri}");
        let ticket = stage.open_login(&login).await;
        stage
            .submit(&format!("/phone/{ticket}"), &[("corp", corp), ("userid", userid)])
            .await;
        let reply = stage
            .http
            .get(stage.url(&format!("/wwlogin/sso/wait?ticket={ticket}")))
            .send()
            .await
            .unwrap();
        let cookie = reply.headers()["set-cookie"].to_str().unwrap().to_owned();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn frame(&self, query: &str, headers: [(&str, &str); 2]) -> (StatusCode, String) {
        let stage = &self.provider.stage;
        let url = stage.url(&format!("/open-data/frame?{query}"));
        let request = headers.into_iter().fold(stage.http.get(url), |request, (name, value)| {
            request.header(name, value)
        });
        let reply = request.send().await.unwrap();
        (reply.status(), reply.text().await.unwrap())
    }
}

#[actix_web::test]
async fn a_page_is_signed_with_the_tickets_of_the_installed_app() {
    let display = display().await;
    let app = display.ticket("ticket/get?type=agent_config").await;
    let corp = display.ticket("get_jsapi_ticket").await;
    assert_ne!(app, corp);
    assert_eq!(display.config(&display.signed(&app, PAGE)).await, 0);
    assert_eq!(display.config(&display.signed(&corp, PAGE)).await, 42012);
    assert_eq!(display.config(&display.signed("made-up", PAGE)).await, 40093);
    let other = display.signed(&app, PAGE).replace("page%3D1", "page%3D2");
    assert_eq!(display.config(&other).await, 40093);
    let elsewhere = display.signed(&app, PAGE).replace(&display.corp, "wpNobody");
    assert_eq!(display.config(&elsewhere).await, 40013);
    display.provider.stage.sim.edit(|world| {
        world.suites.get_mut(SUITE).unwrap().trusted_domain = Some("sso.corp.example".to_owned());
    });
    assert_eq!(display.config(&display.signed(&app, PAGE)).await, 0);
    assert_eq!(
        display.config(&display.signed(&app, "http://other.example/")).await,
        85005
    );
    let script = display.provider.stage.page("/open-data.js").await.body;
    assert!(script.contains("ww-open-data") && script.contains("agentConfig"));
}

#[actix_web::test]
async fn a_name_is_shown_only_to_a_member_of_that_corp_who_signed_in_for_that_host() {
    let display = display().await;
    let ticket = display.ticket("ticket/get?type=agent_config").await;
    let lihua = display.provider.open(&display.token, "lihua").await;
    let name = |page: &str| format!("{}&type=userName&id={lihua}", display.signed(&ticket, page));
    let none = [("accept", "*/*"), ("x-none", "1")];
    let (status, body) = display.frame(&name(PAGE), none).await;
    assert!(
        status == StatusCode::FORBIDDEN && body.contains("43016") && !body.contains("李华"),
        "{body}"
    );
    let session = display.session(CORP, "wangwu").await;
    let as_viewer = [("cookie", session.as_str()), ("x-none", "1")];
    let (status, body) = display.frame(&name(PAGE), as_viewer).await;
    assert!(status == StatusCode::OK && body.contains("李华"), "{body}");
    let department = format!("{}&type=departmentName&id=4", display.signed(&ticket, PAGE));
    assert!(display.frame(&department, as_viewer).await.1.contains("后端组"));
    let (_, body) = display.frame(&name("http://other.example/"), as_viewer).await;
    assert!(body.contains("43016"), "another host: {body}");
    let stranger = display.session(CORP2, "moyan").await;
    let (status, body) = display
        .frame(&name(PAGE), [("cookie", stranger.as_str()), ("x-none", "1")])
        .await;
    assert!(
        status == StatusCode::FORBIDDEN && !body.contains("李华"),
        "another corp: {body}"
    );
    let outside = format!("{}&type=userName&id=lihua", display.signed(&ticket, PAGE));
    assert!(
        display.frame(&outside, as_viewer).await.1.contains("60111"),
        "a plain id is nobody's"
    );
    display
        .provider
        .stage
        .sim
        .edit(|world| world.switches.suites.viewer_seconds = 60);
    let short = display.session(CORP, "wangwu").await;
    display.provider.stage.sim.clock().advance(60);
    assert!(
        display
            .frame(&name(PAGE), [("cookie", short.as_str()), ("x-none", "1")])
            .await
            .1
            .contains("90307")
    );
    assert!(
        display.frame(&name(PAGE), as_viewer).await.1.contains("李华"),
        "the longer session goes on"
    );
}

#[actix_web::test]
async fn inside_the_client_the_member_who_holds_it_is_the_viewer() {
    let display = display().await;
    let ticket = display.ticket("ticket/get?type=agent_config").await;
    let query = format!(
        "{}&type=userName&id={}",
        display.signed(&ticket, PAGE),
        display.provider.open(&display.token, "lihua").await
    );
    let client = |corp: &str, userid: &str| format!("sim_client={corp}/{userid}");
    let inside = ("user-agent", "Mozilla/5.0 wxwork/4.1.0 MicroMessenger/7.0.1");
    let (own, other) = (client(CORP, "wangwu"), client(CORP2, "moyan"));
    assert!(
        display
            .frame(&query, [("cookie", &own), inside])
            .await
            .1
            .contains("李华")
    );
    assert!(
        !display
            .frame(&query, [("cookie", &other), inside])
            .await
            .1
            .contains("李华")
    );
    assert!(
        !display
            .frame(&query, [("cookie", &own), ("user-agent", "Firefox")])
            .await
            .1
            .contains("李华")
    );
}
