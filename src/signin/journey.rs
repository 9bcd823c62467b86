//! Journeys: the login flow from "this portal wants a sign-in" to a session, in steps that any replica can handle.
//!
//! ```text
//! begin ─▶ login page ─▶ redirect_to_wecom ─▶ WeCom ─▶ handle_callback ─┬▶ session ─▶ return_to
//!       │                (wecom_redirect.rs)          (wecom_callback.rs)├▶ confirm ─▶ session   (browser_switch.rs)
//!       │                                                                └▶ refusal
//!       └▶ submit_password ─┬▶ session ─▶ return_to                      (password/)
//!                           ├▶ submit_code ─▶ session
//!                           └▶ enrol (set up one-time codes) ─▶ session
//!       └▶ finish_passkey ─▶ session                                     (passkey/)
//! ```
//! In a trial (`trial/`) an outcome that is kept stands for the session.
//! All state lives in the ephemeral store, keyed by what travels through the browser; nothing that comes back is trusted but those keys.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    acr,
    failure::SignInFailure,
    passkey::ceremony::RelyingParty,
    password::password_hashing::Passwords,
    sessions::Sessions,
    standing::Standing,
    store::{LocalWays, Portal, Store},
};
use crate::{
    crypto::{digest::sha256_base64url, seal::Sealer},
    gate::Gate,
    kernel::{
        background::Background,
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
        spans,
    },
    outbound::Outbound,
    store::{Database, Ephemeral, Shelf},
    web::{anonymous_limit::AnonymousLimit, context},
    wecom::{Endpoints, WeCom, login_sdk::LoginSdk},
};

/// How long a person may take on the login page.
pub const JOURNEY_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What a journey was begun for: where it returns to, the portal, and what the sign-in should reach.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoginRequest {
    /// Local path with query the browser returns to, opaque to us; it finds the new session in the cookie.
    pub return_to: String,
    /// Row id of the portal.
    pub portal: Uuid,
    /// Its `client_id`, for the log and the audit log; empty where it is not at hand.
    #[serde(default)]
    pub client_id: String,
    /// `ui_locales` as asked (OpenID Connect Core 3.1.2.1).
    pub ui_locales: Option<String>,
    /// Classes one of which the sign-in should reach; empty: any ([`acr`](super::acr)).
    #[serde(default)]
    pub acr: Vec<String>,
    /// The sign-in must reach one of these classes (an essential `acr` request); else they are only preferred.
    #[serde(default)]
    pub acr_essential: bool,
    /// For whom it is kept.
    #[serde(default)]
    pub standing: Standing,
    /// When it was begun; set by [`Journeys::begin`].
    #[serde(default)]
    pub begun_at: Option<Timestamp>,
    /// The `traceparent` of the request that began it last; set by [`Journeys::begin`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Id of the trial that it is: nobody is signed in then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Uuid>,
}

/// Dependencies of the sign-in use cases.
#[derive(Clone)]
pub struct Dependencies {
    /// Database.
    pub database: Database,
    /// Store of journeys, attempts and pending logins.
    pub ephemeral: Ephemeral,
    /// Opens app secrets; seals callback results that are stored for duplicates.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Decides who may sign in.
    pub gate: Gate,
    /// Opens sessions.
    pub sessions: Sessions,
    /// Counts what is begun.
    pub anonymous_limit: AnonymousLimit,
    /// Checks passwords.
    pub passwords: Passwords,
    /// Exchanges codes.
    pub wecom: WeCom,
    /// Fetches logos of portals.
    pub outbound: Outbound,
    /// WeCom's addresses, to redirect browsers to.
    pub endpoints: Endpoints,
    /// `public_url` without trailing slash.
    pub public_url: String,
}

/// Starts and continues journeys. Cheap to clone.
#[derive(Clone)]
pub struct Journeys {
    pub(super) deps: Dependencies,
    pub(super) store: Store,
    /// Menjin in the ceremonies of passkeys; `None` where browsers have none.
    pub(super) passkeys: Option<RelyingParty>,
    /// WeCom's script for the panel on the login page.
    pub(super) login_sdk: Arc<LoginSdk>,
    /// What goes on after an answer.
    pub(super) background: Background,
}

impl Journeys {
    /// Journeys over these parts.
    pub fn new(deps: Dependencies) -> Self {
        let store = Store::new(deps.database.clone(), deps.sealer.clone());
        let passkeys = RelyingParty::at(&deps.public_url);
        let login_sdk = Arc::new(LoginSdk::of(&deps.endpoints));
        Self {
            deps,
            login_sdk,
            store,
            passkeys,
            background: Background::new(),
        }
    }

