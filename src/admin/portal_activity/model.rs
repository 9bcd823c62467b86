//! Portals as lists show them. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use crate::oidc::registration::view::ClientView;

/// A client (portal), with what is going on there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientLine)]
pub struct ClientLine {
    /// The client.
    #[serde(flatten)]
    pub client: ClientView,
    /// When it got tokens of somebody's sign-in last, milliseconds since 1970; null: never, as far as the audit log goes back.
    pub last_sign_in_at: Option<i64>,
    /// Whether it hears of logouts.
    pub logouts: LogoutHealth,
}

/// Logouts that a portal has not confirmed, of those that are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogoutHealth {
    /// Those that are still sent.
    pub pending: u64,
    /// Those that were given up.
    pub failed: u64,
}

/// What is going on at a portal.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::admin) struct Activity {
    pub(in crate::admin) last_sign_in_at: Option<i64>,
    pub(in crate::admin) logouts: LogoutHealth,
}
