//! HTTP transport to WeCom: the one file of this room that uses reqwest. Builds the HTTP client, sends one call, reads the reply.
//!
//! Every URL carries a secret (reference 1.3 rule 6), so no URL and no header is ever logged or part of an error. It deliberately does
//! not know tokens' lifetimes ([`super::tokens`]) nor the meaning of codes ([`super::classify`]).

use std::{error::Error, time::Duration};

use reqwest::Certificate;
pub use reqwest::Client as HttpClient;
use url::Url;

use super::{
    api_request::ApiRequest,
    classify::BUSY,
    error::{Class, WeComError},
    failure::WeComFailure,
    reply::Reply,
};
use crate::kernel::{certificate, failure::Result, home_runtime::HomeRuntime, secret::Secret};

/// Longest wait for a TCP and TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Largest reply read: 30 000 departments stay far below (reference 5.2).
const LARGEST_REPLY: usize = 32 * 1024 * 1024;
/// Largest list of members read: 30 000 members with all official fields are some 37 MiB (reference 17.2).
const LARGEST_LIST: usize = 128 * 1024 * 1024;
/// Longest time for a list of members, while it keeps coming.
const LIST_TIMEOUT: Duration = Duration::from_secs(120);

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
        .read_timeout(timeout)
        .no_proxy();
    if let Some(proxy) = proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| WeComFailure::ProxyInvalid.failure())?);
    }
    builder.build().map_err(unusable)
}

/// Sends calls to one API base.
pub(super) struct Transport {
    http: HttpClient,
    pub(super) base: String,
    busy_delays: [Duration; 3],
    home: HomeRuntime,
}

impl Transport {
    /// To be called on the home runtime, on which connections then live: workers that share them may end at any time.
    pub(super) fn new(http: HttpClient, base: &str, busy_delays: [Duration; 3]) -> Self {
        Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            busy_delays,
            home: HomeRuntime::current(),
        }
    }

    /// The same transport with other retry delays.
    pub(super) fn tuned(&self, busy_delays: [Duration; 3]) -> Self {
        Self {
            http: self.http.clone(),
            base: self.base.clone(),
            busy_delays,
            home: self.home.clone(),
        }
    }

    /// Sends a call, and again up to three times while WeCom says it is busy, unless the call must not be repeated.
    pub(super) async fn ask(
        &self,
        ask: &ApiRequest,
        token: Option<&Secret<String>>,
    ) -> std::result::Result<Reply, WeComError> {
        let delays: &[Duration] = if ask.single_use { &[] } else { &self.busy_delays };
        for delay in delays {
            match self.send(ask, token).await {
                Err(error) if error.errcode.is_some_and(|code| BUSY.contains(&code)) => {
                    tokio::time::sleep(*delay).await;
                }
                answer => return answer,
            }
        }
        self.send(ask, token).await
    }

    async fn send(&self, ask: &ApiRequest, token: Option<&Secret<String>>) -> std::result::Result<Reply, WeComError> {
        let answer = match self.exchange(ask, token).await {
            Ok(body) => Reply::read(ask.call, &body, |text| ask.scrub(token, text)),
            Err(error) => Err(error),
        };
        let errcode = answer.as_ref().map_or_else(|error| error.errcode, |_| Some(0));
        tracing::debug!(call = ask.call, errcode, "asked WeCom");
        answer
    }

    async fn exchange(
        &self,
        ask: &ApiRequest,
        token: Option<&Secret<String>>,
    ) -> std::result::Result<Vec<u8>, WeComError> {
        let mut found = self.exchange_at(ask.call, ask, token).await?;
        if let (None, Some(older)) = (&found, ask.older_path) {
            found = self.exchange_at(older, ask, token).await?;
        }
        found.ok_or_else(|| WeComError::without_code(ask.call, Class::Retry, "HTTP status 404"))
    }

    /// One exchange; `None`: there is no such path.
    async fn exchange_at(
        &self,
        path: &'static str,
        ask: &ApiRequest,
        token: Option<&Secret<String>>,
    ) -> std::result::Result<Option<Vec<u8>>, WeComError> {
        let url = self.url(path, ask, token)?;
        let mut request = match &ask.body {
            None => self.http.get(url),
            // serde_json writes raw UTF-8, as WeCom wants (reference 1.1, code 40033).
            Some(body) => self.http.post(url).json(body),
        };
        let mut largest = LARGEST_REPLY;
        if ask.long_list {
            request = request.timeout(LIST_TIMEOUT);
            largest = LARGEST_LIST;
        }
        let outcome = self.home.run(body_of(path, request, largest)).await;
        outcome.map_err(|error| WeComError::without_code(path, Class::Retry, error.to_string()))?
    }

    fn url(
        &self,
        path: &str,
        ask: &ApiRequest,
        token: Option<&Secret<String>>,
    ) -> std::result::Result<Url, WeComError> {
        let address = format!("{}/cgi-bin/{path}", self.base);
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

/// Sends a request; the body of its reply, `None` with HTTP 404.
async fn body_of(
    call: &'static str,
    request: reqwest::RequestBuilder,
    largest: usize,
) -> std::result::Result<Option<Vec<u8>>, WeComError> {
    let broken = |error: reqwest::Error| WeComError::without_code(call, Class::Retry, words(error));
    let mut response = request.send().await.map_err(broken)?;
    if response.status() == reqwest::StatusCode::NOT_FOUND {
        return Ok(None);
    }
    if response.status() != reqwest::StatusCode::OK {
        let status = response.status().as_u16();
        return Err(WeComError::without_code(
            call,
            Class::Retry,
            format!("HTTP status {status}"),
        ));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len().saturating_add(chunk.len()) > largest {
            return Err(WeComError::without_code(call, Class::Defect, "the reply is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
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
        Transport::new(http, base, [Duration::ZERO; 3])
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
        let silent = Transport::new(http, &stub.base, [Duration::ZERO; 3]);
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
    async fn busy_is_asked_four_times_in_all_and_then_given_up() {
        let stub = Stub::start(|_| Reaction::json(r#"{"errcode":-1,"errmsg":"system busy"}"#));
        assert_eq!(failing(&stub).await.class, Class::Retry);
        assert_eq!(stub.count("user/get"), 4);
        let code = ApiRequest::new("auth/getuserinfo").with("code", "c").single_use();
        assert!(transport(&stub.base).ask(&code, None).await.is_err());
        assert_eq!(stub.count("auth/getuserinfo"), 1);
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
        let ask = ApiRequest::new("auth/getuserinfo").with("code", "CODE+1").single_use();
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
        let proxied = Transport::new(http, "http://wecom.invalid", [Duration::ZERO; 3]);
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
