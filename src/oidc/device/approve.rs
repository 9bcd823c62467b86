//! The verification page of the device flow, `/device` (RFC 8628 §3.3): type the code, sign in for that portal, compare, say yes or no.
//!
//! The danger of this flow is a code sent by somebody else ("type this, please"). So nothing is agreed to by opening an address: the page
//! says which portal asks, for what and from where, and the yes is a form of that page, bound to this session and this code.

use std::{net::IpAddr, time::Duration};

use super::{
    failure::DeviceFailure,
    model::{DeviceCodeState, DeviceRequest, LIFETIME},
    user_code::UserCode,
};
use crate::{
    crypto::digest::{equal, sha256_base64url},
    gate::{Denied, Permit, Refusal, Visit, failure::GateFailure},
    kernel::{clock::Timestamp, failure::Result},
    oidc::{
        authorization_code::Code, consent::agreement::items, failure::OidcFailure, metadata::Consent, params::encode,
        provider::Provider, terms::GrantTerms,
    },
    signin::{LoginRequest, Standing, Visitor, acr, session_model::Session},
    web::rate_limit::RateLimit,
};

/// Codes a signed-in person may try in [`WINDOW`].
const PER_PERSON: u64 = 30;
/// Codes that may be tried from one address without anybody signed in; a company may share it.
const PER_ADDRESS: u64 = 300;
/// Window of the rate limits.
const WINDOW: Duration = LIFETIME;
/// Least time an approved device has to fetch its tokens.
const FETCHING: Duration = Duration::from_secs(60);

/// What the person sees next.
pub enum DevicePage {
    /// The form for the code.
    Type,
    /// To this local path, to sign in.
    SignIn(String),
    /// The question.
    Ask(Box<Question>),
    /// The gate refused.
    Refused(Refusal),
    /// The person approved the device.
    Allowed,
    /// The person declined.
    Declined,
}

/// The question as its page shows it.
pub struct Question {
    /// Name of the portal.
    pub portal: String,
    /// Who would be signed in there.
    pub person: String,
    /// Scopes that would be granted.
    pub scopes: Vec<String>,
    /// Resource servers the tokens would be good for.
    pub resources: Vec<String>,
    /// To compare with the device.
    pub user_code: String,
    /// Address of the device or of the portal's server.
    pub from: Option<String>,
    /// Confirmation value, sent back with the answer.
    pub confirm: String,
}

/// The form's confirmation value. Nobody who cannot read the cookie can compute it, and it is valid for this one code.
fn confirmation(cookie: &str, code: &UserCode) -> String {
    sha256_base64url(format!("confirm device:{}:{cookie}", code.bare()).as_bytes())
}

/// Address of this page, to return to after signing in.
fn return_address(code: &UserCode, ui_locales: Option<&str>) -> String {
    let shown = code.shown();
    let fields = [("user_code", shown.as_str())].into_iter();
    format!(
        "/device?{}",
        encode(fields.chain(ui_locales.map(|languages| ("ui_locales", languages))))
    )
}

impl Provider {
    /// `GET /device`, with what was typed, whether whoever is signed in goes on with another account, and the languages asked for.
    ///
    /// # Errors
    /// `OP-280` for a code no device waits for, `OP-282` after too many.
    pub async fn device_page(
        &self,
        (typed, as_another): (Option<&str>, bool),
        visitor: Visitor<'_>,
        ui_locales: Option<&str>,
    ) -> Result<DevicePage> {
        let Some(typed) = typed else {
            return Ok(DevicePage::Type);
        };
        let session = self.signed_in_by(visitor.session).await?;
        let (code, asked) = self.find_pending(typed, session.as_ref(), visitor.address).await?;
        let back = return_address(&code, ui_locales);
        let (Some(session), Some(cookie)) = (session, visitor.session) else {
            return self.sign_in_for(&asked, (back, ui_locales), &visitor).await;
        };
        if as_another || self.must_sign_in_again(&asked, &session).await? {
            return self.sign_in_for(&asked, (back, ui_locales), &visitor).await;
        }
        match self.ask_gate(&asked, &session).await {
            Ok(permit) => {
                let portal = self.store().client_name(asked.client).await?;
                let person = permit.person();
                Ok(DevicePage::Ask(Box::new(Question {
                    portal: portal.ok_or(OidcFailure::ClientUnknown)?,
                    person: person.display_name.clone().unwrap_or_else(|| person.username.clone()),
                    scopes: asked.scope.split(' ').map(str::to_owned).collect(),
                    resources: asked.terms.resources,
                    user_code: code.shown(),
                    from: asked.from,
                    confirm: confirmation(cookie, &code),
                })))
            }
            Err(Denied::Failed(failure)) => Err(failure),
            // The portal does not accept the session's auth source: no refusal yet, another auth source may be accepted.
            Err(Denied::Refused(refusal)) if needs_other_auth_source(&refusal) && session.auth_time < asked.at => {
                self.sign_in_for(&asked, (back, ui_locales), &visitor).await
            }
            Err(Denied::Refused(refusal)) => Ok(DevicePage::Refused(refusal)),
        }
    }

