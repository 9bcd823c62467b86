//! What the pages of groups share: a group as they read it, and its addresses.

use serde::Deserialize;

use crate::console::http::{
    address::segment,
    frame::{Frame, Section},
    refused::Refused,
    visit::Visit,
};

/// A group as its pages read it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    /// How many are in it.
    pub(super) users: u64,
    /// `client_id` of each portal that it lets into.
    pub(super) clients: Vec<String>,
    pub(super) updated_at: i64,
}

/// The path of a group in the API.
pub(super) fn path(id: &str) -> String {
    format!("groups/{}", segment(id))
}

/// The address of a group's page.
pub(super) fn page_of(id: &str) -> String {
    format!("/console/people/groups/{}", segment(id))
}

pub(super) async fn read(visit: &Visit, id: &str) -> Result<Group, Refused> {
    visit.get(&path(id)).await
}

/// As [`read`], with its entity tag for the form of a page.
pub(super) async fn read_versioned(visit: &Visit, id: &str) -> Result<(Group, String), Refused> {
    visit.versioned(&path(id)).await
}

/// The layout of a page of a group.
pub(super) fn framed(visit: &Visit, group: &Group) -> Frame {
    visit
        .frame("console-groups-title", Some(Section::People))
        .titled(&group.name)
}
