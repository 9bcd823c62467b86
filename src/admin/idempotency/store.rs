//! Queries of idempotency keys. Each step is one conditional statement, so that of many replicas one wins.

use entity::idempotency_key;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::model::{Claim, KeptReply, KeyedRequest, LEASE, LIFETIME};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::{Database, UniqueRow, database::unreadable},
};

/// Claims a key that nobody has used; `None` when somebody has.
pub(super) async fn insert(
    database: &Database,
    request: &KeyedRequest,
    holder: Uuid,
    now: Timestamp,
) -> Result<Option<Claim>> {
    let row = idempotency_key::ActiveModel {
        id: Set(holder),
        token_id: Set(request.token),
        key: Set(request.key.as_str().to_owned()),
        fingerprint: Set(request.fingerprint.clone()),
        claim: Set(holder),
        leased_until: Set(now.plus(LEASE).millis()),
        finished_at: Set(None),
        reply: Set(None),
        created_at: Set(now.millis()),
        expires_at: Set(now.plus(LIFETIME).millis()),
    };
    let used = OnConflict::columns([idempotency_key::Column::TokenId, idempotency_key::Column::Key])
        .do_nothing()
        .to_owned();
    let inserted = idempotency_key::Entity::insert(row)
        .on_conflict(used)
        .exec_without_returning(database.writer())
        .await?;
    Ok((inserted > 0).then_some(Claim { row: holder, holder }))
}

/// The row of a key.
pub(super) async fn find(database: &Database, request: &KeyedRequest) -> Result<Option<idempotency_key::Model>> {
    let row = idempotency_key::Entity::find()
        .filter(idempotency_key::Column::TokenId.eq(request.token))
        .filter(idempotency_key::Column::Key.eq(request.key.as_str()))
        .unique_row(database.reader())
        .await?;
    Ok(row)
}

/// Claims a key that has expired, or whose holder gave no sign of life; `None` when somebody else was faster. The row keeps its id, but a new
/// claim: whoever had it can neither keep an answer under it nor give it back.
pub(super) async fn take_over(
    database: &Database,
    found: &idempotency_key::Model,
    request: &KeyedRequest,
    (holder, now): (Uuid, Timestamp),
) -> Result<Option<Claim>> {
    let lapsed = Condition::all()
        .add(idempotency_key::Column::FinishedAt.is_null())
        .add(idempotency_key::Column::LeasedUntil.lte(now.millis()));
    let free = Condition::any()
        .add(idempotency_key::Column::ExpiresAt.lte(now.millis()))
        .add(lapsed);
    let taken = idempotency_key::Entity::update_many()
        .set(idempotency_key::ActiveModel {
            fingerprint: Set(request.fingerprint.clone()),
            claim: Set(holder),
            leased_until: Set(now.plus(LEASE).millis()),
            finished_at: Set(None),
            reply: Set(None),
            created_at: Set(now.millis()),
            expires_at: Set(now.plus(LIFETIME).millis()),
            ..Default::default()
        })
        .filter(idempotency_key::Column::Id.eq(found.id))
        .filter(idempotency_key::Column::Claim.eq(found.claim))
        .filter(free)
        .exec(database.writer())
        .await?;
    let claim = Claim { row: found.id, holder };
    Ok((taken.rows_affected > 0).then_some(claim))
}

fn held(claim: Claim) -> Condition {
    Condition::all()
        .add(idempotency_key::Column::Id.eq(claim.row))
        .add(idempotency_key::Column::Claim.eq(claim.holder))
        .add(idempotency_key::Column::FinishedAt.is_null())
}

/// Prolongs a claim by its full term.
pub(super) async fn renew(database: &Database, claim: Claim, now: Timestamp) -> Result<()> {
    let until = Expr::value(now.plus(LEASE).millis());
    idempotency_key::Entity::update_many()
        .col_expr(idempotency_key::Column::LeasedUntil, until)
        .filter(held(claim))
        .exec(database.writer())
        .await?;
    Ok(())
}

/// Keeps the sealed answer, unless somebody took the claim over.
pub(super) async fn finish(database: &Database, claim: Claim, sealed: Option<String>, now: Timestamp) -> Result<()> {
    idempotency_key::Entity::update_many()
        .set(idempotency_key::ActiveModel {
            finished_at: Set(Some(now.millis())),
            reply: Set(sealed),
            ..Default::default()
        })
        .filter(held(claim))
        .exec(database.writer())
        .await?;
    Ok(())
}

/// Gives a key back, unless somebody took the claim over.
pub(super) async fn release(database: &Database, claim: Claim) -> Result<()> {
    idempotency_key::Entity::delete_many()
        .filter(held(claim))
        .exec(database.writer())
        .await?;
    Ok(())
}

/// Reads an answer as it was kept.
pub(super) fn read_reply(text: &[u8]) -> Result<KeptReply> {
    Ok(serde_json::from_slice(text).map_err(|_| unreadable("idempotency_key.reply"))?)
}
