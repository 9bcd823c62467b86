//! The authorization endpoint: resolve the request, check it, find the session, ask the gate, issue a code.

use super::{
    checks,
    interaction_policy::{self, CurrentSession, Interaction},
    outcome::ConsentDecision,
    resolve::resolved::ResolvedRequest,
};
use crate::{
    gate::{Denied, Permit, Refusal, Visit, failure::GateFailure},
    kernel::{
        failure::{Failure, Result},
        secret::beginning,
        spans,
    },
    oidc::{
        authorization_code::Code,
        authorize::{
            destination::{Destination, ResponseMode},
            outcome::{AuthorizationContext, Outcome},
            request::Request,
        },
        client::Client,
        failure::{Fault, OidcFailure},
        logout::id_token_hint::{Hint, HintClaims},
        offline_access,
        params::Params,
        provider::Provider,
        scope, security_profile,
        subject_derivation::{self, Expected},
        terms::GrantTerms,
    },
    signin::{LoginRequest, Standing, Visitor, session_model::Session},
    web::context,
};
use std::sync::Arc;

impl Provider {
    /// `GET` or `POST /oauth2/authorize`, from this visitor.
    ///
    /// # Errors
    /// What is to be shown as a page instead of sent by redirect; `WB-106` when too much is kept for that visitor's address already.
    pub async fn authorize(&self, params: &Params, visitor: Visitor<'_>) -> Result<Outcome> {
        let asked = match self.resolve_request(params).await {
            Ok(asked) => asked,
            Err(fault) => return self.answer_unresolved(params, fault).await,
        };
        let (client, destination) = self.match_client(&asked.params).await.map_err(|fault| fault.failure)?;
        let request = match self.validate(&asked, &client, &destination).await {
            Ok(request) => request,
            Err(fault) => return Ok(Outcome::Answer(destination.refuse(&fault))),
        };
        let context = AuthorizationContext {
            client: &client,
            destination: &destination,
            request: &request,
            stored_request_id: None,
            consent_decision: ConsentDecision::Silence,
            visitor,
        };
        self.apply_interaction_policy(&context).await
    }

    /// `GET /oauth2/authorize/resume`: the person returned from a journey.
    ///
    /// # Errors
    /// `OP-104` when the request is gone; else as [`Provider::authorize`].
    pub async fn resume(&self, id: &str, visitor: Visitor<'_>) -> Result<Outcome> {
        // What is kept is counted already.
        let visitor = Visitor {
            session: visitor.session,
            in_wecom: visitor.in_wecom,
            ..Visitor::default()
        };
        self.continue_request(id, visitor, ConsentDecision::Silence).await
    }

    pub(in crate::oidc) async fn continue_request(
        &self,
        id: &str,
        visitor: Visitor<'_>,
        consent_decision: ConsentDecision,
    ) -> Result<Outcome> {
        let request = self.kept_request(id).await?.ok_or(OidcFailure::RequestUnknown)?;
        let (client, destination) = self.rematch_client(&request).await?;
        let context = AuthorizationContext {
            client: &client,
            destination: &destination,
            request: &request,
            stored_request_id: Some(id),
            consent_decision,
            visitor,
        };
        self.apply_interaction_policy(&context).await
    }

    /// Client and redirect URI of a kept request, matched again: the registration may have changed during the sign-in.
    pub(in crate::oidc) async fn rematch_client(&self, request: &Request) -> Result<(Arc<Client>, Destination)> {
        let client = self.store().find_client_by_id(request.client).await?;
        let client = client.ok_or(OidcFailure::ClientUnknown)?;
        context::portal(&client.client_id);
        let destination = Destination::of(&client, &request.redirect_uri, self.issuer())
            .ok_or(OidcFailure::RedirectUriMismatch)?
            .with(request.mode, request.state.clone());
        Ok((client, destination))
    }

    /// Client, then redirect URI: the two that decide whether anything may be answered by redirect.
    async fn match_client(&self, params: &Params) -> Result<(Arc<Client>, Destination), Fault> {
        params.unique_among(&["client_id", "redirect_uri"])?;
        let client_id = params.get("client_id").ok_or(OidcFailure::ClientUnknown)?;
        let client = self.store().find_client(client_id).await?;
        client.iter().for_each(|client| context::portal(&client.client_id));
        // Nobody is redirected to a disabled client.
        let client = client
            .filter(|client| client.enabled)
            .ok_or_else(|| OidcFailure::ClientUnknown.caused_by(format!("client_id {}", beginning(client_id))))?;
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
        Ok(destination.with(mode, params.state()?.map(str::to_owned)))
    }

