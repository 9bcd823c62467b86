//! Failures of pushed (PAR) and signed (JAR) authorization requests.

use crate::{catalogue, kernel::failure::Failure, oidc::failure::Fault};

catalogue! {
    /// Failures of pushed (RFC 9126) and signed (RFC 9101) authorization requests.
    pub enum RequestFailure {
        /// Not pushed here, too old, used, or another client's: deliberately one answer.
        RequestUriUnknown = "OP-220", 400, "The pushed authorization request is unknown, has expired or was used. Go back to the application and start again.",
            "该授权请求不存在、已过期或已使用，请返回应用重新开始。", "A request_uri lives 60 seconds, works for the client that pushed it, and ends when a code was issued.", "request_uri的有效期为60秒，只对推送它的门户有效，签发授权码后即结束。";
        /// `request_uri` at the PAR endpoint.
        RequestUriPushed = "OP-221", 400, "A request_uri cannot be pushed.",
            "不能推送 request_uri。", "Push the parameters themselves, or a request object in request (RFC 9126 section 2.1).", "请推送参数本身，或在request中推送请求对象（RFC 9126第2.1节）。";
        /// `request` and `request_uri` at once.
        TwoRequests = "OP-222", 400, "The parameters request and request_uri exclude each other.",
            "request 与 request_uri 不能同时使用。", "Send one of them (RFC 9101 section 5).", "请只发送其中之一（RFC 9101第5节）。";
        /// Larger than the limit.
        PushTooLarge = "OP-223", 413, "The pushed authorization request is too large.",
            "推送的授权请求过大。", "All parameters together may have 16 KiB.", "所有参数合计不得超过16KiB。";
        /// `client_id` is not who authenticated.
        PushForeign = "OP-224", 400, "The client_id is not that of the authenticated client.",
            "client_id 与通过身份验证的门户不一致。", "Send the same client_id, or leave it out.", "请发送相同的client_id，或将其省略。";
        /// The registration or profile demands PAR.
        PushRequired = "OP-225", 400, "This client must push its authorization requests.",
            "该应用必须使用推送授权请求（PAR）。", "Post the parameters to the pushed_authorization_request_endpoint first (RFC 9126).", "请先将参数提交到pushed_authorization_request_endpoint（RFC 9126）。";

        /// Not a signed JWT, or one under an algorithm no client may use.
        ObjectUnreadable = "OP-230", 400, "The request object is not a signed JWT.",
            "request 不是已签名的 JWT。", "Sign with RS256, PS256, ES256 or EdDSA; none, shared secrets and encryption are refused.", "请使用RS256、PS256、ES256或EdDSA签名；不接受none、共享密钥和加密。";
        /// Signed with an algorithm that registration or profile does not allow.
        ObjectAlgorithm = "OP-231", 400, "The request object is signed with an algorithm this client may not use.",
            "request 的签名算法不符合登记。", "Use metadata.request_object_signing_alg if it is set; a FAPI client uses PS256, ES256 or EdDSA.",
            "如已设置metadata.request_object_signing_alg，请使用该算法；FAPI门户使用PS256、ES256或EdDSA。";
        /// No key of the client verifies the signature.
        ObjectSignature = "OP-232", 400, "The signature of the request object is not one of this client.",
            "request 的签名无效。", "Register the public key in metadata.jwks or publish it at metadata.jwks_uri.", "请在metadata.jwks中登记公钥，或在metadata.jwks_uri处发布。";
        /// The keys could not be fetched from `jwks_uri`.
        ObjectKeysUnreachable = "OP-233", 400, "The keys for the request object could not be fetched.",
            "无法获取 request 的签名公钥。", "The log line with this reference has the cause; check metadata.jwks_uri and outbound.allow.", "日志中带有该参考码的一行记录了原因；请检查metadata.jwks_uri和outbound.allow。";
        /// `typ`, `iss`, `aud` or `client_id` is wrong.
        ObjectClaims = "OP-234", 400, "The request object does not say what it must.",
            "request 的内容不符合要求。", "typ oauth-authz-req+jwt or none; iss and client_id the client_id; aud the issuer. The detail names the member.",
            "typ须为oauth-authz-req+jwt或省略；iss和client_id须为client_id；aud须为签发者（issuer）。详情列出了有误的成员。";
        /// Expired, not valid yet, or valid for too long.
        ObjectLifetime = "OP-235", 400, "The request object has expired, is not valid yet, or lives too long.",
            "request 已过期、尚未生效或有效期过长。", "Check exp and nbf; a FAPI client sends both, at most 60 minutes apart and old.", "请检查exp和nbf；FAPI门户须同时发送两者，间隔不超过60分钟，nbf也不得早于60分钟之前。";
        /// It contains `request` or `request_uri`.
        ObjectNested = "OP-236", 400, "A request object cannot hold another.",
            "request 不能嵌套。", "Leave request and request_uri out of it (RFC 9101 section 4).", "请去掉其中的request和request_uri（RFC 9101第4节）。";
        /// The registration demands a request object.
        ObjectRequired = "OP-237", 400, "This client must sign its authorization requests.",
            "该应用必须签名其授权请求。", "Send the parameters in a signed request object (RFC 9101).", "请在已签名的请求对象中发送参数（RFC 9101）。";
    }
}

impl RequestFailure {
    /// The OAuth error code sent for it (RFC 9101 §7, RFC 9126 §2.3, OpenID Connect Core 3.1.2.6).
    const fn error(self) -> &'static str {
        match self {
            Self::RequestUriUnknown => "invalid_request_uri",
            Self::ObjectUnreadable
            | Self::ObjectAlgorithm
            | Self::ObjectSignature
            | Self::ObjectKeysUnreachable
            | Self::ObjectClaims
            | Self::ObjectLifetime
            | Self::ObjectNested => "invalid_request_object",
            _ => "invalid_request",
        }
    }

    /// A fault of this kind with a hint for the integrator.
    pub fn because(self, detail: &str) -> Fault {
        let mut fault = Fault::from(self);
        fault.failure.detail = Some(detail.to_owned());
        fault
    }

    /// A fault of this kind; the cause is only logged.
    pub fn caused_by(self, cause: &Failure) -> Fault {
        let mut fault = Fault::from(self);
        fault.failure.cause = Some(cause.to_string());
        fault
    }
}

impl From<RequestFailure> for Fault {
    fn from(kind: RequestFailure) -> Self {
        Self {
            error: kind.error(),
            failure: kind.failure(),
        }
    }
}
