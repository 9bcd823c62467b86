//! One's own passkeys: the page `/account/passkeys`. Adding and removing take a proof of the last quarter of an hour, by a code, a passkey or
//! WeCom: neither a password that leaked nor a browser that was left open is enough.

use std::{net::IpAddr, time::Duration};

use uuid::Uuid;

use super::{
    ceremony::{Attestation, NewCredential, Owner, RelyingParty, State, id_bytes},
    model::{self, PasskeyView},
    store::{OwnHand, Still},
};
use crate::{
    crypto::digest::{equal, sha256_base64url},
    directory::store::Change,
    gate::{CONSOLE, console::CLIENT_ID},
    kernel::{clock::Timestamp, failure::Result},
    signin::{
        acr,
        failure::PasskeyFailure,
        journey::{Journeys, LoginRequest},
        places::Group,
        session_model::Session,
        standing::{Standing, Visitor},
    },
    store::Shelf,
};

/// How long a proof counts.
const RECENT: Duration = Duration::from_secs(15 * 60);
/// The classes that prove enough. WeCom's own browser opens Menjin without anybody doing anything, so that does not.
const STRONG: [&str; 3] = [acr::PASSKEY, acr::PASSWORD_OTP, acr::WECOM];
/// The page.
const PAGE: &str = "/account/passkeys";

/// What the page shows.
pub struct OwnPasskeys {
    /// Username.
    pub username: String,
    /// Whether passkeys are for this person: they have a password, a console role, or a passkey already.
    pub for_you: bool,
    /// Whether they proved lately who they are.
    pub proven: bool,
    /// Whether they have one-time codes: else the last passkey may be their only way in.
    pub codes: bool,
    /// Their passkeys, the oldest first; also those of another host, which work no more.
    pub passkeys: Vec<PasskeyView>,
    /// The host of this installation.
    pub host: String,
    /// Now, to tell how long ago something was.
    pub now: Timestamp,
    /// The confirmation token (CSRF) of each form.
    pub confirm: String,
}

/// Who asks for a change, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// Session cookie.
    pub cookie: Option<&'a str>,
    /// Confirmation token that the form sent.
    pub confirm: &'a str,
    /// Client address.
    pub address: Option<IpAddr>,
}

/// The confirmation token (CSRF) of a session cookie: it cannot be made without the cookie, nor the cookie from it.
pub(in crate::signin) fn confirmation(cookie: &str) -> String {
    sha256_base64url(format!("confirm passkeys:{cookie}").as_bytes())
}

/// Where a challenge of the page counts: in this session.
fn place(session: &Session) -> String {
    format!("account\n{}", session.id)
}

impl OwnPasskeys {
    /// Whether it works here.
    pub fn is_here(&self, passkey: &PasskeyView) -> bool {
        passkey.host == self.host
    }

    /// How many work here.
    pub fn here(&self) -> usize {
        self.passkeys.iter().filter(|passkey| self.is_here(passkey)).count()
    }
}

impl Journeys {
    /// Whether browsers have passkeys at this installation's address.
    pub const fn has_passkeys_here(&self) -> bool {
        self.passkeys.is_some()
    }

    /// The page of whose session this is; `None`: nobody is signed in in this browser.
    ///
    /// # Errors
    /// `SI-221` where browsers have no passkeys.
    pub async fn own_passkeys(&self, cookie: Option<&str>) -> Result<Option<OwnPasskeys>> {
        let host = self.relying_party()?.id().to_owned();
        let Some(cookie) = cookie else { return Ok(None) };
        let Some(session) = self.deps.sessions.find(cookie).await? else {
            return Ok(None);
        };
        let Some(account) = self.store.account_of(session.user).await? else {
            return Ok(None);
        };
        let passkeys = self.store.passkeys(session.user).await?;
        Ok(Some(OwnPasskeys {
            for_you: account.phc.is_some()
                || account.console_user
                || passkeys.iter().any(|passkey| passkey.host == host),
            username: account.username,
            proven: self.is_proven(&session),
            codes: self.store.totp(session.user).await?.is_some(),
            passkeys,
            host,
            now: self.deps.clock.now(),
            confirm: confirmation(cookie),
        }))
    }

    pub(super) fn relying_party(&self) -> Result<&RelyingParty> {
        self.passkeys.as_ref().ok_or_else(|| PasskeyFailure::NotHere.failure())
    }

    fn is_proven(&self, session: &Session) -> bool {
        let strong = acr::of(&session.amr).is_some_and(|class| STRONG.contains(&class));
        strong && self.deps.clock.now().since(session.auth_time) < RECENT
    }

    /// The session of who asks, by a form that was shown to it.
    pub(in crate::signin) async fn asking(&self, asker: Asker<'_>) -> Result<Session> {
        let cookie = asker.cookie.ok_or_else(|| PasskeyFailure::NotSignedIn.failure())?;
        let session = self.deps.sessions.find(cookie).await?;
        let session = session.ok_or_else(|| PasskeyFailure::NotSignedIn.failure())?;
        match equal(confirmation(cookie).as_bytes(), asker.confirm.as_bytes()) {
            true => Ok(session),
            false => Err(PasskeyFailure::Unconfirmed.into()),
        }
    }

    /// The same, of somebody who proved lately who they are.
    async fn proven_asking(&self, asker: Asker<'_>) -> Result<Session> {
        let session = self.asking(asker).await?;
        match self.is_proven(&session) {
            true => Ok(session),
            false => Err(PasskeyFailure::ProofNeeded.into()),
        }
    }

