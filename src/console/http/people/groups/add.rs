//! Putting people into a group: they are looked for by name, and ticked.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    effect,
    group::{Group, framed, page_of, read},
};
use crate::console::http::{
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    refused::{Problem, Refused},
    visit::{Reply, Visit, with_query},
};

/// How many are shown to choose from.
const SHOWN: &str = "50";

#[derive(Template)]
#[template(path = "console/people/groups/add.html")]
struct AddPage {
    frame: Frame,
    group: Group,
    search: String,
    found: Vec<User>,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    display_name: Option<String>,
}

async fn page(visit: &Visit, id: &str) -> Result<AddPage, Refused> {
    let group = read(visit, id).await?;
    let search = visit.param("q").unwrap_or_default().to_owned();
    let found = match search.as_str() {
        "" => Vec::new(),
        wanted => {
            let path = with_query("users", [("q", wanted), ("limit", SHOWN), ("sort", "username")]);
            visit.get::<Listing<User>>(&path).await?.items
        }
    };
    Ok(AddPage {
        frame: framed(visit, &group),
        group,
        search,
        found,
        problem: None,
    })
}

pub(super) async fn ask(visit: Visit, id: Path<String>) -> Reply {
    let page = page(&visit, &id).await?;
    Ok(visit.page(&page))
}

pub(super) async fn add(visit: Visit, id: Path<String>, form: Form) -> Reply {
    let users: Vec<&str> = form.all("users").filter(|id| !id.is_empty()).collect();
    if visit.may("admin") && !users.is_empty() && !form.has(effect::SURE) {
        let page = effect::of_coming(&visit, read(&visit, &id).await?, &form).await?;
        return Ok(visit.page(&page));
    }
    let body = json!({ "users": users });
    let into = effect::people_of(&id);
    match visit.send(Method::POST, &into, Some(&body)).await {
        Ok(_) => Ok(see_other(&format!("{}?done=added", page_of(&id)))),
        Err(refused) => {
            let page = AddPage {
                problem: Some(refused.problem().clone()),
                ..page(&visit, &id).await?
            };
            Ok(refused.on(&page))
        }
    }
}
