//! Queries shared by the resources of the directory: the audited transaction, the whole setup, and when runs saw everybody.

pub mod audited_transaction;
pub mod members_confirmed;
pub mod setup;

pub use audited_transaction::Change;
