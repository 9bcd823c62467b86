//! Handlers of passkeys on the way in: signing in by one, and setting up the first one instead of one-time codes. `begin` answers our script with the options
//! for `navigator.credentials`; what the browser makes of them comes back as an ordinary form.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Form, Path, ServiceConfig, get, post, resource},
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    browser::context,
    failed::shown,
    login::{Wrong, login_again, show_login},
    reply::{reply, see_other},
};
use crate::{
    kernel::failure::Result,
    signin::{
        journey::Journeys,
        passkey::{first::FirstPasskey, login::Answered},
    },
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
        input,
        page::{self, Frame},
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/signin/{journey}/passkey/begin")
                .route(post().to(begin))
                .default_service(input::method_not_allowed("POST")),
        )
        .service(
            resource("/signin/{journey}/passkey/finish")
                .route(get().to(login_again))
                .route(post().to(finish))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/signin/enrol/{token}/passkey/begin")
                .route(post().to(begin_first))
                .default_service(input::method_not_allowed("POST")),
        )
        .service(
            resource("/signin/enrol/{token}/passkey")
                .route(post().to(add_first))
                .default_service(input::method_not_allowed("POST")),
        );
}

#[derive(Deserialize)]
struct BeginForm {
    form: String,
}

#[derive(Deserialize)]
struct FinishForm {
    form: String,
    credential: String,
}

#[derive(Deserialize)]
struct FirstForm {
    name: String,
    credential: String,
}

/// The options for `navigator.credentials`, for our script.
pub(super) fn options(options: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .json(options)
}

/// What the installation calls itself, for the browser's own words.
pub(super) fn installation(request: &HttpRequest) -> String {
    Frame::new(page::language(request), "product").name()
}

async fn begin(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    journey: Path<String>,
    form: Form<BeginForm>,
) -> Result<HttpResponse> {
    let context = context(&request, &cookies, &proxies);
    journeys.check_form(&journey, context.journey.as_deref(), &form.form)?;
    Ok(options(&journeys.begin_passkey(&journey, &context).await?))
}

async fn finish(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    journey: Path<String>,
    form: Form<FinishForm>,
) -> HttpResponse {
    let answer = async {
        let context = context(&request, &cookies, &proxies);
        journeys.check_form(&journey, context.journey.as_deref(), &form.form)?;
        let reference = match journeys.finish_passkey(&journey, &form.credential, &context).await? {
            Answered::Done(answer) => return Ok(reply(&request, &journeys, &cookies, answer).await),
            Answered::Wrong(reference) => reference,
        };
        let wrong = Wrong::Passkey { reference };
        show_login(&request, (&journeys, &cookies), &journey, Some(wrong)).await
    };
    shown(&request, answer.await).await
}

async fn begin_first(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> Result<HttpResponse> {
    let cookie = cookies.read(&request, Name::Journey);
    let installation = installation(&request);
    let asked = journeys.begin_first_passkey(&token, cookie.as_deref(), &installation);
    Ok(options(&asked.await?))
}

async fn add_first(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    token: Path<String>,
    form: Form<FirstForm>,
) -> HttpResponse {
    let answer = async {
        let cookie = cookies.read(&request, Name::Journey);
        let made = (form.name.as_str(), form.credential.as_str());
        let address = proxies.client(&request);
        let added = journeys.add_first_passkey(&token, cookie.as_deref(), made, address);
        match added.await? {
            FirstPasskey::Refused(answer) => Ok(reply(&request, &journeys, &cookies, answer).await),
            FirstPasskey::Ready(journey) => {
                let lang = page::language(&request).tag();
                Ok(see_other(&format!("/signin/{journey}?passkey=ready&ui_locales={lang}")).finish())
            }
        }
    };
    shown(&request, answer.await).await
}
