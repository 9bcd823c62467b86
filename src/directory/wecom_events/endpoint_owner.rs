//! Owner of a callback endpoint: the contacts-sync helper, the integration app or 客户联系. Pure.

use crate::word_schema;

/// Where in the WeCom console a callback is entered (reference 6.3 and 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The contacts-sync helper: tells of every change of the corp's contacts.
    Contacts,
    /// The integration app: tells who enters and leaves its visible scope.
    App,
    /// 客户联系: tells what happens to customers (reference 8).
    ExternalContacts,
}

impl Owner {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Contacts, Self::App, Self::ExternalContacts];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::App => "app",
            Self::ExternalContacts => "external_contacts",
        }
    }

    /// Reads the word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|owner| owner.word() == word)
    }
}

word_schema!(
    Owner,
    "CallbackOwner",
    "Where in the WeCom console a callback is entered: `contacts`: the contacts-sync helper, which tells of every change of the corp's contacts; `app`: \
     the integration app, which tells who enters and leaves its visible scope; `external_contacts`: 客户联系 (customer contact), which tells what happens to \
     customers.",
    Owner::ALL.map(Owner::word)
);
