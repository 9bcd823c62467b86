//! Scenario files: a world in TOML that people read and write. `base = "sample"` starts from the demo world and changes it.
//!
//! Only reading; the control API shows the running world as JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    app::{App, Callback},
    corp::{Corp, Department, Tag},
    customers::CustomerContact,
    faults::Fault,
    installing::Agreement,
    member::{Attribute, Field, Member, Placement, Sensitive},
    model::World,
    scope::Scope,
    suite::{Provider, Suite},
    switches::{Limits, Switches},
};

/// The demo world as a scenario file.
const SAMPLE: &str = include_str!("../../scenarios/sample.toml");
/// The demo world with suites.
const SUITES: &str = include_str!("../../scenarios/suites.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What the scenario rehearses; for readers only.
    #[serde(default, rename = "title")]
    _title: String,
    base: Option<String>,
    caller_ip: Option<String>,
    switches: Option<Switches>,
    limits: Option<Limits>,
    #[serde(default, rename = "fault")]
    faults: Vec<Fault>,
    #[serde(default, rename = "corp")]
    corps: Vec<CorpFile>,
    #[serde(default, rename = "provider")]
    providers: Vec<Provider>,
    #[serde(default, rename = "suite")]
    suites: Vec<Suite>,
    #[serde(default, rename = "install")]
    installs: Vec<InstallFile>,
    #[serde(default, rename = "customer_contact")]
    customer_contacts: BTreeMap<String, CustomerContact>,
    #[serde(default, rename = "change")]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CorpFile {
    corpid: String,
    name: String,
    contacts_secret: Option<String>,
    contacts_callback: Option<Callback>,
    #[serde(default)]
    contacts_ip_is_new: bool,
    contacts_trusted_ips: Option<Vec<String>>,
    departments: Vec<Department>,
    #[serde(default)]
    tags: Vec<Tag>,
    members: Vec<Row>,
    #[serde(default, rename = "app")]
    apps: Vec<App>,
}

/// A suite that a corp has installed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstallFile {
    corp: String,
    suite_id: String,
    /// Userid of who agreed.
    by: String,
    scope: Scope,
    permanent_code: String,
    /// Unix seconds.
    #[serde(default)]
    at: u64,
}

/// A member in one line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    userid: String,
    name: String,
    departments: Vec<u32>,
    #[serde(default)]
    leads: Vec<u32>,
    main: Option<u32>,
    #[serde(default)]
    position: String,
    #[serde(default = "active")]
    status: u8,
    #[serde(default)]
    alias: String,
    #[serde(default)]
    telephone: String,
    #[serde(default)]
    direct_leader: Vec<String>,
    #[serde(default)]
    private: Sensitive,
    consents: Option<Vec<Field>>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    note: String,
}

fn active() -> u8 {
    1
}

/// One change to one member of the base world.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    corp: String,
    userid: String,
    #[serde(default)]
    remove: bool,
    status: Option<u8>,
    departments: Option<Vec<u32>>,
    rename: Option<String>,
}

impl World {
    /// The demo world (constants: [`super::sample`]). An unreadable file gives an empty world, which the tests would notice.
    pub fn sample() -> Self {
        read(SAMPLE).unwrap_or_default()
    }

    /// The demo world with a provider and its suites beside it; nothing is installed (constants: [`super::sample`]).
    pub fn sample_with_suites() -> Self {
        read(SUITES).unwrap_or_default()
    }

    /// Reads a scenario file (`simulator/scenarios/*.toml`). The error is a sentence for the person who wrote it.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        read(text)
    }
}

pub(super) fn read(text: &str) -> Result<World, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut world = match file.base.as_deref() {
        None => World::default(),
        Some("sample") => World::sample(),
        Some(other) => return Err(format!("base = {other:?}: only \"sample\" is known")),
    };
    for corp in file.corps {
        let corp = corp.build()?;
        world.corps.insert(corp.corpid.clone(), corp);
    }
    file.changes
        .into_iter()
        .try_for_each(|change| change.apply(&mut world))?;
    let providers = file.providers.into_iter();
    world.providers.extend(providers.map(|one| (one.corpid.clone(), one)));
    let suites = file.suites.into_iter();
    world.suites.extend(suites.map(|one| (one.suite_id.clone(), one)));
    file.installs
        .into_iter()
        .try_for_each(|install| install.apply(&mut world))?;
    for (corpid, contact) in file.customer_contacts {
        let corp = world.corps.get_mut(&corpid);
        corp.ok_or_else(|| format!("customer_contact: no corp {corpid}"))?
            .customer_contact = contact;
    }
    world.switches = file.switches.unwrap_or(world.switches);
    world.limits = file.limits.unwrap_or(world.limits);
    world.caller_ip = file.caller_ip.or(world.caller_ip);
    world.faults.extend(file.faults);
    Ok(world)
}

