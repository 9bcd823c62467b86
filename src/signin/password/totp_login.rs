//! Second factor of the password login: a one-time code (TOTP) or a recovery code. A code counts for one sign-in, also when it is sent a
//! hundred times at once.

use super::{
    lockout::AttemptScope,
    password_login::{ClientContext, PendingLogin, Step},
};
use crate::{
    crypto::{digest::sha256_base64url, totp},
    gate::Permit,
    kernel::failure::Result,
    signin::{
        acr,
        answer::SignInOutcome,
        failure::PasswordFailure,
        journey::{Journeys, LoginRequest},
    },
};
use uuid::Uuid;

/// Seal context of TOTP secrets.
pub(super) const SECRET: &str = "totp.secret";
/// Number of recovery codes made at an enrolment.
const RECOVERY_CODES: usize = 10;

/// A second factor that was recognised.
enum Code {
    /// One-time code of this time step.
    Step(i64),
    /// Recovery code with this digest.
    Recovery(String),
}

/// What the page that asks for a code shows.
pub struct CodeAsked {
    /// Whose code.
    pub username: String,
    /// Id of the journey, whose login page takes another account.
    pub journey: String,
    /// Whether it is a trial.
    pub trial: bool,
}

impl Journeys {
    /// What the page that asks for a code shows.
    ///
    /// # Errors
    /// `SI-101` when there is no pending login under this token, `SI-103` in another browser.
    pub async fn code_asked(&self, token: &str, cookie: Option<&str>) -> Result<CodeAsked> {
        let pending = self.pending(token, cookie).await?;
        let journey = self.kept(&pending.journey).await?;
        Ok(CodeAsked {
            trial: journey.is_some_and(|journey| journey.trial.is_some()),
            username: pending.username,
            journey: pending.journey,
        })
    }

    /// Checks a one-time code or a recovery code.
    ///
    /// # Errors
    /// As [`Journeys::code_asked`]; `SI-101` also when the password was changed in between.
    pub async fn submit_code(&self, token: &str, code: &str, context: &ClientContext) -> Result<Step> {
        let pending = self.pending(token, context.journey.as_deref()).await?;
        let login_request = self.load(&pending.journey).await?;
        let username_key = pending.username.to_lowercase();
        let mark = self
            .trusted_browser_for((pending.user, &pending.stamp), context.trusted_browser.as_deref())
            .await?;
        let tries = AttemptScope {
            username_key: &username_key,
            mark: mark.as_deref(),
            address: context.address,
        };
        let Some(attempt) = self.attempt(&tries).await? else {
            return Ok(Step::Wrong(None));
        };
        // Counted a second time per user over all browsers: a code is short, and whoever gets here knows the password.
        let codes = format!("codes\n{}", pending.user);
        let of_all = AttemptScope {
            mark: Some(&codes),
            ..tries
        };
        let Some(of_all) = self.attempt(&of_all).await? else {
            self.attempt_undone(&attempt).await?;
            return Ok(Step::Wrong(None));
        };
        let admitted = self.admit_by_code(&pending, code, &login_request).await;
        let permit = match admitted {
            Ok(Some(Ok(permit))) => permit,
            Ok(None) => {
                self.attempt_failed(&attempt).await?;
                self.attempt_failed(&of_all).await?;
                let who = (Some(pending.user), username_key.as_str());
                let noted = self.note_failure(PasswordFailure::WrongCode, who, (&login_request, context));
                return Ok(Step::Wrong(noted.await?));
            }
            Ok(Some(Err(refused))) => {
                self.attempt_undone(&attempt).await?;
                self.attempt_undone(&of_all).await?;
                return Ok(Step::Done(refused));
            }
            Err(failure) => {
                self.attempt_undone(&attempt).await?;
                self.attempt_undone(&of_all).await?;
                return Err(failure);
            }
        };
        self.take_pending(token, &pending).await?;
        self.attempt_proven(&attempt).await?;
        self.attempt_proven(&of_all).await?;
        let answer = self.open_password_session(
            (permit, &pending.stamp),
            acr::AMR_PASSWORD_OTP,
            (&login_request, context),
        );
        Ok(Step::Done(answer.await?))
    }

    /// Checks the code, asks the gate, and uses the code up, in this order: where the gate does not admit, above all because WeCom gives no
    /// answer, the same code may be sent again. `None` for a code that is wrong or used.
    async fn admit_by_code(
        &self,
        pending: &PendingLogin,
        code: &str,
        login_request: &LoginRequest,
    ) -> Result<Option<Result<Permit, SignInOutcome>>> {
        let Some(code) = self.unused_code(pending, code).await? else {
            return Ok(None);
        };
        let permit = match self.admit_by_password(pending.user, login_request).await? {
            Ok(permit) => permit,
            refused => return Ok(Some(refused)),
        };
        Ok(self.use_code(pending.user, &code).await?.then_some(Ok(permit)))
    }

    /// What this code is, if it is right and not used yet.
    async fn unused_code(&self, pending: &PendingLogin, code: &str) -> Result<Option<Code>> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).take(64).collect();
        if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            let Some((sealed, last_step)) = self.store.totp(pending.user).await? else {
                return Ok(None);
            };
            let secret = self.deps.sealer.open(SECRET, &sealed)?;
            let step = totp::step_matching(secret.expose(), &code, self.deps.clock.now());
            return Ok(step.filter(|step| *step > last_step).map(Code::Step));
        }
        let digest = recovery_digest(&pending.user.to_string(), &code);
        let there = self.store.has_recovery_code(pending.user, &digest).await?;
        Ok(there.then_some(Code::Recovery(digest)))
    }

    /// Uses a code up. The race this closes: one code sent many times at once. A conditional statement uses it up, and its count of rows
    /// decides.
    async fn use_code(&self, user: Uuid, code: &Code) -> Result<bool> {
        Ok(match code {
            Code::Step(step) => self.store.use_step(user, *step).await?,
            Code::Recovery(digest) => self.store.use_recovery_code(user, digest).await?,
        })
    }

    /// New recovery codes, in groups of four, with the digests to keep: 80 random bits each.
    pub(super) fn recovery_codes(&self, user: &str) -> (Vec<String>, Vec<String>) {
        let make = || {
            let letters: Vec<char> = totp::base32(&self.deps.entropy.bytes::<10>()).chars().collect();
            let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
            groups.join("-")
        };
        let codes: Vec<String> = std::iter::repeat_with(make).take(RECOVERY_CODES).collect();
        let digests = codes.iter().map(|code| recovery_digest(user, code)).collect();
        (codes, digests)
    }
}

/// Digest of a recovery code, without regard to letter case and dashes, which people copy as they like.
fn recovery_digest(user: &str, code: &str) -> String {
    let bare: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    sha256_base64url(format!("{user}:{bare}").as_bytes())
}
