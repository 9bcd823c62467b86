//! Writes the integration app's row and its visible scope, together: the gate must not see a new date on an old scope.

use entity::{scope_entry, wecom_app};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::Stored;
use crate::{
    directory::sync::{
        plan::model::AppPlan,
        run_context::{BATCH, Job},
        snapshot::ScopeLine,
    },
    kernel::failure::Result,
};

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
        .filter(wecom_app::Column::Id.eq(plan.id))
        .exec(tx)
        .await?;
    for kind in ["user", "department", "tag"] {
        let values: Vec<String> = plan
            .remove
            .iter()
            .map(words)
            .filter(|line| line.0 == kind)
            .map(|line| line.1)
            .collect();
        for values in values.chunks(BATCH) {
            scope_entry::Entity::delete_many()
                .filter(scope_entry::Column::AppId.eq(plan.id))
                .filter(scope_entry::Column::Kind.eq(kind))
                .filter(scope_entry::Column::Value.is_in(values))
                .exec(tx)
                .await?;
        }
    }
    for lines in plan.add.chunks(BATCH) {
        insert(tx, plan, lines).await?;
    }
    Ok(())
}

async fn insert<C: ConnectionTrait>(tx: &C, plan: &AppPlan, lines: &[ScopeLine]) -> Stored<()> {
    use scope_entry::Column;
    let rows = lines.iter().map(words).map(|(kind, value)| scope_entry::ActiveModel {
        app_id: Set(plan.id),
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
