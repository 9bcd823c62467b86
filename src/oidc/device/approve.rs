//! What the person meets at `/device`: type the code, sign in for that portal, compare, say yes or no.
//!
//! The danger of this flow is a code sent by somebody else ("type this, please"). So nothing is agreed to by opening an address: the page
//! says which portal asks, for what, from where and since when, and the yes is a form of that page, bound to this session and this code.

use std::{net::IpAddr, time::Duration};

use super::{
    failure::DeviceFailure,
    model::{Asked, Found, LIFETIME},
    user_code::UserCode,
};
use crate::{
    crypto::digest::{equal, sha256_base64url},
    gate::{Denied, Permit, Refusal, Visit, failure::GateFailure},
    kernel::{clock::Timestamp, failure::Result},
    oidc::{
        authorization_code::Code, consent::agreement::items, failure::OidcFailure, metadata::Consent, params::encode,
        provider::Provider, terms::Terms,
    },
    signin::{LoginRequest, acr, session::Session},
    web::rate_limit::RateLimit,
};

/// Codes a signed-in person may try in [`WINDOW`].
const PER_PERSON: u64 = 30;
/// Codes that may be tried from one address without anybody signed in; a company may share it.
const PER_ADDRESS: u64 = 300;
/// Counted for so long.
const WINDOW: Duration = LIFETIME;
/// What an approved device has at least to fetch its tokens.
const FETCHING: Duration = Duration::from_secs(60);

/// Who is at `/device`.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// Session cookie.
    pub cookie: Option<&'a str>,
    /// Address.
    pub from: Option<IpAddr>,
}

/// What the person sees next.
pub enum Step {
    /// The form for the code.
    Type,
    /// To this local path, to sign in.
    SignIn(String),
    /// The question.
    Ask(Box<Question>),
    /// The gate said no.
    Refused(Refusal),
    /// The device was let in.
    Allowed,
    /// It was not.
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
    /// Goes back with the answer.
    pub confirm: String,
}

/// Nobody who cannot read the cookie can make this, and it is good for this one code.
fn confirmation(cookie: &str, code: &UserCode) -> String {
    sha256_base64url(format!("confirm device:{}:{cookie}", code.bare()).as_bytes())
}

/// Where this page is found again.
fn here(code: &UserCode, ui_locales: Option<&str>) -> String {
    let shown = code.shown();
    let fields = [("user_code", shown.as_str())].into_iter();
    format!(
        "/device?{}",
        encode(fields.chain(ui_locales.map(|languages| ("ui_locales", languages))))
    )
}

