//! Input and validation of a channel. Pure.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    host,
    settings::{Mailbox, Security, Settings, is_elsewhere},
};
use crate::{
    kernel::{address, failure::Result, formats::is_email, merge_patch, secret::Secret, validation::ValidationErrors},
    notices::{
        channels::{email::is_address, webhook::key_bytes},
        delivery::ChannelKind,
        failure::NoticeFailure,
    },
};

/// Longest name of a channel or a sender, characters.
const LONGEST_NAME: usize = 100;

/// A new channel. Each kind has its own fields: `host` to `sender_name` are for e-mail, `data_source_id` for WeCom, `url` for webhooks.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewNoticeChannel)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    /// By what it reaches people.
    pub kind: ChannelKind,
    /// What admins call it; no other channel has this name.
    #[schema(min_length = 1, max_length = 100, example = "Company mail")]
    pub name: String,
    /// Whether anything is sent by it; true unless given.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Row id of the data source whose WeCom app sends.
    #[serde(default)]
    pub data_source_id: Option<Uuid>,
    /// Name or address of the mail server.
    #[serde(default)]
    #[schema(example = "smtp.corp.example")]
    pub host: Option<String>,
    /// Its port; unless given 587 with `starttls`, 465 with `tls`, 25 with `none`.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 65535)]
    pub port: Option<i64>,
    /// How the connection is secured; `starttls` unless given.
    #[serde(default)]
    pub security: Option<Security>,
    /// User name for the mail server; null: it wants no login.
    #[serde(default)]
    #[schema(example = "menjin@corp.example")]
    pub username: Option<String>,
    /// Address that mails come from.
    #[serde(default)]
    #[schema(example = "menjin@corp.example")]
    pub sender: Option<String>,
    /// Name beside that address.
    #[serde(default)]
    #[schema(example = "门禁")]
    pub sender_name: Option<String>,
    /// Where the webhook is called.
    #[serde(default)]
    #[schema(example = "https://robot.corp.example/menjin")]
    pub url: Option<String>,
    /// Password for the mail server; or the webhook's key, `whsec_` and base64 of 24 to 64 bytes, which is made where none is given. Never shown again.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub secret: Option<Secret<String>>,
}

const fn yes() -> bool {
    true
}

/// A change of a channel (merge patch). Its kind stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = NoticeChannelChange)]
#[serde(deny_unknown_fields)]
pub struct ChannelChange {
    /// What admins call it.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Company mail")]
    pub name: Option<String>,
    /// Whether anything is sent by it.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub enabled: Option<bool>,
    /// Row id of the data source whose WeCom app sends.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub data_source_id: Option<Uuid>,
    /// Name or address of the mail server. A password is entered for one server: with another host it is forgotten unless `secret` comes with it.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, example = "smtp.corp.example")]
    pub host: Option<String>,
    /// Its port.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 1, maximum = 65535)]
    pub port: Option<i64>,
    /// How the connection is secured.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub security: Option<Security>,
    /// User name for the mail server; null: it wants no login.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub username: Option<Option<String>>,
    /// Address that mails come from.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, example = "menjin@corp.example")]
    pub sender: Option<String>,
    /// Name beside that address; null: none.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub sender_name: Option<Option<String>>,
    /// Where the webhook is called.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, example = "https://robot.corp.example/menjin")]
    pub url: Option<String>,
    /// Password for the mail server, or the webhook's key.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub secret: Option<Secret<String>>,
}

/// A channel as it is to be stored, but for its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// What admins call it.
    pub name: String,
    /// Whether anything is sent by it.
    pub enabled: bool,
    /// Whose WeCom app sends.
    pub data_source_id: Option<Uuid>,
    /// What its kind needs.
    pub settings: Settings,
}

