//! Facts of many people at a portal, gathered in sets: what all share is read once ([`Surroundings`]), the people page by page ([`People`]),
//! and both together are their facts, without a query for anybody. A test holds them against the facts of real visits.

mod candidates;
mod listed;
mod people;
mod scope;
pub(in crate::gate::store) mod shared;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use entity::{
    auth_source, client, data_source, department, member, scope_entry, tag, tag_department, user_group,
    users as users_table, wecom_app,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

pub(in crate::gate) use self::people::People;
use self::{
    scope::{Scope, Structure},
    shared::{Entrance, Shared},
};
use super::{Store, rows};
use crate::{
    gate::{
        explain::model::{Named, ScopeChange, WhatIf},
        facts::{DataSource, Portal},
        failure::GateFailure,
    },
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
        validation::ValidationErrors,
    },
    store::keyset,
};

/// A portal with all auth sources, data sources and visible scopes, at one moment.
#[derive(Clone, Debug)]
pub(in crate::gate) struct Surroundings {
    now: Timestamp,
    local_passwords: bool,
    portal: Portal,
    shared: Arc<Shared>,
    /// By app.
    scopes: Arc<HashMap<Uuid, Scope>>,
}

impl Surroundings {
    /// Row id of the portal.
    pub(in crate::gate) const fn portal_id(&self) -> Uuid {
        self.portal.id
    }

    /// `client_id` of the portal.
    pub(in crate::gate) fn client_id(&self) -> &str {
        &self.portal.client_id
    }

    /// The same as it would be.
    pub(in crate::gate) fn imagine(&self, what_if: &WhatIf) -> Self {
        let mut imagined = self.clone();
        imagined.portal = what_if.of_portal(imagined.portal);
        if let Some(change) = &what_if.scope {
            Arc::make_mut(&mut imagined.scopes).insert(change.app, Scope::imagined(change));
        }
        imagined
    }
}

impl Store {
    /// What everybody at this portal shares.
    ///
    /// # Errors
    /// `GT-101` when there is no such portal, and when the database does not answer.
    pub(in crate::gate) async fn surroundings(&self, now: Timestamp, portal: Uuid) -> Result<Surroundings> {
        let portal = self.portal(portal).await?;
        self.around(now, (*portal).clone()).await
    }