impl Provider {
    /// `GET /device`, with what was typed and the languages asked for.
    ///
    /// # Errors
    /// `OP-280` for a code no device waits for, `OP-282` after too many.
    pub async fn device_page(
        &self,
        typed: Option<&str>,
        visitor: Visitor<'_>,
        ui_locales: Option<&str>,
    ) -> Result<Step> {
        let Some(typed) = typed else { return Ok(Step::Type) };
        let session = self.signed_in_by(visitor.cookie).await?;
        let (code, asked) = self.waiting(typed, session.as_ref(), visitor.from).await?;
        let back = here(&code, ui_locales);
        let (Some(session), Some(cookie)) = (session, visitor.cookie) else {
            return self.sign_in_for(&asked, back, ui_locales).await;
        };
        if self.must_sign_in_again(&asked, &session).await? {
            return self.sign_in_for(&asked, back, ui_locales).await;
        }
        match self.at_gate(&asked, &session).await {
            Ok(permit) => {
                let portal = self.store().client_name(asked.client).await?;
                let person = permit.person();
                Ok(Step::Ask(Box::new(Question {
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
            // A session that came through an auth source this portal does not take is no refusal yet: another auth source may lead in.
            Err(Denied::Refused(refusal)) if needs_other_auth_source(&refusal) && session.auth_time < asked.at => {
                self.sign_in_for(&asked, back, ui_locales).await
            }
            Err(Denied::Refused(refusal)) => Ok(Step::Refused(refusal)),
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
    ) -> Result<Step> {
        let session = self.signed_in_by(visitor.cookie).await?;
        let (Some(session), Some(cookie)) = (session, visitor.cookie) else {
            return Err(DeviceFailure::Unconfirmed.into());
        };
        let code = UserCode::read(typed).ok_or(DeviceFailure::Unconfirmed)?;
        if !equal(confirm.as_bytes(), confirmation(cookie, &code).as_bytes()) {
            return Err(DeviceFailure::Unconfirmed.into());
        }
        let (code, asked) = self.waiting(typed, Some(&session), visitor.from).await?;
        if !allow {
            let denied = Found::Denied {
                client: asked.client,
                expires: asked.expires,
            };
            return self.settle(&code, &denied, Step::Declined).await;
        }
        if self.must_sign_in_again(&asked, &session).await? {
            return self.sign_in_for(&asked, here(&code, None), None).await;
        }
        match self.at_gate(&asked, &session).await {
            Ok(permit) => {
                self.agreed_to_device(&asked, &permit).await?;
                let approved = self.approved(asked, &permit)?;
                self.settle(&code, &approved, Step::Allowed).await
            }
            Err(Denied::Failed(failure)) => Err(failure),
            Err(Denied::Refused(refusal)) => Ok(Step::Refused(refusal)),
        }
    }

    /// Whether this session is older than the portal takes, or of another class than it prefers (`default_max_age`, `default_acr_values`).
    /// Whoever signed in since the device asked did all they can: a preference is asked for once, and only where it can be met.
    async fn must_sign_in_again(&self, asked: &Asked, session: &Session) -> Result<bool> {
        if session.auth_time >= asked.at {
            return Ok(false);
        }
        let client = self.store().find_client_by_row(asked.client).await?;
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
        Ok(!acr::is_met(&session.amr, classes) && self.deps().journeys.can_reach(client.id, classes).await?)
    }

    /// The page listed what would go over: where people are asked, its yes is their consent. Before the answer is written, so that the device
    /// never polls in between.
    async fn agreed_to_device(&self, asked: &Asked, permit: &Permit) -> Result<()> {
        let client = self.store().find_client_by_row(asked.client).await?;
        let client = client.ok_or(OidcFailure::ClientUnknown)?;
        if client.metadata.consent == Consent::Ask {
            let items = items(&asked.scope, &asked.terms);
            let portal = (client.id, client.client_id.as_str());
            self.consents().agree(permit.person().id, portal, &items).await?;
        }
        Ok(())
    }

    async fn settle(&self, code: &UserCode, answer: &Found, step: Step) -> Result<Step> {
        match self.device_codes().decide(code, answer).await? {
            true => Ok(step),
            false => Err(DeviceFailure::UserCodeUnknown.into()),
        }
    }

    fn approved(&self, asked: Asked, permit: &Permit) -> Result<Found> {
        let session = permit
            .session()
            .ok_or_else(|| OidcFailure::MintRefused.failure().cause("permit without session"))?;
        let now = self.deps().clock.now();
        Ok(Found::Approved {
            code: Code {
                grant: self.deps().entropy.id(now),
                client: asked.client,
                redirect_uri: String::new(),
                challenge: None,
                nonce: None,
                scope: asked.scope,
                terms: Terms {
                    amr: session.amr.clone(),
                    ..asked.terms
                },
                session: session.id,
                user: permit.person().id,
                auth_time: session.auth_time,
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

    /// The device that waits for what was typed. Every try is counted before it is looked at, and taken back when it was right: of any
    /// number of parallel guesses no more are looked at than the bound allows.
    async fn waiting(&self, typed: &str, session: Option<&Session>, from: Option<IpAddr>) -> Result<(UserCode, Asked)> {
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
        let asked = self.device_codes().waiting(&code, now).await?;
        let asked = asked.ok_or(DeviceFailure::UserCodeUnknown)?;
        match &person {
            Some(person) => store.decrement(person).await?,
            None => rate_limit.release(store, from, 1).await?,
        }
        Ok((code, asked))
    }

    async fn at_gate(&self, asked: &Asked, session: &Session) -> Result<Permit, Denied> {
        let visit = Visit::Browser {
            session: session.id,
            portal: asked.client,
        };
        self.deps().gate.admit(visit).await
    }

    async fn sign_in_for(&self, asked: &Asked, back: String, ui_locales: Option<&str>) -> Result<Step> {
        let wanted = LoginRequest {
            return_to: back,
            portal: asked.client,
            ui_locales: ui_locales.map(str::to_owned),
            acr: asked.terms.acr.clone(),
            acr_essential: false,
        };
        Ok(Step::SignIn(self.deps().journeys.begin(wanted).await?))
    }
}

fn needs_other_auth_source(refusal: &Refusal) -> bool {
    matches!(
        refusal.reason,
        GateFailure::AuthSourceNotAllowed | GateFailure::AuthSourceDisabled | GateFailure::SessionEnded
    )
}
