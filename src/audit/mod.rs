//! What happened and may be asked about later: closed kinds of events, written once, never changed.

pub mod store;

use serde_json::Value;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The gate said yes to a sign-in.
    SignedIn,
    /// The gate, or the sign-in before it, said no.
    Refused,
    /// A session was ended by its person.
    SignedOut,
    /// Tokens were given to a portal.
    TokensIssued,
    /// A code or refresh token was used twice; its family is dead.
    ReuseDetected,
    /// A person agreed to what a portal asked for.
    ConsentGiven,
    /// What a person agreed to was taken back.
    ConsentWithdrawn,
    /// An admin changed a resource.
    Configured,
    /// A member left; their user was disabled and their sessions ended.
    MemberDeparted,
    /// A member who had left is back as the same person.
    MemberReturned,
    /// A userid that somebody left behind belongs to somebody else now.
    UseridReused,
    /// A portal could not be told of a logout.
    LogoutUndelivered,
}

impl Kind {
    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Refused => "refused",
            Self::SignedOut => "signed_out",
            Self::TokensIssued => "tokens_issued",
            Self::ReuseDetected => "reuse_detected",
            Self::ConsentGiven => "consent_given",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::Configured => "configured",
            Self::MemberDeparted => "member.departed",
            Self::MemberReturned => "member.returned",
            Self::UseridReused => "member.userid_reused",
            Self::LogoutUndelivered => "logout.undelivered",
        }
    }
}

/// An event on its way to the table.
#[derive(Clone, Debug)]
pub struct Record {
    /// What happened.
    pub kind: Kind,
    /// Who did it: `user:<id>`, `token:<name>`, `member:<corp>/<userid>`, `system`.
    pub actor: String,
    /// What it was about, e.g. `client:<client_id>`.
    pub subject: String,
    /// The code shown to the person.
    pub reference: Option<String>,
    /// Reference number of the failure.
    pub number: Option<&'static str>,
    /// The rest; never a secret.
    pub detail: Value,
}
