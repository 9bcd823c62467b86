//! Values of notices. Pure.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    kernel::{calendar, clock::Timestamp},
    notices::{NewNotice, To, Topic},
    signin::password::one_time_link_model::Purpose,
    web::{
        ago::Ago,
        browser::Browser,
        texts::{Lang, text, text_with},
    },
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Somebody else made a link to a password.
    PasswordLinkMade,
    /// It was used.
    PasswordLinkUsed,
    /// Somebody else made a link to one-time codes.
    TotpLinkMade,
    /// It was used.
    TotpLinkUsed,
    /// A link that was mailed for a forgotten password was used.
    ForgottenLinkUsed,
    /// The person, or whoever was signed in as them, added a passkey.
    PasskeyAdded,
    /// They removed one.
    PasskeyRemoved,
    /// Somebody else removed one, or all.
    PasskeyTaken,
    /// Somebody else took the password away.
    PasswordRemoved,
    /// One-time codes were set up at a sign-in, without a link.
    TotpSetUp,
    /// Somebody else took one-time codes away.
    TotpRemoved,
    /// Somebody else took everything away by which the person signs in.
    AccessReset,
}

impl Happened {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::PasswordLinkMade,
        Self::PasswordLinkUsed,
        Self::TotpLinkMade,
        Self::TotpLinkUsed,
        Self::ForgottenLinkUsed,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::PasskeyTaken,
        Self::PasswordRemoved,
        Self::TotpSetUp,
        Self::TotpRemoved,
        Self::AccessReset,
    ];

    /// The word in the database; with hyphens, the key of its text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PasswordLinkMade => "password_link_made",
            Self::PasswordLinkUsed => "password_link_used",
            Self::TotpLinkMade => "totp_link_made",
            Self::TotpLinkUsed => "totp_link_used",
            Self::ForgottenLinkUsed => "forgotten_link_used",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyTaken => "passkey_taken",
            Self::PasswordRemoved => "password_removed",
            Self::TotpSetUp => "totp_set_up",
            Self::TotpRemoved => "totp_removed",
            Self::AccessReset => "access_reset",
        }
    }

    /// What the person is told by post.
    pub const fn topic(self) -> Topic {
        match self {
            Self::PasswordLinkMade => Topic::PasswordLinkMade,
            Self::PasswordLinkUsed | Self::ForgottenLinkUsed => Topic::PasswordChanged,
            Self::TotpLinkMade => Topic::TotpLinkMade,
            Self::TotpLinkUsed | Self::TotpSetUp => Topic::TotpSetUp,
            Self::PasskeyAdded => Topic::PasskeyAdded,
            Self::PasskeyRemoved | Self::PasskeyTaken => Topic::PasskeyRemoved,
            Self::PasswordRemoved => Topic::PasswordRemoved,
            Self::TotpRemoved => Topic::TotpRemoved,
            Self::AccessReset => Topic::AccessReset,
        }
    }

    /// Whether it is the person who did it, or whoever could pass for them.
    const fn is_own(self) -> bool {
        match self {
            Self::PasswordLinkUsed
            | Self::TotpLinkUsed
            | Self::ForgottenLinkUsed
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::TotpSetUp => true,
            Self::PasswordLinkMade
            | Self::TotpLinkMade
            | Self::PasskeyTaken
            | Self::PasswordRemoved
            | Self::TotpRemoved
            | Self::AccessReset => false,
        }
    }

    /// That somebody made a link of this purpose; none for those that nobody makes for another.
    pub const fn made(purpose: Purpose) -> Option<Self> {
        match purpose {
            Purpose::Password => Some(Self::PasswordLinkMade),
            Purpose::Totp => Some(Self::TotpLinkMade),
            Purpose::Forgotten => None,
        }
    }

    /// That one was used.
    pub const fn used(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Password => Self::PasswordLinkUsed,
            Purpose::Totp => Self::TotpLinkUsed,
            Purpose::Forgotten => Self::ForgottenLinkUsed,
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|happened| happened.word() == word)
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

/// A fact in both languages.
fn in_both(name: &str, words: impl Fn(Lang) -> String) -> [(String, String); 2] {
    [
        (name.to_owned(), words(Lang::En)),
        (format!("{name}_zh"), words(Lang::Zh)),
    ]
}

/// What a person is told by post of something that happened to their account, or in it; `own`: they did it themselves, or whoever could pass for them,
/// with this browser and from this address.
pub fn message(
    (user, username): (Uuid, &str),
    (topic, at): (Topic, Timestamp),
    own: Option<(Option<Browser>, Option<&str>)>,
) -> NewNotice {
    let mut facts = BTreeMap::from([
        ("username".to_owned(), username.to_owned()),
        ("when".to_owned(), calendar::minute(at.millis())),
    ]);
    if let Some((browser, address)) = own {
        let browser = browser.unwrap_or_default();
        facts.extend(in_both("browser", |lang| browser.words(lang)));
        facts.extend(address.map(|address| ("network".to_owned(), address.to_owned())));
    }
    NewNotice {
        topic,
        data_source: None,
        subject: format!("user:{user}"),
        facts,
        path: Some("/account".to_owned()),
        card: None,
        to: To::User { id: user },
        until: None,
    }
}

impl Notice {
    /// As the person is told of it by post. `browser`: that of the request.
    pub fn message(&self, whose: (Uuid, &str), browser: Option<Browser>) -> NewNotice {
        let own = self.happened.is_own().then_some((browser, self.address.as_deref()));
        let who = if own.is_some() {
            "post-done-by-you"
        } else {
            "post-done-by-admin"
        };
        let mut message = message(whose, (self.happened.topic(), self.at), own);
        message.facts.extend(in_both("done_by", |lang| text(lang, who)));
        message
    }
}
