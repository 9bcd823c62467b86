//! Choosing a visible scope on a page: boxes for departments, tags and members.

use askama::Template;

use super::Params;
use crate::world::{Corp, Department, Scope};

/// Members to choose from.
const MOST: usize = 300;
/// Levels of departments below the root.
const DEEPEST: usize = 15;

/// A box that can be ticked.
pub(super) struct Pick {
    pub key: String,
    pub label: String,
    /// Level below the root.
    pub depth: usize,
    pub ticked: bool,
}

/// All boxes of a corp, as a part of a form.
#[derive(Template)]
#[template(path = "scope.html")]
pub(super) struct Picks {
    pub departments: Vec<Pick>,
    pub tags: Vec<Pick>,
    pub members: Vec<Pick>,
    /// A member is ticked.
    pub some_member: bool,
}

impl Picks {
    pub(super) fn of(corp: &Corp, chosen: &Scope) -> Self {
        let mut departments = Vec::new();
        below(corp, 0, 0, &mut |depth, department| {
            departments.push(Pick {
                key: department.id.to_string(),
                label: department.name.clone(),
                depth,
                ticked: chosen.parties.contains(&department.id),
            });
        });
        let tags = corp.tags.values().map(|tag| Pick {
            key: tag.id.to_string(),
            label: tag.name.clone(),
            depth: 0,
            ticked: chosen.tags.contains(&tag.id),
        });
        let is_chosen = |userid: &str| chosen.users.iter().any(|other| other.eq_ignore_ascii_case(userid));
        let members = corp.members.values().map(|member| Pick {
            key: member.userid.clone(),
            label: member.name.clone(),
            depth: 0,
            ticked: is_chosen(&member.userid),
        });
        let (chosen_members, others): (Vec<Pick>, Vec<Pick>) = members.partition(|pick| pick.ticked);
        Self {
            departments,
            tags: tags.collect(),
            some_member: !chosen_members.is_empty(),
            members: chosen_members.into_iter().chain(others).take(MOST).collect(),
        }
    }
}

/// The departments below one, each followed by its own; no deeper than a corp's tree can be.
fn below(corp: &Corp, parent: u32, depth: usize, found: &mut impl FnMut(usize, &Department)) {
    if depth > DEEPEST {
        return;
    }
    for department in corp
        .departments
        .values()
        .filter(|department| department.parent == parent)
    {
        found(depth, department);
        below(corp, department.id, depth + 1, found);
    }
}

/// The scope that was ticked.
pub(super) fn ticked(form: &Params) -> Scope {
    let keys = |prefix: &str| -> Vec<String> {
        let keys = form.keys().filter_map(|key| key.strip_prefix(prefix));
        let mut keys: Vec<String> = keys.map(str::to_owned).collect();
        keys.sort_unstable();
        keys
    };
    let numbers = |prefix: &str| -> Vec<u32> {
        let mut numbers: Vec<u32> = keys(prefix).iter().filter_map(|key| key.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    };
    Scope {
        users: keys("user-"),
        parties: numbers("party-"),
        tags: numbers("tag-"),
    }
}
