//! Dispatches every API call and runs the checks in the order in which WeCom seems to check.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::Method,
    web::{Bytes, Data, Query},
};
use serde_json::{Map, Value, json};

use super::{
    admission::{admit, authenticate, corp_of, frequency, secret_of},
    agent,
    call::{Answer, ApiCall, object},
    card, department, export, external, gettoken, identity, js_ticket, lookup, message, suite, tag, user, wire, write,
};
use crate::{
    callbacks::{Delivery, Event, Owner, emit, push_all},
    errmsg::{refusal, with_tail},
    policy::Right,
    state::{Call, Shared, State},
    tokens::Caller,
    world::FaultKind,
};

type Api = fn(&ApiCall, &Caller, &mut State) -> Answer;

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
        "user/getuserid" => (Right::Anyone, lookup::by_mobile),
        "user/get_userid_by_email" => (Right::Anyone, lookup::by_email),
        "user/convert_to_openid" => (Right::Anyone, lookup::to_openid),
        "user/convert_to_userid" => (Right::Anyone, lookup::to_userid),
        "user/create" => (Right::Write, write::create),
        "user/update" => (Right::Write, write::update),
        "user/delete" => (Right::Write, write::delete),
        "export/simple_user" => (Right::Export, export::simple_user),
        "export/user" => (Right::Export, export::user),
        "export/department" => (Right::Export, export::department),
        "export/taguser" => (Right::Export, export::tag_user),
        "export/get_result" => (Right::Export, export::get_result),
        "get_jsapi_ticket" => (Right::AppOnly, js_ticket::of_corp),
        "ticket/get" => (Right::AppOnly, js_ticket::of_app),
        "message/send" => (Right::AppOnly, message::send),
        "message/update_template_card" => (Right::AppOnly, card::update),
        "batch/userid_to_openuserid" => (Right::Anyone, suite::convert::to_open),
        "batch/openuserid_to_userid" => (Right::Anyone, suite::convert::to_plain),
        "agent/get_permissions" => (Right::AppOnly, suite::convert::permissions),
        "agent/get_admin_list" => (Right::AppOnly, suite::convert::template_admins),
        "externalcontact/get_follow_user_list" => (Right::Customers, external::follow_users),
        "externalcontact/list" => (Right::Customers, external::list),
        "externalcontact/get" => (Right::Customers, external::get),
        "get_api_domain_ip" | "getcallbackip" => (Right::Anyone, own_addresses),
        _ => return None,
    };
    Some(api)
}

fn own_addresses(_: &ApiCall, _: &Caller, _: &mut State) -> Answer {
    Ok(object(json!({"ip_list": ["127.0.0.1"]})))
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
    let host = request.connection_info().host().to_owned();
    let (reply, picture, fault, shapes, events) = {
        let mut state = shared.lock();
        let call = ApiCall {
            path: request.path().to_owned(),
            query: query.into_inner(),
            malformed: parsed.is_err() && request.method() == Method::POST,
            body: parsed.unwrap_or_default(),
            ip: state.world.caller_ip.clone().unwrap_or(peer),
            host,
            now,
        };
        let (reply, fault) = answer(&call, &mut state);
        let shapes = state.world.switches.shapes.of(&call.path);
        state.finish_exports(now);
        let picture = reply.as_ref().and_then(|reply| suite::qrcode::picture(&call, reply));
        (reply, picture, fault, shapes, std::mem::take(&mut state.outbox))
    };
    if !events.is_empty() || !shared.lock().pushes.is_empty() {
        actix_web::rt::spawn(tell(shared.clone(), events));
    }
    if let Some(picture) = picture {
        return HttpResponse::Ok().content_type("image/png").body(picture);
    }
    wire::send(reply, fault, &shapes).await
}

/// Sends the events that a call caused, after its answer.
async fn tell(shared: Data<Shared>, events: Vec<(String, Owner, Event)>) {
    for (corp, owner, event) in events {
        emit(&shared, &corp, owner, &event, Delivery::default()).await;
    }
    push_all(&shared, None).await;
}

/// The JSON to send (`None` = there is no such API) and the fault to send it with.
fn answer(call: &ApiCall, state: &mut State) -> (Option<Value>, Option<FaultKind>) {
    let secret = secret_of(call, state);
    let about = |what: &str| {
        let mut asked = call.query.iter().filter(|(name, _)| *name != "access_token");
        asked.any(|(_, value)| value == what)
    };
    let fault = state
        .world
        .faults
        .iter_mut()
        .find_map(|fault| fault.strikes(&call.path, about, secret).then(|| fault.kind.clone()));
    let corp = corp_of(call, state).unwrap_or_default();
    let result = match fault {
        Some(FaultKind::NotFound) => return (None, fault),
        Some(FaultKind::Errcode(code)) => Err(refusal(code)),
        Some(FaultKind::BadGateway) => Err(refusal(-1)),
        _ if call.path == "/cgi-bin/gettoken" => gettoken::get(call, state),
        _ => match carried_out(call, state) {
            Some(answer) => answer,
            None => return (None, fault),
        },
    };
    let errcode = result.as_ref().err().map_or(0, |refusal| refusal.code);
    state.record(Call {
        path: call.path.clone(),
        corp,
        at: call.now,
        errcode,
    });
    (Some(envelope(result, call, fault.as_ref(), state)), fault)
}

/// `None`: there is no such address.
fn carried_out(call: &ApiCall, state: &mut State) -> Option<Answer> {
    if call.path.starts_with("/cgi-bin/service/") {
        return suite::answer(call, state);
    }
    if call.path == "/cgi-bin/agent/get_admin_list" && !state.world.switches.suites.template_admin_list {
        return None;
    }
    let (right, api) = find(&call.path)?;
    Some(business(call, right, api, state))
}

fn business(call: &ApiCall, right: Right, api: Api, state: &mut State) -> Answer {
    frequency(call, state)?;
    let caller = match authenticate(call, state) {
        Ok(caller) => caller,
        Err(refused) => {
            identity::lose_code(call, state);
            return Err(refused);
        }
    };
    admit(&caller, call, right, state)?;
    let Some(ids) = suite::ids::of(&caller, state) else {
        return api(call, &caller, state);
    };
    let corp = state.world.corps.get(&caller.corp).ok_or_else(|| refusal(40013))?;
    let plain = suite::ids::inward(call, &ids, corp);
    let answer = api(&plain, &caller, state);
    suite::ids::outward(answer, call, &ids, state.world.corps.get(&caller.corp))
}

fn envelope(result: Answer, call: &ApiCall, fault: Option<&FaultKind>, state: &mut State) -> Value {
    let warn = call.malformed || fault == Some(&FaultKind::WrongJsonWarning);
    let warning = if warn { "Warning: wrong json format. " } else { "" };
    let (code, message, mut fields) = match result {
        Ok(mut fields) => {
            let said = fields
                .remove("errmsg")
                .and_then(|text| text.as_str().map(str::to_owned));
            (0, said.unwrap_or_else(|| "ok".to_owned()), fields)
        }
        Err(refused) => {
            let State { world, rng, .. } = state;
            (
                refused.code,
                with_tail(&refused, &call.ip, call.now, &world.switches, rng),
                Map::new(),
            )
        }
    };
    let service = call.path.starts_with("/cgi-bin/service/");
    if code == 0 && service && state.world.switches.suites.service_lacks_errcode {
        return Value::Object(fields);
    }
    fields.insert("errcode".to_owned(), json!(code));
    fields.insert("errmsg".to_owned(), json!(format!("{warning}{message}")));
    Value::Object(fields)
}
