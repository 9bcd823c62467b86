//! What the use cases of access requests share: their dependencies, reading, and writing what was done down.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    failure::RequestFailure,
    model::{AccessRequest, RequestFilter},
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
        let suggested = self.suggestion(&request).await?;
        Ok(RequestView::of(request).suggesting(suggested))
    }

    /// The username that the member of a request would get, and whether somebody has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn suggestion(&self, request: &AccessRequest) -> Result<(String, bool)> {
        let taken = store::taken(&self.deps.database, &request.userid).await?;
        Ok((request.userid.clone(), taken))
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
