//! What a recipe is, and how its templates are filled.

use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// A file or block of settings at the other side.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Where it belongs: a file, a command, a page.
    pub place: &'static str,
    /// The template.
    pub text: &'static str,
}

/// How a portal authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// With a secret in the `Authorization` header.
    Basic,
    /// Not at all: it runs where its people could read a secret.
    Public,
}

/// What a kind of portal needs.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// In addresses: `grafana`. Also the `client_id` that is proposed.
    pub key: &'static str,
    /// What it is called, in Chinese and English.
    pub name: (&'static str, &'static str),
    /// What it is used for or what is to be known of it, in Chinese and English; may be empty.
    pub note: (&'static str, &'static str),
    /// How it authenticates.
    pub secrecy: Secrecy,
    /// Redirect URIs.
    pub redirects: &'static [&'static str],
    /// Where a logout may lead.
    pub after_logout: &'static [&'static str],
    /// Where logout tokens are sent; empty: it takes none.
    pub back_channel: &'static str,
    /// Whether it uses PKCE.
    pub pkce: bool,
    /// Scopes it asks for.
    pub scopes: &'static [&'static str],
    /// Whether it reads the ID token only.
    pub id_token_only: bool,
    /// Whether its server ends sessions without the person's browser.
    pub server_logout: bool,
    /// Grant types; empty: those that every portal has.
    pub grants: &'static [&'static str],
    /// What is to be entered there.
    pub blocks: &'static [Block],
}

/// What the templates are filled with.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// This deployment's address.
    pub issuer: &'a str,
    /// The portal's address.
    pub address: &'a str,
    /// `client_id`.
    pub client_id: &'a str,
    /// Its secret, or what stands for it.
    pub client_secret: &'a str,
    /// A random text for a key of the portal's own.
    pub random: &'a str,
}

impl Values<'_> {
    /// A template with its places filled. What is filled in is never looked through for places again.
    pub fn fill(&self, template: &str) -> String {
        let address = self.address.trim_end_matches('/');
        let mut text = String::with_capacity(template.len() + 64);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('@') {
            text.push_str(before);
            let place = after.split_once('@').and_then(|(name, behind)| {
                let value = match name {
                    "issuer" => self.issuer.to_owned(),
                    "address" => address.to_owned(),
                    "address_encoded" => form_urlencoded::byte_serialize(address.as_bytes()).collect(),
                    "client_id" => self.client_id.to_owned(),
                    "client_secret" => self.client_secret.to_owned(),
                    "random" => self.random.to_owned(),
                    _ => return None,
                };
                Some((value, behind))
            });
            match place {
                Some((value, behind)) => {
                    text.push_str(&value);
                    rest = behind;
                }
                None => {
                    text.push('@');
                    rest = after;
                }
            }
        }
        text.push_str(rest);
        text
    }
}

impl Recipe {
    /// Whether it has an address of its own.
    pub fn has_address(&self) -> bool {
        self.redirects.iter().any(|uri| uri.contains("@address@"))
    }

    /// Whether it has a secret.
    pub fn has_secret(&self) -> bool {
        self.secrecy == Secrecy::Basic
    }

    /// The address of a portal that has these redirect URIs.
    pub fn address(&self, redirect_uris: &[String]) -> Option<String> {
        let mut paths = self.redirects.iter().filter_map(|uri| uri.strip_prefix("@address@"));
        paths.find_map(|path| {
            let address = redirect_uris.iter().find_map(|uri| uri.strip_suffix(path))?;
            Some(address.to_owned())
        })
    }

    /// The body of `POST clients`.
    pub fn client(&self, name: &str, values: &Values<'_>) -> Value {
        let all = |templates: &[&str]| {
            templates
                .iter()
                .map(|template| values.fill(template))
                .collect::<Vec<_>>()
        };
        let mut metadata = Map::new();
        let mut put = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
        put("recipe", self.key.into());
        if !self.back_channel.is_empty() {
            put("backchannel_logout_uri", values.fill(self.back_channel).into());
        }
        if self.id_token_only {
            put("id_token_claims", "scopes".into());
        }
        if self.server_logout {
            put("server_initiated_logout", true.into());
        }
        if !self.grants.is_empty() {
            put("grant_types", json!(self.grants));
        }
        json!({
            "name": name,
            "client_id": values.client_id,
            "auth_method": if self.has_secret() { "client_secret_basic" } else { "none" },
            "redirect_uris": all(self.redirects),
            "post_logout_redirect_uris": all(self.after_logout),
            "require_pkce": self.pkce,
            "scopes": self.scopes,
            "metadata": metadata,
        })
    }
}
