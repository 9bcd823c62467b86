//! Resealing: what is sealed with the previous seal key is sealed with the present one, value by value, beside servers that know both.
//!
//! ```text
//! store/places.rs   every column that holds sealed values, and what they are sealed for
//! store/batches.rs  reads and writes some of their rows
//! service.rs        goes through them, as often as it takes
//! ```

pub mod service;
mod store;

pub use service::Resealed;
