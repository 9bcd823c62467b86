//! Failures of resources (audiences), of client credentials, and of the scope that userinfo requires.

use crate::{catalogue, oidc::failure::Fault};

catalogue! {
    /// Failures of resource indicators (RFC 8707) and of clients that act for themselves (RFC 6749 section 4.4).
    pub enum TokenFailure {
        /// A `resource` is no absolute URI, or has a fragment.
        TargetMalformed = "OP-270", 400, "The parameter resource is not an absolute URI without a fragment.",
            "resource 参数必须是不含片段的绝对 URI。", "Send the address of the resource server (RFC 8707 section 2).", "请发送资源服务器的地址（RFC 8707第2节）。";
        /// The client is not registered for this resource server.
        TargetUnknown = "OP-271", 400, "The client may not ask for tokens for this resource.",
            "该门户无权为此资源申请令牌。", "Add exactly this string to the client's metadata.resources.", "请将完全相同的字符串加入门户的metadata.resources。";
        /// The resource was not named when the grant was made.
        TargetNotGranted = "OP-272", 400, "This resource is not among those that were granted.",
            "该资源不在已授权范围内。", "A token request may name some of the resources of the authorization request, no others (RFC 8707 section 2.2).", "令牌请求只能使用授权请求中的部分资源，不能使用其他资源（RFC 8707第2.2节）。";
        /// A public client asked for a token of its own.
        ClientNotConfidential = "OP-273", 400, "A public client cannot act for itself.",
            "公开客户端不能使用 client_credentials。", "Register the client with a secret or a key (RFC 6749 section 4.4).", "请为该门户登记密钥或公钥（RFC 6749第4.4节）。";
        /// None of the requested scopes can be granted without a person.
        ScopeUnavailable = "OP-274", 400, "None of these scopes can be granted without a person.",
            "没有用户参与时无法授予这些 scope。", "Ask for scopes of the client's metadata.api_scopes; openid and the scopes about a person need a sign-in.",
            "请申请门户的metadata.api_scopes中的scope；openid和关于人员的scope需要用户登录。";
        /// The access token lacks the scope that userinfo requires.
        ScopeInsufficient = "OP-275", 403, "The access token lacks the scope openid.",
            "访问令牌缺少 openid scope。", "Userinfo is about a person who signed in: use a token of the authorization code flow with the scope openid.", "userinfo是关于已登录人员的：请使用授权码流程中带有openid的令牌。";
        /// The access token would be longer than any endpoint takes.
        TokenTooLong = "OP-390", 400, "One access token cannot hold all of this.",
            "一个访问令牌容纳不下这些内容。", "An access token has at most 8 KiB. Nothing was used up: ask again and name fewer, in the parameter that the detail names (RFC 8707 section 2.2).",
            "访问令牌不得超过8KiB。未消耗任何凭据：请在详情所列的参数中减少内容后重新请求（RFC 8707第2.2节）。";
    }
}

impl TokenFailure {
    /// The OAuth error code sent for it (RFC 6749 §5.2, RFC 6750 §3.1, RFC 8707 §2).
    pub const fn error(self) -> &'static str {
        match self {
            Self::TargetMalformed | Self::TargetUnknown | Self::TargetNotGranted | Self::TokenTooLong => {
                "invalid_target"
            }
            Self::ClientNotConfidential => "unauthorized_client",
            Self::ScopeUnavailable => "invalid_scope",
            Self::ScopeInsufficient => "insufficient_scope",
        }
    }

    /// A fault of this kind about the parameter `resource` or `scope`, under the error code that goes with it.
    pub fn fault_about(self, parameter: &str) -> Fault {
        Fault {
            error: match parameter {
                "scope" => "invalid_scope",
                _ => "invalid_target",
            },
            ..self.because(parameter)
        }
    }

    /// A fault of this kind with a hint for the integrator.
    pub fn because(self, detail: impl Into<String>) -> Fault {
        let mut fault = Fault::from(self);
        fault.failure.detail = Some(detail.into());
        fault
    }
}

impl From<TokenFailure> for Fault {
    fn from(kind: TokenFailure) -> Self {
        Self {
            error: kind.error(),
            failure: kind.failure(),
        }
    }
}
