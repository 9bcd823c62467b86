//! Name and description of a group, new or not.

use actix_web::{http::Method, web::Path};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::group::{page_of, path};
use crate::console::http::{
    field::{self, Field, Filling, Kind, Spec, needed},
    form::{Form, see_other},
    frame::{Frame, Section},
    refused::{FieldFault, Problem},
    visit::{Reply, Visit},
};

const SPECS: [Spec; 2] = [needed("name", Kind::Line), field::field("description", Kind::Text)];
/// The list of groups.
const LIST: &str = "/console/people/groups";

#[derive(Template)]
#[template(path = "console/people/groups/edit.html")]
struct EditPage<'a> {
    frame: Frame,
    /// Address of the form.
    here: String,
    /// The page to go back to.
    back: String,
    /// Entity tag of what the form was made from.
    version: String,
    fields: Vec<Field>,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// The form of this group; `None`: of a new one.
fn page<'a>(visit: &Visit, id: Option<&str>, filling: Filling<'a>) -> EditPage<'a> {
    let key = if id.is_some() {
        "console-group-edit"
    } else {
        "console-group-new"
    };
    let frame = visit.frame(key, Some(Section::People));
    let fields = field::fields(&frame, "console-group", &SPECS, filling);
    let problem = match filling {
        Filling::Sent(_, problem) => Some(problem),
        Filling::Stored(_) => None,
    };
    let others = problem.map(|problem| field::others(problem, &fields));
    EditPage {
        here: id.map_or_else(|| format!("{LIST}/new"), |id| format!("{}/edit", page_of(id))),
        back: id.map_or_else(|| LIST.to_owned(), page_of),
        version: filling.version(),
        others: others.unwrap_or_default(),
        frame,
        fields,
        problem,
    }
}

pub(super) async fn new(visit: Visit) -> Reply {
    Ok(visit.page(&page(&visit, None, Filling::Stored(&json!({})))))
}

pub(super) async fn create(visit: Visit, form: Form) -> Reply {
    let body = field::body(&form, &SPECS);
    match visit.send(Method::POST, "groups", Some(&body)).await {
        Ok(answer) => {
            let made: Made = visit.read(&answer)?;
            Ok(see_other(&format!("{}?done=made", page_of(&made.id))))
        }
        Err(refused) => Ok(refused.on(&page(&visit, None, Filling::Sent(&form, refused.problem())))),
    }
}

pub(super) async fn form(visit: Visit, id: Path<String>) -> Reply {
    let answer = visit.send(Method::GET, &path(&id), None).await?;
    let stored: Value = visit.read(&answer)?;
    let page = EditPage {
        version: answer.tag.unwrap_or_default(),
        ..page(&visit, Some(&id), Filling::Stored(&stored))
    };
    Ok(visit.page(&page))
}

pub(super) async fn change(visit: Visit, id: Path<String>, form: Form) -> Reply {
    let (path, stored) = (path(&id), visit.get::<Value>(&path(&id)).await?);
    let change = field::change(&form, &SPECS, &stored);
    match visit
        .call((Method::PATCH, &path), Some(&change), form.get("version"))
        .await
    {
        Ok(_) => Ok(see_other(&format!("{}?done=saved", page_of(&id)))),
        Err(refused) => Ok(refused.on(&page(&visit, Some(&id), Filling::Sent(&form, refused.problem())))),
    }
}
