//! The visible scope of an app, worked out for all members at once (reference 4.2): members picked, departments with their subtrees, tags with
//! their members and departments' subtrees. Pure.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::directory::sync::{
    mirror::{DepartmentRow, Mirror, TagRow},
    snapshot::{ScopeLine, Snapshot},
};

/// By which line of a scope somebody is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Picked singly.
    Singly,
    /// By this department, which was picked, or one below it.
    Department(i64),
    /// By this tag.
    Tag(i64),
}

/// Departments and tags of a corp, with which scopes are expanded.
#[derive(Debug)]
pub struct Contacts<'a> {
    /// Departments by their parent.
    below: HashMap<i64, Vec<i64>>,
    known: HashSet<i64>,
    tags: HashMap<i64, (&'a BTreeSet<String>, &'a BTreeSet<i64>)>,
}

impl<'a> Contacts<'a> {
    /// As this snapshot shows them. `None` where it does not show all of them: then nobody can be called outside.
    pub fn seen(snapshot: &'a Snapshot) -> Option<Self> {
        if !snapshot.departments_complete || snapshot.memberships_partial {
            return None;
        }
        let departments = snapshot.departments.iter();
        let tree = departments.map(|fact| (fact.id, fact.parent_id.unwrap_or_default()));
        let tags = snapshot.tags.iter().filter_map(|tag| {
            let content = tag.content.as_ref()?;
            Some((tag.id, (&content.users, &content.departments)))
        });
        Some(Self::of(tree, tags.collect()))
    }

    /// As we hold them.
    pub fn held(departments: &[DepartmentRow], tags: &'a [TagRow]) -> Self {
        let tree = departments.iter().map(|row| (row.wecom_id, row.parent_wecom_id));
        let tags = tags.iter().map(|row| (row.wecom_id, (&row.users, &row.departments)));
        Self::of(tree, tags.collect())
    }

    /// Of these departments with their parents, and these tags with their members and departments.
    pub(in crate::directory) fn of(
        tree: impl Iterator<Item = (i64, i64)>,
        tags: HashMap<i64, (&'a BTreeSet<String>, &'a BTreeSet<i64>)>,
    ) -> Self {
        let mut below: HashMap<i64, Vec<i64>> = HashMap::new();
        let mut known = HashSet::new();
        for (id, parent) in tree {
            below.entry(parent).or_default().push(id);
            known.insert(id);
        }
        Self { below, known, tags }
    }

    /// Whether this department is known.
    pub fn knows(&self, department: i64) -> bool {
        self.known.contains(&department)
    }

    /// Who is inside. `None` where a tag's content is not known.
    pub fn expand(&self, scope: &BTreeSet<ScopeLine>) -> Option<VisibleScope> {
        let mut inside = VisibleScope::default();
        for line in scope {
            match line {
                ScopeLine::User(key) => {
                    inside.users.insert(key.clone(), Cover::Singly);
                }
                ScopeLine::Department(id) => self.cover(&mut inside, *id, Cover::Department(*id)),
                ScopeLine::Tag(id) => {
                    let (users, departments) = self.tags.get(id)?;
                    for key in *users {
                        inside.users.entry(key.clone()).or_insert(Cover::Tag(*id));
                    }
                    for department in *departments {
                        self.cover(&mut inside, *department, Cover::Tag(*id));
                    }
                }
            }
        }
        Some(inside)
    }

    fn cover(&self, inside: &mut VisibleScope, top: i64, by: Cover) {
        let mut next = vec![top];
        while let Some(id) = next.pop() {
            if inside.departments.contains_key(&id) {
                continue;
            }
            inside.departments.insert(id, by);
            next.extend(self.below.get(&id).into_iter().flatten());
        }
    }
}

/// Who is inside.
#[derive(Debug, Default)]
pub struct VisibleScope {
    users: HashMap<String, Cover>,
    departments: HashMap<i64, Cover>,
}

impl VisibleScope {
    /// The integration app's, as this snapshot shows it. `None` where it does not show all of it.
    pub fn seen(snapshot: &Snapshot) -> Option<Self> {
        let scope = &snapshot.app.as_ref()?.scope;
        Contacts::seen(snapshot)?.expand(scope)
    }

    /// The integration app's, as we hold it. `None` where it was never read.
    pub fn held(mirror: &Mirror) -> Option<Self> {
        let app = mirror.app.as_ref().filter(|app| app.read)?;
        Contacts::held(&mirror.departments, &mirror.tags).expand(&app.scope)
    }

    /// By what it covers a member of these departments.
    pub fn why(&self, key: &str, departments: &[i64]) -> Option<Cover> {
        let by_department = || departments.iter().find_map(|id| self.departments.get(id));
        self.users.get(key).or_else(by_department).copied()
    }

    /// Whether it covers a member of these departments.
    pub fn covers(&self, key: &str, departments: &[i64]) -> bool {
        self.why(key, departments).is_some()
    }

    /// Keys of the members whom it covers whatever their departments.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(String::as_str)
    }

    /// Whether it covers a department with all that is below it.
    pub fn covers_department(&self, id: i64) -> bool {
        self.departments.contains_key(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::{Contacts, Cover, VisibleScope};
    use crate::directory::sync::snapshot::{AppFact, DepartmentFact, ScopeLine, Snapshot, TagFact, TagMembers};

    fn department(id: i64, parent_id: i64) -> DepartmentFact {
        DepartmentFact {
            id,
            parent_id: Some(parent_id),
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
        for (key, departments, why) in [
            ("picked", &[][..], Some(Cover::Singly)),
            ("tagged", &[1], Some(Cover::Tag(3))),
            ("below", &[7], Some(Cover::Department(2))),
            ("by-tag", &[9], Some(Cover::Tag(3))),
            ("root", &[1], None),
            ("nowhere", &[], None),
        ] {
            assert_eq!(scope.why(key, departments), why, "{key}");
            assert_eq!(scope.covers(key, departments), why.is_some(), "{key}");
        }
        assert!(scope.covers_department(7) && !scope.covers_department(1));
    }

    #[test]
    fn what_was_not_read_puts_nobody_outside() {
        assert!(VisibleScope::seen(&snapshot([ScopeLine::Tag(3)], None)).is_none());
        assert!(VisibleScope::seen(&snapshot([ScopeLine::Tag(4)], None)).is_none());
        let mut partial = snapshot([], None);
        assert!(VisibleScope::seen(&partial).is_some());
        partial.departments_complete = false;
        assert!(VisibleScope::seen(&partial).is_none() && Contacts::seen(&partial).is_none());
        partial.departments_complete = true;
        partial.memberships_partial = true;
        assert!(Contacts::seen(&partial).is_none());
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
