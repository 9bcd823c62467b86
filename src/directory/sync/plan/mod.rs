//! Plan: the diff of what WeCom shows and what we hold. Pure: the same input gives the same plan, and an applied plan leaves nothing to do.
//!
//! Ids of new rows are given when the plan is applied; time and randomness have no place here.

mod access;
pub mod changes;
mod claims;
mod departing;
pub mod duplicate_rule;
mod existing_users;
pub(super) mod identity;
mod import;
mod intake;
mod members;
pub mod model;
mod ownership;
mod profile_merge;
mod protection;
mod relocation;
mod remarks;
pub mod settled;
mod structure;
mod structure_changes;
pub mod structure_model;
mod told_order;
mod told_renames;
pub mod visible_scope;

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use self::{
    duplicate_rule::{Candidate, UsernameIndex},
    model::{MemberChange, Plan, UserChange},
    settled::Settling,
};
use super::{
    mirror::{Mirror, UserOrigin},
    snapshot::Snapshot,
    source::DuplicateRule,
};

/// Makes the plan.
pub fn plan(mirror: &Mirror, snapshot: &Snapshot, rule: DuplicateRule) -> Plan {
    let mut plan = members::plan(mirror, snapshot, rule);
    plan.present = mirror.members.iter().filter(|member| member.present).count() + mirror.settled.len();
    plan.confirmed
        .extend(mirror.settled.iter().map(|settled| settled.member));
    plan.unchanged += mirror.settled.len();
    plan.creates_settled = Settling::of(mirror, snapshot, rule).is_some();
    plan.needs_look = !snapshot.is_complete();
    plan.departments = structure::departments(mirror, snapshot);
    plan.tags = structure::tags(mirror, snapshot);
    plan.app = structure::app(mirror, snapshot);
    plan.overwrites = overwrites(mirror, &plan);
    plan
}

/// How many users made here become a member's.
fn overwrites(mirror: &Mirror, plan: &Plan) -> usize {
    let local: HashSet<Uuid> = mirror
        .users
        .iter()
        .filter(|user| user.owner == UserOrigin::Local)
        .map(|user| user.id)
        .collect();
    let taken_over =
        |change: &&MemberChange| matches!(&change.user, UserChange::Write { id, link: true, .. } if local.contains(id));
    plan.members.iter().filter(taken_over).count()
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
