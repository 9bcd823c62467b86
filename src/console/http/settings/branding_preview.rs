//! Pages of employees as they would look with a branding that is typed: shown in frames beside its form, and made of nothing but the address.

use actix_web::web::Path;
use uuid::Uuid;

use crate::{
    console::http::visit::{Reply, Visit, with_query},
    signin::http::{failed, login},
    web::{
        accent_colour::{Colour, LEAST},
        brand::{self, Brand},
        context::Company,
        failure::WebFailure,
        headers,
    },
};

/// Most characters of a field that a preview shows: more cannot be saved.
const LONGEST: usize = 160;

/// Where a page is shown with these fields of the branding of a company, or of the installation.
pub(super) fn address(visit: &Visit, source: Option<Uuid>, fields: &[(&str, &str)], page: &str) -> String {
    let source = source.map(|source| source.to_string()).unwrap_or_default();
    let own = [("ui_locales", visit.lang.tag()), ("source", source.as_str())];
    let path = format!("/console/settings/branding/preview/{page}");
    // An empty parameter counts as absent.
    let all = own.into_iter().chain(fields.iter().copied());
    with_query(&path, all)
}

pub(super) async fn preview(visit: Visit, page: Path<String>) -> Reply {
    let sample = match page.as_str() {
        "login" => login::sample,
        "refusal" => failed::sample,
        _ => return Err(visit.failed(&WebFailure::NotFound.failure())),
    };
    let mut page = brand::wearing(typed(&visit), || sample(visit.lang));
    headers::allow_own_frame(page.headers_mut());
    Ok(page)
}

/// The brand that the address tells, with the logo that is worn now.
fn typed(visit: &Visit) -> Brand {
    let text = |name: &str| {
        visit
            .param(name)
            .map(|value| value.chars().take(LONGEST).collect::<String>())
    };
    let brands = brand::all();
    let source: Option<Uuid> = visit.param("source").and_then(|source| source.parse().ok());
    let worn = brands.of(&source.map_or(Company::None, Company::Source));
    let readable = |colour: &Colour| colour.contrast_with_paper() >= LEAST;
    let typed = Brand {
        name: text("name"),
        name_zh: text("name_zh"),
        accent: visit.param("accent").and_then(Colour::of).filter(readable),
        contact: text("contact"),
        contact_zh: text("contact_zh"),
        logo: worn.logo.clone(),
    };
    match source {
        Some(_) => typed.over(brands.installation()),
        None => typed,
    }
}
