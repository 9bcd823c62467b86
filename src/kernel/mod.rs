//! Shared basics: clock, randomness, ids, secrets, failures, reading of JSON, validation, pagination. Imports no other room.
//!
//! Nothing here knows HTTP, SQL or WeCom; what changes its answer from call to call (clock, entropy) is a value that is handed in.

pub mod address;
pub mod address_filter;
pub mod background;
pub mod batch;
pub mod calendar;
pub mod certificate;
pub mod clock;
pub mod entity_tag;
pub mod entropy;
pub mod failure;
pub mod formats;
pub mod home_runtime;
pub mod json;
pub mod look_alike;
pub mod merge_patch;
pub mod pace;
pub mod pagination;
pub mod passkey_host;
pub mod raster_image;
pub mod secret;
pub mod shared_call;
pub mod sorting;
pub mod spans;
pub mod validation;
pub mod words;
