//! Signing in by passkey: no username, no password, no code. One answer for everything that can be wrong.
//!
//! Nobody guesses a key, so nothing is ever locked: failures of an address are counted for what is written about them alone, and however many
//! there were, whoever has a passkey gets in by it.

use uuid::Uuid;

use super::{
    ceremony::{Accepted, Assertion, RelyingParty, State, Unaccepted},
    store::Held,
};
use crate::{
    gate::{CONSOLE, Permit},
    kernel::failure::Result,
    signin::{
        acr,
        answer::SignInOutcome,
        failure::PasskeyFailure,
        journey::{Journeys, LoginRequest, binding},
        password::password_login::ClientContext,
        places::Group,
        session_model::Proof,
        store::Portal,
        trial::entering::{Entered, Proven},
        wrong_proof::WrongProof,
    },
    web::rate_limit::RateLimit,
};

/// What became of an answer.
pub enum Answered {
    /// A session, or a refusal by the gate.
    Done(SignInOutcome),
    /// Not accepted, with the reference of the record; too many have none.
    Wrong(Option<String>),
}

/// A passkey that was proven.
struct ProvenPasskey {
    passkey: Uuid,
    user: Uuid,
    accepted: Accepted,
}

/// Why there is none, for the audit log alone.
struct Unproven {
    user: Option<Uuid>,
    passkey: Option<Uuid>,
    cause: &'static str,
}

/// There may be a copy of the key: always written down.
const WENT_BACK: &str = "the counter went back";

impl Unproven {
    const fn of_nobody(cause: &'static str) -> Self {
        Self {
            user: None,
            passkey: None,
            cause,
        }
    }
}

/// Where a challenge of the login page counts: in this journey and this browser.
fn place(journey: &str, cookie: Option<&str>) -> String {
    format!("signin\n{journey}\n{}", binding(cookie.unwrap_or_default()))
}

