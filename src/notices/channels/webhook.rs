//! Signed HTTP requests, in the form of Standard Webhooks (<https://www.standardwebhooks.com>), for which receivers have libraries.
//!
//! The signature covers the delivery's id, the moment of sending and the body, so a receiver that refuses moments of more than five minutes ago, and ids it
//! has had, cannot be told anything twice.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    crypto::mac::hmac_sha256,
    kernel::{clock::Timestamp, failure::Entry, secret::Secret},
    notices::{
        delivery::{Outcome, Outgoing, Part},
        echo::quote,
        failure::NoticeFailure,
    },
    outbound::{Answer, Outbound},
};

/// How keys of webhooks begin; base64 follows.
pub const PREFIX: &str = "whsec_";

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct WebhookChannel {
    /// The guarded client.
    pub outbound: Outbound,
}

impl WebhookChannel {
    /// Sends one request.
    pub async fn send(
        &self,
        (url, key): (&str, Option<&Secret<String>>),
        message: &Outgoing,
        now: Timestamp,
    ) -> Outcome {
        let Some(key) = key.and_then(|key| key_bytes(key.expose())) else {
            return Outcome::Refused {
                status: None,
                error: sentence(NoticeFailure::ChannelOff.entry(), "it has no key"),
            };
        };
        let body = body(message).to_string();
        let (id, at) = (message.mark.clone(), now.secs().to_string());
        let signature = signature(key.expose(), (&id, &at), &body);
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", at),
            ("webhook-signature", signature.clone()),
        ];
        match self.outbound.post_json(url, &headers, body.clone()).await {
            Ok(answer) => classify(&answer, &[&body, &signature, url]),
            Err(failure) => Outcome::Blocked {
                status: None,
                error: sentence(failure.entry, failure.cause.as_deref().unwrap_or_default()),
                after: None,
            },
        }
    }
}

/// The bytes of a key (`whsec_` and base64 of 24 to 64 bytes).
pub fn key_bytes(key: &str) -> Option<Secret<Vec<u8>>> {
    let bytes = STANDARD.decode(key.strip_prefix(PREFIX)?).ok()?;
    (24..=64).contains(&bytes.len()).then(|| Secret::new(bytes))
}

/// A key of these bytes.
pub fn key_of(bytes: &[u8]) -> Secret<String> {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The header `webhook-signature` over `id.timestamp.body`.
fn signature(key: &[u8], (id, at): (&str, &str), body: &str) -> String {
    let parts: [&[u8]; 5] = [id.as_bytes(), b".", at.as_bytes(), b".", body.as_bytes()];
    format!("v1,{}", STANDARD.encode(hmac_sha256(key, &parts)))
}

fn body(message: &Outgoing) -> Value {
    let parts = message.parts.iter().map(part).collect::<Vec<_>>();
    json!({
        "type": message.topic.word(),
        "created_at": message.at.millis(),
        "data": {
            "subject": message.subject,
            "data_source_id": message.data_source,
            "language": message.lang.tag(),
            "title": message.title,
            "text": message.lines.join("\n"),
            "link": message.link,
            "facts": message.facts,
            "digest": parts,
        },
    })
}

fn part(part: &Part) -> Value {
    json!({ "title": part.title, "text": part.lines.join("\n"), "link": part.link })
}

/// What an answer means; `sent`: what it may repeat and must not be kept of it.
fn classify(answer: &Answer, sent: &[&str]) -> Outcome {
    let status = Some(i32::from(answer.status));
    let said = quote(&String::from_utf8_lossy(&answer.body), sent);
    let said = format!("HTTP {} {said}", answer.status);
    match answer.status {
        200..=299 => Outcome::Accepted {
            status,
            provider_id: None,
            card: None,
        },
        410 => Outcome::Refused {
            status,
            error: sentence(NoticeFailure::WebhookGone.entry(), &said),
        },
        // The receiver as a whole: who may call, too much, out of order.
        401 | 403 | 429 | 500..=599 => Outcome::Blocked {
            status,
            error: sentence(NoticeFailure::WebhookRefused.entry(), &said),
            after: answer.retry_after,
        },
        _ => Outcome::Later {
            status,
            error: sentence(NoticeFailure::WebhookRefused.entry(), &said),
            after: None,
        },
    }
}

fn sentence(entry: &Entry, said: &str) -> String {
    let told = format!("{}: {}", entry.number, entry.en);
    match said.trim() {
        "" => told,
        said => format!("{told} ({said})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the Standard Webhooks specification.
    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        let key = key_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        let signed = signature(key.expose(), ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"), body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn keys_have_enough_bytes() {
        assert!(key_bytes(key_of(&[7; 32]).expose()).is_some());
        assert!(key_bytes(key_of(&[7; 23]).expose()).is_none());
        assert!(key_bytes("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_none());
        assert!(key_bytes("whsec_###").is_none());
    }

    #[test]
    fn only_2xx_is_a_yes_and_410_is_for_good() {
        let of = |status| {
            let answer = Answer {
                status,
                body: b"x".to_vec(),
                retry_after: None,
            };
            classify(&answer, &[])
        };
        assert!(matches!(of(204), Outcome::Accepted { .. }));
        assert!(matches!(of(410), Outcome::Refused { .. }));
        for status in [302, 400, 404] {
            assert!(matches!(of(status), Outcome::Later { .. }), "{status}");
        }
        for status in [401, 403, 429, 500, 503] {
            assert!(matches!(of(status), Outcome::Blocked { .. }), "{status}");
        }
    }
}
