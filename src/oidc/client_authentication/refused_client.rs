//! Records client authentication failures: told apart in log and audit, one and the same answer outside.

use std::net::IpAddr;

use serde_json::json;

use super::{client_secret::PresentedSecret, credentials::Credentials, failure::AuthenticationFailure};
use crate::{
    audit::{Kind, Record, aggregation::Repetition},
    kernel::secret::beginning,
    oidc::{
        client::{AuthMethod, Client},
        failure::{Fault, OidcFailure},
        params::Params,
        provider::Provider,
    },
    web::{client_address::networks, reference},
};

/// Rows in an hour for everybody who guesses at clients.
const MOST_ROWS: usize = 100;

/// Why a client was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// No usable credentials, or no `client_id`.
    NoCredentials,
    UnknownClient,
    DisabledClient,
    WrongMethod,
    WrongSecret,
    BadAssertion,
}

impl Cause {
    const fn word(self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::UnknownClient => "unknown_client",
            Self::DisabledClient => "disabled_client",
            Self::WrongMethod => "wrong_method",
            Self::WrongSecret => "wrong_secret",
            Self::BadAssertion => "bad_assertion",
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::NoCredentials => "Send the client_id, with its secret or assertion, once.",
            Self::UnknownClient => "No client has this client_id: compare it with the registration.",
            Self::DisabledClient => "Enable the client.",
            Self::WrongMethod => "Let the portal send what is registered as auth_method, or register what it sends.",
            Self::WrongSecret => "Copy the secret into the portal again, or rotate it.",
            Self::BadAssertion => "Check key, aud, iss, exp and clock of the portal; the number names the rule.",
        }
    }

    const fn remedy_zh(self) -> &'static str {
        match self {
            Self::NoCredentials => "请发送client_id，并附上其密钥或断言，且只发送一次。",
            Self::UnknownClient => "没有门户使用此client_id：请与登记的内容核对。",
            Self::DisabledClient => "请启用该门户。",
            Self::WrongMethod => "请让门户按登记的auth_method发送，或登记其实际发送的方式。",
            Self::WrongSecret => "请将密钥重新复制到门户，或更换密钥。",
            Self::BadAssertion => "请检查门户的密钥、aud、iss、exp和时钟；编号指明了是哪一条规则。",
        }
    }

    /// The cause, from what was sent and what is registered.
    fn of(attempt: &Attempt<'_>, client: Option<&Client>, number: &str) -> Self {
        let Some(credentials) = attempt.credentials else {
            return match attempt.has_assertion() {
                true => Self::BadAssertion,
                false => Self::NoCredentials,
            };
        };
        let Some(client) = client else {
            return Self::UnknownClient;
        };
        if !client.enabled {
            return Self::DisabledClient;
        }
        if number == AuthenticationFailure::MethodNotInProfile.entry().number {
            return Self::WrongMethod;
        }
        match credentials {
            Credentials::Secret(shown) if is_wrong_secret(shown, client) => Self::WrongSecret,
            Credentials::Assertion(_) if signs(client.method) => Self::BadAssertion,
            _ => Self::WrongMethod,
        }
    }
}

/// Whether a client with such a secret would have been let in with the right one.
fn is_wrong_secret(shown: &PresentedSecret, client: &Client) -> bool {
    let sends = matches!(
        client.method,
        AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost
    );
    sends && !shown.proves(Some(client))
}

const fn signs(method: AuthMethod) -> bool {
    matches!(method, AuthMethod::PrivateKeyJwt | AuthMethod::ClientSecretJwt)
}

/// What a caller sent to authenticate itself.
pub(in crate::oidc) struct Attempt<'a> {
    /// The form, which may name client and assertion also where no credentials can be read.
    pub form: &'a Params,
    /// The credentials; `None` where what was sent is none.
    pub credentials: Option<&'a Credentials>,
    /// Client address.
    pub from: Option<IpAddr>,
}

