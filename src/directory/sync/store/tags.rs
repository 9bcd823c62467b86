//! Writes tags and their members and departments.

use std::collections::HashMap;

use entity::{tag, tag_department, tag_user};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;

use super::Stored;
use crate::{
    directory::sync::{
        plan::model::{TagContentChange, TagPlan},
        run_context::{BATCH, Job},
    },
    kernel::failure::Result,
};

/// Writes new and renamed tags, deletes those that are gone, then writes changed contents.
pub async fn write(job: &Job<'_>, plan: &TagPlan) -> Result<()> {
    upsert(job, &plan.upserts).await?;
    for ids in plan.deletes.chunks(BATCH) {
        tag::Entity::delete_many()
            .filter(tag::Column::Id.is_in(ids.iter().copied()))
            .exec(job.db.writer())
            .await?;
    }
    if plan.contents.is_empty() {
        return Ok(());
    }
    let ids = ids(job).await?;
    remove(job, &plan.contents, &ids).await?;
    add_users(job, &plan.contents, &ids).await?;
    add_departments(job, &plan.contents, &ids).await?;
    Ok(())
}

async fn upsert(job: &Job<'_>, tags: &[(i64, String)]) -> Result<()> {
    let now = job.clock.now().millis();
    for batch in tags.chunks(BATCH) {
        let rows = batch.iter().map(|(wecom_id, name)| tag::ActiveModel {
            id: Set(job.id()),
            data_source_id: Set(job.data_source_id),
            wecom_id: Set(*wecom_id),
            name: Set(name.clone()),
            updated_at: Set(now),
        });
        let known = OnConflict::columns([tag::Column::DataSourceId, tag::Column::WecomId])
            .update_columns([tag::Column::Name, tag::Column::UpdatedAt])
            .to_owned();
        tag::Entity::insert_many(rows)
            .on_conflict(known)
            .exec_without_returning(job.db.writer())
            .await?;
    }
    Ok(())
}

async fn ids(job: &Job<'_>) -> Result<HashMap<i64, Uuid>> {
    let rows: Vec<(i64, Uuid)> = tag::Entity::find()
        .select_only()
        .columns([tag::Column::WecomId, tag::Column::Id])
        .filter(tag::Column::DataSourceId.eq(job.data_source_id))
        .into_tuple()
        .all(job.db.writer())
        .await?;
    Ok(rows.into_iter().collect())
}

async fn remove(job: &Job<'_>, contents: &[TagContentChange], ids: &HashMap<i64, Uuid>) -> Stored<()> {
    for change in contents {
        let Some(id) = ids.get(&change.wecom_id) else { continue };
        for keys in change.remove_users.chunks(BATCH) {
            tag_user::Entity::delete_many()
                .filter(tag_user::Column::TagId.eq(*id))
                .filter(tag_user::Column::UseridKey.is_in(keys))
                .exec(job.db.writer())
                .await?;
        }
        for departments in change.remove_departments.chunks(BATCH) {
            tag_department::Entity::delete_many()
                .filter(tag_department::Column::TagId.eq(*id))
                .filter(tag_department::Column::Department.is_in(departments.iter().copied()))
                .exec(job.db.writer())
                .await?;
        }
    }
    Ok(())
}

async fn add_users(job: &Job<'_>, contents: &[TagContentChange], ids: &HashMap<i64, Uuid>) -> Stored<()> {
    for batch in pairs(contents, ids, |change| &change.add_users).chunks(BATCH) {
        let rows = batch.iter().map(|(tag_id, key)| tag_user::ActiveModel {
            tag_id: Set(*tag_id),
            userid_key: Set((*key).clone()),
        });
        let known = OnConflict::columns([tag_user::Column::TagId, tag_user::Column::UseridKey])
            .do_nothing()
            .to_owned();
        tag_user::Entity::insert_many(rows)
            .on_conflict(known)
            .exec_without_returning(job.db.writer())
            .await?;
    }
    Ok(())
}

async fn add_departments(job: &Job<'_>, contents: &[TagContentChange], ids: &HashMap<i64, Uuid>) -> Stored<()> {
    for batch in pairs(contents, ids, |change| &change.add_departments).chunks(BATCH) {
        let rows = batch.iter().map(|(tag_id, department)| tag_department::ActiveModel {
            tag_id: Set(*tag_id),
            department: Set(**department),
        });
        let known = OnConflict::columns([tag_department::Column::TagId, tag_department::Column::Department])
            .do_nothing()
            .to_owned();
        tag_department::Entity::insert_many(rows)
            .on_conflict(known)
            .exec_without_returning(job.db.writer())
            .await?;
    }
    Ok(())
}

/// Pairs our id of each tag with each of its new members or departments.
fn pairs<'a, T>(
    contents: &'a [TagContentChange],
    ids: &HashMap<i64, Uuid>,
    bearers: fn(&TagContentChange) -> &Vec<T>,
) -> Vec<(Uuid, &'a T)> {
    let mut pairs = Vec::new();
    for change in contents {
        if let Some(id) = ids.get(&change.wecom_id) {
            pairs.extend(bearers(change).iter().map(|bearer| (*id, bearer)));
        }
    }
    pairs
}
