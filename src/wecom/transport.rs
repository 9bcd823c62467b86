//! HTTP transport to WeCom: the one file of this room that uses reqwest. Builds the HTTP client, sends one request, hands over its reply in parts.
//!
//! Connections live on the home runtime, which everybody else's commits wait for too: only bytes are moved there. What is made of them is done where
//! the caller is, while the next part comes.
//!
//! Every URL carries a secret (reference 1.3 rule 6), so no URL and no header is ever logged or part of an error. It deliberately does
//! not know tokens' lifetimes ([`super::tokens`]) nor the meaning of codes ([`super::classify`]).

use std::{
    error::Error,
    pin::pin,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

pub use reqwest::Client as HttpClient;
use reqwest::{
    Certificate, ClientBuilder, RequestBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
};
use tokio::sync::mpsc;
use url::Url;

use super::{
    api_request::ApiRequest,
    attempt::Failed,
    call_counter::CallCounter,
    download_guard::DownloadGuard,
    error::{Class, WeComError},
    failure::WeComFailure,
    held_body::Room,
    patience::Patience,
    reply_record::ReplyRecord,
    server_clock::ServerClock,
};
use crate::kernel::{
    certificate,
    clock::Clock,
    entropy::Entropy,
    failure::{Failure, Result},
    home_runtime::HomeRuntime,
    secret::Secret,
};

/// Longest wait for a TCP and TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes of a body that are handed over at once, or more where more came at once.
const PART: usize = 64 * 1024;
/// Parts that may wait for whoever reads them.
const PARTS_AHEAD: usize = 4;
/// Longest time for a long list, while it keeps coming.
pub(super) const LIST_TIMEOUT: Duration = Duration::from_secs(120);

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
    client_builder(ca, proxy, timeout)?.build().map_err(unusable)
}

/// The same for the files of exports, beside the API at this base: names lead to public addresses only. Through a proxy, that one resolves
/// them; the only name that is resolved here then is its own, which whoever configured it chose.
///
/// # Errors
/// As [`build_client_trusting`].
pub fn build_download_client(
    ca: Option<&[u8]>,
    proxy: Option<&str>,
    timeout: Duration,
    api: &str,
) -> Result<HttpClient> {
    let mut builder = client_builder(ca, proxy, timeout)?;
    if proxy.is_none() {
        builder = builder.dns_resolver(Arc::new(GuardedResolver(DownloadGuard::beside(api))));
    }
    builder.build().map_err(unusable)
}

fn unusable(error: reqwest::Error) -> Failure {
    WeComFailure::ProxyInvalid.failure().cause(error.without_url())
}

fn client_builder(ca: Option<&[u8]>, proxy: Option<&str>, timeout: Duration) -> Result<ClientBuilder> {
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
    Ok(builder)
}

