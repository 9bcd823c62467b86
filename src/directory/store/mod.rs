//! Queries shared by the resources of the directory: the audited transaction, and the whole setup.

pub mod audited_transaction;
pub mod setup;

pub use audited_transaction::Change;
