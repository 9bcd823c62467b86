//! Errors of the `claims` parameter and of pairwise subjects.

use crate::{catalogue, oidc::failure::Fault};

catalogue! {
    /// Failures of claims and subjects.
    pub enum ClaimsFailure {
        /// The `claims` parameter is malformed.
        ParameterInvalid = "OP-300", 400, "The parameter claims is not valid.",
            "claims 参数无效。", "Send a JSON object of at most 8192 bytes as OpenID Connect Core 5.5 describes; the detail says what is wrong.";
        /// The salt of pairwise subjects was not read.
        SaltMissing = "OP-301", 500, "People cannot be named to this application right now.",
            "暂时无法生成用户标识。", "The salt of pairwise subjects was not read at the start; check the seal key and start again.";
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
