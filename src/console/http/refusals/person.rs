//! Whose refusals are wanted: an id that another page named, or a name that somebody typed.

use serde::Deserialize;

use crate::console::http::{
    address::segment,
    names,
    refused::Refused,
    typed::{self, Somebody},
    visit::Visit,
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
struct Member {
    userid: String,
    name: Option<String>,
}

/// What somebody is called who was named by row id; whoever is gone, by that.
async fn called(visit: &Visit, parameter: &str, id: &str) -> String {
    let name = match parameter {
        "user_id" => names::people(visit, [id].into_iter()).await.remove(id),
        _ => {
            let member: Option<Member> = visit.aside(&format!("members/{}", segment(id))).await;
            member.map(|member| member.name.unwrap_or(member.userid))
        }
    };
    name.unwrap_or_else(|| id.to_owned())
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
        return Ok(match named {
            None => Wanted::Everybody,
            Some((parameter, id)) => one(parameter, id, &called(visit, parameter, id).await),
        });
    };
    Ok(match typed::somebody(visit, typed).await? {
        Some(Somebody::User(id)) => one("user_id", &id, typed),
        Some(Somebody::Member(id)) => one("member_id", &id, typed),
        None => Wanted::Nobody,
    })
}
