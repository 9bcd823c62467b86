//! What all people share at the moment of a question. Pure.

use std::{collections::HashMap, sync::Arc};

use uuid::Uuid;

use super::scope::{Scope, Structure};
use crate::{
    gate::{explain::model::Named, facts::DataSource},
    store::{About, Cached},
};

/// An auth source with what it leads to.
#[derive(Debug)]
pub(super) struct Entrance {
    pub(super) named: Named,
    /// The data source it is bound to, or the one with its corp ID.
    pub(super) data_source: Option<Uuid>,
    pub(super) app: Option<Uuid>,
}

/// What all people share, at every portal.
#[derive(Debug, Default)]
pub(in crate::gate::store) struct Shared {
    pub(super) entrances: Vec<Entrance>,
    pub(super) data_sources: HashMap<Uuid, DataSource>,
    pub(super) structures: HashMap<Uuid, Structure>,
    /// The visible scopes, by app.
    pub(super) scopes: Arc<HashMap<Uuid, Scope>>,
}

impl Cached for Shared {
    fn about(&self) -> About {
        About::Everybody
    }
}
