//! The page on which faults are switched.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form},
};
use askama::Template;
use serde::Deserialize;

use super::{
    faults::{FAULTS, Fault, Finding},
    page::{self, Language},
    portals::Portals,
};

#[derive(Template)]
#[template(path = "demo/faults.html")]
struct FaultsPage<'a> {
    language: Language,
    faults: Vec<Line>,
    findings: Vec<Finding>,
    problem: Option<String>,
    menjin: &'a str,
    /// Path segment of the portal at which somebody signs in.
    portal: &'static str,
}

struct Line {
    word: &'static str,
    name: &'static str,
    about: &'static str,
    on: bool,
    /// Whether whoever scans meanwhile is told of it.
    scanned: bool,
}

/// One switch.
#[derive(Deserialize)]
pub struct Switch {
    fault: String,
    on: bool,
}

/// `GET /faults`
pub async fn show(request: HttpRequest, portals: Data<Portals>) -> HttpResponse {
    shown(&request, &portals, None).await
}

/// `POST /faults`
pub async fn switch(request: HttpRequest, portals: Data<Portals>, form: Form<Switch>) -> HttpResponse {
    if !page::is_own_form(&request) {
        return HttpResponse::Forbidden().body("This form did not come from a page of the demo.");
    }
    let Some(fault) = FAULTS.iter().find(|fault| fault.word == form.fault) else {
        return HttpResponse::UnprocessableEntity().body("There is no such fault.");
    };
    match portals.faults.switch(fault.word, form.on).await {
        Ok(()) => {
            let lang = Language::of(&request).lang.tag();
            HttpResponse::SeeOther()
                .insert_header(("location", format!("/faults?ui_locales={lang}")))
                .finish()
        }
        Err(problem) => shown(&request, &portals, Some(problem)).await,
    }
}

async fn shown(request: &HttpRequest, portals: &Portals, problem: Option<String>) -> HttpResponse {
    let language = Language::of(request);
    let on = portals.faults.on();
    let line = |fault: &Fault| Line {
        word: fault.word,
        name: language.t(fault.zh.0, fault.en.0),
        about: language.t(fault.zh.1, fault.en.1),
        on: on.contains(fault.word),
        scanned: fault.scanned,
    };
    let html = FaultsPage {
        language,
        faults: FAULTS.iter().map(line).collect(),
        findings: portals.faults.findings().await,
        problem,
        menjin: &portals.links.menjin,
        portal: portals
            .portals
            .get()
            .and_then(|all| all.first())
            .map_or("a", |portal| portal.key),
    };
    page::html(StatusCode::OK, &html)
}
