//! Where a callback goes: address, keys, receive id, and what the outer message names (reference §6.3, §9.7).

use serde::{Deserialize, Serialize};

use super::delivery::Owner;
use crate::world::open_ids::OpenIds;
use crate::world::{CUSTOMER_CONTACT, Callback, Corp, World};

/// `AgentID` of the contacts-sync helper, where it is sent at all.
const HELPER: u32 = 2_000_002;

/// The receiver of a callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Destination {
    /// A callback of a corp; of an app that was installed, the data callback of its suite.
    Corp { corp: String, owner: Owner },
    /// The command callback of a suite.
    Suite(String),
}

/// One of the two callbacks of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuiteCallback {
    /// Tickets, installations, changes of contacts.
    Command,
    /// Events of the installed app.
    Data,
}

/// How a message is sealed and addressed.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub callback: Callback,
    pub receive_id: String,
    /// Outer `AgentID`; `None`: left out.
    pub agentid: Option<String>,
    /// The body of the answer has to be `success`.
    pub wants_success: bool,
    /// The suite whose keys seal it.
    pub suite: Option<String>,
}

impl Target {
    /// Sealed with the corpid, or another id, as receive id.
    pub(super) fn of(callback: Callback, receive_id: &str) -> Self {
        Self {
            callback,
            receive_id: receive_id.to_owned(),
            agentid: None,
            wants_success: false,
            suite: None,
        }
    }

    /// The target of a destination; `None`: nothing is configured there.
    pub(super) fn find(world: &World, to: &Destination) -> Option<Self> {
        match to {
            Destination::Corp { corp, owner } => {
                let known = world.corps.get(corp)?;
                match owner {
                    Owner::App(agentid) if world.suite_of(corp, *agentid).is_some() => data(world, known, *agentid),
                    _ => own(world, known, *owner),
                }
            }
            Destination::Suite(suite_id) => {
                let suite = world.suites.get(suite_id)?;
                let url = suite.command_url.clone()?;
                let (token, aes_key) = (suite.token.clone(), suite.aes_key.clone());
                Some(Self {
                    agentid: Some(String::new()),
                    wants_success: true,
                    suite: Some(suite_id.clone()),
                    ..Self::of(Callback { url, token, aes_key }, suite_id)
                })
            }
        }
    }
}

/// A callback that the corp itself configured.
fn own(world: &World, corp: &Corp, owner: Owner) -> Option<Target> {
    let switches = &world.switches;
    let agentid = match owner {
        Owner::Contacts => switches.contacts_agentid.then_some(HELPER),
        Owner::App(CUSTOMER_CONTACT) => switches.suites.customers_agentid.then_some(CUSTOMER_CONTACT),
        Owner::App(agentid) => Some(agentid),
    };
    Some(Target {
        agentid: agentid.map(|agentid| agentid.to_string()),
        ..Target::of(callback_of(corp, owner)?.clone(), &corp.corpid)
    })
}

fn callback_of(corp: &Corp, owner: Owner) -> Option<&Callback> {
    match owner {
        Owner::Contacts => corp.contacts_callback.as_ref(),
        Owner::App(CUSTOMER_CONTACT) => corp.customer_contact.callback.as_ref(),
        Owner::App(agentid) => corp.apps.get(&agentid)?.callback.as_ref(),
    }
}

/// The data callback of the suite from which the app was installed.
fn data(world: &World, corp: &Corp, agentid: u32) -> Option<Target> {
    let suite = world.suite_of(&corp.corpid, agentid)?;
    let seen = OpenIds::of_suite(world, &suite.suite_id)?.corpid(&corp.corpid);
    let callback = Callback {
        url: suite.data_url.as_ref()?.replace("$CORPID$", &seen),
        token: suite.token.clone(),
        aes_key: suite.aes_key.clone(),
    };
    Some(Target {
        agentid: Some(agentid.to_string()),
        suite: Some(suite.suite_id.clone()),
        ..Target::of(callback, &seen)
    })
}
