//! A portal that holds a key of its own: makes client assertions and request objects, rightly and wrongly.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use actix_web::{App, HttpResponse, HttpServer, web};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use menjin::kernel::{clock::Clock, entropy::Entropy};
use serde_json::{Value, json};
use simulator::sample;

use super::{As, Browser, Page, Portal, portal::Redemption};
use crate::fixture::{Fixture, lay_over};

/// RFC 7523 section 2.2.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed(Box<Ed25519KeyPair>),
    Shared(String),
}

/// A key and how it signs.
pub struct Signer {
    /// Its name in key sets.
    pub kid: String,
    alg: &'static str,
    pair: Pair,
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Signer {
    /// A new key.
    pub fn new(alg: &'static str) -> Self {
        let pair = match alg {
            "RS256" | "PS256" => Pair::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())),
            "ES256" => Pair::Ec(Box::new(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            )),
            "EdDSA" => Pair::Ed(Box::new(Ed25519KeyPair::generate().unwrap())),
            other => panic!("{other}"),
        };
        let kid = Entropy::system().hex_id();
        Self { kid, alg, pair }
    }

    /// A shared secret.
    pub fn shared(secret: &str) -> Self {
        Self {
            kid: String::new(),
            alg: "HS256",
            pair: Pair::Shared(secret.to_owned()),
        }
    }

    /// Its public half.
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let n = encoded(public.modulus().big_endian_without_leading_zero());
                let e = encoded(public.exponent().big_endian_without_leading_zero());
                json!({ "kty": "RSA", "kid": self.kid, "use": "sig", "n": n, "e": e })
            }
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "x": encoded(x), "y": encoded(y) })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.kid, "use": "sig", "x": encoded(pair.public_key().as_ref()) })
            }
            Pair::Shared(_) => panic!("a shared secret has no public half"),
        }
    }

    /// A key set with it alone.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    /// A JWT; `header` is laid over the usual one, null removes.
    pub fn sign(&self, header: Value, claims: &Value) -> String {
        let mut full = json!({ "alg": self.alg, "kid": self.kid });
        lay_over(&mut full, header);
        full.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let alg = full["alg"].as_str().unwrap().to_owned();
        let message = format!(
            "{}.{}",
            encoded(full.to_string().as_bytes()),
            encoded(claims.to_string().as_bytes())
        );
        let signature = self.signature(&alg, message.as_bytes());
        format!("{message}.{}", encoded(&signature))
    }

    fn signature(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                if alg == "PS256" {
                    pair.sign(&RSA_PSS_SHA256, &random, message, &mut signature).unwrap();
                } else {
                    pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                }
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Shared(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
                hmac::sign(&key, message).as_ref().to_vec()
            }
        }
    }
}

/// A JWT that claims to need no signature.
pub fn unsigned(claims: &Value) -> String {
    let header = json!({ "alg": "none" }).to_string();
    format!(
        "{}.{}.",
        encoded(header.as_bytes()),
        encoded(claims.to_string().as_bytes())
    )
}

/// A portal with a key.
pub struct Keyholder {
    /// As registered.
    pub portal: Portal,
    /// What it signs with.
    pub key: Signer,
    http: reqwest::Client,
    base: String,
    clock: Clock,
}

impl Keyholder {
    /// Registers with a new key by value; `metadata` besides.
    pub async fn register(fixture: &Fixture, client_id: &str, alg: &'static str, metadata: Value) -> Self {
        let key = Signer::new(alg);
        let mut all = json!({ "jwks": key.jwks() });
        lay_over(&mut all, metadata);
        let extra = json!({ "auth_method": "private_key_jwt", "metadata": all });
        let portal = fixture.portal(client_id, extra).await;
        Self::of(fixture, portal, key)
    }

    /// A portal that was registered already.
    pub fn of(fixture: &Fixture, portal: Portal, key: Signer) -> Self {
        Self {
            portal,
            key,
            http: fixture.http.clone(),
            base: fixture.base.clone(),
            clock: fixture.clock.clone(),
        }
    }

    /// The claims of a good assertion; `change` is laid over, null removes.
    pub fn assertion_claims(&self, change: Value) -> Value {
        let now = self.clock.now().secs();
        let mut claims = json!({
            "iss": self.portal.client_id, "sub": self.portal.client_id, "aud": self.base,
            "iat": now, "exp": now + 60, "jti": Entropy::system().hex_id(),
        });
        lay_over(&mut claims, change);
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    }

