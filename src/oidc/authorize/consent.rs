//! The consent step of an authorization request, between the gate's permit and the code.
//!
//! The question is bound to the kept request and to the session it was put to: `consent:<id>` in the ephemeral store names that session,
//! and the form carries a value that only the session's cookie yields. The answer takes that entry, so of any number of answers one counts.
//! A request with `prompt=none` is never shown the page: it gets `consent_required`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    outcome::{AuthorizationContext, Outcome},
    request,
};
use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::failure::Result,
    oidc::{
        authorize::outcome::ConsentDecision,
        consent::{
            agreement::{ItemKind, covers, items, of_kind},
            failure::ConsentFailure,
            model::Consents,
            store::{ClientDisplay, ConsentUser},
        },
        failure::OidcFailure,
        metadata::{ClaimRules, Consent},
        params::Params,
        provider::Provider,
    },
    signin::{Visitor, session_model::Session},
};

/// The session a consent question was put to.
#[derive(Serialize, Deserialize)]
struct PendingConsent {
    session: Uuid,
}

/// The consent question as its page shows it.
pub struct Question {
    /// Who asks.
    pub portal: ClientDisplay,
    /// Address of our copy of its logo.
    pub logo: Option<String>,
    /// Who is asked.
    pub person: ConsentUser,
    /// Scopes that would be granted, in the order asked for.
    pub scopes: Vec<String>,
    /// Claims requested by name that no scope above covers, as `ClaimRules::common_name` has them; `None` for those that only the
    /// portal's own rules make.
    pub claims: Vec<Option<String>>,
    /// Resource servers the tokens would be good for.
    pub resources: Vec<String>,
    /// Where the answer would go.
    pub redirect_uri: String,
    /// Confirmation value, sent back with the answer.
    pub confirm: String,
    /// Languages the portal asked for.
    pub ui_locales: Option<String>,
}

fn key(id: &str) -> String {
    format!("consent:{id}")
}

/// The form's confirmation value. Nobody who cannot read the cookie can compute it, and it is valid for this one request.
fn confirmation(id: &str, cookie: &str) -> String {
    sha256_base64url(format!("confirm consent:{id}:{cookie}").as_bytes())
}

