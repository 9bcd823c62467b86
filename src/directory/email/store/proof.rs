//! Proofs: a link that was mailed was followed, so mail reaches this user at this address. Of one user at a time: who proved it last. An address that
//! somebody has proven is verified for nobody else.

use entity::users;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};
use uuid::Uuid;

/// Locks whoever has this address, or has proven it, and this user, in the order in which everybody locks them.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_holders<C: ConnectionTrait>(tx: &C, user: Uuid, address: &str) -> Result<(), DbErr> {
    let key = address.to_lowercase();
    let holders = Condition::any()
        .add(users::Column::Id.eq(user))
        .add(users::Column::EmailProven.eq(key.as_str()))
        .add(lower_email().eq(key.as_str()));
    users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(holders)
        .order_by_asc(users::Column::Id)
        .lock_exclusive()
        .into_tuple::<Uuid>()
        .all(tx)
        .await
        .map(drop)
}

/// Whether another active user has proven this address.
///
/// # Errors
/// When the database does not answer.
pub async fn is_anothers<C: ConnectionTrait>(connection: &C, user: Uuid, address: &str) -> Result<bool, DbErr> {
    let others = users::Entity::find()
        .filter(users::Column::EmailProven.eq(address.to_lowercase()))
        .filter(users::Column::Status.eq("active"))
        .filter(users::Column::Id.ne(user));
    Ok(others.count(connection).await? > 0)
}

/// Writes that this user, who has the address and whom [`lock_holders`] locked, gets mail there; answers whose verification of it ended.
///
/// # Errors
/// When the database does not answer.
pub async fn prove<C: ConnectionTrait>(tx: &C, user: Uuid, address: &str, now: i64) -> Result<Vec<Uuid>, DbErr> {
    let key = address.to_lowercase();
    let others = |condition: Condition| condition.add(users::Column::Id.ne(user));
    users::Entity::update_many()
        .col_expr(users::Column::EmailProven, Expr::value(None::<String>))
        .filter(others(
            Condition::all().add(users::Column::EmailProven.eq(key.as_str())),
        ))
        .exec(tx)
        .await?;
    let verified = others(
        Condition::all()
            .add(users::Column::EmailVerified.eq(true))
            .add(lower_email().eq(key.as_str())),
    );
    let ended: Vec<Uuid> = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(verified.clone())
        .into_tuple()
        .all(tx)
        .await?;
    users::Entity::update_many()
        .col_expr(users::Column::EmailVerified, Expr::value(false))
        .col_expr(users::Column::UpdatedAt, Expr::value(now))
        .filter(verified)
        .exec(tx)
        .await?;
    users::Entity::update_many()
        .col_expr(users::Column::EmailProven, Expr::value(key))
        .col_expr(users::Column::EmailVerified, Expr::value(true))
        .col_expr(users::Column::UpdatedAt, Expr::value(now))
        .filter(users::Column::Id.eq(user))
        .exec(tx)
        .await?;
    Ok(ended)
}

/// Forgets what these users have proven: behind their names may be others by now. What an admin vouches for is settled afterwards.
///
/// # Errors
/// When the database does not answer.
pub async fn forget<C: ConnectionTrait>(tx: &C, ids: &[Uuid]) -> Result<(), DbErr> {
    users::Entity::update_many()
        .col_expr(users::Column::EmailProven, Expr::value(None::<String>))
        .col_expr(users::Column::EmailVerified, Expr::value(false))
        .filter(users::Column::Id.is_in(ids.iter().copied()))
        .filter(users::Column::EmailProven.is_not_null())
        .exec(tx)
        .await
        .map(drop)
}

pub(super) fn lower_email() -> SimpleExpr {
    Expr::expr(Func::lower(Expr::col(users::Column::Email)))
}
