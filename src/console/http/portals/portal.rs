//! What the pages of one portal share: the portal as they need it, and what stands above each.

use serde::Deserialize;
use serde_json::Value;

use super::super::{
    frame::{Frame, Section},
    refused::Refused,
    visit::Visit,
};
use crate::{kernel::failure::Failure, web::failure::WebFailure};

/// A portal as its pages need it.
#[derive(Debug, Deserialize)]
pub(super) struct Portal {
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) auth_method: String,
    pub(super) redirect_uris: Vec<String>,
    pub(super) post_logout_redirect_uris: Vec<String>,
    pub(super) scopes: Vec<String>,
    pub(super) require_pkce: bool,
    pub(super) allowed_departments: Vec<String>,
    pub(super) allowed_groups: Vec<String>,
    pub(super) allowed_users: Vec<String>,
    pub(super) auth_sources: Option<Vec<String>>,
    pub(super) client_secret_set: bool,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) access_token_lifetime: i64,
    pub(super) id_token_lifetime: i64,
    pub(super) refresh_token_lifetime: i64,
    pub(super) membership_max_age: i64,
    pub(super) membership_grace: i64,
    pub(super) metadata: Value,
}

impl Portal {
    /// A member of its metadata that is a text; empty: none.
    pub(super) fn of_metadata(&self, name: &str) -> &str {
        self.metadata.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// `minimal` or `scopes`.
    pub(super) fn id_token_claims(&self) -> &str {
        match self.of_metadata("id_token_claims") {
            "" => "minimal",
            word => word,
        }
    }

    /// Whether everybody may enter: none of its lists names anybody.
    pub(super) const fn is_open(&self) -> bool {
        self.allowed_departments.is_empty() && self.allowed_groups.is_empty() && self.allowed_users.is_empty()
    }

    /// Fields of a user that it needs.
    pub(super) fn required_fields(&self) -> Vec<&str> {
        let listed = self.metadata.get("required_fields").and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    pub(super) fn back_channel(&self) -> &str {
        self.of_metadata("backchannel_logout_uri")
    }
}

/// A name that may stand in a path of the API: a row id, a `client_id`, a key.
///
/// # Errors
/// `WB-104`, as what is not there.
pub(super) fn plain<'a>(visit: &Visit, id: &'a str) -> Result<&'a str, Refused> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match (1..=128).contains(&id.len()) && id.bytes().all(fits) {
        true => Ok(id),
        false => Err(visit.failed(&missing())),
    }
}

pub(super) fn missing() -> Failure {
    WebFailure::NotFound.failure()
}

/// The portal, read.
pub(super) async fn portal(visit: &Visit, id: &str) -> Result<Portal, Refused> {
    visit.get(&format!("clients/{}", plain(visit, id)?)).await
}

/// As [`portal`], with its entity tag for the form of a page.
pub(super) async fn portal_versioned(visit: &Visit, id: &str) -> Result<(Portal, String), Refused> {
    visit.versioned(&format!("clients/{}", plain(visit, id)?)).await
}

/// A tab of a portal's pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Settings,
    Setup,
    Access,
    Claims,
    Sessions,
    Logouts,
}

impl Tab {
    const ALL: [Self; 6] = [
        Self::Settings,
        Self::Access,
        Self::Claims,
        Self::Sessions,
        Self::Logouts,
        Self::Setup,
    ];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Settings => "",
            Self::Setup => "/setup",
            Self::Access => "/access",
            Self::Claims => "/claims",
            Self::Sessions => "/sessions",
            Self::Logouts => "/logouts",
        }
    }

    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Settings => "console-portal-tab-settings",
            Self::Setup => "console-portal-tab-setup",
            Self::Access => "console-portal-tab-access",
            Self::Claims => "console-portal-tab-claims",
            Self::Sessions => "console-portal-tab-sessions",
            Self::Logouts => "console-portal-tab-logouts",
        }
    }
}

/// What stands above each page of a portal.
pub(super) struct Head {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) client_id: String,
    pub(super) enabled: bool,
    pub(super) tab: Option<Tab>,
}

impl Head {
    pub(super) fn of(portal: &Portal, tab: Option<Tab>) -> Self {
        Self {
            id: portal.id.clone(),
            name: portal.name.clone(),
            client_id: portal.client_id.clone(),
            enabled: portal.enabled,
            tab,
        }
    }

    pub(super) const fn tabs(&self) -> [Tab; 6] {
        Tab::ALL
    }
}

/// The layout of a page of a portal; it is titled by the portal's name and what the page asks.
pub(super) fn framed(visit: &Visit, portal: &Portal, question: &str) -> Frame {
    let frame = visit.frame(question, Some(Section::Portals));
    let title = format!("{} · {}", portal.name, frame.title());
    frame.titled(&title)
}
