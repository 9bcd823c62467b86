//! Queries of pushes: each is one row, however often it is delivered and at however many replicas at once.

use entity::suite_push::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    directory::suite::{model::CHANGE, view::SuitePushView},
    kernel::{
        clock::Timestamp,
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset},
};

/// A push that arrived.
pub(in crate::directory::suite) struct Arrived {
    pub id: Uuid,
    pub suite: Uuid,
    pub info_type: String,
    pub corp_id: Option<String>,
    pub auth_code_sealed: Option<String>,
    pub state: Option<String>,
    pub told_at: Timestamp,
    pub digest: String,
    /// What is to become of it: `None`: somebody is to act on it, `Some`: nobody, for this reason.
    pub outcome: Option<&'static str>,
}

/// Records a push; false when it was recorded before, and nothing is to be done anew.
///
/// Two changes within one second are the same document: one that was acted on already is acted on again, by reading once more.
pub(in crate::directory::suite) async fn record(database: &Database, arrived: Arrived, now: Timestamp) -> Result<bool> {
    let (suite, digest) = (arrived.suite, arrived.digest.clone());
    let tells_of_a_change = arrived.info_type == CHANGE && arrived.outcome.is_none();
    let row = ActiveModel {
        id: Set(arrived.id),
        suite: Set(arrived.suite),
        info_type: Set(arrived.info_type),
        corp_id: Set(arrived.corp_id),
        auth_code_sealed: Set(arrived.auth_code_sealed),
        state: Set(arrived.state),
        told_at: Set(arrived.told_at.millis()),
        received_at: Set(now.millis()),
        digest: Set(arrived.digest),
        handled_at: Set(arrived.outcome.map(|_| now.millis())),
        next_at: Set(now.millis()),
        attempts: Set(0),
        outcome: Set(arrived.outcome.map(str::to_owned)),
    };
    let told_before = OnConflict::columns([Column::Suite, Column::Digest])
        .do_nothing()
        .to_owned();
    let inserted = Entity::insert(row)
        .on_conflict(told_before)
        .exec_without_returning(database.writer())
        .await?;
    match inserted {
        0 if tells_of_a_change => again(database, suite, &digest, now).await,
        0 => Ok(false),
        _ => Ok(true),
    }
}

/// Has a push acted on once more; false where that is still to come anyhow.
async fn again(database: &Database, suite: Uuid, digest: &str, now: Timestamp) -> Result<bool> {
    let reopened = Entity::update_many()
        .col_expr(Column::HandledAt, Expr::value(None::<i64>))
        .col_expr(Column::Outcome, Expr::value(None::<String>))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAt, Expr::value(now.millis()))
        .filter(Column::Suite.eq(suite))
        .filter(Column::Digest.eq(digest))
        .filter(Column::HandledAt.is_not_null())
        .exec(database.writer())
        .await?;
    Ok(reopened.rows_affected == 1)
}

/// One page of the pushes of a suite, the last one first.
pub(in crate::directory::suite) async fn list(
    database: &Database,
    suite: Uuid,
    page: Page,
) -> Result<Listing<SuitePushView>> {
    let of_suite = Entity::find().filter(Column::Suite.eq(suite));
    let rows = keyset::newest_first(database.reader(), of_suite, Column::Id, page).await?;
    let shown = rows.into_iter().map(view).collect();
    Ok(Listing::cut(shown, page, |push: &SuitePushView| push.id))
}

fn view(row: Model) -> SuitePushView {
    SuitePushView {
        id: row.id,
        info_type: row.info_type,
        corp_id: row.corp_id,
        told_at: Timestamp::from_millis(row.told_at),
        received_at: Timestamp::from_millis(row.received_at),
        handled_at: row.handled_at.map(Timestamp::from_millis),
        attempts: row.attempts,
        outcome: row.outcome,
    }
}
