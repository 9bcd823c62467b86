//! The pages and redirects of signing in. Every page works without script.

mod one_time_links;
mod password;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, HeaderValue},
    },
    web::{Data, Path, Query, ServiceConfig, get, post, resource},
};
use askama::Template;
use url::Url;
use uuid::Uuid;

use super::{
    acr,
    answer::{Answer, RefusalPage},
    journey::{Journeys, LoginRequest},
    password::trusted_browser::LIFETIME as TRUSTED_BROWSER_LIFETIME,
    store::{AuthSource, Links, Portal},
    wecom_callback::Callback,
    wecom_redirect::Way,
};
use crate::{
    kernel::failure::{Failure, Result},
    web::{
        cookies::{Cookies, Name},
        failure::WebFailure,
        headers, input,
        page::{self, Frame},
        texts::{Lang, text_with},
    },
    wecom::login_url::is_wecom_client,
};

/// Mounts the room.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/signin/{journey}")
                .route(get().to(login_page))
                .default_service(input::only("GET")),
        )
        .service(
            resource("/signin/{journey}/go/{auth_source}")
                .route(get().to(go))
                .default_service(input::only("GET")),
        )
        .service(
            resource("/signin/{journey}/password")
                .route(get().to(login_again))
                .route(post().to(password::enter))
                .default_service(input::only("GET, POST")),
        )
        .service(
            resource("/wecom/callback")
                .route(get().to(callback))
                .default_service(input::only("GET")),
        )
        .service(
            resource("/signin/confirm/{token}")
                .route(get().to(confirm_page))
                .route(post().to(confirm))
                .default_service(input::only("GET, POST")),
        )
        .configure(password::routes)
        .configure(one_time_links::routes);
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    heading: String,
    journey: String,
    auth_sources: Vec<AuthSource>,
    in_app: bool,
    /// Token of the form for passwords, where they are accepted.
    form: Option<String>,
    /// What was typed before.
    username: String,
    /// Username or password was wrong.
    wrong: bool,
    /// There are ways besides, which do not lead to the class that the portal prefers.
    others: bool,
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

/// Whoever opens the address again at which the password was refused: back to the form.
async fn login_again(request: HttpRequest) -> HttpResponse {
    let page = request.path().trim_end_matches("/password");
    see_other(&format!("{page}?ui_locales={}", page::language(&request).tag())).finish()
}

/// The auth sources the portal accepts. Inside the WeCom client a single auth source is taken at once: no page, no QR.
async fn login_page(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    journey: Path<String>,
) -> HttpResponse {
    let lang = page::language(&request);
    let answer = async {
        let login_request = journeys.load(&journey).await?;
        let portal = journeys.portal(&login_request).await?;
        let (Offer { auth_sources, .. }, in_app) = (offer(&request, &login_request, &portal), is_in_wecom(&request));
        if let ([auth_source], true) = (auth_sources.as_slice(), in_app) {
            return leave(&request, &journeys, &cookies, (&journey, auth_source.id)).await;
        }
        show_login(&request, (&journeys, &cookies), &journey, None).await
    };
    answer
        .await
        .unwrap_or_else(|failure: Failure| page::failed(lang, &failure))
}

/// The ways in that this page shows.
struct Offer {
    auth_sources: Vec<AuthSource>,
    password: bool,
    others: bool,
}

/// Only ways that can lead to the classes asked for; where these are merely preferred the others are one link away.
fn offer(request: &HttpRequest, login_request: &LoginRequest, portal: &Portal) -> Offer {
    let all = !login_request.acr_essential && request.query_string().contains("others=1");
    let (by_wecom, by_password) = match all {
        true => (true, true),
        false => (acr::by_wecom(&login_request.acr), acr::by_password(&login_request.acr)),
    };
    let mut auth_sources = if by_wecom {
        portal.auth_sources.clone()
    } else {
        Vec::new()
    };
    let mut password = by_password && portal.password;
    if auth_sources.is_empty() && !password {
        (auth_sources, password) = (portal.auth_sources.clone(), portal.password);
    }
    let shown_all = auth_sources.len() == portal.auth_sources.len() && password == portal.password;
    Offer {
        auth_sources,
        password,
        others: !shown_all && !login_request.acr_essential,
    }
}

