//! Where state lives: the database (durable) and the ephemeral store (journeys, codes, WeCom tokens, leases).
//!
//! Features write their own queries in their `store.rs`; this module only opens the doors. It deliberately knows no table.

pub mod batch;
pub mod database;
pub mod ephemeral;
pub mod failure;
pub mod first;
pub mod keyset;
pub mod lease;
pub mod owner;
pub mod remembered;
pub mod together;
pub mod turn;
pub mod watched;

pub use database::Database;
pub use ephemeral::Ephemeral;
pub use first::First;
pub use remembered::Remembered;
pub use together::Together;
