//! Turns a failure into an HTTP reply (problem JSON, RFC 9457). Handlers of the admin API return `Result<_, Failure>`; pages go through
//! [`page::failed`](super::page::failed); the OAuth endpoints map theirs in `oidc` because RFC 6749 prescribes the shape.
//!
//! Whatever shows a reference leaves what it told in the reply ([`Told::in_reply`]); the middleware in `app` logs and records it from there.

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::reference;
use crate::{
    catalogue,
    kernel::failure::{Failure, FieldFault},
};

catalogue! {
    /// Failures of HTTP itself, before any feature is called.
    pub enum WebFailure {
        /// The body is not what the operation takes.
        Malformed = "WB-101", 400, "The request could not be read.",
            "无法读取该请求。", "The detail names the field and what was expected there.", "详情列出了有误的字段及其要求。";
        /// No such page or resource.
        NotFound = "WB-102", 404, "There is nothing at this address.",
            "此地址没有内容。", "Check the path; the API is described in docs/api.md.", "请检查路径；API的说明见docs/api.zh-CN.md。";
        /// The body is larger than the limit.
        TooLarge = "WB-103", 413, "The request is too large.",
            "请求内容过大。", "The limit is 1 MiB for the admin API and 64 KiB elsewhere.", "管理API的上限为1MiB，其他为64KiB。";
        /// The method does not exist at this path.
        MethodNotAllowed = "WB-104", 405, "This address does not take that method.",
            "此地址不支持该请求方法。", "See the Allow header.", "可用的请求方法见Allow头。";
        /// The content type is not one the operation takes.
        UnsupportedMediaType = "WB-105", 415, "The request has a content type that is not understood here.",
            "不支持的内容类型。", "Send application/json to the admin API and form fields to the OAuth endpoints.", "管理API请发送application/json，OAuth端点请发送表单字段。";
        /// Too many anonymous requests from one address.
        TooMany = "WB-106", 429, "Too many sign-ins were begun from this address. Try again in ten minutes.",
            "此地址发起的登录过多，请十分钟后重试。", "Raise server.strangers_per_ten_minutes if many people share one address; check server.trusted_proxies behind a proxy.",
            "如果许多人共用一个地址，请调高server.strangers_per_ten_minutes；如果前面有代理，请检查server.trusted_proxies。";
        /// The body did not arrive in time.
        TooSlow = "WB-120", 408, "The request did not arrive in time.",
            "请求未能及时送达。", "Send the whole body at once. See server.body_timeout and server.minimum_rate.", "请一次发送完整的请求体。参见server.body_timeout和server.minimum_rate。";
        /// A text holds characters that no field takes.
        ControlCharacters = "WB-170", 422, "A text holds control characters.",
            "文本中含有控制字符。", "The detail names each field; leave out NUL and other control characters. Line breaks are for descriptions, reasons and postal addresses only.",
            "详情列出了有误的字段；请去掉NUL和其他控制字符。只有说明、理由和邮寄地址中可以换行。";
    }
}

/// A problem (RFC 9457 §3), with our number and the reference of this occurrence.
#[derive(Serialize, ToSchema)]
pub struct Problem<'a> {
    /// `urn:menjin:failure:` and the number (RFC 9457 §3.1.1).
    #[schema(format = "uri", example = "urn:menjin:failure:AD-103")]
    r#type: String,
    /// What failed, in a sentence in English.
    #[schema(example = "The role of this API token does not allow that.")]
    title: &'a str,
    /// The same sentence in Chinese.
    #[schema(example = "该 API 令牌的角色无权执行此操作。")]
    title_zh: &'a str,
    /// HTTP status of the reply.
    #[schema(minimum = 400, maximum = 599, example = 403)]
    status: u16,
    /// What is particular to this occurrence: which field, and what is expected there. Absent where there is nothing to add.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        example = "this needs the role admin; the token has the role auditor"
    )]
    detail: Option<&'a str>,
    /// What an admin or integrator can do about it, in English.
    #[schema(example = "The detail names the role that is needed.")]
    remedy: &'a str,
    /// The same in Chinese.
    #[schema(example = "详情列出了所需的角色。")]
    remedy_zh: &'a str,
    /// Stable reference number: two letters of the feature and three digits, explained in `docs/errors.md`.
    #[schema(pattern = "^[A-Z]{2}-[0-9]{3}$", example = "AD-103")]
    number: &'a str,
    /// Code of this occurrence: under it the log, the audit log and the traces have what happened.
    #[schema(example = "7KQ2-M4XD")]
    reference: &'a str,
    /// Which fields are wrong, where each has a number of its own; absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem<'a>>,
}

