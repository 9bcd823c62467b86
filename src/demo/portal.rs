//! The demo portals: two small web applications (relying parties) whose people sign in through Menjin.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Mutex, PoisonError},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    cookie::{Cookie, SameSite},
    dev::Server,
    http::StatusCode,
    web::{Data, Path, Query, get, resource},
};
use askama::Template;
use serde::Deserialize;

use super::relying_party::{Pending, RelyingParty, SignedIn};
use crate::{kernel::entropy::Entropy, web::page};

/// One demo portal.
pub struct Portal {
    /// Path segment: `a` or `b`.
    pub key: &'static str,
    /// Name on the page.
    pub name: &'static str,
    /// Its OpenID client.
    pub party: RelyingParty,
}

/// State shared by both portals: the browser sessions.
pub struct Portals {
    portals: Vec<Portal>,
    entropy: Entropy,
    browsers: Mutex<HashMap<String, Browser>>,
}

#[derive(Default)]
struct Browser {
    pending: Option<Pending>,
    signed_in: Option<SignedIn>,
}

#[derive(Template)]
#[template(path = "demo/portal.html")]
struct PortalPage<'a> {
    key: &'a str,
    name: &'a str,
    others: Vec<(&'a str, &'a str)>,
    claims: Option<String>,
    problem: Option<String>,
}

#[derive(Deserialize)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Starts the portals' server on this listener.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(listener: TcpListener, portals: Vec<Portal>) -> std::io::Result<Server> {
    let shared = Data::new(Portals {
        portals,
        entropy: Entropy::system(),
        browsers: Mutex::default(),
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .service(actix_web::web::redirect("/", "/a/"))
            .service(resource("/{portal}/").route(get().to(home)))
            .service(resource("/{portal}/login").route(get().to(login)))
            .service(resource("/{portal}/callback").route(get().to(callback)))
            .service(resource("/{portal}/refresh").route(get().to(refresh)))
            .service(resource("/{portal}/logout").route(get().to(logout)))
            .route("/portal.css", get().to(style))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../../assets/portal.css"))
}

async fn home(request: HttpRequest, portals: Data<Portals>, key: Path<String>) -> HttpResponse {
    let signed_in = portals.with(&request, &key, |browser| browser.signed_in.clone());
    portals.page(&key, signed_in.map(|person| person.claims), None)
}

async fn login(request: HttpRequest, portals: Data<Portals>, key: Path<String>) -> HttpResponse {
    let Some(portal) = portals.find(&key) else {
        return HttpResponse::NotFound().finish();
    };
    match portal.party.authorization_url() {
        Ok((url, pending)) => {
            let cookie = portals.cookie(&request, &key);
            portals.keep(&cookie, |browser| browser.pending = Some(pending));
            redirect(&url).cookie(cookie).finish()
        }
        Err(problem) => portals.page(&key, None, Some(problem)),
    }
}

async fn callback(
    request: HttpRequest,
    portals: Data<Portals>,
    key: Path<String>,
    query: Query<Callback>,
) -> HttpResponse {
    let Some(portal) = portals.find(&key) else {
        return HttpResponse::NotFound().finish();
    };
    let query = query.into_inner();
    if let Some(error) = query.error {
        return portals.page(
            &key,
            None,
            Some(format!("{error}: {}", query.error_description.unwrap_or_default())),
        );
    }
    let pending = portals.with(&request, &key, |browser| browser.pending.take());
    let (Some(code), Some(state), Some(pending)) = (query.code, query.state, pending) else {
        return portals.page(&key, None, Some("this callback was not expected here".to_owned()));
    };
    match portal.party.exchange_code(code, &state, pending).await {
        Ok(signed_in) => {
            let cookie = portals.cookie(&request, &key);
            portals.keep(&cookie, |browser| browser.signed_in = Some(signed_in));
            redirect(&format!("/{key}/")).cookie(cookie).finish()
        }
        Err(problem) => portals.page(&key, None, Some(problem)),
    }
}

async fn refresh(request: HttpRequest, portals: Data<Portals>, key: Path<String>) -> HttpResponse {
    let Some(portal) = portals.find(&key) else {
        return HttpResponse::NotFound().finish();
    };
    let Some(before) = portals.with(&request, &key, |browser| browser.signed_in.clone()) else {
        return redirect(&format!("/{key}/")).finish();
    };
    let answer = portal.party.refresh(&before).await;
    portals.with(&request, &key, |browser| {
        browser.signed_in = answer.as_ref().ok().cloned()
    });
    match answer {
        Ok(_) => redirect(&format!("/{key}/")).finish(),
        Err(problem) => portals.page(&key, None, Some(problem)),
    }
}

async fn logout(request: HttpRequest, portals: Data<Portals>, key: Path<String>) -> HttpResponse {
    let Some(portal) = portals.find(&key) else {
        return HttpResponse::NotFound().finish();
    };
    let person = portals.with(&request, &key, |browser| browser.signed_in.take());
    let to = person
        .and_then(|person| portal.party.logout_url(&person).ok())
        .unwrap_or_else(|| format!("/{key}/"));
    redirect(&to).finish()
}

fn redirect(to: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"));
    response
}

fn cookie_name(key: &str) -> String {
    format!("demo_portal_{key}")
}

impl Portals {
    fn find(&self, key: &str) -> Option<&Portal> {
        self.portals.iter().find(|portal| portal.key == key)
    }

    fn page(&self, key: &str, claims: Option<String>, problem: Option<String>) -> HttpResponse {
        let Some(portal) = self.find(key) else {
            return HttpResponse::NotFound().finish();
        };
        let others = self
            .portals
            .iter()
            .filter(|other| other.key != key)
            .map(|other| (other.key, other.name))
            .collect();
        page::html(
            StatusCode::OK,
            &PortalPage {
                key: portal.key,
                name: portal.name,
                others,
                claims,
                problem,
            },
        )
    }

    /// The browser's cookie at this portal; a new one if it has none.
    fn cookie(&self, request: &HttpRequest, key: &str) -> Cookie<'static> {
        let name = cookie_name(key);
        let known = request.cookie(&name).map(|cookie| cookie.value().to_owned());
        let value = known.unwrap_or_else(|| self.entropy.token().expose().clone());
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish()
    }

    fn keep(&self, cookie: &Cookie<'_>, change: impl FnOnce(&mut Browser)) {
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        change(browsers.entry(cookie.value().to_owned()).or_default());
    }

    fn with<T: Default>(&self, request: &HttpRequest, key: &str, look: impl FnOnce(&mut Browser) -> T) -> T {
        let Some(cookie) = request.cookie(&cookie_name(key)) else {
            return T::default();
        };
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        browsers.get_mut(cookie.value()).map(look).unwrap_or_default()
    }
}
