//! The authorization endpoint: resolve the request, check it, find the session, ask the gate, issue a code.

use super::{
    checks,
    interaction_policy::{self, CurrentSession, Interaction},
    outcome::ConsentDecision,
    resolve::resolved::ResolvedRequest,
};
use crate::{
    gate::{Denied, Permit, Refusal, Visit, failure::GateFailure},
    kernel::failure::{Failure, Result},
    oidc::{
        authorization_code::Code,
        authorize::{
            destination::{Destination, ResponseMode},
            outcome::{Outcome, Visitor},
            request::Request,
        },
        client::Client,
        failure::{Fault, OidcFailure},
        logout::id_token_hint::{Hint, HintClaims},
        offline_access,
        params::Params,
        provider::Provider,
        scope, security_profile,
        subject::{self, Expected},
        terms::Terms,
    },
    signin::{LoginRequest, session::Session},
};
use std::sync::Arc;

impl Provider {
    /// `GET` or `POST /oauth2/authorize`, with the session cookie if there was one.
    ///
    /// # Errors
    /// What is to be shown as a page.
    pub async fn authorize(&self, params: &Params, cookie: Option<&str>) -> Result<Outcome> {
        let asked = match self.resolve_request(params).await {
            Ok(asked) => asked,
            Err(fault) => return self.lost(params, fault).await,
        };
        let (client, destination) = self.matched(&asked.params).await.map_err(|fault| fault.failure)?;
        let request = match self.checked(&asked, &client, &destination).await {
            Ok(request) => request,
            Err(fault) => return Ok(Outcome::Answer(destination.refuse(&fault))),
        };
        let visitor = Visitor {
            client: &client,
            destination: &destination,
            request: &request,
            kept: None,
            word: ConsentDecision::Silence,
        };
        self.receive(&visitor, cookie).await
    }

    /// `GET /oauth2/authorize/resume`: the person returned from a journey.
    ///
    /// # Errors
    /// `OP-104` when the request is gone; else as [`Provider::authorize`].
    pub async fn resume(&self, id: &str, cookie: Option<&str>) -> Result<Outcome> {
        self.go_on(id, cookie, ConsentDecision::Silence).await
    }

    pub(in crate::oidc) async fn go_on(
        &self,
        id: &str,
        cookie: Option<&str>,
        word: ConsentDecision,
    ) -> Result<Outcome> {
        let request = self.kept_request(id).await?.ok_or(OidcFailure::RequestUnknown)?;
        let (client, destination) = self.matched_again(&request).await?;
        let visitor = Visitor {
            client: &client,
            destination: &destination,
            request: &request,
            kept: Some(id),
            word,
        };
        self.receive(&visitor, cookie).await
    }

    /// Client and redirect URI of a kept request: the registration may have changed while the person was away.
    pub(in crate::oidc) async fn matched_again(&self, request: &Request) -> Result<(Arc<Client>, Destination)> {
        let client = self.store().find_client_by_row(request.client).await?;
        let client = client.ok_or(OidcFailure::ClientUnknown)?;
        let destination = Destination::of(&client, &request.redirect_uri, self.issuer())
            .ok_or(OidcFailure::RedirectUriMismatch)?
            .with(request.mode, request.state.clone());
        Ok((client, destination))
    }

    /// Client, then redirect URI: the two that decide whether anything may be answered by redirect.
    async fn matched(&self, params: &Params) -> Result<(Arc<Client>, Destination), Fault> {
        params.unique_among(&["client_id", "redirect_uri"])?;
        let client_id = params.get("client_id").ok_or(OidcFailure::ClientUnknown)?;
        let client = self.store().find_client(client_id).await?;
        // One that is switched off is no address to redirect to.
        let client = client
            .filter(|client| client.enabled)
            .ok_or(OidcFailure::ClientUnknown)?;
        let destination = self.destination(&client, params)?;
        Ok((client, destination))
    }

    pub(in crate::oidc) fn destination(&self, client: &Client, params: &Params) -> Result<Destination, Fault> {
        let redirect_uri = params.get("redirect_uri").ok_or(OidcFailure::RedirectUriMissing)?;
        let destination = Destination::of(client, redirect_uri, self.issuer())
            .ok_or_else(|| OidcFailure::RedirectUriMismatch.because(redirect_uri))?;
        let mode = params
            .get("response_mode")
            .and_then(ResponseMode::of)
            .unwrap_or_default();
        Ok(destination.with(mode, params.owned("state")))
    }

