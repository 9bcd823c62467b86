//! Queries of cards with buttons: matters that were decided, whose cards lose their buttons, and what was sent of them.
//!
//! A matter is gone through by one replica at a time: whoever moves its date on has it until then.

use std::collections::BTreeMap;

use entity::{card_settlement, notice, notice_delivery};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::deliveries::{RESPONSE_CODE, kept};
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, failure::Result},
    notices::{
        card_state::CardState,
        delivery::{ChannelKind, State},
        failure::{NoticeFailure, is_unreadable},
        rendering::title,
    },
    store::{AnyRow, Database, database::unreadable},
    web::texts::Lang,
    wecom::{ResponseCode, card::delivery_of},
};

type Delivery = notice_delivery::Column;
type Settlement = card_settlement::Column;

/// The column by which what was decided is sealed.
const DECIDED: &str = "card_settlement.content";

/// A matter that was decided and whose cards are to be gone through.
pub(in crate::notices) struct Due {
    pub(in crate::notices) subject: String,
    /// How it was decided.
    pub(in crate::notices) decided: BTreeMap<String, String>,
    pub(in crate::notices) settled_at: Timestamp,
    pub(in crate::notices) attempts: i32,
    next_at: i64,
}

/// A card that was sent and was not updated yet.
pub(in crate::notices) struct OpenCard {
    pub(in crate::notices) delivery: Uuid,
    /// Task id of the notice.
    pub(in crate::notices) card: String,
    pub(in crate::notices) data_source: Uuid,
    pub(in crate::notices) userid: String,
    pub(in crate::notices) lang: Lang,
    /// The title that it has.
    pub(in crate::notices) title: String,
    /// The local path that it links to.
    pub(in crate::notices) path: Option<String>,
    /// AgentId of the app that sent it, where that was written down.
    pub(in crate::notices) agent_id: Option<i64>,
    /// Updates it, unless it was used or is too old.
    pub(in crate::notices) code: Option<ResponseCode>,
}

/// Whose card somebody pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was sent about this matter, to this member, by this app as far as that was written down. That the app is one of the corp is for the caller to check.
    Known,
    /// It is being sent: by which app is not written down yet.
    Sending,
    /// Nothing of the sort was sent.
    Foreign,
}

/// Whose card a press is of: `task_id` is that of the press, `userid` whoever pressed, `agent_id` the app at whose callback it arrived.
///
/// # Errors
/// When the database does not answer.
pub async fn origin(
    db: &Database,
    task_id: &str,
    (subject, data_source): (&str, Uuid),
    (userid, agent_id): (&str, i64),
) -> Result<Origin> {
    let Some(delivery) = delivery_named(task_id) else {
        return Ok(Origin::Foreign);
    };
    let row = notice_delivery::Entity::find_by_id(delivery).one(db.reader()).await?;
    let Some(row) = row else { return Ok(Origin::Foreign) };
    let notice = notice::Entity::find_by_id(row.notice_id).one(db.reader()).await?;
    let is_of_matter = notice.is_some_and(|notice| notice.subject == subject && notice.card.is_some());
    let address = row.address.as_deref();
    let is_theirs = address.is_some_and(|address| address.eq_ignore_ascii_case(userid));
    let by_wecom = row.kind == ChannelKind::Wecom.word() && row.data_source_id == Some(data_source);
    let on_the_way = [State::Pending, State::Held]
        .map(State::word)
        .contains(&row.state.as_str());
    Ok(match row.agent_id {
        _ if !(is_of_matter && is_theirs && by_wecom) => Origin::Foreign,
        Some(sender) if sender == agent_id => Origin::Known,
        _ if on_the_way => Origin::Sending,
        // It was sent before senders were written down: any app of the corp may have been it.
        None if row.state == State::Delivered.word() => Origin::Known,
        _ => Origin::Foreign,
    })
}

