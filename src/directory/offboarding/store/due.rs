//! Finds whose access is to end without anybody looking at them one by one: those whose date has come, and all of a data source. Each batch
//! is one transaction that locks the rows it found, so that replicas do not end anybody twice.

use entity::{data_source, member, session, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

use super::end_access;
use crate::{
    directory::{
        name_proof::store::end_all,
        offboarding::model::{EndReason, Ending, LearnedBy, Leaver, Reach},
    },
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result},
    store::{AnyRow, Database},
};

/// People in one transaction.
const BATCH: u64 = 200;

/// All people of a data source, and why their access ends.
#[derive(Clone, Copy, Debug)]
pub struct WholeSource {
    /// The data source.
    pub id: Uuid,
    /// Why.
    pub reason: EndReason,
    /// How it was learned.
    pub learned_by: LearnedBy,
}

impl WholeSource {
    /// All people of a corp that cancelled the installation.
    pub const fn cancelled(id: Uuid) -> Self {
        Self {
            id,
            reason: EndReason::InstallationCancelled,
            learned_by: LearnedBy::Event,
        }
    }

    /// All people of a data source that an admin removes.
    pub const fn removed(id: Uuid) -> Self {
        Self {
            id,
            reason: EndReason::SourceRemoved,
            learned_by: LearnedBy::Admin,
        }
    }
}

/// Not the last one of the highest console role, unless that one came with their date: `user/store` gives no date to them (`DI-249`).
fn past_their_date(now: Timestamp) -> Condition {
    Condition::all()
        .add(users::Column::Status.eq("active"))
        .add(users::Column::AccessUntil.lte(now.millis()))
}

/// Whether somebody's date has come.
pub fn any_past_their_date(now: Timestamp) -> AnyRow {
    AnyRow::of(users::Entity::find().filter(past_their_date(now)))
}

/// Ends the access of a batch of people whose date has come; returns how many they were.
///
/// # Errors
/// When the database does not answer; nobody's access has ended then.
pub async fn end_past_their_date(database: &Database, entropy: &Entropy, now: Timestamp) -> Result<usize> {
    // The one writer is not taken for nothing.
    let due = users::Entity::find().filter(past_their_date(now));
    if due.one(database.reader()).await?.is_none() {
        return Ok(0);
    }
    let tx = database.begin().await?;
    // An admin may have moved a date meanwhile: it counts what stands once the rows are locked.
    let rows = users::Entity::find()
        .filter(past_their_date(now))
        .order_by_asc(users::Column::AccessUntil)
        .limit(BATCH)
        .lock_exclusive()
        .all(&tx)
        .await?;
    let mut members = members_of(&tx, &rows).await?;
    for row in &rows {
        let evidence = json!({ "access_until": row.access_until });
        let ending = Ending {
            entropy,
            now,
            reason: EndReason::AccessEnded,
            learned_by: LearnedBy::Date,
            reach: Reach::Everywhere,
            data_source: row.data_source_id,
            evidence: &evidence,
        };
        end_access(&tx, &ending, &[leaver(row, &mut members)]).await?;
    }
    tx.commit().await?;
    Ok(rows.len())
}

