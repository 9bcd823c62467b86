//! Offboarding reports: view and filter types. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::{
        offboarding::model::{EndReason, EndedSession, LearnedBy, RevokedGrant},
        setup_problem::Problem,
    },
    kernel::sorting::{Kind, Sort, SortWords},
    oidc::logout::State as DeliveryState,
    word_schema,
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
    /// Whose username, userid or name contains this text, without regard to letter case.
    pub search: Option<String>,
    /// Of which some portal does not know.
    pub unheard: Option<Unheard>,
    /// At this moment or later, milliseconds since 1970.
    pub since: Option<i64>,
    /// Before this moment, milliseconds since 1970.
    pub until: Option<i64>,
}

/// Why a portal does not know of an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// A logout could not be delivered, and is not sent any more.
    Failed,
    /// A logout is on its way.
    Pending,
}

impl Unheard {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Failed, Self::Pending];

    /// The word in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }

    /// The one of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unheard| unheard.word() == word)
    }

    /// The states of deliveries that are like that.
    pub const fn states(self) -> &'static [&'static str] {
        match self {
            Self::Failed => &["failed", "abandoned"],
            Self::Pending => &["pending"],
        }
    }
}

word_schema!(
    Unheard,
    "OffboardingUnheard",
    "Why a portal does not know: `failed`: a logout could not be delivered; `pending`: one is on its way.",
    Unheard::ALL.map(Unheard::word)
);

/// Whose access ended in a span of time, counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OffboardingSummary)]
pub struct ReportSummary {
    /// Beginning of the span, milliseconds since 1970.
    pub since: i64,
    /// People whose access ended and has not come back.
    pub people: u64,
    /// Logouts that were delivered.
    pub delivered: u64,
    /// Logouts that are still sent.
    pub pending: u64,
    /// Logouts that were not delivered, and are not sent any more.
    pub failed: u64,
    /// The logout that took longest to be delivered; null: none was.
    pub slowest: Option<SlowestDelivery>,
}

/// The logout that took longest to be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlowestDelivery {
    /// Row id of the report.
    pub offboarding_id: Uuid,
    /// Row id of the user whose access ended.
    pub user_id: Uuid,
    /// Whose access ended.
    pub username: String,
    /// Row id of the portal.
    pub client: Uuid,
    /// Its `client_id`; null: the portal is gone.
    pub client_id: Option<String>,
    /// Its name; null: the portal is gone.
    pub client_name: Option<String>,
    /// Milliseconds from the end of access until the portal confirmed it.
    pub milliseconds: i64,
}

/// An offboarding report, as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = OffboardingLine)]
pub struct ReportLine {
    /// Row id.
    pub id: Uuid,
    /// When access ended, milliseconds since 1970.
    pub at: i64,
    /// Row id of the user whose access ended.
    pub user_id: Uuid,
    /// Their username at that moment.
    pub username: String,
    /// Their userid in WeCom at that moment; null: none.
    pub userid: Option<String>,
    /// Row id of the member; null: none.
    pub member_id: Option<Uuid>,
    /// Row id of the data source; null: none.
    pub data_source_id: Option<Uuid>,
    /// Why.
    #[schema(value_type = EndReason)]
    pub reason: String,
    /// How it was learned.
    #[schema(value_type = LearnedBy)]
    pub learned_by: String,
    /// What was seen; its shape depends on how it was learned.
    pub evidence: Value,
    /// Row id of the app whose sign-ins ended; null: all access ended.
    pub app_id: Option<Uuid>,
    /// Whether the user was disabled by it.
    pub user_disabled: bool,
    /// When the person had access again, milliseconds since 1970; null: they have none.
    pub readmitted_at: Option<i64>,
    /// How many portals know of it.
    pub portal_counts: PortalCounts,
}

/// How many portals know of an ending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
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

/// An offboarding report in full.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Offboarding)]
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

/// What one portal knows of an ending.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = OffboardingPortal)]
pub struct PortalView {
    /// Row id of the portal.
    pub client: Uuid,
    /// Its `client_id`; null: the portal is gone.
    pub client_id: Option<String>,
    /// Its name; null: the portal is gone.
    pub client_name: Option<String>,
    /// Whether it knows.
    pub state: PortalState,
    /// One per session.
    pub deliveries: Vec<DeliveryLine>,
}

/// Whether a portal knows: `told`: all its logouts were delivered; `pending`: some are on their way; `failed`: some could not be delivered,
/// and none is on its way; `cannot_be_told`: it has no back-channel logout URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryLine {
    /// Row id, as in `/logout-deliveries`.
    pub id: Uuid,
    /// Row id of the session it tells of.
    pub session_id: Uuid,
    /// How it stands.
    #[schema(value_type = DeliveryState)]
    pub state: String,
    /// How often it was sent.
    pub attempts: i32,
    /// HTTP status of the last answer; null: there was none.
    pub last_status: Option<i32>,
    /// What was wrong with the last try; null: nothing.
    pub last_error: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// When the portal confirmed it, milliseconds since 1970; null: it did not.
    pub delivered_at: Option<i64>,
}

/// A delivery with the portal it goes to.
pub(in crate::admin) type Sent = (Uuid, DeliveryLine);

/// What the portals know that were entered by these grants, or are sent something.
pub(in crate::admin) fn portals(
    grants: &[RevokedGrant],
    sent: Vec<Sent>,
    names: &BTreeMap<Uuid, (String, String)>,
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
        client_id: names.get(&client).map(|(client_id, _)| client_id.clone()),
        client_name: names.get(&client).map(|(_, name)| name.clone()),
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
