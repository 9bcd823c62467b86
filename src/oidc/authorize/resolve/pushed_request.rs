//! Pushed authorization requests, PAR (RFC 9126): checked like any other, stored for a minute, consumed when their code is issued.
//!
//! Loading a pushed request does not consume it, so that a reload of the login page breaks nothing; the code is issued once. A sign-in may
//! take longer than the request is stored, so its consumption is recorded under a key of its own, which outlives every such sign-in.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{failure::RequestFailure, resolved::ResolvedRequest};
use crate::{
    crypto::digest::sha256_base64url,
    oidc::{
        client::{AuthMethod, Client},
        client_authentication::credentials::PROOFS,
        dpop::proof_target::ProofTarget,
        failure::Fault,
        params::Params,
        provider::Provider,
        token::client_request::ClientRequest,
    },
    signin::Visitor,
    store::Shelf,
};

/// Prefix of every `request_uri` we issue (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a `request_uri` is accepted at the authorization endpoint.
const LIFETIME: Duration = Duration::from_secs(60);
/// How long its consumption is recorded: longer than its storage and the longest sign-in together.
const MARKED: Duration = Duration::from_secs(60 * 60);
/// Largest request kept, bytes of names and values.
const LARGEST: usize = 16 * 1024;

/// The answer of the PAR endpoint (RFC 9126 §2.2).
#[derive(Debug, Serialize)]
pub struct Pushed {
    request_uri: String,
    expires_in: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredRequest {
    client: Uuid,
    signed: bool,
    params: Params,
}

/// Whether this `request_uri` can be one we issued.
pub(super) fn is_ours(address: &str) -> bool {
    address.starts_with(PREFIX)
}

fn key(ticket: &str) -> String {
    format!("pushed:{ticket}")
}

impl Provider {
    /// `POST /oauth2/par`.
    ///
    /// # Errors
    /// Whatever the authorization endpoint would say to these parameters, and what client authentication says.
    pub async fn push(&self, call: ClientRequest<'_>) -> Result<Pushed, Fault> {
        let (sent, from) = (call.dpop, call.from);
        let (params, client) = self.client_call(call).await?;
        let mut asked = self.as_pushed(&client, &params).await?;
        let destination = self.destination(&client, &asked.params)?;
        self.validate(&asked, &client, &destination).await?;
        let named = asked.params.get("dpop_jkt");
        if let Some(key) = self
            .pushed_key(&client, sent, ProofTarget::post("/oauth2/par"), named)
            .await?
        {
            asked.params = asked.params.with("dpop_jkt", key.as_str());
        }
        if asked.params.size() > LARGEST {
            return Err(RequestFailure::PushTooLarge.into());
        }
        let kept = StoredRequest {
            client: client.id,
            signed: asked.signed,
            params: asked.params,
        };
        let shelf = self.shelf_of_pushed(&client, from).await?;
        let secret = self.deps().entropy.token();
        let ticket = sha256_base64url(secret.expose().as_bytes());
        self.deps()
            .ephemeral
            .put_json_on(shelf, &key(&ticket), &kept, LIFETIME)
            .await?;
        Ok(Pushed {
            request_uri: format!("{PREFIX}{}", secret.expose()),
            expires_in: LIFETIME.as_secs(),
        })
    }

    /// Where a pushed request is kept. Anybody can push in the name of a public client, so that is counted for their address.
    async fn shelf_of_pushed(&self, client: &Client, from: Option<IpAddr>) -> Result<Shelf, Fault> {
        if client.method != AuthMethod::None {
            return Ok(Shelf::Proven);
        }
        let visitor = Visitor {
            address: from,
            ..Visitor::default()
        };
        Ok(self.deps().journeys.admit(&visitor).await?.shelf())
    }

    /// The parameters of a pushed request, without the client's credentials.
    async fn as_pushed(&self, client: &Client, params: &Params) -> Result<ResolvedRequest, Fault> {
        if params.get("request_uri").is_some() {
            return Err(RequestFailure::RequestUriPushed.into());
        }
        if params.get("client_id").is_some_and(|name| name != client.client_id) {
            return Err(RequestFailure::PushForeign.into());
        }
        let object = params.get("request");
        let params = match object {
            Some(object) => self.verify_request_object(client, object).await?,
            None => params.without(&PROOFS).with("client_id", &client.client_id),
        };
        Ok(ResolvedRequest {
            params,
            pushed: true,
            signed: object.is_some(),
            ticket: None,
        })
    }

    /// The request stored for this `request_uri`, if this client pushed it and no code was issued for it yet.
    pub(super) async fn load_pushed_request(&self, client: &Client, address: &str) -> Result<ResolvedRequest, Fault> {
        let unknown = RequestFailure::RequestUriUnknown;
        let secret = address.strip_prefix(PREFIX).ok_or(unknown)?;
        let ticket = sha256_base64url(secret.as_bytes());
        let kept: Option<StoredRequest> = self.deps().ephemeral.get_json(&key(&ticket)).await?;
        let kept = kept.ok_or(unknown)?;
        if kept.client != client.id {
            return Err(unknown.into());
        }
        Ok(ResolvedRequest {
            params: kept.params,
            pushed: true,
            signed: kept.signed,
            ticket: Some(ticket),
        })
    }

    /// Consumes a pushed request for one holder: whoever asks with the same name, after a step that failed, is the same. Of any number of
    /// others one records the consumption and may issue the code; the request itself may have expired by then, so this record decides.
    ///
    /// # Errors
    /// `OP-220` for all but one holder.
    pub(in crate::oidc) async fn consume_pushed_request(&self, ticket: &str, holder: &str) -> Result<(), Fault> {
        let ephemeral = &self.deps().ephemeral;
        let mark = format!("pushed-used:{ticket}");
        if !ephemeral.put_new(&mark, holder.as_bytes(), MARKED).await?
            && ephemeral.get(&mark).await?.as_deref() != Some(holder.as_bytes())
        {
            return Err(RequestFailure::RequestUriUnknown.into());
        }
        ephemeral.take(&key(ticket)).await?;
        Ok(())
    }
}
