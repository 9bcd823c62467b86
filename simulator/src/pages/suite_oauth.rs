//! In-app OAuth by a suite: `appid` is the suite id, and members of every corp come (reference §2.4, §9.8).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use askama::Template;

use super::{Notice, Params, denial, grant, page, param, redirect};
use crate::codes::Visitor;
use crate::redirects::{fits, host_of};
use crate::state::{Shared, State};
use crate::tickets::{LoginKind, Opening, Stage, Ticket};
use crate::world::Field;

type Stopped = Notice<'static>;

/// What a suite can be given by a consent: never mobile, e-mail or address (§9.8).
const GIVEN: [Field; 3] = [Field::Gender, Field::Avatar, Field::QrCode];

#[derive(Template)]
#[template(path = "suite_consent.html")]
struct ConsentPage {
    ticket: String,
    suite: String,
    name: String,
    corp: String,
    fields: Vec<(&'static str, &'static str)>,
}

fn stop(title: &'static str, english: &'static str, detail: impl ToString) -> Stopped {
    Notice {
        detail: detail.to_string(),
        ..Notice::new(title, english)
    }
}

/// Who holds the client: a member of a corp of this world, or somebody of none.
fn visitor(state: &State, (corp, userid): &(String, String)) -> (String, Visitor) {
    let known = state.world.corps.get(corp).and_then(|corp| corp.member(userid));
    match known {
        Some(member) => (corp.clone(), Visitor::Member(member.userid.clone())),
        None => {
            let openid = format!("oSim{corp}{userid}");
            let visitor = Visitor::Outsider {
                openid,
                external_userid: None,
            };
            (String::new(), visitor)
        }
    }
}

/// Opens a sign-in in the client; `suite_id` is known.
pub(super) fn open(
    query: &Params,
    suite_id: &str,
    client: &(String, String),
    here: String,
    state: &mut State,
    now: u64,
) -> Result<HttpResponse, Stopped> {
    let bad = |name: &'static str| stop("参数错误", "Wrong parameter.", name);
    if param(query, "response_type") != Some("code") {
        return Err(bad("response_type"));
    }
    let redirect_uri = param(query, "redirect_uri").ok_or_else(|| bad("redirect_uri"))?;
    let given = param(query, "state");
    if given.is_some_and(|text| text.len() > 128 || !text.bytes().all(|b| b.is_ascii_alphanumeric())) {
        let english = "state: letters and digits, at most 128 bytes.";
        return Err(stop("state 参数错误", english, "84025"));
    }
    let suite = state.world.suites.get(suite_id).ok_or_else(|| bad("appid"))?;
    let host = host_of(redirect_uri).unwrap_or_default();
    if host.is_empty() || !fits(suite.trusted_domain.as_ref(), &host, &state.world.switches) {
        let english = "The host is not the trusted domain of this suite.";
        return Err(stop("redirect_uri 参数错误", english, redirect_uri));
    }
    let private = match param(query, "scope") {
        Some("snsapi_base") => false,
        Some("snsapi_userinfo") if state.world.switches.userinfo_scope_is_base => false,
        Some("snsapi_privateinfo") => true,
        _ => return Err(bad("scope")),
    };
    let (corp, visitor) = visitor(state, client);
    let sensitive = suite.sensitive;
    may_enter(state, suite_id, &corp, &visitor)?;
    let opening = Opening {
        agentid: state.world.installed(&corp, suite_id).map(|app| app.agentid),
        corp,
        redirect_uri: redirect_uri.to_owned(),
        state: given.map(str::to_owned),
        login_page: LoginKind::InApp,
        origin: here,
        visitor: Some(visitor),
    };
    let id = state.tickets.open_for(suite_id, opening, now, &mut state.rng);
    let ticket = state.tickets.find(&id, now).ok_or_else(|| bad("ticket"))?;
    match &ticket.visitor {
        Some(Visitor::Member(userid)) if private => consent(state, &id, &ticket, userid, sensitive),
        _ => finish(state, &id, &ticket, None, now),
    }
}

/// By a switch, members whose corp lacks the suite are led to install it first.
fn may_enter(state: &State, suite_id: &str, corp: &str, visitor: &Visitor) -> Result<(), Stopped> {
    let first = state.world.switches.suites.uninstalled_must_install_first;
    let member = matches!(visitor, Visitor::Member(_));
    if first && member && state.world.installed(corp, suite_id).is_none() {
        let link = Some((format!("/install/{suite_id}?corp={corp}"), "安装 · install"));
        return Err(Notice {
            link,
            ..Notice::new("请先安装应用", "The corp has not installed this app yet.")
        });
    }
    Ok(())
}

/// The consent page, for members in scope of an installed suite that has the permission.
fn consent(
    state: &mut State,
    id: &str,
    ticket: &Ticket,
    userid: &str,
    sensitive: bool,
) -> Result<HttpResponse, Stopped> {
    let inside = ticket
        .agentid
        .is_some_and(|agentid| state.in_scope(&ticket.corp, agentid, userid));
    if !inside || !sensitive {
        let english = "The suite lacks the permission, or this member is outside its visible scope.";
        return Err(stop("没有权限", english, userid));
    }
    let world = &state.world;
    let corp = world.corps.get(&ticket.corp);
    let suite = ticket.suite.as_ref().and_then(|id| world.suites.get(id));
    let html = ConsentPage {
        ticket: id.to_owned(),
        suite: suite.map(|suite| suite.name.clone()).unwrap_or_default(),
        name: corp
            .and_then(|corp| corp.member(userid))
            .map(|member| member.name.clone())
            .unwrap_or_default(),
        corp: corp.map(|corp| corp.name.clone()).unwrap_or_default(),
        fields: GIVEN.iter().map(|field| (field.key(), field.label())).collect(),
    };
    Ok(page(StatusCode::OK, &html))
}

fn finish(
    state: &mut State,
    id: &str,
    ticket: &Ticket,
    consented: Option<Vec<Field>>,
    now: u64,
) -> Result<HttpResponse, Stopped> {
    let gone = || stop("页面已过期", "Start again.", "");
    let visitor = ticket.visitor.clone().ok_or_else(gone)?;
    let target = grant(state, ticket, visitor, consented, now).ok_or_else(gone)?;
    let done = Stage::Done {
        target: target.clone(),
        twice: false,
    };
    state.tickets.advance(id, done);
    Ok(redirect(&target))
}

/// `POST /connect/oauth2/suite-consent`
pub(crate) async fn answer(form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let now = shared.clock.now();
    let mut state = shared.lock();
    let id = param(&form, "ticket").unwrap_or_default();
    let ticket = state.tickets.find(id, now);
    let ticket = ticket.filter(|ticket| ticket.stage == Stage::Waiting && ticket.suite.is_some());
    let Some(ticket) = ticket else {
        return Notice::new("页面已过期", "Start again.").show();
    };
    if param(&form, "answer") != Some("allow") {
        state.tickets.advance(id, Stage::Cancelled);
        let gone = || Notice::new("页面已过期", "Start again.").show();
        return denial(&ticket).map_or_else(gone, |target| redirect(&target));
    }
    let fields = GIVEN
        .into_iter()
        .filter(|field| form.contains_key(field.key()))
        .collect();
    finish(&mut state, id, &ticket, Some(fields), now).unwrap_or_else(|notice| notice.show())
}
