//! Moves and pairs as values. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::sorting::{Kind, Sort, SortWords},
    word_schema,
};

/// How long it counts who an admin says a member is: a userid may go to somebody else, and only of what WeCom converts is it asked again.
pub const ENTERED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// Sealing context of the new app's secret.
pub const APP_SECRET: &str = "corp_move.app_secret";
/// Sealing context of the contacts-sync secret.
pub const CONTACTS_SECRET: &str = "corp_move.contacts_secret";

/// How a list of moves can be sorted.
pub const SORTS: SortWords = SortWords::new(&[("created_at", Kind::Id)], Sort::down("created_at", Kind::Id));

/// Where a move stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing has changed yet.
    Planned,
    /// The data source goes by the new app; it can be taken back.
    Done,
    /// It cannot be taken back any more.
    Final,
    /// It was taken back.
    Undone,
    /// It was given up before anything changed.
    Dropped,
}

impl State {
    /// All.
    pub const ALL: &[Self] = &[Self::Planned, Self::Done, Self::Final, Self::Undone, Self::Dropped];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Final => "final",
            Self::Undone => "undone",
            Self::Dropped => "dropped",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }
}

word_schema!(
    State,
    "MoveState",
    "Where a move stands: `planned`: nothing has changed yet; `done`: the data source goes by the company's own app, and that can be taken back; \
     `final`: it cannot be taken back any more; `undone`: it was taken back; `dropped`: it was given up before anything changed.",
    ["planned", "done", "final", "undone", "dropped"]
);

/// By what it is known that the new app is one of the same company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MoveProof)]
#[serde(rename_all = "snake_case")]
pub enum ProvenBy {
    /// Its corp ID is the very same.
    SameId,
    /// WeCom converts its corp ID to the one that the service provider knows.
    Provider,
    /// WeCom converted IDs of members from one app to the other.
    Conversion,
    /// An admin says so.
    Admin,
}

impl ProvenBy {
    const ALL: &[Self] = &[Self::SameId, Self::Provider, Self::Conversion, Self::Admin];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SameId => "same_id",
            Self::Provider => "provider",
            Self::Conversion => "conversion",
            Self::Admin => "admin",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|proof| proof.word() == word)
    }
}

/// By what the new id of a member is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[schema(as = MovePairing)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// WeCom converted it.
    Converted,
    /// The service provider was told the company's own id all along.
    Same,
    /// An admin entered it.
    ByHand,
    /// It is not known: the sync that follows takes them for gone.
    Unpaired,
    /// An admin says that they are nobody there: the sync that follows takes them for gone.
    LeftOut,
    /// They left before, and it is not known who they were there; they may come back as a new account.
    Departed,
    /// They had left before, and their user ID is another member's in the new app.
    GaveUp,
}

impl How {
    /// All.
    pub const ALL: &[Self] = &[
        Self::Converted,
        Self::Same,
        Self::ByHand,
        Self::Unpaired,
        Self::LeftOut,
        Self::Departed,
        Self::GaveUp,
    ];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Converted => "converted",
            Self::Same => "same",
            Self::ByHand => "by_hand",
            Self::Unpaired => "unpaired",
            Self::LeftOut => "left_out",
            Self::Departed => "departed",
            Self::GaveUp => "gave_up",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|how| how.word() == word)
    }
}

/// A member with the ids before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Row id of the member.
    pub member: Uuid,
    /// As the suite knows them.
    pub old: String,
    /// As the company's own app knows them.
    pub new: Option<String>,
    /// By what that is known.
    pub how: How,
    /// When an admin entered it, milliseconds.
    pub entered_at: Option<i64>,
}

/// A member who is there and was not when the company moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joiner {
    /// Row id of the member.
    pub member: Uuid,
    /// As the company's own app knows them.
    pub userid: String,
    /// As WeCom names them.
    pub name: Option<String>,
    /// Row id of their user.
    pub user: Option<Uuid>,
}

/// How many members are paired, by how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MovePairCounts)]
pub struct PairCounts {
    /// Converted by WeCom.
    pub converted: i64,
    /// The same ID in both apps.
    pub same: i64,
    /// Entered by an admin.
    pub by_hand: i64,
    /// Not paired: the sync that follows takes them for gone.
    pub unpaired: i64,
    /// Left out by an admin: the sync that follows takes them for gone.
    pub left_out: i64,
    /// Not paired, but they had left before: nothing changes for them.
    pub departed: i64,
}

/// A move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorpMove {
    /// Row id.
    pub id: Uuid,
    /// Row id of the data source.
    pub source: Uuid,
    /// Row id of the suite that it leaves.
    pub suite: Uuid,
    /// Row id of the installation.
    pub installation: Uuid,
    /// Where it stands.
    pub state: State,
    /// Corp ID in the new app.
    pub corp_id: String,
    /// AgentId of the new app.
    pub agent_id: i64,
    /// Its secret, sealed for [`APP_SECRET`].
    pub secret_sealed: Option<String>,
    /// The contacts-sync secret, sealed for [`CONTACTS_SECRET`].
    pub contacts_sealed: Option<String>,
    /// By what it is known to be the same company.
    pub proven_by: Option<ProvenBy>,
    /// Counts what was edited.
    pub revision: i64,
    /// When members were paired last.
    pub paired_at: Option<i64>,
    /// Number and words of why WeCom converted nothing.
    pub conversion_problem: Option<(String, String)>,
    /// The run that rehearsed it, and the revision it rehearsed.
    pub rehearsed: Option<(Uuid, i64)>,
    /// Corp ID before.
    pub from_corp_id: String,
    /// Row id of the app before.
    pub from_app: Option<Uuid>,
    /// Row ids of the auth sources that were changed over.
    pub auth_sources: Vec<Uuid>,
    /// Who planned it, and when.
    pub created: (String, i64),
    /// Who changed the app, and when.
    pub changed: Option<(String, i64)>,
    /// Who ended it, and when.
    pub ended: Option<(String, i64)>,
}

impl CorpMove {
    /// Whether the last rehearsal was of what stands there now; the run.
    pub fn rehearsed_as_is(&self) -> Option<Uuid> {
        let (run, revision) = self.rehearsed?;
        (revision == self.revision).then_some(run)
    }

    /// As the audit log names it.
    pub fn subject(&self) -> String {
        subject(self.id)
    }
}

/// As the audit log names a move.
pub fn subject(id: Uuid) -> String {
    format!("move:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_read_as_it_was_written() {
        assert!(State::ALL.iter().all(|state| State::of(state.word()) == Some(*state)));
        assert!(
            ProvenBy::ALL
                .iter()
                .all(|proof| ProvenBy::of(proof.word()) == Some(*proof))
        );
        assert!(How::ALL.iter().all(|how| How::of(how.word()) == Some(*how)));
        assert_eq!(State::of("moved"), None);
    }
}
