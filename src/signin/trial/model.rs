//! A trial of a sign-in, as values: who made it, where it stands, what came of it. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::clock::Timestamp;

/// How long a trial can be gone through, from when it was made.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long it and what came of it can be looked at.
pub const KEPT: Duration = Duration::from_secs(20 * 60);
/// What stands for the trial's id in the address that leads back.
pub const ID_PLACE: &str = "{trial}";
/// Longest address that leads back, bytes.
const LONGEST: usize = 512;

/// What an admin asks for.
#[derive(Clone, Debug)]
pub struct NewTrial<'a> {
    /// Row id of the portal.
    pub client: Uuid,
    /// Its `client_id`.
    pub client_id: &'a str,
    /// Classes that the portal prefers where it asks for none ([`acr`](crate::signin::acr)).
    pub acr: Vec<String>,
    /// Page of the console that leads on, as [`leads_to_console`] accepts it.
    pub return_to: Option<&'a str>,
}

/// A trial that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialMade)]
pub struct Made {
    /// Id of the trial.
    pub id: Uuid,
    /// Where it is gone through, in any browser or inside WeCom; shown this once.
    #[schema(example = "https://login.example.com/signin/trial/…")]
    pub url: String,
    /// Until when, milliseconds since 1970.
    pub expires_at: i64,
}

/// A trial as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// Its id.
    pub id: Uuid,
    /// Row id of the portal.
    pub client: Uuid,
    /// Its `client_id`.
    pub client_id: String,
    /// Who made it, in the audit log's words.
    pub made_by: String,
    /// Classes that the portal prefers.
    pub acr: Vec<String>,
    /// Page of the console that leads on.
    pub return_to: Option<String>,
    /// From this moment on it cannot be gone through.
    pub expires_at: Timestamp,
}

/// How far somebody has come in a trial that has no outcome yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The address was opened.
    Opened,
    /// A browser was sent to WeCom, or shows its panel.
    AtWecom,
}

impl Stage {
    /// Its word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::AtWecom => "at_wecom",
        }
    }

    /// From its word in the store.
    pub fn of(word: &[u8]) -> Option<Self> {
        [Self::Opened, Self::AtWecom]
            .into_iter()
            .find(|stage| stage.word().as_bytes() == word)
    }
}

/// Where a trial stands: `waiting` (nobody opened its address yet), `opened`, `at_wecom` (a browser shows WeCom's page), `permitted`,
/// `refused`, or `expired` (nothing came of it in time).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialState {
    /// Nobody opened its address yet.
    Waiting,
    /// Its address was opened.
    Opened,
    /// A browser shows WeCom's page.
    AtWecom,
    /// The gate would let them in.
    Permitted,
    /// Somebody was refused, or the sign-in failed.
    Refused,
    /// Nothing came of it in time.
    Expired,
}

/// A user, as an outcome names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialUser {
    /// Row id of the user.
    pub id: Uuid,
    /// Username.
    pub username: String,
    /// Name; null: none.
    pub display_name: Option<String>,
}

/// The failure that somebody was told, as the page showed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToldFailure {
    /// Reference number.
    pub number: String,
    /// The sentence in English.
    pub en: String,
    /// The sentence in Chinese.
    pub zh: String,
    /// Code of the occurrence.
    pub reference: String,
}

/// What came of a trial. It may hold personal data, so it is kept sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Why nobody would be signed in; none: the gate permits it.
    pub failure: Option<ToldFailure>,
    /// Who was scanned or typed, in words.
    pub who: Option<String>,
    /// Their user, if they have one.
    pub user: Option<TrialUser>,
    /// Row id of the member they signed in as.
    pub member: Option<Uuid>,
    /// Row id of the auth source that they were permitted by; none: not permitted, or by no scan.
    #[serde(default)]
    pub auth_source: Option<Uuid>,
    /// Row id of the data source that they were permitted by.
    #[serde(default)]
    pub data_source: Option<Uuid>,
    /// The gate's checks with what each saw; null: the gate was not asked.
    pub checks: Value,
}

/// A trial and how far it has come.
#[derive(Clone, Debug)]
pub struct TrialStatus {
    /// The trial.
    pub trial: Trial,
    /// Where it stands.
    pub state: TrialState,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// What failed last in one that goes on, for a reason that may pass.
    pub passing: Option<Outcome>,
}

/// Where a trial stands.
pub fn state(trial: &Trial, outcome: Option<&Outcome>, stage: Option<Stage>, now: Timestamp) -> TrialState {
    match (outcome, stage) {
        (Some(outcome), _) if outcome.failure.is_none() => TrialState::Permitted,
        (Some(_), _) => TrialState::Refused,
        (None, _) if now >= trial.expires_at => TrialState::Expired,
        (None, None) => TrialState::Waiting,
        (None, Some(Stage::Opened)) => TrialState::Opened,
        (None, Some(Stage::AtWecom)) => TrialState::AtWecom,
    }
}

/// Whether this is the path of a page of the console, with or without a query: nothing that a browser could take for another place.
pub fn leads_to_console(address: &str) -> bool {
    let named = address.replace(ID_PLACE, "trial");
    let (path, query) = named.split_once('?').unwrap_or((&named, ""));
    let Some(below) = path.strip_prefix("/console") else {
        return false;
    };
    let part = |part: &str| {
        !part.is_empty()
            && !part.bytes().all(|byte| byte == b'.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    let is_path = match below.strip_prefix('/') {
        Some(below) => below.split('/').all(part),
        None => below.is_empty(),
    };
    let in_query = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%=&+,:/".contains(&byte);
    address.len() <= LONGEST && is_path && query.bytes().all(in_query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_console_lead_back() {
        for fits in [
            "/console",
            "/console/portals/wiki/trials/{trial}",
            "/console/setup?step=7&trial={trial}&q=%E6%9D%8E",
        ] {
            assert!(leads_to_console(fits), "{fits}");
        }
        for foreign in [
            "",
            "/",
            "//evil.example",
            "//evil.example/console",
            "https://evil.example/console",
            "/console//evil.example",
            "/consolation",
            "/console.evil.example",
            "/console@evil.example",
            "/console/../signin",
            "/console/./x",
            "/console/%2e%2e/x",
            "/console\\evil",
            "\\\\evil.example",
            "/console/\\evil",
            "/console/x#fragment",
            "/console/x y",
            "/console/x?a=\n",
            "/console/x?a=<b>",
            " /console",
            "javascript:alert(1)",
            "/console/",
        ] {
            assert!(!leads_to_console(foreign), "{foreign}");
        }
        assert!(!leads_to_console(&format!("/console/{}", "x".repeat(600))));
    }
}
