//! Input and validation of a suite. Pure.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    directory::failure::DirectoryFailure,
    kernel::{failure::Result, merge_patch, secret::Secret, validation::ValidationErrors},
    wecom::callback::AesKey,
};

/// Longest Token, characters (reference 6.1).
const LONGEST_TOKEN: usize = 32;
/// Longest id of WeCom's, characters.
const LONGEST_ID: usize = 64;

/// A new suite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuite {
    /// Display name, on one line; up to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "门禁通行")]
    pub name: String,
    /// Free text of up to 2000 characters; empty unless given.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub description: String,
    /// SuiteID, or the id of the template (`dk…`), as the provider console shows it.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww1a2b3c4d5e6f7a8b"
    )]
    pub suite_id: String,
    /// Its secret. Tried live as soon as there is a ticket, and never shown.
    #[schema(value_type = String, min_length = 1, max_length = 512, format = Password)]
    pub secret: Secret<String>,
    /// Token of its callbacks, up to 32 letters and digits; made by Menjin unless given.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9]+$", format = Password)]
    pub token: Option<Secret<String>>,
    /// EncodingAESKey of its callbacks, 43 letters and digits; made by Menjin unless given.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9]+$", format = Password)]
    pub encoding_aes_key: Option<Secret<String>>,
    /// Corp ID of the service provider: WeCom verifies the data callback with it. Null: whoever knows Token and EncodingAESKey verifies.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww9f8e7d6c5b4a3f2e"
    )]
    pub provider_corp_id: Option<String>,
    /// The service provider's secret (ProviderSecret), which templates need for the QR code of an invitation; null: none. Tried live, and never shown.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub provider_secret: Option<Secret<String>>,
    /// Save a secret although WeCom refuses it; `problems` then names what is wrong. False unless given.
    #[serde(default)]
    pub save_anyway: bool,
}

/// A change of a suite (merge patch).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuiteChange {
    /// Display name, on one line; up to 200 characters.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "门禁通行")]
    pub name: Option<String>,
    /// Free text of up to 2000 characters.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_length = 2000)]
    pub description: Option<String>,
    /// SuiteID; can be changed while no company has it installed. The ticket is forgotten with it.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww1a2b3c4d5e6f7a8b"
    )]
    pub suite_id: Option<String>,
    /// Its secret. Tried live where there is a ticket.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub secret: Option<Secret<String>>,
    /// Token of its callbacks. They count as not verified from then on.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<String>, min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9]+$", format = Password)]
    pub token: Option<Secret<String>>,
    /// EncodingAESKey of its callbacks. They count as not verified from then on.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<String>, min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9]+$", format = Password)]
    pub encoding_aes_key: Option<Secret<String>>,
    /// Corp ID of the service provider; null: not entered.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww9f8e7d6c5b4a3f2e"
    )]
    pub provider_corp_id: Option<Option<String>>,
    /// The service provider's secret, tried live; null removes it.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub provider_secret: Option<Option<Secret<String>>>,
    /// Save a secret although WeCom refuses it. False unless given.
    #[serde(default)]
    pub save_anyway: bool,
}

impl NewSuite {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        faults.line("name", &self.name, 200);
        faults.paragraph("description", &self.description, 2000);
        check_id(&mut faults, "suite_id", &self.suite_id);
        faults.secret("secret", self.secret.expose(), 1);
        check_keys(&mut faults, self.token.as_ref(), self.encoding_aes_key.as_ref());
        check_provider(
            &mut faults,
            self.provider_corp_id.as_deref(),
            self.provider_secret.as_ref(),
        );
        let known = self.provider_corp_id.is_some() || self.provider_secret.is_none();
        faults.check(known, "provider_corp_id", WITHOUT_PROVIDER);
        faults.into_result(DirectoryFailure::Invalid.entry())
    }
}

impl SuiteChange {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        if let Some(name) = &self.name {
            faults.line("name", name, 200);
        }
        if let Some(description) = &self.description {
            faults.paragraph("description", description, 2000);
        }
        if let Some(suite_id) = &self.suite_id {
            check_id(&mut faults, "suite_id", suite_id);
        }
        if let Some(secret) = &self.secret {
            faults.secret("secret", secret.expose(), 1);
        }
        check_keys(&mut faults, self.token.as_ref(), self.encoding_aes_key.as_ref());
        let corp_id = self.provider_corp_id.as_ref().and_then(Option::as_deref);
        let secret = self.provider_secret.as_ref().and_then(Option::as_ref);
        check_provider(&mut faults, corp_id, secret);
        faults.into_result(DirectoryFailure::Invalid.entry())
    }

    /// Names of the fields that were given, for the audit event.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
            ("suite_id", self.suite_id.is_some()),
            ("secret", self.secret.is_some()),
            ("token", self.token.is_some()),
            ("encoding_aes_key", self.encoding_aes_key.is_some()),
            ("provider_corp_id", self.provider_corp_id.is_some()),
            ("provider_secret", self.provider_secret.is_some()),
            ("save_anyway", self.save_anyway),
        ];
        given.into_iter().filter(|field| field.1).map(|field| field.0).collect()
    }
}

/// What is expected where a provider's secret comes without its corp.
pub(super) const WITHOUT_PROVIDER: &str = "is needed beside the provider's secret";

fn check_id(faults: &mut ValidationErrors, field: &str, value: &str) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let fits = (1..=LONGEST_ID).contains(&value.len()) && value.bytes().all(plain);
    faults.check(fits, field, "needs 1 to 64 letters, digits, _ and -, as WeCom shows it");
}

fn check_keys(faults: &mut ValidationErrors, token: Option<&Secret<String>>, aes_key: Option<&Secret<String>>) {
    if let Some(token) = token {
        let token = token.expose();
        let fits = (1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        faults.check(fits, "token", "needs 1 to 32 letters and digits");
    }
    if let Some(aes_key) = aes_key {
        let fits = AesKey::parse(aes_key).is_ok();
        faults.check(fits, "encoding_aes_key", "needs exactly 43 letters and digits");
    }
}

fn check_provider(faults: &mut ValidationErrors, corp_id: Option<&str>, secret: Option<&Secret<String>>) {
    if let Some(corp_id) = corp_id {
        check_id(faults, "provider_corp_id", corp_id);
    }
    if let Some(secret) = secret {
        faults.secret("provider_secret", secret.expose(), 1);
    }
}