/// The local path that the card of this task id links to; `None` also where its notice was sealed under another key: the rest goes on without.
///
/// # Errors
/// When the database does not answer.
pub async fn card_path(db: &Database, sealer: &Sealer, task_id: &str) -> Result<Option<String>> {
    let Some(delivery) = delivery_named(task_id) else {
        return Ok(None);
    };
    let row = notice_delivery::Entity::find_by_id(delivery).one(db.reader()).await?;
    let Some(row) = row else { return Ok(None) };
    let notice = notice::Entity::find_by_id(row.notice_id).one(db.reader()).await?;
    match notice.map(|notice| kept(&notice, sealer)).transpose() {
        Ok(told) => Ok(told.and_then(|told| told.path)),
        Err(failure) if is_unreadable(&failure) => {
            tracing::error!(%failure, task_id, "where a card leads cannot be read");
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// The delivery that a task id names.
pub(in crate::notices) fn delivery_named(task_id: &str) -> Option<Uuid> {
    delivery_of(task_id).and_then(|name| name.get(..32)?.parse().ok())
}

/// Notes that the cards of this matter are to show how it was decided (`outcome`, `decided_by`), and to lose their buttons. To be called in the
/// transaction that decides.
///
/// # Errors
/// When the database does not answer.
pub async fn settle_cards<C: ConnectionTrait>(
    connection: &C,
    sealer: &Sealer,
    now: Timestamp,
    subject: &str,
    facts: &BTreeMap<String, String>,
) -> Result<()> {
    let content = serde_json::to_vec(facts).map_err(|error| NoticeFailure::Invalid.failure().cause(error))?;
    let row = card_settlement::ActiveModel {
        subject: Set(subject.to_owned()),
        content: Set(sealer.seal(DECIDED, &content)?),
        settled_at: Set(now.millis()),
        attempts: Set(0),
        next_at: Set(Some(now.millis())),
    };
    let mut again = OnConflict::column(Settlement::Subject);
    again.update_columns([
        Settlement::Content,
        Settlement::SettledAt,
        Settlement::Attempts,
        Settlement::NextAt,
    ]);
    card_settlement::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Whether a matter was decided.
pub(in crate::notices) async fn is_settled(db: &Database, subject: &str) -> Result<bool> {
    let found = card_settlement::Entity::find_by_id(subject).count(db.reader()).await?;
    Ok(found > 0)
}

/// When the other side accepted a delivery that is sent again on purpose.
pub(in crate::notices) async fn accepted_at(db: &Database, delivery: Uuid) -> Result<Option<Timestamp>> {
    let row = notice_delivery::Entity::find_by_id(delivery).one(db.reader()).await?;
    Ok(row.and_then(|row| row.delivered_at).map(Timestamp::from_millis))
}

fn at_hand(now: Timestamp) -> Select<card_settlement::Entity> {
    card_settlement::Entity::find().filter(Settlement::NextAt.lte(now.millis()))
}

/// Whether a matter is due.
pub(in crate::notices) fn any_due(now: Timestamp) -> AnyRow {
    AnyRow::of(at_hand(now))
}

/// Lists so many matters whose cards are to be gone through, the longest waiting first.
pub(in crate::notices) async fn due(db: &Database, sealer: &Sealer, now: Timestamp, most: u64) -> Result<Vec<Due>> {
    let rows = at_hand(now)
        .order_by_asc(Settlement::NextAt)
        .limit(most)
        .all(db.reader())
        .await?;
    let mut due = Vec::new();
    for row in rows {
        let subject = row.subject.clone();
        match read(row, sealer) {
            Ok(read) => due.push(read),
            // What was sealed under another key holds nothing else up.
            Err(failure) => {
                tracing::error!(%failure, subject, "cards of a matter cannot be updated");
                card_settlement::Entity::update_many()
                    .col_expr(Settlement::NextAt, Expr::value(None::<i64>))
                    .filter(Settlement::Subject.eq(subject))
                    .exec(db.writer())
                    .await?;
            }
        }
    }
    Ok(due)
}

fn read(row: card_settlement::Model, sealer: &Sealer) -> Result<Due> {
    let decided = sealer.open(DECIDED, &row.content)?;
    Ok(Due {
        decided: serde_json::from_slice(decided.expose()).map_err(|_| unreadable("card_settlement.content"))?,
        settled_at: Timestamp::from_millis(row.settled_at),
        attempts: row.attempts,
        next_at: row.next_at.unwrap_or_default(),
        subject: row.subject,
    })
}

/// Claims a matter until this moment; false when another replica did.
pub(in crate::notices) async fn claim(db: &Database, due: &Due, until: Timestamp) -> Result<bool> {
    let claimed = card_settlement::Entity::update_many()
        .col_expr(Settlement::NextAt, Expr::value(until.millis()))
        .col_expr(Settlement::Attempts, Expr::value(due.attempts.saturating_add(1)))
        .filter(Settlement::Subject.eq(due.subject.as_str()))
        .filter(Settlement::NextAt.eq(due.next_at))
        .exec(db.writer())
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// Says when a claimed matter is gone through again; `None`: nothing is left to do. Not where somebody decided anew, or pressed, meanwhile.
pub(in crate::notices) async fn put_back(
    db: &Database,
    due: &Due,
    claimed_until: Timestamp,
    next: Option<Timestamp>,
) -> Result<()> {
    card_settlement::Entity::update_many()
        .col_expr(Settlement::NextAt, Expr::value(next.map(Timestamp::millis)))
        .filter(Settlement::Subject.eq(due.subject.as_str()))
        .filter(Settlement::NextAt.eq(claimed_until.millis()))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Notices of this matter with cards.
async fn notices(db: &Database, subject: &str) -> Result<Vec<notice::Model>> {
    let rows = notice::Entity::find()
        .filter(notice::Column::Subject.eq(subject))
        .filter(notice::Column::Card.is_not_null())
        .all(db.reader())
        .await?;
    Ok(rows)
}

/// Deliveries of cards, but for those that were gathered into a digest: these have no buttons.
fn of_notices(notices: &[notice::Model]) -> Condition {
    Condition::all()
        .add(Delivery::NoticeId.is_in(notices.iter().map(|notice| notice.id)))
        .add(Delivery::Kind.eq(ChannelKind::Wecom.word()))
        .add(Delivery::Digest.eq(false))
}

/// Whether a card of this matter is still on its way.
pub(in crate::notices) async fn is_on_the_way(db: &Database, subject: &str) -> Result<bool> {
    let found = notice_delivery::Entity::find()
        .filter(of_notices(&notices(db, subject).await?))
        .filter(Delivery::State.is_in([State::Pending.word(), State::Held.word()]))
        .count(db.reader())
        .await?;
    Ok(found > 0)
}

/// Lists the cards of this matter that were sent and not updated, also those that could not be sent again meanwhile. What cannot be opened, having been sealed
/// under another key, holds nothing else up.
pub(in crate::notices) async fn open_cards(db: &Database, sealer: &Sealer, subject: &str) -> Result<Vec<OpenCard>> {
    let notices = notices(db, subject).await?;
    let not_updated = Condition::any()
        .add(Delivery::CardState.is_null())
        .add(Delivery::CardState.ne(CardState::Settled.word()));
    let sent = Condition::any()
        .add(Delivery::State.eq(State::Delivered.word()))
        .add(Delivery::ResponseCode.is_not_null());
    let rows = notice_delivery::Entity::find()
        .filter(of_notices(&notices))
        .filter(sent)
        .filter(not_updated)
        .order_by_asc(Delivery::Id)
        .all(db.reader())
        .await?;
    let mut cards = Vec::new();
    for row in rows {
        let Some(notice) = notices.iter().find(|notice| notice.id == row.notice_id) else {
            continue;
        };
        let delivery = row.id;
        match open_card(row, notice, sealer) {
            Ok(card) => cards.extend(card),
            Err(failure) => {
                tracing::error!(%failure, %delivery, "a card cannot be updated");
                mark(db, delivery, CardState::Unreachable).await?;
            }
        }
    }
    Ok(cards)
}

fn open_card(row: notice_delivery::Model, notice: &notice::Model, sealer: &Sealer) -> Result<Option<OpenCard>> {
    let (Some(data_source), Some(userid), Some(card)) = (row.data_source_id, row.address, &notice.card) else {
        return Ok(None);
    };
    let lang = Lang::of_tag(&row.language).unwrap_or(Lang::Zh);
    let told = kept(notice, sealer)?;
    let code = match &row.response_code {
        Some(sealed) => Some(sealer.open_text(RESPONSE_CODE, sealed)?),
        None => None,
    };
    Ok(Some(OpenCard {
        delivery: row.id,
        card: card.clone(),
        data_source,
        userid,
        lang,
        title: title(&told, lang),
        path: told.path,
        agent_id: row.agent_id,
        code: code.map(|code| ResponseCode::new(code.expose().clone())),
    }))
}

/// Notes what became of a card; its code is used, or good for nothing.
pub(in crate::notices) async fn mark(db: &Database, delivery: Uuid, state: CardState) -> Result<()> {
    notice_delivery::Entity::update_many()
        .col_expr(Delivery::CardState, Expr::value(state.word()))
        .col_expr(Delivery::ResponseCode, Expr::value(None::<String>))
        .filter(Delivery::Id.eq(delivery))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Has the cards of a decided matter gone through again, if there is one of them that could not be updated: by a press it can.
pub(in crate::notices) async fn wake(db: &Database, delivery: Uuid, now: Timestamp) -> Result<()> {
    let row = notice_delivery::Entity::find_by_id(delivery)
        .filter(Delivery::CardState.eq(CardState::Unreachable.word()))
        .one(db.reader())
        .await?;
    let Some(row) = row else { return Ok(()) };
    let Some(notice) = notice::Entity::find_by_id(row.notice_id).one(db.reader()).await? else {
        return Ok(());
    };
    card_settlement::Entity::update_many()
        .col_expr(Settlement::NextAt, Expr::value(now.millis()))
        .col_expr(Settlement::Attempts, Expr::value(0))
        .filter(Settlement::Subject.eq(notice.subject))
        .filter(Settlement::NextAt.is_null())
        .exec(db.writer())
        .await?;
    Ok(())
}
