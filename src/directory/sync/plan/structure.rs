//! Plans departments, tags and the visible scope: plain differences. What could not be read stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::structure_model::{AppPlan, DepartmentChange, DepartmentPlan, TagContentChange, TagPlan};
use crate::directory::sync::{
    mirror::{Mirror, TagRow},
    snapshot::{DepartmentFact, Snapshot, TagMembers},
};

/// Plans departments to write and to delete.
pub fn departments(mirror: &Mirror, snapshot: &Snapshot) -> DepartmentPlan {
    let held: HashMap<i64, _> = mirror.departments.iter().map(|row| (row.wecom_id, row)).collect();
    let seen: BTreeMap<i64, &DepartmentFact> = snapshot.departments.iter().map(|fact| (fact.id, fact)).collect();
    let mut parents: HashMap<i64, i64> = seen.values().map(|fact| (fact.id, parent(fact))).collect();
    if !snapshot.departments_complete {
        // What an incomplete list does not show is still there: paths lead through it.
        for row in &mirror.departments {
            parents.entry(row.wecom_id).or_insert(row.parent_wecom_id);
        }
    }
    let mut plan = DepartmentPlan::default();
    for fact in seen.values() {
        let row = held.get(&fact.id);
        let name = fact
            .name
            .clone()
            .or(row.map(|row| row.name.clone()))
            .unwrap_or_default();
        let path = path(&parents, fact.id);
        let same = row.is_some_and(|row| {
            (row.parent_wecom_id, row.sort_order) == (parent(fact), fact.order) && row.name == name && row.path == path
        });
        if !same {
            plan.upserts.push(DepartmentChange {
                wecom_id: fact.id,
                parent_wecom_id: parent(fact),
                name,
                sort_order: fact.order,
                path,
            });
        }
    }
    if snapshot.departments_complete {
        let gone = mirror
            .departments
            .iter()
            .filter(|row| !seen.contains_key(&row.wecom_id));
        plan.deletes = gone.map(|row| row.id).collect();
    }
    plan
}

/// One that neither a list told nor we hold is the top.
fn parent(fact: &DepartmentFact) -> i64 {
    fact.parent_id.unwrap_or_default()
}

/// Path of a department: all ids from the topmost visible ancestor. A limited scope shows a forest (reference 5.2), and nothing promises
/// that it has no cycle.
fn path(parents: &HashMap<i64, i64>, id: i64) -> String {
    let mut chain = Vec::new();
    let mut visited = HashSet::new();
    let mut next = id;
    while let Some(parent) = parents.get(&next) {
        if !visited.insert(next) {
            break;
        }
        chain.push(next.to_string());
        next = *parent;
    }
    chain.reverse();
    format!("/{}/", chain.join("/"))
}

/// Plans tags to write, and their members and departments.
pub fn tags(mirror: &Mirror, snapshot: &Snapshot) -> TagPlan {
    let held: HashMap<i64, &TagRow> = mirror.tags.iter().map(|row| (row.wecom_id, row)).collect();
    let mut plan = TagPlan::default();
    let mut seen = HashSet::new();
    for fact in &snapshot.tags {
        if !seen.insert(fact.id) {
            continue;
        }
        let row = held.get(&fact.id).copied();
        if row.is_none_or(|row| row.name != fact.name) {
            plan.upserts.push((fact.id, fact.name.clone()));
        }
        if let Some(content) = &fact.content {
            plan.contents.extend(content_change(fact.id, row, content));
        }
    }
    if snapshot.tags_complete {
        let gone = mirror.tags.iter().filter(|row| !seen.contains(&row.wecom_id));
        plan.deletes = gone.map(|row| row.id).collect();
    }
    plan
}

fn content_change(wecom_id: i64, row: Option<&TagRow>, content: &TagMembers) -> Option<TagContentChange> {
    let (no_users, no_departments) = (BTreeSet::new(), BTreeSet::new());
    let users = row.map_or(&no_users, |row| &row.users);
    let departments = row.map_or(&no_departments, |row| &row.departments);
    if *users == content.users && *departments == content.departments {
        return None;
    }
    Some(TagContentChange {
        wecom_id,
        add_users: content.users.difference(users).cloned().collect(),
        remove_users: users.difference(&content.users).cloned().collect(),
        add_departments: content.departments.difference(departments).copied().collect(),
        remove_departments: departments.difference(&content.departments).copied().collect(),
    })
}

/// Plans the app. Its row is always written, since it says when the scope was read; its lines only where they differ.
pub fn app(mirror: &Mirror, snapshot: &Snapshot) -> Option<AppPlan> {
    let (row, fact) = (mirror.app.as_ref()?, snapshot.app.as_ref()?);
    Some(AppPlan {
        id: row.id,
        name: fact.name.clone(),
        closed: fact.closed,
        has_others: mirror.other_apps,
        redirect_domain: fact.redirect_domain.clone(),
        add: fact.scope.difference(&row.scope).cloned().collect(),
        remove: row.scope.difference(&fact.scope).cloned().collect(),
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{DepartmentFact, Mirror, Snapshot, departments};
    use crate::directory::sync::mirror::DepartmentRow;

    fn held(wecom_id: i64, parent_wecom_id: i64, path: &str) -> DepartmentRow {
        DepartmentRow {
            id: Uuid::from_u128(u128::from(wecom_id.unsigned_abs())),
            wecom_id,
            parent_wecom_id,
            name: format!("D{wecom_id}"),
            sort_order: 0,
            path: path.to_owned(),
        }
    }

    #[test]
    fn an_incomplete_list_neither_deletes_departments_nor_cuts_paths() {
        let mirror = Mirror {
            departments: vec![held(1, 0, "/1/"), held(2, 1, "/1/2/"), held(7, 2, "/1/2/7/")],
            ..Mirror::default()
        };
        let fact = DepartmentFact {
            id: 7,
            parent_id: Some(2),
            name: None,
            order: 0,
        };
        let mut snapshot = Snapshot {
            departments: vec![fact],
            ..Snapshot::default()
        };
        assert_eq!(departments(&mirror, &snapshot), super::DepartmentPlan::default());
        snapshot.departments_complete = true;
        let plan = departments(&mirror, &snapshot);
        assert_eq!((plan.upserts[0].path.as_str(), plan.deletes.len()), ("/7/", 2));
    }
}
