//! Settings the gate reads: portals, and auth sources with what they lead to. They change a few times a day and are the same for everybody, so they
//! are cached by themselves: whoever comes for the first time today makes nobody read them again.

use std::sync::Arc;

use entity::{auth_source, client, data_source, json::Strings, users, wecom_app};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::rows;
use crate::{
    gate::{
        console::{self, CONSOLE},
        facts::{AuthSource, DataSource, Portal},
        failure::GateFailure,
    },
    kernel::failure::Result,
    store::{About, Cached, Database, ReadCache, UniqueRow},
};

/// Their caches, by row id.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    database: Database,
    portals: ReadCache<Uuid, Portal>,
    entry_points: ReadCache<Uuid, EntryPoint>,
}

/// The auth source with its data source and app.
#[derive(Debug, Default)]
pub(super) struct EntryPoint {
    pub(super) auth_source: Option<AuthSource>,
    pub(super) data_source: Option<DataSource>,
    pub(super) app: Option<EntryApp>,
}

/// Of the auth source's app what the gate looks at. When it is read next, and what came of the last time, changes without being counted.
#[derive(Debug)]
pub(super) struct EntryApp {
    pub(super) id: Uuid,
    /// Its visible scope was read at least once.
    pub(super) scope_known: bool,
}

impl From<wecom_app::Model> for EntryApp {
    fn from(row: wecom_app::Model) -> Self {
        Self {
            id: row.id,
            scope_known: row.scope_fetched_at.is_some(),
        }
    }
}

impl Cached for Portal {
    fn about(&self) -> About {
        About::Everybody
    }
}

impl Cached for EntryPoint {
    fn about(&self) -> About {
        About::Everybody
    }
}

impl Settings {
    pub(super) fn new(database: Database) -> Self {
        Self {
            database,
            portals: ReadCache::default(),
            entry_points: ReadCache::default(),
        }
    }

    /// The portal with this row id.
    ///
    /// # Errors
    /// `GT-101` when there is none, and when the database does not answer.
    pub(super) async fn portal(&self, id: Uuid) -> Result<Arc<Portal>> {
        let load = || async { self.read_portal(id).await };
        let found = self.portals.get(&self.database, &id, load).await?;
        found.ok_or_else(|| GateFailure::PortalDisabled.failure().cause("client row is missing"))
    }

    async fn read_portal(&self, id: Uuid) -> Result<Option<Portal>, DbErr> {
        if id == CONSOLE {
            return Ok(Some(console::portal(self.operators().await?)));
        }
        let row = client::Entity::find_by_id(id)
            .unique_row(self.database.reader())
            .await?;
        Ok(row.map(rows::portal))
    }

    /// Ids of the users with a console role, and of those who decide about access requests without one.
    async fn operators(&self) -> Result<Vec<Uuid>, DbErr> {
        let mut operators: Vec<Uuid> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::ConsoleRole.is_not_null())
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let approvers: Vec<Strings> = data_source::Entity::find()
            .select_only()
            .column(data_source::Column::Approvers)
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let named = approvers.iter().flat_map(|list| &list.0);
        operators.extend(named.filter_map(|id| Uuid::parse_str(id).ok()));
        Ok(operators)
    }

    /// The auth source with its data source: the one it names, or else the one with the same corp ID. Nothing of one that is gone.
    pub(super) async fn entry_point(&self, auth_source: Option<Uuid>) -> Result<Arc<EntryPoint>, DbErr> {
        let Some(id) = auth_source else {
            return Ok(Arc::default());
        };
        let load = || async { self.read_entry_point(id).await };
        let found = self.entry_points.get(&self.database, &id, load).await?;
        Ok(found.unwrap_or_default())
    }

    async fn read_entry_point(&self, id: Uuid) -> Result<Option<EntryPoint>, DbErr> {
        let reader = self.database.reader();
        let Some(row) = auth_source::Entity::find_by_id(id).unique_row(reader).await? else {
            return Ok(None);
        };
        let bound = match row.data_source_id {
            Some(id) => data_source::Column::Id.eq(id),
            None => data_source::Column::CorpKey.eq(row.corp_id.clone()),
        };
        let directory = data_source::Entity::find().filter(bound).unique_row(reader).await?;
        let app = wecom_app::Entity::find_by_id(row.app_id).unique_row(reader).await?;
        Ok(Some(EntryPoint {
            auth_source: Some(rows::auth_source(row, app.as_ref().and_then(|app| app.suite))),
            data_source: directory.map(DataSource::from),
            app: app.map(EntryApp::from),
        }))
    }
}
