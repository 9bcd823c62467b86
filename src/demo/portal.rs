//! The pages of the demo portals: two small web applications (relying parties) whose people sign in through Menjin.

use std::net::TcpListener;

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::Server,
    http::StatusCode,
    web::{Data, Form, Path, Query, get, post, resource},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{
    claims::{self, Row},
    faults_page,
    page::{self, Language, moment},
    portals::{Portals, ToldOut},
    relying_party::SignedIn,
    start_page,
};

#[derive(Template)]
#[template(path = "demo/portal.html")]
struct PortalPage<'a> {
    language: Language,
    key: &'a str,
    name: &'a str,
    other: Option<(&'a str, &'a str)>,
    person: Option<Person>,
    told_out: Option<Told>,
    problem: Option<String>,
    menjin: &'a str,
    /// What the script compares: `in`, `told` or `out`.
    state: &'static str,
}

/// Who is signed in.
struct Person {
    name: String,
    /// What told it, and its claims.
    tables: [(&'static str, Vec<Row>); 2],
    raw: String,
}

/// What the logout token said.
struct Told {
    at: String,
    issued_at: String,
    sid: String,
    sub: String,
}

#[derive(Deserialize)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

#[derive(Deserialize)]
struct LogoutForm {
    logout_token: String,
}

/// Starts the portals' server on these listeners.
///
/// # Errors
/// When a listener cannot be used.
pub fn serve(listeners: Vec<TcpListener>, shared: Data<Portals>) -> std::io::Result<Server> {
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .route("/", get().to(start_page::show))
            .route("/console", get().to(start_page::console))
            .route("/faults", get().to(faults_page::show))
            .route("/faults", post().to(faults_page::switch))
            .route("/favicon.svg", get().to(mark))
            .route("/portal.css", get().to(style))
            .route("/portal.js", get().to(script))
            .service(resource("/{portal}/").route(get().to(home)))
            .service(resource("/{portal}/logo.png").route(get().to(logo)))
            .service(resource("/{portal}/state").route(get().to(state)))
            .service(resource("/{portal}/login").route(get().to(login)))
            .service(resource("/{portal}/callback").route(get().to(callback)))
            .service(resource("/{portal}/refresh").route(get().to(refresh)))
            .service(resource("/{portal}/logout").route(get().to(logout)))
            .service(resource("/{portal}/backchannel-logout").route(post().to(back_channel_logout)))
    })
    .workers(1)
    .disable_signals();
    for listener in listeners {
        server = server.listen(listener)?;
    }
    Ok(server.run())
}

async fn mark() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/svg+xml")
        .body(include_str!("../../assets/mark.svg"))
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../../assets/portal.css"))
}

async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(include_str!("../../assets/portal.js"))
}

/// A logo as portals have one; Menjin fetches it once and shows its copy.
async fn logo(key: Path<String>) -> HttpResponse {
    let picture: &'static [u8] = match key.as_str() {
        "a" => include_bytes!("../../assets/demo/tickets.png"),
        _ => include_bytes!("../../assets/demo/wiki.png"),
    };
    HttpResponse::Ok().content_type("image/png").body(picture)
}

async fn home(request: HttpRequest, portals: Data<Portals>, key: Path<String>) -> HttpResponse {
    show(&request, &portals, &key, None)
}

/// `in`, `told` (Menjin said that it is over) or `out`, for the script of an open page.
async fn state(request: HttpRequest, portals: Data<Portals>, key: Path<String>) -> HttpResponse {
    let word = portals.with(&request, &key, |browser| {
        Some(word(browser.signed_in.is_some(), browser.told_out.is_some()))
    });
    HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .content_type("text/plain")
        .body(word.unwrap_or("out"))
}

const fn word(signed_in: bool, told_out: bool) -> &'static str {
    match (signed_in, told_out) {
        (true, _) => "in",
        (false, true) => "told",
        (false, false) => "out",
    }
}

