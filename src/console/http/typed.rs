//! Whom and what somebody means who types a name into a filter: the API's filters take ids and `client_id`s, and people know names.

use serde::Deserialize;

use super::{
    listing::Listing,
    names::Portal,
    refused::Refused,
    visit::{Visit, with_query},
};

/// Somebody of this name, by row id.
pub(super) enum Somebody {
    /// A user.
    User(String),
    /// A member who is no user.
    Member(String),
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    id: String,
    userid: String,
    name: Option<String>,
}

/// Where those are whose names hold this text.
fn bearing(collection: &str, text: &str) -> String {
    with_query(collection, [("q", text), ("limit", "50")])
}

fn is(name: &str, typed: &str) -> bool {
    name.to_lowercase() == typed.to_lowercase()
}

/// The user, or else the member, who is called so: by username, userid or name, in whatever case; none: nobody is.
///
/// # Errors
/// The problem that the API answered.
pub(super) async fn somebody(visit: &Visit, typed: &str) -> Result<Option<Somebody>, Refused> {
    if let Some(user) = user(visit, typed).await? {
        return Ok(Some(Somebody::User(user)));
    }
    let members: Listing<Member> = visit.get(&bearing("members", typed)).await?;
    let is_called = |member: &Member| {
        let name = member.name.as_deref().is_some_and(|name| is(name, typed));
        name || is(&member.userid, typed)
    };
    let member = members.items.into_iter().find(is_called);
    Ok(member.map(|member| Somebody::Member(member.id)))
}

/// The row id of the user who is called so: by username or name; none: nobody is.
///
/// # Errors
/// The problem that the API answered.
pub(super) async fn user(visit: &Visit, typed: &str) -> Result<Option<String>, Refused> {
    let users: Listing<User> = visit.get(&bearing("users", typed)).await?;
    let named = |user: &User| user.display_name.as_deref().is_some_and(|name| is(name, typed));
    let user = users
        .items
        .into_iter()
        .find(|user| is(&user.username, typed) || named(user));
    Ok(user.map(|user| user.id))
}

/// The portal that is meant.
pub(super) enum Meant {
    /// None was named.
    Any,
    /// The one with this `client_id`, which may be gone by now.
    Portal(String),
    /// Nothing is called so.
    Nothing,
}

impl Meant {
    /// Its `client_id`.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Portal(id) => Some(id),
            _ => None,
        }
    }
}

/// The portal of this `client_id` or name, or one that is gone, of which the log still tells by its `client_id`.
///
/// # Errors
/// The problem that the API answered.
pub(super) async fn portal(visit: &Visit, typed: Option<&str>) -> Result<Meant, Refused> {
    let Some(typed) = typed.map(str::trim).filter(|typed| !typed.is_empty()) else {
        return Ok(Meant::Any);
    };
    let portals: Listing<Portal> = visit.get(&bearing("clients", typed)).await?;
    let by_id = portals.items.iter().find(|portal| portal.client_id == typed);
    let found = by_id.or_else(|| portals.items.iter().find(|portal| is(&portal.name, typed)));
    Ok(match found {
        Some(portal) => Meant::Portal(portal.client_id.clone()),
        None if was_a_portal(visit, typed).await => Meant::Portal(typed.to_owned()),
        None => Meant::Nothing,
    })
}

/// Whether the log tells of a portal with this `client_id`, though there is none now.
async fn was_a_portal(visit: &Visit, client_id: &str) -> bool {
    let path = with_query("audit-events", [("client_id", client_id), ("limit", "1")]);
    let found: Option<Listing<serde::de::IgnoredAny>> = visit.aside(&path).await;
    found.is_some_and(|found| !found.items.is_empty())
}
