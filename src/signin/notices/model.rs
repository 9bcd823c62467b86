//! Values of notices. Pure.

use crate::{
    kernel::clock::Timestamp,
    signin::password::one_time_link_model::Purpose,
    web::{
        ago::Ago,
        texts::{Lang, text_with},
    },
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A link was made.
    Made(Purpose),
    /// A link was used.
    Used(Purpose),
    /// The person, or whoever was signed in as them, added a passkey.
    PasskeyAdded,
    /// They removed one.
    PasskeyRemoved,
    /// Somebody else removed one, or all.
    PasskeyTaken,
}

impl Happened {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Made(Purpose::Password),
        Self::Used(Purpose::Password),
        Self::Made(Purpose::Totp),
        Self::Used(Purpose::Totp),
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::PasskeyTaken,
    ];

    /// The word in the database; with hyphens, the key of its text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Made(Purpose::Password) => "password_link_made",
            Self::Used(Purpose::Password) => "password_link_used",
            Self::Made(Purpose::Totp) => "totp_link_made",
            Self::Used(Purpose::Totp) => "totp_link_used",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyTaken => "passkey_taken",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|happened| happened.word() == word)
    }
}

/// Something that happened to a person's credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub happened: Happened,
    /// Who did it, or made the link, as the audit log names them.
    pub made_by: String,
    /// Client address of whoever used it.
    pub address: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Notice {
    /// In words. Who made the link is an API token, shown by its name alone.
    pub fn text(&self, lang: Lang, now: Timestamp) -> String {
        let key = format!("notice-{}", self.happened.word().replace('_', "-"));
        let who = self.made_by.strip_prefix("token:").unwrap_or(&self.made_by);
        let ago = Ago::since(self.at, now).text(lang);
        let address = self.address.as_deref().unwrap_or("?");
        text_with(lang, &key, &[("who", who), ("ago", &ago), ("address", address)])
    }
}
