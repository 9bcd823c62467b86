//! Index of a corp, so that big ones need no scans: members by department, children of departments, expanded scopes of apps.
//!
//! Derived from a [`Corp`] and thrown away whenever the world was edited; holds no data of its own.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{corp::Corp, member::Member, scope::Scope};

/// Index of one corp.
#[derive(Debug, Default)]
pub(crate) struct CorpIndex {
    members_by_department: HashMap<u32, Vec<String>>,
    children: HashMap<u32, Vec<u32>>,
    apps: BTreeMap<u32, Visible>,
    /// What installed apps may read beyond their scope, the scope included.
    readable: BTreeMap<u32, Visible>,
}

/// An expanded visible scope (reference §4.2).
#[derive(Debug, Default)]
pub(crate) struct Visible {
    pub departments: HashSet<u32>,
    /// Lower-cased userids picked individually or by a tag.
    pub users: HashSet<String>,
}

impl Visible {
    pub(crate) fn holds(&self, member: &Member) -> bool {
        member
            .departments
            .iter()
            .any(|place| self.departments.contains(&place.department))
            || self.users.contains(&member.userid.to_lowercase())
    }
}

impl CorpIndex {
    pub(crate) fn build(corp: &Corp) -> Self {
        let mut index = Self::default();
        for (key, member) in &corp.members {
            for place in &member.departments {
                index
                    .members_by_department
                    .entry(place.department)
                    .or_default()
                    .push(key.clone());
            }
        }
        for department in corp.departments.values() {
            index.children.entry(department.parent).or_default().push(department.id);
        }
        index.apps = corp
            .apps
            .values()
            .map(|app| (app.agentid, index.expand(corp, &[&app.scope])))
            .collect();
        let installed = corp.apps.values().filter_map(|app| Some((app, app.install.as_ref()?)));
        index.readable = installed
            .map(|(app, install)| (app.agentid, index.expand(corp, &[&app.scope, &install.extra])))
            .collect();
        index
    }

    fn expand(&self, corp: &Corp, scopes: &[&Scope]) -> Visible {
        let ids = scopes.iter().flat_map(|scope| &scope.tags);
        let tags: Vec<_> = ids.filter_map(|id| corp.tags.get(id)).collect();
        let parties = scopes.iter().flat_map(|scope| &scope.parties);
        let parties = parties.chain(tags.iter().flat_map(|tag| &tag.parties));
        let users = scopes.iter().flat_map(|scope| &scope.users);
        let users = users.chain(tags.iter().flat_map(|tag| &tag.users));
        Visible {
            departments: parties
                .filter(|id| corp.departments.contains_key(id))
                .flat_map(|&id| self.subtree(id))
                .collect(),
            users: users.map(|id| id.to_lowercase()).collect(),
        }
    }

    /// The department and everything below it.
    pub(crate) fn subtree(&self, root: u32) -> Vec<u32> {
        let mut seen = HashSet::from([root]);
        let mut found = vec![root];
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            next += 1;
            found.extend(
                self.children
                    .get(&id)
                    .into_iter()
                    .flatten()
                    .filter(|child| seen.insert(**child)),
            );
        }
        found
    }

    /// Keys of the members placed directly in the department.
    pub(crate) fn members_of(&self, department: u32) -> &[String] {
        self.members_by_department.get(&department).map_or(&[], Vec::as_slice)
    }

    /// What an app may read: its scope, and what was granted beside it (§9.4).
    pub(crate) fn readable(&self, agentid: u32) -> Option<&Visible> {
        self.readable.get(&agentid).or_else(|| self.visible(agentid))
    }

    /// The scope of an app.
    pub(crate) fn visible(&self, agentid: u32) -> Option<&Visible> {
        self.apps.get(&agentid)
    }
}
