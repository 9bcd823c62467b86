//! HTTP client for portals' servers: the one file of this room that uses reqwest.
//!
//! Names are resolved by us, once per connection, and every resulting address is filtered: the address that was checked is the one
//! connected to, so a name cannot change its address in between (DNS rebinding).

use std::{net::IpAddr, sync::Arc, time::Duration};

use reqwest::{
    Certificate, Client, RequestBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::Value;
use url::{Host, Url};

use super::failure::OutboundFailure;
use crate::{
    config::OutboundConfig,
    kernel::{
        address, address_filter::AddressFilter, certificate, failure::Result, home_runtime::HomeRuntime, secret::Secret,
    },
    store::request_versions,
};

/// Largest reply read, bytes.
const LARGEST_REPLY: usize = 256 * 1024;

/// Longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Calls portals' servers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbound {
    http: Client,
    filter: Arc<AddressFilter>,
    home: HomeRuntime,
}

/// A server's reply.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body, at most 256 KiB of it.
    pub body: Vec<u8>,
    /// How long the server asks to be left alone (`Retry-After` in seconds), at most an hour.
    pub retry_after: Option<Duration>,
}

impl Outbound {
    /// A client that calls public addresses and those the operator allows. To be called on the home runtime, on which connections then
    /// live: workers that share them may end at any time.
    ///
    /// # Errors
    /// `OB-100` when the client cannot be built.
    pub fn new(config: &OutboundConfig) -> Result<Self> {
        let filter = Arc::new(AddressFilter::new(config.allow.clone()));
        let unusable = |error: reqwest::Error| OutboundFailure::NoClient.failure().cause(error);
        let trusted = match &config.ca {
            Some(pem) => Certificate::from_pem_bundle(pem).map_err(unusable)?,
            None => Vec::new(),
        };
        let http = Client::builder()
            .tls_backend_rustls()
            .tls_certs_merge(trusted)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("menjin/", env!("CARGO_PKG_VERSION")))
            .timeout(config.timeout)
            .dns_resolver(Arc::new(FilteringResolver(Arc::clone(&filter))))
            .no_proxy()
            .build()
            .map_err(unusable)?;
        Ok(Self {
            http,
            filter,
            home: HomeRuntime::current(),
        })
    }

    /// The JSON document at this address.
    ///
    /// # Errors
    /// `OB-101` and `OB-102` for addresses that may not be called, `OB-103` when the server does not answer, `OB-180` when its certificate is not trusted, `OB-104` for anything but 200
    /// with JSON.
    pub async fn get_json(&self, address: &str) -> Result<Value> {
        let url = self.checked_url(address)?;
        let answer = self.send(self.http.get(url).header(ACCEPT, "application/json")).await?;
        if answer.status != 200 {
            let cause = format!("{address}: HTTP status {}", answer.status);
            return Err(OutboundFailure::ReplyUnusable.failure().cause(cause));
        }
        serde_json::from_slice(&answer.body).map_err(|error| {
            let place = format!("{address}: line {}, column {}", error.line(), error.column());
            OutboundFailure::ReplyUnusable.failure().cause(place)
        })
    }

    /// Fetches a document; every HTTP status is an answer.
    ///
    /// # Errors
    /// As [`Outbound::get_json`], without `OB-104` for status and kind.
    pub async fn get(&self, address: &str) -> Result<Answer> {
        let url = self.checked_url(address)?;
        self.send(self.http.get(url)).await
    }

    /// Whether a server answers at this address, to whatever: asks for nothing but a head.
    ///
    /// # Errors
    /// As [`Outbound::get`].
    pub async fn reach(&self, address: &str) -> Result<()> {
        let url = self.checked_url(address)?;
        self.send(self.http.head(url)).await.map(drop)
    }

    /// Posts a form; every HTTP status is an answer.
    ///
    /// # Errors
    /// As [`Outbound::get_json`], without `OB-104` for the status.
    pub async fn post_form(&self, address: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let url = self.checked_url(address)?;
        self.send(self.http.post(url).form(fields)).await
    }

    /// Posts a JSON document, with further headers; every HTTP status is an answer.
    ///
    /// # Errors
    /// As [`Outbound::post_form`].
    pub async fn post_json(&self, address: &str, headers: &[(&str, String)], document: String) -> Result<Answer> {
        let url = self.checked_url(address)?;
        let mut request = self.http.post(url).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.send(request.body(document)).await
    }

    /// Posts a protobuf message to an address that the operator chose: it may be in any network, and reached by plain http.
    ///
    /// # Errors
    /// `OB-103` when the server does not answer, `OB-180` when its certificate is not trusted.
    pub async fn post_protobuf(
        &self,
        address: Url,
        headers: &[(String, Secret<String>)],
        message: Vec<u8>,
    ) -> Result<Answer> {
        let mut request = self.http.post(address).header(CONTENT_TYPE, "application/x-protobuf");
        for (name, value) in headers {
            request = request.header(name, value.expose());
        }
        self.send(request.body(message)).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer> {
        let outcome = self.home.run(answer_to(request)).await;
        request_versions::forget();
        outcome.map_err(|error| OutboundFailure::Unreachable.failure().cause(error))?
    }

    /// Checks the URL; a literal IP address never reaches the resolver, so it is filtered here.
    fn checked_url(&self, target: &str) -> Result<Url> {
        let invalid = || OutboundFailure::AddressInvalid.failure().detail(target);
        let url = address::absolute(target).ok_or_else(invalid)?;
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err(invalid()),
        };
        let loopback = literal.is_some_and(|ip| ip.is_loopback()) || url.host_str() == Some("localhost");
        let scheme = url.scheme() == "https" || url.scheme() == "http" && loopback;
        if !scheme || !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(invalid());
        }
        if literal.is_some_and(|ip| !self.filter.permits(ip)) {
            return Err(OutboundFailure::AddressPrivate.failure().detail(target));
        }
        Ok(url)
    }
}

async fn answer_to(request: RequestBuilder) -> Result<Answer> {
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    let wait = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let seconds: Option<u64> = wait.and_then(|seconds| seconds.trim().parse().ok());
    let retry_after = seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len().saturating_add(chunk.len()) > LARGEST_REPLY {
            return Err(OutboundFailure::ReplyUnusable.failure().cause("the reply is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        body,
        retry_after,
    })
}

fn unreachable(error: reqwest::Error) -> crate::kernel::failure::Failure {
    // Path and query of a webhook are secrets.
    let error = error.without_url();
    let mut root: &dyn std::error::Error = &error;
    while let Some(next) = root.source() {
        root = next;
    }
    if root.is::<PrivateAddressError>() {
        return OutboundFailure::AddressPrivate.failure().cause(root);
    }
    match certificate::untrusted(&error) {
        Some(why) => OutboundFailure::CertificateUntrusted.failure().cause(why),
        None => OutboundFailure::Unreachable.failure().cause(root),
    }
}

/// All addresses of this name are in networks that may not be called.
#[derive(Debug, thiserror::Error)]
#[error("{0} leads to a private network")]
struct PrivateAddressError(String);

/// A DNS resolver that resolves like the system does and keeps only addresses that may be called.
struct FilteringResolver(Arc<AddressFilter>);

impl Resolve for FilteringResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let filter = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept: Vec<_> = found.filter(|address| filter.permits(address.ip())).collect();
            if kept.is_empty() {
                return Err(PrivateAddressError(name.as_str().to_owned()).into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}
