//! Writes tags and their members and departments.

use std::collections::HashMap;

use entity::{tag, tag_department, tag_user};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::OnConflict,
};
use serde_json::json;
use uuid::Uuid;

use super::{Stored, fence, images, journal};
use crate::{
    directory::sync::{
        journal::{Change, Changes, Entry, Subject, TAGGED_DEPARTMENTS, TAGGED_USERS, diff},
        plan::{
            model::RowOutcome,
            structure_model::{TagContentChange, TagPlan},
        },
        run_context::{BATCH, Job},
    },
    kernel::failure::Result,
};

/// Writes new and renamed tags, deletes those that are gone, then writes changed contents.
pub async fn write(job: &Job<'_>, plan: &TagPlan) -> Result<()> {
    for batch in plan.upserts.chunks(BATCH) {
        let tx = fence::begin(job).await?;
        upsert(&tx, job, batch).await?;
        tx.commit().await?;
    }
    for id in &plan.deletes {
        let tx = fence::begin(job).await?;
        delete(&tx, job, *id).await?;
        tx.commit().await?;
    }
    if plan.contents.is_empty() {
        return Ok(());
    }
    let ids = ids(job).await?;
    for batch in batches(&ids, &plan.contents) {
        contents(job, &batch).await?;
    }
    Ok(())
}

async fn upsert<C: ConnectionTrait>(tx: &C, job: &Job<'_>, tags: &[(i64, String)]) -> Stored<()> {
    let held = tag::Entity::find()
        .filter(tag::Column::DataSourceId.eq(job.data_source_id))
        .filter(tag::Column::WecomId.is_in(tags.iter().map(|(wecom_id, _)| *wecom_id)))
        .all(tx)
        .await?;
    let held: HashMap<i64, tag::Model> = held.into_iter().map(|row| (row.wecom_id, row)).collect();
    let rows = tags.iter().map(|(wecom_id, name)| tag::Model {
        id: held.get(wecom_id).map_or_else(|| job.id(), |held| held.id),
        data_source_id: job.data_source_id,
        wecom_id: *wecom_id,
        name: name.clone(),
        updated_at: job.clock.now().millis(),
    });
    let rows: Vec<tag::Model> = rows.collect();
    put(tx, rows.clone()).await?;
    let entries = rows.iter().map(|row| {
        let (before, after) = (held.get(&row.wecom_id).map(images::tag), Some(images::tag(row)));
        let outcome = RowOutcome::of_images(before.as_ref(), after.as_ref());
        entry(row.id, row.wecom_id, outcome, diff(before.as_ref(), after.as_ref()))
    });
    journal::write(tx, job, &entries.collect::<Vec<_>>()).await
}

/// Writes these rows, be they new or there.
pub(super) async fn put<C: ConnectionTrait>(tx: &C, rows: Vec<tag::Model>) -> Stored<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let known = OnConflict::columns([tag::Column::DataSourceId, tag::Column::WecomId])
        .update_columns([tag::Column::Name, tag::Column::UpdatedAt])
        .to_owned();
    tag::Entity::insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()))
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Deletes a tag. The journal tells who bore it.
async fn delete<C: ConnectionTrait>(tx: &C, job: &Job<'_>, id: Uuid) -> Stored<()> {
    let Some(row) = tag::Entity::find_by_id(id).one(tx).await? else {
        return Ok(());
    };
    let users: Vec<String> = users_of(tx, id).await?;
    let departments = departments_of(tx, id).await?;
    tag::Entity::delete_by_id(id).exec(tx).await?;
    let mut changes = diff(Some(&images::tag(&row)), None);
    changes.extend(content_changes((&users, &[]), (&departments, &[])));
    journal::write(tx, job, &[entry(id, row.wecom_id, RowOutcome::Deleted, changes)]).await
}

/// Keys of those who bear a tag.
pub(super) async fn users_of<C: ConnectionTrait>(tx: &C, id: Uuid) -> Stored<Vec<String>> {
    tag_user::Entity::find()
        .select_only()
        .column(tag_user::Column::UseridKey)
        .filter(tag_user::Column::TagId.eq(id))
        .into_tuple()
        .all(tx)
        .await
}

/// WeCom's ids of the departments that bear a tag.
pub(super) async fn departments_of<C: ConnectionTrait>(tx: &C, id: Uuid) -> Stored<Vec<i64>> {
    tag_department::Entity::find()
        .select_only()
        .column(tag_department::Column::Department)
        .filter(tag_department::Column::TagId.eq(id))
        .into_tuple()
        .all(tx)
        .await
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

/// What changes of the contents of a tag in one transaction: of none more than some hundred.
struct Part<'a> {
    id: Uuid,
    wecom_id: i64,
    remove_users: &'a [String],
    add_users: &'a [String],
    remove_departments: &'a [i64],
    add_departments: &'a [i64],
}

impl Part<'_> {
    /// Of the longest of its lists.
    fn rows(&self) -> usize {
        let users = self.remove_users.len().max(self.add_users.len());
        users.max(self.remove_departments.len()).max(self.add_departments.len())
    }
}

