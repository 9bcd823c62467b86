//! Input and validation of an auth source. Pure.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::AuthSource;
use crate::{
    directory::{corp_id::check_corp_id, failure::DirectoryFailure, wecom_app},
    kernel::{failure::Result, merge_patch, secret::Secret, validation::ValidationErrors},
};

/// A new auth source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuthSource {
    /// Name on the login page, on one line; up to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "总部")]
    pub name: String,
    /// Corp ID (企业ID), exactly as the data source has it.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww1a2b3c4d5e6f7a8b"
    )]
    pub corp_id: String,
    /// AgentId of the self-built app by which people sign in.
    #[schema(minimum = 1, example = 1_000_002)]
    pub agent_id: i64,
    /// Secret of the app; needed unless this app is known already. Tried live before it is saved, and never shown.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub app_secret: Option<Secret<String>>,
    /// Row id of the data source it is meant for; null: the one with the same corp ID.
    #[serde(default)]
    pub data_source_id: Option<Uuid>,
    /// Whether people can sign in by it; true unless given.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Save the credential although WeCom refuses it; `problems` then names what is wrong. False unless given.
    #[serde(default)]
    pub save_anyway: bool,
}

const fn yes() -> bool {
    true
}

/// A change of an auth source (merge patch).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthSourceChange {
    /// Name on the login page, on one line; up to 200 characters.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "总部")]
    pub name: Option<String>,
    /// Corp ID (企业ID).
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww1a2b3c4d5e6f7a8b"
    )]
    pub corp_id: Option<String>,
    /// AgentId of the app.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 1, example = 1_000_002)]
    pub agent_id: Option<i64>,
    /// Secret of the app.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub app_secret: Option<Secret<String>>,
    /// Row id of the data source it is meant for; null: the one with the same corp ID.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub data_source_id: Option<Option<Uuid>>,
    /// Whether people can sign in by it.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub enabled: Option<bool>,
    /// Save the credential although WeCom refuses it. False unless given.
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
