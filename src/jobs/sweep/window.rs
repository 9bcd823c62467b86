//! Window: the slice of a table that one statement of a sweep covers. Pure.

use uuid::Uuid;

/// Rows read or removed by one statement.
pub(in crate::jobs) const BATCH: u64 = 500;

/// Batches of one table in one sweep.
pub(in crate::jobs) const ROUNDS: usize = 10;

/// The part of a table that one statement covers: ids after the one, up to the other.
#[derive(Clone, Copy, Debug)]
pub(in crate::jobs) struct Window {
    pub(in crate::jobs) after: Option<Uuid>,
    pub(in crate::jobs) last: Uuid,
}
