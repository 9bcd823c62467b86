//! Installations, invitations and suites as the API answers them.

use serde::Deserialize;

use crate::console::http::{listing::Listing, moment::Moment, refused::Refused, visit::Visit, wecom::shared::Trouble};

/// What was picked when an app was authorised.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Scope {
    pub(super) members: i64,
    pub(super) departments: i64,
    pub(super) tags: i64,
}

/// A company that installed an app.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Installation {
    pub(super) id: String,
    pub(super) suite_id: String,
    pub(super) suite_name: String,
    pub(super) corp_id: String,
    pub(super) corp_name: String,
    pub(super) agent_id: Option<i64>,
    pub(super) status: String,
    pub(super) way: String,
    pub(super) installed_by: Option<String>,
    pub(super) installed_at: i64,
    pub(super) expires_at: Option<i64>,
    pub(super) scope: Scope,
    pub(super) read_at: Option<i64>,
    pub(super) data_source_id: Option<String>,
    pub(super) data_source_name: Option<String>,
    pub(super) members: Option<i64>,
    pub(super) departments: Option<i64>,
    pub(super) bound_by: Option<String>,
    pub(super) bound_at: Option<i64>,
    pub(super) cancelled_at: Option<i64>,
    pub(super) data_removed_at: Option<i64>,
    pub(super) problems: Vec<Trouble>,
}

impl Installation {
    /// The company as WeCom named it, else as its data source is called, else its corp ID.
    pub(super) fn name(&self) -> &str {
        match (self.corp_name.as_str(), &self.data_source_name) {
            ("", Some(name)) => name,
            ("", None) => &self.corp_id,
            (name, _) => name,
        }
    }

    /// Whether the company has the app.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.status.as_str(), "bound" | "unbound" | "moved")
    }
}

/// An installation with its moments.
pub(super) struct Line {
    pub(super) one: Installation,
    pub(super) installed: Moment,
    pub(super) until: Option<Moment>,
    pub(super) read: Option<Moment>,
    pub(super) bound: Option<Moment>,
    pub(super) cancelled: Option<Moment>,
    pub(super) removed: Option<Moment>,
    /// Who bound it, by name.
    pub(super) by: Option<String>,
}

impl Line {
    /// With names of operators.
    pub(super) fn new(visit: &Visit, one: Installation, by: Option<String>) -> Self {
        let moment = |at: Option<i64>| at.map(|at| visit.moment(at));
        Self {
            installed: visit.moment(one.installed_at),
            until: moment(one.expires_at),
            read: moment(one.read_at),
            bound: moment(one.bound_at),
            cancelled: moment(one.cancelled_at),
            removed: moment(one.data_removed_at),
            by,
            one,
        }
    }
}

/// An invitation.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Invitation {
    pub(super) id: String,
    pub(super) suite_id: String,
    pub(super) way: String,
    pub(super) stage: String,
    pub(super) expires_at: i64,
    #[serde(default)]
    pub(super) install_url: Option<String>,
    #[serde(default)]
    pub(super) qr: Option<String>,
    pub(super) installation_id: Option<String>,
    #[serde(default)]
    pub(super) problem: Option<Trouble>,
}

impl Invitation {
    /// Its page.
    pub(super) fn address(&self) -> String {
        format!("/console/installations/invited/{}/{}", self.suite_id, self.id)
    }

    /// Whether there is something to wait for.
    pub(super) fn waits(&self) -> bool {
        matches!(self.stage.as_str(), "open" | "redeemed")
    }
}

/// An app of the service provider.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Suite {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) suite_id: String,
}

/// The suites, at most 200 of them.
pub(super) async fn suites(visit: &Visit) -> Result<Vec<Suite>, Refused> {
    let found: Listing<Suite> = visit.get("suites?limit=200").await?;
    Ok(found.items)
}
