//! Signature algorithms of our tokens: JOSE names and the hash of `at_hash`.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signature algorithm that Menjin signs with: `RS256`, which every client understands; `ES256`; `PS256`; `EdDSA` (Ed25519).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = SignatureAlgorithm)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every client understands.
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256: access tokens, and ID tokens of clients that ask for it.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes; with a key of its own (RFC 8725 §3.1: one key, one algorithm).
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519 (RFC 8037).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Alg {
    /// All, RS256 first as the specification wants it offered.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Es256, Self::Ps256, Self::EdDsa];

    /// The JOSE name (RFC 7518 §3.1, RFC 8037 §3.1).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// From the JOSE name.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.word() == word)
    }

    /// `at_hash` of an ID token signed this way: the left half of the value's hash (OpenID Connect Core 3.1.3.6). For EdDSA no
    /// specification names the hash; clients take SHA-512, the one inside Ed25519.
    pub fn half_hash(self, value: &str) -> String {
        let algorithm = match self {
            Self::Rs256 | Self::Es256 | Self::Ps256 => &SHA256,
            Self::EdDsa => &SHA512,
        };
        let hash = digest(algorithm, value.as_bytes());
        let bytes = hash.as_ref();
        URL_SAFE_NO_PAD.encode(bytes.split_at_checked(bytes.len() / 2).map_or(bytes, |(left, _)| left))
    }
}

#[cfg(test)]
mod tests {
    use super::Alg;

    /// OpenID Connect Core, appendix A.3: the access token and the hash of that example.
    #[test]
    fn the_at_hash_of_the_specification() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(Alg::Rs256.half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(Alg::EdDsa.half_hash(token).len(), 43, "32 bytes of SHA-512");
    }

    #[test]
    fn words_lead_back() {
        for alg in Alg::ALL {
            assert_eq!(Alg::of(alg.word()), Some(alg));
            assert_eq!(serde_json::to_value(alg).unwrap(), alg.word());
        }
        assert_eq!(Alg::of("none"), None);
        assert_eq!(Alg::of("HS256"), None);
        assert_eq!(Alg::ALL.first(), Some(&Alg::Rs256));
    }
}
