//! Queries of the members whom events are about and who are still to be looked at. A row goes only when the look was made; a claim is a date
//! in it, which runs out by itself. A changed userid that no look could decide stays until a sync has weighed it (`directory::sync::store::told`).

use entity::{callback_endpoint, pending_look};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Func, OnConflict, SelectStatement},
};
use uuid::Uuid;

use crate::{
    directory::{
        sync::snapshot::key,
        wecom_events::pending_look::{CARRIED_OUT, CLAIM, PendingLook, RENAMED, Told},
    },
    kernel::{clock::Timestamp, failure::Result},
    store::{AnyRow, Database, database::unreadable},
};

type Column = pending_look::Column;

/// Members of one data source kept at most; whoever comes after them is found by a sync.
const MOST: u64 = 1000;
/// Rows read in one go.
const ROUND: u64 = 200;

/// Counts who is to be looked at.
pub async fn count(db: &Database) -> Result<u64> {
    let waiting = pending_look::Entity::find().filter(Column::LeftAt.is_null());
    Ok(waiting.count(db.reader()).await?)
}

/// Records a member, claimed by the caller, who looks at once; one told of before is told of anew. `None`: there are too many already.
pub async fn add(db: &Database, look: PendingLook) -> Result<Option<PendingLook>> {
    let of_source = Column::DataSourceId.eq(look.data_source);
    let tx = db.begin().await?;
    let waiting = pending_look::Entity::find().filter(of_source.and(Column::LeftAt.is_null()));
    if waiting.count(&tx).await? >= MOST {
        return Ok(None);
    }
    let next_at = look.told_at.plus(CLAIM);
    let new_userid = match &look.told {
        Told::RenamedTo(new) => Some(new.clone()),
        Told::Left | Told::Created | Told::LeftScope(_) => None,
    };
    let row = pending_look::ActiveModel {
        data_source_id: Set(look.data_source),
        userid_key: Set(key(&look.userid)),
        kind: Set(look.word().into_owned()),
        userid: Set(look.userid.clone()),
        new_userid: Set(new_userid),
        told_at: Set(look.told_at.millis()),
        next_at: Set(next_at.millis()),
        attempts: Set(1),
        happened_at: Set(Some(look.happened_at.millis())),
        left_at: Set(None),
    };
    let again = OnConflict::columns([Column::DataSourceId, Column::UseridKey, Column::Kind])
        .update_columns([
            Column::Userid,
            Column::NewUserid,
            Column::ToldAt,
            Column::NextAt,
            Column::HappenedAt,
            Column::LeftAt,
        ])
        .value(
            Column::Attempts,
            Expr::col((pending_look::Entity, Column::Attempts)).add(1),
        )
        .to_owned();
    pending_look::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(&tx)
        .await?;
    let kept = pending_look::Entity::find().filter(same(&look)).one(&tx).await?;
    tx.commit().await?;
    let kept = kept.ok_or_else(|| unreadable("pending_look"))?;
    Ok(Some(PendingLook {
        next_at,
        attempts: attempts(kept.attempts),
        ..look
    }))
}

/// Whether somebody is due.
pub fn any_due(now: Timestamp) -> AnyRow {
    AnyRow::of(pending_look::Entity::find().filter(Column::NextAt.lte(now.millis())))
}

/// Lists who is due, the longest waiting first.
pub async fn due(db: &Database, now: Timestamp) -> Result<Vec<PendingLook>> {
    let rows = pending_look::Entity::find()
        .filter(Column::NextAt.lte(now.millis()))
        .order_by_asc(Column::NextAt)
        .limit(ROUND)
        .all(db.reader())
        .await?;
    let looks = rows.into_iter().map(|row| {
        Ok(PendingLook {
            data_source: row.data_source_id,
            userid: row.userid,
            told: Told::of_word(&row.kind, row.new_userid).ok_or_else(|| unreadable("pending_look.kind"))?,
            told_at: Timestamp::from_millis(row.told_at),
            happened_at: Timestamp::from_millis(row.happened_at.unwrap_or(row.told_at)),
            next_at: Timestamp::from_millis(row.next_at),
            attempts: attempts(row.attempts),
        })
    });
    looks.collect()
}

/// Claims a due member; `None` when another replica did, or WeCom told of them again.
pub async fn claim(db: &Database, look: &PendingLook, now: Timestamp) -> Result<Option<PendingLook>> {
    let claimed = PendingLook {
        next_at: now.plus(CLAIM),
        attempts: look.attempts.saturating_add(1),
        ..look.clone()
    };
    let updated = pending_look::Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(claimed.next_at.millis()))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(unchanged(look))
        .exec(db.writer())
        .await?;
    Ok((updated.rows_affected == 1).then_some(claimed))
}

