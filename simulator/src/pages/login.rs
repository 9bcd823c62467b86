//! The QR login pages: web login, its legacy twin, and the page that waits for the phone (reference §2.1, §2.3).
//!
//! As a panel in a portal's frame (§2.2) it sends the whole window back; not here: the panel's `postMessage` protocol, which that does not need.

use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

use super::{Notice, Params, client_of, page, param, redirect};
use crate::redirects::{allowed_for_web, fits, host_of};
use crate::state::{Shared, State};
use crate::suites::Viewer;
use crate::tickets::{LoginKind, Opening, Stage, Ticket};

const MISMATCH: (&str, &str) = (
    "redirect_uri 与配置的授权完成回调域名不一致",
    "The host of redirect_uri is not the registered callback domain of this app (host and port must be equal).",
);

/// The page's own styles and the script that waits for the phone; nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; base-uri 'none'";
/// The quiet zone around a QR code, modules (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;
/// How often a question for the state of a ticket looks before it is answered, and how long it rests between.
const LOOKS: u32 = 80;
const REST: Duration = Duration::from_millis(250);

/// Who is signed in to the desktop client.
struct Client {
    corpid: String,
    userid: String,
    name: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    ticket: String,
    corpid: String,
    corp: String,
    app: String,
    origin: String,
    waiting: bool,
    /// Shown in a frame of 320 by 380 pixels.
    panel: bool,
    message: &'static str,
    client: Option<Client>,
    /// Side and path of the QR code.
    qr: Option<(usize, String)>,
    /// Whether the QR code leads to a loopback address, which no phone reaches.
    only_here: bool,
}

#[derive(Template)]
#[template(path = "twice.html")]
struct TwicePage {
    target: String,
}

/// Sends the window around the panel back.
#[derive(Template)]
#[template(path = "top.html")]
struct TopPage {
    target: String,
    twice: bool,
}

/// `GET /wwlogin/sso/login`
pub(crate) async fn web(request: HttpRequest, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    match param(&query, "login_type") {
        Some("CorpApp") => open(&request, &query, &shared, LoginKind::Web),
        Some("ServiceApp") => open_by_suite(&request, &query, &shared),
        _ => Notice::new("参数错误", "login_type must be CorpApp or ServiceApp.").show(),
    }
}

fn inaccessible(why: &str) -> HttpResponse {
    let notice = Notice::new("该链接无法访问", "Wrong parameters.");
    Notice {
        detail: why.to_owned(),
        ..notice
    }
    .show()
}

fn mismatch(redirect_uri: &str) -> HttpResponse {
    let notice = Notice::new(MISMATCH.0, MISMATCH.1);
    Notice {
        detail: redirect_uri.to_owned(),
        ..notice
    }
    .show()
}

/// Opens the login page of a suite, for members of every corp (§9.8).
fn open_by_suite(request: &HttpRequest, query: &Params, shared: &Shared) -> HttpResponse {
    let now = shared.clock.now();
    let mut state = shared.lock();
    let suite = param(query, "appid").and_then(|id| state.world.suites.get(id));
    let Some(suite) = suite.filter(|suite| suite.web_login) else {
        return inaccessible("appid");
    };
    let suite_id = suite.suite_id.clone();
    let Some(redirect_uri) = param(query, "redirect_uri") else {
        return inaccessible("redirect_uri");
    };
    let switches = &state.world.switches;
    if !host_of(redirect_uri).is_some_and(|host| fits(suite.login_domain.as_ref(), &host, switches)) {
        return mismatch(redirect_uri);
    }
    let opening = Opening {
        corp: String::new(),
        agentid: None,
        redirect_uri: redirect_uri.to_owned(),
        state: param(query, "state").map(str::to_owned),
        login_page: LoginKind::Web,
        origin: request.uri().to_string(),
        visitor: None,
    };
    let State { tickets, rng, .. } = &mut *state;
    let id = tickets.open_for(&suite_id, opening, now, rng);
    let ticket = tickets.find(&id, now);
    ticket.map_or_else(
        || inaccessible("ticket"),
        |ticket| show(request, query, &state, &id, &ticket),
    )
}

/// `GET /wwopen/sso/qrConnect`
pub(crate) async fn legacy(request: HttpRequest, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    open(&request, &query, &shared, LoginKind::Legacy)
}

/// Opens a login page. Every wrong parameter gives a page with HTTP 200 and never redirects back.
fn open(request: &HttpRequest, query: &Params, shared: &Shared, login_page: LoginKind) -> HttpResponse {
    let now = shared.clock.now();
    let mut state = shared.lock();
    let corp = param(query, "appid").and_then(|id| state.world.corp_named(id));
    let Some(corp) = corp.map(|corp| corp.corpid.clone()) else {
        return inaccessible("appid");
    };
    let corp = corp.as_str();
    let agentid = param(query, "agentid").and_then(|text| text.parse().ok());
    let app = agentid.and_then(|id| state.app(corp, id));
    let Some(app) = app.filter(|app| !app.closed && app.is_of_the_corp()) else {
        return inaccessible("agentid");
    };
    let Some(redirect_uri) = param(query, "redirect_uri") else {
        return inaccessible("redirect_uri");
    };
    if !host_of(redirect_uri).is_some_and(|host| allowed_for_web(app, &host, &state.world.switches)) {
        return mismatch(redirect_uri);
    }
    let opening = Opening {
        corp: corp.to_owned(),
        agentid,
        redirect_uri: redirect_uri.to_owned(),
        state: param(query, "state").map(str::to_owned),
        login_page,
        origin: request.uri().to_string(),
        visitor: None,
    };
    let State { tickets, rng, .. } = &mut *state;
    let id = tickets.open(opening, now, rng);
    let ticket = tickets.find(&id, now);
    ticket.map_or_else(
        || inaccessible("ticket"),
        |ticket| show(request, query, &state, &id, &ticket),
    )
}

