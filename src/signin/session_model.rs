//! A browser session and session lifetimes, as values. Pure.

use std::time::Duration;
use uuid::Uuid;

use crate::{kernel::clock::Timestamp, web::texts::Lang};

/// How long sessions live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Longest time without use.
    pub idle: Duration,
    /// Longest time in any case.
    pub absolute: Duration,
}

/// A session that was not ended.
#[derive(Clone, Debug)]
pub struct Session {
    /// `sid`.
    pub id: Uuid,
    /// User.
    pub user: Uuid,
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// Absolute expiry, or the end of the person's access where that comes first.
    pub expires: Timestamp,
    /// The data source that its person came from.
    pub data_source: Option<Uuid>,
    /// The language that they chose on our pages.
    pub(super) lang: Option<Lang>,
    pub(super) last_seen: Timestamp,
}

/// With which browser, and from which network, a session was opened, as far as that is known.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Browser and system, like `Firefox, Windows`.
    pub browser: Option<String>,
    /// The network, like `203.0.113.0/24`.
    pub network: Option<String>,
}

/// What was proven at a sign-in, as far as it must hold still when the session is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// WeCom said who it is.
    WeCom,
    /// The password with this stamp.
    Password(String),
    /// The passkey with this row id.
    Passkey(Uuid),
}
