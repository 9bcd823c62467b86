//! A server that speaks TLS under a certificate of an authority that nobody knows: made here, X.509 by hand, since it needs so little.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// ecdsa-with-SHA256, id-ecPublicKey with prime256v1, commonName, basicConstraints, subjectAltName: encoded object identifiers.
const ECDSA_SHA256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_PUBLIC_KEY: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const PRIME256V1: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];
const BASIC_CONSTRAINTS: &[u8] = &[6, 3, 0x55, 0x1d, 0x13];
const SUBJECT_ALT_NAME: &[u8] = &[6, 3, 0x55, 0x1d, 0x11];

/// A server under such a certificate.
pub struct TlsServer {
    /// Its base URL.
    pub base: String,
    /// The certificate of its authority: PEM.
    pub authority: String,
}

impl TlsServer {
    /// Answers everything with 200 and this body, on 127.0.0.1 under a certificate for that address.
    pub fn start(body: String) -> Self {
        Self::answering(move |_| with_status("200 OK", &body))
    }

    /// Hands every GET on to this plain server, as a proxy does.
    pub fn relay(upstream: &str, relay: Relay) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        Self::answering(move |head| relay.hand_on(&upstream, head))
    }

    fn answering(answers: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let (authority_key, _) = key();
        let (server_key, pkcs8) = key();
        let is_authority = der(0x30, &[&der(1, &[&[0xff]])]);
        let for_loopback = der(0x30, &[&der(0x87, &[&[127, 0, 0, 1]])]);
        let authority = certificate(
            "authority",
            &authority_key,
            &authority_key,
            BASIC_CONSTRAINTS,
            &is_authority,
        );
        let own = certificate("server", &server_key, &authority_key, SUBJECT_ALT_NAME, &for_loopback);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(own)],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pkcs8)),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("https://{}", listener.local_addr().unwrap());
        let (config, answers) = (Arc::new(config), Arc::new(answers));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, answers) = (Arc::clone(&config), Arc::clone(&answers));
                // Callers who do not trust it hang up in the middle.
                std::thread::spawn(move || drop(answer(stream, config, &*answers)));
            }
        });
        let text = STANDARD.encode(authority);
        Self {
            base,
            authority: format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"),
        }
    }
}

/// How a proxy hands requests on.
#[derive(Clone, Copy)]
pub struct Relay {
    /// It says for whom it asks.
    pub forwards: bool,
    /// Paths that it does not hand on, by their beginning.
    pub hides: Option<&'static str>,
}

impl Relay {
    fn hand_on(self, upstream: &str, head: &str) -> Vec<u8> {
        let (request, rest) = head.split_once("\r\n").unwrap();
        let path = request.split(' ').nth(1).unwrap();
        if self.hides.is_some_and(|hidden| path.starts_with(hidden)) {
            return with_status("404 Not Found", "");
        }
        let forwarded = match self.forwards {
            true => "x-forwarded-for: 198.51.100.7\r\nx-forwarded-proto: https\r\n",
            false => "",
        };
        let mut stream = TcpStream::connect(upstream).unwrap();
        write!(stream, "{request}\r\nconnection: close\r\n{forwarded}{rest}").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }
}

fn with_status(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close");
    format!("{head}\r\n\r\n{body}").into_bytes()
}

fn answer(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    answers: &(impl Fn(&str) -> Vec<u8> + ?Sized),
) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    // The requests of the tests end with their header or, of a form, soon after.
    while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        heard.extend_from_slice(&buffer[..count]);
    }
    stream.write_all(&answers(&String::from_utf8_lossy(&heard)))?;
    stream.conn.send_close_notify();
    stream.flush()?;
    // What was not read yet must not turn into a reset before the answer arrives.
    while stream.read(&mut buffer)? > 0 {}
    Ok(())
}

fn key() -> (EcdsaKeyPair, Vec<u8>) {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
    (pair, pkcs8.as_ref().to_vec())
}

/// A certificate (RFC 5280 §4.1) with one extension, signed by the authority.
fn certificate(name: &str, key: &EcdsaKeyPair, by: &EcdsaKeyPair, extension: &[u8], value: &[u8]) -> Vec<u8> {
    let named = |name: &str| {
        let text = der(0x0c, &[name.as_bytes()]);
        der(0x30, &[&der(0x31, &[&der(0x30, &[COMMON_NAME, &text])])])
    };
    let algorithm = der(0x30, &[ECDSA_SHA256]);
    let validity = der(
        0x30,
        &[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[b"491231235959Z"])],
    );
    let point = der(3, &[&[0], key.public_key().as_ref()]);
    let public_key = der(0x30, &[&der(0x30, &[EC_PUBLIC_KEY, PRIME256V1]), &point]);
    let extension = der(0x30, &[extension, &der(4, &[value])]);
    let body = der(
        0x30,
        &[
            &der(0xa0, &[&der(2, &[&[2]])]),
            &der(2, &[&[1]]),
            &algorithm,
            &named("authority"),
            &validity,
            &named(name),
            &public_key,
            &der(0xa3, &[&der(0x30, &[&extension])]),
        ],
    );
    let signature = by.sign(&SystemRandom::new(), &body).unwrap();
    der(0x30, &[&body, &algorithm, &der(3, &[&[0], signature.as_ref()])])
}

/// One value in DER: tag, length, content.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let mut value = vec![tag];
    match length {
        0..=127 => value.push(low),
        128..=255 => value.extend([0x81, low]),
        _ => value.extend([0x82, high, low]),
    }
    value.extend(content);
    value
}
