//! Queries of a member's departments, of a user's groups and of the app's cached visible scope.

use std::collections::BTreeSet;

use entity::{department, member, scope_entry, tag, tag_department, tag_user, user_group_user, wecom_app};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Store;
use crate::gate::facts::{CachedScope, Portal};

impl Store {
    /// Our id and WeCom's id of each department of the member and of all above it.
    pub(super) async fn lineage(&self, member: &member::Model) -> Result<Vec<(Uuid, i64)>, DbErr> {
        if member.departments.0.is_empty() {
            return Ok(Vec::new());
        }
        let of_source = department::Column::DataSourceId.eq(member.data_source_id);
        let paths: Vec<String> = department::Entity::find()
            .select_only()
            .column(department::Column::Path)
            .filter(of_source.clone())
            .filter(department::Column::WecomId.is_in(member.departments.0.iter().copied()))
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let above: Vec<i64> = paths
            .iter()
            .flat_map(|path| path.split('/'))
            .filter_map(|id| id.parse().ok())
            .collect();
        department::Entity::find()
            .select_only()
            .columns([department::Column::Id, department::Column::WecomId])
            .filter(of_source)
            .filter(department::Column::WecomId.is_in(above))
            .into_tuple()
            .all(self.database.reader())
            .await
    }

    /// Those of the portal's groups in which the user is; where it names none, nothing is asked.
    pub(in crate::gate) async fn groups_of(&self, user: Uuid, portal: &Portal) -> Result<Vec<Uuid>, DbErr> {
        if portal.groups.is_empty() {
            return Ok(Vec::new());
        }
        user_group_user::Entity::find()
            .select_only()
            .column(user_group_user::Column::GroupId)
            .filter(user_group_user::Column::UserId.eq(user))
            .filter(user_group_user::Column::GroupId.is_in(portal.groups.iter().copied()))
            .into_tuple()
            .all(self.database.reader())
            .await
    }

    /// Whether the cached visible scope covers the member (reference 4.2): members picked, departments with their subtrees, tags with their
    /// members and departments' subtrees. `integration`: the app is the one through which the member was synced. Of another app a member may
    /// be inside by what that one does not see, which nobody must be refused for.
    pub(super) async fn cached_scope(
        &self,
        (app, integration): (&wecom_app::Model, bool),
        member: &member::Model,
        lineage: &[(Uuid, i64)],
    ) -> Result<CachedScope, DbErr> {
        if app.scope_fetched_at.is_none() {
            return Ok(CachedScope::Unknown);
        }
        let departments: Vec<i64> = lineage.iter().map(|department| department.1).collect();
        let tags = self.tags_of(member, &departments).await?;
        let matching = |kind: &str, values: Vec<String>| {
            Condition::all()
                .add(scope_entry::Column::Kind.eq(kind))
                .add(scope_entry::Column::Value.is_in(values))
        };
        let covering = Condition::any()
            .add(matching("user", vec![member.userid_key.clone()]))
            .add(matching(
                "department",
                departments.iter().map(ToString::to_string).collect(),
            ))
            .add(matching("tag", tags.iter().map(ToString::to_string).collect()));
        let entry = scope_entry::Entity::find()
            .filter(scope_entry::Column::AppId.eq(app.id))
            .filter(covering)
            .one(self.database.reader())
            .await?;
        Ok(match entry {
            Some(_) => CachedScope::Inside,
            None if integration || self.sees_all_of(app, member).await? => CachedScope::Outside,
            None => CachedScope::Uncertain,
        })
    }

    /// Whether what we hold tells for certain that this app's scope does not cover the member: no tags, whose contents depend on who is
    /// asked, and no department that we do not know, neither of the scope nor of the member.
    async fn sees_all_of(&self, app: &wecom_app::Model, member: &member::Model) -> Result<bool, DbErr> {
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

    /// WeCom's ids of the tags that hold the member, directly or by a department.
    async fn tags_of(&self, member: &member::Model, departments: &[i64]) -> Result<Vec<i64>, DbErr> {
        let direct: Vec<Uuid> = tag_user::Entity::find()
            .select_only()
            .column(tag_user::Column::TagId)
            .filter(tag_user::Column::UseridKey.eq(&member.userid_key))
            .into_tuple()
            .all(self.database.reader())
            .await?;
        let by_department: Vec<Uuid> = tag_department::Entity::find()
            .select_only()
            .column(tag_department::Column::TagId)
            .filter(tag_department::Column::Department.is_in(departments.iter().copied()))
            .into_tuple()
            .all(self.database.reader())
            .await?;
        tag::Entity::find()
            .select_only()
            .column(tag::Column::WecomId)
            .filter(tag::Column::DataSourceId.eq(member.data_source_id))
            .filter(tag::Column::Id.is_in(direct.into_iter().chain(by_department)))
            .into_tuple()
            .all(self.database.reader())
            .await
    }
}