impl NewChannel {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `NO-101` with all faults.
    pub fn desired(&self) -> Result<Desired> {
        let mut faults = ValidationErrors::default();
        faults.line("name", &self.name, LONGEST_NAME);
        own_fields(&mut faults, self.kind, &self.given());
        let settings = match self.kind {
            ChannelKind::Email => Settings::Email(self.mailbox(&mut faults)),
            ChannelKind::Wecom => {
                faults.check(
                    self.data_source_id.is_some(),
                    "data_source_id",
                    "names the data source whose app sends",
                );
                Settings::Wecom
            }
            ChannelKind::Webhook => Settings::Webhook {
                url: url(&mut faults, self.url.as_deref().unwrap_or_default()),
            },
        };
        secret(&mut faults, &settings, self.secret.as_ref(), false);
        faults.into_result(NoticeFailure::Invalid.entry())?;
        Ok(Desired {
            name: self.name.trim().to_owned(),
            enabled: self.enabled,
            data_source_id: self.data_source_id,
            settings,
        })
    }

    /// Checks what was entered where nobody would see a key that was made.
    ///
    /// # Errors
    /// As [`NewChannel::desired`]; also for a webhook without a key.
    pub fn with_known_key(&self) -> Result<Desired> {
        let desired = self.desired()?;
        match (&desired.settings, &self.secret) {
            (Settings::Webhook { .. }, None) => Err(NoticeFailure::Invalid
                .failure()
                .field("secret", "is needed here: nobody would see a key that is made")),
            _ => Ok(desired),
        }
    }

    fn mailbox(&self, faults: &mut ValidationErrors) -> Mailbox {
        let security = self.security.unwrap_or(Security::Starttls);
        let usual = match security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        let entered = Entered {
            port: self.port.unwrap_or(usual),
            mailbox: Mailbox {
                host: self.host.clone().unwrap_or_default(),
                port: 0,
                security,
                username: self.username.clone(),
                sender: self.sender.clone().unwrap_or_default(),
                sender_name: self.sender_name.clone(),
            },
        };
        entered.checked(faults)
    }

    fn given(&self) -> [(&'static str, bool); 8] {
        [
            ("data_source_id", self.data_source_id.is_some()),
            ("host", self.host.is_some()),
            ("port", self.port.is_some()),
            ("security", self.security.is_some()),
            ("username", self.username.is_some()),
            ("sender", self.sender.is_some()),
            ("sender_name", self.sender_name.is_some()),
            ("url", self.url.is_some()),
        ]
    }
}

impl ChannelChange {
    /// The channel after this change; `secret_set`: whether it has a secret.
    ///
    /// # Errors
    /// `NO-101` with all faults.
    pub fn merged(&self, before: &Desired, kind: ChannelKind, secret_set: bool) -> Result<Desired> {
        let mut faults = ValidationErrors::default();
        let name = self.name.as_deref().unwrap_or(&before.name);
        faults.line("name", name, LONGEST_NAME);
        own_fields(&mut faults, kind, &self.given());
        let settings = match &before.settings {
            Settings::Email(mailbox) => Settings::Email(self.mailbox(mailbox).checked(&mut faults)),
            Settings::Wecom => Settings::Wecom,
            Settings::Webhook { url: before } => Settings::Webhook {
                url: self
                    .url
                    .as_deref()
                    .map_or_else(|| before.clone(), |new| url(&mut faults, new)),
            },
        };
        let kept = secret_set && !is_elsewhere(&before.settings, &settings);
        secret(&mut faults, &settings, self.secret.as_ref(), kept);
        faults.into_result(NoticeFailure::Invalid.entry())?;
        Ok(Desired {
            name: name.trim().to_owned(),
            enabled: self.enabled.unwrap_or(before.enabled),
            data_source_id: self.data_source_id.or(before.data_source_id),
            settings,
        })
    }

    fn mailbox(&self, before: &Mailbox) -> Entered {
        Entered {
            port: self.port.unwrap_or(i64::from(before.port)),
            mailbox: Mailbox {
                host: self.host.clone().unwrap_or_else(|| before.host.clone()),
                port: 0,
                security: self.security.unwrap_or(before.security),
                username: self.username.clone().unwrap_or_else(|| before.username.clone()),
                sender: self.sender.clone().unwrap_or_else(|| before.sender.clone()),
                sender_name: self.sender_name.clone().unwrap_or_else(|| before.sender_name.clone()),
            },
        }
    }

