//! A service provider's backend: receives both callbacks of a suite, and calls `service/*` for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::crypto::{Key, decrypt, signature};
use simulator::sample::{CORP, PROVIDER, PROVIDER_SECRET, SUITE, SUITE_SECRET};
use simulator::{Delivery, Push, SuiteCallback, World};

use crate::stage::{REDIRECT, Stage, encoded, errcode, stage};

pub const TOKEN: &str = "QDG6eK";
pub const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

type Parameters = HashMap<String, String>;

/// One message that was signed and encrypted with the suite's keys.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub receive_id: String,
    pub message: String,
}

impl Heard {
    /// The value of an element; empty where it is missing.
    pub fn value(&self, element: &str) -> String {
        let inside = self.message.split(&format!("<{element}>")).nth(1);
        let inside = inside.and_then(|rest| rest.split("</").next()).unwrap_or_default();
        inside
            .trim_start_matches("<![CDATA[")
            .trim_end_matches("]]>")
            .to_owned()
    }
}

#[derive(Default)]
pub struct Heardful {
    pub heard: Vec<Heard>,
    pub outer: Vec<String>,
    pub refused: usize,
    /// What is answered before `success`.
    pub answers: Vec<&'static str>,
}

pub struct Provider {
    pub stage: Stage,
    pub kept: Arc<Mutex<Heardful>>,
    pub base: String,
    handle: ServerHandle,
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn open(path: &str, parameters: &Parameters, encrypted: &str) -> Option<Heard> {
    let signed = signature(TOKEN, &parameters["timestamp"], &parameters["nonce"], encrypted);
    if signed != parameters["msg_signature"] {
        return None;
    }
    let opened = decrypt(&Key::parse(KEY)?, encrypted)?;
    Some(Heard {
        path: path.to_owned(),
        receive_id: String::from_utf8(opened.receive_id).ok()?,
        message: String::from_utf8(opened.message).ok()?,
    })
}

async fn receive(
    request: HttpRequest,
    query: Query<Parameters>,
    body: String,
    kept: Data<Mutex<Heardful>>,
) -> HttpResponse {
    let mut kept = kept.lock().unwrap();
    if request.method() == "GET" {
        let Some(heard) = open(request.path(), &query, &query["echostr"]) else {
            return HttpResponse::Forbidden().finish();
        };
        kept.heard.push(heard.clone());
        return HttpResponse::Ok().body(heard.message);
    }
    let inside = body
        .split("<Encrypt>")
        .nth(1)
        .and_then(|rest| rest.split("</Encrypt>").next());
    let encrypted = inside.unwrap_or_default();
    let encrypted = encrypted.trim_start_matches("<![CDATA[").trim_end_matches("]]>");
    let heard = open(request.path(), &query, encrypted);
    kept.outer.push(body.clone());
    let Some(heard) = heard else {
        kept.refused += 1;
        return HttpResponse::Forbidden().finish();
    };
    kept.heard.push(heard);
    HttpResponse::Ok().body(kept.answers.pop().unwrap_or("success"))
}

/// A world with suites, and the backend of [`SUITE`], whose callbacks are saved; only pushes on demand come.
pub async fn provider() -> Provider {
    provider_of(World::sample_with_suites(), SUITE).await
}

pub async fn provider_of(mut world: World, suite: &str) -> Provider {
    world.switches.suites.pushes_tickets = false;
    let kept = Arc::new(Mutex::new(Heardful::default()));
    let data = Data::from(Arc::clone(&kept));
    let server = HttpServer::new(move || {
        let app = App::new().app_data(data.clone());
        app.default_service(web::route().to(receive))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let stage = stage(world).await;
    let command = format!("{base}/command");
    let saved = stage
        .sim
        .configure_suite(suite, SuiteCallback::Command, (&command, TOKEN, KEY))
        .await;
    saved.unwrap();
    let url = format!("{base}/data/$CORPID$");
    stage
        .sim
        .configure_suite(suite, SuiteCallback::Data, (&url, TOKEN, KEY))
        .await
        .unwrap();
    let provider = Provider {
        stage,
        kept,
        base,
        handle,
    };
    provider.forget();
    provider
}

impl Provider {
    /// A call of the control API.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let url = self.stage.url(&format!("/_sim{path}"));
        let reply = self.stage.http.request(method, url).json(&body).send().await.unwrap();
        (reply.status(), reply.json().await.unwrap())
    }

    pub fn forget(&self) {
        let mut kept = self.kept.lock().unwrap();
        kept.heard.clear();
        kept.outer.clear();
        kept.refused = 0;
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.kept.lock().unwrap().heard.clone()
    }

    /// The values of these elements of all that was heard.
    pub fn told(&self, elements: &[&str]) -> Vec<Vec<String>> {
        let heard = self.heard();
        let row = |heard: &Heard| elements.iter().map(|element| heard.value(element)).collect();
        heard.iter().map(row).collect()
    }

    /// The newest ticket, pushed on demand.
    pub async fn ticket(&self) -> String {
        self.ticket_of(SUITE).await
    }

    pub async fn ticket_of(&self, suite: &str) -> String {
        self.stage
            .sim
            .push(suite, &Push::SuiteTicket, Delivery::default())
            .await;
        self.heard().last().expect("a ticket").value("SuiteTicket")
    }

    pub async fn suite_token(&self) -> String {
        self.suite_token_of(SUITE, SUITE_SECRET).await
    }

    pub async fn suite_token_of(&self, suite: &str, secret: &str) -> String {
        let ticket = self.ticket_of(suite).await;
        let body = json!({"suite_id": suite, "suite_secret": secret, "suite_ticket": ticket});
        let reply = self.stage.post("/cgi-bin/service/get_suite_token", &body).await;
        reply["suite_access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{reply}"))
            .to_owned()
    }

    pub async fn provider_token(&self) -> String {
        let body = json!({"corpid": PROVIDER, "provider_secret": PROVIDER_SECRET});
        let reply = self.stage.post("/cgi-bin/service/get_provider_token", &body).await;
        reply["provider_access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{reply}"))
            .to_owned()
    }

