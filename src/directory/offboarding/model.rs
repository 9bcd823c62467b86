//! Why access ends, how that is learned, and how far it reaches. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::sync::snapshot::STATUS_LEFT,
    kernel::{clock::Timestamp, entropy::Entropy},
    word_schema,
};

/// WeCom's status of a member who may sign in (reference 5.5).
pub const STATUS_ACTIVE: i32 = 1;
const STATUS_DISABLED: i32 = 2;
const STATUS_NOT_ACTIVATED: i32 = 4;

/// Why a person's access ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndReason {
    /// No longer a member: deleted, left, or the userid is somebody else's.
    Departed,
    /// Disabled in WeCom (status 2).
    DisabledInWeCom,
    /// Invited and not activated (status 4).
    NotActivated,
    /// WeCom says that they left (status 5), and shows them still.
    LeftCorp,
    /// A status that the reference does not know.
    UnknownStatus,
    /// Outside the visible scope of the WeCom app.
    OutOfScope,
    /// Disabled by an admin.
    Admin,
    /// Removed by an admin.
    Deleted,
    /// The date came until which they had access.
    AccessEnded,
    /// An admin removed the data source they came from.
    SourceRemoved,
    /// The corp cancelled the installation of the WeCom app.
    InstallationCancelled,
    /// Taken out of the choice of those who are imported.
    Excluded,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Departed,
        Self::DisabledInWeCom,
        Self::NotActivated,
        Self::LeftCorp,
        Self::UnknownStatus,
        Self::OutOfScope,
        Self::Admin,
        Self::Deleted,
        Self::AccessEnded,
        Self::SourceRemoved,
        Self::InstallationCancelled,
        Self::Excluded,
    ];
    /// Reasons that WeCom itself takes back by showing the member as active again.
    pub const TAKEN_BACK: [Self; 6] = [
        Self::DisabledInWeCom,
        Self::NotActivated,
        Self::LeftCorp,
        Self::UnknownStatus,
        Self::OutOfScope,
        Self::InstallationCancelled,
    ];

    /// The word in the database and the API: a user's `disabled_reason`, a session's `end_reason`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Departed => "departed",
            Self::DisabledInWeCom => "wecom_disabled",
            Self::NotActivated => "wecom_not_activated",
            Self::LeftCorp => "wecom_left",
            Self::UnknownStatus => "wecom_status_unknown",
            Self::OutOfScope => "out_of_scope",
            Self::Admin => "admin",
            Self::Deleted => "deleted",
            Self::AccessEnded => "access_ended",
            Self::SourceRemoved => "source_removed",
            Self::InstallationCancelled => "installation_cancelled",
            Self::Excluded => "excluded",
        }
    }

    /// The reason of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// Why a member of this status may not come in; `None`: they may, as far as the status says.
    pub const fn of_status(status: i32) -> Option<Self> {
        match status {
            STATUS_ACTIVE => None,
            STATUS_DISABLED => Some(Self::DisabledInWeCom),
            STATUS_NOT_ACTIVATED => Some(Self::NotActivated),
            STATUS_LEFT => Some(Self::LeftCorp),
            _ => Some(Self::UnknownStatus),
        }
    }

    /// Whether a user disabled for this reason is let in again once WeCom shows the member as active.
    pub fn is_taken_back(self) -> bool {
        Self::TAKEN_BACK.contains(&self)
    }

    /// Whether this reason takes the place of that one where somebody is disabled already: what an admin or a departure decides outlasts
    /// what WeCom takes back, and the date, which counts by itself for as long as it stands.
    pub fn replaces(self, held: Self) -> bool {
        match held {
            Self::AccessEnded => !self.is_taken_back() && self != held,
            _ => held.is_taken_back() && self != held,
        }
    }
}

word_schema!(
    EndReason,
    "EndReason",
    "Why access ended: `departed` from the corp; `wecom_disabled`, `wecom_not_activated`, `wecom_left` or `wecom_status_unknown` by the status in \
     WeCom; `out_of_scope` of the app; `admin`: disabled by one; `deleted` by one; `access_ended`: the date came; `source_removed`: the data \
     source was; `installation_cancelled` by the corp; `excluded` from the import.",
    EndReason::ALL.map(EndReason::word)
);

/// How it was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LearnedBy {
    /// A sync found it.
    Sync,
    /// An event of WeCom told it, and a look confirmed it.
    Event,
    /// WeCom was asked about an app's visible scope.
    Poll,
    /// WeCom said so when the person signed in.
    SignIn,
    /// WeCom said so when a session entered a portal, or a portal refreshed tokens.
    Session,
    /// An admin did it.
    Admin,
    /// The date came that an admin had set.
    Date,
}