    /// Begins to set up a passkey; returns the options for `navigator.credentials.create`. `installation` is what the installation calls itself.
    ///
    /// # Errors
    /// `SI-221`, `SI-222`, `SI-224`, `SI-230`, `SI-231`, `SI-232`.
    pub async fn begin_own_passkey(&self, asker: Asker<'_>, installation: &str) -> Result<serde_json::Value> {
        let session = self.proven_asking(asker).await?;
        let account = self.store.account_of(session.user).await?;
        let account = account.ok_or_else(|| PasskeyFailure::NotSignedIn.failure())?;
        let party = self.relying_party()?.id();
        let for_you =
            account.phc.is_some() || account.console_user || self.store.has_passkeys(session.user, party).await?;
        if !for_you {
            return Err(PasskeyFailure::NotForYou.into());
        }
        self.ask_for_a_passkey((session.user, &account.username), installation, place(&session))
            .await
    }

    /// Asks a browser to make a passkey for this user.
    pub(super) async fn ask_for_a_passkey(
        &self,
        (user, username): (Uuid, &str),
        installation: &str,
        place: String,
    ) -> Result<serde_json::Value> {
        let party = self.relying_party()?;
        let ids = self.store.credential_ids(user, party.id()).await?;
        if u64::try_from(ids.len()).unwrap_or(u64::MAX) >= model::MOST {
            return Err(PasskeyFailure::TooMany.into());
        }
        let begun = party.begin_set_up(Owner {
            user,
            username,
            display_name: username,
            installation,
            known: ids.iter().filter_map(|id| id_bytes(id)).collect(),
        })?;
        let group = place.clone();
        self.keep_challenge(Shelf::Proven, (place, Group::One(&group)), begun)
            .await
    }

    /// Adds the passkey that the browser made.
    ///
    /// # Errors
    /// As [`Journeys::begin_own_passkey`], `SI-223`, `SI-225`, `SI-226`, `SI-228`.
    pub async fn add_own_passkey(&self, asker: Asker<'_>, name: &str, answer: &str) -> Result<()> {
        let session = self.proven_asking(asker).await?;
        let hand = OwnHand {
            user: session.user,
            address: asker.address,
        };
        let made = self.check_made_passkey(name, (answer, &place(&session))).await?;
        self.keep_made_passkey((hand, Still::Session(session.id)), made).await
    }

    /// Checks what a browser made for a challenge of this place, under a name that can be kept.
    pub(super) async fn check_made_passkey(
        &self,
        name: &str,
        (answer, place): (&str, &str),
    ) -> Result<(NewCredential, String)> {
        let name = model::name(name)?;
        let unfit = || PasskeyFailure::Unfit.failure();
        let answer = Attestation::read(answer).ok_or_else(unfit)?;
        let challenge = answer.challenge().ok_or_else(unfit)?;
        let Some(State::SetUp(state)) = self.take_challenge(&challenge, place).await? else {
            return Err(unfit().cause("no such challenge"));
        };
        Ok((self.relying_party()?.finish_set_up(&answer, &state)?, name))
    }

    /// Adds it.
    pub(super) async fn keep_made_passkey(
        &self,
        (hand, still): (OwnHand, Still),
        made: (NewCredential, String),
    ) -> Result<()> {
        let change = self.own_change(hand.user).await?;
        self.store.add_passkey(change, (hand, still), made).await
    }

    /// Renames a passkey.
    ///
    /// # Errors
    /// `SI-226`, `SI-227`, `SI-230`, `SI-231`.
    pub async fn rename_own_passkey(&self, asker: Asker<'_>, passkey: Uuid, name: &str) -> Result<()> {
        let session = self.asking(asker).await?;
        let name = model::name(name)?;
        let change = self.own_change(session.user).await?;
        self.store.rename_passkey(change, session.user, (passkey, name)).await
    }

    /// Removes a passkey.
    ///
    /// # Errors
    /// `SI-222`, `SI-227`, `SI-230`, `SI-231`.
    pub async fn remove_own_passkey(&self, asker: Asker<'_>, passkey: Uuid) -> Result<()> {
        let session = self.proven_asking(asker).await?;
        let hand = OwnHand {
            user: session.user,
            address: asker.address,
        };
        let change = self.own_change(session.user).await?;
        self.store.remove_own_passkey(change, hand, passkey).await
    }

    async fn own_change(&self, user: Uuid) -> Result<Change> {
        let deps = &self.deps;
        Change::begin(&deps.database, &deps.entropy, deps.clock.now(), &format!("user:{user}")).await
    }

    /// Begins the sign-in that proves who somebody is and comes back to the page: to the console for whoever has a console role, else to the portal
    /// that this browser was on its way to last. Returns where it begins.
    ///
    /// # Errors
    /// `SI-230` without a session; `SI-222` where there is no portal to sign in to.
    pub async fn prove_for_passkeys(&self, visitor: &Visitor<'_>, last_portal: Option<Uuid>) -> Result<String> {
        let session = match visitor.session {
            Some(cookie) => self.deps.sessions.find(cookie).await?,
            None => None,
        };
        let session = session.ok_or_else(|| PasskeyFailure::NotSignedIn.failure())?;
        let account = self.store.account_of(session.user).await?;
        let (portal, client_id) = match account.is_some_and(|account| account.console_user) {
            true => (Some(CONSOLE), CLIENT_ID),
            false => (last_portal, ""),
        };
        let login_request = LoginRequest {
            return_to: PAGE.to_owned(),
            portal: portal.ok_or_else(|| PasskeyFailure::ProofNeeded.failure())?,
            client_id: client_id.to_owned(),
            ui_locales: None,
            acr: STRONG.map(str::to_owned).to_vec(),
            acr_essential: true,
            standing: Standing::default(),
            begun_at: None,
            trace: None,
            trial: None,
        };
        self.begin_for(login_request, visitor).await
    }
}
