//! The page that leads to WeCom: a form may not do that by itself, since where its answer leads is held to our own addresses.

use actix_web::HttpResponse;
use askama::Template;

use crate::console::http::{
    frame::{Frame, Section},
    visit::Visit,
};

#[derive(Template)]
#[template(path = "console/installations/leave.html")]
struct LeavePage {
    frame: Frame,
    address: String,
    what: &'static str,
}

/// Leads there; `what`: key of what is to be done there.
pub(in crate::console::http) fn page(visit: &Visit, address: String, what: &'static str) -> HttpResponse {
    visit.page(&LeavePage {
        frame: visit.frame("console-installation-leave", Some(Section::WeCom)),
        address,
        what,
    })
}
