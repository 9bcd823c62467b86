//! The tree of departments beside people: a part of a page.

use std::collections::BTreeMap;

use askama::Template;
use serde::Deserialize;

use crate::{
    console::http::{frame::Frame, listing::Listing, refused::Refused, visit::Visit},
    directory::name_proof::{Company, NameProofs},
    kernel::failure::Failure,
};

/// Departments, one of which may be open.
#[derive(Template)]
#[template(path = "console/people/tree.html")]
pub(super) struct Tree {
    frame: Frame,
    /// Row id of the department that is open; empty: all.
    department: String,
    everywhere: String,
    branches: Vec<Branch>,
    more: bool,
    /// Companies whose departments are seen after a scan, which nobody made in this session.
    veiled: Vec<Company>,
    /// This page, to which a scan leads back.
    here: String,
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

#[derive(Clone, Deserialize)]
struct Department {
    id: String,
    data_source_id: String,
    wecom_id: i64,
    parent_wecom_id: i64,
    name: String,
    order: i64,
}

/// The departments of a data source, or of the one that the page's address names, or of all; without those of `veiled` companies.
pub(super) async fn tree(
    (visit, frame): (&Visit, &Frame),
    source: Option<&str>,
    mut veiled: Vec<Company>,
) -> Result<Tree, Refused> {
    let own = source.map(|source| ("data_source", source)).into_iter();
    let all: Vec<(&str, &str)> = own.chain([("limit", "200")]).collect();
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
    Ok(Tree {
        frame: frame.clone(),
        everywhere: visit.here_with("department", None),
        here: visit.here_with("department", None),
        more: departments.next_cursor.is_some(),
        veiled,
        branches: below_parents(seen).into_iter().map(branch).collect(),
        department,
    })
}

/// The companies that are connected by a suite of which nobody proved in this session, by a scan, to be a member: how they are organised is seen by
/// their members alone (product.md §3 S3.3).
pub(super) async fn veiled(visit: &Visit, proofs: &NameProofs) -> Result<Vec<Company>, Refused> {
    let failed = |failure: Failure| visit.failed(&failure);
    let mut companies = proofs.companies().await.map_err(failed)?;
    if !companies.is_empty() {
        let standing = proofs.standing(visit.operator.session).await.map_err(failed)?;
        visit.keep_standing(&standing);
        companies.retain(|company| !standing.contains_key(&company.source));
    }
    Ok(companies)
}

/// Departments below their parents, each with its depth. A department whose parent is not among them stands at the top; one that is its own
/// ancestor is left out, as WeCom has none.
fn below_parents(mut departments: Vec<Department>) -> Vec<(usize, Department)> {
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
        let lines: Vec<_> = below_parents(all)
            .into_iter()
            .map(|(depth, found)| (depth, found.wecom_id))
            .collect();
        assert_eq!(lines, [(0, 1), (1, 2), (1, 3), (2, 4), (0, 9)]);
    }

    #[test]
    fn a_circle_does_not_hang() {
        assert!(below_parents(vec![department(1, 2, 0), department(2, 1, 0)]).is_empty());
    }
}
