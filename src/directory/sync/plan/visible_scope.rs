//! The visible scope of the integration app, worked out for all members at once (reference 4.2): members picked, departments with their
//! subtrees, tags with their members and departments' subtrees. Pure.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::directory::sync::{
    mirror::Mirror,
    snapshot::{ScopeLine, Snapshot},
};

/// Who is inside.
#[derive(Debug, Default)]
pub struct VisibleScope {
    users: HashSet<String>,
    departments: HashSet<i64>,
}

/// Departments: an id with its parent's.
type Tree = Vec<(i64, i64)>;

impl VisibleScope {
    /// As this snapshot shows it. `None` where it does not show all of it: then nobody can be called outside.
    pub fn seen(snapshot: &Snapshot) -> Option<Self> {
        let scope = &snapshot.app.as_ref()?.scope;
        if !snapshot.departments_complete || snapshot.memberships_partial {
            return None;
        }
        let tree = snapshot.departments.iter().map(|fact| (fact.id, fact.parent_id));
        let mut contents = HashMap::new();
        for tag in &snapshot.tags {
            if let Some(content) = &tag.content {
                contents.insert(tag.id, (&content.users, &content.departments));
            }
        }
        Self::of(scope, &tree.collect(), &contents)
    }

    /// As we hold it. `None` where it was never read.
    pub fn held(mirror: &Mirror) -> Option<Self> {
        let app = mirror.app.as_ref().filter(|app| app.read)?;
        let tree = mirror.departments.iter().map(|row| (row.wecom_id, row.parent_wecom_id));
        let tags = mirror.tags.iter();
        let contents = tags.map(|row| (row.wecom_id, (&row.users, &row.departments))).collect();
        Self::of(&app.scope, &tree.collect(), &contents)
    }

    fn of(
        scope: &BTreeSet<ScopeLine>,
        tree: &Tree,
        contents: &HashMap<i64, (&BTreeSet<String>, &BTreeSet<i64>)>,
    ) -> Option<Self> {
        let mut inside = Self::default();
        let mut picked = Vec::new();
        for line in scope {
            match line {
                ScopeLine::User(key) => {
                    inside.users.insert(key.clone());
                }
                ScopeLine::Department(id) => picked.push(*id),
                ScopeLine::Tag(id) => {
                    let (users, departments) = contents.get(id)?;
                    inside.users.extend(users.iter().cloned());
                    picked.extend(departments.iter().copied());
                }
            }
        }
        inside.departments = with_subtrees(picked, tree);
        Some(inside)
    }

    /// Whether it covers a member of these departments.
    pub fn covers(&self, key: &str, departments: &[i64]) -> bool {
        self.users.contains(key) || departments.iter().any(|id| self.departments.contains(id))
    }
}

fn with_subtrees(picked: Vec<i64>, tree: &Tree) -> HashSet<i64> {
    let mut below: HashMap<i64, Vec<i64>> = HashMap::new();
    for (id, parent) in tree {
        below.entry(*parent).or_default().push(*id);
    }
    let mut covered = HashSet::new();
    let mut next = picked;
    while let Some(id) = next.pop() {
        if covered.insert(id) {
            next.extend(below.get(&id).into_iter().flatten());
        }
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::VisibleScope;
    use crate::directory::sync::snapshot::{AppFact, DepartmentFact, ScopeLine, Snapshot, TagFact, TagMembers};

    fn department(id: i64, parent_id: i64) -> DepartmentFact {
        DepartmentFact {
            id,
            parent_id,
            name: None,
            order: 0,
        }
    }

    fn snapshot(scope: impl IntoIterator<Item = ScopeLine>, content: Option<TagMembers>) -> Snapshot {
        Snapshot {
            departments: vec![department(1, 0), department(2, 1), department(7, 2), department(9, 1)],
            departments_complete: true,
            tags: vec![TagFact {
                id: 3,
                name: "oncall".to_owned(),
                content,
            }],
            app: Some(AppFact {
                scope: scope.into_iter().collect(),
                ..AppFact::default()
            }),
            ..Snapshot::default()
        }
    }

    #[test]
    fn members_departments_with_subtrees_and_tags_are_inside() {
        let tag = TagMembers {
            users: ["tagged".to_owned()].into(),
            departments: [9].into(),
        };
        let lines = [
            ScopeLine::User("picked".to_owned()),
            ScopeLine::Department(2),
            ScopeLine::Tag(3),
        ];
        let scope = VisibleScope::seen(&snapshot(lines, Some(tag))).unwrap();
        for (key, departments, inside) in [
            ("picked", &[][..], true),
            ("tagged", &[1], true),
            ("below", &[7], true),
            ("by-tag", &[9], true),
            ("root", &[1], false),
            ("nowhere", &[], false),
        ] {
            assert_eq!(scope.covers(key, departments), inside, "{key}");
        }
    }

    #[test]
    fn what_was_not_read_puts_nobody_outside() {
        assert!(VisibleScope::seen(&snapshot([ScopeLine::Tag(3)], None)).is_none());
        assert!(VisibleScope::seen(&snapshot([ScopeLine::Tag(4)], None)).is_none());
        let mut partial = snapshot([], None);
        assert!(VisibleScope::seen(&partial).is_some());
        partial.departments_complete = false;
        assert!(VisibleScope::seen(&partial).is_none());
        partial.app = None;
        assert!(VisibleScope::seen(&partial).is_none());
    }

    #[test]
    fn a_circle_of_departments_ends() {
        let mut odd = snapshot([ScopeLine::Department(20)], None);
        odd.departments = vec![department(20, 21), department(21, 20)];
        assert!(VisibleScope::seen(&odd).unwrap().covers("x", &[21]));
    }
}
