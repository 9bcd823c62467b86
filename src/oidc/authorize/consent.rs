//! Asking for consent between the gate's yes and the code.
//!
//! The question hangs on the kept request and on the session it was put to: `consent:<id>` in the ephemeral store names that session, and the
//! form carries a value only the session's cookie makes. The answer takes that entry, so of any number of answers one counts. Never shown
//! to a silent request: that hears `consent_required`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    outcome::{Outcome, Visitor},
    request,
};

use crate::oidc::authorize::outcome::ConsentDecision;
use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::failure::Result,
    oidc::{
        consent::{
            agreement::{Mark, covers, items, of_kind},
            failure::ConsentFailure,
            model::Consents,
            store::{ClientDisplay, ConsentUser},
        },
        failure::OidcFailure,
        metadata::Consent,
        params::Params,
        provider::Provider,
    },
    signin::session::Session,
    store::failure::StoreFailure,
};

/// To whom a question was put.
#[derive(Serialize, Deserialize)]
struct PendingConsent {
    session: Uuid,
}

/// The question as its page shows it.
pub struct Question {
    /// Who asks.
    pub portal: ClientDisplay,
    /// Who is asked.
    pub person: ConsentUser,
    /// Scopes that would be granted.
    pub scopes: Vec<String>,
    /// Claims asked one by one.
    pub claims: Vec<String>,
    /// Resource servers the tokens would be good for.
    pub resources: Vec<String>,
    /// Where the answer would go.
    pub redirect_uri: String,
    /// Goes back with the answer.
    pub confirm: String,
    /// Languages the portal asked for.
    pub ui_locales: Option<String>,
}

fn key(id: &str) -> String {
    format!("consent:{id}")
}

/// Nobody who cannot read the cookie can make this, and it is good for this one request.
fn confirmation(id: &str, cookie: &str) -> String {
    sha256_base64url(format!("confirm consent:{id}:{cookie}").as_bytes())
}

impl Provider {
    pub(in crate::oidc) fn consents(&self) -> Consents {
        let deps = self.deps();
        Consents::new(deps.database.clone(), deps.clock.clone(), deps.entropy.clone())
    }

    /// What keeps the person whom the gate let in from their code: a question to answer, or nothing (`None`).
    pub(super) async fn consent_due(
        &self,
        visitor: &Visitor<'_>,
        (session, user): (Uuid, Uuid),
    ) -> Result<Option<Outcome>> {
        if visitor.word == ConsentDecision::Yes || !self.must_ask(visitor, user).await? {
            return Ok(None);
        }
        if visitor.request.prompt.none {
            let fault = ConsentFailure::Required.fault();
            return Ok(Some(Outcome::Answer(visitor.destination.refuse(&fault))));
        }
        let id = match visitor.kept {
            Some(id) => id.to_owned(),
            None => self.keep_request(visitor.request).await?,
        };
        let asked = serde_json::to_vec(&PendingConsent { session }).unwrap_or_default();
        self.deps().ephemeral.put(&key(&id), &asked, request::LIFETIME).await?;
        Ok(Some(Outcome::Ask(format!("/oauth2/consent/{id}"))))
    }

    /// `prompt=consent` asks always, of portals of our own too (OpenID Connect Core 3.1.2.1); a client that asks asks once for each item.
    async fn must_ask(&self, visitor: &Visitor<'_>, user: Uuid) -> Result<bool> {
        if visitor.request.prompt.consent {
            return Ok(true);
        }
        if visitor.client.metadata.consent == Consent::Implicit {
            return Ok(false);
        }
        let agreed = self.consents().agreed(user, visitor.client.id).await?;
        Ok(!covers(&agreed, &items(&visitor.request.scope, &visitor.request.terms)))
    }