/// The login page; with the username typed before when that was wrong.
async fn show_login(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    journey: &str,
    failed: Option<&str>,
) -> Result<HttpResponse> {
    let login_request = journeys.load(journey).await?;
    let lang = language_of(request, login_request.ui_locales.as_deref());
    let portal = journeys.portal(&login_request).await?;
    let Offer {
        auth_sources,
        password,
        others,
    } = offer(request, &login_request, &portal);
    let cookie = journey_cookie(request, journeys, cookies);
    let page = LoginPage {
        frame: Frame::new(lang, "login-title"),
        heading: text_with(lang, "login-heading", &[("portal", &portal.name)]),
        journey: journey.to_owned(),
        auth_sources,
        in_app: is_in_wecom(request),
        form: password.then(|| journeys.form_token(journey, &cookie)),
        username: failed.unwrap_or_default().to_owned(),
        wrong: failed.is_some(),
        others,
        links: portal.links,
    };
    let status = match failed {
        Some(_) => StatusCode::FORBIDDEN,
        None => StatusCode::OK,
    };
    let mut response = with_logo(page::html(status, &page), page.links.logo.as_deref());
    if password {
        let set = response.add_cookie(&cookies.set(Name::Journey, &cookie, None));
        set.map_err(|error| WebFailure::Malformed.failure().cause(error))?;
    }
    Ok(response)
}

/// The cookie this browser has, or one it gets now.
fn journey_cookie(request: &HttpRequest, journeys: &Journeys, cookies: &Cookies) -> String {
    let trusted_browser = cookies.read(request, Name::Journey).filter(|value| value.len() == 43);
    trusted_browser.unwrap_or_else(|| journeys.parts.entropy.token().expose().clone())
}

/// Lets the page show the portal's picture, and nothing else from elsewhere.
fn with_logo(mut response: HttpResponse, logo: Option<&str>) -> HttpResponse {
    let Some(logo) = logo.and_then(|logo| Url::parse(logo).ok()) else {
        return response;
    };
    let policy = headers::with_images_of(&logo.origin().ascii_serialization());
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Through a auth source to WeCom.
async fn go(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    path: Path<(String, Uuid)>,
) -> HttpResponse {
    let (journey, auth_source) = path.into_inner();
    let answer = leave(&request, &journeys, &cookies, (&journey, auth_source)).await;
    answer.unwrap_or_else(|failure| page::failed(page::language(&request), &failure))
}

/// Binds the departure to this browser: the cookie it has, or one it gets now.
async fn leave(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    (journey, auth_source): (&str, Uuid),
) -> Result<HttpResponse> {
    let way = if is_in_wecom(request) { Way::InApp } else { Way::Web };
    let cookie = journey_cookie(request, journeys, cookies);
    let to = journeys
        .redirect_to_wecom(journey, auth_source, &cookie, (way, page::language(request)))
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
        .handle_callback(query.into_inner(), bound.as_deref(), previous.as_deref())
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
        Answer::SignedIn {
            cookie,
            trusted_browser,
            to,
        } => {
            let mut response = see_other(&to);
            for cookie in kept(journeys, cookies, &cookie, trusted_browser.as_deref()) {
                response.cookie(cookie);
            }
            response.finish()
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

/// What a browser keeps of a sign-in.
fn kept(journeys: &Journeys, cookies: &Cookies, session: &str, trusted_browser: Option<&str>) -> Vec<Cookie<'static>> {
    let lifetime = journeys.parts.sessions.absolute_seconds();
    let session = cookies.set(Name::Session, session, Some(lifetime));
    let known_for = i64::try_from(TRUSTED_BROWSER_LIFETIME.as_secs()).unwrap_or(i64::MAX);
    let trusted_browser =
        trusted_browser.map(|trusted_browser| cookies.set(Name::TrustedBrowser, trusted_browser, Some(known_for)));
    std::iter::once(session).chain(trusted_browser).collect()
}

fn see_other(to: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"));
    response
}

fn refused(lang: Lang, words: &RefusalPage) -> HttpResponse {
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
