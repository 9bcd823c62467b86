//! Events about customers as they are kept. Pure.

use std::time::Duration;

use uuid::Uuid;

use crate::{kernel::clock::Timestamp, wecom::callback::ExternalContactEvent};

/// How long an event is kept. What it was counted as stays.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Each time so many more of one kind were counted, the oldest beyond [`ROOM`] go, so that never more than 100,000 are kept. Of a kind's
/// own count nobody skips one.
pub(in crate::directory) const STEP: i64 = 100;

/// Events that stay then, so that there is room for [`STEP`] of every kind, of which there are fewer than twenty.
pub(in crate::directory) const ROOM: u64 = 98_000;

/// An event as it arrives.
pub(in crate::directory) struct Arrived {
    /// Id of its row.
    pub(in crate::directory) id: Uuid,
    /// At whose callback.
    pub(in crate::directory) data_source: Uuid,
    /// What it tells.
    pub(in crate::directory) event: ExternalContactEvent,
    /// When it happened by WeCom's clock.
    pub(in crate::directory) told_at: Option<Timestamp>,
    /// Now.
    pub(in crate::directory) received_at: Timestamp,
    /// Of the decrypted document: the same each time it is delivered.
    pub(in crate::directory) digest: String,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Only of this change, by its word.
    pub change: Option<String>,
    /// Only about this member.
    pub userid: Option<String>,
    /// Only about this customer.
    pub external_userid: Option<String>,
}
