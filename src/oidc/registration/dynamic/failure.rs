//! Errors of dynamic client registration, and the error code each is answered under (RFC 7591 §3.2.2, RFC 6750 §3.1).

use crate::{catalogue, kernel::failure::Failure, oidc::failure::Fault};

catalogue! {
    /// Failures of dynamic client registration.
    pub enum DynamicFailure {
        /// Unknown, revoked, expired and used up are deliberately one answer.
        InitialToken = "RG-201", 401, "The initial access token is not valid.",
            "初始访问令牌无效。", "Ask an administrator for a new one; each registers a limited number of clients.", "请向管理员索取新的令牌；每个令牌可注册的门户数量有限。";
        /// Unknown client and wrong token are deliberately one answer.
        RegistrationToken = "RG-202", 401, "The registration access token is not valid.",
            "注册访问令牌无效。", "Use the token that came with the registration; once the client is deleted or switched off it works no more.", "请使用注册时返回的令牌；门户被删除或停用后，该令牌即失效。";
        /// The metadata cannot be accepted.
        Metadata = "RG-203", 400, "The client metadata cannot be accepted.",
            "客户端元数据无效。", "The detail names each field and what is expected there.", "详情逐一列出了有误的字段及其要求。";
        /// A redirect URI cannot be accepted.
        RedirectUri = "RG-204", 400, "A redirect URI cannot be accepted.",
            "回调地址无效。", "Register absolute https addresses without fragment; the detail names the entry.", "请登记不含片段的https绝对地址；详情列出了有误的条目。";
        /// The body is no JSON object.
        Body = "RG-205", 400, "The registration could not be read.",
            "无法读取该注册请求。", "Send a JSON object as application/json.", "请以application/json发送JSON对象。";
        /// The body is larger than 64 KiB.
        BodyTooLarge = "RG-206", 413, "The registration is too large.",
            "注册请求内容过大。", "The limit is 64 KiB.", "上限为64KiB。";
    }
}

impl DynamicFailure {
    const fn error(self) -> &'static str {
        match self {
            Self::InitialToken | Self::RegistrationToken => "invalid_token",
            Self::RedirectUri => "invalid_redirect_uri",
            Self::Metadata | Self::Body | Self::BodyTooLarge => "invalid_client_metadata",
        }
    }

    /// A fault of this kind with a detail for the integrator.
    pub fn because(self, detail: impl Into<String>) -> Fault {
        let mut fault = Fault::from(self);
        fault.failure.detail = Some(detail.into());
        fault
    }

    /// Translates the failure of a rule for admins into the field names of RFC 7591.
    pub(super) fn told(self, failure: Failure) -> Fault {
        const WORDS: [(&str, &str); 5] = [
            ("metadata.", ""),
            ("auth_method: ", "token_endpoint_auth_method: "),
            ("name: ", "client_name: "),
            ("scopes: ", "scope: "),
            ("id_token_alg: ", "id_token_signed_response_alg: "),
        ];
        let detail = failure.detail.unwrap_or_default();
        let detail = WORDS
            .iter()
            .fold(detail, |text, (ours, theirs)| text.replace(ours, theirs));
        let mut fault = self.because(detail);
        fault.failure.cause = failure.cause;
        fault
    }
}

impl From<DynamicFailure> for Fault {
    fn from(kind: DynamicFailure) -> Self {
        Self {
            error: kind.error(),
            failure: kind.failure(),
        }
    }
}
