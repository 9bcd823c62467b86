//! Queries of resealing.

pub(super) mod batches;
pub(super) mod places;
