//! Callback endpoints: issues URL, Token and EncodingAESKey for an admin to paste into the WeCom console, and answers WeCom's URL
//! verification.

use super::{
    background_tasks::Background, failure::CallbackFailure, lanes::Lanes, receive, refused_callbacks::RefusedCallbacks,
    store,
};
use crate::{
    directory::{
        sync::{self, failure::SyncFailure},
        wecom_events::{
            endpoint_owner::Owner,
            service::{Callbacks, Dependencies},
        },
    },
    kernel::{clock::Timestamp, failure::Result, home_runtime::HomeRuntime, secret::Secret},
    wecom::callback::{AesKey, CallbackCrypto, Query},
};
use std::sync::Arc;
use uuid::Uuid;

/// Sealing context of the token.
const TOKEN: &str = "callback_endpoint.token";

/// Sealing context of the EncodingAESKey.
const AES_KEY: &str = "callback_endpoint.aes_key";

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

impl Endpoint {
    /// What was refused last, if nothing was accepted since.
    pub fn standing_refusal(&self) -> Option<&RefusedCallbacks> {
        let accepted = self.verified_at.max(self.last_event_at);
        let refused = self.refused.first();
        refused.filter(|refused| accepted.is_none_or(|accepted| refused.last_at > accepted))
    }
}

impl Callbacks {
    /// Builds the service over its dependencies.
    pub fn new(deps: Dependencies) -> Self {
        Self {
            deps: Arc::new(deps),
            background: Background::new(HomeRuntime::current()),
            lanes: Lanes::default(),
            pressed: Arc::default(),
        }
    }

    /// Creates an endpoint, or gives the existing one a new token and key: its URL stays, and it counts as not verified.
    ///
    /// # Errors
    /// `SY-111` unknown data source, `CB-103` when the owner is the integration app and there is none, `CB-104` where a suite's callbacks tell.
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
        if source.suite.is_some() {
            return Err(CallbackFailure::OfSuite.failure());
        }
        let agent_id = match (owner, source.app) {
            (Owner::Contacts | Owner::ExternalContacts, _) => None,
            (Owner::App, Some(app)) => Some(app.agent_id),
            (Owner::App, None) => return Err(CallbackFailure::NoApp.failure()),
        };
        let (token, aes_key) = (Secret::new(entropy.hex_id()), AesKey::typed(entropy));
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
        let mut endpoints = Vec::new();
        for row in store::find(&self.deps.database, data_source).await? {
            endpoints.push(self.endpoint(row).await?);
        }
        Ok(endpoints)
    }

    /// One endpoint of a data source.
    ///
    /// # Errors
    /// `CB-101` when it has none with this id.
    pub async fn find_one(&self, data_source: Uuid, id: Uuid) -> Result<Endpoint> {
        let rows = store::find(&self.deps.database, data_source).await?;
        match rows.into_iter().find(|row| row.id == id) {
            Some(row) => self.endpoint(row).await,
            None => Err(CallbackFailure::UnknownEndpoint.failure()),
        }
    }

    /// Gives an endpoint a new token and key: its URL stays, WeCom's next events are refused until both are entered there, and it counts as
    /// not verified.
    ///
    /// # Errors
    /// `CB-101` when there is none; else as [`Callbacks::create`].
    pub async fn renew(&self, data_source: Uuid, id: Uuid) -> Result<Issued> {
        let owner = self.find_one(data_source, id).await?.owner;
        self.create(data_source, owner).await
    }

    /// Removes an endpoint. From then on its URL is unknown (`CB-101`), so WeCom's events are lost; a sync that an event asked for and that
    /// has not begun is dropped, and looks at members that are due are still made.
    ///
    /// # Errors
    /// `CB-101` when there is none.
    pub async fn remove(&self, data_source: Uuid, id: Uuid) -> Result<()> {
        match store::remove(&self.deps.database, data_source, id).await? {
            true => Ok(()),
            false => Err(CallbackFailure::UnknownEndpoint.failure()),
        }
    }

    async fn endpoint(&self, row: store::EndpointRow) -> Result<Endpoint> {
        Ok(Endpoint {
            id: row.id,
            url: self.url(row.id),
            owner: row.owner,
            verified_at: row.verified_at,
            last_event_at: row.last_event_at,
            refused: self.refusals(row.id).await?,
        })
    }

    /// URL verification: the bytes to answer with, exactly, within a second (reference 6.4).
    ///
    /// # Errors
    /// `CB-101` unknown endpoint, `WC-180` to `WC-184` when it is not WeCom who asks, `CB-102` when it asked long ago, `CB-140` when it was
    /// answered.
    pub async fn verify(&self, endpoint: Uuid, query: Query<'_>, echostr: &str) -> Result<Vec<u8>> {
        let (crypto, ..) = self.crypto(endpoint).await?;
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

    /// The callback cryptography of an endpoint, its data source, and where it is entered (`None`: not known to this version). The receive id is the corp ID for all owners (reference 6.3).
    pub(super) async fn crypto(&self, endpoint: Uuid) -> Result<(CallbackCrypto, Uuid, Option<Owner>)> {
        let held = store::find_keys(&self.deps.database, endpoint).await?;
        let held = held.ok_or_else(|| CallbackFailure::UnknownEndpoint.failure())?;
        let token = self.deps.sealer.open_text(TOKEN, &held.token_sealed)?;
        let aes_key = self.deps.sealer.open_text(AES_KEY, &held.aes_key_sealed)?;
        let crypto = CallbackCrypto::new(token, &aes_key, &held.corp_id)?;
        Ok((crypto, held.data_source_id, held.owner))
    }

    fn url(&self, id: Uuid) -> String {
        format!("{}/wecom/events/{id}", self.deps.public_url.trim_end_matches('/'))
    }
}
