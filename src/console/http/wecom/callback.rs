//! A callback of a data source: what is to be entered in WeCom, shown this once, and what arrived.

use actix_web::{http::Method, web};
use askama::Template;
use serde_json::json;

use super::{
    super::{
        form::{Form, see_other},
        frame::Frame,
        moment::Moment,
        visit::{Reply, Visit},
    },
    shared::{framed, plain},
    source::{self, Callback, Issued, Source},
};

#[derive(Template)]
#[template(path = "console/wecom/issued.html")]
struct IssuedPage {
    frame: Frame,
    source: Source,
    issued: Issued,
}

#[derive(Template)]
#[template(path = "console/wecom/callback.html")]
struct CallbackPage {
    frame: Frame,
    source: Source,
    callback: Callback,
    event: Option<Moment>,
    failed: Option<Moment>,
}

pub async fn create(visit: Visit, id: web::Path<String>, form: Form) -> Reply {
    let source = source::read(&visit, &id).await?;
    let body = json!({ "owner": form.get("owner") });
    let path = format!("data-sources/{}/callbacks", source.id);
    let answer = visit.make_once(&form, &path, Some(&body)).await?;
    let issued = visit.read(&answer)?;
    let frame = framed(&visit, &source.name);
    Ok(visit.page(&IssuedPage { frame, source, issued }))
}

pub async fn callback(visit: Visit, path: web::Path<(String, String)>) -> Reply {
    let source = source::read(&visit, &path.0).await?;
    let callback = plain(&visit, &path.1)?;
    let callback: Callback = visit
        .get(&format!("data-sources/{}/callbacks/{callback}", source.id))
        .await?;
    Ok(visit.page(&CallbackPage {
        frame: framed(&visit, &source.name),
        event: callback.last_event_at.map(|at| visit.moment(at)),
        failed: callback
            .last_failure
            .as_ref()
            .map(|failed| visit.moment(failed.last_at)),
        source,
        callback,
    }))
}

pub async fn renew(visit: Visit, path: web::Path<(String, String)>, form: Form) -> Reply {
    let source = source::read(&visit, &path.0).await?;
    let callback = plain(&visit, &path.1)?;
    let renewed = format!("data-sources/{}/callbacks/{callback}/renew", source.id);
    let answer = visit.make_once(&form, &renewed, None).await?;
    let issued = visit.read(&answer)?;
    let frame = framed(&visit, &source.name);
    Ok(visit.page(&IssuedPage { frame, source, issued }))
}

pub async fn delete(visit: Visit, path: web::Path<(String, String)>, _: Form) -> Reply {
    let (id, callback) = (plain(&visit, &path.0)?, plain(&visit, &path.1)?);
    visit
        .send(Method::DELETE, &format!("data-sources/{id}/callbacks/{callback}"), None)
        .await?;
    Ok(see_other(&format!("/console/wecom/{id}?done=callback-deleted")))
}
