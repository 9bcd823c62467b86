//! Rules of a data source about importing. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::template::{BY_USERID, UsernameTemplate};
use crate::kernel::validation::ValidationErrors;

/// Who becomes a user: `all` members, or those who were `chosen` by an admin or were users before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Every member.
    #[default]
    All,
    /// Whom an admin chose, and who was a user before.
    Chosen,
}

impl ImportMode {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Chosen => "chosen",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        [Self::All, Self::Chosen].into_iter().find(|mode| mode.word() == word)
    }
}

/// By what a member is found to be an existing user: `username` (the name that a new user would get), `email` or `mobile` (where that is
/// verified here).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchKey {
    /// The name that a new user would get.
    Username,
    /// The e-mail address, which is verified here.
    Email,
    /// The mobile number, which is verified here.
    Mobile,
}

impl MatchKey {
    /// Every key.
    pub const ALL: [Self; 3] = [Self::Username, Self::Email, Self::Mobile];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::Mobile => "mobile",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.word() == word)
    }
}

/// What an admin decides about importing from a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRules {
    /// Who becomes a user.
    pub mode: ImportMode,
    /// By what an existing user is found; empty: by nothing.
    pub match_by: Vec<MatchKey>,
    /// How new users are named, see [`UsernameTemplate`].
    pub username_template: String,
}

impl Default for ImportRules {
    fn default() -> Self {
        Self {
            mode: ImportMode::All,
            match_by: vec![MatchKey::Username],
            username_template: BY_USERID.to_owned(),
        }
    }
}

impl ImportRules {
    /// Adds a fault for each rule that is not acceptable.
    pub fn check(&self, faults: &mut ValidationErrors) {
        for (index, key) in self.match_by.iter().enumerate() {
            let before = self.match_by.iter().take(index);
            let twice = before.into_iter().any(|other| other == key);
            faults.check(!twice, &format!("match_by[{index}]"), "is listed twice");
        }
        faults.check(
            UsernameTemplate::parse(&self.username_template).is_some(),
            "username_template",
            "needs at least one of {userid}, {name}, {alias}, {email}, {mobile}, and besides only letters, digits and . _ - @ +, up to 100 characters",
        );
    }
}