/// The claims among these items by the names that pages have words for, each once, without those that the words for a scope among them cover.
fn named_claims(rules: &ClaimRules, items: &[String]) -> Vec<Option<String>> {
    let agreed = |needed: &&str| items.iter().any(|item| item == needed);
    let covered = |claim: &str| rules.scopes_of(claim).unwrap_or_default().iter().all(agreed);
    let mut names = Vec::new();
    for claim in of_kind(items, Some(ItemKind::Claim)) {
        let name = rules.common_name(&claim).map(str::to_owned);
        let repeated = name.is_some() && covered(&claim);
        if !repeated && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl Provider {
    pub(in crate::oidc) fn consents(&self) -> Consents {
        let deps = self.deps();
        Consents::new(deps.database.clone(), deps.clock.clone(), deps.entropy.clone())
    }

    /// What is missing before a code may be issued: the consent page, or an error where it may not be shown; `None` when nothing is.
    pub(super) async fn consent_due(
        &self,
        context: &AuthorizationContext<'_>,
        (session, user): (Uuid, Uuid),
    ) -> Result<Option<Outcome>> {
        if context.consent_decision == ConsentDecision::Yes || !self.must_ask(context, user).await? {
            return Ok(None);
        }
        if context.request.prompt.none {
            let fault = ConsentFailure::Required.fault();
            return Ok(Some(Outcome::Answer(context.destination.refuse(&fault))));
        }
        let (id, _) = self.kept(context).await?;
        let pending = PendingConsent { session };
        let ephemeral = &self.deps().ephemeral;
        ephemeral.put_json(&key(&id), &pending, request::LIFETIME).await?;
        Ok(Some(Outcome::Ask(format!("/oauth2/consent/{id}"))))
    }

    /// Whether to show the consent page. `prompt=consent` shows it always, also for portals with implicit consent (OpenID Connect Core
    /// 3.1.2.1); else a client that asks for consent asks once for each item.
    async fn must_ask(&self, context: &AuthorizationContext<'_>, user: Uuid) -> Result<bool> {
        if context.request.prompt.consent {
            return Ok(true);
        }
        if context.client.metadata.consent == Consent::Implicit {
            return Ok(false);
        }
        let agreed = self.consents().agreed(user, context.client.id).await?;
        Ok(!covers(
            &agreed,
            &items(context.client, &context.request.scope, &context.request.terms),
        ))
    }

    /// `GET /oauth2/consent/{id}`.
    ///
    /// # Errors
    /// `OP-321` when the question is gone, `OP-320` when it was put to somebody else.
    pub async fn question(&self, id: &str, cookie: Option<&str>) -> Result<Question> {
        let (session, cookie) = self.asked(id, cookie).await?;
        let request = self.kept_request(id).await?.ok_or(ConsentFailure::Answered)?;
        let consents = self.consents();
        let portal = consents
            .client_display(request.client)
            .await?
            .ok_or(OidcFailure::ClientUnknown)?;
        let person = consents
            .consent_user(session.user)
            .await?
            .ok_or(ConsentFailure::NotAsked)?;
        let (client, _) = self.rematch_client(&request).await?;
        let logo = self
            .deps()
            .journeys
            .portal_logo(request.client, portal.metadata.logo_uri.as_deref());
        let logo = logo.await;
        let items = items(&client, &request.scope, &request.terms);
        let scopes = request.scope.split(' ').map(str::to_owned);
        Ok(Question {
            logo,
            portal,
            person,
            scopes: scopes.filter(|scope| items.contains(scope)).collect(),
            claims: named_claims(&client.metadata.claims, &items),
            resources: of_kind(&items, Some(ItemKind::Resource)),
            redirect_uri: request.redirect_uri,
            confirm: confirmation(id, cookie),
            ui_locales: request.ui_locales,
        })
    }

    /// `POST /oauth2/consent/{id}`. The question is consumed before the answer takes effect: of any number of parallel answers one takes
    /// the entry, and only that one leads to a code. An answer that failed for a reason of ours leaves the question to be answered again.
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
        let outcome = match yes {
            true => self.agreed_to(id, &session, cookie).await,
            false => self.declined(id).await,
        };
        if outcome.as_ref().is_err_and(|failure| failure.entry.status >= 500) {
            let pending = PendingConsent { session: session.id };
            let ephemeral = &self.deps().ephemeral;
            ephemeral.put_json(&key(id), &pending, request::LIFETIME).await?;
        }
        outcome
    }

    /// `GET /oauth2/consent/{id}?account=other`: the login page, for whoever would go on with another account. The question stays as it is.
    ///
    /// # Errors
    /// As [`Provider::question`].
    pub async fn other_account_for(&self, id: &str, cookie: Option<&str>) -> Result<Outcome> {
        self.asked(id, cookie).await?;
        let request = self.kept_request(id).await?.ok_or(ConsentFailure::Answered)?;
        let (client, destination) = self.rematch_client(&request).await?;
        let context = AuthorizationContext {
            client: &client,
            destination: &destination,
            request: &request,
            stored_request_id: Some(id),
            consent_decision: ConsentDecision::Silence,
            visitor: Visitor::default(),
        };
        self.sign_in(&context).await
    }

    async fn agreed_to(&self, id: &str, session: &Session, cookie: &str) -> Result<Outcome> {
        let request = self.kept_request(id).await?.ok_or(OidcFailure::RequestUnknown)?;
        let (client, _) = self.rematch_client(&request).await?;
        let items = items(&client, &request.scope, &request.terms);
        let portal = (client.id, client.client_id.as_str());
        self.consents().agree(session.user, portal, &items).await?;
        let visitor = Visitor {
            session: Some(cookie),
            ..Visitor::default()
        };
        self.continue_request(id, visitor, ConsentDecision::Yes).await
    }

    /// Consumes the request when the person declines, as a code would, and answers with the error.
    async fn declined(&self, id: &str) -> Result<Outcome> {
        let request = self.kept_request(id).await?.ok_or(OidcFailure::RequestUnknown)?;
        let (client, destination) = self.rematch_client(&request).await?;
        if !client.enabled {
            return Err(OidcFailure::ClientUnknown.into());
        }
        if !self.forget_request(id).await? {
            return Err(OidcFailure::RequestUnknown.into());
        }
        let fault = ConsentFailure::Declined.fault();
        Ok(Outcome::Answer(destination.refuse(&fault)))
    }

    /// The live session this question was put to, with its cookie.
    async fn asked<'a>(&self, id: &str, cookie: Option<&'a str>) -> Result<(Session, &'a str)> {
        if !request::is_id(id) {
            return Err(ConsentFailure::Answered.into());
        }
        let pending: Option<PendingConsent> = self.deps().ephemeral.get_json(&key(id)).await?;
        let pending = pending.ok_or(ConsentFailure::Answered)?;
        let cookie = cookie.ok_or(ConsentFailure::NotAsked)?;
        let session = self.deps().sessions.find(cookie).await?;
        let session = session.filter(|session| session.id == pending.session);
        Ok((session.ok_or(ConsentFailure::NotAsked)?, cookie))
    }
}
