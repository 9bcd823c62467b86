//! Input and validation of an auth source. Pure.

use serde::Deserialize;
use uuid::Uuid;

use super::model::AuthSource;
use crate::{
    directory::{corp_id::check_corp_id, failure::DirectoryFailure, wecom_app},
    kernel::{failure::Result, merge_patch, secret::Secret, validation::ValidationErrors},
};

/// A new auth source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAuthSource {
    /// Shown on the login page.
    pub name: String,
    /// Corp ID.
    pub corp_id: String,
    /// AgentId of the app.
    pub agent_id: i64,
    /// Its secret; needed unless this app is known already.
    #[serde(default)]
    pub app_secret: Option<Secret<String>>,
    /// The data source it is meant for; null: the one with the same corp ID.
    #[serde(default)]
    pub data_source_id: Option<Uuid>,
    /// Switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Save a credential although WeCom refuses it.
    #[serde(default)]
    pub save_anyway: bool,
}

const fn yes() -> bool {
    true
}

/// A change of an auth source.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSourceChange {
    /// See [`NewAuthSource`]; so for every field here.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    pub name: Option<String>,
    /// Corp ID.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    pub corp_id: Option<String>,
    /// AgentId of the app.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    pub agent_id: Option<i64>,
    /// Its secret.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    pub app_secret: Option<Secret<String>>,
    /// null: the one with the same corp ID.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub data_source_id: Option<Option<Uuid>>,
    /// Switched on.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    pub enabled: Option<bool>,
    /// Save a credential although WeCom refuses it.
    #[serde(default)]
    pub save_anyway: bool,
}

impl NewAuthSource {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        faults.line("name", &self.name, 200);
        check_corp_id(&mut faults, &self.corp_id);
        let agent_id = ("agent_id", Some(self.agent_id));
        wecom_app::check(&mut faults, agent_id, ("app_secret", self.app_secret.as_ref()));
        faults.into_result(DirectoryFailure::Invalid.entry())
    }
}

impl AuthSourceChange {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        if let Some(name) = &self.name {
            faults.line("name", name, 200);
        }
        if let Some(corp_id) = &self.corp_id {
            check_corp_id(&mut faults, corp_id);
        }
        let secret = ("app_secret", self.app_secret.as_ref());
        wecom_app::check(&mut faults, ("agent_id", self.agent_id), secret);
        faults.into_result(DirectoryFailure::Invalid.entry())
    }

    /// The auth source after this change; its app follows separately.
    pub fn merged(&self, before: &AuthSource) -> AuthSource {
        AuthSource {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            corp_id: self.corp_id.clone().unwrap_or_else(|| before.corp_id.clone()),
            data_source_id: self.data_source_id.unwrap_or(before.data_source_id),
            enabled: self.enabled.unwrap_or(before.enabled),
            ..before.clone()
        }
    }

    /// Names of the fields that were given, for the audit event.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("name", self.name.is_some()),
            ("corp_id", self.corp_id.is_some()),
            ("agent_id", self.agent_id.is_some()),
            ("app_secret", self.app_secret.is_some()),
            ("data_source_id", self.data_source_id.is_some()),
            ("enabled", self.enabled.is_some()),
        ];
        given.into_iter().filter(|field| field.1).map(|field| field.0).collect()
    }
}
