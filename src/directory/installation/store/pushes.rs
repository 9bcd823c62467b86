//! The queue of pushes: those about installations, in the order in which WeCom told them, each claimed by one replica.

use entity::suite_push::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr};
use uuid::Uuid;

use crate::{
    directory::installation::model::CLAIM,
    kernel::{clock::Timestamp, failure::Result},
    store::{AnyRow, Database},
};

/// The pushes that tell of installations (reference 9.3, 9.6).
const OURS: [&str; 4] = ["create_auth", "change_auth", DELETION, "reset_permanent_code"];
/// The one by which a corp deletes the app.
const DELETION: &str = "cancel_auth";
/// Looked at in one turn.
const BATCH: u64 = 50;

/// A push that is to be acted on.
#[derive(Clone, Debug)]
pub(in crate::directory::installation) struct Push {
    /// Row id.
    pub id: Uuid,
    /// Row id of the suite.
    pub suite: Uuid,
    /// What happened.
    pub what: What,
    /// The corp, where WeCom names it.
    pub corp_id: Option<String>,
    /// The code that it brought, sealed.
    pub code_sealed: Option<String>,
    /// The `state` that it brought.
    pub state: Option<String>,
    /// When WeCom told it, milliseconds.
    pub told_at: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// How often it was tried.
    pub attempts: i32,
    next_at: i64,
}

/// What a push tells of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::directory::installation) enum What {
    /// The corp agreed: there is a code to exchange.
    Code,
    /// The permanent code was reset: there is a code to exchange.
    Reset,
    /// What was authorised changed.
    Changed,
    /// The corp deleted the app.
    Cancelled,
}

fn from_row(row: Model) -> Push {
    Push {
        what: match row.info_type.as_str() {
            "change_auth" => What::Changed,
            DELETION => What::Cancelled,
            "reset_permanent_code" => What::Reset,
            _ => What::Code,
        },
        id: row.id,
        suite: row.suite,
        corp_id: row.corp_id,
        code_sealed: row.auth_code_sealed,
        state: row.state,
        told_at: row.told_at,
        received_at: Timestamp::from_millis(row.received_at),
        attempts: row.attempts,
        next_at: row.next_at,
    }
}

fn is_due(now: Timestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::InfoType.is_in(OURS))
        .filter(Column::HandledAt.is_null())
        .filter(Column::NextAt.lte(now.millis()))
}

/// A deletion that nobody has acted on yet. What is told late of one is weighed beside all else.
fn is_new_deletion() -> Condition {
    Condition::all()
        .add(Column::InfoType.eq(DELETION))
        .add(Column::Attempts.eq(0))
}

/// Whether any push is due.
pub(in crate::directory::installation) fn any_due(now: Timestamp) -> AnyRow {
    AnyRow::of(is_due(now))
}

/// Whether any deletion is due that nobody has acted on yet.
pub(in crate::directory::installation) fn any_deletion(now: Timestamp) -> AnyRow {
    AnyRow::of(is_due(now).filter(is_new_deletion()))
}

/// Whether a code that was pushed for this suite was not exchanged yet: what WeCom answers by the old one proves nothing then.
pub(in crate::directory::installation) async fn code_waits(db: &Database, suite: Uuid) -> Result<bool> {
    let waiting = Entity::find()
        .filter(Column::Suite.eq(suite))
        .filter(Column::AuthCodeSealed.is_not_null())
        .filter(Column::HandledAt.is_null());
    Ok(waiting.one(db.reader()).await?.is_some())
}

/// The deletions that are due and that nobody has acted on yet, as WeCom told them.
pub(in crate::directory::installation) async fn deletions(db: &Database, now: Timestamp) -> Result<Vec<Push>> {
    listed(db, is_due(now).filter(is_new_deletion())).await
}

/// The other pushes that are due, as WeCom told them.
pub(in crate::directory::installation) async fn due(db: &Database, now: Timestamp) -> Result<Vec<Push>> {
    listed(db, is_due(now).filter(is_new_deletion().not())).await
}

async fn listed(db: &Database, select: Select<Entity>) -> Result<Vec<Push>> {
    let rows: Vec<Model> = select
        .order_by_asc(Column::ToldAt)
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .all(db.reader())
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Claims a push; false where another replica was faster.
pub(in crate::directory::installation) async fn claim(db: &Database, push: &Push, now: Timestamp) -> Result<bool> {
    let claimed = Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(now.plus(CLAIM).millis()))
        .col_expr(Column::Attempts, Expr::value(push.attempts.saturating_add(1)))
        .filter(Column::Id.eq(push.id))
        .filter(Column::HandledAt.is_null())
        .filter(Column::NextAt.eq(push.next_at))
        .exec(db.writer())
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// Says what came of a push; the code that it brought goes with it.
pub(in crate::directory::installation) async fn settle(
    db: &Database,
    id: Uuid,
    (outcome, now): (&str, Timestamp),
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::HandledAt, Expr::value(now.millis()))
        .col_expr(Column::Outcome, Expr::value(outcome))
        .col_expr(Column::AuthCodeSealed, Expr::value(None::<String>))
        .filter(Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Puts a push off, for this reason.
pub(in crate::directory::installation) async fn put_off(
    db: &Database,
    id: Uuid,
    (number, next): (&str, Timestamp),
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Outcome, Expr::value(number))
        .col_expr(Column::NextAt, Expr::value(next.millis()))
        .filter(Column::Id.eq(id))
        .filter(Column::HandledAt.is_null())
        .exec(db.writer())
        .await?;
    Ok(())
}
