//! Tally of visible scopes: how many members each app of a corp reaches, and how many of them lie outside the integration app's scope, inside
//! which all others should lie (product S2.4). Pure.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::{
    mirror::{AppRow, DepartmentRow, TagRow},
    plan::visible_scope::{Contacts, Cover, VisibleScope},
    snapshot::ScopeLine,
};

/// The scopes of a corp's apps, and with what they are expanded.
#[derive(Clone, Debug, Default)]
pub struct CorpScopes {
    /// The integration app.
    pub integration: Option<Uuid>,
    /// Whether syncs see the whole corp, and not only who is inside the integration app's scope.
    pub whole_corp: bool,
    /// All apps of the corp.
    pub apps: Vec<AppRow>,
    /// Departments we hold.
    pub departments: Vec<DepartmentRow>,
    /// Tags we hold.
    pub tags: Vec<TagRow>,
}

impl CorpScopes {
    /// With what scopes are expanded.
    pub fn contacts(&self) -> Contacts<'_> {
        Contacts::held(&self.departments, &self.tags)
    }

    /// An app whose scope was read.
    pub fn read(&self, id: Uuid) -> Option<&AppRow> {
        self.apps.iter().find(|app| app.id == id && app.read)
    }

    /// Who is inside the integration app's scope.
    pub fn inside_integration(&self, contacts: &Contacts<'_>) -> Option<VisibleScope> {
        contacts.expand(&self.read(self.integration?)?.scope)
    }
}

/// A member, as far as scopes decide about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Row id.
    pub id: Uuid,
    /// Lower-cased userid.
    pub key: String,
    /// WeCom's department ids.
    pub departments: Vec<i64>,
}

/// What was counted of one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Which.
    pub app: Uuid,
    /// Members inside its scope; `None`: not known.
    pub members: Option<i64>,
    /// Of them, those outside the integration app's scope; `None`: not known, or it is that app.
    pub outside: Option<i64>,
    /// Lines outside it behind which no member is known.
    pub lines: Option<i64>,
}

/// Counts members for all apps of a corp.
pub struct Tallies<'a> {
    inside_integration: Option<VisibleScope>,
    apps: Vec<Counted<'a>>,
}

struct Counted<'a> {
    app: &'a AppRow,
    scope: Option<VisibleScope>,
    members: i64,
    outside: i64,
    /// Picked members who were not met yet.
    unmet: HashSet<&'a str>,
    /// Departments outside the integration app's scope, where syncs see nobody there; `None`: nothing to compare with.
    departments: Option<i64>,
}

impl<'a> Tallies<'a> {
    /// Nobody counted yet.
    pub fn new(corp: &'a CorpScopes) -> Self {
        let contacts = corp.contacts();
        let inside_integration = corp.inside_integration(&contacts);
        let apps = corp.apps.iter().map(|app| {
            let others = inside_integration
                .as_ref()
                .filter(|_| app.read && corp.integration != Some(app.id));
            Counted {
                app,
                scope: contacts.expand(&app.scope).filter(|_| app.read),
                members: 0,
                outside: 0,
                unmet: picked(&app.scope).filter(|_| !corp.whole_corp).collect(),
                departments: others.map(|inside| match corp.whole_corp {
                    true => 0,
                    false => count(departments(&app.scope).filter(|id| !inside.covers_department(*id))),
                }),
            }
        });
        Self {
            apps: apps.collect(),
            inside_integration,
        }
    }

    /// Keys of those about whom not only their departments decide: a scope names them, or a tag of it does.
    pub fn named(&self) -> HashSet<String> {
        let scopes = self.apps.iter().filter_map(|app| app.scope.as_ref());
        let named = scopes.chain(&self.inside_integration).flat_map(VisibleScope::named);
        let picked = self.apps.iter().flat_map(|app| app.unmet.iter().copied());
        named.chain(picked).map(str::to_owned).collect()
    }

    /// Counts them: how many members have these departments, and of them those who are [`Self::named`].
    pub fn count(mut self, mut by_departments: HashMap<Vec<i64>, i64>, named: &[Placed]) -> Vec<Tally> {
        for member in named {
            for app in &mut self.apps {
                app.unmet.remove(member.key.as_str());
            }
            self.add(&member.key, &member.departments, 1);
            if let Some(others) = by_departments.get_mut(&member.departments) {
                // What was read later may be another picture.
                *others = others.saturating_sub(1).max(0);
            }
        }
        for (departments, members) in by_departments {
            self.add("", &departments, members);
        }
        self.finish()
    }