    /// A page of portals with their names.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::gate) async fn portals(&self, page: &SortedPage) -> Result<SortedListing<(String, Portal)>> {
        let columns = (client::Column::Id, client::Column::Name);
        let rows = keyset::sorted(self.database.reader(), client::Entity::find(), columns, page).await?;
        let place = |row: &client::Model, by: &'static str| Position {
            value: match by {
                "name" => SortValue::Text(row.name.clone()),
                _ => SortValue::Id,
            },
            id: row.id,
        };
        Ok(page.cut(rows, place).map(|row| (row.name.clone(), rows::portal(row))))
    }

    /// The same for each of these portals; what all share is read once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::gate) async fn surroundings_of_all(
        &self,
        now: Timestamp,
        portals: Vec<(String, Portal)>,
    ) -> Result<Vec<(String, Surroundings)>> {
        let Some((_, first)) = portals.first() else {
            return Ok(Vec::new());
        };
        let around = self.around(now, first.clone()).await?;
        let each = portals.into_iter().map(|(name, portal)| {
            let stands = Surroundings {
                portal,
                ..around.clone()
            };
            (name, stands)
        });
        Ok(each.collect())
    }

    async fn around(&self, now: Timestamp, portal: Portal) -> Result<Surroundings> {
        let load = || async { self.load_shared().await.map(Some) };
        let shared = self.shared.get(&self.database, &(), load).await?.unwrap_or_default();
        Ok(Surroundings {
            now,
            local_passwords: self.local_passwords,
            portal,
            scopes: Arc::clone(&shared.scopes),
            shared,
        })
    }

    /// Departments and tags of a large company are thousands of rows, so this is remembered.
    async fn load_shared(&self) -> Result<Shared> {
        let reader = self.database.reader();
        let sources = data_source::Entity::find().all(reader).await?;
        let by_corp: HashMap<String, Uuid> = sources.iter().map(|row| (row.corp_key.clone(), row.id)).collect();
        let data_sources: HashMap<Uuid, DataSource> = sources.into_iter().map(|row| (row.id, row.into())).collect();
        let apps = wecom_app::Entity::find().all(reader).await?;
        let suites: HashMap<Uuid, Uuid> = apps.iter().filter_map(|app| Some((app.id, app.suite?))).collect();
        let mut scopes: HashMap<Uuid, Scope> = apps.iter().map(|app| (app.id, Scope::of(app))).collect();
        for line in scope_entry::Entity::find().all(reader).await? {
            if let Some(scope) = scopes.get_mut(&line.app_id) {
                scope.add(line);
            }
        }
        let rows = auth_source::Entity::find()
            .order_by_asc(auth_source::Column::Id)
            .all(reader)
            .await?;
        let entrances = rows.into_iter().map(|row| Entrance {
            data_source: match row.data_source_id {
                Some(id) => Some(id).filter(|id| data_sources.contains_key(id)),
                None => by_corp.get(&row.corp_id).copied(),
            },
            app: Some(row.app_id).filter(|app| scopes.contains_key(app)),
            named: Named {
                name: row.name.clone(),
                auth_source: {
                    let suite = suites.get(&row.app_id).copied();
                    rows::auth_source(row, suite)
                },
            },
        });
        Ok(Shared {
            entrances: entrances.collect(),
            data_sources,
            structures: self.structures().await?,
            scopes: Arc::new(scopes),
        })
    }

    async fn structures(&self) -> Result<HashMap<Uuid, Structure>> {
        let reader = self.database.reader();
        let mut structures: HashMap<Uuid, Structure> = HashMap::new();
        for row in department::Entity::find().all(reader).await? {
            structures.entry(row.data_source_id).or_default().add_department(&row);
        }
        let mut sources: HashMap<Uuid, Uuid> = HashMap::new();
        for row in tag::Entity::find().all(reader).await? {
            sources.insert(row.id, row.data_source_id);
            let structure = structures.entry(row.data_source_id).or_default();
            structure.add_tag(row.id, row.wecom_id);
        }
        for row in tag_department::Entity::find().all(reader).await? {
            if let Some(structure) = sources.get(&row.tag_id).and_then(|source| structures.get_mut(source)) {
                structure.tag_department(row.tag_id, row.department);
            }
        }
        Ok(structures)
    }

    /// Checks that all there is that a what-if names: what there is not would only look like a rule that nobody meets.
    ///
    /// # Errors
    /// `GT-124` with the parameters that name something else, and when the database does not answer.
    pub(in crate::gate) async fn check_what_if(&self, what_if: &WhatIf) -> Result<()> {
        let reader = self.database.reader();
        let mut faults = ValidationErrors::default();
        let all = |found: u64, ids: &[Uuid]| {
            let mut ids = ids.to_vec();
            ids.sort_unstable();
            ids.dedup();
            u64::try_from(ids.len()).is_ok_and(|named| named == found)
        };
        if let Some(ids) = &what_if.departments {
            let found = department::Entity::find().filter(department::Column::Id.is_in(ids.iter().copied()));
            faults.check(
                all(found.count(reader).await?, ids),
                "departments",
                "names one that there is not",
            );
        }
        if let Some(ids) = &what_if.groups {
            let found = user_group::Entity::find().filter(user_group::Column::Id.is_in(ids.iter().copied()));
            faults.check(
                all(found.count(reader).await?, ids),
                "groups",
                "names one that there is not",
            );
        }
        if let Some(ids) = &what_if.users {
            let found = users_table::Entity::find().filter(users_table::Column::Id.is_in(ids.iter().copied()));
            faults.check(
                all(found.count(reader).await?, ids),
                "users",
                "names one that there is not",
            );
        }
        if let Some(Some(ids)) = &what_if.auth_sources {
            let found = auth_source::Entity::find().filter(auth_source::Column::Id.is_in(ids.iter().copied()));
            faults.check(
                all(found.count(reader).await?, ids),
                "auth_sources",
                "names one that there is not",
            );
        }
        if let Some(scope) = &what_if.scope {
            self.check_scope(scope, &mut faults).await?;
        }
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.into_query_failure(GateFailure::WhatIfUnknown.entry())),
        }
    }

    /// Checks that the mirror of the app's company knows whatever an imagined scope names.
    async fn check_scope(&self, scope: &ScopeChange, faults: &mut ValidationErrors) -> Result<()> {
        let reader = self.database.reader();
        let Some(app) = wecom_app::Entity::find_by_id(scope.app).one(reader).await? else {
            faults.add("scope_app", "there is no such WeCom app");
            return Ok(());
        };
        let key = data_source::corp_key(&app.corp_id, app.suite);
        let source = data_source::Entity::find().filter(data_source::Column::CorpKey.eq(key));
        let source = source.one(reader).await?.map_or(Uuid::nil(), |row| row.id);
        let departments = department::Entity::find()
            .filter(department::Column::DataSourceId.eq(source))
            .filter(department::Column::WecomId.is_in(scope.departments.iter().copied()));
        let tags = tag::Entity::find()
            .filter(tag::Column::DataSourceId.eq(source))
            .filter(tag::Column::WecomId.is_in(scope.tags.iter().copied()));
        let keys: BTreeSet<String> = scope.users.iter().map(|userid| userid.to_lowercase()).collect();
        let named = keys.len();
        let members = member::Entity::find()
            .filter(member::Column::DataSourceId.eq(source))
            .filter(member::Column::UseridKey.is_in(keys));
        for (field, named, found) in [
            (
                "scope_departments",
                scope.departments.len(),
                departments.count(reader).await?,
            ),
            ("scope_tags", scope.tags.len(), tags.count(reader).await?),
            ("scope_users", named, members.count(reader).await?),
        ] {
            let known = u64::try_from(named).is_ok_and(|named| named == found);
            faults.check(known, field, "names one that the last sync has not seen");
        }
        Ok(())
    }
}