impl Attempt<'_> {
    fn claimed(&self) -> Option<&str> {
        match self.credentials {
            Some(credentials) => Some(credentials.client_id()),
            None => self.form.get("client_id"),
        }
    }

    fn has_assertion(&self) -> bool {
        let fields = ["client_assertion", "client_assertion_type"];
        fields.into_iter().any(|field| self.form.get(field).is_some())
    }

    /// How the credentials were sent.
    fn sent(&self) -> &'static str {
        match self.credentials {
            None if self.has_assertion() => "client_assertion",
            None => "nothing usable",
            Some(Credentials::Secret(shown)) => shown.method.word(),
            Some(Credentials::Assertion(_)) => "client_assertion",
            Some(Credentials::Public(_)) => AuthMethod::None.word(),
        }
    }
}

/// A refused attempt and what is known about it.
struct Refused<'a> {
    attempt: Attempt<'a>,
    number: &'static str,
    cause: Cause,
    client: Option<&'a Client>,
}

impl Refused<'_> {
    /// The client as the record names it. Who swapped the two fields sends a secret as `client_id`: of an unknown one only the beginning.
    fn claimed(&self) -> Option<String> {
        match self.client {
            Some(client) => Some(client.client_id.clone()),
            None => self.attempt.claimed().map(beginning),
        }
    }

    /// The cause for the log, whose span has the address.
    fn told(&self) -> String {
        let cause = self.cause.word();
        match self.claimed() {
            // A caller may have put line breaks into it.
            Some(claimed) => format!("{cause}: client {}", claimed.escape_debug()),
            None => format!("{cause}: no client_id"),
        }
    }

    fn record(&self) -> Record {
        let subject = self.client.map_or("unknown", |client| &client.client_id);
        // Of an IPv6 address the widest network, so that nobody has a row for each of theirs.
        let place = networks(self.attempt.from).pop().map(|(place, _)| place);
        Record {
            kind: Kind::ClientRefused,
            actor: format!("address:{}", place.unwrap_or_default()),
            subject: format!("client:{subject}"),
            reference: Some(reference::new()),
            number: Some(self.number),
            detail: json!({
                "cause": self.cause.word(),
                "remedy": self.cause.remedy(),
                "remedy_zh": self.cause.remedy_zh(),
                "address": self.attempt.from,
                "client_id": self.claimed(),
                "sent": self.attempt.sent(),
                "registered": self.client.map(|client| client.method.word()),
            }),
        }
    }

    /// Alike is what has the same detail but for the address, which is one of the network's.
    fn repetition(&self) -> Repetition {
        let unknown = match self.client {
            Some(_) => None,
            None => self.claimed(),
        };
        let (cause, sent) = (self.cause.word(), self.attempt.sent());
        Repetition {
            group: if self.client.is_some() { "known" } else { "unknown" },
            likeness: format!("{cause}\n{sent}\n{}", unknown.unwrap_or_default()),
            most: MOST_ROWS,
        }
    }
}

impl Provider {
    /// Records a failed client authentication; any other fault passes unchanged. The fault keeps its answer and gets the reference of the
    /// record, and a cause for the log.
    pub(in crate::oidc) async fn note_refused_client(&self, mut fault: Fault, attempt: Attempt<'_>) -> Fault {
        if fault.error != OidcFailure::ClientAuthentication.error() {
            return fault;
        }
        let client = match attempt.claimed() {
            Some(client_id) => match self.store().find_client(client_id).await {
                Ok(client) => client,
                Err(error) => return error.into(),
            },
            None => None,
        };
        let number = fault.failure.entry.number;
        let refused = Refused {
            cause: Cause::of(&attempt, client.as_deref(), number),
            attempt,
            number,
            client: client.as_deref(),
        };
        let told = refused.told();
        fault.failure.cause = Some(match fault.failure.cause.take() {
            Some(cause) => format!("{told}: {cause}"),
            None => told,
        });
        let recorded = self
            .deps()
            .gate
            .aggregator()
            .record(refused.record(), refused.repetition());
        match recorded.await {
            Ok(reference) => fault.failure.recorded = reference,
            // The answer must not depend on the record; who reads the log sees both.
            Err(failure) => tracing::error!(%failure, "a refused client could not be recorded"),
        }
        fault
    }
}
