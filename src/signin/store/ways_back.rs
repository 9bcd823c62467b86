//! Queries of pages that say why somebody did not come in: the portal they were on their way to, and what they are called.

use entity::{client, data_source, member, users};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::Store;
use crate::{
    gate::console::{self, CONSOLE},
    signin::web_address::page_at,
    store::UniqueRow,
};

/// By what a portal is looked up.
#[derive(Clone, Copy, Debug)]
pub enum PortalKey<'a> {
    /// Row id.
    Row(Uuid),
    /// `client_id`.
    ClientId(&'a str),
}

/// A portal as seen from a page that cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// Its name.
    pub name: String,
    /// Where a person enters it; none: a program without pages, or it is switched off.
    pub address: Option<String>,
    /// Who is responsible for it, as it was registered; none: nobody named.
    pub contact: Option<String>,
}

impl Store {
    /// A portal; one that is switched off by its row id alone, and without an address. `None`: there is none.
    pub(in crate::signin) async fn way_back(&self, key: PortalKey<'_>, issuer: &str) -> Result<Option<WayBack>, DbErr> {
        if matches!(key, PortalKey::Row(CONSOLE) | PortalKey::ClientId(console::CLIENT_ID)) {
            return Ok(Some(WayBack {
                name: console::NAME.to_owned(),
                address: Some(format!("{issuer}/console")),
                contact: None,
            }));
        }
        let found = client::Entity::find();
        let found = match key {
            PortalKey::Row(id) => found.filter(client::Column::Id.eq(id)),
            // Anybody can name one in an address: of what is switched off they learn nothing.
            PortalKey::ClientId(client_id) => found
                .filter(client::Column::ClientId.eq(client_id))
                .filter(client::Column::Enabled.eq(true)),
        };
        let row = found.unique_row(self.database.reader()).await?;
        Ok(row.map(|row| WayBack {
            address: entered_at(&row, issuer),
            contact: contact(&row.metadata),
            name: row.name,
        }))
    }

    /// What a member is called, where WeCom told it to this corp's mode and it says more than the userid.
    pub(in crate::signin) async fn member_name(&self, corp_key: &str, userid: &str) -> Result<Option<String>, DbErr> {
        let to_source = member::Entity::belongs_to(data_source::Entity)
            .from(member::Column::DataSourceId)
            .to(data_source::Column::Id);
        let name: Option<Option<String>> = member::Entity::find()
            .select_only()
            .column(member::Column::Name)
            .join(JoinType::InnerJoin, to_source.into())
            .filter(data_source::Column::CorpKey.eq(corp_key))
            .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
            .into_tuple()
            .one(self.database.reader())
            .await?;
        Ok(name.flatten().filter(|name| !name.is_empty() && name != userid))
    }

    /// The username of a user.
    pub(in crate::signin) async fn username(&self, user: Uuid) -> Result<Option<String>, DbErr> {
        users::Entity::find_by_id(user)
            .select_only()
            .column(users::Column::Username)
            .into_tuple()
            .one(self.database.reader())
            .await
    }
}

/// Where a person enters this portal; `None`: a program without pages, or it is switched off.
pub fn entered_at(row: &client::Model, issuer: &str) -> Option<String> {
    let address = || address(&row.metadata, &row.redirect_uris.0, issuer);
    row.enabled.then(address).flatten()
}

/// Where a person enters a portal: where it has sign-ins begun (OpenID Connect Core section 4), else its home page, else the root of the server
/// that its first redirect URI is on.
fn address(metadata: &Value, redirect_uris: &[String], issuer: &str) -> Option<String> {
    if let Some(mut start) = page_at(text(metadata, "initiate_login_uri")) {
        start.query_pairs_mut().append_pair("iss", issuer);
        return Some(start.into());
    }
    if let Some(home) = page_at(text(metadata, "client_uri")) {
        return Some(home.into());
    }
    let returns = page_at(redirect_uris.first().map(String::as_str))?;
    // A program on the person's own computer listens only while it waits for the answer.
    let own = matches!(returns.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    (!own).then(|| format!("{}/", returns.origin().ascii_serialization()))
}

fn contact(metadata: &Value) -> Option<String> {
    let contacts = metadata.get("contacts")?.as_array()?;
    let contacts: Vec<&str> = contacts.iter().filter_map(Value::as_str).collect();
    (!contacts.is_empty()).then(|| contacts.join(", "))
}

fn text<'a>(metadata: &'a Value, name: &str) -> Option<&'a str> {
    metadata.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::address;

    const ISSUER: &str = "https://sso.example";

    #[test]
    fn the_best_address_that_a_portal_registered_is_where_one_enters_it() {
        let returns = ["https://wiki.example/oauth/callback".to_owned()];
        for (metadata, expected) in [
            (
                json!({ "initiate_login_uri": "https://wiki.example/login", "client_uri": "https://wiki.example/home" }),
                "https://wiki.example/login?iss=https%3A%2F%2Fsso.example",
            ),
            (
                json!({ "client_uri": "https://wiki.example/home" }),
                "https://wiki.example/home",
            ),
            (json!({}), "https://wiki.example/"),
            (json!({ "client_uri": "javascript:alert(1)" }), "https://wiki.example/"),
        ] {
            assert_eq!(
                address(&metadata, &returns, ISSUER).as_deref(),
                Some(expected),
                "{metadata}"
            );
        }
    }

    #[test]
    fn a_program_without_pages_has_none() {
        for returns in [
            "http://127.0.0.1/callback",
            "http://[::1]:9/x",
            "com.example.app:/callback",
        ] {
            assert_eq!(address(&json!({}), &[returns.to_owned()], ISSUER), None, "{returns}");
        }
    }
}
