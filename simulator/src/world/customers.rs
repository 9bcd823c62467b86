//! External contacts: the customer-contact helper of a corp and its customers (reference §8).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::app::Callback;

/// Agentid of the customer-contact helper (§0.2): callbacks and tokens name it so.
pub const CUSTOMER_CONTACT: u32 = 2_000_003;

/// 客户联系 of a corp.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerContact {
    /// Its secret; `None` = the API is not used.
    pub secret: Option<String>,
    /// Where its events are sent.
    pub callback: Option<Callback>,
    /// Userids of members who have the function.
    pub users: Vec<String>,
    /// Agentids of self-built apps on the list 可调用应用.
    pub apps: Vec<u32>,
    /// Customers by `external_userid`.
    pub customers: BTreeMap<String, Customer>,
}

/// A person outside the corp.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Customer {
    /// Name.
    pub name: String,
    /// 1 of WeChat, 2 of WeCom.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Userids of the members who follow them.
    pub followers: Vec<String>,
}
