//! Queries of a member's departments and of the app's cached visible scope.

use entity::{department, member, scope_entry, tag, tag_department, tag_user, wecom_app};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Store;
use crate::gate::facts::CachedScope;

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

    /// Whether the cached visible scope covers the member (reference 4.2): members picked, departments with their subtrees, tags with their
    /// members and departments' subtrees.
    pub(super) async fn cached_scope(
        &self,
        app: &wecom_app::Model,
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
        Ok(if entry.is_some() {
            CachedScope::Inside
        } else {
            CachedScope::Outside
        })
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
