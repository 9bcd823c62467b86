//! Health: view types, and what only the application knows of itself. Pure.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{directory::setup_problem::Problem, kernel::clock::Timestamp, word_schema};

/// What the application tells of itself.
#[derive(Clone)]
pub struct Installation {
    /// When this process began to serve.
    pub started_at: Timestamp,
    /// `sqlite` or `postgresql`.
    pub database: &'static str,
    /// `memory` or `redis`.
    pub ephemeral: &'static str,
    /// Asks the stores whether they take writes.
    pub parts: Arc<dyn Fn() -> BoxFuture<'static, Parts> + Send + Sync>,
}

/// What readiness says of a store, as a word.
#[derive(Debug)]
pub struct PartState;

word_schema!(
    PartState,
    "PartState",
    "`ready`; `failed`: it refused a write, or cannot be reached; `silent`: no answer in time.",
    ["ready", "failed", "silent"]
);

/// What readiness says of each store: `ready`, `failed` (it refused a write, or cannot be reached) or `silent` (no answer in time).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Parts {
    /// The database.
    #[schema(value_type = PartState)]
    pub database: &'static str,
    /// The ephemeral store.
    #[schema(value_type = PartState)]
    pub ephemeral: &'static str,
}

/// The health of the installation as one server sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthView {
    /// Whether every store takes writes; the same as `/readyz`.
    pub ready: bool,
    /// Version of this server.
    pub version: &'static str,
    /// When this process began to serve, milliseconds since 1970.
    pub started_at: Timestamp,
    /// Seconds since then.
    pub uptime_seconds: u64,
    /// Which stores are used.
    pub storage: StorageView,
    /// What readiness says of each store.
    pub parts: Parts,
    /// What waits to be done.
    pub queues: Queues,
    /// What waits for an admin.
    pub waiting: Waiting,
    /// Data sources, with their last sync.
    pub data_sources: Vec<SourceHealth>,
    /// What resources that are switched on say is wrong with them, each named once. More is found by `GET /api/v1/doctor`.
    pub problems: Vec<ResourceProblem>,
}

/// Which stores are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Storage)]
pub struct StorageView {
    /// `sqlite` or `postgresql`.
    pub database: &'static str,
    /// `memory` or `redis`.
    pub ephemeral: &'static str,
}

/// How much waits to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Queues {
    /// Back-channel logouts to be delivered, those that are tried again included.
    pub logout_deliveries: u64,
    /// Members to be looked at for events of WeCom.
    pub pending_looks: u64,
    /// Callbacks of which an event asked for a sync that has not ended.
    pub outstanding_events: u64,
}

/// How much waits for an admin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Waiting {
    /// Members who are not imported until somebody decides, see `GET /api/v1/conflicts?decision=open`.
    pub conflicts: u64,
    /// People of whom it is in doubt who they are, see `GET /api/v1/identity-findings?state=open`.
    pub identity_findings: u64,
    /// Data sources whose newest run is paused until somebody confirms it.
    pub paused_runs: u64,
    /// Logouts of the last seven days that were not delivered, and are not sent any more.
    pub undelivered_logouts: u64,
    /// People whose access ended in the last seven days and of whom a portal could not be told, see `GET /api/v1/offboardings?portals=failed`.
    pub leavers_unheard: u64,
    /// Access requests that nobody decided yet, see `GET /api/v1/access-requests?state=open`.
    pub access_requests: u64,
    /// What resources that are switched on say is wrong with them, as `problems` lists it.
    pub problems: u64,
}

/// A data source and its last sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceHealth {
    /// Row id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whether a run waits or is under way.
    pub syncing: bool,
    /// Row id of its newest run, where that is paused until an admin confirms it; null: it is not.
    pub paused_run: Option<Uuid>,
    /// When it was synced completely last, milliseconds since 1970; null: never.
    pub last_synced_at: Option<i64>,
    /// When a sync last saw everybody who was here, milliseconds since 1970; null: never.
    pub members_confirmed_at: Option<i64>,
    /// When the schedule starts the next sync, milliseconds since 1970; null: by hand only.
    pub next_sync_at: Option<i64>,
}

/// A problem and the resource that has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResourceProblem {
    /// Its collection in the API: `wecom-apps`, `data-sources`, `auth-sources` or `suites`.
    pub collection: &'static str,
    /// Row id.
    pub id: Uuid,
    /// Name, as far as it has one.
    pub name: String,
    /// What is wrong.
    pub problem: Problem,
}