fn show(request: &HttpRequest, query: &Params, state: &State, id: &str, ticket: &Ticket) -> HttpResponse {
    let corp = state.world.corps.get(&ticket.corp);
    let client = client_of(request, query)
        .filter(|(corpid, _)| ticket.suite.is_some() || *corpid == ticket.corp)
        .and_then(|(corpid, userid)| {
            let member = state.world.corps.get(&corpid)?.member(&userid)?;
            Some(Client {
                corpid,
                userid: member.userid.clone(),
                name: member.name.clone(),
            })
        });
    let suite = ticket.suite.as_ref().and_then(|id| state.world.suites.get(id));
    let message = match ticket.stage {
        Stage::Cancelled => "你已在手机上取消登录 · cancelled on the phone",
        Stage::Expired => "二维码已过期 · the code expired",
        _ => "",
    };
    let phone = phone_address(request, id);
    let html = LoginPage {
        ticket: id.to_owned(),
        corpid: ticket.corp.clone(),
        corp: corp.map(|corp| corp.name.clone()).unwrap_or_default(),
        app: ticket
            .agentid
            .and_then(|id| state.app(&ticket.corp, id))
            .map(|app| app.name.clone())
            .or(suite.map(|suite| suite.name.clone()))
            .unwrap_or_default(),
        origin: ticket.origin.clone(),
        waiting: ticket.stage == Stage::Waiting,
        panel: is_panel(ticket),
        message,
        client,
        qr: qr(&phone),
        only_here: is_of_this_machine(&phone),
    };
    let mut response = page(StatusCode::OK, &html);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// `GET /wwlogin/sso/wait?ticket=`
pub(crate) async fn wait(request: HttpRequest, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let mut state = shared.lock();
    let id = param(&query, "ticket").unwrap_or_default();
    let Some(ticket) = state.tickets.find(id, shared.clock.now()) else {
        return Notice::new("二维码已失效", "Unknown ticket.").refuse(StatusCode::NOT_FOUND);
    };
    let viewer = viewer(&mut state, &ticket, shared.clock.now());
    let mut reply = match &ticket.stage {
        Stage::Done { target, twice } if is_panel(&ticket) => {
            let (target, twice) = (target.clone(), *twice);
            page(StatusCode::OK, &TopPage { target, twice })
        }
        Stage::Done { target, twice: false } => redirect(target),
        Stage::Done { target, twice: true } => page(StatusCode::OK, &TwicePage { target: target.clone() }),
        _ => show(&request, &query, &state, id, &ticket),
    };
    if let Some(session) = viewer {
        let cookie = Cookie::build("sim_session", session).path("/").http_only(true).finish();
        // A cookie that cannot be written leaves the browser a stranger.
        let _ = reply.add_cookie(&cookie);
    }
    reply
}

/// The session of a browser whose sign-in was confirmed: it may see names where it is sent (§9.10).
fn viewer(state: &mut State, ticket: &Ticket, now: u64) -> Option<String> {
    let (corp, userid) = ticket.confirmed_by.clone()?;
    let host = host_of(&ticket.redirect_uri)?;
    let State { suites, rng, world, .. } = state;
    let until = now + world.switches.suites.viewer_seconds;
    Some(suites.viewers.start(Viewer { corp, userid, host }, until, rng))
}

/// `GET /wwlogin/sso/state?ticket=`: `waiting` after twenty seconds, or at once `changed` when something happened.
pub(crate) async fn state(query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let id = param(&query, "ticket").unwrap_or_default();
    let waits = || {
        let ticket = shared.lock().tickets.find(id, shared.clock.now());
        ticket.is_some_and(|ticket| ticket.stage == Stage::Waiting)
    };
    for _ in 0..LOOKS {
        if !waits() {
            return said("changed");
        }
        tokio::time::sleep(REST).await;
    }
    said("waiting")
}

fn said(word: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("cache-control", "no-store"))
        .body(word)
}

/// `GET /wait.js`
pub(crate) async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(include_str!("../../templates/wait.js"))
}

/// Whether the page was opened as a panel that navigates the top window.
fn is_panel(ticket: &Ticket) -> bool {
    ticket.origin.contains("redirect_type=top")
}

/// The address that a phone's camera finds: the phone page of this ticket, on the host by which the computer came here.
fn phone_address(request: &HttpRequest, ticket: &str) -> String {
    format!("http://{}/phone/{ticket}", request.connection_info().host())
}

/// Whether only this machine can open the address.
fn is_of_this_machine(address: &str) -> bool {
    let host = url::Url::parse(address).ok();
    match host.as_ref().and_then(url::Url::host) {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    }
}

/// An address as a QR code: its side in modules with the quiet zone, and the dark modules as a path of SVG. `None`: it is too long.
pub(super) fn qr(address: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate();
    let dark = dark.filter(|(_, colour)| *colour == Color::Dark);
    let path = dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET));
    Some((width + 2 * QUIET, path.collect()))
}
