//! Queries shared by the resources of the directory: the audited transaction, and the whole setup.

pub mod change;
pub mod setup;

pub use change::Change;
