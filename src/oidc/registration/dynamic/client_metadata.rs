//! Client metadata of dynamic registration (RFC 7591, OpenID Connect Registration), mapped to and from our settings. Pure.
//!
//! Unknown members are ignored (RFC 7591 §2), and so is what only admins decide: consent, claims, resources, the security profile, whose a
//! sector is, who may enter, lifetimes. Those keep their value when a client replaces its registration, and so does every field that an admin has set since
//! ([`mark_admin_decided`](crate::oidc::registration::admin_fields::mark_admin_decided)): nobody has to say of each field which of its values is the wider one.

use super::failure::DynamicFailure;
use crate::oidc::registration::admin_fields::{COPIED_FIELDS, keep_admin_decided};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

use crate::{
    kernel::{
        json::{self, Kind, Unreadable},
        look_alike::{NORMAL_FORM, is_normal},
        validation::ValidationErrors,
    },
    oidc::{
        client::AuthMethod,
        failure::Fault,
        keys::alg::Alg,
        metadata::{Consent, GrantType, GrantTypes, Metadata, SubjectType},
        registration::{
            addresses,
            settings::{DEFAULT_MEMBERSHIP_GRACE, DEFAULT_MEMBERSHIP_MAX_AGE, Settings},
        },
        scope::SUPPORTED,
        subject_derivation::host_of_sector,
    },
};

/// Scopes of the specifications: the default of a client that names none. Those of our own must be named.
const STANDARD: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// Members of a registration request, besides those in [`COPIED_FIELDS`].
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    client_id: Option<String>,
    client_secret: Option<String>,
    client_name: Option<String>,
    redirect_uris: Option<Vec<String>>,
    post_logout_redirect_uris: Option<Vec<String>>,
    token_endpoint_auth_method: Option<AuthMethod>,
    grant_types: Option<GrantTypes>,
    response_types: Option<Vec<String>>,
    application_type: Option<String>,
    scope: Option<String>,
    id_token_signed_response_alg: Option<Alg>,
    contacts: Option<Vec<String>>,
}

/// A registration request.
pub struct RegistrationRequest {
    /// Present when it replaces its registration (RFC 7592 §2.2).
    pub client_id: Option<String>,
    /// Where sent in a replacement, it must be the one the client has.
    pub client_secret: Option<String>,
    named: Named,
    shared: Map<String, Value>,
}