    fn add(&mut self, key: &str, departments: &[i64], members: i64) {
        let inside = self.inside_integration.as_ref();
        let outside = inside.is_some_and(|scope| !scope.covers(key, departments));
        for app in &mut self.apps {
            let scope = app.scope.as_ref();
            if scope.is_some_and(|scope| scope.covers(key, departments)) {
                app.members += members;
                app.outside += if outside { members } else { 0 };
            }
        }
    }

    fn finish(self) -> Vec<Tally> {
        let tallies = self.apps.into_iter().map(|counted| Tally {
            app: counted.app.id,
            members: counted.scope.is_some().then_some(counted.members),
            outside: (counted.scope.is_some() && counted.departments.is_some()).then_some(counted.outside),
            lines: counted
                .departments
                .map(|departments| departments.saturating_add(count(counted.unmet.iter()))),
        });
        tallies.collect()
    }
}

fn picked(scope: &BTreeSet<ScopeLine>) -> impl Iterator<Item = &str> {
    scope.iter().filter_map(|line| match line {
        ScopeLine::User(key) => Some(key.as_str()),
        ScopeLine::Department(_) | ScopeLine::Tag(_) => None,
    })
}

fn departments(scope: &BTreeSet<ScopeLine>) -> impl Iterator<Item = i64> + '_ {
    scope.iter().filter_map(|line| match line {
        ScopeLine::Department(id) => Some(*id),
        ScopeLine::User(_) | ScopeLine::Tag(_) => None,
    })
}

fn count<T>(all: impl Iterator<Item = T>) -> i64 {
    i64::try_from(all.count()).unwrap_or(i64::MAX)
}

/// One app's scope held against the integration app's.
pub struct Comparison {
    scope: VisibleScope,
    inside_integration: VisibleScope,
}

impl Comparison {
    /// `None` where one of the scopes is not known, or the app is the integration app.
    pub fn of(corp: &CorpScopes, app: Uuid) -> Option<Self> {
        let contacts = corp.contacts();
        let other = corp.integration.filter(|integration| *integration != app);
        other?;
        Some(Self {
            scope: contacts.expand(&corp.read(app)?.scope)?,
            inside_integration: corp.inside_integration(&contacts)?,
        })
    }

    /// By what a member is inside this app's scope while they are outside the integration app's; `None`: they are not.
    pub fn outside(&self, key: &str, departments: &[i64]) -> Option<Cover> {
        let inside = self.inside_integration.covers(key, departments);
        self.scope.why(key, departments).filter(|_| !inside)
    }
}