/// A DNS resolver that resolves like the system does and keeps only addresses that may be called: the address that was checked is the one
/// connected to.
struct GuardedResolver(DownloadGuard);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept: Vec<_> = found
                .filter(|address| guard.permits(name.as_str(), address.ip()))
                .collect();
            if kept.is_empty() {
                return Err("the name leads to a private network".into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// Sends calls to one API base.
#[derive(Clone)]
pub(super) struct Transport {
    pub(super) http: HttpClient,
    pub(super) base: String,
    pub(super) guard: DownloadGuard,
    /// For names of hosts other than the API's; `None`: they are not called.
    pub(super) downloads: Option<HttpClient>,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
    pub(super) patience: Patience,
    /// The last read was given up after all its repetitions.
    pub(super) down: Arc<AtomicBool>,
    /// The same of downloads, whose hosts are others than the API's.
    pub(super) downloads_down: Arc<AtomicBool>,
    pub(super) calls: CallCounter,
    pub(super) record: Option<ReplyRecord>,
    /// Where replies are held back that came before, by the record.
    pub(super) room: Room,
    pub(super) home: HomeRuntime,
    pub(super) server_clock: ServerClock,
}

impl Transport {
    /// To be called on the home runtime, on which connections then live: workers that share them may end at any time.
    pub(super) fn new(http: HttpClient, base: &str, clock: Clock, entropy: Entropy) -> Self {
        Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            guard: DownloadGuard::beside(base),
            downloads: None,
            clock,
            entropy,
            patience: Patience::Person,
            down: Arc::default(),
            downloads_down: Arc::default(),
            calls: CallCounter::default(),
            record: None,
            room: Room::default(),
            home: HomeRuntime::current(),
            server_clock: ServerClock::default(),
        }
    }

    /// The same transport for whoever has this patience.
    pub(super) fn with_patience(&self, patience: Patience) -> Self {
        Self {
            patience,
            down: Arc::default(),
            downloads_down: Arc::default(),
            ..self.clone()
        }
    }

    /// The same transport, with a client for downloads.
    pub(super) fn downloading_with(&self, http: HttpClient) -> Self {
        Self {
            downloads: Some(http),
            ..self.clone()
        }
    }

    /// The same transport, whose requests are counted here.
    pub(super) fn counting(&self, calls: &CallCounter) -> Self {
        Self {
            calls: calls.clone(),
            ..self.clone()
        }
    }

    /// One exchange; hands over the body of its reply as it comes. False: there is no such path.
    pub(super) async fn exchange(
        &self,
        path: &'static str,
        (ask, token): (&ApiRequest, Option<&Secret<String>>),
        take: impl FnMut(Vec<u8>) -> Result<(), WeComError> + Send,
    ) -> Result<bool, Failed> {
        let url = self.url(path, ask, token).map_err(Failed::lasting)?;
        let mut request = match &ask.body {
            None => self.http.get(url),
            // serde_json writes raw UTF-8, as WeCom wants (reference 1.1, code 40033).
            Some(body) => self.http.post(url).json(body),
        };
        self.calls.count();
        if ask.rows.is_some() {
            request = request.timeout(LIST_TIMEOUT);
        }
        self.receive(path, request, self.server_clock.clone(), take).await
    }

    /// Sends a request, and hands over the body of its reply as it comes. False: HTTP 404.
    pub(super) async fn receive(
        &self,
        call: &'static str,
        request: RequestBuilder,
        theirs: ServerClock,
        mut take: impl FnMut(Vec<u8>) -> Result<(), WeComError> + Send,
    ) -> Result<bool, Failed> {
        let (sender, mut parts) = mpsc::channel(PARTS_AHEAD);
        let work = send_parts(call, request, sender, (theirs, self.clock.clone()));
        let mut sending = pin!(self.home.run(work));
        let ended = loop {
            tokio::select! {
                biased;
                Some(part) = parts.recv() => take(part).map_err(Failed::lasting)?,
                ended = &mut sending => break ended,
            }
        };
        let last = ended.map_err(|error| {
            let error = WeComError::without_code(call, Class::Retry, error.to_string());
            Failed::lasting(error)
        })??;
        while let Ok(part) = parts.try_recv() {
            take(part).map_err(Failed::lasting)?;
        }
        let Some(last) = last else { return Ok(false) };
        take(last).map_err(Failed::lasting)?;
        Ok(true)
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
                pairs.append_pair(ask.token_parameter, token.expose());
            }
            pairs.extend_pairs(&ask.query);
        }
        Ok(url)
    }
}

/// Sends a request, and the body of its reply in parts; the last part, `None` with HTTP 404. A short body is but one.
async fn send_parts(
    call: &'static str,
    request: RequestBuilder,
    parts: mpsc::Sender<Vec<u8>>,
    (theirs, ours): (ServerClock, Clock),
) -> Result<Option<Vec<u8>>, Failed> {
    let broken = |error: reqwest::Error| broken(call, error);
    let mut response = request.send().await.map_err(broken)?;
    if let Some(date) = response.headers().get(reqwest::header::DATE) {
        theirs.note(date.as_bytes(), ours.now());
    }
    let status = response.status();
    if status == reqwest::StatusCode::NOT_FOUND {
        return Ok(None);
    }
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
    let mut part = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if !part.is_empty() && part.len() + chunk.len() > PART {
            let full = std::mem::replace(&mut part, Vec::with_capacity(PART));
            let nobody = |_| WeComError::without_code(call, Class::Retry, "nobody waits for the reply");
            parts.send(full).await.map_err(|error| Failed::lasting(nobody(error)))?;
        }
        part.extend_from_slice(&chunk);
    }
    Ok(Some(part))
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
#[path = "transport_tests.rs"]
mod tests;
