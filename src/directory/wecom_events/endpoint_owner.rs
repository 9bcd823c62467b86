//! Owner of a callback endpoint: the contacts-sync helper or the integration app. Pure.

use crate::word_schema;

/// Where in the WeCom console a callback is entered (reference 6.3 and 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The contacts-sync helper: tells of every change of the corp's contacts.
    Contacts,
    /// The integration app: tells who enters and leaves its visible scope.
    App,
}

impl Owner {
    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::App => "app",
        }
    }

    /// Reads the word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Contacts, Self::App]
            .into_iter()
            .find(|owner| owner.word() == word)
    }
}

word_schema!(
    Owner,
    "CallbackOwner",
    "Where in the WeCom console a callback is entered: `contacts`: the contacts-sync helper, which tells of every change of the corp's contacts; `app`: \
     the integration app, which tells who enters and leaves its visible scope.",
    [Owner::Contacts.word(), Owner::App.word()]
);
