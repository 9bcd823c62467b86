//! What it does that people come into a group, or that one goes: at each portal that the group lets into, in names, before it is done.

use askama::Template;
use serde::Deserialize;

use super::group::{Group, framed, path};
use crate::console::http::{
    frame::Frame,
    refused::Refused,
    visit::{Visit, with_query},
};

/// So many people, and so many portals, are looked at.
const PEOPLE: usize = 20;
const PORTALS: usize = 20;

/// The field of whoever saw what it does.
pub(super) const SURE: &str = "sure";

/// The page before the act.
#[derive(Template)]
#[template(path = "console/people/groups/effect.html")]
pub(super) struct EffectPage {
    frame: Frame,
    group: Group,
    /// `add` or `remove`.
    act: &'static str,
    /// The name of the field with their ids.
    field: &'static str,
    people: Vec<Person>,
    /// Ids of those who are not looked at.
    unnamed: Vec<String>,
    doors: Vec<Door>,
    /// How many portals are not looked at.
    portals_left: usize,
}

impl EffectPage {
    fn changes_anything(&self) -> bool {
        self.doors.iter().any(|door| !door.people.is_empty())
    }
}

#[derive(Clone, Deserialize)]
struct Person {
    id: String,
    username: String,
    display_name: Option<String>,
}

impl Person {
    fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.username)
    }
}

/// A portal, with those for whom it changes there.
struct Door {
    portal: Portal,
    people: Vec<Person>,
}

#[derive(Deserialize)]
struct Portal {
    id: String,
    client_id: String,
    name: String,
    allowed_departments: Vec<String>,
    allowed_groups: Vec<String>,
    allowed_users: Vec<String>,
}

#[derive(Deserialize)]
struct Explanation {
    people: Vec<Explained>,
}

#[derive(Deserialize)]
struct Explained {
    admitted: bool,
    ways: Vec<Way>,
}

#[derive(Deserialize)]
struct Way {
    today: Option<Today>,
}

#[derive(Deserialize)]
struct Today {
    admitted: bool,
}

impl Explanation {
    /// Whether they can enter today, and whether they could then.
    fn before_and_after(&self) -> (bool, bool) {
        let mut ways = self.people.iter().flat_map(|one| &one.ways);
        let today = ways.any(|way| way.today.as_ref().is_some_and(|today| today.admitted));
        (today, self.admitted())
    }

    fn admitted(&self) -> bool {
        self.people.iter().any(|one| one.admitted)
    }
}

/// The page before these people come into the group.
pub(super) async fn of_coming(visit: &Visit, group: Group, ids: Vec<String>) -> Result<EffectPage, Refused> {
    page(visit, group, ("add", "users"), ids).await
}

/// The page before one of them goes.
pub(super) async fn of_going(visit: &Visit, group: Group, user: &str) -> Result<EffectPage, Refused> {
    page(visit, group, ("remove", "user"), vec![user.to_owned()]).await
}

async fn page(
    visit: &Visit,
    group: Group,
    (act, field): (&'static str, &'static str),
    mut ids: Vec<String>,
) -> Result<EffectPage, Refused> {
    let unnamed = ids.split_off(ids.len().min(PEOPLE));
    let mut people: Vec<Person> = Vec::new();
    for id in &ids {
        people.push(visit.get(&super::super::user::path(id)).await?);
    }
    let mut doors = Vec::new();
    for client in group.clients.iter().take(PORTALS) {
        let path = format!("clients/{}", crate::console::http::address::segment(client));
        // A portal that went meanwhile lets nobody in.
        if let Some(portal) = visit.find::<Portal>(&path).await? {
            let people = changed(visit, &group, (&portal, act), &people).await?;
            doors.push(Door { portal, people });
        }
    }
    Ok(EffectPage {
        frame: framed(visit, &group),
        portals_left: group.clients.len().saturating_sub(PORTALS),
        group,
        act,
        field,
        people,
        unnamed,
        doors,
    })
}

/// Those for whom it changes whether they can enter this portal.
async fn changed(
    visit: &Visit,
    group: &Group,
    (portal, act): (&Portal, &str),
    people: &[Person],
) -> Result<Vec<Person>, Refused> {
    let mut found = Vec::new();
    for person in people {
        let whom = [("client_id", portal.id.as_str()), ("user_id", person.id.as_str())];
        let imagined = match act {
            "add" => Some(imagined_in(portal, &person.id)),
            _ => imagined_out(portal, &group.id),
        };
        let wanted = imagined.iter().map(|(name, value)| (*name, value.as_str()));
        let answer: Explanation = visit
            .get(&with_query("access-checks", whom.into_iter().chain(wanted)))
            .await?;
        let changes = match (act, &imagined) {
            ("add", _) => answer.before_and_after() == (false, true),
            (_, Some(_)) => answer.before_and_after() == (true, false),
            (_, None) => answer.admitted(),
        };
        if changes {
            found.push(person.clone());
        }
    }
    Ok(found)
}

/// Whoever is in an allowed group enters as one who is allowed by name.
fn imagined_in(portal: &Portal, user: &str) -> (&'static str, String) {
    let users = portal.allowed_users.iter().map(String::as_str);
    ("users", users.chain([user]).collect::<Vec<_>>().join(","))
}

/// Whoever leaves a group enters as if the portal did not name it. `None`: the portal names nothing else, and would be open to everybody without it.
fn imagined_out(portal: &Portal, group: &str) -> Option<(&'static str, String)> {
    let others: Vec<&str> = portal
        .allowed_groups
        .iter()
        .map(String::as_str)
        .filter(|id| *id != group)
        .collect();
    let names_nothing_else =
        others.is_empty() && portal.allowed_departments.is_empty() && portal.allowed_users.is_empty();
    (!names_nothing_else).then(|| ("groups", others.join(",")))
}

/// The path of the group's people in the API.
pub(super) fn people_of(id: &str) -> String {
    format!("{}/users", path(id))
}
