//! The pages and redirects of signing in. Every page works without script.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web::{Data, Path, Query, ServiceConfig, get, post, resource},
};
use askama::Template;
use url::Url;
use uuid::Uuid;

use super::{
    arrive::{Answer, Callback, Words},
    depart::Way,
    journey::Journeys,
    store::{Door, Links},
};
use crate::{
    kernel::failure::{Failure, Result},
    web::{
        cookies::{Cookies, Name},
        headers,
        page::{self, Frame},
        texts::{Lang, text_with},
    },
    wecom::login_url::is_wecom_client,
};

/// Mounts the room.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/signin/{journey}").route(get().to(login_page)))
        .service(resource("/signin/{journey}/go/{door}").route(get().to(go)))
        .service(resource("/wecom/callback").route(get().to(callback)))
        .service(
            resource("/signin/confirm/{token}")
                .route(get().to(confirm_page))
                .route(post().to(confirm)),
        );
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    heading: String,
    journey: String,
    doors: Vec<Door>,
    in_app: bool,
    links: Links,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    heading: String,
    userid: String,
    token: String,
}

#[derive(Template)]
#[template(path = "moment.html")]
struct MomentPage {
    frame: Frame,
}

/// The doors the portal accepts. Inside the WeCom client a single door is taken at once: no page, no QR.
async fn login_page(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    journey: Path<String>,
) -> HttpResponse {
    let lang = page::language(&request);
    let answer = async {
        let wanted = journeys.load(&journey).await?;
        let lang = language_of(&request, wanted.ui_locales.as_deref());
        let portal = journeys.portal(&wanted).await?;
        let in_app = is_in_wecom(&request);
        if let ([door], true) = (portal.doors.as_slice(), in_app) {
            return leave(&request, &journeys, &cookies, (&journey, door.id)).await;
        }
        let page = LoginPage {
            frame: Frame::new(lang, "login-title"),
            heading: text_with(lang, "login-heading", &[("portal", &portal.name)]),
            journey: journey.clone(),
            doors: portal.doors,
            in_app,
            links: portal.links,
        };
        Ok(with_logo(page::html(StatusCode::OK, &page), page.links.logo.as_deref()))
    };
    answer
        .await
        .unwrap_or_else(|failure: Failure| page::failed(lang, &failure))
}

/// Lets the page show the portal's picture, and nothing else from elsewhere.
fn with_logo(mut response: HttpResponse, logo: Option<&str>) -> HttpResponse {
    let Some(logo) = logo.and_then(|logo| Url::parse(logo).ok()) else {
        return response;
    };
    let policy = headers::with_images_of(&logo.origin().ascii_serialization());
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(headers::POLICY), policy);
    }
    response
}

/// Through a door to WeCom.
async fn go(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    path: Path<(String, Uuid)>,
) -> HttpResponse {
    let (journey, door) = path.into_inner();
    let answer = leave(&request, &journeys, &cookies, (&journey, door)).await;
    answer.unwrap_or_else(|failure| page::failed(page::language(&request), &failure))
}

/// Binds the departure to this browser: the cookie it has, or one it gets now.
async fn leave(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    (journey, door): (&str, Uuid),
) -> Result<HttpResponse> {
    let way = if is_in_wecom(request) { Way::InApp } else { Way::Web };
    let known = cookies.read(request, Name::Journey).filter(|value| value.len() == 43);
    let cookie = known.unwrap_or_else(|| journeys.parts.entropy.token().expose().clone());
    let to = journeys
        .depart(journey, door, &cookie, (way, page::language(request)))
        .await?;
    Ok(HttpResponse::Found()
        .cookie(cookies.set(Name::Journey, &cookie, None))
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"))
        .finish())
}

/// WeCom sends the browser back.
async fn callback(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    query: Query<Callback>,
) -> HttpResponse {
    let (bound, previous) = (
        cookies.read(&request, Name::Journey),
        cookies.read(&request, Name::Session),
    );
    match journeys
        .arrive(query.into_inner(), bound.as_deref(), previous.as_deref())
        .await
    {
        Ok(answer) => reply(&request, &journeys, &cookies, answer),
        Err(failure) => page::failed(page::language(&request), &failure),
    }
}

async fn confirm_page(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let lang = page::language(&request);
    match journeys
        .asked(&token, cookies.read(&request, Name::Journey).as_deref())
        .await
    {
        Ok(asked) => {
            let page = ConfirmPage {
                frame: Frame::new(lang, "confirm-title"),
                heading: text_with(lang, "confirm-heading", &[("portal", &asked.portal)]),
                userid: asked.userid,
                token: token.into_inner(),
            };
            page::html(StatusCode::OK, &page)
        }
        Err(failure) => page::failed(lang, &failure),
    }
}

async fn confirm(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let (bound, previous) = (
        cookies.read(&request, Name::Journey),
        cookies.read(&request, Name::Session),
    );
    match journeys.confirm(&token, bound.as_deref(), previous.as_deref()).await {
        Ok(answer) => reply(&request, &journeys, &cookies, answer),
        Err(failure) => page::failed(page::language(&request), &failure),
    }
}

fn reply(request: &HttpRequest, journeys: &Journeys, cookies: &Cookies, answer: Answer) -> HttpResponse {
    let lang = page::language(request);
    match answer {
        Answer::SignedIn { cookie, to } => {
            let lifetime = journeys.parts.sessions.absolute_seconds();
            see_other(&to)
                .cookie(cookies.set(Name::Session, &cookie, Some(lifetime)))
                .finish()
        }
        Answer::Confirm { cookie, token } => see_other(&format!("/signin/confirm/{token}"))
            .cookie(cookies.set(Name::Journey, &cookie, None))
            .finish(),
        Answer::Refused(words) => refused(lang, &words),
        Answer::Moment => page::html(
            StatusCode::OK,
            &MomentPage {
                frame: Frame::new(lang, "moment-title"),
            },
        ),
    }
}

fn see_other(to: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"));
    response
}

fn refused(lang: Lang, words: &Words) -> HttpResponse {
    let page = page::FailurePage {
        frame: Frame::new(lang, "failure-title"),
        sentence: if lang == Lang::Zh { &words.zh } else { &words.en },
        number: &words.number,
        reference: &words.reference,
        detail: words.detail.as_deref(),
        again: words.again.as_deref(),
    };
    page::html(
        StatusCode::from_u16(words.status).unwrap_or(StatusCode::FORBIDDEN),
        &page,
    )
}

fn is_in_wecom(request: &HttpRequest) -> bool {
    let agent = request
        .headers()
        .get("user-agent")
        .and_then(|value| value.to_str().ok());
    agent.is_some_and(is_wecom_client)
}

/// The query of this request, else what the portal asked for, else the browser's languages.
fn language_of(request: &HttpRequest, asked: Option<&str>) -> Lang {
    if request.query_string().contains("ui_locales=") {
        return page::language(request);
    }
    let accept = request
        .headers()
        .get("accept-language")
        .and_then(|value| value.to_str().ok());
    Lang::negotiate(asked, accept)
}
