//! What an admin should see about rows that were read in part or not at all.

use super::model::{Row, RowOutcome};
use crate::directory::sync::snapshot::Snapshot;

/// A row for each member who could not be read, or of whom something was left out or cleaned.
pub(super) fn unreadable(snapshot: &Snapshot) -> impl Iterator<Item = Row> + '_ {
    let malformed = snapshot.malformed.iter().map(|row| (row, RowOutcome::Malformed));
    let adjusted = snapshot.adjusted.iter().map(|row| (row, RowOutcome::Adjusted));
    malformed.chain(adjusted).map(|(row, outcome)| Row {
        userid: row.userid.clone().unwrap_or_default(),
        outcome,
        reason: row.reason.clone(),
    })
}
