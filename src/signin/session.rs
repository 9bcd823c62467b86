//! A session, and how long one lasts. Pure.

use std::time::Duration;
use uuid::Uuid;

use crate::kernel::clock::Timestamp;

/// How long sessions live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Without use.
    pub idle: Duration,
    /// In any case.
    pub absolute: Duration,
}

/// A living session.
#[derive(Clone, Debug)]
pub struct Session {
    /// `sid`.
    pub id: Uuid,
    /// Who.
    pub user: Uuid,
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    /// How (RFC 8176).
    pub amr: Vec<String>,
    /// Absolute end.
    pub expires: Timestamp,
    pub(super) last_seen: Timestamp,
}
