//! Aggregation of audit events that a script can repeat: one row for all that are alike in an hour, with a count, the first and the last
//! time.

mod aggregator;
mod repetition;
mod store;

pub use aggregator::Aggregator;
pub use repetition::{Repetition, WINDOW};
