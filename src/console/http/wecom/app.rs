//! A WeCom app: what its secret may do, whom it is open to, and who of them falls outside what is synced.

use actix_web::{http::Method, web};
use askama::Template;
use serde::Deserialize;

use super::{
    super::{
        form::{Form, see_other},
        frame::Frame,
        listing::Listing,
        moment::Moment,
        visit::{Reply, Visit},
    },
    shared::{Probe, Probed, Trouble, done, framed, plain, probed},
};

#[derive(Deserialize)]
struct App {
    id: String,
    corp_id: String,
    agent_id: i64,
    name: String,
    closed: bool,
    members: Option<i64>,
    outside_integration_scope: Option<i64>,
    redirect_domain: Option<String>,
    scope_read_at: Option<i64>,
    auth_sources: Vec<User>,
    data_sources: Vec<User>,
    problems: Vec<Trouble>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Outside {
    user_id: Option<String>,
    name: Option<String>,
    userid: String,
}

#[derive(Template)]
#[template(path = "console/wecom/app.html")]
struct AppPage {
    frame: Frame,
    app: App,
    read: Option<Moment>,
    credentials: Vec<Probed>,
    outside: Vec<Outside>,
    next: Option<String>,
    done: Option<String>,
}

pub async fn app(visit: Visit, id: web::Path<String>) -> Reply {
    let app: App = visit.get(&format!("wecom-apps/{}", plain(&visit, &id)?)).await?;
    let probe: Probe = visit.get(&format!("wecom-apps/{}/probe", app.id)).await?;
    let path = format!("wecom-apps/{}/outside-integration-scope", app.id);
    let outside: Listing<Outside> = visit.get(&visit.passing(&path, &["cursor"])).await?;
    let title = if app.name.is_empty() {
        app.agent_id.to_string()
    } else {
        app.name.clone()
    };
    let frame = framed(&visit, &title);
    Ok(visit.page(&AppPage {
        done: done(&visit, &frame),
        frame,
        read: app.scope_read_at.map(|at| visit.moment(at)),
        credentials: probed(&visit, probe),
        outside: outside.items,
        next: visit.next(outside.next_cursor),
        app,
    }))
}

pub async fn probe(visit: Visit, id: web::Path<String>, _: Form) -> Reply {
    let id = plain(&visit, &id)?;
    visit
        .send(Method::POST, &format!("wecom-apps/{id}/probe"), None)
        .await?;
    Ok(see_other(&format!("/console/wecom/apps/{id}?done=probed")))
}
