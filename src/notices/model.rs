//! A notice: what it is about, whom it is for, what it says. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::word_schema;

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
    /// The press of a button could not be carried out.
    AccessPressRefused,
    /// Something is wrong with this installation.
    Alert,
    /// An admin tries a channel.
    Test,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 8] = [
        Self::AccessRequested,
        Self::AccessApproved,
        Self::AccessRefused,
        Self::AccessRequestExpired,
        Self::AccessOvertaken,
        Self::AccessPressRefused,
        Self::Alert,
        Self::Test,
    ];

    /// The word in the database and the API; with hyphens, the beginning of the keys of its texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AccessRequested => "access_requested",
            Self::AccessApproved => "access_approved",
            Self::AccessRefused => "access_refused",
            Self::AccessRequestExpired => "access_request_expired",
            Self::AccessOvertaken => "access_overtaken",
            Self::AccessPressRefused => "access_press_refused",
            Self::Alert => "alert",
            Self::Test => "test",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.word() == word)
    }
}

word_schema!(
    Topic,
    "NoticeTopic",
    "What a notice is about: `access_requested`: somebody asks to come in; `access_approved`, `access_refused`, `access_request_expired`, `access_overtaken`: what became of \
     that; `access_press_refused`: the press of a button of a card could not be carried out; `alert`: something is wrong with this installation; `test`: an admin tries a channel.",
    Topic::ALL.map(Topic::word)
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
    },
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
    /// Task id of a card with the buttons *approve* and *refuse* (WeCom only): at most 128 bytes of `[A-Za-z0-9_@-]`.
    pub card: Option<String>,
    /// Whom it is for.
    pub to: To,
}
