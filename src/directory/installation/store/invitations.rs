//! Queries of invitations: each is redeemed once, by whoever made it.

use entity::suite_invitation::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    directory::{
        importing::rules::ImportMode,
        installation::model::{Invitation, Way},
        store::Change,
    },
    kernel::{clock::Timestamp, failure::Result},
    store::{AnyRow, Database, database::unreadable},
};

fn from_row(row: Model) -> Result<Invitation, DbErr> {
    Ok(Invitation {
        id: row.id,
        suite: row.suite,
        way: Way::of(&row.way).ok_or_else(|| unreadable("suite_invitation.way"))?,
        import: ImportMode::of(&row.import_mode).ok_or_else(|| unreadable("suite_invitation.import_mode"))?,
        qr_sealed: row.qr_sealed,
        created_by: row.created_by,
        created_at: row.created_at,
        expires_at: row.expires_at,
        used_at: row.used_at,
        has_code: row.auth_code_digest.is_some(),
        fulfilled_at: row.fulfilled_at,
        installation: row.installation,
        refused: row
            .refused
            .map(|number| (number, row.refused_detail.unwrap_or_default())),
    })
}

/// Adds an invitation.
pub(in crate::directory::installation) async fn insert(
    change: &Change,
    new: &Invitation,
    state_digest: String,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(new.id),
        suite: Set(new.suite),
        state_digest: Set(state_digest),
        way: Set(new.way.word().to_owned()),
        import_mode: Set(new.import.word().to_owned()),
        qr_sealed: Set(new.qr_sealed.clone()),
        created_by: Set(new.created_by.clone()),
        created_at: Set(new.created_at),
        expires_at: Set(new.expires_at),
        used_at: Set(None),
        auth_code_digest: Set(None),
        auth_code_sealed: Set(None),
        scan_digest: Set(None),
        scan_expires_at: Set(None),
        fulfilled_at: Set(None),
        installation: Set(None),
        refused: Set(None),
        refused_detail: Set(None),
    };
    Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await
        .map(|_| ())
}

/// One invitation.
pub(in crate::directory::installation) async fn find(db: &Database, id: Uuid) -> Result<Option<Invitation>> {
    let row = Entity::find_by_id(id).one(db.reader()).await?;
    Ok(row.map(from_row).transpose()?)
}

/// The invitation of this `state`.
pub(in crate::directory::installation) async fn of_state(db: &Database, digest: &str) -> Result<Option<Invitation>> {
    let row = Entity::find()
        .filter(Column::StateDigest.eq(digest))
        .one(db.reader())
        .await?;
    Ok(row.map(from_row).transpose()?)
}

/// The invitation that came back with this auth code.
pub(in crate::directory::installation) async fn of_code<C: ConnectionTrait>(
    connection: &C,
    suite: Uuid,
    digest: &str,
) -> Result<Option<Invitation>, DbErr> {
    let row = Entity::find()
        .filter(Column::Suite.eq(suite))
        .filter(Column::AuthCodeDigest.eq(digest))
        .one(connection)
        .await?;
    row.map(from_row).transpose()
}

/// Redeems an invitation with the auth code it came back with: of any number of tries at once the one statement holds for the first.
pub(in crate::directory::installation) async fn redeem(
    db: &Database,
    id: Uuid,
    (code_digest, code_sealed): (&str, String),
    now: Timestamp,
) -> Result<bool> {
    let redeemed = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now.millis()))
        .col_expr(Column::AuthCodeDigest, Expr::value(code_digest))
        .col_expr(Column::AuthCodeSealed, Expr::value(code_sealed))
        .filter(Column::Id.eq(id))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.millis()))
        .exec(db.writer())
        .await?;
    Ok(redeemed.rows_affected == 1)
}

/// Takes that back where WeCom did not answer: the code may be tried again.
pub(in crate::directory::installation) async fn release(db: &Database, id: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(None::<i64>))
        .col_expr(Column::AuthCodeDigest, Expr::value(None::<String>))
        .col_expr(Column::AuthCodeSealed, Expr::value(None::<String>))
        .filter(Column::Id.eq(id))
        .filter(Column::Installation.is_null())
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Drops the code that an invitation came back with, once it is exchanged.
pub(in crate::directory::installation) async fn exchanged<C: ConnectionTrait>(
    tx: &C,
    suite: Uuid,
    digest: &str,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::AuthCodeSealed, Expr::value(None::<String>))
        .filter(Column::Suite.eq(suite))
        .filter(Column::AuthCodeDigest.eq(digest))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Says that nothing comes of an invitation any more, and for which reason: its number and words. False where it was fulfilled meanwhile.
