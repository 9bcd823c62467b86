//! What a registered client is, once accepted; and the rules between its fields. Pure.

use uuid::Uuid;

use super::{addresses, failure::RegistrationFailure, rules};
use crate::{
    kernel::{failure::Result, validation::ValidationErrors},
    oidc::{
        client::AuthMethod,
        keys::alg::Alg,
        metadata::{Metadata, SecurityProfile},
        scope::SUPPORTED,
    },
};

/// Most ids of one list of auth sources, departments or users.
pub const MOST_IDS: usize = 1000;

/// All that is registered about a client, besides its identifier and secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Shown on the login page.
    pub name: String,
    /// How it proves itself.
    pub auth_method: AuthMethod,
    /// Exact strings.
    pub redirect_uris: Vec<String>,
    /// Exact strings.
    pub post_logout_redirect_uris: Vec<String>,
    /// Out of those Menjin knows.
    pub scopes: Vec<String>,
    /// Always true for public clients.
    pub require_pkce: bool,
    /// Of ID tokens.
    pub id_token_alg: Alg,
    /// `None`: all.
    pub auth_sources: Option<Vec<Uuid>>,
    /// With `allowed_users` empty too: everybody.
    pub allowed_departments: Vec<Uuid>,
    /// May enter besides.
    pub allowed_users: Vec<Uuid>,
    /// Seconds.
    pub membership_max_age: i64,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Seconds.
    pub id_token_lifetime: i64,
    /// Seconds; 0: no refresh tokens.
    pub refresh_token_lifetime: i64,
    /// Whether anybody may enter.
    pub enabled: bool,
    /// What OpenID Connect Registration knows besides.
    pub metadata: Metadata,
}

impl Settings {
    /// Enforces what follows from other fields.
    #[must_use]
    pub fn consistent(mut self) -> Self {
        // RFC 9700 §2.1.1: public clients must use PKCE.
        self.require_pkce |= self.auth_method == AuthMethod::None;
        // FAPI 2.0 Security Profile §5.3.2.2 and §5.4.1; how the client proves itself is its own decision, so that is checked instead.
        if self.metadata.security_profile == SecurityProfile::Fapi2 {
            self.require_pkce = true;
            self.metadata.require_pushed_authorization_requests = true;
            self.metadata.dpop_bound_access_tokens = true;
            if self.id_token_alg == Alg::Rs256 {
                self.id_token_alg = Alg::Es256;
            }
        }
        self
    }

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
