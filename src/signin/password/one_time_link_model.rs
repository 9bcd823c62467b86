//! Values of one-time links: purpose, address, owner. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::clock::Timestamp;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Choosing a password.
    Password,
    /// Setting up one-time codes.
    Totp,
}

impl Purpose {
    /// The word in the database and in the link's address.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
        }
    }
}

/// A one-time link, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = OneTimeLink)]
pub struct Link {
    /// Address to hand over to the user.
    pub url: String,
    /// What it is for: `invitation` for a first password, else `reset`; for one-time codes `enrolment`.
    #[schema(example = "invitation")]
    pub kind: &'static str,
    /// When it stops working, milliseconds since 1970.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Link {
    /// Leaves the address out: the token in it is as good as a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Link");
        shown.field("kind", &self.kind).field("expires_at", &self.expires_at);
        shown.finish_non_exhaustive()
    }
}

/// The user a link is for.
pub(super) struct Owner {
    pub user: Uuid,
    pub username: String,
    pub console_user: bool,
}
