//! One company that installed an app, and how it is disconnected: its admin deletes the app in WeCom, and this page waits for that.

use actix_web::{http::Method, web::Path};
use askama::Template;

use super::model::{Installation, Line};
use crate::console::http::{
    form::{Form, see_other},
    frame::{Frame, Section},
    names,
    refused::Refused,
    visit::{Reply, Visit},
    wecom::shared::plain,
};

#[derive(Template)]
#[template(path = "console/installations/one.html")]
struct OnePage {
    frame: Frame,
    line: Line,
}

#[derive(Template)]
#[template(path = "console/installations/disconnect.html")]
struct DisconnectPage {
    frame: Frame,
    line: Line,
}

#[derive(Template)]
#[template(path = "console/installations/disconnect_live.html")]
struct LivePage {
    frame: Frame,
    line: Line,
}

pub(super) async fn read(visit: &Visit, id: &str) -> Result<Line, Refused> {
    let one: Installation = visit.get(&format!("installations/{}", plain(visit, id)?)).await?;
    let people = names::actors(visit, one.bound_by.as_deref().into_iter()).await;
    let frame = visit.frame("console-installations", Some(Section::WeCom));
    let by = one.bound_by.as_deref();
    let by = by.map(|actor| names::who(&frame, &people, actor));
    Ok(Line::new(visit, one, by))
}

pub(super) fn framed(visit: &Visit, line: &Line) -> Frame {
    visit
        .frame("console-installations", Some(Section::WeCom))
        .titled(line.one.name())
}

pub(super) async fn show(visit: Visit, id: Path<String>) -> Reply {
    let line = read(&visit, &id).await?;
    let frame = framed(&visit, &line);
    Ok(visit.page(&OnePage { frame, line }))
}

pub(super) async fn disconnect(visit: Visit, id: Path<String>) -> Reply {
    let line = read(&visit, &id).await?;
    let frame = framed(&visit, &line);
    Ok(visit.page(&DisconnectPage { frame, line }))
}

/// Whether it is disconnected, for the script that asks every two seconds.
pub(super) async fn live(visit: Visit, id: Path<String>) -> Reply {
    let line = read(&visit, &id).await?;
    let frame = framed(&visit, &line);
    Ok(visit.page(&LivePage { frame, line }))
}

/// Asks WeCom now.
pub(super) async fn check(visit: Visit, id: Path<String>, form: Form) -> Reply {
    let id = plain(&visit, &id)?;
    visit
        .send(Method::POST, &format!("installations/{id}/check"), None)
        .await?;
    let back = match form.get("back") {
        Some("disconnect") => format!("/console/installations/{id}/disconnect"),
        _ => format!("/console/installations/{id}"),
    };
    Ok(see_other(&back))
}