impl RegistrationRequest {
    /// Parses the body of a request.
    ///
    /// # Errors
    /// `RG-205` for anything but a JSON object, `RG-203` for members of the wrong kind.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        let told = |unreadable: Unreadable| match unreadable.kind {
            Kind::Syntax => DynamicFailure::Body.because(unreadable.faults().to_string()),
            Kind::Shape | Kind::Characters => wrong(unreadable.faults()),
        };
        let mut named: Named = json::read(body).map_err(told)?;
        let mut shared = json::object(body).map_err(told)?;
        shared.retain(|name, value| COPIED_FIELDS.contains(&name.as_str()) && !value.is_null());
        Ok(Self {
            client_id: named.client_id.take(),
            client_secret: named.client_secret.take(),
            named,
            shared,
        })
    }

    /// Validates the request and returns the settings. `before` holds what only admins decide; without it the defaults of
    /// self-registered clients apply. Against `before` a client may only narrow its scopes and add to what protects it, and it changes
    /// nothing that an admin has set.
    ///
    /// # Errors
    /// `RG-203` and `RG-204`.
    pub fn settings(&self, client_id: &str, before: Option<&Settings>) -> Result<Settings, Fault> {
        self.check_words(before)?;
        let named = &self.named;
        let redirect_uris = named.redirect_uris.clone().unwrap_or_default();
        let ours = before.cloned().unwrap_or_else(self_registered_defaults);
        let auth_method = named.token_endpoint_auth_method.unwrap_or_default();
        let settings = Settings {
            name: named.client_name.clone().unwrap_or_else(|| client_id.to_owned()),
            auth_method,
            post_logout_redirect_uris: named.post_logout_redirect_uris.clone().unwrap_or_default(),
            scopes: scopes(named.scope.as_deref(), before),
            id_token_alg: named.id_token_signed_response_alg.unwrap_or_default(),
            redirect_uris,
            ..ours.clone()
        };
        let mut settings = settings;
        settings.metadata = self.metadata(&ours.metadata)?;
        keep_admin_decided(&mut settings, &ours);
        drop_unused_algorithm(&mut settings);
        settings.metadata.sector_unproven = is_sector_unproven(&settings, before);
        let settings = settings.consistent();
        check(&settings)?;
        Ok(settings)
    }

    /// The new metadata: the members in [`COPIED_FIELDS`] are replaced as a whole; all else in the document is for admins.
    fn metadata(&self, ours: &Metadata) -> Result<Metadata, Fault> {
        let stored = serde_json::to_value(ours).unwrap_or_default();
        let mut document = stored.as_object().cloned().unwrap_or_default();
        let decided = |name: &str| ours.decided.iter().any(|field| field == name);
        document.retain(|name, _| !COPIED_FIELDS.contains(&name.as_str()) || decided(name));
        let asked = self.shared.iter().filter(|(name, _)| !decided(name));
        document.extend(asked.map(|(name, value)| (name.clone(), value.clone())));
        let mut metadata: Metadata = json::part("metadata", &Value::Object(document)).map_err(wrong)?;
        let code = || GrantTypes(vec![GrantType::AuthorizationCode]);
        metadata.grant_types = self.named.grant_types.clone().unwrap_or_else(code);
        metadata.contacts = self.named.contacts.clone().unwrap_or_default();
        // What protects people and tokens may have been set by an admin: a client adds to it, and never takes it away.
        metadata.require_pushed_authorization_requests |= ours.require_pushed_authorization_requests;
        metadata.dpop_bound_access_tokens |= ours.dpop_bound_access_tokens;
        metadata.require_signed_request_object |= ours.require_signed_request_object;
        if ours.subject_type == SubjectType::Pairwise {
            metadata.subject_type = SubjectType::Pairwise;
        }
        Ok(metadata)
    }

    fn check_words(&self, before: Option<&Settings>) -> Result<(), Fault> {
        let named = &self.named;
        let mut faults = ValidationErrors::default();
        let name = named
            .client_name
            .as_deref()
            .filter(|name| before.is_none_or(|before| before.name != *name));
        faults.check(name.is_none_or(is_normal), "client_name", NORMAL_FORM);
        let responses = named.response_types.as_deref().unwrap_or_default();
        faults.check(
            responses.iter().all(|word| word == "code"),
            "response_types",
            "only code is supported",
        );
        let kind = named.application_type.as_deref();
        faults.check(
            matches!(kind, None | Some("web" | "native")),
            "application_type",
            "must be web or native",
        );
        let grants = named.grant_types.as_ref();
        faults.check(
            !grants.is_some_and(|grants| grants.allow(GrantType::ClientCredentials)),
            "grant_types",
            "client_credentials is given by administrators only",
        );
        let public = |method: AuthMethod| method == AuthMethod::None;
        let method = named.token_endpoint_auth_method.unwrap_or_default();
        faults.check(
            before.is_none_or(|before| public(before.auth_method) == public(method)),
            "token_endpoint_auth_method",
            "cannot change between public and confidential; register another client",
        );
        let result = faults.into_result(DynamicFailure::Metadata.entry());
        result.map_err(|failure| DynamicFailure::Metadata.told(failure))
    }
}

/// An algorithm for a method that signs nothing has no meaning (RFC 7591 §2: the server may drop what it does not use). Not where an admin set
/// it: then such a method is what is refused.
fn drop_unused_algorithm(settings: &mut Settings) {
    const FIELD: &str = "token_endpoint_auth_signing_alg";
    let signs = matches!(
        settings.auth_method,
        AuthMethod::PrivateKeyJwt | AuthMethod::ClientSecretJwt
    );
    if !(signs || settings.metadata.decided.iter().any(|field| field == FIELD)) {
        settings.metadata.token_endpoint_auth_signing_alg = None;
    }
}

/// Whether the hosts of the redirect URIs are only claimed: always at first; an admin's word counts as long as the client neither changes
/// them nor becomes pairwise anew.
fn is_sector_unproven(settings: &Settings, before: Option<&Settings>) -> bool {
    let hosts = |settings: &Settings| -> BTreeSet<String> {
        let hosts = settings
            .redirect_uris
            .iter()
            .filter_map(|address| host_of_sector(address));
        hosts.collect()
    };
    before.is_none_or(|before| {
        before.metadata.sector_unproven
            || hosts(before) != hosts(settings)
            || before.metadata.subject_type != settings.metadata.subject_type
    })
}

