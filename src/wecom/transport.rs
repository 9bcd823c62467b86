//! HTTP transport to WeCom: the one file of this room that uses reqwest. Builds the HTTP client, sends one call, reads the reply.
//!
//! Every URL carries a secret (reference 1.3 rule 6), so no URL and no header is ever logged or part of an error. It deliberately does
//! not know tokens' lifetimes ([`super::tokens`]) nor the meaning of codes ([`super::classify`]).

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::Certificate;
pub use reqwest::Client as HttpClient;
use serde_json::Value;
use url::Url;

use super::{
    classify::BUSY,
    error::{Class, WeComError},
    failure::WeComFailure,
    patience::{Fault, Patience, is_repeatable},
    reply::Reply,
};
use crate::kernel::{
    certificate, clock::Clock, entropy::Entropy, failure::Result, home_runtime::HomeRuntime, secret::Secret,
};

/// Longest wait for a TCP and TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Largest reply read: 30 000 departments stay far below (reference 5.2).
const LARGEST_REPLY: usize = 32 * 1024 * 1024;
/// Query and body fields whose values must not survive in an error text.
const SENSITIVE: [&str; 4] = ["corpsecret", "access_token", "code", "user_ticket"];

/// Builds the HTTP client for WeCom: no redirects (they would carry secrets elsewhere), no proxy from the environment, rustls.
///
/// # Errors
/// `WC-101` when the proxy URL is not understood. The URL itself, which may hold a password, is not part of the failure.
pub fn build_client(proxy: Option<&str>, timeout: Duration) -> Result<HttpClient> {
    build_client_trusting(None, proxy, timeout)
}

/// The same, trusting these certificates (PEM) besides the system's.
///
/// # Errors
/// As [`build_client`]; also when the certificates cannot be read.
pub fn build_client_trusting(ca: Option<&[u8]>, proxy: Option<&str>, timeout: Duration) -> Result<HttpClient> {
    let unusable = |error: reqwest::Error| WeComFailure::ProxyInvalid.failure().cause(error.without_url());
    let trusted = match ca {
        Some(pem) => Certificate::from_pem_bundle(pem).map_err(unusable)?,
        None => Vec::new(),
    };
    let mut builder = HttpClient::builder()
        .tls_backend_rustls()
        .tls_certs_merge(trusted)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("menjin/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .timeout(timeout)
        .no_proxy();
    if let Some(proxy) = proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| WeComFailure::ProxyInvalid.failure())?);
    }
    builder.build().map_err(unusable)
}

/// One call, before a token is added.
pub(super) struct ApiRequest {
    pub(super) call: &'static str,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl ApiRequest {
    /// A GET without parameters.
    pub(super) const fn new(call: &'static str) -> Self {
        Self {
            call,
            query: Vec::new(),
            body: None,
        }
    }

    /// Adds a query parameter.
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Makes it a POST of this JSON.
    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Removes our own secrets from WeCom's words.
    fn scrub(&self, token: Option<&Secret<String>>, text: &str) -> String {
        let query = self.query.iter().filter(|(name, _)| SENSITIVE.contains(name));
        let body = self
            .body
            .iter()
            .flat_map(|body| SENSITIVE.iter().filter_map(|name| body.get(name)?.as_str()));
        let secrets = query.map(|(_, value)| value.as_str()).chain(body);
        let secrets = secrets.chain(token.map(|token| token.expose().as_str()));
        secrets
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| {
                let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
                text.replace(secret, "…").replace(&encoded, "…")
            })
    }
}

/// A call that failed.
struct Failed {
    error: WeComError,
    /// Why the same call may succeed a moment later, if it may.
    fault: Option<Fault>,
}

impl Failed {
    /// Failed in a way that lasts.
    const fn lasting(error: WeComError) -> Self {
        Self { error, fault: None }
    }

    /// Failed on the way or half-way.
    const fn broken(error: WeComError) -> Self {
        Self {
            error,
            fault: Some(Fault::Broken),
        }
    }

    /// A reply that is an error.
    fn told(error: WeComError) -> Self {
        let fault = match error.errcode {
            Some(code) if BUSY.contains(&code) => Some(Fault::Busy),
            None if error.class == Class::Retry => Some(Fault::Broken),
            _ => None,
        };
        Self { error, fault }
    }
}

