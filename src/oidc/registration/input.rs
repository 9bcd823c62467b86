//! Input of the admin API for clients: create, change (merge patch), rotate the secret. Pure.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    addresses,
    failure::RegistrationFailure,
    settings::{DEFAULT_MEMBERSHIP_GRACE, DEFAULT_MEMBERSHIP_MAX_AGE, Settings},
};
use crate::{
    kernel::{
        failure::Result,
        json,
        look_alike::{NORMAL_FORM, is_normal},
        merge_patch,
        secret::Secret,
        validation::ValidationErrors,
    },
    oidc::{
        client::AuthMethod,
        keys::alg::Alg,
        metadata::{Metadata, MetadataChange},
        scope::{SUPPORTED, Scope},
    },
};

/// Shortest client secret that may be given instead of generated, characters.
const SHORTEST_SECRET: usize = 32;

/// A new client (portal).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// Identifier in the protocol: 1 to 128 letters, digits or any of `- . _ ~`; null: generated.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = "^[A-Za-z0-9._~-]+$",
        example = "intranet"
    )]
    pub client_id: Option<String>,
    /// Secret of 32 to 512 visible ASCII characters; null: generated, where the method has one.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 32, max_length = 512, format = Password)]
    pub client_secret: Option<Secret<String>>,
    /// Name on the login page and the account page, on one line.
    #[schema(min_length = 1, example = "Intranet")]
    pub name: String,
    /// How it authenticates; `client_secret_basic` unless given.
    #[serde(default)]
    pub auth_method: AuthMethod,
    /// Redirect URIs, exact strings, up to 100; at least one for the grant type `authorization_code`.
    #[serde(default)]
    #[schema(max_items = 100, example = json!(["https://intranet.corp.example/callback"]))]
    pub redirect_uris: Vec<String>,
    /// Addresses to which a logout may lead, exact strings, up to 100; none unless given.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask for, each once; all that Menjin knows unless given.
    #[serde(default = "all_scopes")]
    #[schema(value_type = Vec<Scope>, min_items = 1, example = json!(["openid", "profile", "email"]))]
    pub scopes: Vec<String>,
    /// Whether it must use PKCE; always true for public clients. False unless given.
    #[serde(default)]
    pub require_pkce: bool,
    /// Algorithm its ID tokens are signed with; `RS256` unless given.
    #[serde(default)]
    pub id_token_alg: Alg,
    /// Row ids of the auth sources it accepts, up to 1000; null: all.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub auth_sources: Option<Vec<Uuid>>,
    /// Row ids of departments whose members may enter, with all departments below, up to 1000; with all three lists empty everybody may.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub allowed_departments: Vec<Uuid>,
    /// Row ids of groups whose users may enter besides, up to 1000.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub allowed_groups: Vec<Uuid>,
    /// Row ids of users who may enter besides, up to 1000.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub allowed_users: Vec<Uuid>,
    /// Seconds for which WeCom's last confirmation of a member counts, 60 to 2592000; 900 unless given.
    #[serde(default = "quarter_of_an_hour")]
    #[schema(default = 900, minimum = 60, maximum = 2_592_000)]
    pub membership_max_age: i64,
    /// Seconds for which it counts besides while WeCom does not answer, 0 to 2592000; 14400 unless given.
    #[serde(default = "four_hours")]
    #[schema(default = 14400, minimum = 0, maximum = 2_592_000)]
    pub membership_grace: i64,
    /// Seconds an access token lives, 60 to 86400; 600 unless given. It outlives its person's leaving by at most this.
    #[serde(default = "ten_minutes")]
    #[schema(default = 600, minimum = 60, maximum = 86_400)]
    pub access_token_lifetime: i64,
    /// Seconds an ID token lives, 60 to 86400; 600 unless given.
    #[serde(default = "ten_minutes")]
    #[schema(default = 600, minimum = 60, maximum = 86_400)]
    pub id_token_lifetime: i64,
    /// Seconds a refresh token lives, 300 to 31536000; 0: it gets none. 2592000 unless given.
    #[serde(default = "thirty_days")]
    #[schema(default = 2592000, minimum = 0, maximum = 31_536_000)]
    pub refresh_token_lifetime: i64,
    /// Whether people can sign in at it; true unless given.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Further client metadata; defaults unless given.
    #[serde(default)]
    pub metadata: Metadata,
}

fn all_scopes() -> Vec<String> {
    SUPPORTED.map(str::to_owned).to_vec()
}

const fn quarter_of_an_hour() -> i64 {
    DEFAULT_MEMBERSHIP_MAX_AGE
}

const fn four_hours() -> i64 {
    DEFAULT_MEMBERSHIP_GRACE
}

const fn ten_minutes() -> i64 {
    600
}

const fn thirty_days() -> i64 {
    30 * 86_400
}

const fn yes() -> bool {
    true
}

