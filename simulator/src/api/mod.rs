//! `/cgi-bin/…`: one entry for every API call, in the order in which WeCom seems to check:
//! faults, frequency, token, app state, caller IP, kind of secret, then the call itself.
//!
//! Each API is a plain function of its parameters and the state; only this file knows HTTP.

mod agent;
mod department;
mod gettoken;
mod identity;
mod message;
mod tag;
mod user;
mod wire;

use std::collections::HashMap;

use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse, http::Method};
use serde_json::{Map, Value, json};

use crate::errmsg::{Refusal, refusal, with_tail};
use crate::policy::{Right, View, permit};
use crate::state::{Call, Shared, State};
use crate::tokens::{Caller, Kind};
use crate::world::FaultKind;

/// A call with its parameters.
pub(crate) struct Ask {
    pub path: String,
    pub query: HashMap<String, String>,
    /// The JSON body; null for GET and for what could not be read.
    pub body: Value,
    /// The body was there but was not JSON (§1.1).
    pub malformed: bool,
    pub ip: String,
    pub now: u64,
}

impl Ask {
    /// A query parameter; empty counts as missing.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A numeric query parameter; 40035 when it is not a number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u32>, Refusal> {
        self.param(name)
            .map(|text| text.parse().map_err(|_| refusal(40035)))
            .transpose()
    }
}

type Answer = Result<Map<String, Value>, Refusal>;
type Api = fn(&Ask, &Caller, &mut State) -> Answer;

/// Which right an API needs and what carries it out.
fn find(path: &str) -> Option<(Right, Api)> {
    let api: (Right, Api) = match path.strip_prefix("/cgi-bin/")? {
        "agent/get" => (Right::AppOnly, agent::get),
        "agent/list" => (Right::AppOnly, agent::list),
        "auth/getuserinfo" => (Right::Identity, identity::get_user_info),
        "user/getuserinfo" => (Right::Identity, identity::get_user_info_legacy),
        "auth/getuserdetail" | "user/getuserdetail" => (Right::Identity, identity::get_user_detail),
        "user/get" => (Right::Details, user::get),
        "user/list" => (Right::Details, user::list),
        "user/simplelist" => (Right::Details, user::simple_list),
        "user/list_id" => (Right::ListIds, user::list_id),
        "department/list" => (Right::Details, department::list),
        "department/simplelist" => (Right::DepartmentIds, department::simple_list),
        "department/get" => (Right::DepartmentGet, department::get),
        "tag/list" => (Right::Tags, tag::list),
        "tag/get" => (Right::Tags, tag::get),
        "message/send" => (Right::AppOnly, message::send),
        "get_api_domain_ip" | "getcallbackip" => (Right::Anyone, own_addresses),
        _ => return None,
    };
    Some(api)
}

fn own_addresses(_: &Ask, _: &Caller, _: &mut State) -> Answer {
    Ok(object(json!({"ip_list": ["127.0.0.1"]})))
}

/// The object inside a `json!({…})`.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The corp through the caller's eyes; 40013 when it was removed meanwhile.
fn view<'a>(state: &'a mut State, caller: &Caller) -> Result<View<'a>, Refusal> {
    state
        .corp(&caller.corp)
        .map(|corp| View::of(caller.kind, corp))
        .ok_or_else(|| refusal(40013))
}

/// Handles every path below `/cgi-bin/`.
pub(crate) async fn handle(
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
    body: Bytes,
    shared: Data<Shared>,
) -> HttpResponse {
    let now = shared.clock.now();
    let parsed = serde_json::from_slice::<Value>(&body);
    let peer = request
        .peer_addr()
        .map(|address| address.ip().to_string())
        .unwrap_or_default();
    let (reply, fault) = {
        let mut state = shared.lock();
        let ask = Ask {
            path: request.path().to_owned(),
            query: query.into_inner(),
            malformed: parsed.is_err() && request.method() == Method::POST,
            body: parsed.unwrap_or_default(),
            ip: state.world.caller_ip.clone().unwrap_or(peer),
            now,
        };
        answer(&ask, &mut state)
    };
    wire::send(reply, fault).await
}

