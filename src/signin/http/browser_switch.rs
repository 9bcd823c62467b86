//! Handlers of the confirmation page after a browser switch (`/signin/confirm/{token}`).

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;

use crate::signin::journey::Journeys;

use crate::signin::http::browser::context;
use crate::signin::http::failed::failed;
use crate::signin::http::reply::{portal_cookie, reply, with_cookies};
use crate::web::{
    client_address::Proxies,
    cookies::{Cookies, Name},
    page::{self, Frame},
    texts::{isolated, text_with},
};

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    heading: String,
    userid: String,
    token: String,
    journey: String,
}

pub(in crate::signin) async fn confirm_page(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let lang = page::language(&request);
    match journeys
        .confirmation_details(&token, cookies.read(&request, Name::Journey).as_deref())
        .await
    {
        Ok(confirmation_details) => {
            let portal = Some(confirmation_details.portal_id).filter(|_| !confirmation_details.trial);
            let page = ConfirmPage {
                frame: Frame::new(lang, "confirm-title"),
                heading: text_with(
                    lang,
                    "confirm-heading",
                    &[("portal", &isolated(&confirmation_details.portal))],
                ),
                userid: confirmation_details.userid,
                journey: confirmation_details.journey,
                token: token.into_inner(),
            };
            let remembered = portal.map(|portal| portal_cookie(&cookies, portal));
            with_cookies(page::html(StatusCode::OK, &page), remembered)
        }
        Err(failure) => failed(&request, &failure).await,
    }
}

pub(in crate::signin) async fn confirm(
    request: HttpRequest,
    journeys: Data<Journeys>,
    (cookies, proxies): (Data<Cookies>, Data<Proxies>),
    token: Path<String>,
) -> HttpResponse {
    let context = context(&request, &cookies, &proxies);
    let confirmed = journeys.confirm(&token, context.journey.as_deref(), context.visitor());
    match confirmed.await {
        Ok(answer) => reply(&request, &journeys, &cookies, answer).await,
        Err(failure) => failed(&request, &failure).await,
    }
}