/// The lines of an app's scope that do not lie inside the integration app's: departments, and, where syncs see nobody outside that scope,
/// also the picked members in `unknown` and tags that the integration app's scope does not have.
pub fn lines_outside(corp: &CorpScopes, app: Uuid, unknown: &HashSet<String>) -> Vec<ScopeLine> {
    let contacts = corp.contacts();
    let held = corp.integration.filter(|integration| *integration != app);
    let integration = held.and_then(|id| corp.read(id));
    let inside = corp.inside_integration(&contacts);
    let (Some(row), Some(integration), Some(inside)) = (corp.read(app), integration, inside) else {
        return Vec::new();
    };
    let lies_outside = |line: &&ScopeLine| match line {
        ScopeLine::Department(id) => !inside.covers_department(*id),
        ScopeLine::User(key) => !corp.whole_corp && unknown.contains(key),
        ScopeLine::Tag(_) => !corp.whole_corp && !integration.scope.contains(*line),
    };
    row.scope.iter().filter(lies_outside).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTEGRATION: u128 = 1;
    const OTHER: u128 = 2;

    fn corp(other: impl IntoIterator<Item = ScopeLine>, whole_corp: bool) -> CorpScopes {
        let app = |id: u128, scope: BTreeSet<ScopeLine>| AppRow {
            id: Uuid::from_u128(id),
            scope,
            read: true,
        };
        let department = |wecom_id: i64, parent_wecom_id: i64| DepartmentRow {
            id: Uuid::nil(),
            wecom_id,
            parent_wecom_id,
            name: String::new(),
            sort_order: 0,
            path: String::new(),
        };
        CorpScopes {
            integration: Some(Uuid::from_u128(INTEGRATION)),
            whole_corp,
            apps: vec![
                app(INTEGRATION, [ScopeLine::Department(2)].into()),
                app(OTHER, other.into_iter().collect()),
            ],
            departments: vec![department(1, 0), department(2, 1), department(4, 2), department(10, 1)],
            tags: vec![TagRow {
                id: Uuid::nil(),
                wecom_id: 7,
                name: String::new(),
                users: ["tagged".to_owned()].into(),
                departments: BTreeSet::new(),
            }],
        }
    }

    fn placed(key: &str, departments: &[i64]) -> Placed {
        Placed {
            id: Uuid::nil(),
            key: key.to_owned(),
            departments: departments.to_vec(),
        }
    }

    fn tallied(corp: &CorpScopes, members: &[Placed]) -> Vec<Tally> {
        let tallies = Tallies::new(corp);
        let keys = tallies.named();
        let named = members.iter().filter(|member| keys.contains(member.key.as_str()));
        let named: Vec<Placed> = named.cloned().collect();
        let mut by_departments = HashMap::new();
        for member in members {
            *by_departments.entry(member.departments.clone()).or_default() += 1;
        }
        tallies.count(by_departments, &named)
    }

    fn of_other(corp: &CorpScopes, members: &[Placed]) -> Tally {
        tallied(corp, members).remove(1)
    }

    #[test]
    fn members_are_counted_inside_and_outside_the_integration_apps_scope() {
        let members = [
            placed("both", &[4]),
            placed("outside", &[10]),
            placed("tagged", &[1]),
            placed("picked", &[1]),
            placed("neither", &[1]),
        ];
        let lines = [
            ScopeLine::Department(4),
            ScopeLine::Department(10),
            ScopeLine::Tag(7),
            ScopeLine::User("picked".to_owned()),
        ];
        let corp = corp(lines, true);
        let tally = of_other(&corp, &members);
        assert_eq!((tally.members, tally.outside, tally.lines), (Some(4), Some(3), Some(0)));
        let own = tallied(&corp, &members).remove(0);
        assert_eq!((own.members, own.outside, own.lines), (Some(1), None, None));
        let comparison = Comparison::of(&corp, Uuid::from_u128(OTHER)).unwrap();
        let why = |member: &Placed| comparison.outside(&member.key, &member.departments);
        assert_eq!(
            members.each_ref().map(why),
            [
                None,
                Some(Cover::Department(10)),
                Some(Cover::Tag(7)),
                Some(Cover::Singly),
                None
            ]
        );
        assert!(Comparison::of(&corp, Uuid::from_u128(INTEGRATION)).is_none());
    }

    #[test]
    fn where_nobody_outside_is_seen_the_lines_tell() {
        let lines = [
            ScopeLine::Department(2),
            ScopeLine::Department(99),
            ScopeLine::Tag(7),
            ScopeLine::User("both".to_owned()),
            ScopeLine::User("stranger".to_owned()),
        ];
        let corp = corp(lines, false);
        let tally = of_other(&corp, &[placed("both", &[4])]);
        assert_eq!((tally.members, tally.outside, tally.lines), (Some(1), Some(0), Some(2)));
        let unknown = HashSet::from(["stranger".to_owned()]);
        assert_eq!(
            lines_outside(&corp, Uuid::from_u128(OTHER), &unknown),
            [
                ScopeLine::User("stranger".to_owned()),
                ScopeLine::Department(99),
                ScopeLine::Tag(7)
            ]
        );
    }

    #[test]
    fn what_was_not_read_is_not_counted() {
        let mut unread = corp([ScopeLine::Department(10)], true);
        unread.apps[1].read = false;
        let tally = of_other(&unread, &[placed("outside", &[10])]);
        assert_eq!((tally.members, tally.outside, tally.lines), (None, None, None));
        let strange = corp([ScopeLine::Tag(8)], true);
        let tally = of_other(&strange, &[placed("outside", &[10])]);
        assert_eq!((tally.members, tally.outside), (None, None));
        let mut alone = corp([ScopeLine::Department(10)], true);
        alone.integration = None;
        let tally = of_other(&alone, &[placed("outside", &[10])]);
        assert_eq!((tally.members, tally.outside, tally.lines), (Some(1), None, None));
    }
}
