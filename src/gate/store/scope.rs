//! What an app's cached visible scope says of a member, and how much of it we see.

use std::collections::BTreeSet;

use entity::{department, member, scope_entry};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use super::{Store, settings::EntryApp};
use crate::gate::facts::CachedScope;

impl Store {
    /// What the cached visible scope says of a member, whom it covers or not. `integration`: the app is the one through which the member was synced. Of
    /// another app a member may be inside by what that one does not see, which nobody must be refused for.
    pub(super) async fn cached_scope(
        &self,
        (app, integration): (&EntryApp, bool),
        member: &member::Model,
        is_covered: bool,
    ) -> Result<CachedScope, DbErr> {
        Ok(match is_covered {
            _ if !app.scope_known => CachedScope::Unknown,
            true => CachedScope::Inside,
            false if integration || self.sees_all_of(app, member).await? => CachedScope::Outside,
            false => CachedScope::Uncertain,
        })
    }

    /// Whether what we hold tells for certain that this app's scope does not cover the member: no tags, whose contents depend on who is
    /// asked, and no department that we do not know, neither of the scope nor of the member.
    async fn sees_all_of(&self, app: &EntryApp, member: &member::Model) -> Result<bool, DbErr> {
        let lines = scope_entry::Entity::find()
            .filter(scope_entry::Column::AppId.eq(app.id))
            .filter(scope_entry::Column::Kind.ne("user"))
            .all(self.database.reader())
            .await?;
        if lines.iter().any(|line| line.kind != "department") {
            return Ok(false);
        }
        let picked = lines.iter().filter_map(|line| line.value.parse().ok());
        let named: BTreeSet<i64> = picked.chain(member.departments.0.iter().copied()).collect();
        let known = department::Entity::find()
            .filter(department::Column::DataSourceId.eq(member.data_source_id))
            .filter(department::Column::WecomId.is_in(named.iter().copied()))
            .count(self.database.reader())
            .await?;
        Ok(u64::try_from(named.len()).is_ok_and(|named| named == known))
    }
}