    /// Answers a pushed or signed request that could not be resolved. Its contents are not trusted; the fault is sent to a redirect URI
    /// that was sent beside it and is registered, else it is a page.
    async fn answer_unresolved(&self, params: &Params, fault: Fault) -> Result<Outcome> {
        match self.match_client(params).await {
            Ok((_, destination)) => Ok(Outcome::Answer(destination.refuse(&fault))),
            Err(_) => Err(fault.failure),
        }
    }

    pub(in crate::oidc) async fn validate(
        &self,
        asked: &ResolvedRequest,
        client: &Client,
        to: &Destination,
    ) -> Result<Request, Fault> {
        let params = &asked.params;
        asked.check_conveyance(client)?;
        let mut draft = checks::table::run(params, client, asked.pushed)?;
        if let Some(hint) = params.get("id_token_hint") {
            match self.hint(hint).await? {
                Hint::Valid(claims) => draft.expected.push(self.person_of(claims).await?),
                // Its signature cannot be verified any more, so no session can be said to be of the person it names.
                Hint::UnknownKey if draft.prompt.none => {
                    return Err(OidcFailure::LoginRequired.because("id_token_hint"));
                }
                Hint::UnknownKey => {}
                Hint::Invalid => return Err(OidcFailure::HintInvalid.into()),
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
            standing: Standing::default(),
            trace: spans::traceparent(),
        })
    }

    /// The person an ID token of ours names; it may have expired (OpenID Connect Core 3.1.2.1). Its `sub` is that of the sector of the
    /// client it was issued to, which may be another than the requesting one.
    async fn person_of(&self, claims: HintClaims) -> Result<Expected, Fault> {
        let client = self.store().find_client(&claims.aud).await?;
        Ok(Expected {
            sector: client.as_deref().and_then(subject_derivation::sector),
            subjects: vec![claims.sub],
        })
    }

    fn present(&self, request: &Request, session: &Session) -> Result<CurrentSession> {
        let expected = self.is_expected(&request.expected, session.user)?;
        Ok(CurrentSession::of(session, expected))
    }

    async fn apply_interaction_policy(&self, context: &AuthorizationContext<'_>) -> Result<Outcome> {
        let session = match context.visitor.session {
            Some(cookie) => self.deps().sessions.find(cookie).await?,
            None => None,
        };
        let now = self.deps().clock.now();
        let present = session
            .map(|session| self.present(context.request, &session))
            .transpose()?;
        let terms = &context.request.terms;
        let reachable = terms.acr.is_empty() || self.deps().journeys.can_reach(context.client.id, &terms.acr).await?;
        match interaction_policy::next(
            context.request,
            present,
            (now, context.stored_request_id.is_some()),
            reachable,
        ) {
            Interaction::Enter(present) => self.admit_and_issue(context, present).await,
            Interaction::SignIn => self.sign_in(context).await,
            // A kept request whose client was disabled since; the other two steps lead to the gate, which refuses it.
            Interaction::Refuse(_) if !context.client.enabled => Err(OidcFailure::ClientUnknown.into()),
            Interaction::Refuse(kind) => Ok(Outcome::Answer(context.destination.refuse(&kind.into()))),
        }
    }

    async fn admit_and_issue(&self, context: &AuthorizationContext<'_>, present: CurrentSession) -> Result<Outcome> {
        let visit = Visit::Browser {
            session: present.session,
            portal: context.client.id,
        };
        match self.deps().gate.admit(visit).await {
            Ok(permit) => {
                // First what the portal would be told, then whether it may be.
                if let Some(offer) = self.private_fields_due(context, present.session).await {
                    return Ok(offer);
                }
                match self.consent_due(context, (present.session, permit.person().id)).await? {
                    Some(question) => Ok(question),
                    None => self.issue(context, permit).await,
                }
            }
            Err(Denied::Failed(failure)) => self.failed(context, failure),
            Err(Denied::Refused(refusal)) => self.refused(context, present, refusal).await,
        }
    }