impl LearnedBy {
    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Event => "event",
            Self::Poll => "poll",
            Self::SignIn => "sign_in",
            Self::Session => "session",
            Self::Admin => "admin",
            Self::Date => "date",
        }
    }

    /// Whether an admin's hand is behind it, which alone disables a console admin.
    pub const fn is_by_admin(self) -> bool {
        matches!(self, Self::Admin | Self::Date)
    }
}

word_schema!(
    LearnedBy,
    "LearnedBy",
    "How it was learned that access ends: by a `sync`, by an event or a poll of WeCom, when the person signed in or their session was checked, by an \
     admin, or because a date came.",
    [
        LearnedBy::Sync.word(),
        LearnedBy::Event.word(),
        LearnedBy::Poll.word(),
        LearnedBy::SignIn.word(),
        LearnedBy::Session.word(),
        LearnedBy::Admin.word(),
        LearnedBy::Date.word()
    ]
);

/// How far an ending reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All access; the user is disabled.
    Everywhere,
    /// What was opened through this WeCom app: there are other apps through which the person may still come in. `passwords`: sessions of a
    /// password as well, for which the integration app stands.
    App {
        /// Row id of the app.
        id: Uuid,
        /// Whether it is the integration app.
        passwords: bool,
    },
}

/// One ending, for any number of people.
#[derive(Clone, Copy)]
pub struct Ending<'a> {
    /// Makes the ids.
    pub entropy: &'a Entropy,
    /// When.
    pub now: Timestamp,
    /// Why.
    pub reason: EndReason,
    /// How it was learned.
    pub learned_by: LearnedBy,
    /// How far it reaches.
    pub reach: Reach,
    /// Of which data source; `None` for users of none.
    pub data_source: Option<Uuid>,
    /// What was seen, for the report: the run, the status, WeCom's errcode. Never a secret.
    pub evidence: &'a Value,
}

/// Somebody whose access ends.
#[derive(Clone, Debug)]
pub struct Leaver {
    /// The user.
    pub user: Uuid,
    /// The member they are.
    pub member: Option<Uuid>,
    /// The member's userid.
    pub userid: Option<String>,
    /// Whether the user may be disabled; a sync touches no user of another corp. A console admin never is.
    pub may_disable: bool,
}

/// A session that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndedSession {
    /// Row id; the `sid` of portals with public subjects.
    pub id: Uuid,
    /// Row id of the auth source by which they signed in; null for a password.
    pub auth_source_id: Option<Uuid>,
    /// How the person had signed in (RFC 8176 and ours).
    pub amr: Vec<String>,
    /// When it began, milliseconds since 1970.
    pub created_at: i64,
    /// Browser in which it was, as one recognises it; null: not known.
    #[serde(default)]
    pub browser: Option<String>,
    /// Network from which it was used last; null: not known.
    #[serde(default)]
    pub network: Option<String>,
}

/// A grant (family of refresh tokens) that was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokedGrant {
    /// Row id.
    pub id: Uuid,
    /// Row id of the session in which it was given.
    pub session_id: Uuid,
    /// Row id of the portal.
    pub client_id: Uuid,
    /// When it was given, milliseconds since 1970.
    pub created_at: i64,
}

#[cfg(test)]
mod tests {
    use super::EndReason;

    #[test]
    fn every_status_but_active_ends_access_and_each_cause_has_a_word_of_its_own() {
        assert_eq!(EndReason::of_status(1), None);
        assert_eq!(EndReason::of_status(2), Some(EndReason::DisabledInWeCom));
        assert_eq!(EndReason::of_status(4), Some(EndReason::NotActivated));
        assert_eq!(EndReason::of_status(5), Some(EndReason::LeftCorp));
        for unknown in [i32::MIN, -1, 0, 3, 6, i32::MAX] {
            assert_eq!(
                EndReason::of_status(unknown),
                Some(EndReason::UnknownStatus),
                "{unknown}"
            );
        }
        for reason in EndReason::ALL {
            assert_eq!(EndReason::of(reason.word()), Some(reason));
        }
        assert!(
            !EndReason::Departed.is_taken_back()
                && !EndReason::Admin.is_taken_back()
                && !EndReason::AccessEnded.is_taken_back()
                && EndReason::OutOfScope.is_taken_back()
        );
    }

    #[test]
    fn what_wecom_takes_back_replaces_neither_the_date_nor_an_admin() {
        use EndReason::{AccessEnded, Admin, Departed, DisabledInWeCom, OutOfScope};
        assert!(Admin.replaces(AccessEnded) && Departed.replaces(AccessEnded));
        assert!(!OutOfScope.replaces(AccessEnded) && !AccessEnded.replaces(AccessEnded));
        assert!(DisabledInWeCom.replaces(OutOfScope) && AccessEnded.replaces(OutOfScope));
        for reason in EndReason::ALL {
            assert!(!reason.replaces(Admin) && !reason.replaces(Departed), "{reason:?}");
        }
    }
}
