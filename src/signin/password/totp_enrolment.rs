//! TOTP enrolment: a secret is shown, one code proves that the phone has it, recovery codes are shown once.
//!
//! There are two ways: after the password, when the policy requires one-time codes and there are none; and by a link from an admin, which
//! replaces existing codes.

use std::{net::IpAddr, time::Duration};

use uuid::Uuid;

use super::{one_time_link_model::Purpose, password_login::ClientContext, store::NewTotp, totp_login::SECRET};
use crate::{
    audit::{Kind, Record},
    crypto::{digest::sha256_base64url, totp},
    kernel::{failure::Result, secret::Secret},
    signin::{
        acr,
        answer::SignInOutcome,
        failure::{PasswordFailure, SignInFailure},
        journey::Journeys,
    },
};

/// How long a shown secret may wait for its first code.
const OFFER_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// What the enrolment page shows.
pub struct Enrolment {
    /// Username.
    pub username: String,
    /// The secret as people type it, in groups of four.
    pub secret: String,
    /// `otpauth://` address for the QR code.
    pub uri: String,
    /// Id of the journey that it is a step of; none behind a link.
    pub journey: Option<String>,
}

/// Outcome of the first code.
pub enum Enrolled {
    /// The code was wrong.
    Wrong,
    /// The gate refused; nothing was set up.
    Refused(SignInOutcome),
    /// Done: recovery codes to show once, and the session if there is one.
    Done {
        /// Recovery codes to write down.
        recovery: Vec<String>,
        /// Result of the sign-in; `None` behind a link.
        answer: Option<SignInOutcome>,
    },
}

/// A sealed secret with the time step of the code that proved it.
struct Proven {
    user: Uuid,
    sealed: String,
    step: i64,
}

impl Journeys {
    /// Makes a new TOTP secret, sealed.
    pub(super) fn offer(&self) -> Result<String> {
        let secret = Secret::new(self.deps.entropy.bytes::<{ totp::SECRET_BYTES }>().to_vec());
        self.deps.sealer.seal(SECRET, secret.expose())
    }

    /// What the enrolment page shows after the password.
    ///
    /// # Errors
    /// `SI-101` when there is no pending login under this token, `SI-103` in another browser.
    pub async fn enrolment(&self, token: &str, cookie: Option<&str>) -> Result<Enrolment> {
        let pending = self.pending(token, cookie).await?;
        let offered = pending.offered.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        Ok(Enrolment {
            journey: Some(pending.journey),
            ..self.shown(pending.username, &offered)?
        })
    }

    /// Checks the first code, typed after the password: asks the gate, sets the codes up, then opens the session.
    ///
    /// # Errors
    /// As [`Journeys::enrolment`]; `SI-101` also when a parallel request was first.
    pub async fn enrol(&self, token: &str, code: &str, context: &ClientContext) -> Result<Enrolled> {
        let pending = self.pending(token, context.journey.as_deref()).await?;
        let login_request = self.load(&pending.journey).await?;
        let offered = pending
            .offered
            .clone()
            .ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        let Some(step) = self.step_of(&offered, code)? else {
            return Ok(Enrolled::Wrong);
        };
        let permit = match self.admit_by_password(pending.user, &login_request).await? {
            Ok(permit) => permit,
            Err(refused) => return Ok(Enrolled::Refused(refused)),
        };
        self.take_pending(token, &pending).await?;
        let proven = Proven {
            user: pending.user,
            sealed: offered,
            step,
        };
        // Codes set up meanwhile in another window stay what they are.
        let recovery = self.set_up(proven, (None, context.address)).await?;
        let recovery = recovery.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        let proof = (permit, pending.stamp.as_str());
        let signed_in = async {
            self.unlock(&pending.username).await?;
            self.open_password_session(proof, acr::AMR_PASSWORD_OTP, (&login_request, context))
                .await
        };
        // The recovery codes are shown once: that no session could be opened must not cost them.
        let answer = signed_in.await.inspect_err(|failure| {
            tracing::warn!(%failure, "nobody is signed in after an enrolment");
        });
        Ok(Enrolled::Done {
            recovery,
            answer: answer.ok(),
        })
    }

