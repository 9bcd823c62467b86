//! What an admin decided about the import of one member. Pure.

use uuid::Uuid;

/// A decision. It holds at every later sync, for this person alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportDecision {
    /// Chosen: imported as the rules say.
    Import,
    /// The member is this user.
    Link(Uuid),
    /// Imported as a new user of this name.
    Rename(String),
    /// Let in as a new user of this name, because they asked; no conflict was there to be settled.
    Approve(String),
    /// The conflict stays as it is: the member is no user.
    Ignore,
    /// Taken out of the choice.
    Exclude,
}

impl ImportDecision {
    /// The word in the database and the API.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Link(_) => "link",
            Self::Rename(_) => "rename",
            Self::Approve(_) => "approve",
            Self::Ignore => "ignore",
            Self::Exclude => "exclude",
        }
    }

    /// From the word and what belongs to it; `None` when they do not fit.
    pub fn of(word: &str, user: Option<Uuid>, username: Option<String>) -> Option<Self> {
        match word {
            "import" => Some(Self::Import),
            "link" => user.map(Self::Link),
            "rename" => username.map(Self::Rename),
            "approve" => username.map(Self::Approve),
            "ignore" => Some(Self::Ignore),
            "exclude" => Some(Self::Exclude),
            _ => None,
        }
    }

    /// The user of a link.
    pub const fn user(&self) -> Option<Uuid> {
        match self {
            Self::Link(user) => Some(*user),
            _ => None,
        }
    }

    /// The name that was chosen.
    pub fn username(&self) -> Option<&str> {
        match self {
            Self::Rename(username) | Self::Approve(username) => Some(username),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ImportDecision, Uuid};

    #[test]
    fn every_decision_is_read_as_it_was_written() {
        let all = [
            ImportDecision::Import,
            ImportDecision::Link(Uuid::from_u128(7)),
            ImportDecision::Rename("lihua".to_owned()),
            ImportDecision::Approve("lihua".to_owned()),
            ImportDecision::Ignore,
            ImportDecision::Exclude,
        ];
        for decision in all {
            let username = decision.username().map(str::to_owned);
            let read = ImportDecision::of(decision.word(), decision.user(), username);
            assert_eq!(read, Some(decision));
        }
        assert_eq!(ImportDecision::of("link", None, None), None);
        assert_eq!(ImportDecision::of("merge", None, None), None);
    }
}
