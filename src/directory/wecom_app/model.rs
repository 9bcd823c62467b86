//! WeCom apps: as stored, as entered, as shown, and the desired state of a row. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::failure::DirectoryFailure,
    kernel::{failure::Failure, merge_patch, secret::Secret, validation::ValidationErrors},
};

/// Sealing context of an app's secret.
pub const SECRET: &str = "wecom_app.secret";

/// An app without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeComApp {
    /// Row id.
    pub id: Uuid,
    /// Corp ID.
    pub corp_id: String,
    /// AgentId.
    pub agent_id: i64,
    /// The suite that it was installed from; `None`: the corp made it itself.
    pub suite: Option<Uuid>,
    /// As WeCom names it; empty until first read.
    pub name: String,
    /// Disabled in WeCom.
    pub closed: bool,
}

/// A WeCom app as an admin enters it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WeComAppInput)]
#[serde(deny_unknown_fields)]
pub struct AppInput {
    /// AgentId of the app; needed for a new app.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 1, example = 1_000_002)]
    pub agent_id: Option<i64>,
    /// Secret of the app; needed unless this app is known already. Tried live before it is saved, and never shown.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub secret: Option<Secret<String>>,
}

/// The app through which a data source is synced: never with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IntegrationAppView)]
pub struct AppView {
    /// AgentId of the app.
    #[schema(example = 1_000_002)]
    pub agent_id: i64,
    /// As WeCom names it; empty until first read.
    pub name: String,
    /// Whether a secret is stored.
    pub secret_set: bool,
}

impl From<&WeComApp> for AppView {
    fn from(app: &WeComApp) -> Self {
        Self {
            agent_id: app.agent_id,
            name: app.name.clone(),
            secret_set: true,
        }
    }
}

/// Desired state of an app row.
#[derive(Debug, PartialEq, Eq)]
pub struct DesiredApp {
    /// Corp ID.
    pub corp_id: String,
    /// AgentId.
    pub agent_id: i64,
    /// The new secret, sealed; `None`: the stored one stays.
    pub sealed: Option<String>,
    /// If no such app is stored: take the secret over from this row, because only the corp ID was corrected.
    pub copy_secret_from: Option<Uuid>,
    /// The app before.
    pub current: Option<Uuid>,
}

/// Checks what was entered.
pub fn check(faults: &mut ValidationErrors, agent_id: (&str, Option<i64>), secret: (&str, Option<&Secret<String>>)) {
    if let (field, Some(agent_id)) = agent_id {
        faults.check(agent_id > 0, field, "must be the positive AgentId of the app");
    }
    if let (field, Some(secret)) = secret {
        faults.secret(field, secret.expose(), 1);
    }
}

/// The app that results from an edit: `current` is the app before, `agent_id` and `sealed` what was entered, `corp_id` the corp after it.
/// `None` when there is no AgentId at all.
pub fn desired_app(
    current: Option<&WeComApp>,
    corp_id: &str,
    agent_id: Option<i64>,
    sealed: Option<String>,
) -> Option<DesiredApp> {
    let wanted = agent_id.or_else(|| current.map(|app| app.agent_id))?;
    let copy_secret_from = current
        .filter(|app| app.agent_id == wanted && app.corp_id != corp_id)
        .map(|app| app.id);
    Some(DesiredApp {
        corp_id: corp_id.to_owned(),
        agent_id: wanted,
        sealed,
        copy_secret_from,
        current: current.map(|app| app.id),
    })
}

/// The failure when the app is not stored yet and came without its secret (or without its AgentId).
pub(in crate::directory) fn incomplete_app(field: &str) -> Failure {
    DirectoryFailure::Invalid
        .failure()
        .field(field, "is needed, because this app is not known yet")
}

/// The failure when an app of a service provider is entered by hand: its secret and its corp come by an installation alone.
pub(in crate::directory) fn installed_app() -> Failure {
    DirectoryFailure::Invalid.failure().field(
        "agent_id",
        "is an app of a service provider, which a corp connects by installing it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> WeComApp {
        WeComApp {
            id: Uuid::from_u128(1),
            corp_id: "wwA".to_owned(),
            agent_id: 7,
            suite: None,
            name: String::new(),
            closed: false,
        }
    }

    #[test]
    fn a_secret_is_inherited_only_when_nothing_but_the_corp_id_changes() {
        let heir = |corp, agent| {
            desired_app(Some(&app()), corp, agent, None).and_then(|desired_app| desired_app.copy_secret_from)
        };
        assert_eq!(heir("wwB", None), Some(app().id));
        assert_eq!(heir("wwB", Some(7)), Some(app().id));
        assert_eq!(heir("wwB", Some(8)), None);
        assert_eq!(heir("wwA", None), None);
    }

    #[test]
    fn without_an_agent_id_there_is_no_app() {
        assert_eq!(desired_app(None, "wwA", None, Some("sealed".to_owned())), None);
    }
}
