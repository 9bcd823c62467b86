//! One suite: what to enter in WeCom's provider console, and what arrives from there; trying its credentials; deleting it.

use actix_web::{
    HttpResponse,
    http::{Method, StatusCode},
    web,
};
use askama::Template;

use super::{
    super::{
        form::{Form, see_other},
        frame::{Frame, html},
        visit::{Reply, Visit},
        wecom::shared::plain,
    },
    shared::{self, Live, Suite, framed},
};

#[derive(Template)]
#[template(path = "console/suites/suite.html")]
struct SuitePage {
    frame: Frame,
    live: Live,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "console/suites/live.html")]
struct LivePage {
    frame: Frame,
    live: Live,
}

#[derive(Template)]
#[template(path = "console/suites/delete.html")]
struct DeletePage {
    frame: Frame,
    suite: Suite,
    /// Entity tag of what the page was made from.
    version: String,
    mistyped: bool,
}

pub(super) async fn suite(visit: Visit, id: web::Path<String>) -> Reply {
    let live = Live::read(&visit, &id).await?;
    let frame = framed(&visit, &live.suite.name);
    let done = visit
        .param("done")
        .filter(|word| matches!(*word, "changed" | "tried"))
        .map(|word| frame.t(&format!("console-suite-done-{word}")));
    Ok(visit.page(&SuitePage { frame, live, done }))
}

/// What arrived, for the script that asks every two seconds.
pub(super) async fn live(visit: Visit, id: web::Path<String>) -> Reply {
    let live = Live::read(&visit, &id).await?;
    let frame = framed(&visit, &live.suite.name);
    Ok(visit.page(&LivePage { frame, live }))
}

/// Tries the credentials at WeCom now.
pub(super) async fn check(visit: Visit, id: web::Path<String>, _: Form) -> Reply {
    let id = plain(&visit, &id)?;
    visit.send(Method::POST, &format!("suites/{id}/check"), None).await?;
    Ok(see_other(&format!("/console/suites/{id}?done=tried")))
}

pub(super) async fn ask(visit: Visit, id: web::Path<String>) -> Reply {
    Ok(deleting(&visit, shared::read_versioned(&visit, &id).await?, false))
}

pub(super) async fn delete(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let (suite, version) = shared::read_versioned(&visit, &id).await?;
    if form.get("suite_id") != Some(suite.suite_id.as_str()) {
        return Ok(deleting(&visit, (suite, version), true));
    }
    visit.delete(&format!("suites/{}", suite.id), &form).await?;
    Ok(see_other("/console/suites?done=deleted"))
}

fn deleting(visit: &Visit, (suite, version): (Suite, String), mistyped: bool) -> HttpResponse {
    let frame = framed(visit, &suite.name);
    let status = match mistyped {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let page = DeletePage {
        frame,
        suite,
        version,
        mistyped,
    };
    html(status, &page)
}
