//! The query parameters of a callback, read from the query string. Pure.

use crate::wecom::callback::Query;

/// The query parameters of a callback. A missing one is empty, and an empty signature never verifies.
#[derive(Default)]
pub(in crate::directory) struct Signed {
    msg_signature: String,
    timestamp: String,
    nonce: String,
    /// Of a verification.
    pub(in crate::directory) echostr: String,
}

impl Signed {
    /// Reads the query; the first value of each name counts. A `+` comes out as a space; `CallbackCrypto` puts it back (reference 6.2).
    pub(in crate::directory) fn of(query: &str) -> Self {
        let mut signed = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "msg_signature" => &mut signed.msg_signature,
                "timestamp" => &mut signed.timestamp,
                "nonce" => &mut signed.nonce,
                "echostr" => &mut signed.echostr,
                _ => continue,
            };
            if place.is_empty() {
                *place = value.into_owned();
            }
        }
        signed
    }

    /// As the cryptography takes it.
    pub(in crate::directory) fn query(&self) -> Query<'_> {
        Query {
            msg_signature: &self.msg_signature,
            timestamp: &self.timestamp,
            nonce: &self.nonce,
        }
    }
}
