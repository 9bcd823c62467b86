//! Queries of access requests: one is opened per member, and decided once.

use entity::access_request;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    model::{AccessRequest, Decision, RequestFilter},
    state::State,
};
use crate::{
    directory::store::Change,
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, keyset},
};

mod approvers;
mod dressing;
mod groups;
mod heard;
mod portals;
mod turn;
mod whose;

pub(super) use approvers::{deciding_members, is_app, may_decide, person, user_of_member};
use dressing::dressed;
pub(super) use dressing::{corp_key, face};
pub(super) use groups::{find as group, first as groups};
pub use heard::unheard;
pub(super) use portals::{find as portal, limited as limited_portals};
pub(super) use turn::{
    Asked, MemberStanding, any_over, is_told, lock_source, member_standing, not_taken, overtaken, past_their_time,
    taken, untold,
};
pub(super) use whose::{any_other, given_on, is_active, left_out, recognise, takes_users};

type Column = access_request::Column;

/// What is written when a request is over.
pub(super) struct Outcome<'a> {
    pub(super) state: State,
    pub(super) by: &'a str,
    pub(super) decision: &'a Decision,
    pub(super) refusal: Option<&'a str>,
    pub(super) reason_shown: bool,
    pub(super) user: Option<Uuid>,
}

/// Opens a request, unless one of this member is open: of any number of parallel ones the index lets one through. False: there is one.
pub(super) async fn open<C: ConnectionTrait>(tx: &C, new: &AccessRequest, link_digest: String) -> Result<bool, DbErr> {
    let row = access_request::ActiveModel {
        id: Set(new.id),
        data_source_id: Set(new.data_source),
        corp_id: Set(new.corp_id.clone()),
        userid: Set(new.userid.clone()),
        userid_key: Set(new.userid.to_lowercase()),
        member_id: Set(new.member),
        mode: Set(new.mode.clone()),
        client_id: Set(new.portal.as_ref().map(|portal| portal.id)),
        state: Set(new.state.word().to_owned()),
        reason: Set(new.reason.clone()),
        created_at: Set(new.created_at.millis()),
        expires_at: Set(new.expires_at.millis()),
        decided_at: Set(None),
        decided_by: Set(None),
        decision: Set(None),
        refusal_reason: Set(None),
        reason_shown: Set(false),
        user_id: Set(None),
        link_digest: Set(link_digest),
        link_expires_at: Set(new.link_expires_at.millis()),
        language: Set(new.lang.map(|lang| lang.tag().to_owned())),
        untold: Set(false),
        version: Set(new.version),
    };
    let inserted = access_request::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(inserted > 0)
}

/// Ends an open request; false where it was over. Closes the race of everybody who decides: the one statement holds for the first.
pub(super) async fn end<C: ConnectionTrait>(
    tx: &C,
    id: Uuid,
    outcome: &Outcome<'_>,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let decision = serde_json::to_value(outcome.decision).unwrap_or_default();
    let ended = access_request::Entity::update_many()
        .col_expr(Column::State, Expr::value(outcome.state.word()))
        .col_expr(Column::DecidedBy, Expr::value(outcome.by))
        .col_expr(Column::DecidedAt, Expr::value(now.millis()))
        .col_expr(Column::Decision, Expr::value(decision))
        .col_expr(Column::RefusalReason, Expr::value(outcome.refusal.map(str::to_owned)))
        .col_expr(Column::ReasonShown, Expr::value(outcome.reason_shown))
        .col_expr(Column::UserId, Expr::value(outcome.user))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Open.word()))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Lets the link of an open request, whose day is over, work until then; false where there is nothing to renew.
pub(super) async fn renew_link(change: &Change, id: Uuid, until: Timestamp) -> Result<bool, DbErr> {
    let renewed = access_request::Entity::update_many()
        .col_expr(Column::LinkExpiresAt, Expr::value(until.millis()))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Open.word()))
        .filter(Column::LinkExpiresAt.lte(change.now().millis()))
        .exec(change.transaction())
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// A request whose row is locked until the transaction ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Locked {
    pub(super) state: State,
    pub(super) version: i64,
    /// The member who asked, where a sync has read them.
    pub(super) member: Option<Uuid>,
}

