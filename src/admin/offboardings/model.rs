//! Offboarding reports: view and filter types. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    directory::{
        offboarding::model::{EndReason, EndedSession, RevokedGrant},
        setup_problem::Problem,
    },
    kernel::sorting::{Kind, Sort, SortWords},
};

/// How a list of reports can be sorted.
pub const SORTS: SortWords = SortWords::new(&[("at", Kind::Id)], Sort::down("at", Kind::Id));

/// Filter of reports.
#[derive(Clone, Debug, Default)]
pub struct ReportFilter {
    /// Of this user.
    pub user: Option<Uuid>,
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// For this reason.
    pub reason: Option<EndReason>,
}

/// What a list shows of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportLine {
    /// Row id.
    pub id: Uuid,
    /// Milliseconds.
    pub at: i64,
    /// Whose access ended.
    pub user_id: Uuid,
    /// Their username at that moment.
    pub username: String,
    /// Their userid in WeCom at that moment.
    pub userid: Option<String>,
    /// Row id of the member.
    pub member_id: Option<Uuid>,
    /// Row id of the data source.
    pub data_source_id: Option<Uuid>,
    /// Why: `departed`, `out_of_scope`, …
    pub reason: String,
    /// How it was learned: `sync`, `event`, `sign_in`, `session`, `admin`.
    pub learned_by: String,
    /// What was seen.
    pub evidence: Value,
    /// Row id of the app whose sign-ins ended; null: all access ended.
    pub app_id: Option<Uuid>,
    /// Whether the user was disabled by it.
    pub user_disabled: bool,
    /// Milliseconds: when the person had access again.
    pub readmitted_at: Option<i64>,
    /// Portals by what they know.
    pub portal_counts: PortalCounts,
}

/// How many portals know of an ending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PortalCounts {
    /// All their logouts were delivered.
    pub told: usize,
    /// Some are on their way.
    pub pending: usize,
    /// Some could not be delivered.
    pub failed: usize,
    /// They have no back-channel logout URI: what they hold ends with the tokens' lifetime, and is refused here from the first moment.
    pub cannot_be_told: usize,
}

/// A report in full.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportView {
    /// What a list shows.
    #[serde(flatten)]
    pub line: ReportLine,
    /// The sessions that ended.
    pub sessions: Vec<EndedSession>,
    /// The grants (families of refresh tokens) that were revoked.
    pub grants: Vec<RevokedGrant>,
    /// Every portal that was entered, with its deliveries.
    pub portals: Vec<PortalView>,
}

/// What one portal knows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PortalView {
    /// Row id.
    pub client: Uuid,
    /// Protocol `client_id`; null: the portal is gone.
    pub client_id: Option<String>,
    /// `told`, `pending`, `failed` or `cannot_be_told`.
    pub state: PortalState,
    /// One per session.
    pub deliveries: Vec<DeliveryLine>,
}

/// Whether a portal knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalState {
    /// All its logouts were delivered.
    Told,
    /// Some are on their way.
    Pending,
    /// Some could not be delivered, and none is on its way.
    Failed,
    /// It has no back-channel logout URI.
    CannotBeTold,
}

impl PortalState {
    /// The word in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::CannotBeTold => "cannot_be_told",
        }
    }

    fn of(deliveries: &[DeliveryLine]) -> Self {
        let any = |state: &str| deliveries.iter().any(|delivery| delivery.state == state);
        match () {
            () if deliveries.is_empty() => Self::CannotBeTold,
            () if any("pending") => Self::Pending,
            () if deliveries.iter().all(|delivery| delivery.state == "delivered") => Self::Told,
            () => Self::Failed,
        }
    }
}

/// One logout on its way, or at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryLine {
    /// Row id, as in `/logout-deliveries`.
    pub id: Uuid,
    /// The session it tells of.
    pub session_id: Uuid,
    /// `pending`, `delivered`, `failed` or `abandoned`.
    pub state: String,
    /// How often it was sent.
    pub attempts: i32,
    /// HTTP status of the last answer.
    pub last_status: Option<i32>,
    /// What was wrong with the last try.
    pub last_error: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Milliseconds.
    pub delivered_at: Option<i64>,
}

/// A delivery with the portal it goes to.
pub(in crate::admin) type Sent = (Uuid, DeliveryLine);

/// What the portals know that were entered by these grants, or are sent something.
pub(in crate::admin) fn portals(
    grants: &[RevokedGrant],
    sent: Vec<Sent>,
    names: &BTreeMap<Uuid, String>,
) -> Vec<PortalView> {
    let mut by_portal: BTreeMap<Uuid, Vec<DeliveryLine>> = BTreeMap::new();
    for grant in grants {
        by_portal.entry(grant.client_id).or_default();
    }
    for (client, delivery) in sent {
        by_portal.entry(client).or_default().push(delivery);
    }
    let views = by_portal.into_iter().map(|(client, deliveries)| PortalView {
        client,
        client_id: names.get(&client).cloned(),
        state: PortalState::of(&deliveries),
        deliveries,
    });
    views.collect()
}

pub(in crate::admin) fn count(portals: &[PortalView]) -> PortalCounts {
    let count = |state: PortalState| portals.iter().filter(|portal| portal.state == state).count();
    PortalCounts {
        told: count(PortalState::Told),
        pending: count(PortalState::Pending),
        failed: count(PortalState::Failed),
        cannot_be_told: count(PortalState::CannotBeTold),
    }
}
