//! Turns a failure into an HTTP reply (problem JSON, RFC 9457). Handlers of the admin API return `Result<_, Failure>`; pages go through
//! [`page::failed`](super::page::failed); the OAuth endpoints map theirs in `oidc` because RFC 6749 prescribes the shape.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;

use super::reference;
use crate::{catalogue, kernel::failure::Failure};

catalogue! {
    /// Failures of HTTP itself, before any feature is called.
    pub enum WebFailure {
        /// The body is not what the operation takes.
        Malformed = "WB-101", 400, "The request could not be read.",
            "无法读取该请求。", "The detail names the field and what was expected there.";
        /// No such page or resource.
        NotFound = "WB-102", 404, "There is nothing at this address.",
            "此地址没有内容。", "Check the path; the API is described in docs/connect.md.";
        /// The body is larger than the limit.
        TooLarge = "WB-103", 413, "The request is too large.",
            "请求内容过大。", "The limit is 1 MiB for the admin API and 64 KiB elsewhere.";
        /// The method does not exist at this path.
        MethodNotAllowed = "WB-104", 405, "This address does not take that method.",
            "此地址不支持该请求方法。", "See the Allow header.";
        /// The content type is not one the operation takes.
        UnsupportedMediaType = "WB-105", 415, "The request has a content type that is not understood here.",
            "不支持的内容类型。", "Send application/json to the admin API and form fields to the OAuth endpoints.";
        /// Too many anonymous requests from one address.
        TooMany = "WB-106", 429, "Too many sign-ins were begun from this address. Try again in ten minutes.",
            "此地址发起的登录过多，请十分钟后重试。", "Raise server.strangers_per_ten_minutes if many people share one address; check server.trusted_proxies behind a proxy.";
        /// The body did not arrive in time.
        TooSlow = "WB-120", 408, "The request did not arrive in time.",
            "请求未能及时送达。", "Send the whole body at once. See server.body_timeout and server.minimum_rate.";
        /// A text holds characters that no field takes.
        ControlCharacters = "WB-170", 422, "A text holds control characters.",
            "文本中含有控制字符。", "The detail names each field; leave out NUL and other control characters. Line breaks are for descriptions and postal addresses only.";
    }
}

/// A problem body (RFC 9457 §3), with our number and the reference of this occurrence.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    remedy: &'a str,
    number: &'a str,
    reference: &'a str,
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let reference = reference::new();
        log(self, &reference);
        let problem = Problem {
            r#type: format!("urn:menjin:failure:{}", self.entry.number),
            title: self.entry.en,
            status: self.entry.status,
            detail: self.detail.as_deref(),
            remedy: self.entry.remedy,
            number: self.entry.number,
            reference: &reference,
        };
        HttpResponse::build(self.status_code())
            .content_type("application/problem+json")
            .insert_header(("cache-control", "no-store"))
            .body(serde_json::to_vec(&problem).unwrap_or_default())
    }
}

/// Writes the log line of a reference; the only place where a cause is shown.
pub fn log(failure: &Failure, reference: &str) {
    let (number, detail, cause) = (
        failure.entry.number,
        failure.detail.as_deref(),
        failure.cause.as_deref(),
    );
    if failure.entry.status >= 500 {
        tracing::error!(number, reference, detail, cause, "{}", failure.entry.en);
    } else {
        tracing::info!(number, reference, detail, cause, "{}", failure.entry.en);
    }
}
