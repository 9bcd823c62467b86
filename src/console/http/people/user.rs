//! A user as their pages read them, and the address of their page. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::console::http::{
    address::segment,
    refused::Refused,
    visit::{Visit, with_query},
};

/// Fields that WeCom fills, and that can therefore be pinned.
pub const PINNABLE: [&str; 6] = [
    "display_name",
    "email",
    "phone_number",
    "picture",
    "profile.nickname",
    "profile.gender",
];

/// A user.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct User {
    /// Row id.
    pub id: String,
    /// Name to sign in with.
    pub username: String,
    /// `active` or `disabled`.
    pub status: String,
    /// Name that people see.
    pub display_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether it is verified.
    #[serde(default)]
    pub email_verified: bool,
    /// Phone number.
    pub phone_number: Option<String>,
    /// Whether it is verified.
    #[serde(default)]
    pub phone_verified: bool,
    /// Address of a picture.
    pub picture: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
    /// The other standard claims.
    #[serde(default)]
    pub profile: Map<String, Value>,
    /// Where each field came from.
    #[serde(default)]
    pub sources: BTreeMap<String, Origin>,
    /// The data source they came from.
    pub data_source_id: Option<String>,
    /// What they may do in the console.
    pub console_role: Option<String>,
    /// Why they are disabled.
    pub disabled_reason: Option<String>,
    /// From this moment on they have no access.
    pub access_until: Option<i64>,
    /// Whether a password is set.
    #[serde(default)]
    pub password_set: bool,
    /// Whether one-time codes are set up.
    #[serde(default)]
    pub totp_set: bool,
    /// When they were created.
    #[serde(default)]
    pub created_at: i64,
    /// The linked members.
    #[serde(default)]
    pub members: Vec<Member>,
}

/// Where the value of a field came from.
#[derive(Clone, Debug, Deserialize)]
pub struct Origin {
    /// `wecom`, `template`, `admin` or `unknown`.
    pub from: String,
    /// Since when it stands there.
    pub at: Option<i64>,
    /// Who typed it in.
    pub actor: Option<String>,
    /// Whether no sync changes it.
    pub pinned: bool,
    /// What WeCom gives, where that is something else.
    pub wecom_value: Option<String>,
}

/// A member whom the user is.
#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    /// As WeCom writes it.
    pub userid: String,
    /// Null where WeCom gave none.
    pub name: Option<String>,
    /// `present` or `departed`.
    pub state: String,
    /// When WeCom confirmed the membership last.
    pub checked_at: i64,
    /// The data source that reads them.
    pub data_source_id: String,
}

impl User {
    /// What people call them.
    pub fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.username)
    }

    /// The value of a field by its place in the API's document (`profile.nickname`).
    pub fn field(&self, place: &str) -> Option<String> {
        let text = match place {
            "username" => Some(&self.username),
            "display_name" => self.display_name.as_ref(),
            "email" => self.email.as_ref(),
            "phone_number" => self.phone_number.as_ref(),
            "picture" => self.picture.as_ref(),
            "locale" => self.locale.as_ref(),
            _ => return self.claim(place.strip_prefix("profile.")?),
        };
        text.cloned()
    }

    fn claim(&self, name: &str) -> Option<String> {
        match self.profile.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// Whether no sync changes this field.
    pub fn pinned(&self, place: &str) -> bool {
        self.sources.get(place).is_some_and(|origin| origin.pinned)
    }
}

/// Reads the user of this id; the text after `people/` of the page's address.
///
/// # Errors
/// The problem that the API answered.
pub async fn read(visit: &Visit, id: &str) -> Result<User, Refused> {
    visit.get(&path(id)).await
}

/// The path of a user in the API. What is no id stays one segment of it.
pub fn path(id: &str) -> String {
    format!("users/{}", segment(id))
}

/// The address of a user's page, which says what was done.
pub fn done(id: &str, word: &str) -> String {
    with_query(&format!("/console/people/{}", segment(id)), [("done", word)])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_odd_id_stays_one_segment() {
        assert_eq!(path("0199-ab"), "users/0199-ab");
        assert_eq!(path("../clients?x=1#"), "users/..%2Fclients%3Fx%3D1%23");
        assert_eq!(path(""), "users/-");
    }

    #[test]
    fn fields_by_their_places() {
        let user: User = serde_json::from_value(json!({ "id": "1", "username": "zhang", "status": "active",
            "profile": { "nickname": "Z", "address": { "country": "CN" } },
            "sources": { "email": { "from": "admin", "at": null, "pinned": true } } }))
        .unwrap();
        assert_eq!(
            (user.name(), user.field("profile.nickname").as_deref()),
            ("zhang", Some("Z"))
        );
        assert_eq!(user.field("profile.address").as_deref(), Some("{\"country\":\"CN\"}"));
        assert_eq!((user.field("email"), user.field("odd")), (None, None));
        assert!(user.pinned("email") && !user.pinned("display_name"));
    }
}