/// What is wrong with one field (RFC 9457 §3, the example's `errors`): a field of the body by `pointer`, a parameter of the query string by
/// its name.
#[derive(Serialize, ToSchema)]
struct FieldProblem<'a> {
    /// The field of the body, as a JSON pointer in a URI's fragment (RFC 6901 §6).
    #[schema(example = "#/corp_id")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pointer: Option<String>,
    /// The parameter of the query string.
    #[schema(example = "limit")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameter: Option<&'a str>,
    /// Stable reference number.
    #[schema(pattern = "^[A-Z]{2}-[0-9]{3}$")]
    number: &'a str,
    /// What is wrong, in a sentence in English.
    title: &'a str,
    /// The same sentence in Chinese.
    title_zh: &'a str,
    /// What was seen.
    detail: &'a str,
    /// What to do about it, in English.
    remedy: &'a str,
    /// The same in Chinese.
    remedy_zh: &'a str,
    /// Where in WeCom's console it is mended; absent: not there.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    place: Option<&'a str>,
}

impl<'a> FieldProblem<'a> {
    fn of(fault: &'a FieldFault) -> Self {
        Self {
            pointer: fault.parameter.is_none().then(|| format!("#{}", fault.pointer)),
            parameter: fault.parameter.as_deref(),
            number: fault.entry.number,
            title: fault.entry.en,
            title_zh: fault.entry.zh,
            detail: &fault.detail,
            remedy: fault.entry.remedy,
            remedy_zh: fault.entry.remedy_zh,
            place: fault.place,
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let told = Told::of(self);
        let problem = Problem {
            r#type: format!("urn:menjin:failure:{}", self.entry.number),
            title: self.entry.en,
            title_zh: self.entry.zh,
            status: self.entry.status,
            detail: self.detail.as_deref(),
            remedy: self.entry.remedy,
            remedy_zh: self.entry.remedy_zh,
            number: self.entry.number,
            reference: &told.reference,
            errors: self.faults.iter().map(FieldProblem::of).collect(),
        };
        let reply = HttpResponse::build(self.status_code())
            .content_type("application/problem+json")
            .insert_header(("cache-control", "no-store"))
            .body(serde_json::to_vec(&problem).unwrap_or_default());
        told.in_reply(reply)
    }
}

/// A failure as it was told to somebody, under the reference they were shown.
#[derive(Clone, Debug)]
pub struct Told {
    /// What failed.
    pub failure: Failure,
    /// Code of this occurrence.
    pub reference: String,
}

impl Told {
    /// The failure under the reference it has in the audit log already, or under a new one.
    pub fn of(failure: &Failure) -> Self {
        Self {
            failure: failure.clone(),
            reference: match &failure.recorded {
                Some(recorded) => recorded.clone(),
                None => reference::new(),
            },
        }
    }

    /// Leaves this in the reply that shows the reference, for the middleware that logs and records it.
    pub fn in_reply(self, mut reply: HttpResponse) -> HttpResponse {
        reply.extensions_mut().insert(self);
        reply
    }

    /// Takes what was told out of a reply.
    pub fn take<B>(reply: &mut HttpResponse<B>) -> Option<Self> {
        reply.extensions_mut().remove::<Self>()
    }
}