/// Sends calls to one API base.
#[derive(Clone)]
pub(super) struct Transport {
    http: HttpClient,
    pub(super) base: String,
    clock: Clock,
    entropy: Entropy,
    patience: Patience,
    /// The last read was given up after all its repetitions.
    down: Arc<AtomicBool>,
    home: HomeRuntime,
}

impl Transport {
    /// To be called on the home runtime, on which connections then live: workers that share them may end at any time.
    pub(super) fn new(http: HttpClient, base: &str, clock: Clock, entropy: Entropy) -> Self {
        Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            clock,
            entropy,
            patience: Patience::Person,
            down: Arc::default(),
            home: HomeRuntime::current(),
        }
    }

    /// The same transport for whoever has this patience.
    pub(super) fn with_patience(&self, patience: Patience) -> Self {
        Self {
            patience,
            down: Arc::default(),
            ..self.clone()
        }
    }

    /// Sends a call; a read is repeated while it may succeed a moment later and patience lasts.
    pub(super) async fn ask(
        &self,
        ask: &ApiRequest,
        token: Option<&Secret<String>>,
    ) -> std::result::Result<Reply, WeComError> {
        let began = self.clock.now();
        let mut done = 0;
        loop {
            let Failed { error, fault } = match self.send(ask, token).await {
                Ok(reply) => {
                    self.down.store(false, Ordering::Relaxed);
                    return Ok(reply);
                }
                Err(failed) => failed,
            };
            let Some(fault) = fault.filter(|_| is_repeatable(ask.call)) else {
                return Err(error);
            };
            let (spent, down) = (self.clock.now().since(began), self.down.load(Ordering::Relaxed));
            let jitter = u16::from_be_bytes(self.entropy.bytes());
            let Some(gap) = self.patience.gap(fault, done, spent, jitter, down) else {
                self.down.store(fault == Fault::Broken, Ordering::Relaxed);
                return Err(error);
            };
            self.clock.pause(gap).await;
            done += 1;
        }
    }

    async fn send(&self, ask: &ApiRequest, token: Option<&Secret<String>>) -> std::result::Result<Reply, Failed> {
        let answer = match self.exchange(ask, token).await {
            Ok(body) => Reply::read(ask.call, &body, |text| ask.scrub(token, text)).map_err(Failed::told),
            Err(failed) => Err(failed),
        };
        let errcode = answer.as_ref().map_or_else(|failed| failed.error.errcode, |_| Some(0));
        tracing::debug!(call = ask.call, errcode, "asked WeCom");
        answer
    }

    async fn exchange(&self, ask: &ApiRequest, token: Option<&Secret<String>>) -> std::result::Result<Vec<u8>, Failed> {
        let url = self.url(ask, token).map_err(Failed::lasting)?;
        let request = match &ask.body {
            None => self.http.get(url),
            // serde_json writes raw UTF-8, as WeCom wants (reference 1.1, code 40033).
            Some(body) => self.http.post(url).json(body),
        };
        let outcome = self.home.run(body_of(ask.call, request)).await;
        outcome.map_err(|error| Failed::lasting(WeComError::without_code(ask.call, Class::Retry, error.to_string())))?
    }

    fn url(&self, ask: &ApiRequest, token: Option<&Secret<String>>) -> std::result::Result<Url, WeComError> {
        let address = format!("{}/cgi-bin/{}", self.base, ask.call);
        let mut url = Url::parse(&address)
            .map_err(|_| WeComError::without_code(ask.call, Class::Defect, "the API base URL is not understood"))?;
        {
            let mut pairs = url.query_pairs_mut();
            if let Some(token) = token {
                pairs.append_pair("access_token", token.expose());
            }
            pairs.extend_pairs(&ask.query);
        }
        Ok(url)
    }
}

