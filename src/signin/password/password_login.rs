//! Password login: username and password are checked, with one answer for everything that can be wrong and the same work for each case.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::{
    lockout::{AttemptScope, CountedAttempt},
    one_time_link_model::Purpose,
    policy,
    store::Account,
};
use crate::{
    crypto::{
        digest::{equal, sha256_base64url},
        password_hash::Queue,
    },
    gate::CONSOLE,
    kernel::{clock::Timestamp, failure::Result, secret::Secret},
    signin::{
        acr,
        answer::SignInOutcome,
        failure::{PasskeyFailure, PasswordFailure, SignInFailure},
        journey::{Journeys, LoginRequest, binding},
        notices,
        standing::Visitor,
        store,
        wrong_proof::WrongProof,
    },
};

/// How long a person may take between password and code.
const PENDING_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How long after a password was chosen codes may be set up with it alone by somebody with a console role: as long as the link itself lives.
const NEW_PASSWORD: Duration = Duration::from_secs(24 * 3600);

/// A username as typed, in the form in which it is compared: usernames are stored in NFKC, and an input method may be left at full width.
pub(super) fn username_key(typed: &str) -> String {
    let normal: String = typed.nfkc().collect();
    normal.trim().to_lowercase()
}

/// Username and password as typed.
pub struct PasswordCredentials {
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: Secret<String>,
}

/// Cookies and client address that came with the form.
#[derive(Clone, Debug)]
pub struct ClientContext {
    /// Journey cookie.
    pub journey: Option<String>,
    /// Session cookie.
    pub session: Option<String>,
    /// Trusted-browser cookie.
    pub trusted_browser: Option<String>,
    /// Client address.
    pub address: Option<IpAddr>,
}

impl ClientContext {
    /// What is known of whoever signs in.
    pub(in crate::signin) fn visitor(&self) -> Visitor<'_> {
        Visitor {
            session: self.session.as_deref(),
            trusted_browser: self.trusted_browser.as_deref(),
            address: self.address,
            ..Visitor::default()
        }
    }
}

/// The next step of the sign-in.
pub enum Step {
    /// A session, or a refusal by the gate.
    Done(SignInOutcome),
    /// The page for the one-time code, named by this token.
    Code(String),
    /// The page where one-time codes are set up.
    Enrol(String),
    /// Wrong credentials, or too many attempts: show the form again, with the reference of the record. Too many attempts have none.
    Wrong(Option<String>),
}

/// A pending login: the password was right, the one-time code is still missing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::signin) struct PendingLogin {
    pub journey: String,
    pub user: Uuid,
    pub username: String,
    /// Digest of the journey cookie.
    pub binding: String,
    /// Digest of the password hash that was right: a password changed meanwhile voids the pending login.
    pub stamp: String,
    /// The TOTP secret offered for enrolment, sealed.
    pub offered: Option<String>,
}

pub(super) fn pending_key(token: &str) -> String {
    format!("password:half:{token}")
}

