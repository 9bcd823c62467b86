//! Takes back what a run did to departments, tags and the visible scope, row by row.

use std::collections::BTreeSet;

use entity::{department, scope_entry, tag, wecom_app};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::row::{Undoing, Verdict, changed};
use crate::directory::sync::{
    journal::{Change, SCOPE, SCOPE_READ, Subject, TAGGED_DEPARTMENTS, TAGGED_USERS, changed_since},
    run_context::Job,
    store::{
        Stored, departments, images,
        scope::{self, Line},
        tags,
    },
};

const GONE: &str = "it is no longer there";
const THERE: &str = "another one of this id is there by now";

pub(super) async fn take_back<C: ConnectionTrait>(tx: &C, job: &Job<'_>, row: &Undoing) -> Stored<Verdict> {
    let Some(id) = row.subject_id else {
        return Ok(Err(GONE.to_owned()));
    };
    match row.subject {
        Subject::Department => take_back_department(tx, job, row, id).await,
        Subject::Tag => take_back_tag(tx, job, row, id).await,
        _ => take_back_app(tx, row, id).await,
    }
}

async fn take_back_department<C: ConnectionTrait>(tx: &C, job: &Job<'_>, row: &Undoing, id: Uuid) -> Stored<Verdict> {
    let held = department::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    let own = row.changes.get("department.wecom_id");
    let (created, deleted) = (is_null(own, |own| &own.from), is_null(own, |own| &own.to));
    let now = job.clock.now().millis();
    let mut restored = match held {
        Some(_) if deleted => return Ok(Err(THERE.to_owned())),
        None if !deleted => return Ok(Err(GONE.to_owned())),
        Some(held) => held,
        None => images::empty_department(id, job.data_source_id, now),
    };
    if !deleted && let Some(column) = changed_since(&row.changes, &images::department(&restored)) {
        return Ok(Err(changed(column)));
    }
    if created {
        department::Entity::delete_by_id(id).exec(tx).await?;
        return Ok(Ok(""));
    }
    for (name, change) in &row.changes {
        images::restore_department(&mut restored, name, &change.from);
    }
    restored.updated_at = now;
    let same = department::Entity::find()
        .filter(department::Column::DataSourceId.eq(job.data_source_id))
        .filter(department::Column::WecomId.eq(restored.wecom_id))
        .filter(department::Column::Id.ne(id));
    if same.count(tx).await? > 0 {
        return Ok(Err(THERE.to_owned()));
    }
    departments::put(tx, vec![restored]).await?;
    Ok(Ok(""))
}

async fn take_back_tag<C: ConnectionTrait>(tx: &C, job: &Job<'_>, row: &Undoing, id: Uuid) -> Stored<Verdict> {
    let held = tag::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    let own = row.changes.get("tag.wecom_id");
    let (created, deleted) = (is_null(own, |own| &own.from), is_null(own, |own| &own.to));
    let now = job.clock.now().millis();
    let mut restored = match held {
        Some(_) if deleted => return Ok(Err(THERE.to_owned())),
        None if !deleted => return Ok(Err(GONE.to_owned())),
        Some(held) => held,
        None => images::empty_tag(id, job.data_source_id, now),
    };
    let (users, parts) = match deleted {
        true => (Vec::new(), Vec::new()),
        false => (tags::users_of(tx, id).await?, tags::departments_of(tx, id).await?),
    };
    if !deleted {
        if let Some(column) = changed_since(&row.changes, &images::tag(&restored)) {
            return Ok(Err(changed(column)));
        }
        let bearers = !users.is_empty() || !parts.is_empty();
        if created && bearers || !stands(row, TAGGED_USERS, &users) || !stands(row, TAGGED_DEPARTMENTS, &parts) {
            return Ok(Err("who or what bears the tag was changed since".to_owned()));
        }
    }
    if created {
        tag::Entity::delete_by_id(id).exec(tx).await?;
        return Ok(Ok(""));
    }
    for (name, change) in &row.changes {
        images::restore_tag(&mut restored, name, &change.from);
    }
    restored.updated_at = now;
    let same = tag::Entity::find()
        .filter(tag::Column::DataSourceId.eq(job.data_source_id))
        .filter(tag::Column::WecomId.eq(restored.wecom_id))
        .filter(tag::Column::Id.ne(id));
    if same.count(tx).await? > 0 {
        return Ok(Err(THERE.to_owned()));
    }
    tags::put(tx, vec![restored]).await?;
    let (gone, new) = sets::<String>(row, TAGGED_USERS);
    let (gone_parts, new_parts) = sets::<i64>(row, TAGGED_DEPARTMENTS);
    tags::replace(tx, id, (&new, &gone), (&new_parts, &gone_parts)).await?;
    Ok(Ok(""))
}

async fn take_back_app<C: ConnectionTrait>(tx: &C, row: &Undoing, id: Uuid) -> Stored<Verdict> {
    let held = wecom_app::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    let Some(mut restored) = held else {
        return Ok(Err(GONE.to_owned()));
    };
    if let Some(column) = changed_since(&row.changes, &images::app(&restored)) {
        return Ok(Err(changed(column)));
    }
    let lines: Vec<Line> = scope_entry::Entity::find()
        .select_only()
        .columns([scope_entry::Column::Kind, scope_entry::Column::Value])
        .filter(scope_entry::Column::AppId.eq(id))
        .into_tuple()
        .all(tx)
        .await?;
    let lines: Vec<String> = lines.iter().map(scope::text).collect();
    if !stands(row, SCOPE, &lines) {
        return Ok(Err("the visible scope was changed since".to_owned()));
    }
    for (name, change) in &row.changes {
        images::restore_app(&mut restored, name, &change.from);
    }
    if row.changes.contains_key(SCOPE_READ) {
        restored.scope_fetched_at = None;
    }
    wecom_app::Entity::update(restored.into_active_model().reset_all())
        .exec(tx)
        .await?;
    let (gone, new) = sets::<String>(row, SCOPE);
    scope::replace(tx, id, &parsed(&new), &parsed(&gone)).await?;
    Ok(Ok(""))
}

fn is_null(change: Option<&Change>, side: impl Fn(&Change) -> &Value) -> bool {
    change.is_some_and(|change| side(change).is_null())
}

/// What a run took out of a set, and what it put in.
fn sets<T: DeserializeOwned>(row: &Undoing, name: &str) -> (Vec<T>, Vec<T>) {
    let change = row.changes.get(name);
    let list = |side: fn(&Change) -> &Value| {
        let value = change.map(|change| side(change).clone()).unwrap_or_default();
        serde_json::from_value(value).unwrap_or_default()
    };
    (list(|change| &change.from), list(|change| &change.to))
}

/// Whether what a run put into a set is still in it, and what it took out still out.
fn stands<T: DeserializeOwned + Ord>(row: &Undoing, name: &str, now: &[T]) -> bool {
    let (gone, new) = sets::<T>(row, name);
    let now: BTreeSet<&T> = now.iter().collect();
    new.iter().all(|item| now.contains(item)) && !gone.iter().any(|item| now.contains(item))
}

fn parsed(lines: &[String]) -> Vec<Line> {
    let lines = lines.iter().filter_map(|line| line.split_once(':'));
    lines.map(|(kind, value)| (kind.to_owned(), value.to_owned())).collect()
}