    /// Starts a journey, or continues the existing one with the same portal and destination: its id is a digest of both, so a reload of the
    /// address that began it stores nothing more, and it stays begun when it was first. Returns the local path to redirect the browser to.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin(&self, mut login_request: LoginRequest) -> Result<String> {
        let (id, now) = (journey_id(&login_request), self.deps.clock.now());
        let kept: Option<LoginRequest> = self.get_json(&journey_key(&id)).await?;
        // An address that everybody begins at is kept alive by others.
        let first = kept
            .and_then(|kept| kept.begun_at)
            .filter(|at| now.since(*at) < JOURNEY_LIFETIME);
        login_request.begun_at = first.or(login_request.begun_at).or(Some(now));
        login_request.trace = spans::traceparent();
        self.put_json_on(
            login_request.standing.shelf(),
            &journey_key(&id),
            &login_request,
            JOURNEY_LIFETIME,
        )
        .await?;
        Ok(format!("/signin/{id}"))
    }

    /// The journey behind an id.
    ///
    /// # Errors
    /// `SI-101` when it is unknown or too old, `SI-210` and `SI-211` when it is a trial that is over.
    pub async fn load(&self, id: &str) -> Result<LoginRequest> {
        let login_request = self.kept(id).await?;
        let login_request = login_request.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        context::portal(&login_request.client_id);
        spans::adopt(login_request.trace.as_deref());
        if let Some(begun_at) = login_request.begun_at {
            context::step("begun", begun_at);
        }
        self.check_trial(&login_request).await?;
        Ok(login_request)
    }

    /// The journey behind an id, whether it can be gone on with or not.
    pub(super) async fn kept(&self, id: &str) -> Result<Option<LoginRequest>> {
        self.get_json(&journey_key(id)).await
    }

    /// For whom the existing journey with the same portal and destination is kept.
    pub(super) async fn standing_of(&self, login_request: &LoginRequest) -> Result<Option<Standing>> {
        let kept: Option<LoginRequest> = self.get_json(&journey_key(&journey_id(login_request))).await?;
        Ok(kept.map(|kept| kept.standing))
    }

    /// Replaces an existing journey; returns for whom it was kept before: of any number of parallel callers one sees that.
    pub(super) async fn exchange_standing(&self, login_request: &LoginRequest) -> Result<Option<Standing>> {
        let key = journey_key(&journey_id(login_request));
        let json = to_json(login_request)?;
        let before = self.deps.ephemeral.exchange(&key, &json, JOURNEY_LIFETIME).await?;
        let before: Option<LoginRequest> = before.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(before.map(|before| before.standing))
    }

    /// The portal of a journey with the auth sources it accepts.
    ///
    /// # Errors
    /// `SI-105` when there is none to choose from.
    pub async fn portal(&self, login_request: &LoginRequest) -> Result<Portal> {
        let portal = self.store.portal(login_request.portal, self.local_ways()).await?;
        let portal = portal.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        if portal.auth_sources.is_empty() && !portal.password {
            return Err(SignInFailure::NoAuthSource.failure());
        }
        Ok(portal)
    }

    /// Whether anything the portal offers can lead to one of these classes; who signs in there may still be unable to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn can_reach(&self, portal: Uuid, classes: &[String]) -> Result<bool> {
        let portal = self.store.portal(portal, self.local_ways()).await?;
        Ok(portal.is_some_and(|portal| {
            let by_password = acr::by_password(classes) || self.passkeys.is_some() && acr::by_passkey(classes);
            !portal.auth_sources.is_empty() && acr::by_wecom(classes) || portal.password && by_password
        }))
    }

    pub(super) fn local_ways(&self) -> LocalWays<'_> {
        LocalWays {
            passwords: self.deps.passwords.local_users(),
            passkeys_at: self.passkeys.as_ref().map(RelyingParty::id),
        }
    }

    pub(super) async fn put_json<T: Serialize + Sync>(&self, key: &str, value: &T, ttl: Duration) -> Result<()> {
        self.deps.ephemeral.put(key, &to_json(value)?, ttl).await
    }

    pub(super) async fn put_json_on<T: Serialize + Sync>(
        &self,
        shelf: Shelf,
        key: &str,
        value: &T,
        ttl: Duration,
    ) -> Result<()> {
        self.deps.ephemeral.put_on(shelf, key, &to_json(value)?, ttl).await
    }

    /// What is stored under a key; something unreadable counts as absent.
    pub(super) async fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let bytes = self.deps.ephemeral.get(key).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| SignInFailure::JourneyUnknown.failure().cause(error))
}

/// Before the id of a journey that is a trial.
const TRIAL: &str = "trial.";

/// The id is no secret: the state and the forms of a journey are bound to the browser that has them.
pub(super) fn journey_id(login_request: &LoginRequest) -> String {
    match login_request.trial {
        Some(trial) => format!("{TRIAL}{}", sha256_base64url(format!("trial\n{trial}").as_bytes())),
        None => sha256_base64url(format!("journey\n{}\n{}", login_request.portal, login_request.return_to).as_bytes()),
    }
}

/// A trial lies where a replica of an older build, which would sign somebody in, does not find it.
fn journey_key(id: &str) -> String {
    match id.starts_with(TRIAL) {
        true => format!("trial:journey:{id}"),
        false => format!("journey:{id}"),
    }
}

/// The browser binding in stored values: the digest of its journey cookie.
pub(super) fn binding(cookie: &str) -> String {
    sha256_base64url(cookie.as_bytes())
}
