//! The tree of departments beside people: a part of a page.

use std::collections::BTreeMap;

use askama::Template;
use serde::Deserialize;

use crate::{
    console::http::{
        frame::Frame,
        listing::Listing,
        names,
        refused::Refused,
        visit::{Visit, with_query},
    },
    directory::name_proof::{Company, NameProofs},
    kernel::failure::Failure,
};

/// Where a department is looked for by its name.
const SEARCH: &str = "department_q";
/// So many departments of one parent, or of one name, are shown.
const SHOWN: &str = "200";

/// Departments, one of which may be open: those above it and those directly below, however many there are in all; or those of a name.
#[derive(Template)]
#[template(path = "console/people/tree.html")]
pub(super) struct Tree {
    frame: Frame,
    /// Row id of the department that is open; empty: all.
    department: String,
    everywhere: String,
    branches: Vec<Branch>,
    /// There are more than are shown.
    more: bool,
    /// The name that is looked for.
    search: String,
    /// What else the page's address says.
    kept: Vec<(String, String)>,
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

/// What a tree shows of all departments.
#[derive(Default)]
struct Seen {
    departments: Vec<Department>,
    more: bool,
}

impl Seen {
    fn with(mut self, page: Listing<Department>) -> Self {
        self.more |= page.next_cursor.is_some();
        self.departments.extend(page.items);
        self
    }
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
    let Seen { mut departments, more } = seen(visit, source.or_else(|| visit.param("data_source"))).await?;
    let is_of = |company: &Company, found: &Department| company.source.to_string() == found.data_source_id;
    veiled.retain(|company| departments.iter().any(|found| is_of(company, found)));
    departments.retain(|found| !veiled.iter().any(|company| is_of(company, found)));
    let department = visit.param("department").unwrap_or_default().to_owned();
    let at = |department: Option<&str>| {
        let kept = visit.kept(&["department", SEARCH]);
        with_query(visit.path(), kept.chain(department.map(|id| ("department", id))))
    };
    let branch = |(depth, found): (usize, Department)| Branch {
        depth: depth.min(8),
        here: found.id == department,
        address: at(Some(&found.id)),
        name: names::department(frame, &found.name, found.wecom_id),
        id: found.id,
    };
    let kept = visit.kept(&[SEARCH]);
    Ok(Tree {
        frame: frame.clone(),
        everywhere: at(None),
        here: at(None),
        more,
        search: visit.param(SEARCH).unwrap_or_default().to_owned(),
        kept: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        veiled,
        branches: below_parents(departments).into_iter().map(branch).collect(),
        department,
    })
}

/// Those of the name that is looked for; or the open department, those above it and those directly below it; or the topmost ones. Where there is one
/// above all, as in a company that is seen whole, also those directly below that one.
async fn seen(visit: &Visit, source: Option<&str>) -> Result<Seen, Refused> {
    let of_source: Vec<(&str, &str)> = source.map(|source| ("data_source", source)).into_iter().collect();
    let list = async |own: &[(&str, &str)]| -> Result<Listing<Department>, Refused> {
        let wanted = of_source.iter().chain(own).copied();
        visit
            .get(&with_query("departments", wanted.chain([("limit", SHOWN)])))
            .await
    };
    if let Some(name) = visit.param(SEARCH) {
        return Ok(Seen::default().with(list(&[("q", name), ("sort", "name")]).await?));
    }
    let open = visit.param("department").map(str::to_owned);
    let above = match open.as_deref() {
        Some(open) => list(&[("lineage", open)]).await?,
        None => list(&[("top", "true")]).await?,
    };
    let parent = match (open, above.items.as_slice()) {
        (Some(open), [_, ..]) => Some(open),
        (None, [only]) => Some(only.id.clone()),
        _ => None,
    };
    let seen = Seen::default().with(above);
    Ok(match parent {
        Some(parent) => seen.with(list(&[("parent", &parent)]).await?),
        None => seen,
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
