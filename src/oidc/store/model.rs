//! Rows of grants and refresh tokens as values. Pure.

use std::sync::Arc;
use uuid::Uuid;

use crate::{gate::facts::Person, oidc::client::Client};
use crate::{
    kernel::clock::Timestamp,
    oidc::terms::GrantTerms,
    store::{About, Cached},
};

/// A grant about to be written.
#[derive(Clone, Debug)]
pub struct Grant {
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
    pub terms: GrantTerms,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
}

/// A refresh token about to be written.
#[derive(Clone, Debug)]
pub struct NewRefreshToken {
    /// SHA-256, base64url.
    pub digest: String,
    /// End of its life.
    pub expires: Timestamp,
}

/// A refresh token as found, with its grant.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// Row id.
    pub id: Uuid,
    /// End of its life.
    pub expires: Timestamp,
    /// Used already.
    pub consumed: bool,
    /// Its grant.
    pub grant: Grant,
    /// The grant is revoked.
    pub revoked: bool,
    /// Its [version](crate::store::versions) from before it was read.
    pub(in crate::oidc) version: Option<u64>,
}

/// The state of a live grant: not revoked, session not ended, person and portal enabled, nobody in doubt who has to wait.
#[derive(Clone, Debug)]
pub struct GrantState {
    /// Who.
    pub person: Arc<Person>,
    /// The member they signed in as.
    pub member: Option<Uuid>,
    /// Which portal.
    pub client: Arc<Client>,
    /// Agreed besides the scope.
    pub terms: GrantTerms,
}

impl Cached for RefreshToken {
    fn about(&self) -> About {
        About::Person(self.grant.user)
    }
}

impl Cached for GrantState {
    fn about(&self) -> About {
        About::Person(self.person.id)
    }
}

impl Cached for Person {
    fn about(&self) -> About {
        About::Person(self.id)
    }
}

impl Cached for Client {
    fn about(&self) -> About {
        About::Everybody
    }
}
