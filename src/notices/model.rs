//! A notice: what it is about, whom it is for, what it says. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{kernel::clock::Timestamp, web::texts::Lang, word_schema};

/// What a notice is about; each has its templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Somebody asks to come in.
    AccessRequested,
    /// They may.
    AccessApproved,
    /// They may not.
    AccessRefused,
    /// Nobody decided in time.
    AccessRequestExpired,
    /// They have an account by another way.
    AccessOvertaken,
    /// Nobody can decide any more: their corp takes no requests.
    AccessRequestClosed,
    /// The press of a button could not be carried out.
    AccessPressRefused,
    /// Somebody's access is about to end.
    AccessEnding,
    /// Something is wrong with this installation.
    Alert,
    /// An admin tries a channel.
    Test,
    /// A link to a new password, for somebody who forgot theirs.
    PasswordForgotten,
    /// An admin made a link to a new password.
    PasswordLinkMade,
    /// A password was chosen.
    PasswordChanged,
    /// An admin took a password away.
    PasswordRemoved,
    /// An admin made a link to one-time codes.
    TotpLinkMade,
    /// One-time codes were set up.
    TotpSetUp,
    /// An admin took one-time codes away.
    TotpRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// An admin took away everything by which somebody signs in.
    AccessReset,
    /// Somebody signed in with a browser that was not known for them.
    NewSignIn,
    /// A link to a first password, sent by an admin.
    Invitation,
    /// A link to another password, sent by an admin.
    PasswordLink,
    /// A link to one-time codes, sent by an admin.
    TotpLink,
    /// A link by which an address is verified.
    EmailVerification,
    /// Somebody's address was verified for another account.
    EmailTaken,
}

impl Topic {
    /// Whether its notices are worth as much as the link in them, and nothing once that is over.
    pub const fn is_link(self) -> bool {
        matches!(
            self,
            Self::PasswordForgotten | Self::Invitation | Self::PasswordLink | Self::TotpLink | Self::EmailVerification
        )
    }

    /// Every topic.
    pub const ALL: &'static [Self] = &[
        Self::AccessRequested,
        Self::AccessApproved,
        Self::AccessRefused,
        Self::AccessRequestExpired,
        Self::AccessOvertaken,
        Self::AccessRequestClosed,
        Self::AccessPressRefused,
        Self::AccessEnding,
        Self::Alert,
        Self::Test,
        Self::PasswordForgotten,
        Self::PasswordLinkMade,
        Self::PasswordChanged,
        Self::PasswordRemoved,
        Self::TotpLinkMade,
        Self::TotpSetUp,
        Self::TotpRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::AccessReset,
        Self::NewSignIn,
        Self::Invitation,
        Self::PasswordLink,
        Self::TotpLink,
        Self::EmailVerification,
        Self::EmailTaken,
    ];

    /// What people are told of themselves by every way on which a channel stands, unless an admin switched it off.
    pub const PERSONAL: &'static [Self] = &[
        Self::AccessEnding,
        Self::PasswordForgotten,
        Self::PasswordLinkMade,
        Self::PasswordChanged,
        Self::PasswordRemoved,
        Self::TotpLinkMade,
        Self::TotpSetUp,
        Self::TotpRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::AccessReset,
        Self::NewSignIn,
        Self::EmailTaken,
    ];

    /// The word in the database and the API; with hyphens, the beginning of the keys of its texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AccessRequested => "access_requested",
            Self::AccessApproved => "access_approved",
            Self::AccessRefused => "access_refused",
            Self::AccessRequestExpired => "access_request_expired",
            Self::AccessOvertaken => "access_overtaken",
            Self::AccessRequestClosed => "access_request_closed",
            Self::AccessPressRefused => "access_press_refused",
            Self::AccessEnding => "access_ending",
            Self::Alert => "alert",
            Self::Test => "test",
            Self::PasswordForgotten => "password_forgotten",
            Self::PasswordLinkMade => "password_link_made",
            Self::PasswordChanged => "password_changed",
            Self::PasswordRemoved => "password_removed",
            Self::TotpLinkMade => "totp_link_made",
            Self::TotpSetUp => "totp_set_up",
            Self::TotpRemoved => "totp_removed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::AccessReset => "access_reset",
            Self::NewSignIn => "new_sign_in",
            Self::Invitation => "invitation",
            Self::PasswordLink => "password_link",
            Self::TotpLink => "totp_link",
            Self::EmailVerification => "email_verification",
            Self::EmailTaken => "email_taken",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.word() == word)
    }

    /// The words of all of them.
    pub fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|topic| topic.word()).collect()
    }

    /// Whether one can subscribe to it; the others are told to the person whom they concern, or are tests.
    pub const fn is_subscribed(self) -> bool {
        match self {
            Self::AccessRequested
            | Self::AccessApproved
            | Self::AccessRefused
            | Self::AccessRequestExpired
            | Self::AccessOvertaken
            | Self::AccessRequestClosed
            | Self::AccessPressRefused
            | Self::AccessEnding
            | Self::Alert => true,
            Self::Test
            | Self::PasswordForgotten
            | Self::PasswordLinkMade
            | Self::PasswordChanged
            | Self::PasswordRemoved
            | Self::TotpLinkMade
            | Self::TotpSetUp
            | Self::TotpRemoved
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::AccessReset
            | Self::NewSignIn
            | Self::Invitation
            | Self::PasswordLink
            | Self::TotpLink
            | Self::EmailVerification
            | Self::EmailTaken => false,
        }
    }
}

