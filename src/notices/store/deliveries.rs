//! Queries of the outbox. A row is leased by one conditional update before it is sent, and is due again by itself when its sender dies.

use std::time::Duration;

use entity::{notice, notice_delivery, notice_subscription};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
    sea_query::Expr,
};
use uuid::Uuid;

use super::outbox::{CONTENT, Content, times_of};
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, failure::Result},
    notices::{
        attempt::{Due, Lane, Tried},
        delivery::{ChannelKind, State},
        model::Topic,
        rendering::Kept,
        timing::Times,
    },
    store::{AnyRow, Database, database::unreadable, failure::StoreFailure},
    web::texts::Lang,
};

use notice_delivery::Column;

/// How long something is tried at least after quiet hours.
const HELD_LONGER: Duration = Duration::from_secs(60 * 60);

/// The column by which the code of a card is sealed.
pub(in crate::notices) const RESPONSE_CODE: &str = "notice_delivery.response_code";

/// What may be sent now: pending rows, and those whose quiet hours are over. What waits for a digest is made pending when that is gathered.
fn due(now: Timestamp) -> Condition {
    let over = Condition::all()
        .add(Column::State.eq(State::Held.word()))
        .add(Column::Digest.eq(false));
    let sendable = Condition::any().add(Column::State.eq(State::Pending.word())).add(over);
    Condition::all().add(sendable).add(Column::NextAt.lte(now.millis()))
}

fn of_lane(lane: Lane) -> Condition {
    match lane.channel {
        Some(channel) => Condition::all().add(Column::ChannelId.eq(channel)),
        None => Condition::all()
            .add(Column::ChannelId.is_null())
            .add(match lane.data_source {
                Some(id) => Column::DataSourceId.eq(id),
                None => Column::DataSourceId.is_null(),
            }),
    }
}

fn due_of(row: notice_delivery::Model) -> Result<Due, DbErr> {
    Ok(Due {
        id: row.id,
        notice: row.notice_id,
        channel: row.channel_id,
        data_source: row.data_source_id,
        kind: ChannelKind::of(&row.kind).ok_or_else(|| unreadable("notice_delivery.kind"))?,
        address: row.address,
        lang: Lang::of_tag(&row.language).unwrap_or(Lang::Zh),
        digest: row.digest_of.is_some(),
        attempts: row.attempts,
        next_at: Timestamp::from_millis(row.next_at),
        deadline: Timestamp::from_millis(row.deadline),
        subscription: row.subscription_id,
        accepted_at: row.delivered_at.map(Timestamp::from_millis),
    })
}

/// Whether anything may be sent now.
pub(in crate::notices) fn any_due(now: Timestamp) -> AnyRow {
    AnyRow::of(notice_delivery::Entity::find().filter(due(now)))
}

/// Lanes with something due.
pub(in crate::notices) async fn lanes_with_due(database: &Database, now: Timestamp) -> Result<Vec<Lane>, DbErr> {
    let found: Vec<(Option<Uuid>, Option<Uuid>)> = notice_delivery::Entity::find()
        .select_only()
        .column(Column::ChannelId)
        .column(Column::DataSourceId)
        .distinct()
        .filter(due(now))
        .into_tuple()
        .all(database.reader())
        .await?;
    let lanes = found
        .into_iter()
        .map(|(channel, data_source)| Lane { channel, data_source });
    Ok(lanes.collect())
}

/// Counts the deliveries that are to be sent.
pub(in crate::notices) async fn count_pending(database: &Database) -> Result<u64, DbErr> {
    notice_delivery::Entity::find()
        .filter(Column::State.eq(State::Pending.word()))
        .count(database.reader())
        .await
}

