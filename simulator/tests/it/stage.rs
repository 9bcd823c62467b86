//! The stage for all tests: a simulator with a clock that stands still, and a client which follows no redirects.

use std::collections::HashMap;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use serde_json::{Value, json};
use simulator::sample::{AGENT_ID, APP_SECRET, CONTACTS_SECRET, CORP};
use simulator::{Clock, Options, Simulator, World};

pub const NOW: u64 = 1_760_000_000;
pub const REDIRECT: &str = "http://sso.corp.example/cb?keep=1";

pub struct Stage {
    pub sim: Simulator,
    pub http: Client,
}

pub struct Page {
    pub status: StatusCode,
    pub location: Option<Url>,
    pub body: String,
}

impl Page {
    pub fn query(&self) -> HashMap<String, String> {
        self.location
            .as_ref()
            .expect("a redirect")
            .query_pairs()
            .into_owned()
            .collect()
    }

    pub fn code(&self) -> String {
        self.query().remove("code").expect("a code")
    }
}

pub async fn sample() -> Stage {
    stage(World::sample()).await
}

pub async fn stage(world: World) -> Stage {
    let options = Options {
        clock: Clock::manual(NOW),
        ..Options::new(world)
    };
    let sim = Simulator::start(options).await.unwrap();
    let http = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    Stage { sim, http }
}

impl Stage {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sim.base_url())
    }

    pub async fn get(&self, path: &str) -> Value {
        self.http
            .get(self.url(path))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.http
            .post(self.url(path))
            .json(body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub async fn page(&self, path: &str) -> Page {
        page(self.http.get(self.url(path))).await
    }

    pub async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Page {
        page(self.http.post(self.url(path)).form(form)).await
    }

    pub async fn token_of(&self, corp: &str, secret: &str) -> String {
        let reply = self
            .get(&format!("/cgi-bin/gettoken?corpid={corp}&corpsecret={secret}"))
            .await;
        reply["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{reply}"))
            .to_owned()
    }

    pub async fn app_token(&self) -> String {
        self.token_of(CORP, APP_SECRET).await
    }

    pub async fn contacts_token(&self) -> String {
        self.token_of(CORP, CONTACTS_SECRET).await
    }

    /// An API call with the token of 门禁.
    pub async fn as_app(&self, call: &str) -> Value {
        self.with(&self.app_token().await, call).await
    }

    /// An API call that sends a body, with the token of 门禁.
    pub async fn as_app_post(&self, call: &str, body: &Value) -> Value {
        let token = self.app_token().await;
        self.post(&format!("/cgi-bin/{call}?access_token={token}"), body).await
    }

    /// An API call with the token of the contacts-sync helper.
    pub async fn as_contacts(&self, call: &str) -> Value {
        self.with(&self.contacts_token().await, call).await
    }

    pub async fn with(&self, token: &str, call: &str) -> Value {
        let mark = if call.contains('?') { '&' } else { '?' };
        self.get(&format!("/cgi-bin/{call}{mark}access_token={token}")).await
    }

    /// Opens the web login and gives the ticket in its page.
    pub async fn open_login(&self, path: &str) -> String {
        let page = self.page(path).await;
        let (_, rest) = page
            .body
            .split_once("/phone/")
            .unwrap_or_else(|| panic!("no ticket: {}", page.body));
        rest.chars().take_while(char::is_ascii_alphanumeric).collect()
    }

    /// Scans the web login as this member and gives the redirect.
    pub async fn scan(&self, form: &[(&str, &str)]) -> Page {
        let ticket = self.open_login(&web_login(REDIRECT)).await;
        let done = self.submit(&format!("/phone/{ticket}"), form).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        self.page(&format!("/wwlogin/sso/wait?ticket={ticket}")).await
    }
}

async fn page(request: reqwest::RequestBuilder) -> Page {
    let reply = request.send().await.unwrap();
    let location = reply
        .headers()
        .get("location")
        .map(|value| value.to_str().unwrap().to_owned());
    let base = reply.url().clone();
    Page {
        status: reply.status(),
        location: location.map(|location| base.join(&location).unwrap()),
        body: reply.text().await.unwrap(),
    }
}

/// Sends an app message: a text to 李华, with these changes.
pub async fn send(stage: &Stage, change: Value) -> Value {
    let mut body = json!({"touser": "lihua", "msgtype": "text", "agentid": AGENT_ID, "text": {"content": "hi"}});
    let changes = change.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(changes);
    stage.as_app_post("message/send", &body).await
}

pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub fn web_login(redirect_uri: &str) -> String {
    let redirect_uri = encoded(redirect_uri);
    format!(
        "/wwlogin/sso/login?login_type=CorpApp&appid={CORP}&agentid={AGENT_ID}&redirect_uri={redirect_uri}&state=abc"
    )
}

pub fn errcode(reply: &Value) -> i64 {
    reply["errcode"].as_i64().unwrap_or_else(|| panic!("{reply}"))
}
