//! Plan: the diff of what WeCom shows and what we hold. Pure: the same input gives the same plan, and an applied plan leaves nothing to do.
//!
//! Ids of new rows are given when the plan is applied; time and randomness have no place here.

mod access;
mod claims;
pub mod duplicate_rule;
mod existing_users;
pub(super) mod identity;
mod import;
mod members;
pub mod model;
mod profile_merge;
mod relocation;
mod structure;
mod visible_scope;

use std::collections::HashMap;

use uuid::Uuid;

use self::{
    duplicate_rule::{Candidate, UsernameIndex},
    model::Plan,
};
use super::{mirror::Mirror, snapshot::Snapshot, source::DuplicateRule};

/// Makes the plan.
pub fn plan(mirror: &Mirror, snapshot: &Snapshot, rule: DuplicateRule) -> Plan {
    let mut plan = members::plan(mirror, snapshot, rule);
    plan.needs_look = !snapshot.is_complete();
    plan.departments = structure::departments(mirror, snapshot);
    plan.tags = structure::tags(mirror, snapshot);
    plan.app = structure::app(mirror, snapshot);
    plan
}

/// Plans the members alone, for a decision about some of them.
pub fn of_members(mirror: &Mirror, snapshot: &Snapshot, rule: DuplicateRule) -> Plan {
    members::plan(mirror, snapshot, rule)
}

/// The users whom the members without one may duplicate, by the members' rows.
pub fn candidates(mirror: &Mirror, snapshot: &Snapshot, rule: DuplicateRule) -> HashMap<Uuid, Vec<Candidate>> {
    let index = UsernameIndex::new(mirror, snapshot, rule, &HashMap::new());
    let without = mirror.members.iter().filter(|row| row.user_id.is_none());
    without.map(|row| (row.id, index.candidates(&row.person))).collect()
}
