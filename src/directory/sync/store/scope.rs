//! Reads and writes the visible scope of an app. Its row and its lines are written together: the gate must not see a new date on an old scope.

use std::{collections::BTreeSet, time::Duration};

use entity::{scope_entry, wecom_app};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use uuid::Uuid;

use super::{Stored, fence, images, journal};
use crate::{
    directory::sync::{
        journal::{Change, Changes, Entry, SCOPE, SCOPE_READ, Subject, diff},
        mirror::AppRow,
        plan::{model::RowOutcome, structure_model::AppPlan},
        run_context::{BATCH, Job},
        snapshot::ScopeLine,
    },
    kernel::{clock::Timestamp, failure::Result},
    store::{Database, database::unreadable},
};

/// How long a reading of an app is good: then it is read again by itself.
pub const READING_LIFETIME: Duration = Duration::from_secs(3600);

/// The scope of an app as we hold it.
pub async fn read(db: &Database, id: Uuid) -> Stored<AppRow> {
    let scope = lines(db.reader(), id).await?;
    let row = wecom_app::Entity::find_by_id(id).one(db.reader()).await?;
    Ok(AppRow {
        id,
        scope,
        read: row.is_some_and(|row| row.scope_fetched_at.is_some()),
    })
}

/// The lines of an app's scope.
pub async fn lines<C: ConnectionTrait>(connection: &C, app: Uuid) -> Stored<BTreeSet<ScopeLine>> {
    let lines = scope_entry::Entity::find()
        .filter(scope_entry::Column::AppId.eq(app))
        .all(connection)
        .await?;
    lines.into_iter().map(scope_line).collect()
}

fn scope_line(row: scope_entry::Model) -> Stored<ScopeLine> {
    let line = match row.kind.as_str() {
        "user" => Some(ScopeLine::User(row.value)),
        "department" => row.value.parse().ok().map(ScopeLine::Department),
        "tag" => row.value.parse().ok().map(ScopeLine::Tag),
        _ => None,
    };
    line.ok_or_else(|| unreadable("scope_entry"))
}

/// Writes both in one transaction.
pub async fn write(job: &Job<'_>, plan: &AppPlan) -> Result<()> {
    let tx = fence::begin(job).await?;
    write_in(&tx, job, plan).await?;
    tx.commit().await?;
    Ok(())
}

async fn write_in<C: ConnectionTrait>(tx: &C, job: &Job<'_>, plan: &AppPlan) -> Stored<()> {
    let Some(held) = wecom_app::Entity::find_by_id(plan.id).lock_exclusive().one(tx).await? else {
        return Ok(());
    };
    wecom_app::Entity::update_many()
        .col_expr(wecom_app::Column::Name, Expr::value(plan.name.clone()))
        .col_expr(wecom_app::Column::Closed, Expr::value(plan.closed))
        .col_expr(
            wecom_app::Column::RedirectDomain,
            Expr::value(plan.redirect_domain.clone()),
        )
        .col_expr(wecom_app::Column::ScopeFetchedAt, Expr::value(job.fetched_at.millis()))
        .filter(wecom_app::Column::Id.eq(plan.id))
        .exec(tx)
        .await?;
    // What was read by itself meanwhile, and waits, is newer.
    if held.read_at.is_none_or(|at| at <= job.fetched_at.millis()) {
        wecom_app::Entity::update_many()
            .col_expr(wecom_app::Column::ScopeWaitsSince, Expr::value(None::<i64>))
            .filter(wecom_app::Column::Id.eq(plan.id))
            .exec(tx)
            .await?;
        mark_read(tx, plan.id, job.fetched_at).await?;
    }
    let (remove, add) = (as_rows(&plan.remove), as_rows(&plan.add));
    replace(tx, plan.id, &remove, &add).await?;
    let entry = entry(job, plan, held, (&remove, &add));
    match entry.changes.is_empty() {
        true => Ok(()),
        false => journal::write(tx, job, &[entry]).await,
    }
}

