//! Departments, tags and visible scopes of many people at once: what [`super::super::scope`] asks for one member, from what was read once. A
//! test holds both against each other. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{department, member, scope_entry, wecom_app};
use uuid::Uuid;

use crate::gate::{explain::model::ScopeChange, facts::CachedScope};

/// The departments and tags of a data source.
#[derive(Debug, Default)]
pub(super) struct Structure {
    departments: HashMap<i64, Place>,
    /// WeCom's id of each tag.
    tags: BTreeMap<Uuid, i64>,
    /// Tags (ours) that hold a department.
    by_department: HashMap<i64, Vec<Uuid>>,
}

#[derive(Debug)]
struct Place {
    id: Uuid,
    /// From the topmost visible ancestor to itself.
    path: Vec<i64>,
}

impl Structure {
    pub(super) fn add_department(&mut self, row: &department::Model) {
        let path = row.path.split('/').filter_map(|id| id.parse().ok()).collect();
        self.departments.insert(row.wecom_id, Place { id: row.id, path });
    }

    pub(super) fn add_tag(&mut self, tag: Uuid, wecom_id: i64) {
        self.tags.insert(tag, wecom_id);
    }

    pub(super) fn tag_department(&mut self, tag: Uuid, department: i64) {
        self.by_department.entry(department).or_default().push(tag);
    }

    /// Our id and WeCom's id of each department of the member and of all above it.
    pub(super) fn lineage(&self, member: &member::Model) -> Vec<(Uuid, i64)> {
        let own = member.departments.0.iter().filter_map(|id| self.departments.get(id));
        let above: BTreeSet<i64> = own.flat_map(|place| place.path.iter().copied()).collect();
        let known = above.into_iter();
        known
            .filter_map(|id| self.departments.get(&id).map(|place| (place.id, id)))
            .collect()
    }

    /// WeCom's ids of the tags that hold the member, `direct`ly or by a department.
    fn tags_of(&self, direct: &[Uuid], lineage: &[(Uuid, i64)]) -> BTreeSet<i64> {
        let by_department = lineage
            .iter()
            .filter_map(|(_, id)| self.by_department.get(id))
            .flatten();
        let tags = direct.iter().chain(by_department);
        tags.filter_map(|tag| self.tags.get(tag).copied()).collect()
    }

    fn knows(&self, department: i64) -> bool {
        self.departments.contains_key(&department)
    }
}

/// The visible scope of an app, as it was read last or as it is imagined.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// It was read, once at least.
    read: bool,
    users: BTreeSet<String>,
    departments: BTreeSet<i64>,
    tags: BTreeSet<i64>,
    /// A line that is none of these, or a department whose id is no number.
    odd_kind: bool,
}

impl Scope {
    pub(super) fn of(app: &wecom_app::Model) -> Self {
        Self {
            read: app.scope_fetched_at.is_some(),
            ..Self::default()
        }
    }

    pub(super) fn imagined(change: &ScopeChange) -> Self {
        Self {
            read: true,
            users: change.users.iter().map(|userid| userid.to_lowercase()).collect(),
            departments: change.departments.clone(),
            tags: change.tags.clone(),
            odd_kind: false,
        }
    }

    pub(super) fn add(&mut self, line: scope_entry::Model) {
        let number = line.value.parse::<i64>();
        match (line.kind.as_str(), number) {
            ("user", _) => {
                self.users.insert(line.value);
            }
            ("department", Ok(id)) => {
                self.departments.insert(id);
            }
            ("department", Err(_)) => {}
            ("tag", Ok(id)) => {
                self.tags.insert(id);
            }
            _ => self.odd_kind = true,
        }
    }

    /// Whether it covers the member. `integration`: the app is the one through which the member was synced.
    pub(super) fn covers(
        &self,
        integration: bool,
        (member, direct): (&member::Model, &[Uuid]),
        (structure, lineage): (&Structure, &[(Uuid, i64)]),
    ) -> CachedScope {
        if !self.read {
            return CachedScope::Unknown;
        }
        let picked = self.users.contains(&member.userid_key);
        let by_department = || lineage.iter().any(|(_, id)| self.departments.contains(id));
        let by_tag = || !self.tags.is_disjoint(&structure.tags_of(direct, lineage));
        match () {
            () if picked || by_department() || by_tag() => CachedScope::Inside,
            () if integration || self.is_all_known(member, structure) => CachedScope::Outside,
            () => CachedScope::Uncertain,
        }
    }

    /// Whether what we hold tells for certain that this scope does not cover the member: no tags, and no department that we do not know.
    fn is_all_known(&self, member: &member::Model, structure: &Structure) -> bool {
        let mut named = self.departments.iter().chain(&member.departments.0);
        self.tags.is_empty() && !self.odd_kind && named.all(|id| structure.knows(*id))
    }
}