impl NewClient {
    /// Validates the input and returns the settings.
    ///
    /// # Errors
    /// `RG-101` with all faults.
    pub fn settings(&self) -> Result<Settings> {
        let settings = Settings {
            name: self.name.clone(),
            auth_method: self.auth_method,
            redirect_uris: self.redirect_uris.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
            scopes: self.scopes.clone(),
            require_pkce: self.require_pkce,
            id_token_alg: self.id_token_alg,
            auth_sources: self.auth_sources.clone(),
            allowed_departments: self.allowed_departments.clone(),
            allowed_groups: self.allowed_groups.clone(),
            allowed_users: self.allowed_users.clone(),
            membership_max_age: self.membership_max_age,
            membership_grace: self.membership_grace,
            access_token_lifetime: self.access_token_lifetime,
            id_token_lifetime: self.id_token_lifetime,
            refresh_token_lifetime: self.refresh_token_lifetime,
            enabled: self.enabled,
            metadata: self.metadata.clone(),
        }
        .consistent();
        let mut faults = ValidationErrors::default();
        settings.note(&mut faults);
        faults.check(is_normal(&self.name), "name", NORMAL_FORM);
        if let Some(client_id) = &self.client_id {
            let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
            let fits = (1..=128).contains(&client_id.len()) && client_id.chars().all(unreserved);
            faults.check(fits, "client_id", "needs 1 to 128 letters, digits or any of - . _ ~");
        }
        if let Some(secret) = &self.client_secret {
            faults.secret("client_secret", secret.expose(), SHORTEST_SECRET);
            let takes = self.auth_method.has_secret();
            faults.check(takes, "client_secret", "the auth_method works without one");
        }
        faults.into_result(RegistrationFailure::Invalid.entry())?;
        Ok(settings)
    }
}

/// A change of a client (merge patch); lists are replaced as a whole.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientChange {
    /// Name on the login page and the account page, on one line.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, min_length = 1, example = "Intranet")]
    pub name: Option<String>,
    /// How it authenticates. Cannot change between public (`none`) and confidential.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub auth_method: Option<AuthMethod>,
    /// Redirect URIs, exact strings, up to 100; at least one for the grant type `authorization_code`. Replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_items = 100, example = json!(["https://intranet.corp.example/callback"]))]
    pub redirect_uris: Option<Vec<String>>,
    /// Addresses to which a logout may lead, exact strings, up to 100; replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_items = 100)]
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Scopes it may ask for, each once; replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<Vec<Scope>>, min_items = 1, example = json!(["openid", "profile", "email"]))]
    pub scopes: Option<Vec<String>>,
    /// Whether it must use PKCE; always true for public clients.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub require_pkce: Option<bool>,
    /// Algorithm its ID tokens are signed with.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub id_token_alg: Option<Alg>,
    /// Row ids of the auth sources it accepts, up to 1000; null: all.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(max_items = 1000)]
    pub auth_sources: Option<Option<Vec<Uuid>>>,
    /// Row ids of departments whose members may enter, with all departments below, up to 1000; with all three lists empty everybody may.
    /// Replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_items = 1000)]
    pub allowed_departments: Option<Vec<Uuid>>,
    /// Row ids of groups whose users may enter besides, up to 1000. Replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_items = 1000)]
    pub allowed_groups: Option<Vec<Uuid>>,
    /// Row ids of users who may enter besides, up to 1000. Replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_items = 1000)]
    pub allowed_users: Option<Vec<Uuid>>,
    /// Seconds for which WeCom's last confirmation of a member counts, 60 to 2592000.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 60, maximum = 2_592_000)]
    pub membership_max_age: Option<i64>,
    /// Seconds for which it counts besides while WeCom does not answer, 0 to 2592000.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 0, maximum = 2_592_000)]
    pub membership_grace: Option<i64>,
    /// Seconds an access token lives, 60 to 86400. It outlives its person's leaving by at most this.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 60, maximum = 86_400)]
    pub access_token_lifetime: Option<i64>,
    /// Seconds an ID token lives, 60 to 86400.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 60, maximum = 86_400)]
    pub id_token_lifetime: Option<i64>,
    /// Seconds a refresh token lives, 300 to 31536000; 0: it gets none.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 0, maximum = 31_536_000)]
    pub refresh_token_lifetime: Option<i64>,
    /// Whether people can sign in at it.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub enabled: Option<bool>,
    /// Further client metadata: members given replace the stored ones as a whole, null restores a default (as in RFC 7396, but not
    /// recursively).
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, value_type = Option<MetadataChange>)]
    pub metadata: Option<Map<String, Value>>,
}

impl ClientChange {
    /// Refuses overlong lists before anything is locked for them; the rest is checked against the merged settings.
    ///
    /// # Errors
    /// `RG-101` with all faults.
    pub fn check_sizes(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        let lists = [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ];
        for (field, list) in lists {
            let most = addresses::MOST;
            let fits = list.as_ref().is_none_or(|list| list.len() <= most);
            faults.check(fits, field, format_args!("takes up to {most} addresses"));
        }
        faults.into_result(RegistrationFailure::Invalid.entry())
    }

