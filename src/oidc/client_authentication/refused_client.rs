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

    /// The cause, from what was sent and what is registered.
    fn of(credentials: Option<&Credentials>, client: Option<&Client>, number: &str) -> Self {
        let Some(credentials) = credentials else {
            return Self::NoCredentials;
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

/// How the credentials were sent.
fn sent(credentials: Option<&Credentials>) -> &'static str {
    match credentials {
        None => "nothing usable",
        Some(Credentials::Secret(shown)) => shown.method.word(),
        Some(Credentials::Assertion(_)) => "client_assertion",
        Some(Credentials::Public(_)) => AuthMethod::None.word(),
    }
}

impl Provider {
    /// Records a failed client authentication; any other fault passes unchanged. The fault keeps its answer and gets the reference of the
    /// record, and a cause for the log.
    pub(in crate::oidc) async fn note_refused_client(
        &self,
        mut fault: Fault,
        credentials: Option<&Credentials>,
        from: Option<IpAddr>,
    ) -> Fault {
        if fault.error != OidcFailure::ClientAuthentication.error() {
            return fault;
        }
        let claimed = credentials.map(Credentials::client_id);
        let client = match claimed {
            Some(client_id) => match self.store().find_client(client_id).await {
                Ok(client) => client,
                Err(error) => return error.into(),
            },
            None => None,
        };
        let number = fault.failure.entry.number;
        let cause = Cause::of(credentials, client.as_deref(), number);
        // Who swapped the two fields sends a secret as `client_id`.
        let claimed = claimed.map(|claimed| match &client {
            Some(client) => client.client_id.clone(),
            None => beginning(claimed),
        });
        let subject = client.as_ref().map_or("unknown", |client| &client.client_id);
        // Of an IPv6 address the widest network, so that nobody has a row for each of theirs.
        let place = networks(from).pop().map(|(place, _)| place).unwrap_or_default();
        let record = Record {
            kind: Kind::ClientRefused,
            actor: format!("address:{place}"),
            subject: format!("client:{subject}"),
            reference: Some(reference::new()),
            number: Some(number),
            detail: json!({
                "cause": cause.word(),
                "remedy": cause.remedy(),
                "address": from,
                "client_id": claimed,
                "sent": sent(credentials),
                "registered": client.as_ref().map(|client| client.method.word()),
            }),
        };
        let repetition = Repetition {
            group: if client.is_some() { "known" } else { "unknown" },
            likeness: cause.word().to_owned(),
            most: MOST_ROWS,
        };
        let why = cause.word();
        let told = format!("{why}: client {claimed:?} from {place}");
        fault.failure.cause = Some(match fault.failure.cause.take() {
            Some(cause) => format!("{told}: {cause}"),
            None => told,
        });
        match self.deps().gate.aggregator().record(record, repetition).await {
            Ok(reference) => fault.failure.recorded = reference,
            // The answer must not depend on the record; who reads the log sees both.
            Err(failure) => tracing::error!(%failure, "a refused client could not be recorded"),
        }
        fault
    }
}
