//! The phone pages: choose who scans, then confirm or refuse (reference §13 point 5).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;

use super::acts::{self, ACTS};
use super::people::{Group, groups};
use super::{Notice, Params, denial, grant, page, param, redirect};
use crate::codes::Visitor;
use crate::redirects::host_of;
use crate::state::{Shared, State};
use crate::tickets::{LoginKind, Stage, Ticket};
use crate::world::{Corp, ScanScopeCheck};

const OTHERS: [(&str, &str); 5] = [
    ("outsider", "外部人员扫码 · outsider"),
    ("customer", "客户扫码 · customer"),
    ("linked", "互联企业成员 · linked corp"),
    ("cancel", "取消 · cancel"),
    ("expire", "让二维码过期 · expire"),
];
/// Corp of visitors from a linked corp.
const LINKED_CORP: &str = "wwlinked0000000001";

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage {
    ticket: String,
    corpid: String,
    corp: String,
    /// Corps to choose from, where a suite signs in; else none.
    corps: Vec<(String, String)>,
    app: String,
    host: String,
    query: String,
    twice: bool,
    groups: Vec<Group>,
    shown: usize,
    total: usize,
    others: [(&'static str, &'static str); 5],
    acts: [(&'static str, &'static str); 4],
    /// Userid and name of members who left.
    gone: Vec<(String, String)>,
}

/// Confirmed: whoever holds the phone can now be made to leave.
#[derive(Template)]
#[template(path = "confirmed.html")]
struct ConfirmedPage {
    corpid: String,
    userid: String,
    name: String,
    next: String,
    acts: [(&'static str, &'static str); 4],
}

fn unknown() -> HttpResponse {
    Notice::new("二维码已失效", "Unknown, used or expired ticket.").refuse(StatusCode::NOT_FOUND)
}

fn corps(state: &State) -> Vec<(String, String)> {
    let corps = state.world.corps.values();
    corps.map(|corp| (corp.corpid.clone(), corp.name.clone())).collect()
}

/// The corp of whoever holds the phone: that of the ticket; for a suite the chosen one, or the first that installed it.
fn corp_of<'a>(state: &'a State, ticket: &Ticket, params: &Params) -> Option<&'a Corp> {
    let world = &state.world;
    let Some(suite) = &ticket.suite else {
        return world.corps.get(&ticket.corp);
    };
    if let Some(chosen) = param(params, "corp") {
        return world.corps.get(chosen);
    }
    let installed = |corp: &&Corp| world.installed(&corp.corpid, suite).is_some();
    world
        .corps
        .values()
        .find(installed)
        .or_else(|| world.corps.values().next())
}

/// `GET /phone/{ticket}`
pub(crate) async fn show(id: Path<String>, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let mut state = shared.lock();
    let ticket = state
        .tickets
        .find(&id, shared.clock.now())
        .filter(|ticket| ticket.stage == Stage::Waiting);
    let Some(ticket) = ticket else { return unknown() };
    let Some(corp) = corp_of(&state, &ticket, &query) else {
        return unknown();
    };
    let words = param(&query, "q").unwrap_or_default();
    let (groups, shown) = groups(corp, words);
    let suite = ticket.suite.as_ref().and_then(|id| state.world.suites.get(id));
    let html = PhonePage {
        ticket: id.into_inner(),
        corpid: corp.corpid.clone(),
        corp: corp.name.clone(),
        app: ticket
            .agentid
            .and_then(|id| corp.apps.get(&id))
            .map(|app| app.name.clone())
            .or(suite.map(|suite| suite.name.clone()))
            .unwrap_or_default(),
        corps: suite.map(|_| corps(&state)).unwrap_or_default(),
        host: host_of(&ticket.redirect_uri).unwrap_or_default(),
        query: words.to_owned(),
        twice: param(&query, "deliver") == Some("twice"),
        groups,
        shown,
        total: corp.members.len(),
        others: OTHERS,
        acts: ACTS,
        gone: acts::gone(&state, &corp.corpid),
    };
    page(StatusCode::OK, &html)
}