/// Sets when a claimed member is looked at again.
pub async fn postpone(db: &Database, look: &PendingLook, next: Timestamp) -> Result<()> {
    pending_look::Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(next.millis()))
        .filter(unchanged(look))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Removes a claimed member, who was looked at, unless WeCom told of them again meanwhile.
pub async fn finish(db: &Database, look: &PendingLook) -> Result<()> {
    pending_look::Entity::delete_many()
        .filter(unchanged(look))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// What becomes of what was told where a sync follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The sync is to weigh it: it stays until then.
    ToBeWeighed,
    /// It was carried out, which is remembered for a while.
    CarriedOut,
    /// It is over.
    Over,
}

/// Leaves a claimed member to a sync, which is outstanding from here on and due at `at`; both in one transaction.
pub async fn leave_to_sync(db: &Database, look: &PendingLook, left: Left, at: Timestamp) -> Result<()> {
    let retry = callback_endpoint::Column::RetryAt;
    let told = callback_endpoint::Column::Told;
    let tx = db.begin().await?;
    callback_endpoint::Entity::update_many()
        .col_expr(told, Expr::col(told).add(1))
        .col_expr(
            retry,
            Func::coalesce([Expr::col(retry), Expr::value(at.millis())]).into(),
        )
        .filter(callback_endpoint::Column::DataSourceId.eq(look.data_source))
        .exec(&tx)
        .await?;
    let of_source = Column::DataSourceId.eq(look.data_source);
    let waiting = pending_look::Entity::find()
        .filter(of_source.and(Column::Kind.starts_with(RENAMED)))
        .filter(Column::LeftAt.is_not_null());
    let is_room = left == Left::ToBeWeighed && waiting.count(&tx).await? < MOST;
    let word = match left {
        Left::ToBeWeighed if is_room => Some(look.word().into_owned()),
        Left::CarriedOut => Some(format!("{CARRIED_OUT}{}/{}", Uuid::nil(), look.word())),
        Left::ToBeWeighed | Left::Over => None,
    };
    let kept = match &word {
        Some(word) => {
            pending_look::Entity::update_many()
                .col_expr(Column::Kind, Expr::value(word.as_str()))
                .col_expr(Column::LeftAt, Expr::value(at.millis()))
                .col_expr(Column::NextAt, Expr::value(i64::MAX))
                .filter(unchanged(look))
                .filter(Expr::exists(another(look, word)).not())
                .exec(&tx)
                .await?
                .rows_affected
        }
        None => 0,
    };
    if kept == 0 {
        pending_look::Entity::delete_many()
            .filter(unchanged(look))
            .exec(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends all claims, for a process that knows that nobody else is left.
pub async fn release_claims(db: &Database, now: Timestamp) -> Result<()> {
    pending_look::Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(now.millis()))
        .filter(Column::NextAt.gt(now.millis()))
        .filter(Column::LeftAt.is_null())
        .exec(db.writer())
        .await?;
    let retry = callback_endpoint::Column::RetryAt;
    callback_endpoint::Entity::update_many()
        .col_expr(retry, Expr::value(now.millis()))
        .filter(retry.gt(now.millis()))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// The row that bears this word already, unless it is this one.
fn another(look: &PendingLook, word: &str) -> SelectStatement {
    pending_look::Entity::find()
        .filter(Column::DataSourceId.eq(look.data_source))
        .filter(Column::UseridKey.eq(key(&look.userid)))
        .filter(Column::Kind.eq(word))
        .filter(Column::Kind.ne(look.word().into_owned()))
        .into_query()
}

fn same(look: &PendingLook) -> Condition {
    let kind = Column::Kind.eq(look.word().into_owned());
    let kind = match &look.told {
        // An older version kept one of each old userid.
        Told::RenamedTo(new) => kind.or(Column::Kind.eq(RENAMED).and(Column::NewUserid.eq(new.as_str()))),
        Told::Left | Told::Created | Told::LeftScope(_) => kind,
    };
    Condition::all()
        .add(Column::DataSourceId.eq(look.data_source))
        .add(Column::UseridKey.eq(key(&look.userid)))
        .add(kind)
}

fn unchanged(look: &PendingLook) -> Condition {
    same(look)
        .add(Column::NextAt.eq(look.next_at.millis()))
        .add(Column::Attempts.eq(i32::try_from(look.attempts).unwrap_or(i32::MAX)))
}

fn attempts(stored: i32) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}
