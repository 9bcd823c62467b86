//! Handlers of a forgotten password: the page that asks who it is, and its one answer.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path, ServiceConfig, get, post, resource},
};
use askama::Template;
use serde::Deserialize;

use super::{browser::journey_cookie, failed::shown, reply::with_cookies};
use crate::{
    signin::journey::Journeys,
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
        input,
        page::{self, Frame},
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        resource("/signin/{journey}/forgotten")
            .route(get().to(ask))
            .route(post().to(asked))
            .default_service(input::method_not_allowed("GET, POST")),
    );
}

#[derive(Deserialize)]
struct ForgottenForm {
    form: String,
    who: String,
}

#[derive(Template)]
#[template(path = "forgotten.html")]
struct ForgottenPage {
    frame: Frame,
    journey: String,
    /// Token of the form; none once it was sent.
    form: Option<String>,
}

async fn ask(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    journey: Path<String>,
) -> HttpResponse {
    let answer = async {
        journeys.check_new_password(&journey).await?;
        let cookie = journey_cookie(&request, &journeys, &cookies);
        let page = ForgottenPage {
            frame: Frame::new(page::language(&request), "forgotten-title"),
            form: Some(journeys.form_token(&journey, &cookie)),
            journey: journey.to_string(),
        };
        let cookie = cookies.set(Name::Journey, &cookie, None);
        Ok(with_cookies(page::html(StatusCode::OK, &page), [cookie]))
    };
    shown(&request, answer.await).await
}

/// The answer to whatever was typed.
async fn asked(
    request: HttpRequest,
    (journeys, proxies): (Data<Journeys>, Data<Proxies>),
    cookies: Data<Cookies>,
    journey: Path<String>,
    form: Form<ForgottenForm>,
) -> HttpResponse {
    let lang = page::language(&request);
    let answer = async {
        let cookie = cookies.read(&request, Name::Journey);
        journeys.check_form(&journey, cookie.as_deref(), &form.form)?;
        let from = (proxies.client(&request), lang);
        journeys.forgot_password(&journey, &form.who, from).await?;
        let page = ForgottenPage {
            frame: Frame::new(lang, "forgotten-title"),
            journey: journey.to_string(),
            form: None,
        };
        Ok(page::html(StatusCode::OK, &page))
    };
    shown(&request, answer.await).await
}