    /// A POST with a new suite token.
    pub async fn call(&self, call: &str, body: Value) -> Value {
        let token = self.suite_token().await;
        let path = format!("/cgi-bin/service/{call}?suite_access_token={token}");
        self.stage.post(&path, &body).await
    }

    /// A GET with a new suite token.
    pub async fn ask(&self, call: &str) -> Value {
        let token = self.suite_token().await;
        let mark = if call.contains('?') { '&' } else { '?' };
        self.stage
            .get(&format!("/cgi-bin/service/{call}{mark}suite_access_token={token}"))
            .await
    }

    pub async fn pre_auth_code(&self) -> String {
        let reply = self.ask("get_pre_auth_code").await;
        reply["pre_auth_code"]
            .as_str()
            .unwrap_or_else(|| panic!("{reply}"))
            .to_owned()
    }

    /// Installs in the browser, with 研发中心 and 单笃; gives the parameters of the redirect.
    pub async fn install(&self) -> HashMap<String, String> {
        let code = self.pre_auth_code().await;
        self.install_by(&code, CORP).await
    }

    pub async fn install_by(&self, code: &str, corp: &str) -> HashMap<String, String> {
        let form = [
            ("suite_id", SUITE),
            ("pre_auth_code", code),
            ("redirect_uri", REDIRECT),
            ("state", "abc"),
            ("corp", corp),
            ("by", if corp == CORP { "zhangsan" } else { "baishi" }),
            ("party-2", "on"),
            (if corp == CORP { "user-dandu" } else { "user-moyan" }, "on"),
            ("answer", "agree"),
        ];
        let page = self.stage.submit("/3rdapp/install", &form).await;
        assert!(page.location.is_some(), "{}", page.body);
        page.query()
    }

    /// Installs and exchanges: the corpid as the suite knows it, and the permanent code.
    pub async fn connect(&self) -> (String, String) {
        let code = self.install().await.remove("auth_code").unwrap();
        let reply = self.call("v2/get_permanent_code", json!({"auth_code": code})).await;
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{reply}")).to_owned();
        (text(&reply["auth_corp_info"]["corpid"]), text(&reply["permanent_code"]))
    }

    /// The id by which the suite knows a member, by a corp token.
    pub async fn open(&self, token: &str, userid: &str) -> String {
        let path = format!("/cgi-bin/batch/userid_to_openuserid?access_token={token}");
        let reply = self.stage.post(&path, &json!({"userid_list": [userid]})).await;
        let open = reply["open_userid_list"][0]["open_userid"].as_str();
        open.unwrap_or_else(|| panic!("{reply}")).to_owned()
    }

    /// A corp token of a new installation, with the corpid and permanent code of it.
    pub async fn corp_token(&self) -> String {
        let (corp, code) = self.connect().await;
        self.corp_token_of(&corp, &code).await
    }

    pub async fn corp_token_of(&self, corp: &str, code: &str) -> String {
        let body = json!({"auth_corpid": corp, "permanent_code": code});
        let reply = self.call("get_corp_token", body).await;
        assert_eq!(errcode(&reply), 0, "{reply}");
        reply["access_token"].as_str().unwrap().to_owned()
    }
}

/// The install page of the browser.
pub fn install_page(code: &str, rest: &str) -> String {
    let redirect_uri = encoded(REDIRECT);
    format!("/3rdapp/install?suite_id={SUITE}&pre_auth_code={code}&redirect_uri={redirect_uri}{rest}")
}