    /// Stores the code, then consumes the request: of two tabs that return with it, one gets a code. The code of the other dies unknown.
    async fn issue(&self, context: &AuthorizationContext<'_>, permit: Permit) -> Result<Outcome> {
        let session = permit
            .session()
            .ok_or_else(|| OidcFailure::MintRefused.failure().cause("permit without session"))?;
        let request = context.request;
        let now = self.deps().clock.now();
        let grant = self.deps().entropy.id(now);
        let code = Code {
            grant,
            client: context.client.id,
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            nonce: request.nonce.clone(),
            scope: request.scope.clone(),
            terms: GrantTerms {
                amr: session.amr.clone(),
                ..request.terms.clone()
            },
            session: session.id,
            user: permit.person().id,
            auth_time: session.auth_time,
            issued_at: now,
            trace: spans::traceparent(),
        };
        let secret = self.deps().entropy.token();
        let longest = security_profile::of(context.client).longest_code;
        self.codes().at_most(longest).issue(&secret, code).await?;
        // Before the kept request, by whose name it can be had again if the store fails in between.
        if let Some(ticket) = &context.request.pushed {
            let own = grant.to_string();
            self.consume_pushed_request(ticket, context.stored_request_id.unwrap_or(&own))
                .await
                .map_err(|fault| fault.failure)?;
        }
        if let Some(id) = context.stored_request_id
            && !self.forget_request(id).await?
        {
            return Err(OidcFailure::RequestUnknown.into());
        }
        Ok(Outcome::Answer(context.destination.answer("code", secret.expose())))
    }

    /// Handles a refusal of the gate. Where another sign-in may help (auth source or password not accepted, session ended), that comes
    /// first.
    async fn refused(
        &self,
        context: &AuthorizationContext<'_>,
        present: CurrentSession,
        refusal: Refusal,
    ) -> Result<Outcome> {
        if context.request.prompt.none {
            let fault = silent_fault(&refusal);
            return Ok(Outcome::Answer(context.destination.refuse(&fault)));
        }
        let needs_other_auth_source = matches!(
            refusal.reason,
            GateFailure::AuthSourceNotAllowed
                | GateFailure::AuthSourceDisabled
                | GateFailure::PasswordOff
                | GateFailure::SessionEnded
        );
        let returned = context.stored_request_id.is_some() && present.auth_time >= context.request.asked_at;
        if needs_other_auth_source && !returned {
            return self.sign_in(context).await;
        }
        let journey = self.other_account(context).await;
        Ok(Outcome::Refused {
            refusal,
            journey,
            portal: context.client.id,
        })
    }

    /// Handles an internal failure: an error response for `prompt=none`, else a page.
    fn failed(&self, context: &AuthorizationContext<'_>, failure: Failure) -> Result<Outcome> {
        if context.request.prompt.none {
            return Ok(Outcome::Answer(context.destination.refuse(&failure.into())));
        }
        Err(failure)
    }

    /// The id under which the request of this context is kept, and for whom. One that is not kept yet is counted for its visitor first.
    pub(super) async fn kept(&self, context: &AuthorizationContext<'_>) -> Result<(String, Standing)> {
        if let Some(id) = context.stored_request_id {
            return Ok((id.to_owned(), context.request.standing));
        }
        let standing = self.deps().journeys.admit(&context.visitor).await?;
        let request = Request {
            standing,
            ..context.request.clone()
        };
        Ok((self.keep_request(&request).await?, standing))
    }

    /// A journey for whoever is signed in as somebody who may not enter, and may have another account.
    async fn other_account(&self, context: &AuthorizationContext<'_>) -> Option<String> {
        match self.sign_in(context).await {
            Ok(Outcome::SignIn(path)) => path.strip_prefix("/signin/").map(str::to_owned),
            _ => None,
        }
    }

    /// Begins a journey that returns to this request.
    pub(super) async fn sign_in(&self, context: &AuthorizationContext<'_>) -> Result<Outcome> {
        let (id, standing) = self.kept(context).await?;
        let wanted = LoginRequest {
            return_to: format!("/oauth2/authorize/resume?request={id}"),
            portal: context.client.id,
            client_id: context.client.client_id.clone(),
            ui_locales: context.request.ui_locales.clone(),
            acr: context.request.terms.acr.clone(),
            acr_essential: context.request.terms.acr_essential,
            standing,
            begun_at: None,
            trace: None,
            trial: None,
        };
        Ok(Outcome::SignIn(self.deps().journeys.begin(wanted).await?))
    }
}

/// The OAuth error for a refusal of the gate where the portal asked with `prompt=none` (OpenID Connect Core 3.1.2.6).
fn silent_fault(refusal: &Refusal) -> Fault {
    let kind = match refusal.reason {
        GateFailure::SessionEnded => OidcFailure::LoginRequired,
        GateFailure::AuthSourceNotAllowed | GateFailure::AuthSourceDisabled | GateFailure::PasswordOff => {
            OidcFailure::InteractionRequired
        }
        GateFailure::NotConfirmed | GateFailure::GraceOver | GateFailure::OtherIds => OidcFailure::NotConfirmed,
        _ => OidcFailure::AccessDenied,
    };
    Fault::of_refusal(kind, refusal)
}
