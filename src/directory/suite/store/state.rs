//! What callbacks and trials write into the row of a suite. Each is one statement, so that nothing is lost where several happen at once.

use entity::wecom_suite::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{
    directory::suite::{
        model::{Callback, Suite},
        trial::Tried,
    },
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// What is kept of a trial of the credentials; the default: they were not tried.
#[derive(Clone, Debug, Default)]
pub(in crate::directory::suite) struct Outcome {
    tried: bool,
    failure: Option<&'static str>,
    detail: Option<String>,
}

impl From<&Tried> for Outcome {
    fn from(tried: &Tried) -> Self {
        match tried {
            Tried::Accepted => Self {
                tried: true,
                ..Self::default()
            },
            Tried::Failed(failure, words) => Self {
                tried: true,
                failure: Some(failure.entry().number),
                detail: Some(words.clone()),
            },
        }
    }
}

impl Outcome {
    /// Puts it into a row whose credentials are new.
    pub(super) fn put(self, row: &mut Model, now: Timestamp) {
        row.checked_at = self.tried.then(|| now.millis());
        row.check_failing_since = self.failure.map(|_| now.millis());
        row.check_failure = self.failure.map(str::to_owned);
        row.check_detail = self.detail;
    }
}

/// Keeps what WeCom said of the credentials of this suite, unless they were changed meanwhile. What fails on has failed since it began.
pub(in crate::directory::suite) async fn record(
    database: &Database,
    suite: &Suite,
    outcome: Outcome,
    now: Timestamp,
) -> Result<()> {
    let since = match outcome.failure {
        Some(_) => Func::coalesce([Expr::col(Column::CheckFailingSince), Expr::value(now.millis())]).into(),
        None => Expr::value(None::<i64>),
    };
    Entity::update_many()
        .col_expr(Column::CheckedAt, Expr::value(now.millis()))
        .col_expr(Column::CheckFailure, Expr::value(outcome.failure.map(str::to_owned)))
        .col_expr(Column::CheckDetail, Expr::value(outcome.detail))
        .col_expr(Column::CheckFailingSince, since)
        .filter(Column::Id.eq(suite.id))
        .filter(Column::SuiteId.eq(&suite.suite_id))
        .filter(Column::SecretSealed.eq(&suite.secret_sealed))
        .exec(database.writer())
        .await?;
    Ok(())
}

/// Keeps a ticket, unless one that WeCom made later is kept already: pushes may be delivered in any order, and again.
pub(in crate::directory::suite) async fn keep_ticket(
    database: &Database,
    id: Uuid,
    (sealed, told_at): (String, Timestamp),
    now: Timestamp,
) -> Result<bool> {
    let older = Condition::any()
        .add(Column::TicketAt.is_null())
        .add(Column::TicketAt.lte(told_at.millis()));
    let kept = Entity::update_many()
        .col_expr(Column::TicketSealed, Expr::value(sealed))
        .col_expr(Column::TicketAt, Expr::value(told_at.millis()))
        .col_expr(Column::LastPushAt, Expr::value(now.millis()))
        .filter(Column::Id.eq(id))
        .filter(older)
        .exec(database.writer())
        .await?;
    Ok(kept.rows_affected == 1)
}

/// Records that WeCom verified this callback.
pub(in crate::directory::suite) async fn verified(
    database: &Database,
    id: Uuid,
    callback: Callback,
    now: Timestamp,
) -> Result<()> {
    let column = match callback {
        Callback::Command => Column::CommandVerifiedAt,
        Callback::Data => Column::DataVerifiedAt,
    };
    stamp(database, id, column, now).await
}

/// Records that an authentic push or event arrived at this callback.
pub(in crate::directory::suite) async fn seen(
    database: &Database,
    id: Uuid,
    callback: Callback,
    now: Timestamp,
) -> Result<()> {
    let column = match callback {
        Callback::Command => Column::LastPushAt,
        Callback::Data => Column::LastEventAt,
    };
    stamp(database, id, column, now).await
}

async fn stamp(database: &Database, id: Uuid, column: Column, now: Timestamp) -> Result<()> {
    Entity::update_many()
        .col_expr(column, Expr::value(now.millis()))
        .filter(Column::Id.eq(id))
        .exec(database.writer())
        .await?;
    Ok(())
}
