//! Whose credential is probed. Pure.

use uuid::Uuid;

/// Whose credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The contacts-sync secret of this data source.
    Contacts(Uuid),
    /// The secret of 客户联系 of this data source.
    ExternalContacts(Uuid),
    /// This app.
    App(Uuid),
}

impl Holder {
    /// Row id of the data source or app.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Contacts(id) | Self::ExternalContacts(id) | Self::App(id) => id,
        }
    }

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contacts(_) => "contacts",
            Self::ExternalContacts(_) => "external_contacts",
            Self::App(_) => "app",
        }
    }

    /// From the word in the database and the row id.
    pub fn of(word: &str, id: Uuid) -> Option<Self> {
        [Self::Contacts(id), Self::ExternalContacts(id), Self::App(id)]
            .into_iter()
            .find(|holder| holder.word() == word)
    }
}
