//! Trials of a suite's credentials: what WeCom's answer says of them, and when they are tried again. Pure.

use std::time::Duration;

use super::failure::SuiteFailure;
use crate::{kernel::clock::Timestamp, wecom::WeComError};

/// Characters kept of WeCom's words.
const LONGEST_WORDS: usize = 300;
/// A secret that WeCom accepts is tried again with the first ticket after this time.
const ASKED_AGAIN: Duration = Duration::from_secs(3600);
/// What WeCom said of the credentials of a suite when they were tried last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It gave a token.
    Accepted,
    /// It refused one, or gave no answer: why, and its words.
    Failed(SuiteFailure, String),
}

impl Tried {
    /// What a call for a token says of the credentials (reference 9.1).
    pub fn of(answer: Result<(), WeComError>) -> Self {
        let Err(error) = answer else { return Self::Accepted };
        let failure = match error.errcode {
            Some(40080) => SuiteFailure::SecretWrong,
            Some(40083) => SuiteFailure::SuiteIdWrong,
            Some(60020) => SuiteFailure::IpUntrusted,
            // The ticket, not the secret: the next one tells.
            Some(40085) => SuiteFailure::Unproven,
            Some(_) if !error.is_passing() => SuiteFailure::Refused,
            _ => SuiteFailure::Unproven,
        };
        Self::Failed(failure, words(&error))
    }

    /// What a call for the provider's token says of its credentials (reference 13.1).
    pub fn of_provider(answer: Result<(), WeComError>) -> Self {
        let Err(error) = answer else { return Self::Accepted };
        let failure = match error.errcode {
            Some(40001 | 40091) => SuiteFailure::ProviderSecretWrong,
            Some(40013) => SuiteFailure::ProviderCorpWrong,
            Some(60020) => SuiteFailure::IpUntrusted,
            _ => SuiteFailure::ProviderUnproven,
        };
        Self::Failed(failure, words(&error))
    }

    /// As which failure of which field it keeps the credentials from being saved; `None`: it does not.
    pub fn refusal(&self) -> Option<(&'static str, SuiteFailure, &str)> {
        let Self::Failed(failure, words) = self else {
            return None;
        };
        let (field, refused) = match failure {
            SuiteFailure::SecretWrong => ("/secret", SuiteFailure::SecretRefused),
            SuiteFailure::SuiteIdWrong => ("/suite_id", SuiteFailure::SuiteIdRefused),
            SuiteFailure::ProviderSecretWrong => ("/provider_secret", SuiteFailure::ProviderSecretRefused),
            SuiteFailure::ProviderCorpWrong => ("/provider_corp_id", SuiteFailure::ProviderCorpRefused),
            _ => return None,
        };
        Some((field, refused, words))
    }
}

/// What is told of a failed call; never a secret.
fn words(error: &WeComError) -> String {
    let said: String = error.message.chars().take(LONGEST_WORDS).collect();
    match (error.errcode, &error.observed_ip) {
        (Some(60020), Some(address)) => {
            format!("WeCom saw the address {address} (code 60020 at {}): {said}", error.call)
        }
        (Some(errcode), _) => format!("WeCom code {errcode} at {}: {said}", error.call),
        (None, _) => format!("{} got no answer: {said}", error.call),
    }
}

/// Whether credentials are tried when a ticket arrives: where that was never done, or is long ago, or found something wrong.
pub fn is_due(checked_at: Option<Timestamp>, is_failing: bool, now: Timestamp) -> bool {
    is_failing || checked_at.is_none_or(|at| now.since(at) >= ASKED_AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::Class;

    fn error(errcode: Option<i64>, class: Class) -> WeComError {
        WeComError {
            call: "service/get_suite_token",
            class,
            errcode,
            message: "words".to_owned(),
            observed_ip: Some("203.0.113.9".to_owned()),
            export: None,
        }
    }

    fn refused(errcode: Option<i64>, class: Class) -> Tried {
        Tried::of(Err(error(errcode, class)))
    }

    #[test]
    fn only_what_is_said_of_secret_or_id_keeps_them_from_being_saved() {
        for (errcode, class, failure, pointer) in [
            (Some(40080), Class::Admin, SuiteFailure::SecretWrong, Some("/secret")),
            (Some(40083), Class::Admin, SuiteFailure::SuiteIdWrong, Some("/suite_id")),
            (Some(60020), Class::Admin, SuiteFailure::IpUntrusted, None),
            (Some(40085), Class::Admin, SuiteFailure::Unproven, None),
            (Some(48002), Class::Admin, SuiteFailure::Refused, None),
            (Some(45009), Class::Throttled, SuiteFailure::Unproven, None),
            (None, Class::Retry, SuiteFailure::Unproven, None),
        ] {
            let tried = refused(errcode, class);
            assert!(matches!(tried, Tried::Failed(kind, _) if kind == failure), "{tried:?}");
            assert_eq!(tried.refusal().map(|(field, ..)| field), pointer, "{errcode:?}");
        }
        let tried = refused(Some(60020), Class::Admin);
        assert!(
            matches!(&tried, Tried::Failed(_, words) if words.contains("203.0.113.9")),
            "{tried:?}"
        );
        assert_eq!(Tried::of(Ok(())), Tried::Accepted);
    }

    #[test]
    fn only_what_is_said_of_the_providers_secret_or_corp_keeps_them_from_being_saved() {
        for (errcode, failure, pointer) in [
            (Some(40001), SuiteFailure::ProviderSecretWrong, Some("/provider_secret")),
            (Some(40013), SuiteFailure::ProviderCorpWrong, Some("/provider_corp_id")),
            (Some(60020), SuiteFailure::IpUntrusted, None),
            (Some(45009), SuiteFailure::ProviderUnproven, None),
            (None, SuiteFailure::ProviderUnproven, None),
        ] {
            let tried = Tried::of_provider(Err(error(errcode, Class::Admin)));
            assert!(
                matches!(&tried, Tried::Failed(kind, _) if *kind == failure),
                "{tried:?}"
            );
            assert_eq!(tried.refusal().map(|(field, ..)| field), pointer, "{errcode:?}");
        }
        assert_eq!(Tried::of_provider(Ok(())), Tried::Accepted);
    }

    #[test]
    fn credentials_are_tried_with_a_ticket_when_something_is_wrong_or_an_hour_went_by() {
        let at = Timestamp::from_secs(1_000_000);
        let later = |secs: u64| at.plus(Duration::from_secs(secs));
        assert!(is_due(None, false, at) && is_due(Some(at), true, later(1)));
        assert!(!is_due(Some(at), false, later(3599)) && is_due(Some(at), false, later(3600)));
    }
}
