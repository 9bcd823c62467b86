//! Writing events, also inside somebody's transaction: an event and what it tells of become true together.

use entity::audit_event;
use futures_util::FutureExt;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};

use super::Record;
use crate::{
    kernel::{clock::Timestamp, entropy::Entropy},
    store::Database,
};

/// An event as a row.
pub fn row(entropy: &Entropy, now: Timestamp, record: Record) -> audit_event::ActiveModel {
    audit_event::ActiveModel {
        id: Set(entropy.id(now)),
        at: Set(now.millis()),
        kind: Set(record.kind.word().to_owned()),
        actor: Set(record.actor),
        subject: Set(record.subject),
        reference: Set(record.reference),
        number: Set(record.number.map(str::to_owned)),
        detail: Set(record.detail),
    }
}

/// Writes one event.
///
/// # Errors
/// When the database does not take it.
pub async fn record(
    connection: &impl ConnectionTrait,
    entropy: &Entropy,
    now: Timestamp,
    record: Record,
) -> Result<(), DbErr> {
    audit_event::Entity::insert(row(entropy, now, record))
        .exec_without_returning(connection)
        .await
        .map(|_| ())
}

/// Writes one event that stands for itself, sharing the wait for the disk with others. Nobody remembers events, so nobody is given notice.
///
/// # Errors
/// When the database does not take it.
pub async fn add(database: &Database, entropy: &Entropy, now: Timestamp, event: Record) -> Result<(), DbErr> {
    let entropy = entropy.clone();
    let write = database.write(move |transaction| {
        let (entropy, event) = (entropy.clone(), event.clone());
        async move { record(transaction, &entropy, now, event).await }.boxed()
    });
    write.await
}
