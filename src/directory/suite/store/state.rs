//! What callbacks and trials write into the row of a suite. Each is one statement, so that nothing is lost where several happen at once.

use entity::wecom_suite::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{
    directory::suite::{
        model::{Callback, Suite, TICKET_LIFE},
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

    /// Puts what was said of the provider's secret into a row whose provider is new. What was not tried fails as before, until it is: soon, since it does.
    pub(super) fn put_provider(self, row: &mut Model, now: Timestamp) {
        if !self.tried && row.provider_corp_id.is_some() && row.provider_secret_sealed.is_some() {
            return;
        }
        row.provider_failing_since = self.failure.map(|_| now.millis());
        row.provider_failure = self.failure.map(str::to_owned);
        row.provider_detail = self.detail;
    }
}

/// Keeps what WeCom said of the provider of this suite, unless either of its credentials was changed meanwhile. What fails on has failed since it began.
pub(in crate::directory::suite) async fn record_provider(
    database: &Database,
    (suite, corp_id, secret_sealed): (Uuid, &str, &str),
    outcome: Outcome,
    now: Timestamp,
) -> Result<()> {
    let since = match outcome.failure {
        Some(_) => Func::coalesce([Expr::col(Column::ProviderFailingSince), Expr::value(now.millis())]).into(),
        None => Expr::value(None::<i64>),
    };
    let failure = outcome.failure.map(str::to_owned);
    Entity::update_many()
        .col_expr(Column::ProviderFailure, Expr::value(failure))
        .col_expr(Column::ProviderDetail, Expr::value(outcome.detail))
        .col_expr(Column::ProviderFailingSince, since)
        .filter(Column::Id.eq(suite))
        .filter(Column::ProviderCorpId.eq(corp_id))
        .filter(Column::ProviderSecretSealed.eq(secret_sealed))
        .exec(database.writer())
        .await?;
    Ok(())
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

/// A ticket that arrived.
pub(in crate::directory::suite) struct NewTicket {
    pub sealed: String,
    /// When it was made, by our clock.
    pub made_at: Timestamp,
    /// When WeCom says that it was.
    pub told_at: Timestamp,
}

/// Keeps a ticket, unless one that WeCom made later is kept already and still serves: pushes may be delivered in any order, and again. Delivered again
/// it is no younger.
pub(in crate::directory::suite) async fn keep_ticket(
    database: &Database,
    id: Uuid,
    ticket: NewTicket,
    now: Timestamp,
) -> Result<bool> {
    let (made_at, told_at) = (ticket.made_at.millis(), ticket.told_at.millis());
    let older = Condition::any()
        .add(Column::TicketToldAt.is_null())
        .add(Column::TicketToldAt.lte(told_at))
        .add(Column::TicketAt.lte(now.minus(TICKET_LIFE).millis()));
    let again = Condition::all()
        .add(Column::TicketToldAt.eq(told_at))
        .add(Column::TicketAt.lt(made_at));
    let made_at = Expr::case(again, Expr::col(Column::TicketAt)).finally(made_at);
    let kept = Entity::update_many()
        .col_expr(Column::TicketSealed, Expr::value(ticket.sealed))
        .col_expr(Column::TicketAt, made_at.into())
        .col_expr(Column::TicketToldAt, Expr::value(told_at))
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

/// Records that an authentic push or event arrived at this callback, to the minute: see `Suites::seen`.
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
