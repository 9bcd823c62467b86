//! Validation of a client's settings: each field, then the rules between fields. Pure.

use super::settings::Settings;
use super::{addresses, failure::RegistrationFailure, rules};
use crate::{
    kernel::{failure::Result, validation::ValidationErrors},
    oidc::{client::AuthMethod, scope::SUPPORTED},
};

/// Most ids of one list of auth sources, departments, groups or users.
pub const MOST_IDS: usize = 1000;

impl Settings {
    /// Checks everything that needs no database.
    ///
    /// # Errors
    /// `RG-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        self.note(&mut faults);
        faults.into_result(RegistrationFailure::Invalid.entry())
    }

    pub(super) fn note(&self, faults: &mut ValidationErrors) {
        let public = self.auth_method == AuthMethod::None;
        faults.line("name", &self.name, 200);
        addresses::check(faults, "redirect_uris", &self.redirect_uris, public);
        let after_logout = &self.post_logout_redirect_uris;
        addresses::check(faults, "post_logout_redirect_uris", after_logout, public);
        let known = self.scopes.iter().all(|scope| SUPPORTED.contains(&scope.as_str()));
        faults.check(
            known && !self.scopes.is_empty() && self.scopes.len() <= SUPPORTED.len(),
            "scopes",
            format_args!("needs some of {}, each once", SUPPORTED.join(" ")),
        );
        let lists = [
            ("auth_sources", self.auth_sources.as_deref().unwrap_or_default()),
            ("allowed_departments", self.allowed_departments.as_slice()),
            ("allowed_groups", self.allowed_groups.as_slice()),
            ("allowed_users", self.allowed_users.as_slice()),
        ];
        for (field, ids) in lists {
            faults.check(ids.len() <= MOST_IDS, field, format_args!("takes up to {MOST_IDS} ids"));
        }
        self.metadata.claims.note(faults);
        self.note_lifetimes(faults);
        rules::note(faults, self);
    }

    fn note_lifetimes(&self, faults: &mut ValidationErrors) {
        const DAY: i64 = 86_400;
        faults.within("membership_max_age", self.membership_max_age, 60, 30 * DAY);
        faults.within("membership_grace", self.membership_grace, 0, 30 * DAY);
        faults.within("access_token_lifetime", self.access_token_lifetime, 60, DAY);
        faults.within("id_token_lifetime", self.id_token_lifetime, 60, DAY);
        let refresh = self.refresh_token_lifetime;
        faults.check(
            refresh == 0 || (300..=365 * DAY).contains(&refresh),
            "refresh_token_lifetime",
            "must be 0 or lie between 300 and 31536000",
        );
    }
}
