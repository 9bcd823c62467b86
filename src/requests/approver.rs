//! Who stands before an approver's page: the session of the browser, judged by the gate as at the console, and whether they decide about this request.

use std::time::Duration;

use uuid::Uuid;

use super::{
    failure::RequestFailure,
    model::{AccessRequest, Decider, LINK_LIFETIME, Via},
    service::Requests,
    store,
};
use crate::{
    crypto::digest::sha256_base64url,
    gate::{CONSOLE, Denied, Visit, console::CLIENT_ID, failure::GateFailure},
    kernel::failure::{Failure, Result},
    signin::{LoginRequest, Standing, acr},
};

/// How long ago they may have signed in who put people into groups, as at the console.
const RECENT: Duration = Duration::from_secs(15 * 60);

/// Somebody who decides about a request.
#[derive(Clone, Debug)]
pub struct Approver {
    /// Who they are when they decide.
    pub decider: Decider,
    /// User id.
    pub user: Uuid,
    /// Row id of the session of this browser.
    pub session: Uuid,
    /// They have a console role, and can go on there.
    pub console: bool,
    /// The confirmation token (CSRF) of each form.
    pub confirm: String,
}

/// What the session of a browser is good for at an approver's page.
pub enum Entrance {
    /// They decide.
    Open(Approver),
    /// Nobody is signed in, or not strongly enough: a sign-in may help.
    SignIn,
    /// Somebody else is signed in.
    NotTheirs,
}

/// What a sign-in to an approver's page is begun for. It is judged as one to the console, where named approvers pass the gate too.
pub fn login_request(return_to: String) -> LoginRequest {
    LoginRequest {
        return_to,
        portal: CONSOLE,
        client_id: CLIENT_ID.to_owned(),
        ui_locales: None,
        acr: acr::OF_CONSOLE.map(str::to_owned).to_vec(),
        acr_essential: true,
        standing: Standing::default(),
        begun_at: None,
        trace: None,
        trial: None,
    }
}

impl Requests {
    /// Who has this session cookie, and whether they decide about this request now.
    ///
    /// # Errors
    /// [`Denied`] as at any portal.
    pub async fn enter(&self, cookie: Option<&str>, request: &AccessRequest) -> Result<Entrance, Denied> {
        let Some(cookie) = cookie else {
            return Ok(Entrance::SignIn);
        };
        let Some(session) = self.deps.sessions.find(cookie).await? else {
            return Ok(Entrance::SignIn);
        };
        if !acr::of(&session.amr).is_some_and(|class| acr::OF_CONSOLE.contains(&class)) {
            return Ok(Entrance::SignIn);
        }
        let visit = Visit::Browser {
            session: session.id,
            portal: CONSOLE,
        };
        match self.deps.gate.admit(visit).await {
            Ok(_) => {}
            Err(Denied::Refused(refusal)) if matches!(refusal.reason, GateFailure::PortalNotAllowed) => {
                return Ok(Entrance::NotTheirs);
            }
            Err(denied) => return Err(denied),
        }
        let standing = store::person(&self.deps.database, session.user, request.data_source, self.now()).await;
        let standing = standing.map_err(Failure::from)?;
        let Some(standing) = standing.filter(store::may_decide) else {
            return Ok(Entrance::NotTheirs);
        };
        let every_portal = matches!(standing.role.as_deref(), Some("owner" | "admin"));
        let lately = self.now().since(session.auth_time) < RECENT;
        Ok(Entrance::Open(Approver {
            decider: Decider {
                actor: format!("user:{}", session.user),
                name: Some(standing.name),
                operates: matches!(standing.role.as_deref(), Some("owner" | "admin" | "operator")),
                every_portal,
                groups: every_portal && lately,
                via: Via::Link,
            },
            user: session.user,
            session: session.id,
            console: standing.role.is_some(),
            confirm: sha256_base64url(format!("confirm access request:{cookie}").as_bytes()),
        }))
    }

    /// Lets the link of a request, whose day is over, work for another one; `approver` proves that somebody who decides wants it. A link that works
    /// stays as it is.
    ///
    /// # Errors
    /// `AR-103` when it is decided.
    pub async fn renew_link(&self, approver: &Approver, request: &AccessRequest) -> Result<()> {
        let change = self.begin(&approver.decider.actor).await?;
        let until = self.now().plus(LINK_LIFETIME);
        if store::renew_link(&change, request.id, until).await? {
            return change.commit(request.subject(), "link renewed", &[]).await;
        }
        match store::how_decided(change.transaction(), request.id).await? {
            Some(_) => Err(RequestFailure::Decided.into()),
            None => Ok(()),
        }
    }
}
