//! Failures of client authentication by assertion. All are sent as `invalid_client` (RFC 7521 §4.2.1).

use crate::{catalogue, kernel::failure::Failure, oidc::failure::Fault};

catalogue! {
    /// Failures of client assertions.
    pub enum AuthenticationFailure {
        /// Another `client_assertion_type`, or none.
        AssertionType = "OP-200", 401, "The client_assertion_type is not supported.",
            "不支持该 client_assertion_type。", "Send urn:ietf:params:oauth:client-assertion-type:jwt-bearer with client_assertion.",
            "请随client_assertion一起发送urn:ietf:params:oauth:client-assertion-type:jwt-bearer。";
        /// Not a signed JWT.
        AssertionUnreadable = "OP-201", 401, "The client assertion is not a signed JWT.",
            "client_assertion 不是已签名的 JWT。", "Sign with RS256, PS256, ES256, EdDSA or, for client_secret_jwt, HS256; none and encryption are refused.",
            "请使用RS256、PS256、ES256或EdDSA签名，client_secret_jwt使用HS256；不接受none和加密。";
        /// Signed with an algorithm that registration or profile does not allow.
        AssertionAlgorithm = "OP-202", 401, "The client assertion is signed with an algorithm this client may not use.",
            "client_assertion 的签名算法不符合登记。", "Use metadata.token_endpoint_auth_signing_alg if it is set; a FAPI client uses PS256, ES256 or EdDSA.",
            "如已设置metadata.token_endpoint_auth_signing_alg，请使用该算法；FAPI门户使用PS256、ES256或EdDSA。";
        /// A JWT for another use.
        AssertionMediaType = "OP-203", 401, "The client assertion has a typ of another use.",
            "client_assertion 的 typ 不正确。", "Leave typ out, or send JWT or client-authentication+jwt.", "请省略typ，或发送JWT或client-authentication+jwt。";
        /// `iss` or `sub` is not the client.
        AssertionParty = "OP-204", 401, "The client assertion must have the client_id as iss and sub.",
            "client_assertion 的 iss 和 sub 必须是 client_id。", "Set both to the client_id as registered, and client_id in the form, if sent, too.", "请将两者都设为登记的client_id；表单中如有client_id，也须相同。";
        /// `aud` is not this provider.
        AssertionAudience = "OP-205", 401, "The client assertion is for another audience.",
            "client_assertion 的 aud 不正确。", "Set aud to the issuer; a FAPI client sends it as a string, others may also name the endpoint, but nobody else besides.",
            "请将aud设为签发者（issuer）；FAPI门户以字符串发送，其他门户也可填写端点地址，但不得含有其他受众。";
        /// Expired, valid for too long, or without `exp`.
        AssertionLifetime = "OP-206", 401, "The client assertion has expired, ends too late, or has no end.",
            "client_assertion 已过期、有效期过长或缺少 exp。", "Set exp at most ten minutes ahead, and check the clock of the client.", "请将exp设为最多十分钟之后，并检查门户的时钟。";
        /// `nbf` or `iat` lies in the future.
        AssertionEarly = "OP-207", 401, "The client assertion is not valid yet.",
            "client_assertion 尚未生效。", "Check the clock of the client: nbf and iat may be at most 60 seconds ahead.", "请检查门户的时钟：nbf和iat最多可超前60秒。";
        /// No `jti`.
        AssertionName = "OP-208", 401, "The client assertion has no usable jti.",
            "client_assertion 缺少有效的 jti。", "Set jti to a new random string each time, at most 1024 bytes.", "请每次将jti设为新的随机字符串，最多1024字节。";
        /// Used before.
        AssertionReused = "OP-209", 401, "The client assertion was used before.",
            "client_assertion 已被使用。", "Make a new assertion with a new jti for each request.", "请为每个请求生成带有新jti的断言。";
        /// The profile forbids the method the client is registered with.
        MethodNotInProfile = "OP-210", 401, "The security profile of this client does not take its authentication method.",
            "该门户的安全配置不允许其身份验证方式。", "A FAPI client authenticates with private_key_jwt.", "FAPI门户使用private_key_jwt验证身份。";
        /// The keys could not be fetched from `jwks_uri`.
        KeysUnreachable = "OP-211", 401, "The keys of the client could not be fetched.",
            "无法获取门户的公钥。", "The log line with this reference has the cause; check metadata.jwks_uri and outbound.allow.", "日志中带有该参考码的一行记录了原因；请检查metadata.jwks_uri和outbound.allow。";
    }
}

impl AuthenticationFailure {
    /// A fault of this kind; the cause is only logged.
    pub fn caused_by(self, cause: &Failure) -> Fault {
        let mut fault = Fault::from(self);
        fault.failure.cause = Some(cause.to_string());
        fault
    }
}

impl From<AuthenticationFailure> for Fault {
    fn from(kind: AuthenticationFailure) -> Self {
        Self {
            error: "invalid_client",
            failure: kind.failure(),
        }
    }
}
