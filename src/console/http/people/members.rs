//! The members that syncs read, imported or not, with the tree of departments beside them.

use std::collections::BTreeMap;

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use crate::console::http::{
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    named::Names,
    visit::{Reply, Visit},
};

/// Parameters of the list that are handed on to the API.
const FILTERS: [&str; 7] = ["q", "data_source", "outcome", "state", "department", "sort", "cursor"];
/// What may become of a member.
const OUTCOMES: [&str; 6] = ["imported", "skipped", "conflict", "not_chosen", "ignored", "removed"];

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/people/members", web::get().to(members));
}

#[derive(Template)]
#[template(path = "console/people/members.html")]
struct MembersPage {
    frame: Frame,
    search: String,
    data_source: String,
    outcome: String,
    state: String,
    department: String,
    outcomes: [&'static str; 6],
    sources: Names,
    everywhere: String,
    tree: Vec<Branch>,
    more_departments: bool,
    members: Vec<Line>,
    next: Option<String>,
}

/// A line of the tree.
struct Branch {
    name: String,
    /// How deep it lies; the class of the style sheet knows eight.
    depth: usize,
    here: bool,
    address: String,
}

struct Line {
    member: Member,
    source: Option<String>,
    checked: Moment,
}

#[derive(Deserialize)]
struct Member {
    userid: String,
    name: Option<String>,
    position: Option<String>,
    user_id: Option<String>,
    data_source_id: String,
    state: String,
    import_outcome: String,
    import_reason: Option<String>,
    checked_at: i64,
}

#[derive(Clone, Deserialize)]
struct Department {
    id: String,
    data_source_id: String,
    wecom_id: i64,
    parent_wecom_id: i64,
    name: String,
    order: i64,
}

async fn members(visit: Visit) -> Reply {
    let members: Listing<Member> = visit.get(&visit.passing("members", &FILTERS)).await?;
    let sources: Names = visit.get("data-sources?limit=200").await?;
    let departments = visit.passing_with("departments", &["data_source"], &[("limit", "200")]);
    let departments: Listing<Department> = visit.get(&departments).await?;
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    let department = param("department");
    let branch = |(depth, found): (usize, Department)| Branch {
        depth: depth.min(8),
        here: found.id == department,
        address: visit.here_with("department", Some(&found.id)),
        name: if found.name.is_empty() {
            found.wecom_id.to_string()
        } else {
            found.name
        },
    };
    let line = |member: Member| Line {
        source: sources.of(&member.data_source_id).map(str::to_owned),
        checked: visit.moment(member.checked_at),
        member,
    };
    Ok(visit.page(&MembersPage {
        frame: visit.frame("console-members-title", Some(Section::People)),
        search: param("q"),
        data_source: param("data_source"),
        outcome: param("outcome"),
        state: param("state"),
        outcomes: OUTCOMES,
        everywhere: visit.here_with("department", None),
        more_departments: departments.next_cursor.is_some(),
        tree: tree(departments.items).into_iter().map(branch).collect(),
        members: members.items.into_iter().map(line).collect(),
        next: visit.next(members.next_cursor),
        department,
        sources,
    }))
}

/// Departments below their parents, each with its depth. A department whose parent is not among them stands at the top; one that is its own
/// ancestor is left out, as WeCom has none.
fn tree(mut departments: Vec<Department>) -> Vec<(usize, Department)> {
    departments.sort_by(|left, right| {
        right
            .order
            .cmp(&left.order)
            .then_with(|| left.wecom_id.cmp(&right.wecom_id))
    });
    let known: Vec<(String, i64)> = departments
        .iter()
        .map(|found| (found.data_source_id.clone(), found.wecom_id))
        .collect();
    let mut below: BTreeMap<(String, i64), Vec<Department>> = BTreeMap::new();
    let mut waiting: Vec<(usize, Department)> = Vec::new();
    for found in departments {
        let parent = (found.data_source_id.clone(), found.parent_wecom_id);
        match known.contains(&parent) {
            true => below.entry(parent).or_default().push(found),
            false => waiting.push((0, found)),
        }
    }
    waiting.reverse();
    let mut lines = Vec::new();
    while let Some((depth, found)) = waiting.pop() {
        let children = below.remove(&(found.data_source_id.clone(), found.wecom_id));
        waiting.extend(children.into_iter().flatten().rev().map(|child| (depth + 1, child)));
        lines.push((depth, found));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn department(wecom_id: i64, parent_wecom_id: i64, order: i64) -> Department {
        Department {
            id: wecom_id.to_string(),
            data_source_id: "s".to_owned(),
            wecom_id,
            parent_wecom_id,
            name: String::new(),
            order,
        }
    }

    #[test]
    fn departments_stand_below_their_parents_in_wecoms_order() {
        let all = vec![
            department(3, 1, 10),
            department(1, 0, 0),
            department(2, 1, 20),
            department(4, 3, 0),
            department(9, 8, 0),
        ];
        let lines: Vec<_> = tree(all)
            .into_iter()
            .map(|(depth, found)| (depth, found.wecom_id))
            .collect();
        assert_eq!(lines, [(0, 1), (1, 2), (1, 3), (2, 4), (0, 9)]);
    }

    #[test]
    fn a_circle_does_not_hang() {
        assert!(tree(vec![department(1, 2, 0), department(2, 1, 0)]).is_empty());
    }
}
