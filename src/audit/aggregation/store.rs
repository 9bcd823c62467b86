//! Writes the rows of aggregated events.

use entity::audit_event;
use futures_util::FutureExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    audit::{Record, store::row},
    kernel::{clock::Timestamp, entropy::Entropy},
    store::Database,
};

/// Inserts the row of the first event, sharing the `fsync` with others.
pub(super) async fn insert(
    database: &Database,
    entropy: &Entropy,
    (now, id): (Timestamp, Uuid),
    record: Record,
) -> Result<(), DbErr> {
    let mut row = row(entropy, now, record);
    row.id = Set(id);
    let write = database.write(move |transaction| {
        let row = row.clone();
        async move {
            let insert = audit_event::Entity::insert(row);
            insert.exec_without_returning(transaction).await.map(|_| ())
        }
        .boxed()
    });
    write.await
}

/// Writes what a row has counted meanwhile. One that was removed as too old stays removed.
pub(super) async fn update(database: &Database, id: Uuid, detail: Value) -> Result<(), DbErr> {
    let write = database.write(move |transaction| {
        let detail = detail.clone();
        async move {
            let change = audit_event::ActiveModel {
                detail: Set(detail),
                ..Default::default()
            };
            audit_event::Entity::update_many()
                .set(change)
                .filter(audit_event::Column::Id.eq(id))
                .exec(transaction)
                .await
                .map(|_| ())
        }
        .boxed()
    });
    write.await
}
