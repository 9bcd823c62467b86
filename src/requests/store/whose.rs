//! Whose a request is: a person's, who is told apart by the member's row. A userid can be given on to somebody else.

use entity::{access_request, data_source, member, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    kernel::clock::Timestamp,
    requests::{model::LeftOut, state::State},
    store::{AnyRow, Database, database::is_unique_violation},
};

type Column = access_request::Column;

/// Requests that are looked at in one turn.
const BATCH: u64 = 100;

/// Keeps with requests since then, of whom no sync had read, the member who has the userid by now; and with those whose person has another userid by now,
/// that one.
pub(in crate::requests) async fn recognise(db: &Database, since: Timestamp) -> Result<(), DbErr> {
    follow(db).await?;
    let found: Vec<(Uuid, Uuid)> = unknown_since(since)
        .select_only()
        .column(Column::Id)
        .column_as(member::Column::Id, "read_member")
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await?;
    for (id, member) in found {
        access_request::Entity::update_many()
            .col_expr(Column::MemberId, Expr::value(member))
            .filter(Column::Id.eq(id))
            .filter(Column::MemberId.is_null())
            .exec(db.writer())
            .await?;
    }
    Ok(())
}

/// Lets open requests follow their person to another userid, unless they asked under that one as well.
async fn follow(db: &Database) -> Result<(), DbErr> {
    let to_member = access_request::Entity::belongs_to(member::Entity)
        .from(Column::MemberId)
        .to(member::Column::Id);
    let moved: Vec<(Uuid, String, String, String)> = access_request::Entity::find()
        .select_only()
        .columns([Column::Id, Column::UseridKey])
        .column_as(member::Column::Userid, "member_userid")
        .column_as(member::Column::UseridKey, "member_key")
        .join(JoinType::InnerJoin, to_member.into())
        .filter(Column::State.eq(State::Open.word()))
        .filter(member::Column::State.eq("present"))
        .filter(differs())
        .filter(asked_already().not())
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await?;
    for (id, before, userid, key) in moved {
        let followed = access_request::Entity::update_many()
            .col_expr(Column::Userid, Expr::value(userid))
            .col_expr(Column::UseridKey, Expr::value(key))
            .filter(Column::Id.eq(id))
            .filter(Column::UseridKey.eq(before))
            .filter(Column::State.eq(State::Open.word()))
            .exec(db.writer())
            .await;
        match followed {
            Err(error) if is_unique_violation(&error) => {
                tracing::info!(request = %id, "a request for access was made meanwhile under the userid that this one would follow to");
            }
            followed => {
                followed?;
            }
        }
    }
    Ok(())
}

/// Whether an open request stands under the userid that the member of another has by now: there is one at most.
fn asked_already() -> SimpleExpr {
    let (other, member) = (Alias::new("other_request"), member::Entity);
    let column = |column: Column| Expr::col((other.clone(), column));
    let select = Query::select()
        .expr(Expr::value(1))
        .from_as(access_request::Entity, other.clone())
        .and_where(column(Column::DataSourceId).equals((access_request::Entity, Column::DataSourceId)))
        .and_where(column(Column::UseridKey).equals((member, member::Column::UseridKey)))
        .and_where(column(Column::State).eq(State::Open.word()))
        .to_owned();
    Expr::exists(select)
}

/// Whether the member of a request has another userid than stands there.
fn differs() -> SimpleExpr {
    Expr::col((member::Entity, member::Column::UseridKey)).ne(Expr::col((access_request::Entity, Column::UseridKey)))
}

/// Open requests whose member is no longer there under the userid: they left, or somebody else has it now. `of`: only those of this data source and
/// userid.
pub(in crate::requests) async fn given_on(db: &Database, of: Option<(Uuid, &str)>) -> Result<Vec<Uuid>, DbErr> {
    let of = of.map(|(source, userid)| {
        let named = Column::UseridKey.eq(userid.to_lowercase());
        Column::DataSourceId.eq(source).and(named)
    });
    let found: Vec<Uuid> = of_nobody()
        .select_only()
        .column(Column::Id)
        .filter(Condition::all().add_option(of))
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(found)
}

/// Whether the member of a request was read since then, or is there no more.
pub(in crate::requests) fn any_other(since: Timestamp) -> [AnyRow; 2] {
    [unknown_since(since), of_nobody()].map(AnyRow::of)
}

fn unknown_since(since: Timestamp) -> Select<access_request::Entity> {
    let to_member = access_request::Entity::belongs_to(member::Entity)
        .from((Column::DataSourceId, Column::UseridKey))
        .to((member::Column::DataSourceId, member::Column::UseridKey));
    access_request::Entity::find()
        .join(JoinType::InnerJoin, to_member.into())
        .filter(Column::MemberId.is_null())
        .filter(Column::CreatedAt.gt(since.millis()))
        .filter(member::Column::State.eq("present"))
}

fn of_nobody() -> Select<access_request::Entity> {
    let gone = Condition::any()
        .add(member::Column::Id.is_null())
        .add(member::Column::State.ne("present"))
        .add(differs());
    let to_member = access_request::Entity::belongs_to(member::Entity)
        .from(Column::MemberId)
        .to(member::Column::Id);
    access_request::Entity::find()
        .join(JoinType::LeftJoin, to_member.into())
        .filter(Column::State.eq(State::Open.word()))
        .filter(Column::MemberId.is_not_null())
        .filter(gone)
}

/// Whether this user may sign in, as it stands in this transaction.
pub(in crate::requests) async fn is_active<C: ConnectionTrait>(tx: &C, user: Uuid) -> Result<bool, DbErr> {
    let found = users::Entity::find_by_id(user)
        .filter(users::Column::Status.eq("active"))
        .count(tx);
    Ok(found.await? > 0)
}

/// How an admin decided that this member stays out, as it stands in this transaction.
pub(in crate::requests) async fn left_out<C: ConnectionTrait>(tx: &C, member: Uuid) -> Result<Option<LeftOut>, DbErr> {
    let outcome: Option<String> = member::Entity::find_by_id(member)
        .select_only()
        .column(member::Column::ImportOutcome)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(LeftOut::ALL
        .into_iter()
        .find(|out| outcome.as_deref() == Some(out.word())))
}

/// Whether users of this data source may sign in, as it stands in this transaction. Whoever switches it off waits until the transaction ends.
pub(in crate::requests) async fn takes_users<C: ConnectionTrait>(tx: &C, id: Uuid) -> Result<bool, DbErr> {
    let row = data_source::Entity::find_by_id(id).lock_shared().one(tx).await?;
    Ok(row.is_some_and(|row| row.enabled))
}
