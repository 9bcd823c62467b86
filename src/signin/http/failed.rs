//! The page of a failure on the way in: what happened, what helps against it, and where it goes on. All pages of a sign-in that cannot go
//! on by themselves are made here.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::Data,
};

use crate::{
    gate::failure::GateFailure,
    kernel::failure::{Failure, Result},
    signin::{
        answer::{About, RefusalPage},
        journey::Journeys,
        next_steps::{self, Situation},
        ways_on::Traces,
    },
    web::{
        context,
        cookies::{Cookies, Name},
        page::{self, FailurePage, Frame},
        texts::{Lang, text},
        way_on::WayOn,
    },
};

/// How long the page waits for what it tells besides the failure: where a store does not answer, it is shown without.
const GATHERED: Duration = Duration::from_millis(700);
/// Addresses that cannot be asked for again: what they were asked with is used up, or they are shown in a frame.
const NOT_AGAIN: &[&str] = &[
    "/wecom/callback",
    "/wecom/private-fields",
    "/signin/{journey}/panel/{auth_source}",
];

/// Number of the failure that names no portal.
const PORTAL_UNKNOWN: &str = "OP-101";

/// A form that stands at the address to which it is sent.
const DEVICE: &str = "/device";

/// The page for a failure, with whatever the request tells of the sign-in.
pub async fn failed(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    refused(request, RefusalPage::of(failure, About::default())).await
}

/// The reply, or the page for the failure.
pub(in crate::signin) async fn shown(request: &HttpRequest, answer: Result<HttpResponse>) -> HttpResponse {
    match answer {
        Ok(reply) => reply,
        Err(failure) => failed(request, &failure).await,
    }
}

/// The ways on from a page that is no failure: to the portal that it is about (at this address of its own, where one is given), to one's own
/// sign-ins, to the start page.
pub async fn ways_from_here(request: &HttpRequest, lang: Lang, portal_at: Option<String>) -> Vec<WayOn> {
    let mut situation = situation(request, &About::default()).await;
    if let (Some(portal), Some(address)) = (situation.portal.as_mut(), portal_at) {
        portal.address = Some(address);
    }
    next_steps::ways_on(lang, None, &situation)
}

/// The page for a failure that is known to be about this.
pub async fn failed_about(request: &HttpRequest, failure: &Failure, about: About) -> HttpResponse {
    refused(request, RefusalPage::of(failure, about)).await
}

/// The page for a refusal.
pub async fn refused(request: &HttpRequest, refusal: RefusalPage) -> HttpResponse {
    let situation = situation(request, &refusal.about).await;
    let lang = page::language_or(request, situation.ui_locales.as_deref());
    let advice = next_steps::advice_for(&refusal.number, refusal.status);
    let page = FailurePage {
        frame: Frame::new(lang, "failure-title"),
        sentence: if lang == Lang::Zh { &refusal.zh } else { &refusal.en },
        advice: next_steps::words(lang, advice, &situation),
        about: about(lang, &refusal, &situation),
        ways: next_steps::ways_on(lang, Some(advice), &situation),
        contact: next_steps::contact(advice, &situation),
        number: &refusal.number,
        reference: &refusal.reference,
    };
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::FORBIDDEN);
    let page = page::html(status, &page);
    match refusal.told {
        Some(told) => told.in_reply(page),
        None => page,
    }
}

/// Who was scanned, and for which portal. Where the portal is not known here, it is not the one that this browser went to before.
fn about(lang: Lang, refusal: &RefusalPage, situation: &Situation) -> Vec<(String, String)> {
    let portal = situation.portal.as_ref().filter(|_| refusal.number != PORTAL_UNKNOWN);
    let portal = portal.map(|portal| portal.name.clone());
    let lines = [("failure-who", refusal.about.who.clone()), ("failure-portal", portal)];
    let lines = lines
        .into_iter()
        .filter_map(|(key, value)| Some((text(lang, key), value?)));
    lines.collect()
}

async fn situation(request: &HttpRequest, about: &About) -> Situation {
    let (journeys, cookies) = (
        request.app_data::<Data<Journeys>>(),
        request.app_data::<Data<Cookies>>(),
    );
    let (Some(journeys), Some(cookies)) = (journeys, cookies) else {
        return Situation::default();
    };
    let (client_id, session) = (context::noted_portal(), cookies.read(request, Name::Session));
    let traces = Traces {
        journey: about.journey.as_deref().or_else(|| request.match_info().get("journey")),
        portal: about.portal,
        client_id: client_id.as_deref(),
        last_portal: last_portal(request, cookies),
        trial: about.trial,
        session: session.as_deref(),
    };
    let gathering = tokio::time::timeout(GATHERED, journeys.situation(traces));
    let mut situation = gathering.await.unwrap_or_default();
    situation.page = page_again(request);
    situation.apply.clone_from(&about.apply);
    situation
}

/// The username of whoever is signed in in this browser.
pub async fn signed_in_as(request: &HttpRequest) -> Option<String> {
    let journeys = request.app_data::<Data<Journeys>>()?;
    let session = request.app_data::<Data<Cookies>>()?.read(request, Name::Session);
    journeys.signed_in_as(session.as_deref()).await
}

/// Row id of the portal that this browser was on its way to last.
pub fn last_portal(request: &HttpRequest, cookies: &Cookies) -> Option<uuid::Uuid> {
    cookies.read(request, Name::Portal)?.parse().ok()
}

/// The page itself, where asking for it again does not repeat what was used up.
fn page_again(request: &HttpRequest) -> Option<String> {
    let known = request.match_pattern()?;
    if known == DEVICE {
        return Some(known);
    }
    if request.method() != Method::GET || NOT_AGAIN.contains(&known.as_str()) {
        return None;
    }
    let path = request.uri().path_and_query()?.as_str();
    (!path.starts_with("//")).then(|| path.to_owned())
}

/// The page of somebody who is refused, made up, for trying how it looks.
pub fn sample(lang: Lang) -> HttpResponse {
    let failure = GateFailure::NotImported.entry();
    let told = [("failure-who", "sample-person"), ("failure-portal", "sample-portal")];
    let advice = next_steps::advice_for(failure.number, failure.status);
    let page = FailurePage {
        frame: Frame::new(lang, "failure-title"),
        sentence: if lang == Lang::Zh { failure.zh } else { failure.en },
        advice: next_steps::words(lang, advice, &Situation::default()),
        about: told
            .map(|(label, value)| (text(lang, label), text(lang, value)))
            .to_vec(),
        ways: WayOn::always(lang),
        contact: None,
        number: failure.number,
        reference: "7KQ2-M4XD",
    };
    page::html(StatusCode::OK, &page)
}
