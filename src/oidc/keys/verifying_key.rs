//! Verifies signatures of compact JWS that claim to be ours (RFC 7515 §5.2, under the rules of RFC 8725 §3).
//!
//! The key decides the algorithm, never the token (RFC 8725 §3.1): what the header says must be what the key was made for. A header holds
//! exactly `alg`, `kid` and `typ`, as we write it; anything more (`crit`, `jwk`, `jku`, `x5c`, `b64`) was not written by us. Only the
//! signature is verified here: `exp`, `iss` and `aud` are left to the caller.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{alg::Alg, signature_cache::SignatureCache};

/// Bytes of the longest header we look at; ours have less than 120.
pub const LONGEST_HEAD: usize = 256;

/// The header of a JWS.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwsHeader<'a> {
    alg: &'a str,
    /// The key that is said to have signed.
    pub kid: &'a str,
    typ: &'a str,
}

/// A compact JWS split into its parts, not verified yet.
pub struct CompactJws<'a> {
    whole: &'a str,
    head: &'a str,
    claims: &'a str,
    signature: &'a str,
    signed: &'a str,
}

impl<'a> CompactJws<'a> {
    /// Splits into three parts. A fourth would be in the middle one, which is not base64url then.
    pub fn split(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        Some(Self {
            whole: token,
            head,
            claims,
            signature,
            signed,
        })
    }

    /// The header, decoded into `room`; `None` unless it has exactly the members we write.
    pub fn head<'b>(&self, room: &'b mut [u8; LONGEST_HEAD]) -> Option<JwsHeader<'b>> {
        let length = URL_SAFE_NO_PAD.decode_slice(self.head, room).ok()?;
        serde_json::from_slice(room.get(..length)?).ok()
    }

    /// The claims of a token that names a key which is gone, if everything but the signature is as we write it.
    pub fn claims_of_unknown_key<T: DeserializeOwned>(&self, head: &JwsHeader<'_>, typ: &str) -> Option<T> {
        let signed = Alg::of(head.alg).is_some() && head.typ == typ && !self.signature.is_empty();
        signed.then(|| self.decode_claims())?
    }

    fn decode_claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.claims).ok()?).ok()
    }
}

/// The result of verifying a JWS that claims to be ours.
pub enum Verification<T> {
    /// One of our keys signed these claims.
    Valid(T),
    /// It looks like ours, but names a key we do not know: deleted long ago, or never ours. None of its claims may be trusted.
    UnknownKey(T),
    /// Not signed by us, or of another `typ`.
    Invalid,
}

/// A public key that verifies what we signed earlier.
pub struct VerifyingKey {
    alg: Alg,
    key: ParsedPublicKey,
    signature_cache: SignatureCache,
}

impl VerifyingKey {
    /// From a published JWK (RFC 7518 §6, RFC 8037 §2).
    pub fn from_jwk(alg: Alg, jwk: &Value) -> Option<Self> {
        let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
        let rsa = |parameters: &'static RsaParameters| {
            let (n, e) = (member("n")?, member("e")?);
            RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()
        };
        let key = match alg {
            Alg::Rs256 => rsa(&RSA_PKCS1_2048_8192_SHA256)?,
            Alg::Ps256 => rsa(&RSA_PSS_2048_8192_SHA256)?,
            Alg::Es256 => {
                let point = [vec![4], member("x")?, member("y")?].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).ok()?
            }
            Alg::EdDsa => ParsedPublicKey::new(&ED25519, member("x")?).ok()?,
        };
        Some(Self {
            alg,
            key,
            signature_cache: SignatureCache::default(),
        })
    }

    /// Caches the signature of a token that the private half signed just now and that will be presented soon.
    pub fn cache_signature(&self, token: &str) {
        self.signature_cache.add(token);
    }

    /// The claims, if this key signed them under this `typ` with the algorithm it was made for.
    pub fn claims<T: DeserializeOwned>(&self, token: &CompactJws<'_>, head: &JwsHeader<'_>, typ: &str) -> Option<T> {
        if head.alg != self.alg.word() || head.typ != typ {
            return None;
        }
        self.signature_cache
            .has_or_verify(token.whole, || self.verify_signature(token))?;
        token.decode_claims()
    }

    fn verify_signature(&self, token: &CompactJws<'_>) -> Option<()> {
        let signature = URL_SAFE_NO_PAD.decode(token.signature).ok()?;
        let signature = match self.alg {
            Alg::Es256 => ecdsa_der(&signature)?,
            _ => signature,
        };
        self.key.verify_sig(token.signed.as_bytes(), &signature).ok()
    }
}

