//! The login page: the auth sources and the password form that a portal accepts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, HeaderValue},
    },
    web::{Data, Path},
};
use askama::Template;
use url::Url;

use crate::signin::{
    acr,
    journey::{Journeys, LoginRequest},
    store::{AuthSource, Links, Portal},
};

use crate::signin::http::browser::is_in_wecom;
use crate::signin::http::browser::journey_cookie;
use crate::signin::http::reply::see_other;
use crate::signin::http::wecom::redirect;
use crate::{
    gate::CONSOLE,
    kernel::failure::{Failure, Result},
    web::{
        cookies::{Cookies, Name},
        failure::WebFailure,
        headers,
        page::{self, Frame},
        texts::{isolated, text, text_with},
    },
};

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
    /// Username as typed before.
    username: String,
    /// Username or password was wrong.
    wrong: bool,
    /// Reference of that failure's record.
    reference: Option<String>,
    /// There are further login methods, which do not lead to the class that the portal prefers.
    others: bool,
    links: Links,
}

/// GET on the password form's address (a reload after a refused password): redirects back to the login page.
pub(in crate::signin) async fn login_again(request: HttpRequest) -> HttpResponse {
    let page = request.path().trim_end_matches("/password");
    see_other(&format!("{page}?ui_locales={}", page::language(&request).tag())).finish()
}

/// Shows the auth sources the portal accepts. Inside the WeCom client a single auth source is taken at once: no page, no QR code.
pub(in crate::signin) async fn login_page(
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
            return redirect(&request, &journeys, &cookies, (&journey, auth_source.id)).await;
        }
        show_login(&request, (&journeys, &cookies), &journey, None).await
    };
    answer
        .await
        .unwrap_or_else(|failure: Failure| page::failed(lang, &failure))
}

/// The login methods that this page shows.
struct Offer {
    auth_sources: Vec<AuthSource>,
    password: bool,
    others: bool,
}

/// Selects only methods that can lead to the requested classes; where these are merely preferred the others are one link away.
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

/// Renders the login page; when username or password was wrong, with the username typed before and the reference of the record.
pub(in crate::signin) async fn show_login(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    journey: &str,
    failed: Option<(&str, Option<String>)>,
) -> Result<HttpResponse> {
    let login_request = journeys.load(journey).await?;
    let lang = page::language_or(request, login_request.ui_locales.as_deref());
    let portal = journeys.portal(&login_request).await?;
    let Offer {
        auth_sources,
        password,
        others,
    } = offer(request, &login_request, &portal);
    let cookie = journey_cookie(request, journeys, cookies);
    let wrong = failed.is_some();
    let (username, reference) = failed.unwrap_or_default();
    let page = LoginPage {
        frame: Frame::new(lang, "login-title"),
        heading: match login_request.portal {
            CONSOLE => text(lang, "login-console"),
            _ => text_with(lang, "login-heading", &[("portal", &isolated(&portal.name))]),
        },
        journey: journey.to_owned(),
        auth_sources,
        in_app: is_in_wecom(request),
        form: password.then(|| journeys.form_token(journey, &cookie)),
        username: username.to_owned(),
        wrong,
        reference,
        others,
        links: portal.links,
    };
    let status = if wrong { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let mut response = with_logo(page::html(status, &page), page.links.logo.as_deref());
    if password {
        let set = response.add_cookie(&cookies.set(Name::Journey, &cookie, None));
        set.map_err(|error| WebFailure::Malformed.failure().cause(error))?;
    }
    Ok(response)
}

/// Allows the portal's logo in the content security policy, and nothing else from elsewhere.
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
