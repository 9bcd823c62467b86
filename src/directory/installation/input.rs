//! What admins send about installations, and what of it is acceptable. Pure.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{failure::InstallationFailure, model::Way};
use crate::{
    directory::importing::rules::ImportMode,
    kernel::{failure::Result, secret::Secret, validation::ValidationErrors},
};

/// Longest code of WeCom's, bytes (reference 0.3).
const LONGEST_CODE: usize = 512;
/// Longest `state`, characters.
const LONGEST_STATE: usize = 128;

/// An invitation to install a suite.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewInvitation)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// By which way the company will install it.
    pub way: Way,
    /// Who becomes a user of the new data source; `chosen` unless given.
    #[serde(default = "chosen")]
    #[schema(default = "chosen")]
    pub import: ImportMode,
    /// Install a suite that is not published yet, as a test; in the browser only. False unless given.
    #[serde(default)]
    #[schema(default = false)]
    pub test_install: bool,
}

const fn chosen() -> ImportMode {
    ImportMode::Chosen
}

/// What WeCom's install page came back with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstallReturn {
    /// `state`, as it came back.
    #[schema(min_length = 1, max_length = 128, pattern = "^[A-Za-z0-9]+$")]
    pub state: String,
    /// `auth_code`, as it came back; good for ten minutes, once.
    #[schema(value_type = String, min_length = 1, max_length = 512, format = Password)]
    pub auth_code: Secret<String>,
}

/// Which installation a scan is to bind.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanInput {
    /// Row id of the installation; needed for an app of a template, whose people sign in at their own company. Else the scan says which it is.
    #[serde(default)]
    pub installation_id: Option<Uuid>,
    /// WeCom's login page in English instead of Chinese. False unless given.
    #[serde(default)]
    pub english: bool,
}

/// What WeCom's login page came back with after the scan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanReturn {
    /// `state`, as it came back.
    #[schema(min_length = 1, max_length = 128, pattern = "^[A-Za-z0-9]+$")]
    pub state: String,
    /// `code`, as it came back; good for five minutes, once.
    #[schema(value_type = String, min_length = 1, max_length = 512, format = Password)]
    pub code: Secret<String>,
}

impl InstallReturn {
    /// Checks what was sent.
    ///
    /// # Errors
    /// `IN-102` with all faults.
    pub fn check(&self) -> Result<()> {
        check(&self.state, ("auth_code", &self.auth_code))
    }
}

impl ScanReturn {
    /// Checks what was sent.
    ///
    /// # Errors
    /// `IN-102` with all faults.
    pub fn check(&self) -> Result<()> {
        check(&self.state, ("code", &self.code))
    }
}

fn check(state: &str, (field, code): (&str, &Secret<String>)) -> Result<()> {
    let mut faults = ValidationErrors::default();
    let plain = (1..=LONGEST_STATE).contains(&state.len()) && state.bytes().all(|byte| byte.is_ascii_alphanumeric());
    faults.check(plain, "state", "needs 1 to 128 letters and digits");
    let code = code.expose();
    let visible = |byte: u8| byte.is_ascii_graphic();
    let fits = (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(visible);
    faults.check(fits, field, "needs 1 to 512 visible characters, as WeCom sent it");
    faults.into_result(InstallationFailure::Invalid.entry())
}
