//! Reads and writes the visible scope of an app. Its row and its lines are written together: the gate must not see a new date on an old scope.

use std::{collections::BTreeSet, time::Duration};

use entity::{scope_entry, wecom_app};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::Stored;
use crate::{
    directory::sync::{
        mirror::AppRow,
        plan::model::AppPlan,
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
    let tx = job.db.begin().await?;
    write_in(&tx, job, plan).await?;
    tx.commit().await?;
    Ok(())
}

async fn write_in<C: ConnectionTrait>(tx: &C, job: &Job<'_>, plan: &AppPlan) -> Stored<()> {
    wecom_app::Entity::update_many()
        .col_expr(wecom_app::Column::Name, Expr::value(plan.name.clone()))
        .col_expr(wecom_app::Column::Closed, Expr::value(plan.closed))
        .col_expr(
            wecom_app::Column::RedirectDomain,
            Expr::value(plan.redirect_domain.clone()),
        )
        .col_expr(wecom_app::Column::ScopeFetchedAt, Expr::value(job.fetched_at.millis()))
        .col_expr(wecom_app::Column::ScopeWaitsSince, Expr::value(None::<i64>))
        .filter(wecom_app::Column::Id.eq(plan.id))
        .exec(tx)
        .await?;
    mark_read(tx, plan.id, job.fetched_at).await?;
    change_lines(tx, plan.id, (&plan.add, &plan.remove)).await
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
    for kind in ["user", "department", "tag"] {
        let values: Vec<String> = remove
            .iter()
            .map(words)
            .filter(|line| line.0 == kind)
            .map(|line| line.1)
            .collect();
        for values in values.chunks(BATCH) {
            scope_entry::Entity::delete_many()
                .filter(scope_entry::Column::AppId.eq(app))
                .filter(scope_entry::Column::Kind.eq(kind))
                .filter(scope_entry::Column::Value.is_in(values))
                .exec(tx)
                .await?;
        }
    }
    for lines in add.chunks(BATCH) {
        insert(tx, app, lines).await?;
    }
    Ok(())
}

async fn insert<C: ConnectionTrait>(tx: &C, app: Uuid, lines: &[ScopeLine]) -> Stored<()> {
    use scope_entry::Column;
    let rows = lines.iter().map(words).map(|(kind, value)| scope_entry::ActiveModel {
        app_id: Set(app),
        kind: Set(kind.to_owned()),
        value: Set(value),
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

fn words(line: &ScopeLine) -> (&'static str, String) {
    match line {
        ScopeLine::User(key) => ("user", key.clone()),
        ScopeLine::Department(id) => ("department", id.to_string()),
        ScopeLine::Tag(id) => ("tag", id.to_string()),
    }
}
