//! Deleting a group: first how many are in it, and whether a portal still names it.

use actix_web::web::Path;
use askama::Template;

use super::group::{Group, framed, path, read_versioned};
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
    /// Entity tag of what the page was made from.
    version: String,
    problem: Option<Problem>,
}

pub(super) async fn ask(visit: Visit, id: Path<String>) -> Reply {
    let (group, version) = read_versioned(&visit, &id).await?;
    Ok(visit.page(&DeletePage {
        frame: framed(&visit, &group),
        group,
        version,
        problem: None,
    }))
}

pub(super) async fn delete(visit: Visit, id: Path<String>, form: Form) -> Reply {
    match visit.delete(&path(&id), &form).await {
        Ok(_) => Ok(see_other("/console/people/groups?done=deleted")),
        Err(refused) => {
            let (group, version) = read_versioned(&visit, &id).await?;
            let page = DeletePage {
                frame: framed(&visit, &group),
                group,
                version,
                problem: Some(refused.problem().clone()),
            };
            Ok(refused.on(&page))
        }
    }
}