/// Due rows of one lane, the oldest first.
pub(in crate::notices) async fn due_in(
    database: &Database,
    lane: Lane,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Due>, DbErr> {
    let rows = notice_delivery::Entity::find()
        .filter(due(now))
        .filter(of_lane(lane))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(database.reader())
        .await?;
    rows.into_iter().map(due_of).collect()
}

/// One row that was put into the outbox leased, as it was before that.
pub(in crate::notices) async fn leased_by_id(database: &Database, id: Uuid) -> Result<Option<Due>, DbErr> {
    let row = notice_delivery::Entity::find_by_id(id).one(database.reader()).await?;
    let due = row.map(due_of).transpose()?;
    Ok(due.map(|due| Due {
        attempts: due.attempts.saturating_sub(1),
        ..due
    }))
}

/// Lets what is due in a lane wait until then, without counting an attempt: its channel cannot send.
pub(in crate::notices) async fn postpone(
    database: &Database,
    lane: Lane,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), DbErr> {
    set(Column::NextAt, until.millis(), notice_delivery::Entity::update_many())
        .filter(of_lane(lane))
        .filter(due(now))
        .filter(Column::Leased.eq(false))
        .exec(database.writer())
        .await
        .map(drop)
}

/// Holds a row that is due within quiet hours until they end; it may still be tried for a while then.
pub(in crate::notices) async fn hold(database: &Database, due: &Due, until: Timestamp) -> Result<(), DbErr> {
    let deadline = due.deadline.max(until.plus(HELD_LONGER));
    // What carries a digest stays as it is.
    let state = if due.digest { State::Pending } else { State::Held };
    let update = set(Column::State, state.word(), notice_delivery::Entity::update_many());
    let update = set(Column::Deadline, deadline.millis(), update);
    set(Column::NextAt, until.millis(), update)
        .filter(Column::Id.eq(due.id))
        .filter(Column::Attempts.eq(due.attempts))
        .filter(Column::NextAt.eq(due.next_at.millis()))
        .exec(database.writer())
        .await
        .map(drop)
}

/// When the subscriber of this delivery may be told; `None`: always.
pub(in crate::notices) async fn times(database: &Database, due: &Due) -> Result<Option<Times>, DbErr> {
    let Some(id) = due.subscription else { return Ok(None) };
    let row = notice_subscription::Entity::find_by_id(id)
        .one(database.reader())
        .await?;
    Ok(row.as_ref().map(times_of))
}

fn set(
    column: Column,
    value: impl Into<sea_orm::Value>,
    update: UpdateMany<notice_delivery::Entity>,
) -> UpdateMany<notice_delivery::Entity> {
    update.col_expr(column, Expr::value(value))
}

/// Leases a due row for sending until `until`; false when another replica took it since it was read. The update names what was read, so of any
/// number of replicas one changes the row.
pub(in crate::notices) async fn lease(database: &Database, due: &Due, until: Timestamp) -> Result<bool, DbErr> {
    let update = notice_delivery::Entity::update_many();
    let update = set(Column::Attempts, due.attempts.saturating_add(1), update);
    let update = set(Column::State, State::Pending.word(), update);
    let update = set(Column::Leased, true, update);
    let leased = set(Column::NextAt, until.millis(), update)
        .filter(Column::Id.eq(due.id))
        .filter(Column::State.is_in([State::Pending.word(), State::Held.word()]))
        .filter(Column::Attempts.eq(due.attempts))
        .filter(Column::NextAt.eq(due.next_at.millis()))
        .exec(database.writer())
        .await?;
    Ok(leased.rows_affected == 1)
}

/// Makes due at once what senders had leased who are known to be dead.
pub(in crate::notices) async fn release_leases(database: &Database, now: Timestamp) -> Result<(), DbErr> {
    let update = set(Column::Leased, false, notice_delivery::Entity::update_many());
    set(Column::NextAt, now.millis(), update)
        .filter(Column::Leased.eq(true))
        .filter(Column::State.eq(State::Pending.word()))
        .exec(database.writer())
        .await
        .map(drop)
}

/// What a delivery tells: its notice, or all those of its digest, each with the row that it answers for, its own first.
pub(in crate::notices) async fn carried(database: &Database, sealer: &Sealer, due: &Due) -> Result<Vec<(Uuid, Kept)>> {
    let mut rows = vec![(due.id, due.notice)];
    if due.digest {
        let others = notice_delivery::Entity::find()
            .filter(Column::DigestOf.eq(due.id))
            .filter(Column::Id.ne(due.id))
            .order_by_asc(Column::Id)
            .all(database.reader())
            .await?;
        rows.extend(others.into_iter().map(|row| (row.id, row.notice_id)));
    }
    let ids = rows.iter().map(|(_, notice)| *notice);
    let notices = notice::Entity::find()
        .filter(notice::Column::Id.is_in(ids))
        .all(database.reader())
        .await?;
    let mut carried = Vec::new();
    for (id, notice) in rows {
        let row = notices.iter().find(|row| row.id == notice);
        let row = row.ok_or_else(|| unreadable("notice_delivery.notice_id"))?;
        carried.push((id, kept(row, sealer)?));
    }
    Ok(carried)
}

/// A notice, opened.
pub(in crate::notices) fn kept(row: &notice::Model, sealer: &Sealer) -> Result<Kept> {
    let content = sealer.open(CONTENT, &row.content)?;
    let content: Content = serde_json::from_slice(content.expose()).map_err(|error| {
        StoreFailure::Corrupt
            .failure()
            .cause(format!("notice.content: {error}"))
    })?;
    Ok(Kept {
        topic: Topic::of(&row.topic).ok_or_else(|| unreadable("notice.topic"))?,
        subject: row.subject.clone(),
        facts: content.facts,
        path: content.path,
        card: row.card.clone(),
        pressers: content.pressers,
        data_source: row.data_source_id,
        at: Timestamp::from_millis(row.created_at),
    })
}

/// Writes the result of an attempt to the row that was leased and to those it carried. A sender whose lease ran out changes nothing any more, unless
/// the other side did accept it.
pub(in crate::notices) async fn note(
    (database, sealer): (&Database, &Sealer),
    due: &Due,
    carried: &[Uuid],
    tried: &Tried,
    now: Timestamp,
) -> Result<()> {
    let code = tried.card.as_ref().and_then(|card| card.response_code.as_ref());
    let code = code.map(|code| sealer.seal(RESPONSE_CODE, code.expose().as_bytes()));
    let code = code.transpose()?;
    let transaction = database.begin().await?;
    let update = outcome(tried, tried.state, now).filter(Column::Id.eq(due.id));
    let update = match &tried.card {
        Some(card) => set(Column::AgentId, card.agent_id, update),
        None => update,
    };
    // Where nothing new came, an older card can still be updated by its own.
    let update = match code {
        Some(code) => set(Column::ResponseCode, code, update),
        None => update,
    };
    let update = match tried.state {
        State::Delivered => update,
        _ => set(Column::NextAt, tried.next_at.millis(), update)
            .filter(Column::State.eq(State::Pending.word()))
            .filter(Column::Attempts.eq(due.attempts.saturating_add(1))),
    };
    let written = update.exec(&transaction).await?.rows_affected == 1;
    let others = carried.iter().copied().filter(|id| *id != due.id);
    let others: Vec<Uuid> = others.collect();
    if written && !others.is_empty() {
        let state = match tried.state {
            State::Pending => State::Held,
            state => state,
        };
        outcome(tried, state, now)
            .filter(Column::Id.is_in(others))
            .filter(Column::DigestOf.eq(due.id))
            .exec(&transaction)
            .await?;
    }
    Ok(transaction.commit().await?)
}

fn outcome(tried: &Tried, state: State, now: Timestamp) -> UpdateMany<notice_delivery::Entity> {
    let update = notice_delivery::Entity::update_many();
    let update = set(Column::LastStatus, tried.status, update);
    let update = set(Column::LastError, tried.error.clone(), update);
    let update = set(Column::ProviderId, tried.provider_id.clone(), update);
    let update = set(Column::Leased, false, update);
    let update = set(Column::State, state.word(), update);
    match state {
        State::Delivered => set(Column::DeliveredAt, now.millis(), update),
        _ => update,
    }
}
