//! The words everything shares: time, randomness, ids, secrets, failures. Imports nothing of ours.
//!
//! Nothing here knows HTTP, SQL or WeCom; what changes its answer from call to call (clock, entropy) is a value that is handed in.

pub mod clock;
pub mod entropy;
pub mod failure;
pub mod merge_patch;
pub mod pagination;
pub mod secret;
pub mod validation;
