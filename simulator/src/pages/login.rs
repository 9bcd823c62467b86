//! The QR login pages: web login, its legacy twin, and the page that waits for the phone (reference §2.1, §2.3).
//!
//! As a panel in a portal's frame (§2.2) it sends the whole window back; not here: the panel's `postMessage` protocol, which that does not need.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Notice, Params, client_of, page, param, redirect};
use crate::redirects::{allowed_for_web, host_of};
use crate::state::{Shared, State};
use crate::tickets::{LoginKind, Opening, Stage, Ticket};

const MISMATCH: (&str, &str) = (
    "redirect_uri 与配置的授权完成回调域名不一致",
    "The host of redirect_uri is not the registered callback domain of this app (host and port must be equal).",
);

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
    client: Option<(String, String)>,
    modules: Vec<(u32, u32)>,
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
    if param(&query, "login_type") != Some("CorpApp") {
        return Notice::new("参数错误", "login_type must be CorpApp (ServiceApp is not simulated).").show();
    }
    open(&request, &query, &shared, LoginKind::Web)
}

/// `GET /wwopen/sso/qrConnect`
pub(crate) async fn legacy(request: HttpRequest, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    open(&request, &query, &shared, LoginKind::Legacy)
}

/// Opens a login page. Every wrong parameter gives a page with HTTP 200 and never redirects back.
fn open(request: &HttpRequest, query: &Params, shared: &Shared, login_page: LoginKind) -> HttpResponse {
    let now = shared.clock.now();
    let mut state = shared.lock();
    let inaccessible = |why: &str| {
        Notice {
            detail: why.to_owned(),
            ..Notice::new("该链接无法访问", "Wrong parameters.")
        }
        .show()
    };
    let Some(corp) = param(query, "appid").filter(|id| state.world.corps.contains_key(*id)) else {
        return inaccessible("appid");
    };
    let agentid = param(query, "agentid").and_then(|text| text.parse().ok());
    let Some(app) = agentid.and_then(|id| state.app(corp, id)).filter(|app| !app.closed) else {
        return inaccessible("agentid");
    };
    let Some(redirect_uri) = param(query, "redirect_uri") else {
        return inaccessible("redirect_uri");
    };
    if !host_of(redirect_uri).is_some_and(|host| allowed_for_web(app, &host, &state.world.switches)) {
        return Notice {
            detail: redirect_uri.to_owned(),
            ..Notice::new(MISMATCH.0, MISMATCH.1)
        }
        .show();
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
        .filter(|(corpid, _)| *corpid == ticket.corp)
        .and_then(|(_, userid)| {
            corp?
                .member(&userid)
                .map(|member| (member.userid.clone(), member.name.clone()))
        });
    let message = match ticket.stage {
        Stage::Cancelled => "你已在手机上取消登录 · cancelled on the phone",
        Stage::Expired => "二维码已过期 · the code expired",
        _ => "",
    };
    let html = LoginPage {
        ticket: id.to_owned(),
        corpid: ticket.corp.clone(),
        corp: corp.map(|corp| corp.name.clone()).unwrap_or_default(),
        app: ticket
            .agentid
            .and_then(|id| state.app(&ticket.corp, id))
            .map(|app| app.name.clone())
            .unwrap_or_default(),
        origin: ticket.origin.clone(),
        waiting: ticket.stage == Stage::Waiting,
        panel: is_panel(ticket),
        message,
        client,
        modules: modules(id),
    };
    page(StatusCode::OK, &html)
}

/// `GET /wwlogin/sso/wait?ticket=`
pub(crate) async fn wait(request: HttpRequest, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let mut state = shared.lock();
    let id = param(&query, "ticket").unwrap_or_default();
    let Some(ticket) = state.tickets.find(id, shared.clock.now()) else {
        return Notice::new("二维码已失效", "Unknown ticket.").refuse(StatusCode::NOT_FOUND);
    };
    match &ticket.stage {
        Stage::Done { target, twice } if is_panel(&ticket) => {
            let (target, twice) = (target.clone(), *twice);
            page(StatusCode::OK, &TopPage { target, twice })
        }
        Stage::Done { target, twice: false } => redirect(target),
        Stage::Done { target, twice: true } => page(StatusCode::OK, &TwicePage { target: target.clone() }),
        _ => show(&request, &query, &state, id, &ticket),
    }
}

/// Whether the page was opened as a panel that navigates the top window.
fn is_panel(ticket: &Ticket) -> bool {
    ticket.origin.contains("redirect_type=top")
}

/// An image that looks like a QR code: three finder squares, the rest from the ticket. No scanner reads it, but it can be clicked.
fn modules(ticket: &str) -> Vec<(u32, u32)> {
    let bits: Vec<bool> = ticket
        .bytes()
        .flat_map(|byte| (0..7).map(move |bit| byte >> bit & 1 == 1))
        .collect();
    let finder = |x: u32, y: u32| {
        let corner = |cx: u32, cy: u32| (x >= cx && x < cx + 7 && y >= cy && y < cy + 7).then(|| (x - cx, y - cy));
        corner(0, 0).or_else(|| corner(14, 0)).or_else(|| corner(0, 14))
    };
    let dark = |x: u32, y: u32| match finder(x, y) {
        Some((dx, dy)) => dx % 6 == 0 || dy % 6 == 0 || ((2..5).contains(&dx) && (2..5).contains(&dy)),
        None if (x < 8 && !(8..13).contains(&y)) || (x >= 13 && y < 8) => false,
        None => bits
            .get((x * 31 + y * 17 + x * y) as usize % bits.len().max(1))
            .copied()
            .unwrap_or_default(),
    };
    (0..21)
        .flat_map(|y| (0..21).map(move |x| (x, y)))
        .filter(|&(x, y)| dark(x, y))
        .collect()
}