async fn login(request: HttpRequest, portals: Data<Portals>, key: Path<String>) -> HttpResponse {
    let Some(portal) = portals.find(&key) else {
        return HttpResponse::NotFound().finish();
    };
    match portal.party.authorization_url() {
        Ok((url, pending)) => {
            let cookie = portals.cookie(&request, &key);
            portals.keep(&key, &cookie, |browser| browser.pending = Some(pending));
            redirect(&url).cookie(cookie).finish()
        }
        Err(problem) => show(&request, &portals, &key, Some(problem)),
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
        let problem = format!("{error}: {}", query.error_description.unwrap_or_default());
        return show(&request, &portals, &key, Some(problem));
    }
    let pending = portals.with(&request, &key, |browser| browser.pending.take());
    let (Some(code), Some(state), Some(pending)) = (query.code, query.state, pending) else {
        let problem = "this callback was not expected here".to_owned();
        return show(&request, &portals, &key, Some(problem));
    };
    match portal.party.exchange_code(code, &state, pending).await {
        Ok(signed_in) => {
            let cookie = portals.cookie(&request, &key);
            portals.keep(&key, &cookie, |browser| {
                browser.signed_in = Some(signed_in);
                browser.told_out = None;
            });
            redirect(&format!("/{key}/")).cookie(cookie).finish()
        }
        Err(problem) => show(&request, &portals, &key, Some(problem)),
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
        // Who was told out meanwhile stays out.
        if browser.signed_in.is_some() {
            browser.signed_in = answer.as_ref().ok().cloned();
        }
    });
    match answer {
        Ok(_) => redirect(&format!("/{key}/")).finish(),
        Err(problem) => show(&request, &portals, &key, Some(problem)),
    }
}

async fn logout(request: HttpRequest, portals: Data<Portals>, key: Path<String>) -> HttpResponse {
    let Some(portal) = portals.find(&key) else {
        return HttpResponse::NotFound().finish();
    };
    let person = portals.with(&request, &key, |browser| {
        browser.told_out = None;
        browser.signed_in.take()
    });
    let to = person
        .and_then(|person| portal.party.logout_url(&person).ok())
        .unwrap_or_else(|| format!("/{key}/"));
    redirect(&to).finish()
}

/// OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8: 200 for a good token, also for one about nobody here, else 400 with the reason.
async fn back_channel_logout(portals: Data<Portals>, key: Path<String>, form: Form<LogoutForm>) -> HttpResponse {
    let Some(portal) = portals.find(&key) else {
        return HttpResponse::NotFound().finish();
    };
    let told = portals.told_out(portal, &form.logout_token).await;
    let mut response = match &told {
        Ok(()) => HttpResponse::Ok(),
        Err(_) => HttpResponse::BadRequest(),
    };
    response.insert_header(("cache-control", "no-store"));
    match told {
        Ok(()) => response.finish(),
        Err(why) => response.json(json!({ "error": "invalid_request", "error_description": why })),
    }
}

fn redirect(to: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"));
    response
}

fn show(request: &HttpRequest, portals: &Portals, key: &str, problem: Option<String>) -> HttpResponse {
    let Some(portal) = portals.find(key) else {
        return HttpResponse::NotFound().finish();
    };
    let language = Language::of(request);
    let (person, told_out) = portals.with(request, key, |browser| {
        (browser.signed_in.clone(), browser.told_out.clone())
    });
    let all = portals.portals.get().map(Vec::as_slice).unwrap_or_default();
    let html = PortalPage {
        language,
        key: portal.key,
        name: portal.name,
        other: all
            .iter()
            .find(|other| other.key != key)
            .map(|other| (other.key, other.name)),
        state: word(person.is_some(), told_out.is_some()),
        person: person.map(|person| described(&person, language)),
        told_out: told_out.map(|told| said(&told)),
        problem,
        menjin: &portals.links.menjin,
    };
    page::html(StatusCode::OK, &html)
}

fn described(person: &SignedIn, language: Language) -> Person {
    let raw = json!({ "id_token": person.id_claims, "userinfo": person.userinfo });
    let name = person.userinfo.get("name").and_then(serde_json::Value::as_str);
    Person {
        name: name.unwrap_or_default().to_owned(),
        tables: [
            (
                language.t("身份令牌（ID token）说", "What the ID token says"),
                claims::rows(&person.id_claims, language),
            ),
            (
                language.t("userinfo 说", "What userinfo says"),
                claims::rows(&person.userinfo, language),
            ),
        ],
        raw: serde_json::to_string_pretty(&raw).unwrap_or_default(),
    }
}

fn said(told: &ToldOut) -> Told {
    Told {
        at: moment(told.at),
        issued_at: moment(told.logout.issued_at),
        sid: told.logout.sid.clone().unwrap_or_default(),
        sub: told.logout.sub.clone().unwrap_or_default(),
    }
}
