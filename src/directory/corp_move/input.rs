//! What is entered of a move, and its validation. Pure.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    directory::{corp_id::check_corp_id, failure::DirectoryFailure, wecom_app},
    kernel::{failure::Result, merge_patch, secret::Secret, validation::ValidationErrors},
    wecom::model::is_userid,
};

/// The company's own app, to which its data source is to move. Tried live before it is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMove {
    /// Corp ID (企业ID) of the company as its own console shows it.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww1a2b3c4d5e6f7a8b"
    )]
    pub corp_id: String,
    /// AgentId of the app that the company made itself.
    #[schema(minimum = 1, example = 1_000_002)]
    pub agent_id: i64,
    /// Its secret, never shown.
    #[schema(value_type = String, min_length = 1, max_length = 512, format = Password)]
    pub app_secret: Secret<String>,
    /// Secret of the contacts-sync helper (通讯录同步); null: the app alone reads its visible scope.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub contacts_secret: Option<Secret<String>>,
}

/// A change of a planned move (merge patch).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveChange {
    /// Secret of the company's own app.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub app_secret: Option<Secret<String>>,
    /// Secret of the contacts-sync helper; null removes it.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub contacts_secret: Option<Option<Secret<String>>>,
    /// An admin's word that the new app belongs to the same company; needed where WeCom does not prove it.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub corp_confirmed: Option<bool>,
}

/// Who a member is in the new app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairInput {
    /// Their user ID (账号) there; null, or left out: nobody, so the sync that follows takes them for gone.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "ZhangSan")]
    pub userid: Option<String>,
}

/// The change from one app to the other.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeInput {
    /// Let the sync that follows change as many people as the rehearsal showed, also beyond what the guard allows unasked. False unless given.
    #[serde(default)]
    #[schema(default = false)]
    pub accept: bool,
}

impl NewMove {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        check_corp_id(&mut faults, &self.corp_id);
        wecom_app::check(
            &mut faults,
            ("agent_id", Some(self.agent_id)),
            ("app_secret", Some(&self.app_secret)),
        );
        check_contacts(&mut faults, self.contacts_secret.as_ref());
        faults.into_result(DirectoryFailure::Invalid.entry())
    }
}

impl MoveChange {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        wecom_app::check(
            &mut faults,
            ("agent_id", None),
            ("app_secret", self.app_secret.as_ref()),
        );
        check_contacts(
            &mut faults,
            self.contacts_secret.as_ref().and_then(|secret| secret.as_ref()),
        );
        faults.into_result(DirectoryFailure::Invalid.entry())
    }

    /// The fields that were given.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("app_secret", self.app_secret.is_some()),
            ("contacts_secret", self.contacts_secret.is_some()),
            ("corp_confirmed", self.corp_confirmed.is_some()),
        ];
        given
            .into_iter()
            .filter(|(_, given)| *given)
            .map(|(name, _)| name)
            .collect()
    }
}

impl PairInput {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101`.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        let fits = self.userid.as_deref().is_none_or(is_userid);
        faults.check(fits, "userid", "needs 1 to 64 characters of a user ID of WeCom");
        faults.into_result(DirectoryFailure::Invalid.entry())
    }
}

fn check_contacts(faults: &mut ValidationErrors, secret: Option<&Secret<String>>) {
    if let Some(secret) = secret {
        faults.secret("contacts_secret", secret.expose(), 1);
    }
}
