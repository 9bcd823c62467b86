//! Putting people into a group: they are looked for by name, and ticked.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    super::user::path,
    effect,
    group::{Group, framed, page_of, read},
};
use crate::console::http::{
    choosing::{self, Carried, Choosing, Line, Texts},
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    refused::{Problem, Refused},
    visit::{Reply, Visit, with_query},
};

/// How many are shown to choose from.
const SHOWN: &str = "50";

/// Name of the boxes.
const BOXES: &str = "users";

#[derive(Template)]
#[template(path = "console/people/groups/add.html")]
struct AddPage {
    frame: Frame,
    group: Group,
    choosing: Choosing,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    display_name: Option<String>,
}

impl User {
    fn line(self, frame: &Frame) -> Line {
        let mark = Some(frame.name_of_user(&self.id));
        match self.display_name {
            Some(name) => Line {
                id: self.id,
                name,
                beside: self.username,
                mark,
            },
            None => Line {
                id: self.id,
                name: self.username,
                beside: String::new(),
                mark,
            },
        }
    }
}

async fn page(visit: &Visit, id: &str, (form, problem): (Option<&Form>, Option<&Problem>)) -> Result<AddPage, Refused> {
    let group = read(visit, id).await?;
    let frame = framed(visit, &group);
    let carried = Carried::of(visit, form, BOXES);
    let found: Listing<User> = match carried.search.as_str() {
        "" => Listing::default(),
        _ => {
            let own = [("limit", SHOWN), ("sort", "username")];
            visit.get(&with_query("users", carried.query(&own))).await?
        }
    };
    let mut ticked = Vec::new();
    for id in carried.shown() {
        if let Some(user) = visit.aside::<User>(&path(id)).await {
            ticked.push(user.line(&frame));
        }
    }
    let texts = Texts {
        search: "console-people-search",
        legend: "console-group-who-comes",
        nobody: "",
        button: "console-group-add-do",
        effect: None,
    };
    let action = format!("{}/add", page_of(&group.id));
    let lines = found.items.into_iter().map(|user| user.line(&frame)).collect();
    let choosing = Choosing::new(
        &frame,
        (action, BOXES, texts),
        carried,
        (ticked, lines),
        found.next_cursor,
    );
    Ok(AddPage {
        choosing: choosing.leading_back(page_of(&group.id)).judged(problem),
        frame,
        group,
    })
}

pub(super) async fn ask(visit: Visit, id: Path<String>) -> Reply {
    let page = page(&visit, &id, (None, None)).await?;
    Ok(visit.page(&page))
}

pub(super) async fn add(visit: Visit, id: Path<String>, form: Form) -> Reply {
    if choosing::looks(&form) {
        let page = page(&visit, &id, (Some(&form), None)).await?;
        return Ok(visit.page(&page));
    }
    let users = choosing::sent(&form, BOXES);
    if visit.may("admin") && !users.is_empty() && !form.has(effect::SURE) {
        let page = effect::of_coming(&visit, read(&visit, &id).await?, users).await?;
        return Ok(visit.page(&page));
    }
    let body = json!({ "users": users });
    match visit.send(Method::POST, &effect::people_of(&id), Some(&body)).await {
        Ok(_) => Ok(see_other(&format!("{}?done=added", page_of(&id)))),
        Err(refused) => {
            let page = page(&visit, &id, (Some(&form), Some(refused.problem()))).await?;
            Ok(refused.on(&page))
        }
    }
}
