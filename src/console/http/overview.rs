//! *Can everybody sign in?*

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::{
    frame::{Frame, Section},
    visit::{Reply, Visit},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("", web::get().to(overview));
}

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage {
    frame: Frame,
    health: Health,
}

#[derive(Deserialize)]
struct Health {
    ready: bool,
}

async fn overview(visit: Visit) -> Reply {
    let health = visit.get("health").await?;
    Ok(visit.page(&OverviewPage {
        frame: visit.frame("console-overview-title", Some(Section::Overview)),
        health,
    }))
}