/// Locks a request until the transaction ends.
pub(super) async fn locked(change: &Change, id: Uuid) -> Result<Option<Locked>, DbErr> {
    let row: Option<(String, i64, Option<Uuid>)> = access_request::Entity::find_by_id(id)
        .select_only()
        .columns([Column::State, Column::Version, Column::MemberId])
        .lock_exclusive()
        .into_tuple()
        .one(change.transaction())
        .await?;
    Ok(row.and_then(|(state, version, member)| {
        let state = State::of(&state)?;
        Some(Locked { state, version, member })
    }))
}

/// How a request was decided, by whom and when, as it stands in this transaction; `None`: it is open, or gone.
pub(super) async fn how_decided<C: ConnectionTrait>(tx: &C, id: Uuid) -> Result<Option<(State, String, i64)>, DbErr> {
    let row = access_request::Entity::find_by_id(id).one(tx).await?;
    Ok(row.and_then(|row| Some((State::of(&row.state)?, row.decided_by?, row.decided_at?))))
}

/// One request.
pub(super) async fn find(db: &Database, id: Uuid) -> Result<Option<AccessRequest>> {
    let row = access_request::Entity::find_by_id(id).one(db.reader()).await?;
    Ok(dressed(db, row.into_iter().collect()).await?.pop())
}

/// The request of this link.
pub(super) async fn by_link(db: &Database, digest: &str) -> Result<Option<AccessRequest>> {
    let row = access_request::Entity::find()
        .filter(Column::LinkDigest.eq(digest))
        .one(db.reader())
        .await?;
    Ok(dressed(db, row.into_iter().collect()).await?.pop())
}

/// The last request of the person who has this userid now. Of requests of whom no sync had read, those since then count as theirs: before it, the
/// userid may have been somebody else's.
pub(super) async fn last_of(
    db: &Database,
    (data_source, userid): (Uuid, &str),
    since: Timestamp,
) -> Result<Option<AccessRequest>> {
    let unread = Condition::all()
        .add(Column::MemberId.is_null())
        .add(Column::CreatedAt.gt(since.millis()));
    let member = face(db, data_source, userid).await?.member;
    let theirs = Condition::any()
        .add(unread)
        .add_option(member.map(|id| Column::MemberId.eq(id)));
    let row = access_request::Entity::find()
        .filter(Column::DataSourceId.eq(data_source))
        .filter(Column::UseridKey.eq(userid.to_lowercase()))
        .filter(theirs)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .one(db.reader())
        .await?;
    Ok(dressed(db, row.into_iter().collect()).await?.pop())
}

/// Lists requests.
pub(super) async fn list(
    db: &Database,
    filter: &RequestFilter,
    page: &SortedPage,
) -> Result<SortedListing<AccessRequest>> {
    let wanted = Condition::all()
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
        .add_option(filter.state.map(|state| Column::State.eq(state.word())))
        .add_option(filter.userid.as_ref().map(|id| Column::UseridKey.eq(id.to_lowercase())));
    let select = access_request::Entity::find().filter(wanted);
    let rows = keyset::sorted(db.reader(), select, (Column::Id, Column::UseridKey), page).await?;
    let listing = page.cut(rows, |row, by| Position {
        value: match by {
            "userid" => SortValue::Text(row.userid_key.clone()),
            _ => SortValue::Id,
        },
        id: row.id,
    });
    let next_cursor = listing.next_cursor;
    let items = dressed(db, listing.items).await?;
    Ok(SortedListing { items, next_cursor })
}

/// How many requests there are of a member and of their data source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    /// Made by the member since then.
    pub(super) of_member: u64,
    /// Open ones of the data source.
    pub(super) open: u64,
    /// One of the member is open.
    pub(super) waits: bool,
}

/// Counts requests of a member since then, and open ones of the whole data source.
pub(super) async fn counts<C: ConnectionTrait>(
    tx: &C,
    (data_source, userid): (Uuid, &str),
    since: Timestamp,
) -> Result<Counts, DbErr> {
    let of_source = access_request::Entity::find().filter(Column::DataSourceId.eq(data_source));
    let of_member = of_source.clone().filter(Column::UseridKey.eq(userid.to_lowercase()));
    let recent = of_member.clone().filter(Column::CreatedAt.gt(since.millis()));
    let is_open = Column::State.eq(State::Open.word());
    Ok(Counts {
        of_member: recent.count(tx).await?,
        open: of_source.filter(is_open.clone()).count(tx).await?,
        waits: of_member.filter(is_open).count(tx).await? > 0,
    })
}
