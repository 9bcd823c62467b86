//! The login page: the auth sources, and the forms for passwords and passkeys, that a portal accepts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, HeaderValue},
    },
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

use crate::signin::{
    acr,
    journey::{Journeys, LoginRequest},
    store::{AuthSource, Links, Portal},
};

use crate::signin::http::browser::is_in_wecom;
use crate::signin::http::browser::journey_cookie;
use crate::signin::http::failed::shown;
use crate::signin::http::panel_scripts;
use crate::signin::http::reply::{portal_cookie, see_other, with_cookies};
use crate::signin::http::wecom::redirect;
use crate::{
    gate::CONSOLE,
    kernel::failure::Result,
    web::{
        context::{self, Company},
        cookies::{Cookies, Name},
        headers,
        page::{self, Frame},
        texts::{Lang, isolated, text, text_with},
    },
    wecom::login_url,
};

/// Which auth source was picked on the page.
#[derive(Deserialize)]
struct Picked {
    source: Option<Uuid>,
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
    /// A link to a new password can be mailed.
    forgotten: bool,
    /// The auth source that is chosen, whose panel is shown; the rest are in `auth_sources`.
    chosen: Option<Chosen>,
    /// Where the browser goes on that is signed in by now.
    onward: Option<String>,
    /// Where the portal is.
    going: Option<String>,
    /// That it is a trial.
    trial: Option<String>,
    /// Token of the form for passkeys, where they are accepted and somebody has one.
    passkey: Option<String>,
    /// A passkey was set up just now.
    ready: bool,
    /// What was wrong.
    wrong: Option<Wrong>,
    /// There are further login methods, which do not lead to the class that the portal prefers.
    others: bool,
    /// Addresses of the scripts of WeCom's panel, or of ours alone where none is shown yet.
    scripts: Vec<String>,
    /// Address of our copy of the portal's logo.
    logo: Option<String>,
    links: Links,
}

/// The chosen auth source, and the frame with WeCom's panel.
struct Chosen {
    auth_source: AuthSource,
    /// Origin of WeCom's login page.
    origin: String,
    /// Title of the frame.
    title: String,
}

/// What was wrong, each with the reference of its record.
pub(in crate::signin) enum Wrong {
    /// Username or password.
    Password {
        username: String,
        reference: Option<String>,
    },
    /// The passkey.
    Passkey { reference: Option<String> },
}

impl LoginPage {
    /// Username as typed before.
    fn username(&self) -> &str {
        match &self.wrong {
            Some(Wrong::Password { username, .. }) => username,
            _ => "",
        }
    }

    /// Username or password was wrong: the reference, which may be empty.
    fn wrong_password(&self) -> Option<&str> {
        match &self.wrong {
            Some(Wrong::Password { reference, .. }) => Some(reference.as_deref().unwrap_or_default()),
            _ => None,
        }
    }

    /// The passkey was not accepted: the same.
    fn wrong_passkey(&self) -> Option<&str> {
        match &self.wrong {
            Some(Wrong::Passkey { reference }) => Some(reference.as_deref().unwrap_or_default()),
            _ => None,
        }
    }
}

/// GET on the address of a form for passwords or passkeys (a reload after it was refused): redirects back to the login page.
pub(in crate::signin) async fn login_again(request: HttpRequest) -> HttpResponse {
    let page = request.path();
    let page = page.trim_end_matches("/password").trim_end_matches("/passkey/finish");
    see_other(&format!("{page}?ui_locales={}", page::language(&request).tag())).finish()
}

/// Shows the auth sources the portal accepts. Inside the WeCom client a single auth source is taken at once: no page, no QR code.
pub(in crate::signin) async fn login_page(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    journey: Path<String>,
) -> HttpResponse {
    let answer = async {
        let login_request = journeys.load(&journey).await?;
        let portal = journeys.portal(&login_request).await?;
        let offered = offer(&request, &login_request, (&portal, false));
        let (Offer { auth_sources, .. }, in_app) = (offered, is_in_wecom(&request));
        if let ([auth_source], true) = (auth_sources.as_slice(), in_app) {
            return redirect(&request, &journeys, &cookies, (&journey, auth_source.id)).await;
        }
        let begun = (journey.as_str(), login_request, portal);
        rendered(&request, (&journeys, &cookies), begun, None).await
    };
    shown(&request, answer.await).await
}

