//! Settles e-mail addresses after a run: what is whose has changed.

use serde_json::{Value, json};

use super::{fence, journal};
use crate::{
    directory::{
        email::{self, Settled},
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
    if !email::store::is_unsettled(job.db.reader()).await? {
        return Ok(());
    }
    let tx = fence::begin(job).await?;
    let mut settled = email::store::settle_all(&tx, job.clock.now().millis()).await?;
    let created = |user| job.run.is_some_and(|run| run.has_created(user));
    settled.retain(|settled| !created(settled.holder.id));
    for settled in settled.chunks(BATCH) {
        let entries: Vec<Entry> = settled.iter().map(entry).collect();
        journal::write(&tx, job, &entries).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn entry(settled: &Settled) -> Entry {
    let holder = &settled.holder;
    let (given, now_given) = &settled.provenance;
    let before = image((&holder.address.email, holder.address.verified, given));
    let after = image((&settled.address.email, settled.address.verified, now_given));
    Entry {
        subject: Subject::User,
        subject_id: Some(holder.id),
        user_id: Some(holder.id),
        userid: holder.userid.clone().unwrap_or_default(),
        outcome: RowOutcome::Updated,
        reason: "the address follows from the settings of the data sources".to_owned(),
        changes: diff(Some(&before), Some(&after)),
    }
}

fn image((email, verified, provenance): (&Option<String>, bool, &Value)) -> Image {
    Image::from([
        ("user.email", json!(email)),
        ("user.email_verified", json!(verified)),
        ("user.provenance", provenance.clone()),
    ])
}
