//! *Who asks to come in?* Access requests come with a later version; the page says so.

use actix_web::web::{self, ServiceConfig};
use askama::Template;

use super::{
    frame::{Frame, Section},
    visit::{Reply, Visit},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/requests", web::get().to(requests));
}

#[derive(Template)]
#[template(path = "console/requests.html")]
struct RequestsPage {
    frame: Frame,
}

async fn requests(visit: Visit) -> Reply {
    Ok(visit.page(&RequestsPage {
        frame: visit.frame("console-requests-title", Some(Section::Requests)),
    }))
}
