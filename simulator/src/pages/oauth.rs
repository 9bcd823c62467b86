//! In-app OAuth pages: silent for `snsapi_base`, a consent page for `snsapi_privateinfo` (reference §2.4, §2.5).

use actix_web::http::StatusCode;
use actix_web::http::header::USER_AGENT;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Notice, Params, client_of, denial, grant, page, param, redirect, suite_oauth};
use crate::codes::Visitor;
use crate::redirects::{allowed_for_client, host_of};
use crate::state::{Shared, State};
use crate::tickets::{LoginKind, Opening, Stage};
use crate::world::{ConsentRefusal, Corp, Field};

struct Tick {
    key: &'static str,
    label: &'static str,
    ticked: bool,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    ticket: String,
    app: String,
    corp: String,
    name: String,
    fields: Vec<Tick>,
}

type Stopped = Notice<'static>;

/// `GET /connect/oauth2/authorize`
pub(crate) async fn authorize(request: HttpRequest, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // Also WeChat's webview, where the WeCom plugin signs in (§2 table, §2.5).
    let agent = agent.to_lowercase();
    if !agent.contains("wxwork/") && !agent.contains("micromessenger/") {
        return Notice::new(
            "请在企业微信客户端打开链接",
            "Open this link in the WeCom client (User-Agent with wxwork/ or MicroMessenger/).",
        )
        .show();
    }
    let here = request.uri().to_string();
    let next = url::form_urlencoded::byte_serialize(here.as_bytes()).collect::<String>();
    let Some(client) = client_of(&request, &query) else {
        let link = Some((format!("/client?next={next}"), "选择成员 · choose a member"));
        return Notice {
            link,
            ..Notice::new("这个客户端没有登录", "Nobody is signed in to this simulated client.")
        }
        .show();
    };
    let now = shared.clock.now();
    let mut state = shared.lock();
    let suite = param(&query, "appid").filter(|id| state.world.suites.contains_key(*id));
    let opened = match suite {
        Some(suite) => suite_oauth::open(&query, suite, &client, here, &mut state, now),
        None => open(&query, &client, here, &mut state, now),
    };
    match opened {
        Ok(reply) => reply,
        Err(notice) => notice.show(),
    }
}

fn stop(title: &'static str, english: &'static str, detail: impl ToString) -> Stopped {
    Notice {
        detail: detail.to_string(),
        ..Notice::new(title, english)
    }
}

fn open(
    query: &Params,
    client: &(String, String),
    here: String,
    state: &mut State,
    now: u64,
) -> Result<HttpResponse, Stopped> {
    let bad = |name: &'static str| stop("参数错误", "Wrong parameter.", name);
    let corp = param(query, "appid").and_then(|id| state.world.corp_named(id));
    let corp = corp.map(|corp| corp.corpid.clone()).ok_or_else(|| bad("appid"))?;
    let corp = corp.as_str();
    if param(query, "response_type") != Some("code") {
        return Err(bad("response_type"));
    }
    let redirect_uri = param(query, "redirect_uri").ok_or_else(|| bad("redirect_uri"))?;
    let state_value = param(query, "state");
    if state_value.is_some_and(|text| text.len() > 128 || !text.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Err(stop(
            "state 参数错误",
            "state: letters and digits, at most 128 bytes.",
            "84025",
        ));
    }
    let agentid = param(query, "agentid")
        .map(|text| text.parse::<u32>().map_err(|_| bad("agentid")))
        .transpose()?;
    check_host(state, corp, agentid, redirect_uri)?;
    let visitor = visitor(state.world.corps.get(corp), client);
    let opening = Opening {
        corp: corp.to_owned(),
        agentid,
        redirect_uri: redirect_uri.to_owned(),
        state: state_value.map(str::to_owned),
        login_page: LoginKind::InApp,
        origin: here,
        visitor: Some(visitor.clone()),
    };
    let id = state.tickets.open(opening, now, &mut state.rng);
    let scope = match param(query, "scope") {
        Some("snsapi_userinfo") if state.world.switches.userinfo_scope_is_base => Some("snsapi_base"),
        scope => scope,
    };
    lead_on(state, id, (scope, corp, agentid), &visitor, now)
}

/// What the scope comes to: a code at once, the consent page, or an error page.
fn lead_on(
    state: &mut State,
    id: String,
    (scope, corp, agentid): (Option<&str>, &str, Option<u32>),
    visitor: &Visitor,
    now: u64,
) -> Result<HttpResponse, Stopped> {
    let bad = |name: &'static str| stop("参数错误", "Wrong parameter.", name);
    match (scope, agentid, visitor) {
        (Some("snsapi_privateinfo"), None, _) if !state.world.switches.private_info.degrades_without_agentid => {
            Err(bad("agentid"))
        }
        (Some("snsapi_base"), ..) | (Some("snsapi_privateinfo"), None, _) => finish(state, &id, None, now),
        (Some("snsapi_privateinfo"), Some(_), Visitor::Outsider { .. } | Visitor::Linked(_)) => {
            finish(state, &id, None, now)
        }
        (Some("snsapi_privateinfo"), Some(agentid), Visitor::Member(userid)) => {
            privately(state, id, (corp, agentid), userid, now)
        }
        _ => Err(bad("scope")),
    }
}

