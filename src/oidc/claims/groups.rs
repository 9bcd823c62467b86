//! The groups claim: a person's departments by id, name or full path, tags, and groups of ours, in the form a portal wants. Pure.
//!
//! Portals decide about rights by groups, so a group must not be forgeable by naming a department: a `/` in a name is written `%2F` in
//! paths, and tags and our groups have prefixes no path can have.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mapping::Placement;
use crate::kernel::validation::ValidationErrors;

/// Upper bound of `most`, and of the length of `allow`.
const MOST: usize = 1000;
/// Most levels followed upwards from a department; WeCom allows 15.
const DEEPEST: usize = 64;

/// What a person belongs to: their member according to the mirror of the corp, they themselves to groups of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affiliation {
    /// WeCom's id of the corp; empty: they are no member.
    pub corp_id: String,
    /// In WeCom's letter case; empty: they are no member.
    pub userid: String,
    /// WeCom's ids of the departments the member is in.
    pub direct: Vec<i64>,
    /// Those departments and all above them that the mirror has.
    pub departments: Vec<Department>,
    /// Names of the tags that hold the member, or a department of theirs.
    pub tags: Vec<String>,
    /// Names of the groups of ours in which the user is.
    pub own_groups: Vec<String>,
}

/// A department of the member, or one above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// WeCom's id.
    pub id: i64,
    /// WeCom's id of the one above; may be one the mirror does not have.
    pub parent: i64,
    /// Empty where WeCom withholds it.
    pub name: String,
}

/// Which groups are released to a portal, and in which form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GroupRules {
    /// Name of the claim.
    #[schema(example = "groups")]
    pub claim: String,
    /// Form of departments; null: they are left out.
    pub departments: Option<DepartmentForm>,
    /// Whether the departments above are included.
    pub ancestors: bool,
    /// Whether tags are included.
    pub tags: bool,
    /// Prefix of tags, so that a tag cannot be taken for a department.
    pub tag_prefix: String,
    /// Whether groups of Menjin's own are included.
    pub own_groups: bool,
    /// Prefix of those; departments and tags that come out with it are left out, so that none can be taken for one. Empty: none.
    pub own_prefix: String,
    /// Allow list, compared character by character; null: all.
    pub allow: Option<Vec<String>>,
    /// Most groups released, 1 to 1000. More are sorted and cut: which ones are dropped is always the same, and a warning is logged.
    /// Nothing in the claim shows it, because a portal would take that for a group.
    #[schema(minimum = 1, maximum = 1000)]
    pub most: usize,
    /// Where the claim is sent with the scope `groups`.
    #[serde(rename = "where")]
    pub placement: Placement,
}

/// The form of a department in the claim: WeCom's `id`; its `name` (two departments may share one); the `path` of names from the topmost
/// department down: `/总部/研发`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepartmentForm {
    /// WeCom's id.
    Id,
    /// Its name; two departments may share one.
    Name,
    /// The names from the topmost department down: `/总部/研发`. Where WeCom withholds the name of one above (an app sees only its own
    /// scope), the path begins below it.
    Path,
}

impl Default for GroupRules {
    fn default() -> Self {
        Self {
            claim: "groups".to_owned(),
            departments: Some(DepartmentForm::Path),
            ancestors: false,
            tags: false,
            tag_prefix: "tag:".to_owned(),
            own_groups: false,
            own_prefix: "group:".to_owned(),
            allow: None,
            most: 200,
            placement: Placement::Userinfo,
        }
    }
}

impl GroupRules {
    /// Adds a fault for each field that is not acceptable; the claim's name is checked with those of the mapping.
    pub fn note(&self, faults: &mut ValidationErrors) {
        for (field, prefix) in [
            ("metadata.claims.groups.tag_prefix", &self.tag_prefix),
            ("metadata.claims.groups.own_prefix", &self.own_prefix),
        ] {
            let fits = prefix.chars().count() <= 32 && !prefix.chars().any(char::is_control);
            faults.check(fits, field, "takes up to 32 characters");
        }
        faults.check(
            (1..=MOST).contains(&self.most),
            "metadata.claims.groups.most",
            format_args!("must lie between 1 and {MOST}"),
        );
        let allow = self.allow.as_deref().unwrap_or_default();
        let fits = allow.len() <= MOST && allow.iter().all(|group| (1..=500).contains(&group.chars().count()));
        faults.check(
            fits,
            "metadata.claims.groups.allow",
            format_args!("takes up to {MOST} groups of 1 to 500 characters"),
        );
    }

    /// The groups, sorted, and how many were cut.
    pub fn groups(&self, of: &Affiliation) -> (Vec<String>, usize) {
        let mut found = BTreeSet::new();
        if let Some(form) = self.departments {
            let line: HashMap<i64, &Department> = of.departments.iter().map(|known| (known.id, known)).collect();
            for id in &of.direct {
                let above = upwards(*id, &line);
                let told = if self.ancestors {
                    above.len()
                } else {
                    above.len().min(1)
                };
                let starts = (0..told).filter_map(|start| above.get(start..));
                found.extend(starts.filter_map(|line| form.of(line)));
            }
        }
        if self.tags {
            let tags = of.tags.iter().filter(|tag| !tag.is_empty());
            found.extend(tags.map(|tag| format!("{}{tag}", self.tag_prefix)));
        }
        if self.own_groups {
            // Whoever names departments and tags in WeCom makes none of our groups by it.
            found.retain(|group| self.own_prefix.is_empty() || !group.starts_with(&self.own_prefix));
            found.extend(of.own_groups.iter().map(|group| format!("{}{group}", self.own_prefix)));
        }
        if let Some(allow) = &self.allow {
            found.retain(|group| allow.contains(group));
        }
        let cut = found.len().saturating_sub(self.most);
        (found.into_iter().take(self.most).collect(), cut)
    }
}

