//! The field policy: which secret may call what, and which fields of a member it sees (reference §3.4, §4.3, §5.1).

use serde_json::{Map, Value, json};

use crate::errmsg::{Refusal, refusal};
use crate::tokens::Kind;
use crate::world::index::{CorpIndex, Visible};
use crate::world::{App, Attribute, Corp, Department, Field, Member, MissingField, Placement, Switches};

/// Rows of the table in §5.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// `user/get`, `user/list`, `user/simplelist`, `department/list`.
    Details,
    /// `user/list_id`.
    ListIds,
    /// `department/simplelist`.
    DepartmentIds,
    /// `department/get`.
    DepartmentGet,
    /// `tag/list`, `tag/get`.
    Tags,
    /// `export/*`.
    Export,
    /// `user/create`, `user/update`, `user/delete`.
    Write,
    /// `auth/getuserinfo` and its twins.
    Identity,
    /// `agent/get`, `message/*`, JS-SDK tickets.
    AppOnly,
    /// `externalcontact/*`.
    Customers,
    /// Every API that any token may call.
    Anyone,
}

/// Whether this kind of secret may call; 48002 and 48009 are the refusals.
pub(crate) fn permit(right: Right, kind: Kind, corp: &Corp, switches: &Switches) -> Result<(), Refusal> {
    let new_ip = corp.contacts_ip_is_new;
    let code = match (kind, right) {
        (Kind::App(_), Right::ListIds | Right::Write) => Some(48002),
        (Kind::Customers, Right::Customers | Right::Anyone) => None,
        (Kind::Customers, _) => Some(48002),
        (Kind::App(agentid), Right::Customers) => {
            let listed = corp.customer_contact.apps.contains(&agentid);
            (!listed).then_some(48002)
        }
        (Kind::Contacts, Right::Customers) => Some(48002),
        (Kind::Contacts, Right::Identity) => Some(switches.contacts_exchange_code),
        (Kind::Contacts, Right::AppOnly) => Some(48002),
        (Kind::Contacts, Right::Details) if new_ip => Some(48009),
        (Kind::Contacts, Right::DepartmentGet) if new_ip && !switches.department_get_on_new_ip => Some(48009),
        (Kind::Contacts, Right::Export) if new_ip && !switches.export_on_new_ip => Some(48009),
        (Kind::Contacts, Right::Tags) if new_ip && !switches.tags_on_new_ip => Some(48009),
        _ => None,
    };
    code.map_or(Ok(()), |code| Err(refusal(code)))
}

/// Fields of members that suites are told only by a switch: what is neither an id nor sensitive.
const ORDINARY: [&str; 5] = ["position", "alias", "telephone", "extattr", "external_profile"];

/// A corp as one secret may see it.
pub(crate) struct View<'a> {
    pub corp: &'a Corp,
    pub index: &'a CorpIndex,
    pub switches: &'a Switches,
    /// `None`: the whole corp, as for the contacts-sync helper.
    visible: Option<&'a Visible>,
    sensitive: bool,
    /// Ids stand where names are (§9.10).
    ids_only: bool,
}

impl<'a> View<'a> {
    pub(crate) fn of(kind: Kind, (corp, index, switches): (&'a Corp, &'a CorpIndex, &'a Switches)) -> Self {
        let (visible, app) = match kind {
            Kind::Contacts | Kind::Customers => (None, None),
            Kind::App(agentid) => (index.readable(agentid), corp.apps.get(&agentid)),
        };
        let sensitive = match kind {
            Kind::Contacts => true,
            Kind::Customers => false,
            Kind::App(_) => app.is_some_and(|app| app.created_before_2022_06_20 && app.install.is_none()),
        };
        let ids_only = app.is_some_and(App::sees_ids_only);
        Self {
            corp,
            index,
            switches,
            visible,
            sensitive,
            ids_only,
        }
    }

    pub(crate) fn sees(&self, member: &Member) -> bool {
        self.visible.is_none_or(|visible| visible.holds(member))
    }

    pub(crate) fn sees_userid(&self, userid: &str) -> bool {
        self.corp.member(userid).is_some_and(|member| self.sees(member))
    }

    pub(crate) fn sees_department(&self, id: u32) -> bool {
        self.corp.departments.contains_key(&id) && self.visible.is_none_or(|v| v.departments.contains(&id))
    }

    /// Refuses departments which do not exist or lie outside the scope.
    pub(crate) fn department(&self, id: u32) -> Result<&'a Department, Refusal> {
        let unknown = || refusal(self.switches.unknown_department_code);
        let department = self.corp.departments.get(&id).ok_or_else(unknown)?;
        if self.sees_department(id) {
            Ok(department)
        } else {
            Err(refusal(60011))
        }
    }