    /// `GET /oauth2/consent/{id}`.
    ///
    /// # Errors
    /// `OP-321` when the question is gone, `OP-320` when it was put to somebody else.
    pub async fn question(&self, id: &str, cookie: Option<&str>) -> Result<Question> {
        let (session, cookie) = self.asked(id, cookie).await?;
        let request = self.kept_request(id).await?.ok_or(ConsentFailure::Answered)?;
        let consents = self.consents();
        let portal = consents.face(request.client).await?.ok_or(OidcFailure::ClientUnknown)?;
        let person = consents.who(session.user).await?.ok_or(ConsentFailure::NotAsked)?;
        let items = items(&request.scope, &request.terms);
        Ok(Question {
            portal,
            person,
            scopes: request.scope.split(' ').map(str::to_owned).collect(),
            claims: of_kind(&items, Some(Mark::Claim)),
            resources: of_kind(&items, Some(Mark::Resource)),
            redirect_uri: request.redirect_uri,
            confirm: confirmation(id, cookie),
            ui_locales: request.ui_locales,
        })
    }

    /// `POST /oauth2/consent/{id}`. The answer is consumed before anything comes of it: of any number of parallel answers one takes the
    /// entry, and only that one reaches the code.
    ///
    /// # Errors
    /// As [`Provider::question`]; nothing has been consumed then. Else as [`Provider::resume`].
    pub async fn answer_question(&self, id: &str, params: &Params, cookie: Option<&str>) -> Result<Outcome> {
        params.unique().map_err(|fault| fault.failure)?;
        let (session, cookie) = self.asked(id, cookie).await?;
        let sent = params.get("confirm").unwrap_or_default();
        if !equal(sent.as_bytes(), confirmation(id, cookie).as_bytes()) {
            return Err(ConsentFailure::NotAsked.into());
        }
        let yes = match params.get("decision") {
            Some("allow") => true,
            Some("decline") => false,
            _ => return Err(OidcFailure::ParameterMissing.failure().detail("decision")),
        };
        if self.deps().ephemeral.take(&key(id)).await?.is_none() {
            return Err(ConsentFailure::Answered.into());
        }
        match yes {
            true => self.agreed_to(id, &session, cookie).await,
            false => self.declined(id).await,
        }
    }

    async fn agreed_to(&self, id: &str, session: &Session, cookie: &str) -> Result<Outcome> {
        let request = self.kept_request(id).await?.ok_or(OidcFailure::RequestUnknown)?;
        let (client, _) = self.matched_again(&request).await?;
        let items = items(&request.scope, &request.terms);
        let portal = (client.id, client.client_id.as_str());
        self.consents().agree(session.user, portal, &items).await?;
        self.go_on(id, Some(cookie), ConsentDecision::Yes).await
    }

    /// The request ends with a no, like it would end with a code.
    async fn declined(&self, id: &str) -> Result<Outcome> {
        let request = self.kept_request(id).await?.ok_or(OidcFailure::RequestUnknown)?;
        let (client, destination) = self.matched_again(&request).await?;
        if !client.enabled {
            return Err(OidcFailure::ClientUnknown.into());
        }
        if !self.forget_request(id).await? {
            return Err(OidcFailure::RequestUnknown.into());
        }
        let fault = ConsentFailure::Declined.fault();
        Ok(Outcome::Answer(destination.refuse(&fault)))
    }

    /// The living session this question was put to, with its cookie.
    async fn asked<'a>(&self, id: &str, cookie: Option<&'a str>) -> Result<(Session, &'a str)> {
        if !request::is_id(id) {
            return Err(ConsentFailure::Answered.into());
        }
        let value = self.deps().ephemeral.get(&key(id)).await?;
        let value = value.ok_or(ConsentFailure::Answered)?;
        let asked: PendingConsent =
            serde_json::from_slice(&value).map_err(|error| StoreFailure::Corrupt.failure().cause(error))?;
        let cookie = cookie.ok_or(ConsentFailure::NotAsked)?;
        let session = self.deps().sessions.find(cookie).await?;
        let session = session.filter(|session| session.id == asked.session);
        Ok((session.ok_or(ConsentFailure::NotAsked)?, cookie))
    }
}
