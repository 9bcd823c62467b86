//! Stores: the database (durable) and the ephemeral store (journeys, codes, WeCom tokens, leases), with read cache, group commit and locks.
//!
//! Features write their own queries in their `store.rs`; this module only provides the connections. It deliberately knows no table.

pub mod any_row;
pub mod batch_kind;
pub mod batch_writer;
mod clean_release;
mod closures;
pub mod connection;
pub mod database;
pub mod ephemeral;
pub mod failure;
pub mod file_lock;
pub mod group_commit;
pub mod insert_rows;
pub mod json_row;
mod kept_connections;
pub mod keyset;
pub mod lease;
pub mod migration_lock;
pub mod named_row;
pub mod pattern;
pub mod private_file;
pub mod read_cache;
pub mod request_versions;
mod rested;
mod statement_span;
mod stored_versions;
mod uncached_tables;
pub mod unique_row;
pub mod versions;
pub mod write_transaction;
pub mod writer;

pub use any_row::AnyRow;
pub use batch_writer::BatchWriter;
pub use connection::Connection;
pub use database::Database;
pub use ephemeral::{Ephemeral, Shelf};
pub use insert_rows::insert_rows;
pub use read_cache::{Cached, ReadCache};
pub use unique_row::UniqueRow;
pub use versions::About;
