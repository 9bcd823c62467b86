//! What the last probe saw, as the API shows it. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{Capability, Kept, Outcome, Row};
use crate::{
    directory::setup_problem::{CredentialKind, Problem},
    kernel::clock::Timestamp,
};

/// The credentials of a data source or an app, and what is wrong there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProbeView {
    /// Its credentials: the contacts-sync secret, that of 客户联系, the app's.
    pub credentials: Vec<CredentialView>,
    /// The problems of the data source or app.
    pub problems: Vec<Problem>,
}

/// One credential and what it was seen to be able to do: never with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialView {
    /// Which it is: the contacts-sync secret, that of 客户联系, or that of an app.
    #[schema(value_type = CredentialKind)]
    pub credential: &'static str,
    /// Row id of the data source or app that holds it.
    pub id: Uuid,
    /// AgentId of the app; absent for a secret that is no app's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agent_id: Option<i64>,
    /// When WeCom answered a probe last, milliseconds since 1970; null: never.
    pub probed_at: Option<Timestamp>,
    /// When WeCom was asked last, whether it answered or not, milliseconds since 1970; null: never.
    pub tried_at: Option<Timestamp>,
    /// When it is probed again by itself at the latest, milliseconds since 1970; null: at the next turn of the jobs.
    pub next_at: Option<i64>,
    /// What it may do; empty: never probed.
    pub capabilities: Vec<CapabilityView>,
}

/// What a credential should be able to do, and whether it can.
#[derive(Debug, Serialize, ToSchema)]
pub struct CapabilityView {
    /// Which capability.
    pub capability: Capability,
    /// Whether it can.
    pub outcome: Outcome,
    /// Reference number of why not; null: it can.
    #[schema(example = "WC-106")]
    pub number: Option<String>,
    /// WeCom's code; null: none.
    pub errcode: Option<i64>,
    /// What was seen, or WeCom's words.
    pub detail: String,
    /// The address of this server as WeCom saw it; null: not told.
    #[schema(example = "203.0.113.7")]
    pub observed_ip: Option<String>,
    /// Since when it is so, milliseconds since 1970; null: not known.
    pub since: Option<Timestamp>,
}

impl From<&Row> for CapabilityView {
    fn from(row: &Row) -> Self {
        Self {
            capability: row.capability,
            outcome: row.outcome,
            number: row.number.clone(),
            errcode: row.errcode,
            detail: row.detail.clone(),
            observed_ip: row.observed_ip.clone(),
            since: row.since,
        }
    }
}

impl CredentialView {
    /// What is kept of a credential.
    pub fn new(credential: &'static str, id: Uuid, agent_id: Option<i64>, kept: Option<&Kept>) -> Self {
        let rows = kept.map(|kept| kept.rows.as_slice()).unwrap_or_default();
        Self {
            credential,
            id,
            agent_id,
            probed_at: kept.and_then(|kept| kept.at),
            tried_at: kept.and_then(|kept| kept.tried_at),
            next_at: kept.map(|kept| kept.next_at),
            capabilities: rows.iter().map(CapabilityView::from).collect(),
        }
    }
}