/// Sends a request; the body of its reply.
async fn body_of(call: &'static str, request: reqwest::RequestBuilder) -> std::result::Result<Vec<u8>, Failed> {
    let broken = |error: reqwest::Error| broken(call, error);
    let mut response = request.send().await.map_err(broken)?;
    let status = response.status();
    if status != reqwest::StatusCode::OK {
        let error = WeComError::without_code(call, Class::Retry, format!("HTTP status {}", status.as_u16()));
        // 408 and 429 come from gateways in between; WeCom itself has neither (reference 1.1).
        let passing = status.is_server_error() || matches!(status.as_u16(), 408 | 429);
        return Err(if passing {
            Failed::broken(error)
        } else {
            Failed::lasting(error)
        });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len().saturating_add(chunk.len()) > LARGEST_REPLY {
            let error = WeComError::without_code(call, Class::Defect, "the reply is too large");
            return Err(Failed::lasting(error));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A connection that failed. One whose certificate is not trusted fails the same way a moment later.
fn broken(call: &'static str, error: reqwest::Error) -> Failed {
    let untrusted = certificate::untrusted(&error).is_some();
    let error = WeComError::without_code(call, Class::Retry, words(error));
    if untrusted {
        Failed::lasting(error)
    } else {
        Failed::broken(error)
    }
}

/// What went wrong on the connection, with its root cause and without the URL.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    if let Some(why) = certificate::untrusted(&error) {
        return format!("the certificate is not trusted: {why}");
    }
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    let mut root: Option<&dyn Error> = error.source();
    while let Some(next) = root.and_then(Error::source) {
        root = Some(next);
    }
    root.map_or_else(|| kind.to_owned(), |root| format!("{kind}: {root}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::testing::{Reaction, Stub};

    fn transport(base: &str) -> Transport {
        let http = build_client(None, Duration::from_secs(5)).unwrap();
        over(http, base)
    }

    fn over(http: HttpClient, base: &str) -> Transport {
        let clock = Clock::manual(crate::kernel::clock::Timestamp::from_secs(1_760_000_000));
        Transport::new(http, base, clock, Entropy::seeded(1))
    }

    async fn failing(stub: &Stub) -> WeComError {
        let ask = ApiRequest::new("user/get").with("userid", "li hua&x=+");
        transport(&stub.base).ask(&ask, None).await.err().unwrap()
    }

    #[tokio::test]
    async fn broken_replies_are_worth_another_try() {
        let reactions = [
            Reaction::Html(502),
            Reaction::Html(200),
            Reaction::Raw(503, r#"{"note":"no errcode, but not 200 either"}"#.to_owned()),
            Reaction::Raw(302, String::new()),
            Reaction::Raw(200, r#"{"errcode":0,"name":"tru"#.to_owned()),
            Reaction::Reset,
            Reaction::Short,
        ];
        for reaction in reactions {
            let stub = Stub::start(move |_| reaction.clone());
            let error = failing(&stub).await;
            assert_eq!((error.class, error.errcode), (Class::Retry, None), "{error}");
        }
    }

    #[tokio::test]
    async fn a_silent_server_is_worth_another_try() {
        let stub = Stub::start(|_| Reaction::Silence);
        let http = build_client(None, Duration::from_millis(50)).unwrap();
        let silent = over(http, &stub.base);
        let error = silent.ask(&ApiRequest::new("user/get"), None).await.err().unwrap();
        assert_eq!(error.class, Class::Retry);
        assert!(error.message.starts_with("timed out"), "{error}");
    }

    #[tokio::test]
    async fn an_unreachable_server_is_worth_another_try_and_its_url_stays_secret() {
        let ask = ApiRequest::new("gettoken").with("corpsecret", "hush-hush");
        let error = transport("http://127.0.0.1:1").ask(&ask, None).await.err().unwrap();
        assert_eq!(error.class, Class::Retry);
        assert!(!format!("{error} {error:?}").contains("hush"));
    }

    #[tokio::test]
    async fn a_read_that_broke_or_met_a_busy_wecom_is_repeated_within_the_patience_of_who_asks() {
        let reactions = [
            (Reaction::json(r#"{"errcode":-1,"errmsg":"system busy"}"#), 3, 4),
            (Reaction::json(r#"{"errcode":6000}"#), 3, 4),
            (Reaction::json(r#"{"errcode":45033}"#), 3, 4),
            (Reaction::Html(502), 3, 7),
            (Reaction::Html(200), 3, 7),
            (Reaction::Raw(200, r#"{"errcode":0,"name":"tru"#.to_owned()), 3, 7),
            (Reaction::Reset, 3, 7),
            (Reaction::Short, 3, 7),
            // The same a moment later.
            (Reaction::Html(404), 1, 1),
            (Reaction::Raw(302, String::new()), 1, 1),
            (Reaction::json(r#"{"errcode":45009}"#), 1, 1),
            (Reaction::json(r#"{"errcode":60111}"#), 1, 1),
        ];
        for (reaction, person, background) in reactions {
            let shown = format!("{reaction:?}");
            for (patience, asked) in [(Patience::Person, person), (Patience::Background, background)] {
                let answer = reaction.clone();
                let stub = Stub::start(move |_| answer.clone());
                let transport = transport(&stub.base).with_patience(patience);
                assert!(transport.ask(&ApiRequest::new("user/get"), None).await.is_err());
                assert_eq!(stub.count("user/get"), asked, "{patience:?} {shown}");
                for once in ["auth/getuserinfo", "auth/getuserdetail", "message/send"] {
                    assert!(transport.ask(&ApiRequest::new(once), None).await.is_err());
                    assert_eq!(stub.count(once), 1, "{patience:?} {shown}");
                }
            }
        }
    }

    #[tokio::test]
    async fn one_broken_reply_is_made_good_by_the_next() {
        let calls = std::sync::atomic::AtomicUsize::new(0);
        let stub = Stub::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
            0 => Reaction::Reset,
            _ => Reaction::json("{}"),
        });
        assert!(
            transport(&stub.base)
                .ask(&ApiRequest::new("user/get"), None)
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn while_wecom_is_down_each_further_read_is_repeated_once_only() {
        let stub = Stub::start(|_| Reaction::Reset);
        let transport = transport(&stub.base).with_patience(Patience::Background);
        for _ in 0..3 {
            assert!(transport.ask(&ApiRequest::new("tag/list"), None).await.is_err());
        }
        assert_eq!(stub.count("tag/list"), 7 + 2 + 2);
    }

    #[tokio::test]
    async fn parameters_arrive_as_they_were_given() {
        let stub = Stub::start(|_| Reaction::json("{}"));
        let ask = ApiRequest::new("user/get")
            .with("userid", "li+hua&x=/é")
            .body(serde_json::json!({"姓": "李"}));
        let token = Secret::new("t/+=".to_owned());
        assert!(
            transport(&format!("{}/", stub.base))
                .ask(&ask, Some(&token))
                .await
                .is_ok()
        );
        let call = stub.calls().remove(0);
        assert_eq!(
            (call.path.as_str(), call.body.as_str()),
            ("/cgi-bin/user/get", r#"{"姓":"李"}"#)
        );
        assert_eq!(call.query("userid").as_deref(), Some("li+hua&x=/é"));
        assert_eq!(call.query("access_token").as_deref(), Some("t/+="));
    }

    #[tokio::test]
    async fn our_secrets_are_removed_from_wecoms_words() {
        let stub = Stub::start(|call| {
            let echo = format!("bad {} {}", call.target, call.query("code").unwrap());
            Reaction::json(&serde_json::json!({"errcode": 40029, "errmsg": echo}).to_string())
        });
        let ask = ApiRequest::new("auth/getuserinfo").with("code", "CODE+1");
        let token = Secret::new("TOKEN/1".to_owned());
        let error = transport(&stub.base).ask(&ask, Some(&token)).await.err().unwrap();
        let shown = format!("{error} {error:?}");
        assert_eq!(error.errcode, Some(40029));
        assert!(!shown.contains("CODE") && !shown.contains("TOKEN"), "{shown}");
    }

    #[tokio::test]
    async fn the_proxy_carries_the_calls() {
        let stub = Stub::start(|_| Reaction::json("{}"));
        let http = build_client(Some(&stub.base), Duration::from_secs(5)).unwrap();
        let proxied = over(http, "http://wecom.invalid");
        assert!(proxied.ask(&ApiRequest::new("tag/list"), None).await.is_ok());
        assert_eq!(stub.calls().remove(0).path, "http://wecom.invalid/cgi-bin/tag/list");
    }

    #[test]
    fn a_proxy_that_is_no_url_is_refused_without_repeating_it() {
        assert!(build_client(Some("http://127.0.0.1:3128"), Duration::from_secs(1)).is_ok());
        let failure = build_client(Some("http://user:pass word@[::"), Duration::from_secs(1)).unwrap_err();
        assert_eq!(failure.entry.number, "WC-101");
        assert!(!failure.to_string().contains("pass"));
    }
}