    /// `POST /device`: the answer of the page's form.
    ///
    /// # Errors
    /// `OP-284` when the form is not of this session, `OP-280` when somebody answered before.
    pub async fn decide_device(
        &self,
        (typed, confirm, allow): (&str, &str, bool),
        visitor: Visitor<'_>,
    ) -> Result<DevicePage> {
        let session = self.signed_in_by(visitor.session).await?;
        let (Some(session), Some(cookie)) = (session, visitor.session) else {
            return Err(DeviceFailure::Unconfirmed.into());
        };
        let code = UserCode::read(typed).ok_or(DeviceFailure::Unconfirmed)?;
        if !equal(confirm.as_bytes(), confirmation(cookie, &code).as_bytes()) {
            return Err(DeviceFailure::Unconfirmed.into());
        }
        let (code, asked) = self.find_pending(typed, Some(&session), visitor.address).await?;
        if !allow {
            let denied = DeviceCodeState::Denied {
                client: asked.client,
                expires: asked.expires,
            };
            return self.store_decision(&code, &denied, DevicePage::Declined).await;
        }
        if self.must_sign_in_again(&asked, &session).await? {
            return self
                .sign_in_for(&asked, (return_address(&code, None), None), &visitor)
                .await;
        }
        match self.ask_gate(&asked, &session).await {
            Ok(permit) => {
                self.agreed_to_device(&asked, &permit).await?;
                let approved = self.approved(asked, &permit)?;
                self.store_decision(&code, &approved, DevicePage::Allowed).await
            }
            Err(Denied::Failed(failure)) => Err(failure),
            Err(Denied::Refused(refusal)) => Ok(DevicePage::Refused(refusal)),
        }
    }

    /// Whether this session is older than the portal accepts, or of another class than it prefers (`default_max_age`,
    /// `default_acr_values`). Whoever signed in since the device asked did all they can: a preference is asked for once, and only where it
    /// can be met.
    async fn must_sign_in_again(&self, asked: &DeviceRequest, session: &Session) -> Result<bool> {
        if session.auth_time >= asked.at {
            return Ok(false);
        }
        let client = self.store().find_client_by_id(asked.client).await?;
        let client = client.ok_or(OidcFailure::ClientUnknown)?;
        let age = self.deps().clock.now().since(session.auth_time);
        if client
            .metadata
            .default_max_age
            .is_some_and(|most| most == 0 || age > Duration::from_secs(most))
        {
            return Ok(true);
        }
        let classes = &asked.terms.acr;
        Ok(!acr::satisfies(&session.amr, classes) && self.deps().journeys.can_reach(client.id, classes).await?)
    }

    /// Stores the consent. The page listed what would be released: where the portal asks for consent, its yes is that consent. Called
    /// before the answer is written, so that the device never polls in between.
    async fn agreed_to_device(&self, asked: &DeviceRequest, permit: &Permit) -> Result<()> {
        let client = self.store().find_client_by_id(asked.client).await?;
        let client = client.ok_or(OidcFailure::ClientUnknown)?;
        if client.metadata.consent == Consent::Ask {
            let items = items(&client, &asked.scope, &asked.terms);
            let portal = (client.id, client.client_id.as_str());
            self.consents().agree(permit.person().id, portal, &items).await?;
        }
        Ok(())
    }