    /// Refuses unknown and invisible members (§3.4).
    pub(crate) fn member(&self, userid: &str) -> Result<&'a Member, Refusal> {
        let member = self.corp.member(userid).ok_or_else(|| refusal(60111))?;
        if self.sees(member) {
            Ok(member)
        } else {
            Err(refusal(self.switches.not_visible_code))
        }
    }

    fn places(&self, member: &Member) -> Vec<Placement> {
        member
            .departments
            .iter()
            .filter(|place| self.switches.shapes.unlisted_departments || self.sees_department(place.department))
            .copied()
            .collect()
    }

    pub(crate) fn only_visible(&self, userids: &[String]) -> Vec<String> {
        userids.iter().filter(|id| self.sees_userid(id)).cloned().collect()
    }

    /// Row of `user/simplelist`.
    pub(crate) fn brief(&self, member: &Member) -> Value {
        let ids: Vec<u32> = self.places(member).iter().map(|place| place.department).collect();
        json!({"userid": member.userid, "name": self.name(member), "department": ids})
    }

    /// The object of `user/get`: the minimal reply of §3.4, more for old apps.
    pub(crate) fn details(&self, member: &Member) -> Map<String, Value> {
        let places = self.places(member);
        let attrs: Vec<Value> = member.extattr.iter().map(attribute).collect();
        let mut fields = Map::from_iter([
            ("userid".to_owned(), json!(member.userid)),
            ("name".to_owned(), json!(self.name(member))),
            (
                "department".to_owned(),
                places.iter().map(|place| place.department).collect(),
            ),
            ("order".to_owned(), places.iter().map(|place| place.order).collect()),
            ("position".to_owned(), json!(member.position)),
            (
                "is_leader_in_dept".to_owned(),
                places.iter().map(|place| u8::from(place.leader)).collect(),
            ),
            (
                "direct_leader".to_owned(),
                json!(self.only_visible(&member.direct_leader)),
            ),
            ("telephone".to_owned(), json!(member.telephone)),
            ("alias".to_owned(), json!(member.alias)),
            ("status".to_owned(), json!(member.status)),
            ("extattr".to_owned(), json!({"attrs": attrs})),
            (
                "external_profile".to_owned(),
                json!({"external_attr": [], "external_corp_name": ""}),
            ),
        ]);
        if let Some(main) = member.main_department.filter(|id| self.sees_department(*id)) {
            fields.insert("main_department".to_owned(), json!(main));
        }
        if self.switches.shows_enable {
            fields.insert("enable".to_owned(), json!(u8::from(member.status != 2)));
        }
        if self.ids_only && !self.switches.suites.ordinary_fields {
            for key in ORDINARY {
                fields.remove(key);
            }
        }
        self.add_sensitive(member, &mut fields);
        fields
    }

    /// The name of a member, or the userid in its place.
    pub(crate) fn name<'m>(&self, member: &'m Member) -> &'m str {
        if self.ids_only { &member.userid } else { &member.name }
    }

    fn add_sensitive(&self, member: &Member, fields: &mut Map<String, Value>) {
        if self.ids_only || !self.sensitive && self.switches.missing_sensitive == MissingField::Absent {
            return;
        }
        for field in Field::ALL {
            let value = if self.sensitive {
                member.sensitive.get(field)
            } else {
                ""
            };
            let value = if field == Field::Gender && value.is_empty() {
                "0"
            } else {
                value
            };
            fields.insert(field.key().to_owned(), json!(value));
        }
        let avatar = if self.sensitive {
            member.sensitive.avatar.as_str()
        } else {
            ""
        };
        let thumb = avatar
            .strip_suffix("/0")
            .map_or_else(|| avatar.to_owned(), |stem| format!("{stem}/100"));
        fields.insert("thumb_avatar".to_owned(), json!(thumb));
    }

    /// Departments visible below `root` (itself included), or all visible ones; ids ascending.
    pub(crate) fn departments(&self, root: Option<u32>) -> Result<Vec<&'a Department>, Refusal> {
        let mut ids = match root.filter(|&id| id != 0 || !self.switches.id_zero_means_all) {
            Some(root) => self.index.subtree(self.department(root)?.id),
            None => self.corp.departments.keys().copied().collect(),
        };
        ids.retain(|id| self.sees_department(*id));
        ids.sort_unstable();
        if ids.is_empty() && self.switches.no_departments_code != 0 {
            return Err(refusal(self.switches.no_departments_code));
        }
        Ok(ids.iter().filter_map(|id| self.corp.departments.get(id)).collect())
    }

    /// Object of `department/list` and `department/get`.
    pub(crate) fn department_json(&self, department: &Department) -> Value {
        let id = department.id.to_string();
        let (name, name_en) = if self.ids_only {
            (&id, "")
        } else {
            (&department.name, department.name_en.as_str())
        };
        json!({
            "id": department.id, "name": name, "name_en": name_en,
            "department_leader": self.only_visible(&department.leaders),
            "parentid": department.parent, "order": department.order,
        })
    }
}

fn attribute(attribute: &Attribute) -> Value {
    match &attribute.url {
        None => json!({"type": 0, "name": attribute.name, "text": {"value": attribute.value}}),
        Some(url) => json!({"type": 1, "name": attribute.name, "web": {"url": url, "title": attribute.value}}),
    }
}
