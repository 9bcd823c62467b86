//! What requests are waiting for: whose time is over, who was imported meanwhile; and how it stands with a member who asks.

use entity::{access_request, data_source, member, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::whose::is_active;
use crate::{
    kernel::clock::Timestamp,
    requests::{model::ClosedBecause, state::State},
    store::{AnyRow, Database},
};

type Column = access_request::Column;

/// Requests that are looked at in one turn.
const BATCH: u64 = 100;

/// How it stands with a data source that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::requests) enum Asked {
    /// It takes requests.
    Takes,
    /// It takes none, is off, or is gone.
    SwitchedOff,
}

/// How it stands with a member who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::requests) enum MemberStanding {
    /// They are a user, and may sign in.
    Imported,
    /// They are a user, who is disabled.
    Disabled,
    /// They are not.
    Outside,
}

/// Locks a data source, so that its open requests are counted one by one.
pub(in crate::requests) async fn lock_source<C: ConnectionTrait>(tx: &C, id: Uuid) -> Result<Asked, DbErr> {
    let row = data_source::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    Ok(match row {
        Some(row) if row.enabled && row.access_requests => Asked::Takes,
        _ => Asked::SwitchedOff,
    })
}

/// Whether a member is a user.
pub(in crate::requests) async fn member_standing<C: ConnectionTrait>(
    tx: &C,
    (data_source, userid): (Uuid, &str),
) -> Result<MemberStanding, DbErr> {
    let user: Option<Option<Uuid>> = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::DataSourceId.eq(data_source))
        .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
        .filter(member::Column::State.eq("present"))
        .into_tuple()
        .one(tx)
        .await?;
    Ok(match user.flatten() {
        None => MemberStanding::Outside,
        Some(user) if is_active(tx, user).await? => MemberStanding::Imported,
        Some(_) => MemberStanding::Disabled,
    })
}

/// Whether somebody has this username.
pub(in crate::requests) async fn taken(db: &Database, username: &str) -> Result<bool, DbErr> {
    let found = users::Entity::find()
        .filter(users::Column::UsernameKey.eq(username.to_lowercase()))
        .count(db.reader());
    Ok(found.await? > 0)
}

fn late(now: Timestamp) -> Select<access_request::Entity> {
    access_request::Entity::find()
        .filter(Column::State.eq(State::Open.word()))
        .filter(Column::ExpiresAt.lte(now.millis()))
}

/// Whether a request is to end by itself, one that is late, that is taken no more, or whose member is a user by now; or was ended and nobody was told.
pub(in crate::requests) fn any_over(now: Timestamp) -> [AnyRow; 4] {
    [late(now), of_closed_source(), of_user(), of_untold()].map(AnyRow::of)
}

fn of_untold() -> Select<access_request::Entity> {
    access_request::Entity::find().filter(Expr::col((access_request::Entity, Column::Untold)))
}

/// Ids of requests that were closed by something that tells nobody, the oldest first.
pub(in crate::requests) async fn untold(db: &Database) -> Result<Vec<Uuid>, DbErr> {
    of_untold()
        .select_only()
        .column(Column::Id)
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await
}

/// Notes that whose request this is is told from here on; false where they are already.
pub(in crate::requests) async fn is_told<C: ConnectionTrait>(tx: &C, id: Uuid) -> Result<bool, DbErr> {
    let noted = access_request::Entity::update_many()
        .col_expr(Column::Untold, Expr::value(false))
        .filter(Column::Id.eq(id))
        .filter(Column::Untold.eq(true))
        .exec(tx)
        .await?;
    Ok(noted.rows_affected == 1)
}

/// Ids of open requests whose time is over, the oldest first.
pub(in crate::requests) async fn past_their_time(db: &Database, now: Timestamp) -> Result<Vec<Uuid>, DbErr> {
    late(now)
        .select_only()
        .column(Column::Id)
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await
}

/// Open requests of data sources that take none any more, each with the reason.
pub(in crate::requests) async fn not_taken(db: &Database) -> Result<Vec<(Uuid, ClosedBecause)>, DbErr> {
    let found: Vec<(Uuid, bool)> = of_closed_source()
        .select_only()
        .column(Column::Id)
        .column(data_source::Column::Enabled)
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await?;
    let because = |enabled| match enabled {
        true => ClosedBecause::RequestsOff,
        false => ClosedBecause::SourceOff,
    };
    Ok(found.into_iter().map(|(id, enabled)| (id, because(enabled))).collect())
}

fn of_closed_source() -> Select<access_request::Entity> {
    let to_source = access_request::Entity::belongs_to(data_source::Entity)
        .from(Column::DataSourceId)
        .to(data_source::Column::Id);
    let takes_none = Condition::any()
        .add(data_source::Column::Enabled.eq(false))
        .add(data_source::Column::AccessRequests.eq(false));
    access_request::Entity::find()
        .join(JoinType::InnerJoin, to_source.into())
        .filter(Column::State.eq(State::Open.word()))
        .filter(takes_none)
}

/// Open requests of members who are users by now, each with the user. Whoever has the userid and is another member than the one who asked does not count.
pub(in crate::requests) async fn overtaken(db: &Database) -> Result<Vec<(Uuid, Uuid)>, DbErr> {
    let found: Vec<(Uuid, Option<Uuid>)> = of_user()
        .select_only()
        .column(Column::Id)
        .column(member::Column::UserId)
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(found.into_iter().filter_map(|(id, user)| Some((id, user?))).collect())
}

fn of_user() -> Select<access_request::Entity> {
    let to_member = access_request::Entity::belongs_to(member::Entity)
        .from((Column::DataSourceId, Column::UseridKey))
        .to((member::Column::DataSourceId, member::Column::UseridKey));
    let theirs = Expr::col((access_request::Entity, Column::MemberId)).equals((member::Entity, member::Column::Id));
    access_request::Entity::find()
        .join(JoinType::InnerJoin, to_member.into())
        .filter(Column::State.eq(State::Open.word()))
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::UserId.is_not_null())
        .filter(Condition::any().add(Column::MemberId.is_null()).add(theirs))
}
