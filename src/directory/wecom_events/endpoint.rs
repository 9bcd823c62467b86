//! Callback endpoints: issues URL, Token and EncodingAESKey for an admin to paste into the WeCom console, and answers WeCom's URL
//! verification.

use super::{
    background_tasks::Background, failure::CallbackFailure, receive, refused_callbacks::RefusedCallbacks, store,
};
use crate::{
    directory::{
        sync::{self, failure::SyncFailure},
        wecom_events::{
            endpoint_owner::Owner,
            service::{Callbacks, Dependencies},
        },
    },
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result, home_runtime::HomeRuntime, secret::Secret},
    wecom::callback::{CallbackCrypto, Query},
};
use std::sync::Arc;
use uuid::Uuid;

/// Sealing context of the token.
const TOKEN: &str = "callback_endpoint.token";

/// Sealing context of the EncodingAESKey.
const AES_KEY: &str = "callback_endpoint.aes_key";

/// Characters of an EncodingAESKey (reference 6.1).
const AES_KEY_LENGTH: usize = 43;

/// Characters that an EncodingAESKey consists of.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What to paste into the WeCom console. Shown once: token and key are sealed from here on.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Id of the endpoint; the last part of the URL.
    pub id: Uuid,
    /// URL.
    pub url: String,
    /// Token, 32 letters and digits.
    pub token: Secret<String>,
    /// EncodingAESKey, 43 letters and digits.
    pub aes_key: Secret<String>,
}

/// An endpoint and its state, as the setup wizard shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Row id.
    pub id: Uuid,
    /// URL.
    pub url: String,
    /// Where in the WeCom console it is entered.
    pub owner: Owner,
    /// When WeCom verified it last; `None`: not since token and key were made.
    pub verified_at: Option<Timestamp>,
    /// When an authentic event arrived last.
    pub last_event_at: Option<Timestamp>,
    /// Why requests were refused, the last reason first.
    pub refused: Vec<RefusedCallbacks>,
}

impl Callbacks {
    /// Builds the service over its dependencies.
    pub fn new(deps: Dependencies) -> Self {
        Self {
            deps: Arc::new(deps),
            background: Background::new(HomeRuntime::current()),
        }
    }

    /// Creates an endpoint, or gives the existing one a new token and key: its URL stays, and it counts as not verified.
    ///
    /// # Errors
    /// `SY-111` unknown data source, `CB-103` when the owner is the integration app and there is none.
    pub async fn create(&self, data_source: Uuid, owner: Owner) -> Result<Issued> {
        let Dependencies {
            database,
            sealer,
            clock,
            entropy,
            ..
        } = &*self.deps;
        let source = sync::store::sources::find(database, data_source).await?;
        let source = source.ok_or_else(|| SyncFailure::UnknownDataSource.failure())?;
        let agent_id = match (owner, source.app) {
            (Owner::Contacts, _) => None,
            (Owner::App, Some(app)) => Some(app.agent_id),
            (Owner::App, None) => return Err(CallbackFailure::NoApp.failure()),
        };
        let (token, aes_key) = (Secret::new(entropy.hex_id()), aes_key(entropy));
        let now = clock.now();
        let new = store::New {
            id: entropy.id(now),
            data_source,
            owner,
            agent_id,
            token_sealed: sealer.seal(TOKEN, token.expose().as_bytes())?,
            aes_key_sealed: sealer.seal(AES_KEY, aes_key.expose().as_bytes())?,
        };
        let id = store::put(database, new, now).await?;
        Ok(Issued {
            id,
            url: self.url(id),
            token,
            aes_key,
        })
    }

    /// Lists the endpoints of a data source.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, data_source: Uuid) -> Result<Vec<Endpoint>> {
        let rows = store::find(&self.deps.database, data_source).await?;
        let mut endpoints = Vec::new();
        for row in rows {
            endpoints.push(Endpoint {
                id: row.id,
                url: self.url(row.id),
                owner: row.owner,
                verified_at: row.verified_at,
                last_event_at: row.last_event_at,
                refused: self.refusals(row.id).await?,
            });
        }
        Ok(endpoints)
    }

    /// URL verification: the bytes to answer with, exactly, within a second (reference 6.4).
    ///
    /// # Errors
    /// `CB-101` unknown endpoint, `WC-180` to `WC-184` when it is not WeCom who asks, `CB-102` when it asked long ago, `CB-140` when it was
    /// answered.
    pub async fn verify(&self, endpoint: Uuid, query: Query<'_>, echostr: &str) -> Result<Vec<u8>> {
        let (crypto, _) = self.crypto(endpoint).await?;
        let echo = crypto.verify_url(query, echostr)?;
        let now = self.deps.clock.now();
        receive::fresh(query, now)?;
        // Each verification is signed anew, also when the same URL is saved again. The signature is compared exactly, so it is its name.
        let answered = format!("callback:{endpoint}:echo:{}", query.msg_signature);
        let ephemeral = &self.deps.ephemeral;
        if !ephemeral.put_new(&answered, b"1", receive::REMEMBERED).await? {
            return Err(CallbackFailure::AnsweredBefore.into());
        }
        store::verified(&self.deps.database, endpoint, now).await?;
        Ok(echo)
    }

    /// The callback cryptography of an endpoint, and its data source. The receive id is the corp ID for both owners (reference 6.3).
    pub(super) async fn crypto(&self, endpoint: Uuid) -> Result<(CallbackCrypto, Uuid)> {
        let held = store::find_keys(&self.deps.database, endpoint).await?;
        let held = held.ok_or_else(|| CallbackFailure::UnknownEndpoint.failure())?;
        let token = self.deps.sealer.open_text(TOKEN, &held.token_sealed)?;
        let aes_key = self.deps.sealer.open_text(AES_KEY, &held.aes_key_sealed)?;
        let crypto = CallbackCrypto::new(token, &aes_key, &held.corp_id)?;
        Ok((crypto, held.data_source_id))
    }

    fn url(&self, id: Uuid) -> String {
        format!("{}/wecom/events/{id}", self.deps.public_url.trim_end_matches('/'))
    }
}

/// Makes a random EncodingAESKey: 43 letters and digits, 256 bits. Bytes beyond the last whole multiple of 62 are skipped, so that no
/// character is likelier than others.
fn aes_key(entropy: &Entropy) -> Secret<String> {
    const EVEN: u8 = 248;
    let mut key = String::with_capacity(AES_KEY_LENGTH);
    while key.len() < AES_KEY_LENGTH {
        let [byte] = entropy.bytes::<1>();
        let letter = ALPHABET.get(usize::from(byte % 62)).filter(|_| byte < EVEN);
        key.extend(letter.copied().map(char::from));
    }
    Secret::new(key)
}

#[cfg(test)]
mod tests {
    use super::{Entropy, aes_key};
    use crate::wecom::callback::AesKey;

    #[test]
    fn keys_are_of_wecoms_form_and_use_all_letters() {
        let entropy = Entropy::seeded(7);
        let keys: Vec<_> = (0..100).map(|_| aes_key(&entropy)).collect();
        assert!(keys.iter().all(|key| AesKey::parse(key).is_ok()));
        let seen: std::collections::BTreeSet<char> = keys.iter().flat_map(|key| key.expose().chars()).collect();
        assert_eq!(seen.len(), 62);
    }
}