/// The JSON to send (`None` = there is no such API) and the fault to send it with.
fn answer(ask: &Ask, state: &mut State) -> (Option<Value>, Option<FaultKind>) {
    let fault = state
        .world
        .faults
        .iter_mut()
        .find_map(|f| f.strikes(&ask.path).then_some(f.kind));
    let corp = corp_of(ask, state).unwrap_or_default();
    let result = match fault {
        Some(FaultKind::Errcode(code)) => Err(refusal(code)),
        Some(FaultKind::BadGateway) => Err(refusal(-1)),
        _ if ask.path == "/cgi-bin/gettoken" => gettoken::get(ask, state),
        _ => match find(&ask.path) {
            Some((right, api)) => business(ask, right, api, state),
            None => return (None, fault),
        },
    };
    let errcode = result.as_ref().err().map_or(0, |refusal| refusal.code);
    state.record(Call {
        path: ask.path.clone(),
        corp,
        at: ask.now,
        errcode,
    });
    (Some(envelope(result, ask, fault, state)), fault)
}

fn corp_of(ask: &Ask, state: &State) -> Option<String> {
    let by_token = ask.param("access_token").and_then(|token| state.tokens.corp_of(token));
    by_token.or_else(|| ask.param("corpid")).map(str::to_owned)
}

fn business(ask: &Ask, right: Right, api: Api, state: &mut State) -> Answer {
    frequency(ask, state)?;
    let caller = match authenticate(ask, state) {
        Ok(caller) => caller,
        Err(refused) => {
            identity::lose_code(ask, state);
            return Err(refused);
        }
    };
    admit(&caller, ask, right, state)?;
    api(ask, &caller, state)
}

/// 45009; an identity exchange with a valid code is exempt (§12).
fn frequency(ask: &Ask, state: &mut State) -> Result<(), Refusal> {
    let valid_code = ask
        .param("code")
        .is_some_and(|code| state.codes.peek(code, ask.now).is_some());
    if valid_code && ask.path == "/cgi-bin/auth/getuserinfo" {
        return Ok(());
    }
    let corp = corp_of(ask, state);
    let free = state
        .counters
        .call(corp.as_deref(), &ask.ip, &ask.path, ask.now, &state.world.limits);
    if free { Ok(()) } else { Err(refusal(45009)) }
}

fn authenticate(ask: &Ask, state: &State) -> Result<Caller, Refusal> {
    let token = ask.param("access_token").ok_or_else(|| refusal(41001))?;
    state
        .tokens
        .check(token, ask.now, state.world.switches.expired_token_code)
        .cloned()
}

/// App state, reset secret, caller IP, kind of secret.
fn admit(caller: &Caller, ask: &Ask, right: Right, state: &State) -> Result<(), Refusal> {
    let corp = state.world.corps.get(&caller.corp).ok_or_else(|| refusal(40013))?;
    let (secret, trusted) = match caller.kind {
        Kind::Contacts => (corp.contacts_secret.as_ref(), corp.contacts_trusted_ips.as_deref()),
        Kind::App(agentid) => {
            let app = corp.apps.get(&agentid).ok_or_else(|| refusal(40014))?;
            if app.closed {
                return Err(refusal(50003));
            }
            (Some(&app.secret), app.trusted_ips.as_deref())
        }
    };
    if secret != Some(&caller.secret) {
        return Err(refusal(40001));
    }
    if !trusts(trusted, &ask.ip) {
        return Err(refusal(60020));
    }
    permit(right, caller.kind, corp, &state.world.switches)
}

fn trusts(list: Option<&[String]>, ip: &str) -> bool {
    list.is_none_or(|list| {
        list.iter().any(|entry| {
            entry
                .strip_suffix('*')
                .map_or(entry == ip, |start| ip.starts_with(start))
        })
    })
}

fn envelope(result: Answer, ask: &Ask, fault: Option<FaultKind>, state: &mut State) -> Value {
    let warn = ask.malformed || fault == Some(FaultKind::WrongJsonWarning);
    let warning = if warn { "Warning: wrong json format. " } else { "" };
    let (code, message, mut fields) = match result {
        Ok(fields) => (0, "ok".to_owned(), fields),
        Err(refused) => {
            let shape = state.world.switches.hint_shape;
            (
                refused.code,
                with_tail(&refused, &ask.ip, ask.now, shape, &mut state.rng),
                Map::new(),
            )
        }
    };
    fields.insert("errcode".to_owned(), json!(code));
    fields.insert("errmsg".to_owned(), json!(format!("{warning}{message}")));
    Value::Object(fields)
}