impl CorpFile {
    fn build(self) -> Result<Corp, String> {
        let mut corp = Corp {
            corpid: self.corpid,
            name: self.name,
            contacts_secret: self.contacts_secret,
            contacts_callback: self.contacts_callback,
            contacts_ip_is_new: self.contacts_ip_is_new,
            contacts_trusted_ips: self.contacts_trusted_ips,
            departments: self.departments.into_iter().map(|d| (d.id, d)).collect(),
            tags: self.tags.into_iter().map(|t| (t.id, t)).collect(),
            apps: self.apps.into_iter().map(|a| (a.agentid, a)).collect(),
            members: BTreeMap::new(),
            ..Corp::default()
        };
        for row in self.members {
            if let Some(missing) = row.departments.iter().find(|id| !corp.departments.contains_key(id)) {
                return Err(format!(
                    "{}: {}: department {missing} does not exist",
                    corp.corpid, row.userid
                ));
            }
            if corp.member(&row.userid).is_some() {
                return Err(format!(
                    "{}: userid {} is there twice (letter case does not count)",
                    corp.corpid, row.userid
                ));
            }
            corp.add_member(row.build());
        }
        Ok(corp)
    }
}

impl Row {
    fn build(self) -> Member {
        let place = |&id: &u32| Placement {
            leader: self.leads.contains(&id),
            ..Placement::of(id)
        };
        let attribute = |(name, value)| Attribute { name, value, url: None };
        Member {
            departments: self.departments.iter().map(place).collect(),
            main_department: self.main.or(self.departments.first().copied()),
            position: self.position,
            status: self.status,
            alias: self.alias,
            telephone: self.telephone,
            direct_leader: self.direct_leader,
            sensitive: self.private,
            consents: self.consents,
            extattr: self.attributes.into_iter().map(attribute).collect(),
            note: self.note,
            serial: 0,
            userid: self.userid,
            name: self.name,
        }
    }
}

impl InstallFile {
    fn apply(self, world: &mut World) -> Result<(), String> {
        let unknown = format!(
            "install: no suite {}, or no {} in {}",
            self.suite_id, self.by, self.corp
        );
        let agreement = Agreement {
            suite_id: self.suite_id,
            by: self.by,
            scope: self.scope,
            at: self.at,
            auth_mode: 0,
            state: String::new(),
            permanent_code: self.permanent_code,
        };
        world.install(&self.corp, agreement).map(drop).ok_or(unknown)
    }
}

impl Change {
    fn apply(self, world: &mut World) -> Result<(), String> {
        let unknown = || format!("change: {} is not a member of {}", self.userid, self.corp);
        let corp = world.corps.get_mut(&self.corp).ok_or_else(unknown)?;
        let member = corp.member_mut(&self.userid).ok_or_else(unknown)?;
        member.status = self.status.unwrap_or(member.status);
        if let Some(ids) = &self.departments {
            member.departments = ids.iter().map(|&id| Placement::of(id)).collect();
            member.main_department = ids.first().copied();
        }
        if let Some(new) = &self.rename {
            corp.rename_member(&self.userid, new);
        }
        if self.remove {
            corp.remove_member(self.rename.as_deref().unwrap_or(&self.userid));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::world::{World, sample};

    #[test]
    fn every_scenario_of_the_folder_loads() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        let mut loaded = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let world = World::from_toml(&std::fs::read_to_string(&path).unwrap());
            assert!(
                !world
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                    .corps
                    .is_empty()
            );
            loaded += 1;
        }
        assert!(loaded >= 3);
    }

    #[test]
    fn changes_start_from_the_sample() {
        let text = format!(
            "base = \"sample\"\n[[change]]\ncorp = \"{}\"\nuserid = \"LiHua\"\nremove = true\n",
            sample::CORP
        );
        let world = World::from_toml(&text).unwrap();
        assert!(world.corps[sample::CORP].member("lihua").is_none());
        assert_eq!(world.corps.len(), 2);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(World::from_toml("bse = 1").unwrap_err().contains("bse"));
        let unknown = format!(
            "base = \"sample\"\n[[change]]\ncorp = \"{}\"\nuserid = \"nobody\"\n",
            sample::CORP
        );
        assert!(World::from_toml(&unknown).unwrap_err().contains("nobody"));
    }
}
