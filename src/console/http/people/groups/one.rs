//! A group with its people, and taking somebody out of it.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;

use super::{
    effect,
    group::{Group, framed, page_of, read},
};
use crate::console::http::{
    address::segment,
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    names::{self, Portal},
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/people/groups/one.html")]
struct GroupPage {
    frame: Frame,
    group: Group,
    /// The portals that it lets into.
    portals: Vec<Portal>,
    people: Vec<User>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    display_name: Option<String>,
    status: String,
}

impl User {
    fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.username)
    }
}

pub(super) async fn show(visit: Visit, id: Path<String>) -> Reply {
    let group = read(&visit, &id).await?;
    let list = visit.passing_with(&effect::people_of(&group.id), &["cursor"], &[("sort", "username")]);
    let people: Listing<User> = visit.get(&list).await?;
    let portals = match group.clients.is_empty() {
        true => Vec::new(),
        false => names::portals_and(&visit, group.clients.iter().map(String::as_str)).await?,
    };
    let named = |client_id: &String| Portal {
        id: client_id.clone(),
        client_id: client_id.clone(),
        name: names::portal_name(&portals, client_id).to_owned(),
    };
    Ok(visit.page(&GroupPage {
        frame: framed(&visit, &group),
        portals: group.clients.iter().map(named).collect(),
        people: people.items,
        next: visit.next(people.next_cursor),
        group,
    }))
}

/// Says what it does, before somebody is taken out.
pub(super) async fn before_remove(visit: Visit, id: Path<String>) -> Reply {
    let group = read(&visit, &id).await?;
    let page = effect::of_going(&visit, group, visit.param("user").unwrap_or("-")).await?;
    Ok(visit.page(&page))
}

pub(super) async fn remove(visit: Visit, id: Path<String>, form: Form) -> Reply {
    let user = form.get("user").unwrap_or_default();
    let from = format!("{}/{}", effect::people_of(&id), segment(user));
    visit.send(Method::DELETE, &from, None).await?;
    Ok(see_other(&format!("{}?done=removed", page_of(&id))))
}