    /// What the enrolment page behind a link shows: the same secret each time it is opened, until the link is used.
    ///
    /// # Errors
    /// `SI-203`.
    pub async fn enrolment_by_link(&self, token: &str) -> Result<Enrolment> {
        let owner = self.link_owner(token, &[Purpose::Totp]).await?;
        let place = offer_key(token);
        let fresh = self.offer()?;
        // Two windows must show one secret: `put_new` lets the first decide.
        self.deps
            .ephemeral
            .put_new(&place, fresh.as_bytes(), OFFER_LIFETIME)
            .await?;
        let offered = self.offered(token).await?.unwrap_or(fresh);
        self.shown(owner.username, &offered)
    }

    /// Checks the first code, typed behind a link. The link is consumed and the codes are set up in one transaction.
    ///
    /// # Errors
    /// `SI-203`.
    pub async fn enrol_by_link(&self, token: &str, code: &str, address: Option<IpAddr>) -> Result<Enrolled> {
        let owner = self.link_owner(token, &[Purpose::Totp]).await?;
        let Some(offered) = self.offered(token).await? else {
            return Ok(Enrolled::Wrong);
        };
        let Some(step) = self.step_of(&offered, code)? else {
            return Ok(Enrolled::Wrong);
        };
        let proven = Proven {
            user: owner.user,
            sealed: offered,
            step,
        };
        let digest = sha256_base64url(token.as_bytes());
        let recovery = self.set_up(proven, (Some(&digest), address)).await?;
        let recovery = recovery.ok_or_else(|| PasswordFailure::LinkUnknown.failure())?;
        self.deps.ephemeral.take(&offer_key(token)).await?;
        Ok(Enrolled::Done { recovery, answer: None })
    }

    async fn offered(&self, token: &str) -> Result<Option<String>> {
        let bytes = self.deps.ephemeral.get(&offer_key(token)).await?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    fn shown(&self, username: String, offered: &str) -> Result<Enrolment> {
        let secret = self.deps.sealer.open(SECRET, offered)?;
        let host = self.deps.public_url.split_once("://").map_or("", |(_, host)| host);
        let letters: Vec<char> = totp::base32(secret.expose()).chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        Ok(Enrolment {
            uri: totp::uri(&format!("Menjin {host}"), &username, secret.expose()),
            secret: groups.join(" "),
            username,
            journey: None,
        })
    }

    fn step_of(&self, offered: &str, code: &str) -> Result<Option<i64>> {
        let secret = self.deps.sealer.open(SECRET, offered)?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).take(16).collect();
        Ok(totp::step_matching(secret.expose(), &code, self.deps.clock.now()))
    }

    /// Writes the codes; `None` when the link was used meanwhile, or, without a link, when there are codes already.
    async fn set_up(
        &self,
        proven: Proven,
        (link, address): (Option<&str>, Option<IpAddr>),
    ) -> Result<Option<Vec<String>>> {
        let (recovery, digests) = self.recovery_codes(&proven.user.to_string());
        let now = self.deps.clock.now();
        let record = Record {
            kind: Kind::Configured,
            actor: format!("user:{}", proven.user),
            subject: format!("user:{}", proven.user),
            reference: None,
            number: None,
            detail: serde_json::json!({ "action": "one-time codes set up" }),
        };
        let row = NewTotp {
            user: proven.user,
            sealed: proven.sealed,
            step: proven.step,
            recovery: digests,
            party: self.passkeys.as_ref().map(|party| party.id().to_owned()),
            address,
        };
        let done = self
            .store
            .add_totp(row, link, (&self.deps.entropy, now), record)
            .await?;
        Ok(done.then_some(recovery))
    }
}

fn offer_key(token: &str) -> String {
    format!("totp:offer:{}", sha256_base64url(token.as_bytes()))
}
