//! Whose refusals are wanted: an id that another page named, or a name that somebody typed.

use serde::Deserialize;

use crate::console::http::{
    refused::Refused,
    visit::{Visit, with_query},
};

/// Whose refusals are wanted.
pub(super) enum Wanted {
    /// Those of everybody.
    Everybody,
    /// Those of one.
    One(Person),
    /// Those of somebody whom nobody knows.
    Nobody,
}

/// One person.
pub(super) struct Person {
    /// The parameter of the API that names them.
    pub(super) parameter: &'static str,
    /// Row id.
    pub(super) id: String,
    /// What the page calls them.
    pub(super) name: String,
    /// The list of everybody.
    pub(super) away: String,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
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

/// What the page's address says.
pub(super) async fn wanted(visit: &Visit) -> Result<Wanted, Refused> {
    let one = |parameter, id: &str, name: &str| {
        Wanted::One(Person {
            parameter,
            id: id.to_owned(),
            name: name.to_owned(),
            away: visit.here_with(parameter, None),
        })
    };
    let typed = visit.param("person").map(str::trim).filter(|typed| !typed.is_empty());
    let Some(typed) = typed else {
        let named = ["user_id", "member_id"]
            .into_iter()
            .find_map(|parameter| Some((parameter, visit.param(parameter)?)));
        return Ok(named.map_or(Wanted::Everybody, |(parameter, id)| one(parameter, id, id)));
    };
    let is = |name: &str| name.to_lowercase() == typed.to_lowercase();
    let named = |name: &Option<String>| name.as_deref().is_some_and(is);
    let called = |path| with_query(path, [("q", typed), ("limit", "50")]);
    let users: Items<User> = visit.get(&called("users")).await?;
    if let Some(user) = users
        .items
        .iter()
        .find(|user| is(&user.username) || named(&user.display_name))
    {
        return Ok(one("user_id", &user.id, typed));
    }
    let members: Items<Member> = visit.get(&called("members")).await?;
    let member = members
        .items
        .iter()
        .find(|member| is(&member.userid) || named(&member.name));
    Ok(member.map_or(Wanted::Nobody, |member| one("member_id", &member.id, typed)))
}
