//! A slice of a table that one look sweeps. Pure.

use uuid::Uuid;

/// Rows looked at or removed by one statement.
pub(in crate::jobs) const BATCH: u64 = 500;

/// Batches of one table in one look.
pub(in crate::jobs) const ROUNDS: usize = 10;

/// Which part of a table one statement looks at: ids after the one, up to the other.
#[derive(Clone, Copy, Debug)]
pub(in crate::jobs) struct Window {
    pub(in crate::jobs) after: Option<Uuid>,
    pub(in crate::jobs) last: Uuid,
}
