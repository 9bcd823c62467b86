//! The pages that a trial ends on: to whoever went through it, with the chain of checks; to whoever opens its address later, in words.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use uuid::Uuid;

use crate::{
    signin::{
        journey::Journeys,
        trial::{entering::TriedVisit, model::TrialStatus},
    },
    web::{
        cookies::{Cookies, Name},
        page::{self, Frame},
        texts::{Lang, isolated, text, text_with},
        way_on::WayOn,
    },
};

#[derive(Template)]
#[template(path = "trial.html")]
struct TrialPage {
    frame: Frame,
    sentence: String,
    /// Reference number of the failure that it ended with.
    number: Option<String>,
    /// Label and value: who was scanned, for which portal.
    about: Vec<(String, String)>,
    /// The checks that passed, in words.
    checks: Vec<String>,
    ways: Vec<WayOn>,
}

/// The gate would let them in.
pub(super) async fn tried(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    tried: &TriedVisit,
) -> HttpResponse {
    let lang = page::language(request);
    let portal = journeys.last_portal(Some(tried.portal)).await.map(|portal| portal.name);
    let about = [
        ("failure-who", Some(tried.who.clone())),
        ("failure-portal", portal.clone()),
    ];
    let checks = tried.checks.iter().map(|check| in_words(lang, check));
    let page = TrialPage {
        frame: Frame::new(lang, "trial-title"),
        sentence: would_be(lang, portal),
        number: None,
        about: about
            .into_iter()
            .filter_map(|(key, value)| Some((text(lang, key), value?)))
            .collect(),
        checks: checks.collect(),
        ways: ways(request, journeys, cookies, (lang, tried.trial)).await,
    };
    page::html(StatusCode::OK, &page)
}

/// It is over: what came of it, of people nothing.
pub(super) async fn over(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    status: &TrialStatus,
) -> HttpResponse {
    let lang = page::language(request);
    let portal = journeys.last_portal(Some(status.trial.client)).await;
    let portal = portal.map(|portal| portal.name);
    let failure = status.outcome.as_ref().and_then(|outcome| outcome.failure.as_ref());
    let sentence = match failure {
        None => would_be(lang, portal.clone()),
        Some(failure) => {
            let told = if lang == Lang::Zh { &failure.zh } else { &failure.en };
            text_with(lang, "trial-refused", &[("sentence", told)])
        }
    };
    let page = TrialPage {
        frame: Frame::new(lang, "trial-over-title"),
        sentence,
        number: failure.map(|failure| failure.number.clone()),
        about: portal
            .map(|portal| (text(lang, "failure-portal"), portal))
            .into_iter()
            .collect(),
        checks: Vec::new(),
        ways: ways(request, journeys, cookies, (lang, status.trial.id)).await,
    };
    page::html(StatusCode::OK, &page)
}

fn would_be(lang: Lang, portal: Option<String>) -> String {
    match portal {
        Some(portal) => text_with(lang, "trial-permitted", &[("portal", &isolated(&portal))]),
        None => text(lang, "trial-permitted-somewhere"),
    }
}

/// A check in words.
fn in_words(lang: Lang, check: &str) -> String {
    text(lang, &format!("console-check-{}", check.replace('_', "-")))
}

async fn ways(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    (lang, trial): (Lang, Uuid),
) -> Vec<WayOn> {
    let session = cookies.read(request, Name::Session);
    let console = journeys.way_to_console(Some(trial), session.as_deref()).await;
    let console = console.map(|page| WayOn::new(lang, "way-console", page));
    console.into_iter().chain([WayOn::start(lang)]).collect()
}