/// Whether this looks like a token of ours (32 hex characters); nothing else is looked up.
pub(super) fn is_token(token: &str) -> bool {
    token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Journeys {
    /// Token of the login form (CSRF protection): it ties the form to this journey and this browser, so that nobody can sign somebody
    /// else's browser in as themselves by a form on another page (login CSRF).
    pub fn form_token(&self, journey: &str, cookie: &str) -> String {
        sha256_base64url(format!("password form\n{journey}\n{cookie}").as_bytes())
    }

    /// Whether a form came from the page this browser was shown.
    ///
    /// # Errors
    /// `SI-103` when not.
    pub fn check_form(&self, journey: &str, cookie: Option<&str>, token: &str) -> Result<()> {
        let expected = cookie.map(|cookie| self.form_token(journey, cookie));
        match expected {
            Some(expected) if equal(expected.as_bytes(), token.as_bytes()) => Ok(()),
            _ => Err(SignInFailure::OtherBrowser.into()),
        }
    }

    /// Checks a username and password, from a form that passed [`Journeys::check_form`].
    ///
    /// # Errors
    /// `SI-101` for an unknown journey, `SI-106` where no passwords are accepted, `CR-103` when too many wait to be checked.
    pub async fn submit_password(
        &self,
        journey: &str,
        entered: PasswordCredentials,
        context: &ClientContext,
    ) -> Result<Step> {
        let login_request = self.load(journey).await?;
        if !self.portal(&login_request).await?.password {
            return Err(SignInFailure::UnknownAuthSource.into());
        }
        let username_key = username_key(&entered.username);
        let mark = self
            .trusted_browser_for_name(&username_key, context.trusted_browser.as_deref())
            .await?;
        let tries = AttemptScope {
            username_key: &username_key,
            mark: mark.as_deref(),
            address: context.address,
        };
        let Some(attempt) = self.attempt(&tries).await? else {
            // Not in the audit log: the attempts that led here are, and nobody shall fill our disk.
            tracing::info!(
                number = PasswordFailure::WrongOrTooMany.entry().number,
                "a locked name or address"
            );
            return Ok(Step::Wrong(None));
        };
        let queue = match mark {
            Some(_) => Queue::Trusted,
            None => Queue::Strangers,
        };
        let (account, right) = match self.verified(queue, &username_key, &entered.password).await {
            Ok(verified) => verified,
            Err(failure) => {
                self.attempt_undone(&attempt).await?;
                return Err(failure);
            }
        };
        let Some(account) = account.as_ref().filter(|_| right) else {
            self.attempt_failed(&attempt).await?;
            let user = account.as_ref().map(|account| account.user);
            let who = (user, username_key.as_str());
            let noted = self.note_failure(PasswordFailure::WrongOrTooMany, who, (&login_request, context));
            return Ok(Step::Wrong(noted.await?));
        };
        let pending = PendingLogin {
            journey: journey.to_owned(),
            user: account.user,
            username: account.username.clone(),
            binding: binding(context.journey.as_deref().unwrap_or_default()),
            stamp: stamp(account),
            offered: None,
        };
        self.after_password((pending, account.console_user), &attempt, (&login_request, context))
            .await
    }

    /// The account of that username, and whether this is its password. Input that cannot be a username or password costs the same hash.
    async fn verified(
        &self,
        queue: Queue,
        username_key: &str,
        password: &Secret<String>,
    ) -> Result<(Option<Account>, bool)> {
        let normal = policy::normal(password).filter(|normal| normal.expose().chars().count() <= policy::MOST);
        let plausible = normal.is_some()
            && username_key.chars().count() <= policy::MOST
            && !username_key.chars().any(char::is_control);
        let account = match plausible {
            true => self.store.account(username_key).await?,
            false => None,
        };
        let phc = account.as_ref().and_then(|account| account.phc.clone());
        let password = normal.unwrap_or_else(|| Secret::new(String::new()));
        let right = self.deps.passwords.hashing.verify(queue, password, phc).await?;
        Ok((account, right))
    }

    async fn after_password(
        &self,
        (mut pending, console_user): (PendingLogin, bool),
        attempt: &CountedAttempt,
        (login_request, context): (&LoginRequest, &ClientContext),
    ) -> Result<Step> {
        let codes = self.store.totp(pending.user).await?.is_some();
        // At the console a password alone never suffices.
        let demanded = login_request.portal == CONSOLE || self.deps.passwords.demands_codes(console_user);
        if !codes && !demanded {
            self.attempt_proven(attempt).await?;
            let answer = self.sign_in_by_password(
                (pending.user, &pending.stamp),
                acr::AMR_PASSWORD,
                (login_request, context),
            );
            return Ok(Step::Done(answer.await?));
        }
        self.attempt_passed(attempt).await?;
        if !codes {
            // Whoever has a stronger way sets up no other by the password alone.
            if let Some(party) = &self.passkeys
                && self.store.has_passkeys(pending.user, party.id()).await?
            {
                let failure = PasskeyFailure::PasskeyInstead.failure();
                let refused = self.failed_by_password(failure, pending.user, login_request);
                return Ok(Step::Done(refused.await?));
            }
            if !self.may_set_up_codes(pending.user, console_user).await? {
                let failure = PasswordFailure::CodesMissing.failure();
                let refused = self.failed_by_password(failure, pending.user, login_request);
                return Ok(Step::Done(refused.await?));
            }
            if login_request.trial.is_some() {
                // A sign-in would set them up on the way; a trial changes nothing.
                let proof = (pending.user, pending.stamp.as_str());
                let answer = self.sign_in_by_password(proof, acr::AMR_PASSWORD, (login_request, context));
                return Ok(Step::Done(answer.await?));
            }
            pending.offered = Some(self.offer()?);
        }
        let token = self.deps.entropy.hex_id();
        self.put_json(&pending_key(&token), &pending, PENDING_LIFETIME).await?;
        Ok(if codes { Step::Code(token) } else { Step::Enrol(token) })
    }

    /// Whether codes may be set up with the password alone. Never with one that was chosen by a link that was mailed for a forgotten one: a mailbox would
    /// be both factors. Who has a console role sets them up soon after choosing the password by an admin's link, while whoever types it is taken for
    /// whoever was handed the link, and not later, when a leaked password would be all it takes.
    async fn may_set_up_codes(&self, user: Uuid, console_user: bool) -> Result<bool> {
        let reader = self.store.database().reader();
        let handed = notices::store::used_at(reader, user, Purpose::Password).await?;
        let forgotten = notices::store::used_at(reader, user, Purpose::Forgotten).await?;
        if forgotten.is_some() && forgotten >= handed {
            return Ok(false);
        }
        let now = self.deps.clock.now();
        let new = handed.is_some_and(|at| now.since(Timestamp::from_millis(at)) < NEW_PASSWORD);
        Ok(new || !console_user)
    }

    /// Writes the failure to the audit log, for admins, who may know which cause it was. A username that does not exist is not kept: people
    /// type their password there by mistake. Returns the reference to be shown.
    ///
    /// Each username has rows of its own, whether it exists or not: were those that do not exist counted in one, its reference, shown twice,
    /// would tell that they do not.
    pub(super) async fn note_failure(
        &self,
        failure: PasswordFailure,
        (user, username_key): (Option<Uuid>, &str),
        (login_request, context): (&LoginRequest, &ClientContext),
    ) -> Result<Option<String>> {
        let wrong = WrongProof {
            number: failure.entry().number,
            subject: "password",
            user,
            likeness: sha256_base64url(username_key.as_bytes()),
            more: serde_json::Value::Null,
        };
        self.note_wrong_proof(wrong, (login_request, context.address)).await
    }

    /// The pending login under this token, if it belongs to this browser.
    pub(in crate::signin) async fn pending(&self, token: &str, cookie: Option<&str>) -> Result<PendingLogin> {
        let pending: Option<PendingLogin> = match is_token(token) {
            true => self.get_json(&pending_key(token)).await?,
            false => None,
        };
        let pending = pending.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        if cookie.is_none_or(|cookie| binding(cookie) != pending.binding) {
            return Err(SignInFailure::OtherBrowser.into());
        }
        Ok(pending)
    }

    /// Consumes a pending login: of any number of parallel requests one goes on, and only while the password is the one that was proven.
    pub(in crate::signin) async fn take_pending(&self, token: &str, pending: &PendingLogin) -> Result<()> {
        let account = self.store.account_of(pending.user).await?;
        let unchanged = account.is_some_and(|account| stamp(&account) == pending.stamp);
        if !unchanged || self.deps.ephemeral.take(&pending_key(token)).await?.is_none() {
            return Err(SignInFailure::JourneyUnknown.into());
        }
        Ok(())
    }
}

pub(super) fn stamp(account: &Account) -> String {
    store::stamp(account.phc.as_deref())
}

impl Journeys {
    /// Password hashes computed since the start.
    pub fn password_hashes(&self) -> usize {
        self.deps.passwords.hashing.hashes_computed()
    }
}
