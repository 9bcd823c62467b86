//! Audit log: closed kinds of events, written once; of those that a script can repeat one row counts.

pub mod about;
pub mod actor;
pub mod aggregation;
pub mod difference;
pub mod record_limit;
pub mod recorder;
pub mod store;

use serde_json::Value;

use crate::word_schema;

/// Kind of an audit event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A session was opened, or renewed, after the gate's permit.
    SignedIn,
    /// The gate refused, or a password or one-time code was wrong.
    Refused,
    /// A client could not be authenticated.
    ClientRefused,
    /// Something failed, and a person or a program was told so under a reference.
    Failed,
    /// A session was ended: by its person, by an admin, or because another person signed in.
    SignedOut,
    /// Tokens were issued to a portal.
    TokensIssued,
    /// A code or refresh token was used twice; its family was revoked.
    ReuseDetected,
    /// A person consented to what a portal asked for.
    ConsentGiven,
    /// A consent was withdrawn.
    ConsentWithdrawn,
    /// An admin changed a resource.
    Configured,
    /// A member left; their user was disabled and their sessions ended.
    MemberDeparted,
    /// A member who had left is back as the same person.
    MemberReturned,
    /// Access ended for another cause than leaving: out of the visible scope, disabled, …
    AccessEnded,
    /// Access that WeCom had ended began again.
    AccessReturned,
    /// A userid that somebody left behind belongs to somebody else now.
    UseridReused,
    /// A member has another userid and is the same person.
    UseridChanged,
    /// It is in doubt who stands behind a userid; an admin decides.
    IdentityDoubted,
    /// A logout could not be delivered to a portal.
    LogoutUndelivered,
    /// An admin made a trial of a sign-in.
    TrialBegun,
    /// Somebody went through a trial: they would be signed in, or were refused.
    TrialEnded,
    /// The gate refused somebody who went through a trial.
    TrialRefused,
    /// A member who is not imported asks to be let in.
    AccessRequested,
    /// An approver let them in.
    AccessRequestApproved,
    /// An approver did not.
    AccessRequestRefused,
    /// They took their request back.
    AccessRequestWithdrawn,
    /// Nobody decided in time.
    AccessRequestExpired,
    /// They were imported by another way.
    AccessRequestOvertaken,
    /// Nobody can decide it any more.
    AccessRequestClosed,
    /// The press of a button of a card could not be carried out.
    AccessPressRefused,
    /// Somebody at the console proved by a scan that WeCom may show them names of a company.
    NamesProven,
    /// Somebody downloaded a whole list.
    Exported,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 31] = [
        Self::SignedIn,
        Self::Refused,
        Self::ClientRefused,
        Self::Failed,
        Self::SignedOut,
        Self::TokensIssued,
        Self::ReuseDetected,
        Self::ConsentGiven,
        Self::ConsentWithdrawn,
        Self::Configured,
        Self::MemberDeparted,
        Self::MemberReturned,
        Self::AccessEnded,
        Self::AccessReturned,
        Self::UseridReused,
        Self::UseridChanged,
        Self::IdentityDoubted,
        Self::LogoutUndelivered,
        Self::TrialBegun,
        Self::TrialEnded,
        Self::TrialRefused,
        Self::AccessRequested,
        Self::AccessRequestApproved,
        Self::AccessRequestRefused,
        Self::AccessRequestWithdrawn,
        Self::AccessRequestExpired,
        Self::AccessRequestOvertaken,
        Self::AccessRequestClosed,
        Self::AccessPressRefused,
        Self::NamesProven,
        Self::Exported,
    ];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Refused => "refused",
            Self::ClientRefused => "client.refused",
            Self::Failed => "failed",
            Self::SignedOut => "signed_out",
            Self::TokensIssued => "tokens_issued",
            Self::ReuseDetected => "reuse_detected",
            Self::ConsentGiven => "consent_given",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::Configured => "configured",
            Self::MemberDeparted => "member.departed",
            Self::MemberReturned => "member.returned",
            Self::AccessEnded => "access.ended",
            Self::AccessReturned => "access.returned",
            Self::UseridReused => "member.userid_reused",
            Self::UseridChanged => "member.userid_changed",
            Self::IdentityDoubted => "member.identity_doubted",
            Self::LogoutUndelivered => "logout.undelivered",
            Self::TrialBegun => "trial.begun",
            Self::TrialEnded => "trial.ended",
            Self::TrialRefused => "trial.refused",
            Self::AccessRequested => "access_request.opened",
            Self::AccessRequestApproved => "access_request.approved",
            Self::AccessRequestRefused => "access_request.refused",
            Self::AccessRequestWithdrawn => "access_request.withdrawn",
            Self::AccessRequestExpired => "access_request.expired",
            Self::AccessRequestOvertaken => "access_request.overtaken",
            Self::AccessRequestClosed => "access_request.closed",
            Self::AccessPressRefused => "access_request.press_refused",
            Self::NamesProven => "names.proven",
            Self::Exported => "exported",
        }
    }
}

word_schema!(
    Kind,
    "AuditEventKind",
    "Kind of an audit event: `signed_in`, `refused`, `client.refused`, `failed` (somebody was told so), `signed_out`, `tokens_issued`, `reuse_detected` (of \
     a code or refresh token), `consent_given`, `consent_withdrawn`, `configured` (an admin changed something), `trial.begun`, `trial.refused` and `trial.ended` (a sign-in was tried out), `access_request.…` (what became of one), `names.proven` (somebody at the console may see names of a company), `exported` (a list was downloaded), and what was learned of members.",
    Kind::ALL.map(Kind::word)
);

/// What led to a failure that somebody was told.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The reference code shown to the person.
    pub reference: String,
    /// Reference number of the failure.
    pub number: &'static str,
    /// The request, its steps and calls; never a secret.
    pub detail: Value,
}

/// An audit event to be written.
#[derive(Clone, Debug)]
pub struct Record {
    /// What happened.
    pub kind: Kind,
    /// Who did it: `user:<id>`, `token:<name>`, `member:<corp>/<userid>` as [`actor`] makes it, `system`.
    pub actor: String,
    /// What it was about, e.g. `client:<client_id>`.
    pub subject: String,
    /// The reference code shown to the person.
    pub reference: Option<String>,
    /// Reference number of the failure.
    pub number: Option<&'static str>,
    /// Further details; never a secret.
    pub detail: Value,
}
