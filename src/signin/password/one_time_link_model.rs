//! Values of one-time links: purpose, address, owner. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::{clock::Timestamp, secret::Secret},
    notices::{NewNotice, To, Topic},
    web::texts::Lang,
    word_schema,
};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Choosing a password; an admin made it.
    Password,
    /// Setting up one-time codes; an admin made it.
    Totp,
    /// Choosing a password in the place of a forgotten one; it was mailed to whoever has the address.
    Forgotten,
}

impl Purpose {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Forgotten => "forgotten",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Password, Self::Totp, Self::Forgotten]
            .into_iter()
            .find(|purpose| purpose.word() == word)
    }

    /// Local path of the page behind a link.
    pub fn path(self, token: &Secret<String>) -> String {
        let place = match self {
            Self::Password | Self::Forgotten => "password",
            Self::Totp => "totp",
        };
        format!("/{place}/{}", token.expose())
    }
}

/// How a link reaches its user.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = OneTimeLinkWanted)]
#[serde(deny_unknown_fields)]
pub struct LinkWanted {
    /// Null or absent: it is shown, to be handed over.
    #[serde(default)]
    pub send: Option<SendBy>,
}

/// By what a link is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendBy {
    /// To the address of the account.
    Email,
}

word_schema!(
    SendBy,
    "OneTimeLinkSending",
    "By what a link is sent instead of shown: `email`: to the e-mail address of the account.",
    ["email"]
);

/// A one-time link, shown this once, or mailed.
#[derive(Serialize, ToSchema)]
#[schema(as = OneTimeLink)]
pub struct Link {
    /// Address to hand over to the user; null: it was mailed.
    pub url: Option<String>,
    /// E-mail address that it was sent to; null: it is shown.
    pub sent_to: Option<String>,
    /// What it is for: `invitation` for a first password, else `reset`; for one-time codes `enrolment`.
    #[schema(example = "invitation")]
    pub kind: &'static str,
    /// When it stops working, milliseconds since 1970.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Link {
    /// Leaves the address out: the token in it is as good as a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Link");
        shown.field("kind", &self.kind).field("expires_at", &self.expires_at);
        shown.finish_non_exhaustive()
    }
}

/// A link as it is kept, and how it reaches its user.
pub(super) struct NewLink {
    /// Digest of its token.
    pub digest: String,
    pub expires_at: Timestamp,
    /// The token, where it is mailed.
    pub mailed: Option<Secret<String>>,
}

/// The mail with a link that an admin sends.
pub(super) fn mail(
    (user, username): (Uuid, &str),
    (purpose, had_password): (Purpose, bool),
    (token, until): (&Secret<String>, Timestamp),
    (email, lang): (&str, Lang),
) -> NewNotice {
    NewNotice {
        topic: match (purpose, had_password) {
            (Purpose::Totp, _) => Topic::TotpLink,
            (Purpose::Password | Purpose::Forgotten, false) => Topic::Invitation,
            (Purpose::Password | Purpose::Forgotten, true) => Topic::PasswordLink,
        },
        data_source: None,
        subject: format!("user:{user}"),
        facts: BTreeMap::from([("username".to_owned(), username.to_owned())]),
        path: Some(purpose.path(token)),
        card: None,
        to: To::Address {
            email: email.to_owned(),
            lang,
        },
        until: Some(until),
    }
}

/// The user a link is for.
pub(super) struct Owner {
    pub user: Uuid,
    /// What the link is for.
    pub purpose: Purpose,
    pub username: String,
    pub console_user: bool,
}