/// `POST /phone/{ticket}`
pub(crate) async fn act(id: Path<String>, form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let now = shared.clock.now();
    let mut state = shared.lock();
    let ticket = state
        .tickets
        .find(&id, now)
        .filter(|ticket| ticket.stage == Stage::Waiting);
    let Some(mut ticket) = ticket else { return unknown() };
    if let Some(suite) = &ticket.suite {
        let Some(corp) = corp_of(&state, &ticket, &form) else {
            return unknown();
        };
        let agentid = state.world.installed(&corp.corpid, suite).map(|app| app.agentid);
        (ticket.corp, ticket.agentid) = (corp.corpid.clone(), agentid);
    }
    let stage = match next_stage(&mut state, &ticket, &form, now) {
        Ok(stage) => stage,
        Err((status, notice)) => return notice.refuse(status),
    };
    let confirmed = matches!(stage, Stage::Done { .. });
    state.tickets.advance(&id, stage);
    let scanned =
        param(&form, "userid").and_then(|userid| state.world.corps.get(&ticket.corp)?.member(userid).cloned());
    if let (true, Some(member), None | Some("member")) = (confirmed, &scanned, param(&form, "as")) {
        state.tickets.confirm(&id, &ticket.corp, &member.userid);
    }
    if param(&form, "back") == Some("wait") {
        return redirect(&format!("/wwlogin/sso/wait?ticket={id}"));
    }
    if let (true, Some(member)) = (confirmed, scanned) {
        let html = ConfirmedPage {
            corpid: ticket.corp.clone(),
            userid: member.userid,
            name: member.name,
            next: format!("/desk?corp={}", ticket.corp),
            acts: ACTS,
        };
        page(StatusCode::OK, &html)
    } else if confirmed {
        Notice::new("已确认，请回到电脑", "Done. Go back to the computer.").show()
    } else {
        Notice::new("已取消", "Done. The computer shows what happened.").show()
    }
}

type Blocked = (StatusCode, Notice<'static>);

fn next_stage(state: &mut State, ticket: &Ticket, form: &Params, now: u64) -> Result<Stage, Blocked> {
    let twice = param(form, "deliver") == Some("twice");
    let done = |target: Option<String>| target.map_or(Stage::Expired, |target| Stage::Done { target, twice });
    let openid = || "oSimulatedOutsider0000000001".to_owned();
    let visitor = match param(form, "as").unwrap_or("member") {
        "cancel" => {
            let redirects = ticket.login_page == LoginKind::Legacy || state.world.switches.web_refusal_redirects;
            return Ok(if redirects {
                done(denial(ticket))
            } else {
                Stage::Cancelled
            });
        }
        "expire" => return Ok(Stage::Expired),
        "outsider" => Visitor::Outsider {
            openid: openid(),
            external_userid: None,
        },
        "customer" => {
            let external_userid = Some("wmSimulatedCustomer000000001".to_owned());
            Visitor::Outsider {
                openid: openid(),
                external_userid,
            }
        }
        "linked" => Visitor::Linked(format!(
            "{LINKED_CORP}/{}",
            param(form, "userid").unwrap_or("linkedmember")
        )),
        "member" => member(state, ticket, param(form, "userid").unwrap_or_default())?,
        _ => {
            return Err((
                StatusCode::UNPROCESSABLE_ENTITY,
                Notice::new("参数错误", "Unknown value of `as`."),
            ));
        }
    };
    Ok(done(grant(state, ticket, visitor, None, now)))
}

/// The member who scans. The client refuses unknown members, by switch also inactive ones and, at the legacy page always, those out of
/// scope.
fn member(state: &mut State, ticket: &Ticket, userid: &str) -> Result<Visitor, Blocked> {
    let known = state.world.corps.get(&ticket.corp).and_then(|corp| corp.member(userid));
    let Some((userid, status)) = known.map(|member| (member.userid.clone(), member.status)) else {
        return Err((
            StatusCode::UNPROCESSABLE_ENTITY,
            Notice::new("没有这个成员", "No such member in this corp."),
        ));
    };
    let switches = &state.world.switches;
    if status != 1 && !switches.inactive_may_confirm {
        let notice = Notice::new(
            "账号不可用",
            "This member is disabled or not activated and cannot use the client.",
        );
        return Err((StatusCode::FORBIDDEN, notice));
    }
    let checks = ticket.login_page == LoginKind::Legacy || switches.scan_scope_check == ScanScopeCheck::Block;
    let inside = ticket
        .agentid
        .is_some_and(|agentid| state.in_scope(&ticket.corp, agentid, &userid));
    if checks && !inside {
        let notice = Notice::new(
            "没有权限",
            "No permission: this member is outside the app's visible scope.",
        );
        return Err((StatusCode::FORBIDDEN, notice));
    }
    Ok(Visitor::Member(userid))
}
