//! Handler of the start page (`/`), for whoever comes without a portal: says what this is, and where it goes on.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;

use super::failed::last_portal;
use crate::{
    signin::journey::Journeys,
    web::{
        cookies::{Cookies, Name},
        page::{self, Frame},
        way_on::WayOn,
    },
};

/// Where admins work in pages.
const CONSOLE: &str = "/console";
/// The readable pages of the admin API.
const API_DOCS: &str = "/api/v1/docs";

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    frame: Frame,
    signed_in: bool,
    ways: Vec<WayOn>,
    for_admins: Vec<WayOn>,
}

pub(super) async fn start_page(request: HttpRequest, journeys: Data<Journeys>, cookies: Data<Cookies>) -> HttpResponse {
    let lang = page::language(&request);
    let session = cookies.read(&request, Name::Session);
    let portal = journeys.last_portal(last_portal(&request, &cookies)).await;
    let to_portal = portal.and_then(|portal| {
        let address = portal.address?;
        Some(WayOn::to_portal(lang, "way-portal", (&portal.name, &address)))
    });
    let console = WayOn::new(lang, "start-console", CONSOLE);
    let docs = WayOn::new(lang, "start-docs", API_DOCS);
    let page = StartPage {
        signed_in: journeys.is_signed_in(session.as_deref()).await,
        ways: to_portal.into_iter().chain([WayOn::account(lang)]).collect(),
        for_admins: vec![console, docs],
        frame: Frame::new(lang, "start-heading"),
    };
    page::html(StatusCode::OK, &page)
}
