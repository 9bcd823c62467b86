//! Delivery options and delivery report of an event.

use serde::{Deserialize, Serialize};

use super::tamper::Tamper;

/// Owner of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The contacts-sync helper: the receiver of `change_contact`.
    Contacts,
    /// A self-built app by its agentid: the receiver of `subscribe`, `unsubscribe` and the like.
    App(u32),
}

/// Delivery options of an event. The default is: once, unaltered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delivery {
    /// Delivers it a second time, encrypted anew.
    pub duplicate: bool,
    /// Tampers with one part of it.
    pub tamper: Option<Tamper>,
    /// Never delivers it: WeCom does not guarantee delivery (§6.5).
    pub drop: bool,
    /// Holds it back until the next event of the same owner was delivered.
    pub reorder: bool,
    /// Holds it back until held events are released (`Simulator::release`).
    pub hold: bool,
}

/// Delivery report of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeliveryReport {
    /// Requests made, retries and duplicates included.
    pub attempts: u32,
    /// HTTP status of each request; 0 = no answer within the time limit.
    pub statuses: Vec<u16>,
    /// Held back (`Delivery::reorder`, `Delivery::hold`).
    pub held: bool,
    /// The last request was taken: HTTP 200, and `success` where that is asked for.
    pub taken: bool,
}