impl DepartmentForm {
    /// The group of a department; `line` begins with the department and goes up. A department whose own name WeCom withholds has neither
    /// name nor path.
    fn of(self, line: &[&Department]) -> Option<String> {
        let own = line.first()?;
        match self {
            Self::Id => Some(own.id.to_string()),
            Self::Name => (!own.name.is_empty()).then(|| own.name.clone()),
            Self::Path => {
                let named = line.iter().take_while(|department| !department.name.is_empty());
                let names: Vec<String> = named.map(|department| segment(&department.name)).collect();
                let path = names.into_iter().rev().collect::<String>();
                (!path.is_empty()).then_some(path)
            }
        }
    }
}

/// A department's name as a path segment, escaped: a `/` inside it must not look like a level.
fn segment(name: &str) -> String {
    format!("/{}", name.replace('%', "%25").replace('/', "%2F"))
}

/// The department and all above it, as far as the mirror has them; a cycle, which WeCom should not have, is cut.
fn upwards<'a>(id: i64, line: &HashMap<i64, &'a Department>) -> Vec<&'a Department> {
    let mut found: Vec<&Department> = Vec::new();
    let mut next = line.get(&id);
    while let Some(department) = next {
        if found.len() >= DEEPEST || found.iter().any(|known| known.id == department.id) {
            break;
        }
        found.push(department);
        next = line.get(&department.parent);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn department(id: i64, parent: i64, name: &str) -> Department {
        Department {
            id,
            parent,
            name: name.to_owned(),
        }
    }

    fn affiliation() -> Affiliation {
        Affiliation {
            corp_id: "ww1".to_owned(),
            userid: "lihua".to_owned(),
            direct: vec![7, 3],
            departments: vec![
                department(1, 0, "总部"),
                department(2, 1, "研发"),
                department(7, 2, "平台/内核"),
                department(3, 1, "市场"),
            ],
            tags: vec!["值班".to_owned()],
            own_groups: vec!["wiki-editors".to_owned()],
        }
    }

    fn told(rules: GroupRules) -> Vec<String> {
        rules.groups(&affiliation()).0
    }

    #[test]
    fn departments_by_id_by_name_or_by_full_path() {
        let of = |departments| GroupRules {
            departments,
            ..GroupRules::default()
        };
        assert_eq!(told(of(Some(DepartmentForm::Id))), ["3", "7"]);
        assert_eq!(told(of(Some(DepartmentForm::Name))), ["市场", "平台/内核"]);
        assert_eq!(
            told(of(Some(DepartmentForm::Path))),
            ["/总部/市场", "/总部/研发/平台%2F内核"]
        );
        assert!(told(of(None)).is_empty());
    }

    #[test]
    fn ancestors_come_once_each() {
        let rules = GroupRules {
            ancestors: true,
            ..GroupRules::default()
        };
        assert_eq!(
            told(rules),
            ["/总部", "/总部/市场", "/总部/研发", "/总部/研发/平台%2F内核"]
        );
    }

    #[test]
    fn tags_bear_their_prefix_and_the_allow_list_is_exact() {
        let rules = GroupRules {
            tags: true,
            allow: Some(vec!["tag:值班".to_owned(), "/总部/市场".to_owned(), "/总部".to_owned()]),
            ..GroupRules::default()
        };
        assert_eq!(told(rules), ["/总部/市场", "tag:值班"]);
    }

    #[test]
    fn groups_of_ours_are_told_only_where_the_rules_say_so() {
        let rules = |own_prefix: &str| GroupRules {
            departments: None,
            own_groups: true,
            own_prefix: own_prefix.to_owned(),
            ..GroupRules::default()
        };
        assert_eq!(told(rules("group:")), ["group:wiki-editors"]);
        assert_eq!(told(rules("")), ["wiki-editors"]);
        assert!(!told(GroupRules::default()).iter().any(|group| group.contains("wiki")));
        let mut odd = affiliation();
        odd.departments.push(department(9, 1, "group:wiki-admins"));
        odd.direct = vec![9, 3];
        odd.tags = vec!["group:wiki-owners".to_owned()];
        let mixed = GroupRules {
            departments: Some(DepartmentForm::Name),
            own_groups: true,
            tags: true,
            tag_prefix: String::new(),
            ..GroupRules::default()
        };
        assert_eq!(mixed.groups(&odd).0, ["group:wiki-editors", "市场"]);
    }

    #[test]
    fn more_than_the_cap_is_cut_the_same_way_every_time() {
        let rules = GroupRules {
            ancestors: true,
            most: 2,
            ..GroupRules::default()
        };
        let mut turned = affiliation();
        turned.direct.reverse();
        turned.departments.reverse();
        assert_eq!(rules.groups(&affiliation()), rules.groups(&turned));
        assert_eq!(
            rules.groups(&turned),
            (vec!["/总部".to_owned(), "/总部/市场".to_owned()], 2)
        );
    }

    #[test]
    fn a_path_begins_below_a_withheld_name_and_a_circle_ends() {
        let mut odd = affiliation();
        odd.departments = vec![
            department(7, 2, "平台"),
            department(2, 1, "研发"),
            department(1, 0, ""),
            department(3, 1, ""),
        ];
        assert_eq!(GroupRules::default().groups(&odd).0, ["/研发/平台"]);
        odd.departments = vec![department(7, 2, "平台"), department(2, 7, "")];
        let rules = GroupRules {
            departments: Some(DepartmentForm::Id),
            ancestors: true,
            ..GroupRules::default()
        };
        assert_eq!(rules.groups(&odd).0, ["2", "7"]);
    }
}
