//! Queries of readings of apps: which are due, and what WeCom said of each, together with the lines of its visible scope.

use std::collections::BTreeSet;

use entity::{auth_source, data_source, wecom_app};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use super::scope;
use crate::{
    directory::sync::{
        snapshot::{AppFact, ScopeLine},
        source::App,
    },
    kernel::{clock::Timestamp, failure::Result},
    store::{AnyRow, Database},
};

type Column = wecom_app::Column;

/// An app to be read.
pub struct DueApp {
    /// Which, with its secret.
    pub app: App,
    /// When it was due, milliseconds; `None`: since it was made.
    pub at: Option<i64>,
}

/// What a reading changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing: a later reading was recorded before, or the app is gone.
    Overtaken,
    /// The scope is the one we hold.
    Same,
    /// The scope is another one, and is kept.
    Changed,
    /// The scope lost lines, as was not known before; which people that puts out, a sync has to weigh, so the lines stay as they are until
    /// then.
    Waits,
}

fn at_hand(now: Timestamp) -> Select<wecom_app::Entity> {
    let due = Condition::any()
        .add(Column::NextReadAt.is_null())
        .add(Column::NextReadAt.lte(now.millis()));
    let by_auth_source = auth_source::Entity::find()
        .select_only()
        .column(auth_source::Column::AppId)
        .filter(auth_source::Column::Enabled.eq(true))
        .into_query();
    let by_data_source = data_source::Entity::find()
        .select_only()
        .column(data_source::Column::AppId)
        .filter(data_source::Column::Enabled.eq(true))
        .filter(data_source::Column::AppId.is_not_null())
        .into_query();
    let used = Condition::any()
        .add(Column::Id.in_subquery(by_auth_source))
        .add(Column::Id.in_subquery(by_data_source));
    wecom_app::Entity::find().filter(due).filter(used)
}

/// Whether an app is due.
pub fn any_due(now: Timestamp) -> AnyRow {
    AnyRow::of(at_hand(now))
}

/// Lists the apps that are due among those that an enabled data source or an enabled auth source uses, the longest waiting first.
pub async fn due(db: &Database, now: Timestamp) -> Result<Vec<DueApp>> {
    let rows = at_hand(now)
        .order_by_asc(Column::NextReadAt)
        .order_by_asc(Column::Id)
        .all(db.reader())
        .await?;
    let rows = rows.into_iter().map(|row| DueApp {
        at: row.next_read_at,
        app: App::from(row),
    });
    Ok(rows.collect())
}

/// Claims a due app by moving its date on; false when another replica did. Uncounted, as all that tells of readings alone: nothing that is cached of an
/// app does.
pub async fn claim(db: &Database, due: &DueApp, next: Timestamp) -> Result<bool> {
    let unchanged = match due.at {
        Some(at) => Column::NextReadAt.eq(at),
        None => Column::NextReadAt.is_null(),
    };
    let update = wecom_app::Entity::update_many()
        .col_expr(Column::NextReadAt, Expr::value(next.millis()))
        .filter(Column::Id.eq(due.app.id))
        .filter(unchanged);
    Ok(db.write_one(&update).await? == 1)
}

/// The enabled data source of an app's corp, in the app's mode.
pub async fn enabled_source(db: &Database, app: &App) -> Result<Option<Uuid>> {
    let row = data_source::Entity::find()
        .filter(data_source::Column::CorpKey.eq(data_source::corp_key(&app.corp_id, app.suite)))
        .filter(data_source::Column::Enabled.eq(true))
        .one(db.reader())
        .await?;
    Ok(row.map(|row| row.id))
}

/// Records what WeCom said of an app when it was asked at `at`. Of an app that is some data source's integration app only a scope that lost
/// nothing is kept.
pub async fn record(db: &Database, app: Uuid, fact: &AppFact, at: Timestamp) -> Result<Recorded> {
    let tx = db.begin().await?;
    let held_row = wecom_app::Entity::find_by_id(app).lock_exclusive().one(&tx).await?;
    let newer = Condition::any()
        .add(Column::ReadAt.is_null())
        .add(Column::ReadAt.lte(at.millis()));
    let updated = wecom_app::Entity::update_many()
        .col_expr(Column::Name, Expr::value(fact.name.clone()))
        .col_expr(Column::Closed, Expr::value(fact.closed))
        .col_expr(Column::RedirectDomain, Expr::value(fact.redirect_domain.clone()))
        .filter(Column::Id.eq(app))
        .filter(newer)
        .exec(&tx)
        .await?;
    if updated.rows_affected == 0 {
        return Ok(Recorded::Overtaken);
    }
    scope::mark_read(&tx, app, at).await?;
    let integration = data_source::Entity::find()
        .filter(data_source::Column::AppId.eq(app))
        .one(&tx)
        .await?
        .is_some();
    let held = scope::lines(&tx, app).await?;
    let (add, remove) = difference(&held, &fact.scope);
    let waits = integration && !remove.is_empty();
    let since = Func::coalesce([Expr::col(Column::ScopeWaitsSince), Expr::value(at.millis())]);
    let mut scope_row = wecom_app::Entity::update_many().filter(Column::Id.eq(app));
    scope_row = match waits {
        true => scope_row.col_expr(Column::ScopeWaitsSince, since.into()),
        false => scope_row
            .col_expr(Column::ScopeWaitsSince, Expr::value(None::<i64>))
            .col_expr(Column::ScopeFetchedAt, Expr::value(at.millis())),
    };
    scope_row.exec(&tx).await?;
    if !waits {
        scope::change_lines(&tx, app, (&add, &remove)).await?;
    }
    tx.commit().await?;
    let waited = held_row.is_some_and(|row| row.scope_waits_since.is_some());
    Ok(match waits {
        true if waited => Recorded::Same,
        true => Recorded::Waits,
        false if add.is_empty() && remove.is_empty() => Recorded::Same,
        false => Recorded::Changed,
    })
}

fn difference(held: &BTreeSet<ScopeLine>, seen: &BTreeSet<ScopeLine>) -> (Vec<ScopeLine>, Vec<ScopeLine>) {
    (
        seen.difference(held).cloned().collect(),
        held.difference(seen).cloned().collect(),
    )
}

/// Records that an app could not be read, and when that is tried again.
pub async fn record_failure(
    db: &Database,
    app: Uuid,
    (number, detail): (&str, String),
    (at, next): (Timestamp, Timestamp),
) -> Result<()> {
    let since = Func::coalesce([Expr::col(Column::ReadFailingSince), Expr::value(at.millis())]);
    let update = wecom_app::Entity::update_many()
        .col_expr(Column::ReadFailure, Expr::value(number))
        .col_expr(Column::ReadFailureDetail, Expr::value(detail))
        .col_expr(Column::ReadFailingSince, since.into())
        .col_expr(Column::NextReadAt, Expr::value(next.millis()))
        .filter(Column::Id.eq(app));
    db.write_one(&update).await?;
    Ok(())
}

/// Has the app with this AgentId read soon.
pub async fn hasten(db: &Database, corp_id: &str, agent_id: i64, now: Timestamp) -> Result<()> {
    let update = wecom_app::Entity::update_many()
        .col_expr(Column::NextReadAt, Expr::value(now.millis()))
        .filter(Column::CorpId.eq(corp_id))
        .filter(Column::AgentId.eq(agent_id))
        .filter(Column::NextReadAt.gt(now.millis()));
    db.write_one(&update).await?;
    Ok(())
}
