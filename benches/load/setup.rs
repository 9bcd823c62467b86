//! Load benchmark, setup: a corp of a thousand people, their sessions, and the portals they enter.

use std::sync::{Arc, Mutex, atomic::AtomicUsize};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use simulator::{Simulator, generator};

use super::{
    admin::Admin,
    browser::Browser,
    driver::{Mixed, Refresh, SignIn, Work, field},
    phone::{As, Phone},
    process::{Menjin, TOKEN},
    wire::{Wire, get, post},
};

const REDIRECT: &str = "https%3A%2F%2Fbench.portal.example%2Fcb";

/// Everything the scenarios need.
pub struct Ready {
    /// `host:port` of each server.
    pub authorities: Vec<String>,
    /// Session cookies as header lines.
    pub cookies: Vec<String>,
    admin: Admin,
}

/// Syncs the corp and signs its people in, each by a scan.
pub async fn ready(servers: &[&Menjin], wecom: &Simulator, people: usize) -> Ready {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let menjin = servers[0];
    let admin = Admin::new(&http, &menjin.base, TOKEN);
    let source = json!({
        "name": "bench", "corp_id": generator::CORP, "duplicate_rule": "overwrite", "login_methods": ["wecom_qr"],
        "app": { "agent_id": generator::AGENT_ID, "secret": generator::APP_SECRET },
    });
    let source = admin.create("data-sources", source).await;
    let run = admin.sync(source["id"].as_str().unwrap()).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let ready = Ready {
        authorities: servers
            .iter()
            .map(|one| one.base.trim_start_matches("http://").to_owned())
            .collect(),
        cookies: Vec::new(),
        admin,
    };
    ready.client("first", json!({})).await;
    let mut userids: Vec<String> = wecom.edit(|world| {
        world.corps[generator::CORP]
            .members
            .values()
            .filter(|member| member.status == 1)
            .map(|member| member.userid.clone())
            .collect()
    });
    userids.sort();
    let mut cookies = Vec::new();
    for userid in userids {
        if cookies.len() == people {
            break;
        }
        cookies.extend(sign_in(&http, &menjin.base, &wecom.base_url(), &userid).await);
    }
    assert_eq!(cookies.len(), people, "not enough people may sign in");
    Ready { cookies, ..ready }
}

/// Signs a member in by a scan; `None` for somebody outside the app's scope.
async fn sign_in(http: &reqwest::Client, base: &str, wecom: &str, userid: &str) -> Option<String> {
    let browser = Browser::new(http);
    let login = browser.open(&format!("{base}{}", authorize("first"))).await;
    let shown = browser.open(&login.link("/go/")).await;
    let callback = Phone::new(http, wecom).scan(&browser, &shown, As::Member(userid)).await;
    let page = browser.open(&callback).await;
    page.returned("code")?;
    let cookie = browser.cookie("menjin_session").unwrap();
    Some(format!("Cookie: menjin_session={cookie}\r\n"))
}

fn authorize(client: &str) -> String {
    format!(
        "/oauth2/authorize?response_type=code&client_id={client}&redirect_uri={REDIRECT}&scope=openid%20profile%20email&state=af0ifjsldkj&nonce=n-0S6_WzA2Mj"
    )
}

impl Ready {
    /// Registers a confidential portal; answers its `Authorization` header line.
    pub async fn client(&self, id: &str, extra: Value) -> String {
        let mut body = json!({
            "client_id": id, "name": id, "redirect_uris": ["https://bench.portal.example/cb"],
            "client_secret": "benchmark-client-secret-0123456789abcdef",
            "access_token_lifetime": 86400, "membership_max_age": 2_592_000,
        });
        for (name, value) in extra.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.admin.create("clients", body).await;
        let basic = STANDARD.encode(format!("{id}:benchmark-client-secret-0123456789abcdef"));
        format!("Authorization: Basic {basic}\r\n")
    }

    /// The work of a whole authorization code sign-in at a portal with these ID tokens.
    pub async fn sign_ins(&self, alg: &str) -> Arc<SignIn> {
        let id = format!("portal-{alg}");
        let authorization = self
            .client(&id, json!({ "id_token_alg": alg, "refresh_token_lifetime": 0 }))
            .await;
        Arc::new(SignIn {
            cookies: self.cookies.clone(),
            authorization,
            authorize: authorize(&id),
            form: format!("grant_type=authorization_code&redirect_uri={REDIRECT}"),
            next: AtomicUsize::new(0),
            tokens: Mutex::default(),
        })
    }

    /// As many refresh tokens as connections, each of another person.
    pub async fn refreshes(&self, alg: &str, (name, connections): (&str, usize)) -> Arc<Refresh> {
        let id = format!("{name}-{alg}");
        let authorization = self.client(&id, json!({ "id_token_alg": alg })).await;
        let mut wire = Wire::connect(&self.authorities[0]).await;
        let mut tokens = Vec::new();
        for cookie in self.cookies.iter().take(connections) {
            let location = wire.call(&get(&authorize(&id), cookie)).await.location.unwrap();
            let code = location
                .split_once("code=")
                .unwrap()
                .1
                .split('&')
                .next()
                .unwrap()
                .to_owned();
            let form = format!("grant_type=authorization_code&redirect_uri={REDIRECT}&code={code}");
            let reply = wire.call(&post("/oauth2/token", &authorization, &form)).await;
            tokens.push(field(&reply.body, "refresh_token"));
        }
        Arc::new(Refresh {
            tokens: Mutex::new(tokens),
            authorization,
        })
    }

    /// A working day: sign-ins and refreshes of people, and these requests of their portals.
    pub async fn mixed(&self, sign_in: Arc<SignIn>, reads: Vec<Vec<u8>>, connections: usize) -> Work {
        Work::Mixed(Arc::new(Mixed {
            sign_in,
            refresh: self.refreshes("RS256", ("mixed", connections)).await,
            reads: Work::Each(Arc::new(reads), AtomicUsize::new(0).into()),
            next: AtomicUsize::new(0),
        }))
    }

    /// An admin's change of a portal's settings, which ends what is remembered.
    pub async fn change_settings(&self, number: u64) {
        self.admin
            .change("clients/first", json!({ "name": format!("first, {number}") }))
            .await;
    }

    /// The work of a `client_credentials` token request.
    pub async fn client_credentials(&self, alg: &str) -> Work {
        let metadata = json!({ "grant_types": ["client_credentials"], "access_token_signed_response_alg": alg });
        let authorization = self
            .client(&format!("program-{alg}"), json!({ "metadata": metadata }))
            .await;
        Work::Same(Arc::new(post(
            "/oauth2/token",
            &authorization,
            "grant_type=client_credentials",
        )))
    }
}
