//! A stand-in for WeCom's display component: names in frames of this origin, for viewers who hold a sign-in of that corp for the page's host
//! (reference §9.10, §11). The page around a frame cannot read it.

use actix_web::http::StatusCode;
use actix_web::http::header::USER_AGENT;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::json;
use sha1::{Digest, Sha1};

use super::{Params, client_of, page, param};
use crate::policy::View;
use crate::redirects::{fits, host_of};
use crate::state::{Shared, State};
use crate::tokens::Kind;
use crate::world::Corp;
use crate::world::open_ids::OpenIds;

#[derive(Template)]
#[template(path = "open_data.html")]
struct Frame {
    name: String,
    /// 0 where the name is shown.
    errcode: i32,
}

/// `GET /open-data.js`: defines `<ww-open-data>`, `wx.agentConfig`, `ww.register` and `ww.initOpenData`.
pub(crate) async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header(("access-control-allow-origin", "*"))
        .body(include_str!("../../templates/open_data.js"))
}

/// `GET /open-data/config`: whether a page is signed well, by the app's ticket or, with `ticket=corp`, by the corp's; the script asks it.
pub(crate) async fn config(query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let (state, now) = (shared.lock(), shared.clock.now());
    let judged = match param(&query, "ticket") {
        Some("corp") => signed_by_corp(&state, &query, now),
        _ => signed(&state, &query, now).map(|_| ()),
    };
    drop(state);
    let errcode = judged.err().unwrap_or_default();
    HttpResponse::Ok()
        .insert_header(("access-control-allow-origin", "*"))
        .json(json!({"errcode": errcode}))
}

/// `GET /open-data/frame`: one name, or HTTP 403.
pub(crate) async fn frame(request: HttpRequest, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let now = shared.clock.now();
    match named(&request, &query, &mut shared.lock(), now) {
        Ok(name) => page(StatusCode::OK, &Frame { name, errcode: 0 }),
        Err(errcode) => {
            let name = String::new();
            page(StatusCode::FORBIDDEN, &Frame { name, errcode })
        }
    }
}

/// The corp and the app that a page says it is signed for.
fn owner<'a>(state: &'a State, query: &Params) -> Result<(&'a Corp, u32), i32> {
    let given = |name: &str| param(query, name).unwrap_or_default();
    let agentid: u32 = given("agentid").parse().map_err(|_| 40056)?;
    let seen = |corp: &&Corp| {
        let app = corp.apps.get(&agentid);
        let ids = app.and_then(|app| OpenIds::of_app(&state.world, app));
        let corpid = ids.map_or_else(|| corp.corpid.clone(), |ids| ids.corpid(&corp.corpid));
        app.is_some() && corpid == given("corpid")
    };
    let corp = state.world.corps.values().find(seen).ok_or(40013)?;
    Ok((corp, agentid))
}

/// Whether the ticket of this app, or of the corp (`None`), made the signature.
fn signs(state: &State, query: &Params, (corp, app): (&Corp, Option<u32>), now: u64) -> bool {
    let given = |name: &str| param(query, name).unwrap_or_default();
    let ticket = state.tokens.js_ticket_now(&(corp.corpid.clone(), app), now);
    let (nonce, time, url) = (given("noncestr"), given("timestamp"), given("url"));
    let text = ticket.map(|ticket| format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={time}&url={url}"));
    let digest = text.map(|text| {
        Sha1::digest(text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    });
    digest.is_some_and(|digest| digest == given("signature"))
}

/// 40013, 40093 or 42012 where the corp's ticket did not sign the page.
fn signed_by_corp(state: &State, query: &Params, now: u64) -> Result<(), i32> {
    let (corp, agentid) = owner(state, query)?;
    match signs(state, query, (corp, None), now) {
        true => Ok(()),
        false if signs(state, query, (corp, Some(agentid)), now) => Err(42012),
        false => Err(40093),
    }
}

/// The app that signed the page, and the page's host. 40013, 40093, 42012 or 85005 where it is not signed well.
fn signed(state: &State, query: &Params, now: u64) -> Result<(String, u32, String), i32> {
    let given = |name: &str| param(query, name).unwrap_or_default();
    let (corp, agentid) = owner(state, query)?;
    if !signs(state, query, (corp, Some(agentid)), now) {
        let other = signs(state, query, (corp, None), now);
        return Err(if other { 42012 } else { 40093 });
    }
    let suite = state.world.suite_of(&corp.corpid, agentid);
    let domain = match suite {
        Some(suite) => suite.trusted_domain.as_ref(),
        None => corp.apps.get(&agentid).and_then(|app| app.oauth_domain.as_ref()),
    };
    let host = host_of(given("url")).filter(|host| fits(domain, host, &state.world.switches));
    Ok((corp.corpid.clone(), agentid, host.ok_or(85005)?))
}

/// The name for this viewer; 43016 and 90307 where they hold no sign-in of that corp for that host.
fn named(request: &HttpRequest, query: &Params, state: &mut State, now: u64) -> Result<String, i32> {
    let (corpid, agentid, host) = signed(state, query, now)?;
    is_viewer(request, state, (&corpid, &host), now)?;
    let ids = state
        .app(&corpid, agentid)
        .and_then(|app| OpenIds::of_app(&state.world, app));
    let id = param(query, "id").unwrap_or_default();
    let view = state
        .corp(&corpid)
        .map(|corp| View::of(Kind::App(agentid), corp))
        .ok_or(40013)?;
    match param(query, "type") {
        Some("userName") => {
            let member = match ids {
                Some(ids) => ids.member(view.corp, id),
                None => view.corp.member(id),
            };
            let member = member.filter(|member| view.sees(member)).ok_or(60111)?;
            Ok(member.name.clone())
        }
        Some("departmentName") => {
            let department = id.parse().map_err(|_| 60003)?;
            let department = view.department(department).map_err(|refused| refused.code)?;
            Ok(department.name.clone())
        }
        _ => Err(40035),
    }
}

fn is_viewer(request: &HttpRequest, state: &State, (corp, host): (&str, &str), now: u64) -> Result<(), i32> {
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    let inside = agent.is_some_and(|agent| agent.to_lowercase().contains("wxwork/"));
    let client = client_of(request, &Params::new()).filter(|(of, userid)| {
        let known = state.world.corps.get(of).and_then(|corp| corp.member(userid));
        inside && of == corp && known.is_some()
    });
    if client.is_some() {
        return Ok(());
    }
    let session = request.cookie("sim_session").ok_or(43016)?;
    let viewer = state.suites.viewers.find(session.value(), now)?;
    let still = state.world.corps.get(corp).and_then(|corp| corp.member(&viewer.userid));
    if viewer.corp == corp && viewer.host == host && still.is_some() {
        Ok(())
    } else {
        Err(43016)
    }
}