/// Records that WeCom described an app at this moment: it is read again after [`READING_LIFETIME`].
pub async fn mark_read<C: ConnectionTrait>(tx: &C, app: Uuid, at: Timestamp) -> Stored<()> {
    use wecom_app::Column;
    wecom_app::Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(at.millis()))
        .col_expr(Column::NextReadAt, Expr::value(at.plus(READING_LIFETIME).millis()))
        .col_expr(Column::ReadFailure, Expr::value(None::<String>))
        .col_expr(Column::ReadFailureDetail, Expr::value(None::<String>))
        .col_expr(Column::ReadFailingSince, Expr::value(None::<i64>))
        .filter(Column::Id.eq(app))
        .exec(tx)
        .await?;
    Ok(())
}

/// Adds and removes lines of an app's scope.
pub async fn change_lines<C: ConnectionTrait>(
    tx: &C,
    app: Uuid,
    (add, remove): (&[ScopeLine], &[ScopeLine]),
) -> Stored<()> {
    replace(tx, app, &as_rows(remove), &as_rows(add)).await
}

/// Takes these lines out of the visible scope of an app, and puts those in.
pub(super) async fn replace<C: ConnectionTrait>(tx: &C, app: Uuid, remove: &[Line], add: &[Line]) -> Stored<()> {
    for kind in ["user", "department", "tag"] {
        let values: Vec<&String> = remove
            .iter()
            .filter(|line| line.0 == kind)
            .map(|line| &line.1)
            .collect();
        for values in values.chunks(BATCH) {
            scope_entry::Entity::delete_many()
                .filter(scope_entry::Column::AppId.eq(app))
                .filter(scope_entry::Column::Kind.eq(kind))
                .filter(scope_entry::Column::Value.is_in(values.iter().copied()))
                .exec(tx)
                .await?;
        }
    }
    for lines in add.chunks(BATCH) {
        insert(tx, app, lines).await?;
    }
    Ok(())
}

fn entry(job: &Job<'_>, plan: &AppPlan, held: wecom_app::Model, (remove, add): (&[Line], &[Line])) -> Entry {
    let written = wecom_app::Model {
        name: plan.name.clone(),
        closed: plan.closed,
        redirect_domain: plan.redirect_domain.clone(),
        ..held.clone()
    };
    let mut changes: Changes = diff(Some(&images::app(&held)), Some(&images::app(&written)));
    let texts = |lines: &[Line]| json!(lines.iter().map(text).collect::<Vec<_>>());
    if !(remove.is_empty() && add.is_empty()) {
        let (from, to) = (texts(remove), texts(add));
        changes.insert(SCOPE.to_owned(), Change { from, to });
    }
    if held.scope_fetched_at.is_none() {
        let (from, to) = (json!(null), json!(job.fetched_at.millis()));
        changes.insert(SCOPE_READ.to_owned(), Change { from, to });
    }
    Entry {
        subject: Subject::App,
        subject_id: Some(held.id),
        user_id: None,
        userid: held.agent_id.to_string(),
        outcome: RowOutcome::Updated,
        reason: String::new(),
        changes,
    }
}

async fn insert<C: ConnectionTrait>(tx: &C, app: Uuid, lines: &[Line]) -> Stored<()> {
    use scope_entry::Column;
    let rows = lines.iter().map(|(kind, value)| scope_entry::ActiveModel {
        app_id: Set(app),
        kind: Set(kind.clone()),
        value: Set(value.clone()),
    });
    let known = OnConflict::columns([Column::AppId, Column::Kind, Column::Value])
        .do_nothing()
        .to_owned();
    scope_entry::Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Kind and value of a line, as in its row.
pub(super) type Line = (String, String);

/// A line as the journal has it.
pub(super) fn text((kind, value): &Line) -> String {
    format!("{kind}:{value}")
}

fn as_rows(lines: &[ScopeLine]) -> Vec<Line> {
    let words = lines.iter().map(ScopeLine::words);
    words.map(|(kind, value)| (kind.to_owned(), value)).collect()
}