    fn given(&self) -> [(&'static str, bool); 8] {
        [
            ("data_source_id", self.data_source_id.is_some()),
            ("host", self.host.is_some()),
            ("port", self.port.is_some()),
            ("security", self.security.is_some()),
            ("username", self.username.is_some()),
            ("sender", self.sender.is_some()),
            ("sender_name", self.sender_name.is_some()),
            ("url", self.url.is_some()),
        ]
    }

    /// Names of the fields that were given, for the audit event.
    pub fn fields(&self) -> Vec<&'static str> {
        let others = [
            ("name", self.name.is_some()),
            ("enabled", self.enabled.is_some()),
            ("secret", self.secret.is_some()),
        ];
        let given = others.into_iter().chain(self.given());
        given.filter(|field| field.1).map(|field| field.0).collect()
    }
}

/// A mailbox with its port as it was entered.
struct Entered {
    port: i64,
    mailbox: Mailbox,
}

impl Entered {
    fn checked(self, faults: &mut ValidationErrors) -> Mailbox {
        let Self { port, mut mailbox } = self;
        let letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        let fits = (1..=253).contains(&mailbox.host.len()) && mailbox.host.chars().all(letter);
        faults.check(fits, "host", "is the name or the address of a mail server");
        faults.check(
            !host::is_link_local(&mailbox.host),
            "host",
            "is not a link-local address, nor one at which a cloud tells machines their credentials",
        );
        faults.check(
            mailbox.security != Security::None || host::is_own(&mailbox.host),
            "security",
            "may be none only where host is localhost or another address of this machine",
        );
        faults.within("port", port, 1, 65_535);
        mailbox.port = u16::try_from(port).unwrap_or_default();
        if let Some(username) = &mailbox.username {
            faults.line("username", username, 254);
        }
        let fits = is_email(&mailbox.sender) && is_address(&mailbox.sender);
        faults.check(fits, "sender", "is an e-mail address");
        if let Some(name) = &mailbox.sender_name {
            faults.line("sender_name", name, LONGEST_NAME);
        }
        mailbox
    }
}

/// Refuses fields of other kinds.
fn own_fields(faults: &mut ValidationErrors, kind: ChannelKind, given: &[(&'static str, bool)]) {
    for (field, _) in given.iter().filter(|(_, given)| *given) {
        let owner = match *field {
            "data_source_id" => ChannelKind::Wecom,
            "url" => ChannelKind::Webhook,
            _ => ChannelKind::Email,
        };
        let expected = format_args!("is for channels of the kind {} alone", owner.word());
        faults.check(owner == kind, field, expected);
    }
}

fn url(faults: &mut ValidationErrors, url: &str) -> String {
    // What is shown of an address is none.
    let parsed = address::absolute(url).filter(|_| url.len() <= 2000 && !url.contains('…'));
    let fits = parsed.is_some_and(|parsed| {
        let own = parsed.scheme() == "http" && address::is_loopback(&parsed);
        let bare = parsed.username().is_empty() && parsed.password().is_none() && parsed.fragment().is_none();
        (parsed.scheme() == "https" || own) && bare
    });
    faults.check(
        fits,
        "url",
        "is an https address without user name, password or fragment, of at most 2000 characters (plain http only on this machine)",
    );
    url.to_owned()
}

/// Checks the secret; `set`: there is one already.
fn secret(faults: &mut ValidationErrors, settings: &Settings, entered: Option<&Secret<String>>, set: bool) {
    match settings {
        Settings::Email(mailbox) => {
            if let Some(password) = entered {
                faults.secret("secret", password.expose(), 1);
            }
            faults.check(
                mailbox.username.is_none() || set || entered.is_some(),
                "secret",
                "is the password that goes with username; for another host it has to be entered again",
            );
        }
        Settings::Wecom => faults.check(entered.is_none(), "secret", "is not for channels of the kind wecom"),
        Settings::Webhook { .. } => faults.check(
            entered.is_none_or(|key| key_bytes(key.expose()).is_some()),
            "secret",
            "is whsec_ and base64 of 24 to 64 random bytes",
        ),
    }
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
