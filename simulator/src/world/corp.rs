//! A corp: its directory, its apps, its contacts-sync helper (reference §0.2, §5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    app::{App, Callback},
    customers::CustomerContact,
    member::Member,
};

/// One enterprise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Corp {
    /// `ww…`.
    pub corpid: String,
    /// Name shown on the pages.
    pub name: String,
    /// Secret of the contacts-sync helper; `None` = API sync is switched off.
    pub contacts_secret: Option<String>,
    /// Callback of the contacts-sync helper, the only receiver of `change_contact` (§7.1).
    pub contacts_callback: Option<Callback>,
    /// Whether the caller's IP was added after 2022-08-15: then details answer 48009 (§5.1).
    pub contacts_ip_is_new: bool,
    /// Trusted IPs of the contacts-sync helper; `None` = every caller is trusted.
    pub contacts_trusted_ips: Option<Vec<String>>,
    /// Departments by id; the root has id 1.
    pub departments: BTreeMap<u32, Department>,
    /// Tags by id.
    pub tags: BTreeMap<u32, Tag>,
    /// Apps by agentid.
    pub apps: BTreeMap<u32, App>,
    /// Members by **lower-cased** userid; [`Member::userid`] keeps the canonical letter case.
    pub members: BTreeMap<String, Member>,
    /// 客户联系.
    pub customer_contact: CustomerContact,
    /// The highest [`Member::serial`] so far.
    pub last_serial: u64,
}

impl Corp {
    /// Adds or replaces a member under the lower-cased userid. Whoever has no serial gets that of the member replaced, or a new one.
    pub fn add_member(&mut self, mut member: Member) {
        if member.serial == 0 {
            let known = self.member(&member.userid).map(|known| known.serial);
            member.serial = known.filter(|serial| *serial != 0).unwrap_or(self.last_serial + 1);
        }
        self.last_serial = self.last_serial.max(member.serial);
        self.members.insert(member.userid.to_lowercase(), member);
    }

    /// Looks a member up in any letter case.
    pub fn member(&self, userid: &str) -> Option<&Member> {
        self.members.get(&userid.to_lowercase())
    }

    /// Looks a member up in any letter case, for editing. Rename through [`Corp::rename_member`].
    pub fn member_mut(&mut self, userid: &str) -> Option<&mut Member> {
        self.members.get_mut(&userid.to_lowercase())
    }

    /// The member leaves: also vanishes from tags and scopes, as in the console.
    pub fn remove_member(&mut self, userid: &str) -> Option<Member> {
        let keep = |other: &String| !other.eq_ignore_ascii_case(userid);
        self.tags.values_mut().for_each(|tag| tag.users.retain(keep));
        let lists = self.apps.values_mut().flat_map(App::userids_mut);
        lists.for_each(|users| users.retain(keep));
        self.customer_contact.users.retain(keep);
        self.members.remove(&userid.to_lowercase())
    }

    /// Changes a userid everywhere (possible once in a member's life, §3.5); false if the old one is unknown.
    pub fn rename_member(&mut self, old: &str, new: &str) -> bool {
        let Some(mut member) = self.members.remove(&old.to_lowercase()) else {
            return false;
        };
        new.clone_into(&mut member.userid);
        let swap = |ids: &mut Vec<String>| {
            ids.iter_mut()
                .filter(|id| id.eq_ignore_ascii_case(old))
                .for_each(|id| new.clone_into(id));
        };
        self.tags.values_mut().for_each(|tag| swap(&mut tag.users));
        self.apps.values_mut().flat_map(App::userids_mut).for_each(swap);
        swap(&mut self.customer_contact.users);
        self.departments
            .values_mut()
            .for_each(|department| swap(&mut department.leaders));
        self.members
            .values_mut()
            .for_each(|other| swap(&mut other.direct_leader));
        self.add_member(member);
        true
    }

    /// Two members swap their userids; places in tags and scopes follow the people. False if one is unknown.
    pub fn swap_members(&mut self, one: &str, other: &str) -> bool {
        let Some((first, second)) = self.member(one).zip(self.member(other)) else {
            return false;
        };
        let (first, second) = (first.userid.clone(), second.userid.clone());
        if first == second {
            return false;
        }
        let aside = format!("{first}.swapped-aside");
        self.rename_member(&first, &aside) && self.rename_member(&second, &first) && self.rename_member(&aside, &second)
    }

    /// Adds or replaces a department.
    pub fn add_department(&mut self, department: Department) {
        self.departments.insert(department.id, department);
    }

    /// Adds or replaces an app.
    pub fn add_app(&mut self, app: App) {
        self.apps.insert(app.agentid, app);
    }
}

/// A department (§5.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Department {
    /// 32-bit id; 1 is the root.
    pub id: u32,
    /// At most 32 characters.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Id of the department above; 0 for the root.
    pub parent: u32,
    /// Bigger comes first.
    pub order: u32,
    /// Userids of the leaders.
    pub leaders: Vec<String>,
}

/// A tag (§5.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tag {
    /// Tag id.
    pub id: u32,
    /// At most 32 characters.
    pub name: String,
    /// Userids of tagged members.
    pub users: Vec<String>,
    /// Tagged departments, each with its subtree.
    pub parties: Vec<u32>,
}