fn wrong(faults: ValidationErrors) -> Fault {
    DynamicFailure::Metadata.because(faults.to_string().replace("metadata.", ""))
}

/// Validates the settings; redirect URIs have an error code of their own.
fn check(settings: &Settings) -> Result<(), Fault> {
    let mut faults = ValidationErrors::default();
    let public = settings.auth_method == AuthMethod::None;
    addresses::check(&mut faults, "redirect_uris", &settings.redirect_uris, public);
    let needed = settings.metadata.grant_types.allow(GrantType::AuthorizationCode);
    faults.check(
        !needed || !settings.redirect_uris.is_empty(),
        "redirect_uris",
        "needs at least one address",
    );
    let result = faults.into_result(DynamicFailure::RedirectUri.entry());
    result.map_err(|failure| DynamicFailure::RedirectUri.told(failure))?;
    settings
        .check()
        .map_err(|failure| DynamicFailure::Metadata.told(failure))
}

/// The scopes a client gets. Unknown ones are left out (RFC 7591 §2: the server may), and on replacement those the client does not have:
/// an admin may have taken them away, or trusts it without asking people. The response lists those it got.
fn scopes(asked: Option<&str>, before: Option<&Settings>) -> Vec<String> {
    let wanted: Vec<&str> = match asked {
        Some(asked) => asked.split(' ').collect(),
        None => STANDARD.to_vec(),
    };
    let known = SUPPORTED.into_iter().filter(|scope| wanted.contains(scope));
    let had = |scope: &String| before.is_none_or(|before| before.scopes.contains(scope));
    known.map(str::to_owned).filter(had).collect()
}

/// Settings of a client that no admin has changed: everybody may enter who may sign in at all, and everybody is asked for consent first.
fn self_registered_defaults() -> Settings {
    const DAY: i64 = 86_400;
    Settings {
        name: String::new(),
        auth_method: AuthMethod::default(),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        scopes: Vec::new(),
        require_pkce: false,
        id_token_alg: Alg::default(),
        auth_sources: None,
        allowed_departments: Vec::new(),
        allowed_groups: Vec::new(),
        allowed_users: Vec::new(),
        membership_max_age: DEFAULT_MEMBERSHIP_MAX_AGE,
        membership_grace: DEFAULT_MEMBERSHIP_GRACE,
        access_token_lifetime: 600,
        id_token_lifetime: 600,
        refresh_token_lifetime: 30 * DAY,
        enabled: true,
        metadata: Metadata {
            consent: Consent::Ask,
            ..Metadata::default()
        },
    }
}

/// A registration as its client gets it.
pub struct ClientInformation<'a> {
    /// Issuer.
    pub issuer: &'a str,
    /// Its `client_id`.
    pub client_id: &'a str,
    /// The token it presented, or was just given.
    pub token: &'a str,
    /// A secret that was just generated.
    pub secret: Option<&'a str>,
    /// Milliseconds.
    pub issued_at: i64,
}

impl ClientInformation<'_> {
    /// Builds the client information response (RFC 7591 §3.2.1, RFC 7592 §3).
    pub fn document(&self, settings: &Settings) -> Map<String, Value> {
        let mut document = Map::new();
        let stored = serde_json::to_value(&settings.metadata).unwrap_or_default();
        for name in COPIED_FIELDS.into_iter().chain(["grant_types", "contacts"]) {
            if let Some(value) = stored.get(name) {
                document.insert(name.to_owned(), value.clone());
            }
        }
        let codes = settings.metadata.grant_types.allow(GrantType::AuthorizationCode);
        let response_types: &[&str] = if codes { &["code"] } else { &[] };
        let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
        put("client_id", json!(self.client_id));
        put("client_id_issued_at", json!(self.issued_at / 1000));
        if let Some(secret) = self.secret {
            put("client_secret", json!(secret));
            put("client_secret_expires_at", json!(0));
        }
        let address = format!("{}/oauth2/register/{}", self.issuer, self.client_id);
        put("registration_client_uri", json!(address));
        put("registration_access_token", json!(self.token));
        put("client_name", json!(settings.name));
        put("redirect_uris", json!(settings.redirect_uris));
        put("post_logout_redirect_uris", json!(settings.post_logout_redirect_uris));
        put("token_endpoint_auth_method", json!(settings.auth_method));
        put("response_types", json!(response_types));
        put("scope", json!(settings.scopes.join(" ")));
        put("id_token_signed_response_alg", json!(settings.id_token_alg));
        document
    }
}