/// The login methods that this page shows.
struct Offer {
    auth_sources: Vec<AuthSource>,
    password: bool,
    passkey: bool,
    others: bool,
}

/// Selects only methods that can lead to the requested classes; where these are merely preferred the others are one link away.
fn offer(request: &HttpRequest, login_request: &LoginRequest, (portal, passkeys): (&Portal, bool)) -> Offer {
    let all = !login_request.acr_essential && request.query_string().contains("others=1");
    let leads = |by: fn(&[String]) -> bool| all || by(&login_request.acr);
    let mut auth_sources = match leads(acr::by_wecom) {
        true => portal.auth_sources.clone(),
        false => Vec::new(),
    };
    let mut password = leads(acr::by_password) && portal.password;
    let mut passkey = leads(acr::by_passkey) && passkeys;
    if auth_sources.is_empty() && !password && !passkey {
        (auth_sources, password, passkey) = (portal.auth_sources.clone(), portal.password, passkeys);
    }
    let as_many = auth_sources.len() == portal.auth_sources.len();
    let shown_all = as_many && password == portal.password && passkey == passkeys;
    Offer {
        auth_sources,
        password,
        passkey,
        others: !shown_all && !login_request.acr_essential,
    }
}

/// Renders the login page, with what was wrong.
pub(in crate::signin) async fn show_login(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    journey: &str,
    wrong: Option<Wrong>,
) -> Result<HttpResponse> {
    let login_request = journeys.load(journey).await?;
    let portal = journeys.portal(&login_request).await?;
    rendered(request, (journeys, cookies), (journey, login_request, portal), wrong).await
}

async fn rendered(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    (journey, login_request, portal): (&str, LoginRequest, Portal),
    wrong: Option<Wrong>,
) -> Result<HttpResponse> {
    let lang = page::language_or(request, login_request.ui_locales.as_deref());
    let passkeys = journeys.offers_passkeys(&portal).await?;
    let Offer {
        auth_sources,
        password,
        passkey,
        others,
    } = offer(request, &login_request, (&portal, passkeys));
    let (chosen, auth_sources) = choose(request, (journeys, cookies), auth_sources, lang);
    context::company(|| company(login_request.portal, chosen.as_ref(), &portal.auth_sources));
    let scripts = panel_scripts::addresses(journeys, chosen.is_some(), !auth_sources.is_empty());
    let cookie = journey_cookie(request, journeys, cookies);
    let form = journeys.form_token(journey, &cookie);
    let status = if wrong.is_some() {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::OK
    };
    let forgotten = password && journeys.offers_new_password(&login_request, &portal).await?;
    let logo = journeys.portal_logo(login_request.portal, portal.links.logo.as_deref());
    let logo = logo.await;
    let (going, trial) = (portal.links.host.as_ref(), login_request.trial.is_some());
    let page = LoginPage {
        frame: Frame::new(lang, "login-title"),
        heading: match login_request.portal {
            CONSOLE => text(lang, "login-console"),
            _ => text_with(lang, "login-heading", &[("portal", &isolated(&portal.name))]),
        },
        journey: journey.to_owned(),
        auth_sources,
        in_app: is_in_wecom(request),
        form: password.then(|| form.clone()),
        forgotten,
        passkey: passkey.then_some(form),
        ready: request.query_string().contains("passkey=ready"),
        chosen,
        onward: onward(request, (journeys, cookies), &login_request).await,
        going: going.map(|host| text_with(lang, "login-going", &[("host", host)])),
        trial: trial.then(|| text_with(lang, "trial-banner", &[("portal", &isolated(&portal.name))])),
        wrong,
        others,
        scripts,
        logo,
        links: portal.links,
    };
    let response = with_policy(page::html(status, &page), &page);
    // The frame and the form both go by the cookie, and would each have one of their own.
    let journey_cookie = cookies.set(Name::Journey, &cookie, None);
    let remembered = (!trial).then(|| portal_cookie(cookies, login_request.portal));
    Ok(with_cookies(response, [journey_cookie].into_iter().chain(remembered)))
}

