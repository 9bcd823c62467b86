//! Pages of the console, one file or folder for each section; what they share lies beside them. A handler takes a [`Visit`](visit::Visit), asks the admin API, and fills a template.

mod acts;
mod address;
mod again;
pub mod api;
mod ask;
mod asked;
mod assets;
mod assistant;
mod audit;
mod checks;
mod choosing;
mod coverage;
mod days;
mod entrance;
mod field;
mod form;
mod form_page;
mod found;
mod frame;
mod installations;
mod leaving;
mod listing;
mod moment;
mod moves;
mod name_display;
mod named;
mod names;
mod overview;
mod people;
mod portals;
mod proof;
mod refilled;
mod refusals;
mod refused;
mod requests;
mod roles;
mod same_call;
mod search;
mod sessions;
mod settings;
mod setup;
mod suites;
mod sync;
mod telling;
mod things;
mod ticks;
mod trial;
mod typed;
mod upload;
mod values;
mod visit;
mod way_back;
mod wecom;
mod welcome;
mod zone;

use actix_web::{
    HttpRequest,
    http::Method,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

pub use api::Api;

use crate::web::failure::WebFailure;

/// Mounts the console. Needs `web::Data<Operators>`, `web::Data<OperatorWatch>`, `web::Data<Api>` and what signing in needs.
pub fn routes(config: &mut ServiceConfig) {
    assets::routes(config);
    // Before the scope, which asks for a sign-in.
    welcome::routes(config);
    let console = web::scope("/console")
        .configure(again::routes)
        .configure(overview::routes)
        .configure(people::routes)
        .configure(refusals::routes)
        .configure(sync::routes)
        .configure(audit::routes)
        .configure(settings::routes)
        .configure(requests::routes)
        .configure(leaving::routes)
        .configure(search::routes)
        .configure(sessions::routes)
        .configure(portals::routes)
        .configure(wecom::routes)
        .configure(suites::routes)
        .configure(installations::routes)
        .configure(moves::routes)
        .configure(name_display::routes)
        .configure(setup::routes)
        .configure(assistant::routes)
        .default_service(web::to(nothing_here))
        .wrap(from_fn(entrance::require_operator));
    config.service(console);
}

/// What no page answers. An address that takes forms alone, asked for as a page (by the link to the other language below an answer, or by hand),
/// leads to the page around it.
async fn nothing_here(visit: visit::Visit, request: HttpRequest) -> visit::Reply {
    let known = request.resource_map();
    let takes_forms = *request.method() == Method::GET && known.has_resource(request.path());
    if !takes_forms {
        return Err(visit.failed(&WebFailure::NotFound.failure()));
    }
    let above = std::iter::successors(Some(request.path()), |path| Some(path.rsplit_once('/')?.0));
    let around = above
        .skip(1)
        .find(|path| known.has_resource(path))
        .unwrap_or("/console");
    Ok(match request.query_string() {
        "" => form::see_other(around),
        query => form::see_other(&format!("{around}?{query}")),
    })
}
