//! What the use cases of access requests share: their dependencies, reading, and writing what was done down.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    failure::RequestFailure,
    model::{AccessRequest, Decider, Group, Portal, Prospect, RequestFilter},
    state::State,
    store,
    view::RequestView,
};
use crate::{
    audit::{Kind, Record},
    crypto::{digest::sha256_base64url, seal::Sealer},
    directory::{store::Change, sync::Sync},
    gate::Gate,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    signin::{Journeys, Sessions},
    store::Database,
};

/// Dependencies of access requests.
#[derive(Clone)]
pub struct Dependencies {
    /// Database.
    pub database: Database,
    /// Seals what notices say.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Imports whoever is let in.
    pub sync: Sync,
    /// Decides who may enter the approvers' pages.
    pub gate: Gate,
    /// Finds approvers' sessions.
    pub sessions: Sessions,
    /// Keeps the proof of a refused scan.
    pub journeys: Journeys,
}

/// The use cases of access requests. Cheap to clone.
#[derive(Clone)]
pub struct Requests {
    pub(in crate::requests) deps: Dependencies,
}

impl Requests {
    /// Over these parts.
    pub const fn new(deps: Dependencies) -> Self {
        Self { deps }
    }

    pub(in crate::requests) fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    pub(in crate::requests) async fn begin(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.deps.database, &self.deps.entropy, self.now(), actor).await
    }

    /// One request.
    ///
    /// # Errors
    /// `AR-102` when there is none.
    pub async fn request(&self, id: Uuid) -> Result<AccessRequest> {
        let found = store::find(&self.deps.database, id).await?;
        found.ok_or_else(|| RequestFailure::NotFound.into())
    }

    /// One request as the API shows it, with the username that its member would get.
    ///
    /// # Errors
    /// As [`Requests::request`].
    pub async fn shown(&self, id: Uuid) -> Result<RequestView> {
        let request = self.request(id).await?;
        let prospect = self.prospect(&request).await?;
        Ok(RequestView::of(request).with(prospect))
    }

    /// What the member of a request would get, and what speaks against it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prospect(&self, request: &AccessRequest) -> Result<Prospect> {
        let database = &self.deps.database;
        let left_out = match request.member {
            Some(member) => store::left_out(database.reader(), member).await?,
            None => None,
        };
        Ok(Prospect {
            username: request.userid.clone(),
            taken: store::taken(database, &request.userid).await?,
            left_out,
        })
    }

    /// Row id of the portal that the approval of a request opened: the one that was asked for, else the first of those that were granted. `None`: it was
    /// not approved, opened none, or there is no such request.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn opened_portal(&self, id: Uuid) -> Result<Option<Uuid>> {
        let found = store::find(&self.deps.database, id).await?;
        let Some(request) = found.filter(|request| request.state == State::Approved) else {
            return Ok(None);
        };
        let granted = request.decision.as_ref().map(|decision| decision.portals.as_slice());
        let granted = granted.unwrap_or_default();
        if let Some(asked) = request.portal.filter(|asked| granted.contains(&asked.client_id)) {
            return Ok(Some(asked.id));
        }
        match granted.first() {
            Some(first) => Ok(store::portal(&self.deps.database, first).await?.map(|portal| portal.id)),
            None => Ok(None),
        }
    }

    /// The portals that somebody can open to whoever asks: the one that was asked for, and, where they may open every one, those besides that not
    /// everybody may enter.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn choices(&self, decider: &Decider, request: &AccessRequest) -> Result<Vec<Portal>> {
        let mut choices: Vec<Portal> = request.portal.iter().cloned().collect();
        if decider.every_portal {
            let limited = store::limited_portals(&self.deps.database).await?;
            let asked = request.portal.as_ref().map(|portal| portal.id);
            choices.extend(limited.into_iter().filter(|portal| Some(portal.id) != asked));
        }
        Ok(choices)
    }

    /// The groups into which somebody can put whoever asks, by name; where they may not, none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn groups(&self, decider: &Decider) -> Result<Vec<Group>> {
        match decider.groups {
            true => Ok(store::groups(&self.deps.database).await?),
            false => Ok(Vec::new()),
        }
    }

    /// The wanted requests.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, filter: &RequestFilter, page: &SortedPage) -> Result<SortedListing<RequestView>> {
        let found = store::list(&self.deps.database, filter, page).await?;
        Ok(found.map(RequestView::of))
    }

    /// The request of this link.
    ///
    /// # Errors
    /// `AR-104` when it is the link of none.
    pub async fn linked(&self, token: &str) -> Result<AccessRequest> {
        let found = match token.len() {
            43 => store::by_link(&self.deps.database, &sha256_base64url(token.as_bytes())).await?,
            _ => None,
        };
        found.ok_or_else(|| RequestFailure::LinkUnknown.into())
    }
}

/// What happened to a request, for the audit log.
pub(in crate::requests) fn record(change: &Change, request: &AccessRequest, (kind, more): (Kind, Value)) -> Record {
    let mut detail = json!({
        "data_source_id": request.data_source,
        "userid": request.userid,
        "client_id": request.portal.as_ref().map(|portal| &portal.client_id),
    });
    if let (Some(detail), Value::Object(more)) = (detail.as_object_mut(), more) {
        detail.extend(more);
    }
    Record {
        kind,
        actor: change.actor().to_owned(),
        subject: request.subject(),
        reference: None,
        number: None,
        detail,
    }
}