    /// The settings after this change.
    ///
    /// # Errors
    /// `RG-101` with all faults.
    pub fn merged(&self, before: &Settings) -> Result<Settings> {
        let mut after = self.laid_over(before);
        if let Some(patch) = &self.metadata {
            after.metadata = patched(&before.metadata, patch)?;
        }
        let after = after.consistent();
        let mut faults = ValidationErrors::default();
        let public = |settings: &Settings| settings.auth_method == AuthMethod::None;
        faults.check(
            public(&after) == public(before),
            "auth_method",
            "cannot change between public and confidential; register another client",
        );
        after.note(&mut faults);
        faults.check(after.name == before.name || is_normal(&after.name), "name", NORMAL_FORM);
        faults.into_result(RegistrationFailure::Invalid.entry())?;
        Ok(after)
    }

    fn laid_over(&self, before: &Settings) -> Settings {
        fn or<T: Clone>(given: &Option<T>, before: &T) -> T {
            given.clone().unwrap_or_else(|| before.clone())
        }
        Settings {
            name: or(&self.name, &before.name),
            auth_method: or(&self.auth_method, &before.auth_method),
            redirect_uris: or(&self.redirect_uris, &before.redirect_uris),
            post_logout_redirect_uris: or(&self.post_logout_redirect_uris, &before.post_logout_redirect_uris),
            scopes: or(&self.scopes, &before.scopes),
            require_pkce: or(&self.require_pkce, &before.require_pkce),
            id_token_alg: or(&self.id_token_alg, &before.id_token_alg),
            auth_sources: or(&self.auth_sources, &before.auth_sources),
            allowed_departments: or(&self.allowed_departments, &before.allowed_departments),
            allowed_groups: or(&self.allowed_groups, &before.allowed_groups),
            allowed_users: or(&self.allowed_users, &before.allowed_users),
            membership_max_age: or(&self.membership_max_age, &before.membership_max_age),
            membership_grace: or(&self.membership_grace, &before.membership_grace),
            access_token_lifetime: or(&self.access_token_lifetime, &before.access_token_lifetime),
            id_token_lifetime: or(&self.id_token_lifetime, &before.id_token_lifetime),
            refresh_token_lifetime: or(&self.refresh_token_lifetime, &before.refresh_token_lifetime),
            enabled: or(&self.enabled, &before.enabled),
            metadata: before.metadata.clone(),
        }
    }

    /// Whether the change may concern the sector: another sector identifier, or other redirect URIs.
    pub const fn touches_sector(&self) -> bool {
        self.redirect_uris.is_some() || self.metadata.is_some()
    }

    /// Names of the fields that were given, members of the metadata among them.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let members = self.metadata.iter().flat_map(|patch| patch.keys().map(String::as_str));
        self.fields().into_iter().chain(members)
    }

    /// Names of the fields that were given, for the audit event.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("name", self.name.is_some()),
            ("auth_method", self.auth_method.is_some()),
            ("redirect_uris", self.redirect_uris.is_some()),
            ("post_logout_redirect_uris", self.post_logout_redirect_uris.is_some()),
            ("scopes", self.scopes.is_some()),
            ("require_pkce", self.require_pkce.is_some()),
            ("id_token_alg", self.id_token_alg.is_some()),
            ("auth_sources", self.auth_sources.is_some()),
            ("allowed_departments", self.allowed_departments.is_some()),
            ("allowed_groups", self.allowed_groups.is_some()),
            ("allowed_users", self.allowed_users.is_some()),
            ("membership_max_age", self.membership_max_age.is_some()),
            ("membership_grace", self.membership_grace.is_some()),
            ("access_token_lifetime", self.access_token_lifetime.is_some()),
            ("id_token_lifetime", self.id_token_lifetime.is_some()),
            ("refresh_token_lifetime", self.refresh_token_lifetime.is_some()),
            ("enabled", self.enabled.is_some()),
            ("metadata", self.metadata.is_some()),
        ];
        given.into_iter().filter(|field| field.1).map(|field| field.0).collect()
    }
}

/// Rotation of a secret; may be left out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = SecretRotation)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// New authentication method; null: unchanged.
    #[serde(default)]
    pub auth_method: Option<AuthMethod>,
}

/// Applies a patch to the metadata.
fn patched(before: &Metadata, patch: &Map<String, Value>) -> Result<Metadata> {
    let Ok(Value::Object(mut document)) = serde_json::to_value(before) else {
        return Err(RegistrationFailure::Invalid.into());
    };
    for (name, value) in patch {
        document.remove(name);
        if !value.is_null() {
            document.insert(name.clone(), value.clone());
        }
    }
    json::part("metadata", &Value::Object(document))
        .map_err(|faults| faults.into_failure(RegistrationFailure::Invalid.entry()))
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
