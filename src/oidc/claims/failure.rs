//! Errors of the `claims` parameter and of pairwise subjects.

use crate::{catalogue, oidc::failure::Fault};

catalogue! {
    /// Failures of claims and subjects.
    pub enum ClaimsFailure {
        /// The `claims` parameter is malformed.
        ParameterInvalid = "OP-300", 400, "The parameter claims is not valid.",
            "claims 参数无效。", "Send a JSON object of at most 8192 bytes as OpenID Connect Core 5.5 describes; the detail says what is wrong.", "请按OpenID Connect Core第5.5节发送不超过8192字节的JSON对象；详情说明了问题所在。";
        /// The salt of pairwise subjects was not read.
        SaltMissing = "OP-301", 500, "People cannot be named to this application right now.",
            "暂时无法生成用户标识。", "The salt of pairwise subjects was not read at the start; check the seal key and start again.", "启动时未读到用于pairwise标识的盐值；请检查封存密钥后重新启动。";
    }
}

impl From<ClaimsFailure> for Fault {
    fn from(kind: ClaimsFailure) -> Self {
        let error = match kind {
            ClaimsFailure::ParameterInvalid => "invalid_request",
            ClaimsFailure::SaltMissing => "server_error",
        };
        Self {
            error,
            failure: kind.failure(),
        }
    }
}
