//! The members that syncs read, imported or not, with the tree of departments beside them.

use std::collections::BTreeMap;

use actix_web::web::{self, Data, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use crate::{
    console::http::{
        frame::{Frame, Section},
        listing::Listing,
        moment::Moment,
        named::Names,
        refused::Refused,
        visit::{Reply, Visit},
    },
    directory::name_proof::{Company, NameProofs},
    kernel::failure::Failure,
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
    outcomes: [&'static str; 6],
    sources: Names,
    organisation: Organisation,
}

/// Departments and the members of one of them, or of all: a part of a page.
#[derive(Template)]
#[template(path = "console/people/organisation.html")]
pub(in crate::console::http) struct Organisation {
    frame: Frame,
    /// Row id of the department that is open; empty: all.
    department: String,
    everywhere: String,
    tree: Vec<Branch>,
    more_departments: bool,
    /// Companies whose departments are seen after a scan, which nobody made in this session.
    veiled: Vec<Company>,
    /// This page, to which a scan leads back.
    here: String,
    members: Vec<Line>,
    next: Option<String>,
}

/// A line of the tree.
struct Branch {
    id: String,
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

/// The departments and members that this page asks for: of a data source, or of what `filters` of its address say. Of `veiled` companies the tree of
/// departments is left out.
pub(in crate::console::http) async fn organisation(
    (visit, frame): (&Visit, &Frame),
    (filters, source): (&[&str], Option<&str>),
    (sources, mut veiled): (&Names, Vec<Company>),
) -> Result<Organisation, Refused> {
    let own: Vec<(&str, &str)> = source.map(|source| ("data_source", source)).into_iter().collect();
    let members: Listing<Member> = visit.get(&visit.passing_with("members", filters, &own)).await?;
    let all = own.iter().copied().chain([("limit", "200")]).collect::<Vec<_>>();
    let asked: &[&str] = if source.is_some() { &[] } else { &["data_source"] };
    let departments: Listing<Department> = visit.get(&visit.passing_with("departments", asked, &all)).await?;
    let is_of = |company: &Company, found: &Department| company.source.to_string() == found.data_source_id;
    let mut seen = departments.items;
    veiled.retain(|company| seen.iter().any(|found| is_of(company, found)));
    seen.retain(|found| !veiled.iter().any(|company| is_of(company, found)));
    let department = visit.param("department").unwrap_or_default().to_owned();
    let branch = |(depth, found): (usize, Department)| Branch {
        depth: depth.min(8),
        here: found.id == department,
        address: visit.here_with("department", Some(&found.id)),
        id: found.id,
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
    Ok(Organisation {
        frame: frame.clone(),
        everywhere: visit.here_with("department", None),
        here: visit.here_with("department", None),
        more_departments: departments.next_cursor.is_some(),
        veiled,
        tree: tree(seen).into_iter().map(branch).collect(),
        members: members.items.into_iter().map(line).collect(),
        next: visit.next(members.next_cursor),
        department,
    })
}

/// The companies that are connected by a suite of which nobody proved in this session, by a scan, to be a member: how they are organised is seen by
/// their members alone (product.md §3 S3.3).
async fn veiled(visit: &Visit, proofs: &NameProofs) -> Result<Vec<Company>, Refused> {
    let failed = |failure: Failure| visit.failed(&failure);
    let mut companies = proofs.companies().await.map_err(failed)?;
    if !companies.is_empty() {
        let standing = proofs.standing(visit.operator.session).await.map_err(failed)?;
        companies.retain(|company| !standing.contains_key(&company.source));
    }
    Ok(companies)
}

async fn members(visit: Visit, proofs: Data<NameProofs>) -> Reply {
    let sources: Names = visit.get("data-sources?limit=200").await?;
    let frame = visit.frame("console-members-title", Some(Section::People));
    let veiled = veiled(&visit, &proofs).await?;
    let organisation = organisation((&visit, &frame), (&FILTERS, None), (&sources, veiled)).await?;
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    Ok(visit.page(&MembersPage {
        frame,
        search: param("q"),
        data_source: param("data_source"),
        outcome: param("outcome"),
        state: param("state"),
        outcomes: OUTCOMES,
        organisation,
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
