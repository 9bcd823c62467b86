//! Queries of groups. Whoever writes locks portals before groups, and groups before users.

mod editing;
mod listing;
mod people;
mod row;

pub(super) use editing::{change, create, delete};
pub(super) use listing::{find, list};
pub(super) use people::{add, remove};
pub use people::{join, names_of_groups};
