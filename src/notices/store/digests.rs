//! Gathers what waits for a digest: the oldest row of a subscription carries the others.

use entity::notice_delivery::{Column, Entity};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    kernel::clock::Timestamp,
    notices::delivery::State,
    store::{AnyRow, Database},
};

fn waiting(now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::State.eq(State::Held.word()))
        .add(Column::Digest.eq(true))
        .add(Column::DigestOf.is_null())
        .add(Column::NextAt.lte(now.millis()))
}

/// Whether a digest is to be gathered, or something waits for a carrier that is sent no more.
pub(in crate::notices) fn any_due(now: Timestamp) -> [AnyRow; 2] {
    [Entity::find().filter(waiting(now)), lost()].map(AnyRow::of)
}

/// Gathers the digests whose moment has come. Replicas may do it at once: whoever makes the oldest row pending carries the others with it, and the other finds it
/// pending.
pub(in crate::notices) async fn gather(database: &Database, now: Timestamp) -> Result<(), DbErr> {
    let subscriptions: Vec<Option<Uuid>> = Entity::find()
        .select_only()
        .column(Column::SubscriptionId)
        .distinct()
        .filter(waiting(now))
        .into_tuple()
        .all(database.reader())
        .await?;
    for subscription in subscriptions.into_iter().flatten() {
        gather_one(database, subscription, now).await?;
    }
    free_lost(database).await
}

/// Frees what this row carried and has not delivered, so that it is gathered anew.
pub(in crate::notices) async fn free<C: ConnectionTrait>(connection: &C, carrier: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DigestOf, Expr::value(None::<Uuid>))
        .filter(Column::DigestOf.eq(carrier))
        .filter(Column::Id.ne(carrier))
        .filter(Column::State.eq(State::Held.word()))
        .exec(connection)
        .await
        .map(drop)
}

/// What waits for a carrier that is sent no more.
fn lost() -> Select<Entity> {
    let carriers = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(State::Pending.word()))
        .filter(Column::DigestOf.is_not_null());
    Entity::find()
        .filter(Column::State.eq(State::Held.word()))
        .filter(Column::DigestOf.is_not_null())
        .filter(Column::DigestOf.not_in_subquery(carriers.into_query()))
}

/// Frees it.
async fn free_lost(database: &Database) -> Result<(), DbErr> {
    let lost: Vec<Option<Uuid>> = lost()
        .select_only()
        .column(Column::DigestOf)
        .distinct()
        .into_tuple()
        .all(database.reader())
        .await?;
    for carrier in lost.into_iter().flatten() {
        free(database.writer(), carrier).await?;
    }
    Ok(())
}

async fn gather_one(database: &Database, subscription: Uuid, now: Timestamp) -> Result<(), DbErr> {
    let of_it = waiting(now).add(Column::SubscriptionId.eq(subscription));
    let transaction = database.begin().await?;
    let oldest = Entity::find()
        .filter(of_it.clone())
        .order_by_asc(Column::Id)
        .one(&transaction)
        .await?;
    let Some(oldest) = oldest else { return Ok(()) };
    let carrier = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Pending.word()))
        .col_expr(Column::DigestOf, Expr::value(oldest.id))
        .filter(Column::Id.eq(oldest.id))
        .filter(waiting(now))
        .exec(&transaction)
        .await?;
    if carrier.rows_affected == 1 {
        Entity::update_many()
            .col_expr(Column::DigestOf, Expr::value(oldest.id))
            .filter(of_it)
            .exec(&transaction)
            .await?;
    }
    transaction.commit().await
}