/// What changes, as it is written: in each transaction no more than some hundred of a kind.
fn batches<'a>(ids: &HashMap<i64, Uuid>, changes: &'a [TagContentChange]) -> Vec<Vec<Part<'a>>> {
    let tags = changes
        .iter()
        .filter_map(|change| Some((*ids.get(&change.wecom_id)?, change)));
    let (mut batches, mut room): (Vec<Vec<Part<'_>>>, usize) = (Vec::new(), 0);
    for part in tags.flat_map(|(id, change)| parts(id, change)) {
        match batches.last_mut() {
            Some(batch) if part.rows() <= room => {
                room -= part.rows();
                batch.push(part);
            }
            _ => {
                room = BATCH.saturating_sub(part.rows());
                batches.push(vec![part]);
            }
        }
    }
    batches
}

fn parts(id: Uuid, change: &TagContentChange) -> Vec<Part<'_>> {
    let whole = Part {
        id,
        wecom_id: change.wecom_id,
        remove_users: &change.remove_users,
        add_users: &change.add_users,
        remove_departments: &change.remove_departments,
        add_departments: &change.add_departments,
    };
    let starts = (0..whole.rows()).step_by(BATCH);
    let parts = starts.map(|start| Part {
        remove_users: part(whole.remove_users, start),
        add_users: part(whole.add_users, start),
        remove_departments: part(whole.remove_departments, start),
        add_departments: part(whole.add_departments, start),
        ..whole
    });
    parts.collect()
}

fn part<T>(all: &[T], start: usize) -> &[T] {
    let rest = all.get(start..).unwrap_or_default();
    rest.get(..BATCH).unwrap_or(rest)
}

/// Writes who and what gains or loses these tags.
async fn contents(job: &Job<'_>, parts: &[Part<'_>]) -> Result<()> {
    let tx = fence::begin(job).await?;
    for part in parts {
        take_from(&tx, part.id, part.remove_users, part.remove_departments).await?;
    }
    let users = parts.iter().flat_map(|part| bearers(part.id, part.add_users));
    add_users(&tx, users.collect()).await?;
    let departments = parts.iter().flat_map(|part| bearers(part.id, part.add_departments));
    add_departments(&tx, departments.collect()).await?;
    let entries = parts.iter().map(|part| {
        let users = (part.remove_users, part.add_users);
        let changes = content_changes(users, (part.remove_departments, part.add_departments));
        entry(part.id, part.wecom_id, RowOutcome::Updated, changes)
    });
    journal::write(&tx, job, &entries.collect::<Vec<_>>()).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a tag from those, and gives it to these.
pub(super) async fn replace<C: ConnectionTrait>(
    tx: &C,
    id: Uuid,
    (gone, new): (&[String], &[String]),
    (gone_departments, new_departments): (&[i64], &[i64]),
) -> Stored<()> {
    take_from(tx, id, gone, gone_departments).await?;
    add_users(tx, bearers(id, new).collect()).await?;
    add_departments(tx, bearers(id, new_departments).collect()).await
}

async fn take_from<C: ConnectionTrait>(tx: &C, id: Uuid, users: &[String], departments: &[i64]) -> Stored<()> {
    for keys in users.chunks(BATCH) {
        tag_user::Entity::delete_many()
            .filter(tag_user::Column::TagId.eq(id))
            .filter(tag_user::Column::UseridKey.is_in(keys))
            .exec(tx)
            .await?;
    }
    for departments in departments.chunks(BATCH) {
        tag_department::Entity::delete_many()
            .filter(tag_department::Column::TagId.eq(id))
            .filter(tag_department::Column::Department.is_in(departments.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Each of these with the tag that it gets.
fn bearers<T: Clone>(tag: Uuid, all: &[T]) -> impl Iterator<Item = (Uuid, T)> {
    all.iter().map(move |one| (tag, one.clone()))
}

async fn add_users<C: ConnectionTrait>(tx: &C, users: Vec<(Uuid, String)>) -> Stored<()> {
    for users in users.chunks(BATCH) {
        let rows = users.iter().map(|(tag_id, key)| tag_user::ActiveModel {
            tag_id: Set(*tag_id),
            userid_key: Set(key.clone()),
        });
        let known = OnConflict::columns([tag_user::Column::TagId, tag_user::Column::UseridKey])
            .do_nothing()
            .to_owned();
        tag_user::Entity::insert_many(rows)
            .on_conflict(known)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn add_departments<C: ConnectionTrait>(tx: &C, departments: Vec<(Uuid, i64)>) -> Stored<()> {
    for departments in departments.chunks(BATCH) {
        let rows = departments
            .iter()
            .map(|(tag_id, department)| tag_department::ActiveModel {
                tag_id: Set(*tag_id),
                department: Set(*department),
            });
        let known = OnConflict::columns([tag_department::Column::TagId, tag_department::Column::Department])
            .do_nothing()
            .to_owned();
        tag_department::Entity::insert_many(rows)
            .on_conflict(known)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn content_changes((gone, new): (&[String], &[String]), departments: (&[i64], &[i64])) -> Changes {
    let users = Change {
        from: json!(gone),
        to: json!(new),
    };
    let departments = Change {
        from: json!(departments.0),
        to: json!(departments.1),
    };
    let changes = [(TAGGED_USERS, users), (TAGGED_DEPARTMENTS, departments)];
    let changes = changes.into_iter().filter(|(_, change)| change.from != change.to);
    changes.map(|(name, change)| (name.to_owned(), change)).collect()
}

fn entry(id: Uuid, wecom_id: i64, outcome: RowOutcome, changes: Changes) -> Entry {
    Entry {
        subject: Subject::Tag,
        subject_id: Some(id),
        user_id: None,
        userid: wecom_id.to_string(),
        outcome,
        reason: String::new(),
        changes,
    }
}
