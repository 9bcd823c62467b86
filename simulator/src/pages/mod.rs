//! HTML pages: the login pages, the phone and its messages, the signed-in client, the operator's page. All work without script; the login page has one, which spares it reloading.

pub(crate) mod acts;
pub(crate) mod client;
pub(crate) mod desk;
pub(crate) mod inbox;
pub(crate) mod install;
pub(crate) mod login;
pub(crate) mod manage;
pub(crate) mod oauth;
pub(crate) mod open_data;
pub(crate) mod people;
pub(crate) mod phone;
mod picks;
pub(crate) mod suite_oauth;

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::codes::{Grant, Visitor};
use crate::redirects::{host_of, with_params};
use crate::state::State;
use crate::suites::Login;
use crate::tickets::Ticket;
use crate::world::Field;

/// Query or form of a page.
pub(crate) type Params = HashMap<String, String>;

/// A non-empty parameter.
fn param<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header(("cache-control", "no-store"))
            .body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

fn redirect(target: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header(("location", target))
        .insert_header(("cache-control", "no-store"))
        .finish()
}

/// A page of one sentence.
#[derive(Template, Default)]
#[template(path = "notice.html")]
struct Notice<'a> {
    title: &'a str,
    english: &'a str,
    detail: String,
    link: Option<(String, &'a str)>,
}

impl<'a> Notice<'a> {
    fn new(title: &'a str, english: &'a str) -> Self {
        Self {
            title,
            english,
            ..Self::default()
        }
    }

    /// WeCom's own error pages answer HTTP 200 (§2.1).
    fn show(&self) -> HttpResponse {
        page(StatusCode::OK, self)
    }

    fn refuse(&self, status: StatusCode) -> HttpResponse {
        page(status, self)
    }
}

/// The member signed in to the WeCom client of this browser: cookie `sim_client=<corpid>/<userid>`, or the parameter.
fn client_of(request: &HttpRequest, params: &Params) -> Option<(String, String)> {
    let cookie = request.cookie("sim_client").map(|cookie| cookie.value().to_owned());
    let text = param(params, "sim_client").map(str::to_owned).or(cookie)?;
    text.split_once('/')
        .map(|(corp, userid)| (corp.to_owned(), userid.to_owned()))
}

/// Issues a code for the visitor and returns the redirect address that carries it.
fn grant(
    state: &mut State,
    ticket: &Ticket,
    visitor: Visitor,
    consented: Option<Vec<Field>>,
    now: u64,
) -> Option<String> {
    let host = host_of(&ticket.redirect_uri)?;
    let State {
        codes,
        suites,
        rng,
        world,
        ..
    } = state;
    let code = match &ticket.suite {
        Some(suite_id) => {
            let login = Login {
                suite_id: suite_id.clone(),
                corp: ticket.corp.clone(),
                host,
                visitor,
                consented,
            };
            suites.codes.give_login(login, now, rng)
        }
        None => {
            let grant = Grant {
                corp: ticket.corp.clone(),
                agentid: ticket.agentid,
                host,
                visitor,
                consented,
            };
            codes.issue(grant, now, rng)
        }
    };
    let appid = ticket.suite.as_deref().unwrap_or(&ticket.corp);
    let appid = world.switches.redirect_carries_appid.then_some(appid);
    let params: Vec<(&str, &str)> = std::iter::once(("code", code.as_str()))
        .chain(ticket.state.as_deref().map(|value| ("state", value)))
        .chain(appid.map(|value| ("appid", value)))
        .collect();
    with_params(&ticket.redirect_uri, &params)
}

/// The redirect address of a refusal: `state` only, no `code` (§2.1).
fn denial(ticket: &Ticket) -> Option<String> {
    let params: Vec<(&str, &str)> = ticket
        .state
        .as_deref()
        .map(|value| ("state", value))
        .into_iter()
        .collect();
    with_params(&ticket.redirect_uri, &params)
}