    /// A pushed or signed request that is not taken. What it says is not believed; a redirect URI that stands in the address besides and is
    /// registered hears of the fault, else it is a page.
    async fn lost(&self, params: &Params, fault: Fault) -> Result<Outcome> {
        match self.matched(params).await {
            Ok((_, destination)) => Ok(Outcome::Answer(destination.refuse(&fault))),
            Err(_) => Err(fault.failure),
        }
    }

    pub(in crate::oidc) async fn checked(
        &self,
        asked: &ResolvedRequest,
        client: &Client,
        to: &Destination,
    ) -> Result<Request, Fault> {
        let params = &asked.params;
        asked.check_conveyance(client)?;
        let mut draft = checks::table::run(params, client)?;
        if let Some(hint) = params.get("id_token_hint") {
            match self.hint(hint).await? {
                Hint::Ours(claims) => draft.expected.push(self.person_of(claims).await?),
                // Whom it names cannot be known any more, so nobody can be said to be that person.
                Hint::Forgotten if draft.prompt.none => return Err(OidcFailure::LoginRequired.because("id_token_hint")),
                Hint::Forgotten => {}
                Hint::Foreign => return Err(OidcFailure::HintInvalid.into()),
            }
        }
        Ok(Request {
            client: client.id,
            redirect_uri: to.redirect_uri().to_owned(),
            mode: to.mode(),
            state: params.owned("state"),
            scope: scope::grant(
                &draft.scope,
                &client.scopes,
                offline_access::is_obtainable(client, draft.prompt.consent),
            ),
            nonce: draft.nonce,
            challenge: draft.challenge,
            prompt: draft.prompt,
            max_age: draft.max_age,
            expected: draft.expected,
            terms: draft.terms,
            ui_locales: params.owned("ui_locales"),
            asked_at: self.deps().clock.now(),
            pushed: asked.ticket.clone(),
        })
    }

    /// Who an ID token of ours names; it may have expired (OpenID Connect Core 3.1.2.1). It names them as they are called in the sector of the
    /// client it was made for, which may be another one than asks now.
    async fn person_of(&self, claims: HintClaims) -> Result<Expected, Fault> {
        let client = self.store().find_client(&claims.aud).await?;
        Ok(Expected {
            sector: client.as_deref().and_then(subject::sector),
            subjects: vec![claims.sub],
        })
    }

    fn present(&self, request: &Request, session: &Session) -> Result<CurrentSession> {
        let expected = self.is_expected(&request.expected, session.user)?;
        Ok(CurrentSession::of(session, expected))
    }

    async fn receive(&self, visitor: &Visitor<'_>, cookie: Option<&str>) -> Result<Outcome> {
        let session = match cookie {
            Some(cookie) => self.deps().sessions.find(cookie).await?,
            None => None,
        };
        let now = self.deps().clock.now();
        let present = session
            .map(|session| self.present(visitor.request, &session))
            .transpose()?;
        let terms = &visitor.request.terms;
        let reachable = terms.acr.is_empty() || self.deps().journeys.can_reach(visitor.client.id, &terms.acr).await?;
        match interaction_policy::next(visitor.request, present, (now, visitor.kept.is_some()), reachable) {
            Interaction::Enter(present) => self.enter(visitor, present).await,
            Interaction::SignIn => self.sign_in(visitor).await,
            // A kept request whose client was switched off since; the other two ways lead to the gate, which says so.
            Interaction::Refuse(_) if !visitor.client.enabled => Err(OidcFailure::ClientUnknown.into()),
            Interaction::Refuse(kind) => Ok(Outcome::Answer(visitor.destination.refuse(&kind.into()))),
        }
    }

