//! Writes audit events, also inside the transaction of the change they record, so that both are committed together.

use entity::{audit_event, failure_trace};
use futures_util::FutureExt;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, sea_query::OnConflict};

use super::{Record, Trace, about::About};
use crate::{
    kernel::{clock::Timestamp, entropy::Entropy},
    store::Database,
};

/// An event as a row.
pub fn row(entropy: &Entropy, now: Timestamp, record: Record) -> audit_event::ActiveModel {
    let about = About::of(&record);
    audit_event::ActiveModel {
        id: Set(entropy.id(now)),
        at: Set(now.millis()),
        kind: Set(record.kind.word().to_owned()),
        actor: Set(record.actor),
        subject: Set(record.subject),
        reference: Set(record.reference),
        number: Set(record.number.map(str::to_owned)),
        detail: Set(record.detail),
        user_id: Set(about.user_id),
        member_id: Set(about.member_id),
        client_id: Set(about.client_id),
        data_source_id: Set(about.data_source_id),
    }
}

/// Writes one event.
///
/// # Errors
/// When the database does not take it.
pub async fn insert_in_transaction(
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

/// Writes one event by itself, sharing the `fsync` with others (group commit). Events are not cached, so no counter is raised.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(database: &Database, entropy: &Entropy, now: Timestamp, event: Record) -> Result<(), DbErr> {
    let entropy = entropy.clone();
    let write = database.write(move |transaction| {
        let (entropy, event) = (entropy.clone(), event.clone());
        async move { insert_in_transaction(transaction, &entropy, now, event).await }.boxed()
    });
    write.await
}

/// Writes a trace by itself, as [`insert`] does. Of a failure that was told more than once under one reference the last is kept.
///
/// # Errors
/// When the database does not take it.
pub async fn insert_trace(database: &Database, now: Timestamp, trace: Trace) -> Result<(), DbErr> {
    let write = database.write(move |transaction| {
        let trace = trace.clone();
        async move {
            let row = failure_trace::ActiveModel {
                reference: Set(trace.reference),
                at: Set(now.millis()),
                number: Set(trace.number.to_owned()),
                detail: Set(trace.detail),
            };
            let again = OnConflict::column(failure_trace::Column::Reference)
                .update_columns([
                    failure_trace::Column::At,
                    failure_trace::Column::Number,
                    failure_trace::Column::Detail,
                ])
                .to_owned();
            failure_trace::Entity::insert(row)
                .on_conflict(again)
                .exec_without_returning(transaction)
                .await
                .map(|_| ())
        }
        .boxed()
    });
    write.await
}