/// The auth source whose panel is shown: the only one, the one that was picked on this page, or the one that this browser left for last; and
/// those that remain. Inside WeCom's client there is no panel: nobody scans their own screen.
fn choose(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    mut auth_sources: Vec<AuthSource>,
    lang: Lang,
) -> (Option<Chosen>, Vec<AuthSource>) {
    let picked = Query::<Picked>::from_query(request.query_string()).ok();
    let last = || cookies.read(request, Name::AuthSource)?.parse().ok();
    let wanted = picked.and_then(|picked| picked.into_inner().source).or_else(last);
    let place = auth_sources.iter().position(|source| Some(source.id) == wanted);
    let place = place.or((auth_sources.len() == 1).then_some(0));
    let (Some(place), false) = (place, is_in_wecom(request)) else {
        return (None, auth_sources);
    };
    let auth_source = auth_sources.remove(place);
    let chosen = Chosen {
        title: text_with(lang, "login-panel", &[("company", &auth_source.name)]),
        origin: login_url::web_login_origin(&journeys.deps.endpoints),
        auth_source,
    };
    (Some(chosen), auth_sources)
}

/// The company whose brand the page bears: that of the chosen auth source, or the only one whose people the portal lets in. The way to the console
/// is the installation's.
fn company(portal: Uuid, chosen: Option<&Chosen>, accepted: &[AuthSource]) -> Company {
    let mut corps = accepted.iter().map(|source| &source.corp_key);
    let first = corps.next().filter(|first| corps.all(|corp| corp == *first));
    let corp = chosen.map(|chosen| &chosen.auth_source.corp_key).or(first);
    match corp {
        Some(corp) if portal != CONSOLE => Company::Corp(corp.clone()),
        _ => Company::None,
    }
}

/// Where somebody goes on who has signed in since the journey began, and came back by the browser's button.
async fn onward(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    login_request: &LoginRequest,
) -> Option<String> {
    if login_request.trial.is_some() {
        return None;
    }
    let cookie = cookies.read(request, Name::Session)?;
    let session = journeys.deps.sessions.find(&cookie).await.ok()??;
    (session.auth_time > login_request.begun_at?).then(|| login_request.return_to.clone())
}

/// Allows what this page shows from elsewhere: WeCom's panel.
fn with_policy(mut response: HttpResponse, page: &LoginPage) -> HttpResponse {
    let panel = page.chosen.as_ref().map(|chosen| chosen.origin.as_str());
    let policy = headers::of_login_page(!page.scripts.is_empty(), panel, page.passkey.is_some());
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The login page of a portal and an auth source that are made up, for trying how it looks.
pub fn sample(lang: Lang) -> HttpResponse {
    let portal = text(lang, "sample-portal");
    let auth_source = AuthSource {
        id: Uuid::nil(),
        name: text(lang, "sample-auth-source"),
        corp_id: String::new(),
        corp_key: String::new(),
        agent_id: 0,
        suite_id: None,
    };
    let page = LoginPage {
        frame: Frame::new(lang, "login-title"),
        heading: text_with(lang, "login-heading", &[("portal", &isolated(&portal))]),
        journey: String::new(),
        auth_sources: vec![auth_source],
        in_app: false,
        form: None,
        forgotten: false,
        chosen: None,
        onward: None,
        going: Some(text_with(lang, "login-going", &[("host", "wiki.example.com")])),
        trial: None,
        passkey: None,
        ready: false,
        wrong: None,
        others: false,
        scripts: Vec::new(),
        logo: None,
        links: Links::default(),
    };
    page::html(StatusCode::OK, &page)
}