    async fn enter(&self, visitor: &Visitor<'_>, present: CurrentSession) -> Result<Outcome> {
        let visit = Visit::Browser {
            session: present.session,
            portal: visitor.client.id,
        };
        match self.deps().gate.admit(visit).await {
            Ok(permit) => match self.consent_due(visitor, (present.session, permit.person().id)).await? {
                Some(question) => Ok(question),
                None => self.issue(visitor, permit).await,
            },
            Err(Denied::Failed(failure)) => self.failed(visitor, failure),
            Err(Denied::Refused(refusal)) => self.refused(visitor, present, refusal).await,
        }
    }

    /// The request ends when its code is issued: of two tabs that return with it, one gets a code.
    async fn issue(&self, visitor: &Visitor<'_>, permit: Permit) -> Result<Outcome> {
        if let Some(id) = visitor.kept
            && !self.forget_request(id).await?
        {
            return Err(OidcFailure::RequestUnknown.into());
        }
        if let Some(ticket) = &visitor.request.pushed {
            self.consume_pushed_request(ticket)
                .await
                .map_err(|fault| fault.failure)?;
        }
        let session = permit
            .session()
            .ok_or_else(|| OidcFailure::MintRefused.failure().cause("permit without session"))?;
        let request = visitor.request;
        let code = Code {
            grant: self.deps().entropy.id(self.deps().clock.now()),
            client: visitor.client.id,
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            nonce: request.nonce.clone(),
            scope: request.scope.clone(),
            terms: Terms {
                amr: session.amr.clone(),
                ..request.terms.clone()
            },
            session: session.id,
            user: permit.person().id,
            auth_time: session.auth_time,
        };
        let secret = self.deps().entropy.token();
        let longest = security_profile::of(visitor.client).longest_code;
        self.codes().at_most(longest).issue(&secret, code).await?;
        Ok(Outcome::Answer(visitor.destination.answer("code", secret.expose())))
    }

    /// A session that came through an auth source this portal does not take is no refusal yet: another auth source may lead in.
    async fn refused(&self, visitor: &Visitor<'_>, present: CurrentSession, refusal: Refusal) -> Result<Outcome> {
        if visitor.request.prompt.none {
            let fault = silent_fault(&refusal);
            return Ok(Outcome::Answer(visitor.destination.refuse(&fault)));
        }
        let needs_other_auth_source = matches!(
            refusal.reason,
            GateFailure::AuthSourceNotAllowed
                | GateFailure::AuthSourceDisabled
                | GateFailure::PasswordOff
                | GateFailure::SessionEnded
        );
        let returned = visitor.kept.is_some() && present.auth_time >= visitor.request.asked_at;
        if needs_other_auth_source && !returned {
            return self.sign_in(visitor).await;
        }
        Ok(Outcome::Refused(refusal))
    }

    /// Trouble of ours: a page for a person, an answer for a silent request.
    fn failed(&self, visitor: &Visitor<'_>, failure: Failure) -> Result<Outcome> {
        if visitor.request.prompt.none {
            return Ok(Outcome::Answer(visitor.destination.refuse(&failure.into())));
        }
        Err(failure)
    }

    async fn sign_in(&self, visitor: &Visitor<'_>) -> Result<Outcome> {
        let id = match visitor.kept {
            Some(id) => id.to_owned(),
            None => self.keep_request(visitor.request).await?,
        };
        let wanted = LoginRequest {
            return_to: format!("/oauth2/authorize/resume?request={id}"),
            portal: visitor.client.id,
            ui_locales: visitor.request.ui_locales.clone(),
            acr: visitor.request.terms.acr.clone(),
            acr_essential: visitor.request.terms.acr_essential,
        };
        Ok(Outcome::SignIn(self.deps().journeys.begin(wanted).await?))
    }
}

/// What a gate's no means to a portal that asked silently (OpenID Connect Core 3.1.2.6).
fn silent_fault(refusal: &Refusal) -> Fault {
    let kind = match refusal.reason {
        GateFailure::SessionEnded => OidcFailure::LoginRequired,
        GateFailure::AuthSourceNotAllowed | GateFailure::AuthSourceDisabled | GateFailure::PasswordOff => {
            OidcFailure::InteractionRequired
        }
        GateFailure::NotConfirmed => OidcFailure::NotConfirmed,
        _ => OidcFailure::AccessDenied,
    };
    kind.because(format!("{} {}", refusal.reason.entry().number, refusal.reference))
}
