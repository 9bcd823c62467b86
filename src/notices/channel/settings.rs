//! What a channel of each kind needs, as stored beside its secret. Pure.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    kernel::{address, secret::Secret},
    notices::delivery::ChannelKind,
    word_schema,
};

/// How the connection to a mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// It begins in the clear and is secured before anything is said; where the server does not offer that, nothing is sent.
    Starttls,
    /// TLS from the start.
    Tls,
    /// Nothing; on this machine only.
    None,
}

impl Security {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Starttls, Self::Tls, Self::None];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starttls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }
}

word_schema!(
    Security,
    "MailSecurity",
    "How the connection to the mail server is secured: `starttls`: it begins in the clear and is secured before anything is said; `tls`: TLS from the start; \
     `none`: not at all, for a server on this machine only.",
    Security::ALL.map(Security::word)
);

/// A mailbox that sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// Name or address of the mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// User name; `None`: the server wants no login.
    pub username: Option<String>,
    /// Address that mails come from.
    pub sender: String,
    /// Name beside it.
    pub sender_name: Option<String>,
}

/// Settings of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settings {
    /// E-mail.
    Email(Mailbox),
    /// The app of the channel's data source.
    Wecom,
    /// Where requests go; of a stored channel what is shown of it.
    Webhook {
        /// The URL.
        url: String,
    },
}

impl Settings {
    /// The document in the database.
    pub fn document(&self) -> Value {
        match self {
            Self::Email(mailbox) => serde_json::to_value(mailbox).unwrap_or_default(),
            Self::Wecom => json!({}),
            // The address itself is sealed with the key.
            Self::Webhook { url } => json!({ "url": shown_url(url) }),
        }
    }

    /// From the document in the database; `None`: it is of no version of Menjin.
    pub fn of(kind: ChannelKind, document: &Value) -> Option<Self> {
        Some(match kind {
            ChannelKind::Email => Self::Email(serde_json::from_value(document.clone()).ok()?),
            ChannelKind::Wecom => Self::Wecom,
            ChannelKind::Webhook => Self::Webhook {
                url: document.get("url")?.as_str()?.to_owned(),
            },
        })
    }
}

/// What of a webhook's address is shown: scheme, host and port. Path and query of chat robots and gateways are secrets.
pub fn shown_url(url: &str) -> String {
    let Some(parsed) = address::absolute(url) else {
        return String::new();
    };
    let rest = match (parsed.path(), parsed.query()) {
        ("/", None) => "",
        _ => "…",
    };
    format!("{}/{rest}", parsed.origin().ascii_serialization())
}

/// What of a webhook is sealed.
#[derive(Serialize, Deserialize)]
pub struct Hook {
    /// Its key.
    pub key: String,
    /// Where it is called.
    pub url: String,
}

impl Hook {
    /// Key and address, to be sealed.
    pub fn text(key: &Secret<String>, url: &str) -> Secret<String> {
        let hook = Self {
            key: key.expose().clone(),
            url: url.to_owned(),
        };
        Secret::new(serde_json::to_string(&hook).unwrap_or_default())
    }

    /// From what was sealed; `None`: it is of no version of Menjin.
    pub fn read(text: &Secret<String>) -> Option<Self> {
        serde_json::from_str(text.expose()).ok()
    }
}

/// Whether a secret would be shown to another server than the one it was entered for.
pub fn is_elsewhere(before: &Settings, after: &Settings) -> bool {
    match (before, after) {
        (Settings::Email(before), Settings::Email(after)) => (&before.host, before.port) != (&after.host, after.port),
        // Of a webhook's key only signatures leave.
        _ => false,
    }
}

/// A channel, ready to send by.
#[derive(Clone, Debug)]
pub struct OpenedChannel {
    /// What it needs.
    pub settings: Settings,
    /// Password or key, where there is one.
    pub secret: Option<Secret<String>>,
    /// Whether anything is sent by it.
    pub enabled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_again() {
        let mailbox = Mailbox {
            host: "mail.corp.example".to_owned(),
            port: 587,
            security: Security::Starttls,
            username: None,
            sender: "menjin@corp.example".to_owned(),
            sender_name: Some("门禁".to_owned()),
        };
        let url = "https://hook.example/".to_owned();
        for (kind, settings) in [
            (ChannelKind::Email, Settings::Email(mailbox)),
            (ChannelKind::Wecom, Settings::Wecom),
            (ChannelKind::Webhook, Settings::Webhook { url }),
        ] {
            assert_eq!(Settings::of(kind, &settings.document()), Some(settings));
        }
        assert_eq!(Settings::of(ChannelKind::Email, &json!({})), None);
    }

    #[test]
    fn of_an_address_nothing_is_shown_that_may_be_a_secret() {
        for (url, shown) in [
            ("https://hook.example/", "https://hook.example/"),
            (
                "https://hook.example:8443/services/T0/B0/x",
                "https://hook.example:8443/…",
            ),
            ("https://hook.example/?key=x", "https://hook.example/…"),
            ("https://hook.example/…", "https://hook.example/…"),
        ] {
            assert_eq!(shown_url(url), shown);
        }
    }
}