/// Bytes of each of the two numbers of a P-256 signature.
const P256: usize = 32;

/// Converts an ECDSA signature from `r` and `s` joined (RFC 7518 §3.4) to DER, which the library works on (RFC 3279 §2.2.3). Left to the
/// library, the conversion takes a twentieth of the whole verification, in small allocations.
fn ecdsa_der(fixed: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = fixed.split_at_checked(P256)?;
    if s.len() != P256 {
        return None;
    }
    // Two numbers of at most 33 bytes, each behind tag and length: no length needs a second byte.
    let mut der = Vec::with_capacity(2 + 2 * (2 + 1 + P256));
    der.extend([0x30, 0]);
    for number in [r, s] {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let digits = number.get(zeros.min(P256 - 1)..)?;
        // A leading one bit would make it negative.
        let sign = digits.first().is_some_and(|byte| *byte >= 0x80);
        der.extend([0x02, u8::try_from(digits.len() + usize::from(sign)).ok()?]);
        der.extend(sign.then_some(0));
        der.extend(digits);
    }
    let length = u8::try_from(der.len() - 2).ok()?;
    *der.get_mut(1)? = length;
    Some(der)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::{CompactJws, LONGEST_HEAD, VerifyingKey};
    use crate::oidc::keys::{alg::Alg, signing_key::SigningKey};

    fn judged(key: &VerifyingKey, token: &str, typ: &str) -> Option<Value> {
        let compact = CompactJws::split(token)?;
        let mut room = [0; LONGEST_HEAD];
        let head = compact.head(&mut room)?;
        key.claims(&compact, &head, typ)
    }

    fn public(key: &SigningKey) -> VerifyingKey {
        VerifyingKey::from_jwk(key.alg, &key.public_jwk().unwrap()).unwrap()
    }

    /// A token with this header, the rest taken from a good one.
    fn under(head: &str, token: &str) -> String {
        let (_, rest) = token.split_once('.').unwrap();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(head))
    }

    #[test]
    fn what_a_key_signs_its_published_half_verifies_also_after_a_restart() {
        for alg in Alg::ALL {
            let made = SigningKey::generate(alg).unwrap();
            let key = SigningKey::from_pkcs8(alg, made.to_pkcs8().unwrap().expose()).unwrap();
            assert_eq!(key.kid, made.kid);
            let token = key.sign("JWT", &json!({ "sub": "someone" })).unwrap();
            assert_eq!(judged(&public(&made), &token, "JWT").unwrap()["sub"], "someone");
            assert!(
                judged(&public(&made), &token, "at+jwt").is_none(),
                "RFC 8725 section 3.11"
            );
            let stranger = SigningKey::generate(alg).unwrap();
            assert!(judged(&public(&stranger), &token, "JWT").is_none());
        }
    }

    /// X.690 §8.3: as few bytes as possible, and a zero before a leading one bit. Every length of `r` and `s` comes up once in 256
    /// signatures.
    #[test]
    fn a_signature_changes_its_form_and_nothing_else() {
        let number = |bytes: &[u8]| {
            let mut room = [0; 32];
            room[32 - bytes.len()..].copy_from_slice(bytes);
            room
        };
        let form = |r: &[u8], s: &[u8]| super::ecdsa_der(&[number(r), number(s)].concat()).unwrap();
        assert_eq!(form(&[1], &[0x7f]), [0x30, 6, 2, 1, 1, 2, 1, 0x7f]);
        assert_eq!(form(&[0x80], &[1, 0]), [0x30, 8, 2, 2, 0, 0x80, 2, 2, 1, 0]);
        assert_eq!(form(&[0], &[]), [0x30, 6, 2, 1, 0, 2, 1, 0]);
        assert_eq!(form(&[0xff; 32], &[0x7f; 32]).len(), 2 + 35 + 34);
        for length in [0, 1, 32, 63, 65, 128] {
            assert!(super::ecdsa_der(&vec![1; length]).is_none(), "{length}");
        }
        let key = SigningKey::generate(Alg::Es256).unwrap();
        let public = public(&key);
        for turn in 0..2000 {
            let token = key.sign("JWT", &json!({ "turn": turn })).unwrap();
            assert!(judged(&public, &token, "JWT").is_some(), "{turn}");
        }
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let key = SigningKey::generate(Alg::EdDsa).unwrap();
        let public = public(&key);
        let token = key.sign("JWT", &json!({ "sub": "someone" })).unwrap();
        // Also of one in the signature cache.
        public.cache_signature(&token);
        assert!(judged(&public, &token, "JWT").is_some() && judged(&public, &token, "at+jwt").is_none());
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(judged(&public, &forged, "JWT").is_none(), "{at}");
            assert!(judged(&public, &token[..at], "JWT").is_none(), "cut at {at}");
        }
    }

    /// RFC 8725 §3.1, §3.2: the header chooses nothing.
    #[test]
    fn no_other_algorithm_than_the_keys_own() {
        let key = SigningKey::generate(Alg::Rs256).unwrap();
        let public = public(&key);
        let token = key.sign("JWT", &json!({})).unwrap();
        let (kid, signed) = (&key.kid, token.rsplit_once('.').unwrap().0);
        for alg in ["none", "None", "HS256", "PS256", "RS384", "rs256", ""] {
            let head = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"JWT"}}"#);
            assert!(judged(&public, &under(&head, &token), "JWT").is_none(), "{alg}");
        }
        assert!(judged(&public, &format!("{signed}."), "JWT").is_none(), "no signature");
        // A key is of one algorithm even where the mathematics would allow two.
        let pss = VerifyingKey::from_jwk(Alg::Ps256, &key.public_jwk().unwrap()).unwrap();
        assert!(judged(&pss, &token, "JWT").is_none());
        // The public key as an HMAC secret: the oldest confusion.
        let head = format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"JWT"}}"#);
        let message = format!("{}.e30", URL_SAFE_NO_PAD.encode(head));
        let jwk = serde_json::to_vec(&key.public_jwk().unwrap()).unwrap();
        let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &jwk);
        let tag = aws_lc_rs::hmac::sign(&secret, message.as_bytes());
        let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
        assert!(judged(&public, &forged, "JWT").is_none());
    }

    /// RFC 7515 §4.1.11: what is critical and not understood is refused; so is all else we never write.
    #[test]
    fn headers_we_do_not_write_are_refused_although_the_signature_is_good() {
        let key = SigningKey::generate(Alg::EdDsa).unwrap();
        let public = public(&key);
        let kid = &key.kid;
        let heads = [
            format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"JWT","crit":["exp"]}}"#),
            format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"JWT","b64":false,"crit":["b64"]}}"#),
            format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"JWT","jku":"https://evil.example/"}}"#),
            format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"JWT","jwk":{{}}}}"#),
            format!(r#"{{"alg":"EdDSA","alg":"EdDSA","kid":"{kid}","typ":"JWT"}}"#),
            format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#),
            r#"{"alg":"EdDSA","typ":"JWT"}"#.to_owned(),
            format!(
                r#"{{"alg":"EdDSA","kid":"{kid}","typ":"JWT"{}}}"#,
                " ".repeat(LONGEST_HEAD)
            ),
            "nonsense".to_owned(),
            String::new(),
        ];
        for head in heads {
            let message = format!("{}.e30", URL_SAFE_NO_PAD.encode(&head));
            let forged = key.signed_as_is(&message);
            assert!(judged(&public, &forged, "JWT").is_none(), "{head}");
        }
        let good = format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"JWT"}}"#);
        let good = key.signed_as_is(&format!("{}.e30", URL_SAFE_NO_PAD.encode(good)));
        assert!(
            judged(&public, &good, "JWT").is_some(),
            "the loop above refuses for its reasons"
        );
        let fourth = key.signed_as_is(&format!("{}.e30.e30", good.split('.').next().unwrap()));
        assert!(judged(&public, &fourth, "JWT").is_none());
        for text in ["", ".", "..", "...", "e30", "e30.e30", "密.密.密"] {
            assert!(judged(&public, text, "JWT").is_none(), "{text}");
        }
    }
}
