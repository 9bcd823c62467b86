//! Queries of presses. One row for each member, card and button: who presses again adds no row, but is to be acted on again, since what stood in the
//! way may be gone; a newer response code takes the place of the older.

use entity::{callback_endpoint, card_event, data_source};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, OnConflict},
};
use uuid::Uuid;

use super::press::Press;
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, failure::Result},
    store::{AnyRow, Database, pattern::literal},
    wecom::ResponseCode,
};

type Column = card_event::Column;

/// Sealing context of response codes.
const CODE: &str = "card_event.response_code";

/// Corp and app of an endpoint.
pub(super) struct Place {
    pub(super) data_source: Uuid,
    pub(super) corp_id: String,
    /// `None`: it is that of the contacts-sync helper.
    pub(super) agent_id: Option<i64>,
}

/// The corp and app of an endpoint.
pub(super) async fn place_of(db: &Database, endpoint: Uuid) -> Result<Option<Place>> {
    let endpoint = callback_endpoint::Entity::find_by_id(endpoint).one(db.reader()).await?;
    let Some(endpoint) = endpoint else { return Ok(None) };
    let source = data_source::Entity::find_by_id(endpoint.data_source_id)
        .one(db.reader())
        .await?;
    Ok(source.map(|source| Place {
        data_source: source.id,
        corp_id: source.corp_id,
        agent_id: endpoint.agent_id,
    }))
}

pub(super) fn seal_code(sealer: &Sealer, code: &ResponseCode) -> Result<String> {
    sealer.seal(CODE, code.expose().as_bytes())
}

/// Records a press; one that is recorded already is to be acted on again, and its newer response code counts. What became of it before stays until then.
pub(super) async fn record(db: &Database, press: Press, code_sealed: Option<String>) -> Result<()> {
    let has_code = code_sealed.is_some();
    let row = card_event::ActiveModel {
        id: Set(press.id),
        data_source_id: Set(press.data_source),
        corp_id: Set(press.corp_id),
        agent_id: Set(press.agent_id),
        userid: Set(press.userid),
        task_id: Set(press.task_id),
        event_key: Set(press.key),
        response_code_sealed: Set(code_sealed),
        received_at: Set(press.received_at.millis()),
        handled_at: Set(None),
        outcome: Set(None),
    };
    let one = [
        Column::CorpId,
        Column::AgentId,
        Column::TaskId,
        Column::Userid,
        Column::EventKey,
    ];
    let mut again = OnConflict::columns(one);
    again.update_columns([Column::ReceivedAt, Column::HandledAt]);
    if has_code {
        again.update_column(Column::ResponseCodeSealed);
    }
    card_event::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(db.writer())
        .await?;
    Ok(())
}

/// Whether nobody has acted on some press.
pub fn any_pending() -> AnyRow {
    AnyRow::of(card_event::Entity::find().filter(Column::HandledAt.is_null()))
}

/// Lists presses that nobody has acted on, the oldest first, behind the one with this row id.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(db: &Database, after: Option<Uuid>, most: u64) -> Result<Vec<Press>> {
    let rows = card_event::Entity::find()
        .filter(Column::HandledAt.is_null())
        .filter(Condition::all().add_option(after.map(|id| Column::Id.gt(id))))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db.reader())
        .await?;
    let presses = rows.into_iter().map(|row| Press {
        id: row.id,
        data_source: row.data_source_id,
        corp_id: row.corp_id,
        agent_id: row.agent_id,
        userid: row.userid,
        task_id: row.task_id,
        key: row.event_key,
        received_at: Timestamp::from_millis(row.received_at),
        outcome: row.outcome,
    });
    Ok(presses.collect())
}

/// Settles a press with a word for what became of it; false: somebody else did before. Goes into the transaction of what it brought about, so
/// that both are done or neither.
///
/// # Errors
/// When the database does not answer.
pub async fn settle<C: ConnectionTrait>(
    connection: &C,
    id: Uuid,
    outcome: &str,
    now: Timestamp,
) -> std::result::Result<bool, DbErr> {
    let settled = card_event::Entity::update_many()
        .col_expr(Column::HandledAt, Expr::value(now.millis()))
        .col_expr(Column::Outcome, Expr::value(outcome))
        .filter(Column::Id.eq(id))
        .filter(Column::HandledAt.is_null())
        .exec(connection)
        .await?;
    Ok(settled.rows_affected == 1)
}

/// A response code that an event brought.
pub struct Code {
    /// The press.
    pub press: Uuid,
    /// Corp ID and AgentId of the app that it is good for.
    pub app: (String, i64),
    /// The code.
    pub code: ResponseCode,
}

/// The newest response code by which a card of this member can be updated, of presses since this moment at this corp's callbacks, and at this app's where
/// it is known. The card has this task id, or one that goes on behind a hyphen.
///
/// # Errors
/// When the database does not answer.
pub async fn usable_code(
    db: &Database,
    sealer: &Sealer,
    (corp_id, agent_id): (&str, Option<i64>),
    (task, userid): (&str, &str),
    since: Timestamp,
) -> Result<Option<Code>> {
    let somebody = Expr::expr(Func::lower(Expr::col(Column::Userid)));
    let sent_again = LikeExpr::new(format!("{}-%", literal(task))).escape('\\');
    let of_card = Condition::any()
        .add(Column::TaskId.eq(task))
        .add(Expr::col(Column::TaskId).like(sent_again));
    let of_app = Condition::all()
        .add(Column::CorpId.eq(corp_id))
        .add_option(agent_id.map(|id| Column::AgentId.eq(id)));
    let row = card_event::Entity::find()
        .filter(of_card)
        .filter(of_app)
        .filter(somebody.eq(userid.to_ascii_lowercase()))
        .filter(Column::ResponseCodeSealed.is_not_null())
        .filter(Column::ReceivedAt.gt(since.millis()))
        .order_by_desc(Column::ReceivedAt)
        .one(db.reader())
        .await?;
    let Some((row, sealed)) = row.and_then(|row| Some((row.clone(), row.response_code_sealed?))) else {
        return Ok(None);
    };
    let code = match sealer.open_text(CODE, &sealed) {
        Ok(code) => code,
        // It was sealed under another key: good for nothing.
        Err(failure) => {
            tracing::error!(%failure, press = %row.id, "the response code of a press cannot be opened");
            return Ok(None);
        }
    };
    Ok(Some(Code {
        press: row.id,
        app: (row.corp_id, row.agent_id),
        code: ResponseCode::new(code.expose().clone()),
    }))
}

fn unused_since(since: Timestamp) -> Select<card_event::Entity> {
    card_event::Entity::find()
        .filter(Column::HandledAt.gt(since.millis()))
        .filter(Column::ResponseCodeSealed.is_not_null())
}

/// Whether [`acted_on_since`] finds any.
pub fn any_acted_on_since(since: Timestamp) -> AnyRow {
    AnyRow::of(unused_since(since))
}

/// Lists the task ids of presses that were acted on since this moment and whose response codes were not used.
///
/// # Errors
/// When the database does not answer.
pub async fn acted_on_since(db: &Database, since: Timestamp, most: u64) -> Result<Vec<String>> {
    let tasks = unused_since(since)
        .select_only()
        .column(Column::TaskId)
        .order_by_desc(Column::HandledAt)
        .limit(most)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(tasks)
}

/// Forgets the response code of a press: it was used, or is good for nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_code<C: ConnectionTrait>(connection: &C, id: Uuid) -> std::result::Result<(), DbErr> {
    card_event::Entity::update_many()
        .col_expr(Column::ResponseCodeSealed, Expr::value(None::<String>))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(())
}
