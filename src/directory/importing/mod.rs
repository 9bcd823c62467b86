//! Importing: who of a corp becomes a user, under which name, which existing user a member duplicates, and what an admin decides about single
//! members. A sync follows it (`directory::sync::plan`), and carries a decision out at once (`directory::sync::deciding`).

pub mod decision;
pub mod failure;
pub mod model;
pub mod outcome;
pub mod rules;
pub mod store;
pub mod template;

pub use failure::ImportFailure;
pub use model::{CONFLICT_SORTS, ConflictFilter, ImportInput, LinkInput, ManyInput, RenameInput, Stage};
