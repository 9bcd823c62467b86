//! What the last probe saw, as the API shows it. Pure.

use serde::Serialize;
use uuid::Uuid;

use super::model::{Capability, Kept, Outcome};
use crate::{directory::setup_problem::Problem, kernel::clock::Timestamp};

/// The credentials of a data source or an app, and what is wrong there.
#[derive(Debug, Serialize)]
pub struct ProbeView {
    /// Its credentials: the contacts-sync secret, the app's.
    pub credentials: Vec<CredentialView>,
    /// The problems of the data source or app.
    pub problems: Vec<Problem>,
}

/// One credential: never with its secret.
#[derive(Debug, Serialize)]
pub struct CredentialView {
    /// `contacts` or `app`.
    pub credential: &'static str,
    /// Row id of the data source or app that holds it.
    pub id: Uuid,
    /// AgentId of an app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<i64>,
    /// When WeCom answered a probe last, milliseconds; null: never.
    pub probed_at: Option<Timestamp>,
    /// When WeCom was asked last, whether it answered or not, milliseconds; null: never.
    pub tried_at: Option<Timestamp>,
    /// When it is probed again by itself at the latest, milliseconds; null: at the next turn of the jobs.
    pub next_at: Option<i64>,
    /// What it may do.
    pub capabilities: Vec<CapabilityView>,
}

/// One capability.
#[derive(Debug, Serialize)]
pub struct CapabilityView {
    /// Which.
    pub capability: Capability,
    /// `yes`, `no` or `unknown`.
    pub outcome: Outcome,
    /// Reference number of why not.
    pub number: Option<String>,
    /// WeCom's code.
    pub errcode: Option<i64>,
    /// What was seen, or WeCom's words.
    pub detail: String,
    /// The address of this server as WeCom saw it.
    pub observed_ip: Option<String>,
    /// Since when it is so, milliseconds.
    pub since: Option<Timestamp>,
}

impl CredentialView {
    /// What is kept of a credential.
    pub fn new(credential: &'static str, id: Uuid, agent_id: Option<i64>, kept: Option<&Kept>) -> Self {
        let rows = kept.map(|kept| kept.rows.as_slice()).unwrap_or_default();
        let capabilities = rows.iter().map(|row| CapabilityView {
            capability: row.capability,
            outcome: row.outcome,
            number: row.number.clone(),
            errcode: row.errcode,
            detail: row.detail.clone(),
            observed_ip: row.observed_ip.clone(),
            since: row.since,
        });
        Self {
            credential,
            id,
            agent_id,
            probed_at: kept.and_then(|kept| kept.at),
            tried_at: kept.and_then(|kept| kept.tried_at),
            next_at: kept.map(|kept| kept.next_at),
            capabilities: capabilities.collect(),
        }
    }
}
