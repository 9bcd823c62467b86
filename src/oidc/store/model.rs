//! Rows of grants and refresh tokens as values. Pure.

use std::sync::Arc;
use uuid::Uuid;

use crate::{gate::facts::Person, oidc::client::Client};
use crate::{kernel::clock::Timestamp, oidc::terms::Terms};

/// A grant about to be written.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// Chosen when the code was issued.
    pub id: Uuid,
    /// From which session.
    pub session: Uuid,
    /// Who.
    pub user: Uuid,
    /// Which portal.
    pub client: Uuid,
    /// Granted scope.
    pub scope: String,
    /// Agreed besides the scope.
    pub terms: Terms,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
}

/// A refresh token about to be written.
#[derive(Clone, Debug)]
pub struct Successor {
    /// SHA-256, base64url.
    pub digest: String,
    /// End of its life.
    pub expires: Timestamp,
}

/// A refresh token as found, with its grant.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// Row id.
    pub id: Uuid,
    /// End of its life.
    pub expires: Timestamp,
    /// Used already.
    pub consumed: bool,
    /// Its grant.
    pub grant: NewGrant,
    /// The grant is dead.
    pub revoked: bool,
    /// Under which count of changes this was read.
    pub(in crate::oidc) count: Option<u64>,
}

/// A grant that is alive in every respect.
#[derive(Clone, Debug)]
pub struct GrantState {
    /// Who.
    pub person: Arc<Person>,
    /// The member they signed in as.
    pub member: Option<Uuid>,
    /// Which portal.
    pub client: Arc<Client>,
    /// Agreed besides the scope.
    pub terms: Terms,
}
