//! An authenticator in software, with the browser around it: makes a passkey and answers by it, as WebAuthn says (Web Authentication Level 3 §6),
//! and in each way in which it can be wrong. Attestation `none`, algorithm ES256.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};

/// Somebody was there.
pub const PRESENT: u8 = 0x01;
/// And unlocked the key.
pub const VERIFIED: u8 = 0x04;
/// A new credential is told of.
const ATTESTED: u8 = 0x40;

/// One passkey, and the browser that has it.
pub struct Passkey {
    key: EcdsaKeyPair,
    /// Credential id.
    pub id: Vec<u8>,
    /// Whose it is, as it was told.
    pub owner: Vec<u8>,
    /// Where the browser is.
    pub origin: String,
    /// The name it was made for.
    pub party: String,
    /// Flags of the next answer.
    pub flags: u8,
    /// Signature counter of the next answer; 0: it has none.
    pub counter: u32,
    /// `type` of the client data.
    pub kind: &'static str,
    /// The page is in a frame of another site.
    pub cross_origin: bool,
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn text(bytes: &[u8]) -> String {
    BASE64URL.encode(bytes)
}

impl Passkey {
    /// A new one, in a browser that is at this address.
    pub fn new(base: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let host = reqwest::Url::parse(base).unwrap().host_str().unwrap().to_owned();
        Self {
            id: sha256(key.public_key().as_ref())[..16].to_vec(),
            key,
            owner: Vec::new(),
            origin: base.to_owned(),
            party: host,
            flags: PRESENT | VERIFIED,
            counter: 0,
            kind: "webauthn.get",
            cross_origin: false,
        }
    }

    /// The public key in COSE (RFC 9053 §7.1): map of kty, alg, crv, x, y.
    fn cose(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        cose.extend_from_slice(&point[1..33]);
        cose.extend_from_slice(&[0x22, 0x58, 0x20]);
        cose.extend_from_slice(&point[33..65]);
        cose
    }

    /// Authenticator data (§6.1) without what follows the counter.
    fn head(&self, flags: u8) -> Vec<u8> {
        let mut data = sha256(self.party.as_bytes());
        data.push(flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let said = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        });
        said.to_string().into_bytes()
    }

    /// Makes the credential that these options ask for; what our script sends of it.
    pub fn made(&mut self, options: &Value) -> String {
        self.owner = BASE64URL.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let mut data = self.head(self.flags | ATTESTED);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&self.cose());
        // {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend_from_slice(&data);
        let answer = json!({
            "id": text(&self.id),
            "rawId": text(&self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": text(&self.client_data("webauthn.create", options)),
                "attestationObject": text(&object),
            },
            "clientExtensionResults": { "credProps": { "rk": true } },
        });
        answer.to_string()
    }

    /// Answers these options; what our script sends of it.
    pub fn answer(&self, options: &Value) -> String {
        let (data, said) = (self.head(self.flags), self.client_data(self.kind, options));
        let signed = [data.clone(), sha256(&said)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let answer = json!({
            "id": text(&self.id),
            "rawId": text(&self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": text(&said),
                "authenticatorData": text(&data),
                "signature": text(signature.as_ref()),
                "userHandle": text(&self.owner),
            },
            "clientExtensionResults": {},
        });
        answer.to_string()
    }
}