pub(in crate::directory::installation) async fn give_up(
    db: &Database,
    id: Uuid,
    (number, detail): (&str, &str),
) -> Result<bool> {
    let given_up = Entity::update_many()
        .col_expr(Column::Refused, Expr::value(number))
        .col_expr(Column::RefusedDetail, Expr::value(detail))
        .col_expr(Column::AuthCodeSealed, Expr::value(None::<String>))
        .col_expr(Column::AuthCodeDigest, Expr::value(None::<String>))
        .filter(Column::Id.eq(id))
        .filter(Column::FulfilledAt.is_null())
        .exec(db.writer())
        .await?;
    Ok(given_up.rows_affected > 0)
}

/// Whether there is any of [`unfinished`].
pub(in crate::directory::installation) fn any_unfinished(before: Timestamp) -> AnyRow {
    AnyRow::of(is_unfinished(before))
}

fn is_unfinished(before: Timestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::AuthCodeSealed.is_not_null())
        .filter(Column::UsedAt.lte(before.millis()))
}

/// The invitations whose code was to be exchanged since before this moment, each with the code: whoever was to do so is dead.
pub(in crate::directory::installation) async fn unfinished(
    db: &Database,
    before: Timestamp,
) -> Result<Vec<(Invitation, String)>> {
    let rows = is_unfinished(before).limit(50).all(db.reader()).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(sealed) = row.auth_code_sealed.clone() {
            found.push((from_row(row)?, sealed));
        }
    }
    Ok(found)
}

/// Notes which installation is taken for that of an invitation, as long as none was bound by it.
pub(in crate::directory::installation) async fn hint<C: ConnectionTrait>(
    tx: &C,
    id: Uuid,
    installation: Uuid,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Installation, Expr::value(installation))
        .filter(Column::Id.eq(id))
        .filter(Column::FulfilledAt.is_null())
        .exec(tx)
        .await
        .map(|_| ())
}

/// Notes what an invitation led to, in the transaction that binds.
pub(in crate::directory::installation) async fn fulfil<C: ConnectionTrait>(
    tx: &C,
    id: Uuid,
    installation: Uuid,
    now: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Installation, Expr::value(installation))
        .col_expr(Column::UsedAt, Expr::value(now.millis()))
        .col_expr(Column::FulfilledAt, Expr::value(now.millis()))
        .col_expr(Column::QrSealed, Expr::value(None::<String>))
        .col_expr(Column::ScanDigest, Expr::value(None::<String>))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Begins a scan, in the place of one that was begun before.
pub(in crate::directory::installation) async fn begin_scan(
    db: &Database,
    id: Uuid,
    (digest, until): (&str, Timestamp),
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ScanDigest, Expr::value(digest))
        .col_expr(Column::ScanExpiresAt, Expr::value(until.millis()))
        .filter(Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// The invitation of this person whose scan this is, used up by this statement; `None`: there is no such scan, it is over, or was used.
pub(in crate::directory::installation) async fn take_scan(
    db: &Database,
    (digest, actor): (&str, &str),
    now: Timestamp,
) -> Result<Option<Invitation>> {
    let theirs = Condition::all()
        .add(Column::ScanDigest.eq(digest))
        .add(Column::CreatedBy.eq(actor));
    let Some(row) = Entity::find().filter(theirs).one(db.reader()).await? else {
        return Ok(None);
    };
    let still = Condition::all()
        .add(Column::Id.eq(row.id))
        .add(Column::ScanDigest.eq(digest))
        .add(Column::ScanExpiresAt.gt(now.millis()));
    let taken = Entity::update_many()
        .col_expr(Column::ScanDigest, Expr::value(None::<String>))
        .filter(still)
        .exec(db.writer())
        .await?;
    Ok((taken.rows_affected == 1).then(|| from_row(row)).transpose()?)
}