    /// An assertion.
    pub fn assertion(&self, change: Value) -> String {
        self.key.sign(json!({}), &self.assertion_claims(change))
    }

    /// A request object around the usual parameters; `change` is laid over, null removes.
    pub fn request_object(&self, change: Value) -> String {
        let now = self.clock.now().secs();
        let mut claims = json!({
            "iss": self.portal.client_id, "aud": self.base, "nbf": now, "exp": now + 300,
        });
        let usual = reqwest::Url::parse(&self.portal.authorize_url(&[])).unwrap();
        for (name, value) in usual.query_pairs() {
            claims[name.as_ref()] = json!(value);
        }
        lay_over(&mut claims, change);
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.key.sign(json!({ "typ": "oauth-authz-req+jwt" }), &claims)
    }

    /// A form posted with this assertion.
    pub async fn post_with(&self, path: &str, form: &[(&str, &str)], assertion: &str) -> Redemption {
        let mut form = form.to_vec();
        form.push(("client_assertion_type", JWT_BEARER));
        form.push(("client_assertion", assertion));
        post(&self.http, &format!("{}{path}", self.base), &form).await
    }

    /// A form posted with a good assertion.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Redemption {
        self.post_with(path, form, &self.assertion(json!({}))).await
    }

    /// How a revocation ends with this assertion: 200 when it proves the client.
    pub async fn revoke_with(&self, assertion: &str) -> Redemption {
        self.post_with("/oauth2/revoke", &[("token", "nobody's")], assertion)
            .await
    }

    /// How a revocation ends with a good assertion.
    pub async fn revoke(&self) -> Redemption {
        self.revoke_with(&self.assertion(json!({}))).await
    }

    /// Pushes the usual parameters, changed; answers the `request_uri`.
    pub async fn push(&self, extra: &[(&str, &str)]) -> String {
        let pushed = self.post("/oauth2/par", &self.portal.parameters(extra)).await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        pushed.body["request_uri"].as_str().unwrap().to_owned()
    }

    /// The authorization endpoint with a pushed request.
    pub fn pushed_url(&self, request_uri: &str) -> String {
        self.portal
            .url(&[("client_id", &self.portal.client_id), ("request_uri", request_uri)])
    }

    /// 李华 signs in, beginning at this address. The last page.
    pub async fn sign_in_at(&self, fixture: &Fixture, browser: &Browser, address: &str) -> Page {
        let who = As::Member(sample::NORMAL);
        self.portal.sign_in_at(fixture, browser, who, address).await
    }

    /// Redeems a code.
    pub async fn redeem(&self, code: &str) -> Redemption {
        self.post("/oauth2/token", &self.portal.redemption(code)).await
    }

    /// A form posted with a good assertion and this DPoP proof.
    pub async fn post_proven(&self, path: &str, form: &[(&str, &str)], proof: &str) -> Redemption {
        let assertion = self.assertion(json!({}));
        let mut form = form.to_vec();
        form.extend([("client_assertion_type", JWT_BEARER), ("client_assertion", &assertion)]);
        let request = self.http.post(format!("{}{path}", self.base)).header("dpop", proof);
        Redemption::of(request.form(&form)).await
    }
}

/// A form posted to an address.
pub async fn post(http: &reqwest::Client, url: &str, form: &[(&str, &str)]) -> Redemption {
    Redemption::of(http.post(url).form(form)).await
}

/// A portal's server that publishes its keys.
pub struct KeyServer {
    /// What it answers; null: HTTP 500.
    pub keys: Arc<Mutex<Value>>,
    /// How often it was asked.
    calls: Arc<AtomicUsize>,
    /// Where.
    pub address: String,
}

impl KeyServer {
    /// Starts one on loopback.
    pub fn start(keys: Value) -> Self {
        let keys = Arc::new(Mutex::new(keys));
        let calls = Arc::new(AtomicUsize::new(0));
        let (shown, counted) = (web::Data::new(Arc::clone(&keys)), web::Data::new(Arc::clone(&calls)));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shown.clone())
                .app_data(counted.clone())
                .default_service(web::to(answer))
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}/jwks", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { keys, calls, address }
    }

    /// How often it was asked.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

async fn answer(keys: web::Data<Arc<Mutex<Value>>>, calls: web::Data<Arc<AtomicUsize>>) -> HttpResponse {
    calls.fetch_add(1, Ordering::SeqCst);
    let keys = keys.lock().unwrap().clone();
    if keys.is_null() {
        HttpResponse::InternalServerError().finish()
    } else {
        HttpResponse::Ok().json(keys)
    }
}
