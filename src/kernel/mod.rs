//! Shared basics: clock, randomness, ids, secrets, failures, validation, pagination. Imports no other room.
//!
//! Nothing here knows HTTP, SQL or WeCom; what changes its answer from call to call (clock, entropy) is a value that is handed in.

pub mod certificate;
pub mod clock;
pub mod entropy;
pub mod failure;
pub mod merge_patch;
pub mod pagination;
pub mod secret;
pub mod validation;
