//! Who is at the console: the session of the browser, judged by the gate at each page, and the role of its person.

use uuid::Uuid;

use super::{failure::ConsoleFailure, store};
use crate::{
    admin::{
        Role,
        api_tokens::{Identity, Reach},
    },
    crypto::digest::{equal, sha256_base64url},
    gate::{CONSOLE, Denied, Gate, Visit, console::CLIENT_ID},
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::{Failure, Result},
        secret::Secret,
    },
    signin::{LoginRequest, Sessions, Standing, acr},
    store::Database,
};

/// Somebody at the console.
#[derive(Clone, Debug)]
pub struct Operator {
    /// User id.
    pub user: Uuid,
    /// Row id of the session of this browser.
    pub session: Uuid,
    /// What the page calls them.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// When they last proved who they are.
    pub proved: Timestamp,
    /// The time of this request.
    pub now: Timestamp,
    /// The confirmation token (CSRF) of each form.
    pub confirm: String,
    /// What each form of this page carries, so that the same form sent twice is known.
    pub once: String,
    /// A secret for what this request hands out, 43 base64url characters.
    pub random: Secret<String>,
}

impl Operator {
    /// The caller of the admin API.
    pub fn identity(&self) -> Identity {
        Identity {
            id: self.user,
            actor: format!("user:{}", self.user),
            role: self.role,
            reach: Reach::All,
        }
    }
}

/// What the session of a browser is good for at the console.
pub enum Entrance {
    /// Somebody with a console role.
    Open(Operator),
    /// Nobody is signed in, or not strongly enough: a sign-in may help.
    SignIn,
}

/// Finds out who is at the console. Cheap to clone.
#[derive(Clone)]
pub struct Operators {
    database: Database,
    gate: Gate,
    sessions: Sessions,
    clock: Clock,
    entropy: Entropy,
}

/// The confirmation token (CSRF) of a session cookie: it cannot be made without the cookie, nor the cookie from it.
fn confirmation(cookie: &str) -> String {
    sha256_base64url(format!("confirm console:{cookie}").as_bytes())
}

/// What a sign-in to the console is begun for.
pub fn login_request(return_to: String, ui_locales: Option<String>) -> LoginRequest {
    LoginRequest {
        return_to,
        portal: CONSOLE,
        client_id: CLIENT_ID.to_owned(),
        ui_locales,
        acr: acr::OF_CONSOLE.map(str::to_owned).to_vec(),
        acr_essential: true,
        standing: Standing::default(),
        begun_at: None,
        trace: None,
        trial: None,
    }
}

impl Operators {
    /// Over these parts.
    pub fn new(database: Database, gate: Gate, sessions: Sessions, (clock, entropy): (Clock, Entropy)) -> Self {
        Self {
            database,
            gate,
            sessions,
            clock,
            entropy,
        }
    }

    /// Whose session it was that this cookie and this confirmation token are of, where it is over by its time, or not strong enough.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of_over(&self, cookie: &str, confirm: &str) -> Result<Option<Uuid>> {
        if !equal(confirmation(cookie).as_bytes(), confirm.as_bytes()) {
            return Ok(None);
        }
        let session = self.sessions.find_not_ended(cookie).await?;
        Ok(session.map(|session| session.user))
    }

    /// Who has this session cookie, and whether the gate lets them in now.
    ///
    /// # Errors
    /// [`Denied::Refused`] as at any portal; `CO-102` for a role that the console does not know.
    pub async fn enter(&self, cookie: Option<&str>) -> Result<Entrance, Denied> {
        let Some(cookie) = cookie else {
            return Ok(Entrance::SignIn);
        };
        let Some(session) = self.sessions.find(cookie).await? else {
            return Ok(Entrance::SignIn);
        };
        if !acr::of(&session.amr).is_some_and(|class| acr::OF_CONSOLE.contains(&class)) {
            return Ok(Entrance::SignIn);
        }
        let visit = Visit::Browser {
            session: session.id,
            portal: CONSOLE,
        };
        let permit = self.gate.admit(visit).await?;
        let role = store::role(&self.database, session.user).await.map_err(Failure::from)?;
        let role = role.as_deref().and_then(Role::of);
        let role = role.ok_or_else(|| Denied::Failed(ConsoleFailure::NotAnOperator.failure()))?;
        let person = permit.person();
        Ok(Entrance::Open(Operator {
            user: session.user,
            session: session.id,
            name: person.display_name.clone().unwrap_or_else(|| person.username.clone()),
            role,
            proved: session.auth_time,
            now: self.clock.now(),
            confirm: confirmation(cookie),
            once: self.entropy.hex_id(),
            random: self.entropy.token(),
        }))
    }
}