/// Ends the access of a batch of people of a data source; returns how many they were, 0 once nobody of it has any.
///
/// # Errors
/// When the database does not answer.
pub async fn end_of_source(
    database: &Database,
    source: WholeSource,
    (entropy, now): (&Entropy, Timestamp),
) -> Result<usize> {
    let tx = database.begin().await?;
    if source.reason == EndReason::InstallationCancelled && !is_cancelled(&tx, source.id).await? {
        return Ok(0);
    }
    let ended = end_of_source_in(&tx, source, (entropy, now)).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Whether a data source is switched off for that reason: locked, so that nobody switches it on meanwhile.
async fn is_cancelled<C: ConnectionTrait>(tx: &C, source: Uuid) -> Result<bool, DbErr> {
    let why: Option<Option<String>> = data_source::Entity::find_by_id(source)
        .select_only()
        .column(data_source::Column::DisabledReason)
        .lock_shared()
        .into_tuple()
        .one(tx)
        .await?;
    Ok(why.flatten().as_deref() == Some(EndReason::InstallationCancelled.word()))
}

/// As [`end_of_source`], inside a transaction of somebody else's.
///
/// # Errors
/// When the database does not answer.
pub async fn end_of_source_in<C: ConnectionTrait>(
    tx: &C,
    source: WholeSource,
    at: (&Entropy, Timestamp),
) -> Result<usize, DbErr> {
    end_batch(tx, source, has_access(source.learned_by), at).await
}

/// Ends the access of all people of a data source who have a console role, inside a transaction of somebody else's.
///
/// # Errors
/// When the database does not answer.
pub async fn end_operators_of_source<C: ConnectionTrait>(
    tx: &C,
    source: WholeSource,
    at: (&Entropy, Timestamp),
) -> Result<(), DbErr> {
    let operators = || {
        let with_role = Condition::all().add(users::Column::ConsoleRole.is_not_null());
        with_role.add(has_access(source.learned_by))
    };
    while end_batch(tx, source, operators(), at).await? > 0 {}
    Ok(())
}

async fn end_batch<C: ConnectionTrait>(
    tx: &C,
    source: WholeSource,
    wanted: Condition,
    (entropy, now): (&Entropy, Timestamp),
) -> Result<usize, DbErr> {
    let rows = users::Entity::find()
        .filter(users::Column::DataSourceId.eq(source.id))
        .filter(wanted)
        .order_by_asc(users::Column::Id)
        .limit(BATCH)
        .lock_exclusive()
        .all(tx)
        .await?;
    let mut members = members_of(tx, &rows).await?;
    let evidence = json!({ "data_source_id": source.id });
    let ending = Ending {
        entropy,
        now,
        reason: source.reason,
        learned_by: source.learned_by,
        reach: Reach::Everywhere,
        data_source: Some(source.id),
        evidence: &evidence,
    };
    let leavers: Vec<Leaver> = rows.iter().map(|row| leaver(row, &mut members)).collect();
    end_access(tx, &ending, &leavers).await?;
    Ok(rows.len())
}

/// Whether there is anything to end. Whoever's access has ended drops out of it, so a process that was killed is simply followed by another.
/// A console admin stays enabled unless an admin's hand is behind it, and has access as long as they are signed in.
fn has_access(learned_by: LearnedBy) -> Condition {
    let mut active = Condition::all().add(users::Column::Status.eq("active"));
    if !learned_by.is_by_admin() {
        active = active.add(users::Column::ConsoleRole.is_null());
    }
    let mut living = Query::select();
    living
        .expr(Expr::val(1))
        .from(session::Entity)
        .and_where(
            session::Column::UserId
                .into_expr()
                .equals((users::Entity, users::Column::Id)),
        )
        .and_where(session::Column::EndedAt.is_null());
    Condition::any().add(active).add(Expr::exists(living))
}

type Members = HashMap<Uuid, (Uuid, String)>;

async fn members_of<C: ConnectionTrait>(tx: &C, rows: &[users::Model]) -> Result<Members, DbErr> {
    let found: Vec<(Option<Uuid>, Uuid, String)> = member::Entity::find()
        .select_only()
        .columns([member::Column::UserId, member::Column::Id, member::Column::Userid])
        .filter(member::Column::UserId.is_in(rows.iter().map(|row| row.id)))
        .into_tuple()
        .all(tx)
        .await?;
    let linked = found
        .into_iter()
        .filter_map(|(user, member, userid)| Some((user?, (member, userid))));
    Ok(linked.collect())
}

fn leaver(row: &users::Model, members: &mut Members) -> Leaver {
    let (member, userid) = members.remove(&row.id).unzip();
    Leaver {
        user: row.id,
        member,
        userid,
        may_disable: true,
    }
}

/// Switches a data source off for a reason that is none of an admin's. Answers whether it was on, and why not; `None` when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn switch_off<C: ConnectionTrait>(
    tx: &C,
    source: Uuid,
    reason: Option<EndReason>,
    now: Timestamp,
) -> Result<Option<(bool, Option<String>)>, DbErr> {
    let before = data_source::Entity::find_by_id(source)
        .select_only()
        .columns([data_source::Column::Enabled, data_source::Column::DisabledReason])
        .lock_exclusive()
        .into_tuple()
        .one(tx)
        .await?;
    data_source::Entity::update_many()
        .col_expr(data_source::Column::Enabled, Expr::value(false))
        .col_expr(
            data_source::Column::DisabledReason,
            Expr::value(reason.map(EndReason::word)),
        )
        .col_expr(data_source::Column::UpdatedAt, Expr::value(now.millis()))
        .filter(data_source::Column::Id.eq(source))
        .exec(tx)
        .await?;
    // Whoever was shown names of its members is shown ids from here on, also should it come back.
    end_all(tx, source).await?;
    Ok(before)
}

fn switched_off_for(reason: EndReason) -> Select<data_source::Entity> {
    data_source::Entity::find().filter(data_source::Column::DisabledReason.eq(reason.word()))
}

/// Whether a data source was switched off for this reason.
pub fn any_switched_off(reason: EndReason) -> AnyRow {
    AnyRow::of(switched_off_for(reason))
}

/// The data sources that are switched off for this reason.
///
/// # Errors
/// When the database does not answer.
pub async fn switched_off(database: &Database, reason: EndReason) -> Result<Vec<Uuid>> {
    let found: Vec<Uuid> = switched_off_for(reason)
        .select_only()
        .column(data_source::Column::Id)
        .into_tuple()
        .all(database.reader())
        .await?;
    Ok(found)
}

/// Whether anybody of a data source has access still.
///
/// # Errors
/// When the database does not answer.
pub async fn is_outstanding(database: &Database, source: WholeSource) -> Result<bool> {
    let of_source = users::Entity::find()
        .filter(users::Column::DataSourceId.eq(source.id))
        .filter(has_access(source.learned_by));
    Ok(of_source.one(database.reader()).await?.is_some())
}
