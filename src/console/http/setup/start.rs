//! Where a set-up begins and goes on, and looking again at what WeCom says.

use actix_web::{http::Method, web};
use askama::Template;

use super::state::{State, Step};
use crate::console::http::{
    form::{Form, see_other},
    frame::{Frame, Section},
    names::{self, Source},
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/setup/choose.html")]
struct ChoosePage {
    frame: Frame,
    sources: Vec<Source>,
}

/// At the only corp, at the first one while there is none, or at the choice.
pub(super) async fn start(visit: Visit) -> Reply {
    let sources = names::sources(&visit).await?;
    match sources.as_slice() {
        [] => Ok(see_other("/console/setup/new")),
        [only] => Ok(see_other(&format!("/console/setup/{}", only.id))),
        _ => Ok(visit.page(&ChoosePage {
            frame: visit.frame("console-setup", Some(Section::WeCom)),
            sources,
        })),
    }
}

/// At the first step that is not done.
pub(super) async fn go_on(visit: Visit, source: web::Path<String>) -> Reply {
    let state = State::of(&visit, &source).await?;
    Ok(see_other(&state.address(state.first_open())))
}

/// Asks WeCom again, and shows the step from which that was wanted.
pub(super) async fn look(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let state = State::of(&visit, &source).await?;
    visit
        .send(Method::POST, &format!("data-sources/{}/probe", state.source.id), None)
        .await?;
    let step = form.get("step").and_then(Step::of).unwrap_or(Step::App);
    Ok(see_other(&format!("{}?saved=1", state.address(step))))
}