/// The consent page for a member in scope; without it where their consent is remembered.
fn privately(
    state: &mut State,
    id: String,
    (corp, agentid): (&str, u32),
    userid: &str,
    now: u64,
) -> Result<HttpResponse, Stopped> {
    if !state.in_scope(corp, agentid, userid) {
        let english = "This member is outside the app's visible scope.";
        return Err(stop("没有权限", english, userid));
    }
    let agreed = state.codes.agreed(corp, agentid, userid);
    match agreed.filter(|_| state.world.switches.private_info.remembers_consent) {
        Some(fields) => finish(state, &id, Some(fields), now),
        None => Ok(consent(state, id, corp, agentid, userid)),
    }
}

/// Checks the redirect host; without `agentid` any app of the corp may own the domain.
fn check_host(state: &State, corp: &str, agentid: Option<u32>, redirect_uri: &str) -> Result<(), Stopped> {
    let host = host_of(redirect_uri).unwrap_or_default();
    let apps = state
        .world
        .corps
        .get(corp)
        .into_iter()
        .flat_map(|corp| corp.apps.values());
    let mut owners = apps
        .filter(|app| agentid.is_none_or(|id| id == app.agentid) && !app.closed)
        .peekable();
    if owners.peek().is_none() {
        return Err(stop("参数错误", "Wrong parameter.", "agentid"));
    }
    if host.is_empty() || !owners.any(|app| allowed_for_client(app, &host, &state.world.switches)) {
        return Err(stop(
            "redirect_uri 参数错误",
            "The host is not the trusted domain of this app.",
            redirect_uri,
        ));
    }
    Ok(())
}

/// Who signs in: people of other corps, and members who left meanwhile, are outsiders.
fn visitor(corp: Option<&Corp>, (client_corp, userid): &(String, String)) -> Visitor {
    let member = corp
        .filter(|corp| corp.corpid == *client_corp)
        .and_then(|corp| corp.member(userid));
    match member {
        Some(member) => Visitor::Member(member.userid.clone()),
        None => Visitor::Outsider {
            openid: format!("oSim{client_corp}{userid}"),
            external_userid: None,
        },
    }
}

fn finish(state: &mut State, id: &str, consented: Option<Vec<Field>>, now: u64) -> Result<HttpResponse, Stopped> {
    let gone = || stop("页面已过期", "Start again.", "");
    let ticket = state
        .tickets
        .find(id, now)
        .filter(|ticket| ticket.stage == Stage::Waiting)
        .ok_or_else(gone)?;
    let visitor = ticket.visitor.clone().ok_or_else(gone)?;
    if let (Visitor::Member(userid), Some(agentid), Some(fields)) = (&visitor, ticket.agentid, &consented) {
        state.codes.agree(&ticket.corp, agentid, userid, fields);
    }
    let target = grant(state, &ticket, visitor, consented, now).ok_or_else(gone)?;
    state.tickets.advance(
        id,
        Stage::Done {
            target: target.clone(),
            twice: false,
        },
    );
    Ok(redirect(&target))
}

fn consent(state: &State, ticket: String, corp: &str, agentid: u32, userid: &str) -> HttpResponse {
    let corp = state.world.corps.get(corp);
    let member = corp.and_then(|corp| corp.member(userid));
    let app = corp.and_then(|corp| corp.apps.get(&agentid));
    let gives = |field: &Field| {
        member
            .and_then(|m| m.consents.as_ref())
            .is_none_or(|fields| fields.contains(field))
    };
    let fields = app.map(|app| app.consent_fields.as_slice()).unwrap_or_default();
    let html = ConsentPage {
        ticket,
        app: app.map(|app| app.name.clone()).unwrap_or_default(),
        corp: corp.map(|corp| corp.name.clone()).unwrap_or_default(),
        name: member.map(|member| member.name.clone()).unwrap_or_default(),
        fields: fields
            .iter()
            .map(|f| Tick {
                key: f.key(),
                label: f.label(),
                ticked: gives(f),
            })
            .collect(),
    };
    page(StatusCode::OK, &html)
}

/// `POST /connect/oauth2/consent`
pub(crate) async fn answer(form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let now = shared.clock.now();
    let mut state = shared.lock();
    let id = param(&form, "ticket").unwrap_or_default();
    if param(&form, "answer") != Some("allow") {
        return refused(&mut state, id, now).unwrap_or_else(|notice| notice.show());
    }
    let fields = Field::ALL
        .into_iter()
        .filter(|field| form.contains_key(field.key()))
        .collect();
    finish(&mut state, id, Some(fields), now).unwrap_or_else(|notice| notice.show())
}

/// What comes of *deny*, as the switch says.
fn refused(state: &mut State, id: &str, now: u64) -> Result<HttpResponse, Stopped> {
    let refusal = state.world.switches.private_info.refusal;
    if refusal == ConsentRefusal::CodeWithoutTicket {
        return finish(state, id, None, now);
    }
    let ticket = state
        .tickets
        .find(id, now)
        .filter(|ticket| ticket.stage == Stage::Waiting);
    state.tickets.advance(id, Stage::Cancelled);
    match ticket.as_ref().and_then(denial) {
        None => Err(stop("页面已过期", "Start again.", "")),
        Some(_) if refusal == ConsentRefusal::Stays => Err(stop("已拒绝", "Denied. Close this page.", "")),
        Some(target) => Ok(redirect(&target)),
    }
}
