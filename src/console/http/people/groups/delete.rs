//! Deleting a group: first how many are in it, and whether a portal still names it.

use actix_web::{http::Method, web::Path};
use askama::Template;

use super::group::{Group, framed, path, read};
use crate::console::http::{
    form::{Form, see_other},
    frame::Frame,
    refused::Problem,
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/people/groups/delete.html")]
struct DeletePage {
    frame: Frame,
    group: Group,
    problem: Option<Problem>,
}

pub(super) async fn ask(visit: Visit, id: Path<String>) -> Reply {
    let group = read(&visit, &id).await?;
    Ok(visit.page(&DeletePage {
        frame: framed(&visit, &group),
        group,
        problem: None,
    }))
}

pub(super) async fn delete(visit: Visit, id: Path<String>, _: Form) -> Reply {
    match visit.send(Method::DELETE, &path(&id), None).await {
        Ok(_) => Ok(see_other("/console/people/groups")),
        Err(refused) => {
            let group = read(&visit, &id).await?;
            let page = DeletePage {
                frame: framed(&visit, &group),
                group,
                problem: Some(refused.problem().clone()),
            };
            Ok(refused.on(&page))
        }
    }
}
