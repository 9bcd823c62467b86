//! Settles e-mail addresses after a run: what is whose has changed.

use std::collections::HashSet;

use entity::sync_row;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::{Stored, fence, journal};
use crate::{
    directory::{
        email::{self, Address, EmailOrigin, Settled},
        sync::{
            journal::{Entry, Image, Subject, diff},
            plan::model::RowOutcome,
            run_context::{BATCH, Job},
        },
    },
    kernel::failure::Result,
};

/// Fills gaps by the templates, and verifies anew. Whom this run created has no row of their own for it: that is part of their creation.
pub async fn settle(job: &Job<'_>) -> Result<()> {
    let tx = fence::begin(job).await?;
    let mut settled = email::store::settle_all(&tx, job.clock.now().millis()).await?;
    if !settled.is_empty() {
        let created = created(&tx, job).await?;
        settled.retain(|settled| !created.contains(&settled.holder.id));
    }
    for settled in settled.chunks(BATCH) {
        let entries: Vec<Entry> = settled.iter().map(entry).collect();
        journal::write(&tx, job, &entries).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The users this run created together with their members.
async fn created<C: ConnectionTrait>(tx: &C, job: &Job<'_>) -> Stored<HashSet<Uuid>> {
    let found: Vec<Option<Uuid>> = sync_row::Entity::find()
        .select_only()
        .column(sync_row::Column::UserId)
        .filter(sync_row::Column::RunId.eq(job.run_id()))
        .filter(sync_row::Column::Outcome.eq(RowOutcome::Created.as_str()))
        .filter(sync_row::Column::Changes.is_null())
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().flatten().collect())
}

fn entry(settled: &Settled) -> Entry {
    let holder = &settled.holder;
    Entry {
        subject: Subject::User,
        subject_id: Some(holder.id),
        user_id: Some(holder.id),
        userid: holder.userid.clone().unwrap_or_default(),
        outcome: RowOutcome::Updated,
        reason: "the address follows from the settings of the data sources".to_owned(),
        changes: diff(Some(&image(&holder.address)), Some(&image(&settled.address))),
    }
}

fn image(address: &Address) -> Image {
    Image::from([
        ("user.email", json!(address.email)),
        ("user.email_origin", json!(address.origin.map(EmailOrigin::word))),
        ("user.email_verified", json!(address.verified)),
    ])
}
