//! Handlers of the person's own page (`/access-request/{journey}`): apply, look where it stands, withdraw. Whoever it is, the proof of the scan
//! says; nothing that is sent does.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path},
};
use askama::Template;
use serde::Deserialize;

use super::reply::{Wrong, again, at, see_other};
use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::failure::{Failure, Result},
    requests::{
        applying::OwnStanding,
        failure::RequestFailure,
        model::{AccessRequest, LONGEST_REASON},
        service::Requests,
        state::State,
    },
    signin::{Journeys, answer::About, http::failed::failed_about, refused_identity::PLACE},
    web::{
        cookies::{Cookies, Name},
        page::{self, Frame},
        texts::Lang,
    },
};

#[derive(Deserialize)]
pub(super) struct ApplyForm {
    confirm: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct WithdrawForm {
    confirm: String,
}

#[derive(Template)]
#[template(path = "access_request.html")]
struct OwnPage {
    frame: Frame,
    journey: String,
    confirm: String,
    standing: OwnStanding,
    /// What became of an earlier request, in words.
    before: Option<String>,
    /// Why it was refused, where the person is told.
    why: Option<String>,
    /// Since when, and until when, a request waits.
    waits: Option<(String, String)>,
    reason: String,
    longest: usize,
    wrong: Option<Wrong>,
}

impl OwnPage {
    fn new(lang: Lang, (journey, confirm): (&str, String), standing: OwnStanding) -> Self {
        let over = standing.last.as_ref().filter(|last| last.state != State::Open);
        let waiting = standing.open();
        let waits = waiting.map(|open| {
            (
                at(lang, "access-request-since", open.created_at),
                at(lang, "access-request-until", open.expires_at),
            )
        });
        Self {
            frame: Frame::new(lang, "access-request-title"),
            journey: journey.to_owned(),
            before: over.map(|last| became(lang, last)),
            why: over.and_then(AccessRequest::told_reason).map(str::to_owned),
            reason: waiting.map(|open| open.reason.clone()).unwrap_or_default(),
            waits,
            confirm,
            standing,
            longest: LONGEST_REASON,
            wrong: None,
        }
    }
}

/// What became of a request that is over.
fn became(lang: Lang, request: &AccessRequest) -> String {
    let key = match request.state {
        State::Approved => "access-request-approved",
        State::Overtaken => "access-request-overtaken",
        State::Refused => "access-request-refused",
        State::Expired => "access-request-expired",
        State::Closed => "access-request-closed",
        State::Withdrawn | State::Open => "access-request-withdrawn",
    };
    at(lang, key, request.decided_at.unwrap_or(request.created_at))
}

/// The confirmation token (CSRF) of the forms of a journey in one browser.
fn confirmation(journey: &str, cookie: &str) -> String {
    sha256_base64url(format!("confirm own access request:{journey}\n{cookie}").as_bytes())
}

/// What of a browser and its address matters.
struct Browser {
    journey: String,
    cookie: Option<String>,
}

impl Browser {
    fn of(request: &HttpRequest, cookies: &Cookies, journey: Path<String>) -> Self {
        Self {
            cookie: cookies.read(request, Name::Journey),
            journey: journey.into_inner(),
        }
    }

    fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    fn confirmation(&self) -> String {
        confirmation(&self.journey, self.cookie().unwrap_or_default())
    }

    fn confirmed(&self, sent: &str) -> Result<()> {
        match equal(self.confirmation().as_bytes(), sent.as_bytes()) {
            true => Ok(()),
            false => Err(RequestFailure::Unconfirmed.into()),
        }
    }

    fn path(&self, lang: Lang) -> String {
        format!("{PLACE}{}?ui_locales={}", self.journey, lang.tag())
    }

    async fn page(&self, lang: Lang, requests: &Requests) -> Result<OwnPage> {
        let standing = requests.own_standing(&self.journey, self.cookie()).await?;
        Ok(OwnPage::new(lang, (&self.journey, self.confirmation()), standing))
    }

    async fn failed(&self, request: &HttpRequest, failure: &Failure) -> HttpResponse {
        let about = About {
            journey: Some(self.journey.clone()),
            ..About::default()
        };
        failed_about(request, failure, about).await
    }
}

pub(super) async fn show(
    request: HttpRequest,
    requests: Data<Requests>,
    cookies: Data<Cookies>,
    journey: Path<String>,
) -> HttpResponse {
    let (browser, lang) = (Browser::of(&request, &cookies, journey), page::language(&request));
    match browser.page(lang, &requests).await {
        Ok(page) => page::html(StatusCode::OK, &page),
        Err(failure) => browser.failed(&request, &failure).await,
    }
}

pub(super) async fn apply(
    request: HttpRequest,
    requests: Data<Requests>,
    cookies: Data<Cookies>,
    journey: Path<String>,
    form: Form<ApplyForm>,
) -> HttpResponse {
    let (browser, lang) = (Browser::of(&request, &cookies, journey), page::language(&request));
    let applied = match browser.confirmed(&form.confirm) {
        Ok(()) => {
            requests
                .apply(&browser.journey, browser.cookie(), (&form.reason, lang))
                .await
        }
        Err(failure) => Err(failure),
    };
    let Err(failure) = applied else {
        return see_other(&browser.path(lang));
    };
    if failure.entry == RequestFailure::Overtaken.entry() {
        // The page says so, and leads on.
        return see_other(&browser.path(lang));
    }
    match browser.page(lang, &requests).await {
        Ok(mut page) => {
            page.reason.clone_from(&form.reason);
            page.wrong = Some(Wrong::of(lang, &failure));
            again(&failure, page.wrong.as_ref(), &page)
        }
        // Without the proof there is no form to come back to.
        Err(_) => browser.failed(&request, &failure).await,
    }
}

pub(super) async fn withdraw(
    request: HttpRequest,
    requests: Data<Requests>,
    cookies: Data<Cookies>,
    journey: Path<String>,
    form: Form<WithdrawForm>,
) -> HttpResponse {
    let (browser, lang) = (Browser::of(&request, &cookies, journey), page::language(&request));
    let withdrawn = match browser.confirmed(&form.confirm) {
        Ok(()) => requests.withdraw(&browser.journey, browser.cookie()).await,
        Err(failure) => Err(failure),
    };
    match withdrawn {
        Ok(()) => see_other(&browser.path(lang)),
        Err(failure) => browser.failed(&request, &failure).await,
    }
}

/// Leads whoever was let in to the portal that the approval opened to them, the one they had asked for before others: where a person enters it, as it was
/// registered. Anything else leads to the start page, and to no portal.
pub(super) async fn enter(requests: Data<Requests>, journeys: Data<Journeys>, request: Path<String>) -> HttpResponse {
    let portal = match request.parse() {
        Ok(id) => requests.opened_portal(id).await.unwrap_or_default(),
        Err(_) => None,
    };
    let portal = journeys.last_portal(portal).await;
    let address = portal.and_then(|portal| portal.address);
    see_other(address.as_deref().unwrap_or("/"))
}
