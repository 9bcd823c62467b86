//! Queries shared by the resources of the directory: the audited transaction, the whole setup, when runs saw everybody, and looking for people.

pub mod audited_transaction;
pub mod members_confirmed;
pub mod people_search;
pub mod setup;

pub use audited_transaction::Change;
