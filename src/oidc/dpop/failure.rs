//! Failures of DPoP proofs, and of tokens bound to a key.

use crate::{catalogue, oidc::failure::Fault};

catalogue! {
    /// Failures of proofs of possession (RFC 9449).
    pub enum DpopFailure {
        /// A proof is needed and none was sent.
        ProofMissing = "OP-250", 400, "A DPoP proof is needed.",
            "缺少 DPoP 证明。", "Send one DPoP header (RFC 9449 section 4.1): the client, its grant or its token is bound to a key.", "请发送一个DPoP请求头（RFC 9449第4.1节）：该门户、其授权或其令牌已绑定密钥。";
        /// The header holds no proof at all.
        ProofMalformed = "OP-251", 400, "The DPoP proof cannot be read.",
            "无法读取 DPoP 证明。", "Send exactly one DPoP header with a JWT of the type dpop+jwt that has jti, htm, htu and iat.", "请只发送一个DPoP请求头，内容为dpop+jwt类型的JWT，含jti、htm、htu和iat。";
        /// The algorithm is not accepted.
        ProofAlgorithm = "OP-252", 400, "The algorithm of the DPoP proof is not accepted.",
            "不接受 DPoP 证明的签名算法。", "Sign with one of dpop_signing_alg_values_supported of the discovery document; a FAPI client uses PS256, ES256 or EdDSA.",
            "请使用发现文档的dpop_signing_alg_values_supported中的算法签名；FAPI门户使用PS256、ES256或EdDSA。";
        /// The key in the header is private, weak, or does not fit the algorithm.
        ProofKey = "OP-253", 400, "The key of the DPoP proof is not acceptable.",
            "DPoP 证明中的密钥不可用。", "The header's jwk is the public key alone, fits alg, and has at least 2048 bits if it is RSA.", "请求头中的jwk须只含公钥，与alg相符，RSA密钥至少2048位。";
        /// The signature does not verify.
        ProofSignature = "OP-254", 400, "The signature of the DPoP proof does not verify.",
            "DPoP 证明签名无效。", "Sign with the private half of the key in the header.", "请使用与请求头中密钥对应的私钥签名。";
        /// The proof was made for another request.
        ProofMisdirected = "OP-255", 400, "The DPoP proof was made for another request.",
            "DPoP 证明不是为该请求签发的。", "htm is the method and htu the address as published, without query and fragment; a reverse proxy does not change them.", "htm为请求方法，htu为对外公布的地址，不含查询和片段；反向代理不会改变这一点。";
        /// The proof is too old or from the future.
        ProofStale = "OP-256", 400, "The DPoP proof is not of this minute.",
            "DPoP 证明已过期或时间超前。", "Make a new proof for each request, and set the client's clock.", "请为每个请求生成新的证明，并校准门户的时钟。";
        /// The proof was used before.
        ProofUsed = "OP-257", 400, "The DPoP proof was used before.",
            "DPoP 证明已被使用。", "Make a new proof with a new jti for each request, also for a repeated one.", "请为每个请求生成带有新jti的证明，重试时也是如此。";
        /// The proof belongs to another access token.
        ProofWrongToken = "OP-258", 400, "The DPoP proof was made for another access token.",
            "DPoP 证明与访问令牌不匹配。", "ath is the unpadded base64url of the SHA-256 of the access token.", "ath为访问令牌的SHA-256的base64url编码，不带填充。";
        /// The nonce in the proof is not ours or too old.
        NonceStale = "OP-259", 400, "The nonce of the DPoP proof is not current.",
            "DPoP 证明的 nonce 已失效。", "Try again with the nonce of the DPoP-Nonce header of this answer (RFC 9449 section 8).", "请使用此应答的DPoP-Nonce头中的nonce重试（RFC 9449第8节）。";
        /// Code or refresh token belong to another key.
        KeyMismatch = "OP-260", 400, "The grant is bound to another key.",
            "授权绑定了另一个密钥。", "Prove the key that dpop_jkt named, or that the refresh token was issued to.", "请证明dpop_jkt所指的密钥，或签发刷新令牌时的密钥。";
        /// A token that is bound to a key came without one.
        BoundAsBearer = "OP-261", 401, "The access token is bound to a key and is not a bearer token.",
            "该访问令牌已绑定密钥，不能作为 Bearer 使用。", "Send it in the Authorization header as DPoP, together with a proof.", "请在Authorization请求头中以DPoP发送，并附上证明。";
        /// The token is bound to no key or another one.
        BoundElsewhere = "OP-262", 401, "The access token is not bound to this key.",
            "访问令牌未绑定到该密钥。", "A token of the type Bearer is sent as Bearer; one of the type DPoP with a proof of its own key.", "Bearer类型的令牌以Bearer发送；DPoP类型的令牌须附上其自身密钥的证明。";
        /// `dpop_jkt` is no thumbprint.
        ThumbprintMalformed = "OP-263", 400, "The parameter dpop_jkt is not a thumbprint.",
            "dpop_jkt 参数无效。", "It is the unpadded base64url of the SHA-256 thumbprint (RFC 7638) of the key: 43 characters.", "应为密钥的SHA-256指纹（RFC 7638）的base64url编码，不带填充：43个字符。";
        /// A pushed request names one key and proves another.
        KeysDiffer = "OP-264", 400, "The parameter dpop_jkt and the DPoP proof are about different keys.",
            "dpop_jkt 与 DPoP 证明的密钥不一致。", "Send one of them, or the thumbprint of the key of the proof.", "请只发送其中之一，或发送证明所用密钥的指纹。";
    }
}

impl DpopFailure {
    /// The OAuth error code sent for it (RFC 9449 §5, §7.1, §8 and §10).
    pub const fn error(self) -> &'static str {
        match self {
            Self::NonceStale => "use_dpop_nonce",
            Self::KeyMismatch => "invalid_grant",
            Self::BoundAsBearer | Self::BoundElsewhere => "invalid_token",
            Self::ThumbprintMalformed => "invalid_request",
            _ => "invalid_dpop_proof",
        }
    }

    /// A fault of this kind with a hint for the integrator.
    pub fn because(self, detail: impl Into<String>) -> Fault {
        let mut fault = Fault::from(self);
        fault.failure.detail = Some(detail.into());
        fault
    }
}

impl From<DpopFailure> for Fault {
    fn from(kind: DpopFailure) -> Self {
        Self {
            error: kind.error(),
            failure: kind.failure(),
        }
    }
}