impl Journeys {
    /// Whether the login page of this portal offers to sign in by passkey.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn offers_passkeys(&self, portal: &Portal) -> Result<bool> {
        match &self.passkeys {
            Some(party) if portal.password => Ok(self.store.somebody_has_a_passkey(party.id()).await?),
            _ => Ok(false),
        }
    }

    /// Menjin in the ceremony, where the portal of this journey takes passkeys: it does where it takes passwords.
    async fn party(&self, login_request: &LoginRequest) -> Result<&RelyingParty> {
        let portal = self.portal(login_request).await?;
        let party = self.passkeys.as_ref().filter(|_| portal.password);
        party.ok_or_else(|| PasskeyFailure::NotHere.failure())
    }

    /// Begins a sign-in by passkey, from a form that passed [`Journeys::check_form`]; returns the options for `navigator.credentials.get`.
    ///
    /// # Errors
    /// `SI-101` for an unknown journey, `SI-221` where no passkeys are accepted, or nobody has one.
    pub async fn begin_passkey(&self, journey: &str, context: &ClientContext) -> Result<serde_json::Value> {
        let login_request = self.load(journey).await?;
        let party = self.party(&login_request).await?;
        if !self.store.somebody_has_a_passkey(party.id()).await? {
            return Err(PasskeyFailure::NotHere.into());
        }
        let begun = party.begin_sign_in()?;
        let shelf = login_request.standing.shelf();
        let group = match login_request.portal {
            CONSOLE => Group::Everybody(journey, context.address),
            _ => Group::One(journey),
        };
        let place = place(journey, context.journey.as_deref());
        self.keep_challenge(shelf, (place, group), begun).await
    }

    /// Checks the browser's answer, from a form that passed [`Journeys::check_form`], asks the gate, and opens the session.
    ///
    /// # Errors
    /// As [`Journeys::begin_passkey`].
    pub async fn finish_passkey(&self, journey: &str, answer: &str, context: &ClientContext) -> Result<Answered> {
        let login_request = self.load(journey).await?;
        let party = self.party(&login_request).await?;
        let place = place(journey, context.journey.as_deref());
        let proven = match self.proven(party, &place, answer).await? {
            Ok(proven) => proven,
            Err(unproven) => return self.not_accepted(unproven, (&login_request, context)).await,
        };
        let permit = match self.admit_by_password(proven.user, &login_request).await? {
            Ok(permit) => permit,
            Err(refused) => return Ok(Answered::Done(refused)),
        };
        let now = self.deps.clock.now();
        if !self.store.use_passkey(proven.passkey, proven.accepted, now).await? {
            let user = Some(proven.user);
            let (passkey, cause) = (Some(proven.passkey), "removed, or used with this counter");
            return self
                .not_accepted(Unproven { user, passkey, cause }, (&login_request, context))
                .await;
        }
        let answer = self.open_passkey_session(permit, proven.passkey, (&login_request, context));
        Ok(Answered::Done(answer.await?))
    }

    async fn proven(
        &self,
        party: &RelyingParty,
        place: &str,
        answer: &str,
    ) -> Result<std::result::Result<ProvenPasskey, Unproven>> {
        let Some((answer, challenge)) = Assertion::read(answer).and_then(|answer| {
            let challenge = answer.challenge()?;
            Some((answer, challenge))
        }) else {
            return Ok(Err(Unproven::of_nobody("unreadable")));
        };
        let Some(State::SignIn(state)) = self.take_challenge(&challenge, place).await? else {
            return Ok(Err(Unproven::of_nobody("no such challenge")));
        };
        let Some(Held { id, user, credential }) = self.store.passkey(&answer.credential_id()).await? else {
            return Ok(Err(Unproven::of_nobody("unknown credential")));
        };
        if answer.user() != Some(user) {
            return Ok(Err(Unproven::of_nobody("another user's credential")));
        }
        let checked = party.finish_sign_in(&answer, state, credential);
        let proven = checked.map(|accepted| ProvenPasskey {
            passkey: id,
            user,
            accepted,
        });
        Ok(proven.map_err(|unaccepted| Unproven {
            user: Some(user),
            passkey: Some(id),
            cause: match unaccepted {
                Unaccepted::CounterWentBack => WENT_BACK,
                Unaccepted::Invalid => "not verified",
            },
        }))
    }

    async fn open_passkey_session(
        &self,
        permit: Permit,
        passkey: Uuid,
        (login_request, context): (&LoginRequest, &ClientContext),
    ) -> Result<SignInOutcome> {
        let (user, proof) = (permit.person().id, Proof::Passkey(passkey));
        let proven = Proven {
            amr: acr::AMR_PASSKEY,
            visitor: context.visitor(),
            proof: &proof,
        };
        let cookie = match self.enter(permit, login_request, proven).await? {
            Entered::Session(cookie) => cookie,
            Entered::Tried(tried) => return Ok(SignInOutcome::Tried(tried)),
        };
        Ok(SignInOutcome::SignedIn {
            cookie: cookie.expose().clone(),
            trusted_browser: self.known_from_now_on(user, context.trusted_browser.as_deref()),
            to: login_request.return_to.clone(),
        })
    }

    /// Writes the failure to the audit log, unless this address had too many; the page has the reference of the record.
    async fn not_accepted(
        &self,
        Unproven { user, passkey, cause }: Unproven,
        (login_request, context): (&LoginRequest, &ClientContext),
    ) -> Result<Answered> {
        let (number, address) = (PasskeyFailure::NotAccepted.entry().number, context.address);
        let counted = RateLimit {
            name: "passkey:address",
            limit: self.deps.passwords.settings.address_failures,
            window: self.deps.passwords.settings.window,
        };
        if cause != WENT_BACK && !counted.try_acquire(&self.deps.ephemeral, address).await? {
            tracing::info!(number, "too many passkeys from one address were not accepted");
            return Ok(Answered::Wrong(None));
        }
        let whose = user.map_or_else(|| "unknown".to_owned(), |user| format!("user:{user}"));
        let wrong = WrongProof {
            number,
            subject: "passkey",
            user,
            likeness: format!("{whose}\n{cause}"),
            more: serde_json::json!({ "cause": cause, "passkey": passkey }),
        };
        let noted = self.note_wrong_proof(wrong, (login_request, context.address));
        Ok(Answered::Wrong(noted.await?))
    }
}