word_schema!(
    Topic,
    "NoticeTopic",
    "What a notice is about: `access_requested`: somebody asks to come in; `access_approved`, `access_refused`, `access_request_expired`, `access_overtaken`, `access_request_closed`: what became of \
     that; `access_press_refused`: the press of a button of a card could not be carried out; `access_ending`: somebody's access is about to end; `alert`: something is wrong with this installation; `test`: an admin tries a channel; \
     `password_forgotten`: a link to a new password, asked for on the login page; what happened to the account \
     of whoever is told: `password_link_made`, `password_changed`, `password_removed`, `totp_link_made`, `totp_set_up`, `totp_removed`, `passkey_added`, `passkey_removed`, `access_reset`, `email_taken`; \
     `new_sign_in`: somebody signed in with a browser that was not known for them; links that an admin sends: `invitation`, `password_link`, `totp_link`, and `email_verification`.",
    Topic::words()
);

/// Whom a notice is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// Whoever subscribed to the topic, of this data source or of all.
    Subscribers,
    /// A member of a corp, over the WeCom app of the notice's data source; they need not be a user.
    Member {
        /// WeCom's member ID.
        userid: String,
        /// The language in which they asked, for those who chose none on our pages.
        lang: Option<Lang>,
    },
    /// A user, by every way on which a channel stands: their e-mail address, and the WeCom app of each data source of which they are a member.
    User {
        /// Row id.
        id: Uuid,
    },
    /// A user whom mail reaches otherwise, by the WeCom app of each data source of which they are a member.
    UserByWecom {
        /// Row id.
        id: Uuid,
    },
    /// One e-mail address, as long as a channel for e-mail stands; for what leads on by itself, such as a link.
    Address {
        /// The address.
        email: String,
        /// Its language.
        lang: Lang,
    },
}

/// A card with the buttons *approve* and *refuse* (WeCom only).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its task id: at most 128 bytes of `[A-Za-z0-9_@-]`.
    pub task_id: String,
    /// Member IDs, of the notice's data source, of those who get the buttons, because they may press them. Others get a card with the link alone.
    pub pressers: Vec<String>,
}

/// A notice that is to be told.
#[derive(Clone, Debug)]
pub struct NewNotice {
    /// What it is about.
    pub topic: Topic,
    /// The data source that it is about; a member can only be told where there is one.
    pub data_source: Option<Uuid>,
    /// The matter, by which its notices and deliveries are found: `access_request:<uuid>`.
    pub subject: String,
    /// Values for the template; sealed at rest. Never a name where WeCom gave none. [`FACTS`](super::rendering::FACTS) names those that are shown, in
    /// their order; of `x` and `x_zh` Chinese texts show the second.
    pub facts: BTreeMap<String, String>,
    /// Local path that it links to: `/access-requests/<token>`.
    pub path: Option<String>,
    /// Its card, where there is something to press.
    pub card: Option<Card>,
    /// Whom it is for.
    pub to: To,
    /// From when on it is worth nothing, where that is sooner than its delivery is given up anyway: a link that is over by then.
    pub until: Option<Timestamp>,
}
