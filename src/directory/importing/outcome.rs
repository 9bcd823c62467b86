//! What became of a member at the last sync, or by an admin's decision. Pure.

use crate::word_schema;

/// Whether a member became a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They are a user.
    Imported,
    /// A user of that name exists and the rule says to leave it.
    Skipped,
    /// The name belongs to somebody whom a sync never touches.
    Conflict,
    /// Nobody chose them, or an admin took them out of the choice.
    NotChosen,
    /// An admin decided that they stay out.
    Ignored,
    /// An admin removed the user: lasts until an admin makes a user of that name.
    Removed,
}

impl Outcome {
    const ALL: [Self; 6] = [
        Self::Imported,
        Self::Skipped,
        Self::Conflict,
        Self::NotChosen,
        Self::Ignored,
        Self::Removed,
    ];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Skipped => "skipped",
            Self::Conflict => "conflict",
            Self::NotChosen => "not_chosen",
            Self::Ignored => "ignored",
            Self::Removed => "removed",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

word_schema!(
    Outcome,
    "ImportOutcome",
    "Whether a member became a user: `imported`; `skipped`, because a user of that name exists and the rule says to leave it; `conflict`, because \
     the name belongs to somebody whom a sync never touches; `not_chosen`, because no rule chose them; `ignored`, because an admin decided so; \
     `removed`, because an admin removed the user.",
    Outcome::ALL.map(Outcome::word)
);