    async fn store_decision(&self, code: &UserCode, answer: &DeviceCodeState, step: DevicePage) -> Result<DevicePage> {
        match self.device_codes().decide(code, answer).await? {
            true => Ok(step),
            false => Err(DeviceFailure::UserCodeUnknown.into()),
        }
    }

    fn approved(&self, asked: DeviceRequest, permit: &Permit) -> Result<DeviceCodeState> {
        let session = permit
            .session()
            .ok_or_else(|| OidcFailure::MintRefused.failure().cause("permit without session"))?;
        let now = self.deps().clock.now();
        Ok(DeviceCodeState::Approved {
            code: Code {
                grant: self.deps().entropy.id(now),
                client: asked.client,
                redirect_uri: String::new(),
                challenge: None,
                nonce: None,
                scope: asked.scope,
                terms: GrantTerms {
                    amr: session.amr.clone(),
                    ..asked.terms
                },
                session: session.id,
                user: permit.person().id,
                auth_time: session.auth_time,
                issued_at: now,
                trace: None,
            },
            expires: asked.expires.max(now.plus(FETCHING)),
        })
    }

    async fn signed_in_by(&self, cookie: Option<&str>) -> Result<Option<Session>> {
        match cookie {
            Some(cookie) => self.deps().sessions.find(cookie).await,
            None => Ok(None),
        }
    }

    /// The pending request of a typed user code. Every try is counted before it is checked, and taken back when it was right: of any number
    /// of parallel guesses no more are checked than the rate limit allows.
    async fn find_pending(
        &self,
        typed: &str,
        session: Option<&Session>,
        from: Option<IpAddr>,
    ) -> Result<(UserCode, DeviceRequest)> {
        let store = &self.deps().ephemeral;
        let person = session.map(|session| format!("device-tried:{}", session.user));
        let rate_limit = RateLimit {
            name: "device-tried",
            limit: PER_ADDRESS,
            window: WINDOW,
        };
        let may_try = match &person {
            Some(person) => store.increment(person, WINDOW).await? <= PER_PERSON,
            None => rate_limit.try_acquire(store, from).await?,
        };
        if !may_try {
            return Err(DeviceFailure::TooManyTries.into());
        }
        let code = UserCode::read(typed).ok_or(DeviceFailure::UserCodeUnknown)?;
        let now: Timestamp = self.deps().clock.now();
        let asked = self.device_codes().find_pending(&code, now).await?;
        let asked = asked.ok_or(DeviceFailure::UserCodeUnknown)?;
        match &person {
            Some(person) => store.decrement(person).await?,
            None => rate_limit.release(store, from, 1).await?,
        }
        Ok((code, asked))
    }

    async fn ask_gate(&self, asked: &DeviceRequest, session: &Session) -> Result<Permit, Denied> {
        let visit = Visit::Browser {
            session: session.id,
            portal: asked.client,
        };
        self.deps().gate.admit(visit).await
    }

    async fn sign_in_for(
        &self,
        asked: &DeviceRequest,
        (back, ui_locales): (String, Option<&str>),
        visitor: &Visitor<'_>,
    ) -> Result<DevicePage> {
        let client = self.store().find_client_by_id(asked.client).await?;
        let wanted = LoginRequest {
            return_to: back,
            portal: asked.client,
            client_id: client.map_or_else(String::new, |client| client.client_id.clone()),
            ui_locales: ui_locales.map(str::to_owned),
            acr: asked.terms.acr.clone(),
            acr_essential: false,
            standing: Standing::default(),
            begun_at: None,
            trace: None,
            trial: None,
        };
        Ok(DevicePage::SignIn(
            self.deps().journeys.begin_for(wanted, visitor).await?,
        ))
    }
}

fn needs_other_auth_source(refusal: &Refusal) -> bool {
    matches!(
        refusal.reason,
        GateFailure::AuthSourceNotAllowed | GateFailure::AuthSourceDisabled | GateFailure::SessionEnded
    )
}
