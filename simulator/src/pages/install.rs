//! Installing a suite: in the browser, which is redirected with the code, and on the phone, from which the code is pushed (reference §9.2, §9.3).

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::picks::{Picks, ticked};
use super::{Notice, Params, client_of, page, param, redirect};
use crate::callbacks::{Place, install};
use crate::redirects::{fits, host_of, with_params};
use crate::state::{Shared, State};
use crate::suites::AUTH_CODE_LIFETIME;
use crate::world::{Agreement, Suite};

/// Longest `state`, in the browser and in a QR code.
const LONGEST: usize = 128;
const LONGEST_OF_QR: usize = 32;

/// Somebody who can agree.
struct Person {
    userid: String,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "install.html")]
struct InstallPage {
    suite: String,
    provider: String,
    again: bool,
    /// `add`, then `choose`.
    step: &'static str,
    action: String,
    hidden: Vec<(String, String)>,
    corps: Vec<(String, String)>,
    corp: String,
    corp_name: String,
    people: Vec<Person>,
    picks: Picks,
}

type Stopped = Notice<'static>;

fn stop(title: &'static str, english: &'static str, detail: impl ToString) -> Stopped {
    Notice {
        detail: detail.to_string(),
        ..Notice::new(title, english)
    }
}

fn state_of(params: &Params, longest: usize) -> Result<String, Stopped> {
    let given = param(params, "state").unwrap_or_default();
    if given.len() > longest || !given.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let english = "state: letters and digits, not longer than is allowed.";
        return Err(stop("state 参数错误", english, "84025"));
    }
    Ok(given.to_owned())
}

fn suite<'a>(state: &'a State, id: Option<&str>) -> Result<&'a Suite, Stopped> {
    let suite = id.and_then(|id| state.world.suites.get(id));
    suite.ok_or_else(|| stop("该链接无法访问", "Wrong parameters.", "suite_id"))
}

/// Checks what the browser was sent with: pre-auth code, domain, state, and whether an unpublished suite may be installed.
fn checked(params: &Params, state: &State, now: u64) -> Result<Suite, Stopped> {
    let suite = suite(state, param(params, "suite_id"))?;
    let code = param(params, "pre_auth_code").unwrap_or_default();
    let pre_auth = state.suites.codes.pre_auth(&suite.suite_id, code, now);
    let english = "The pre_auth_code is unknown, used or too old.";
    let pre_auth = pre_auth.map_err(|refused| stop("授权链接已失效", english, refused.code))?;
    let target = param(params, "redirect_uri").unwrap_or_default();
    let host = host_of(target).unwrap_or_default();
    if host.is_empty() || !fits(suite.install_domain.as_ref(), &host, &state.world.switches) {
        let english =
            "The host of redirect_uri is not the registered domain of this suite (host and port must be equal).";
        return Err(stop("redirect_uri 与配置的授权完成回调域名不一致", english, target));
    }
    state_of(params, LONGEST)?;
    if !suite.published && !pre_auth.test {
        let english = "The suite is not published: it can only be installed as a test (auth_type 1).";
        return Err(stop("应用未上线", english, &suite.suite_id));
    }
    Ok(suite.clone())
}

/// `GET /3rdapp/install`
pub(crate) async fn browser(request: HttpRequest, query: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    let state = shared.lock();
    let suite = match checked(&query, &state, shared.clock.now()) {
        Ok(suite) => suite,
        Err(notice) => return notice.show(),
    };
    let names = ["suite_id", "pre_auth_code", "redirect_uri", "state"];
    let hidden = names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), param(&query, name)?.to_owned())));
    form(
        &request,
        &query,
        &state,
        &suite,
        ("/3rdapp/install", "choose"),
        hidden.collect(),
    )
}

/// `POST /3rdapp/install`
pub(crate) async fn agree_in_browser(form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let now = shared.clock.now();
    if param(&form, "answer") != Some("agree") {
        return Notice::new("已取消", "Nothing was installed, and nobody is told.").show();
    }
    let suite = match checked(&form, &shared.lock(), now) {
        Ok(suite) => suite,
        Err(notice) => return notice.show(),
    };
    let agreement = agreement(&form, &suite.suite_id, now, String::new());
    let corp = param(&form, "corp").unwrap_or_default();
    let Some((code, _)) = install(&shared, corp, agreement, Place::Browser, None).await else {
        return unknown();
    };
    let spent = param(&form, "pre_auth_code").unwrap_or_default();
    shared.lock().suites.codes.spend_pre_auth(spent, now);
    let expires = AUTH_CODE_LIFETIME.to_string();
    let mut params = vec![("auth_code", code.as_str()), ("expires_in", expires.as_str())];
    params.extend(param(&form, "state").map(|given| ("state", given)));
    let target = with_params(param(&form, "redirect_uri").unwrap_or_default(), &params);
    target.map_or_else(unknown, |target| redirect(&target))
}

fn unknown() -> HttpResponse {
    let notice = Notice::new("没有这个企业或成员", "No such corp, or no such member in it.");
    notice.refuse(StatusCode::UNPROCESSABLE_ENTITY)
}

/// `GET /install/{suite}`: what the app's QR code leads to.
pub(crate) async fn phone(
    request: HttpRequest,
    id: Path<String>,
    query: Query<Params>,
    shared: Data<Shared>,
) -> HttpResponse {
    let state = shared.lock();
    let found = on_phone(&state, &id, &query);
    let (suite, given) = match found {
        Ok(found) => found,
        Err(notice) => return notice.show(),
    };
    let step = if param(&query, "step") == Some("choose") {
        "choose"
    } else {
        "add"
    };
    let hidden = Some(("state".to_owned(), given)).filter(|(_, given)| !given.is_empty());
    let action = format!("/install/{id}");
    form(
        &request,
        &query,
        &state,
        &suite,
        (&action, step),
        hidden.into_iter().collect(),
    )
}

fn on_phone(state: &State, id: &str, params: &Params) -> Result<(Suite, String), Stopped> {
    let suite = suite(state, Some(id))?;
    if !suite.published {
        return Err(stop("应用未上线", "The suite is not published.", id));
    }
    Ok((suite.clone(), state_of(params, LONGEST_OF_QR)?))
}

/// `POST /install/{suite}`: no redirect; the code is pushed.
pub(crate) async fn agree_on_phone(id: Path<String>, form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    if param(&form, "answer") != Some("agree") {
        return Notice::new("已取消", "Nothing was installed, and nobody is told.").show();
    }
    let found = on_phone(&shared.lock(), &id, &form);
    let given = match found {
        Ok((_, given)) => given,
        Err(notice) => return notice.show(),
    };
    let agreement = agreement(&form, &id, shared.clock.now(), given);
    let corp = param(&form, "corp").unwrap_or_default();
    match install(&shared, corp, agreement, Place::Phone, None).await {
        Some(_) => Notice::new("已添加", "Installed. Go back to the computer.").show(),
        None => unknown(),
    }
}

fn agreement(form: &Params, suite_id: &str, at: u64, state: String) -> Agreement {
    Agreement {
        suite_id: suite_id.to_owned(),
        by: param(form, "by").unwrap_or_default().to_owned(),
        scope: ticked(form),
        at,
        auth_mode: 0,
        state,
        permanent_code: String::new(),
    }
}

/// The page on which scope and administrator are chosen; before that, on the phone, the one that offers the app.
fn form(
    request: &HttpRequest,
    query: &Params,
    state: &State,
    suite: &Suite,
    (action, step): (&str, &'static str),
    hidden: Vec<(String, String)>,
) -> HttpResponse {
    let client = client_of(request, query);
    let world = &state.world;
    let asked = param(query, "corp").or(client.as_ref().map(|(corp, _)| corp.as_str()));
    let corp = asked
        .and_then(|id| world.corps.get(id))
        .or_else(|| world.corps.values().next());
    let Some(corp) = corp else { return unknown() };
    let before = world.installed(&corp.corpid, &suite.suite_id);
    let chosen = before.map(|app| app.scope.clone()).unwrap_or_default();
    let leads = |userid: &str| {
        corp.member(userid)
            .is_some_and(|member| member.departments.iter().any(|place| place.leader))
    };
    let by = client
        .filter(|(of, _)| *of == corp.corpid)
        .map(|(_, userid)| userid)
        .unwrap_or_default();
    let active = corp.members.values().filter(|member| member.status == 1);
    let mut people: Vec<Person> = active
        .map(|member| Person {
            userid: member.userid.clone(),
            name: member.name.clone(),
            chosen: member.userid == by,
        })
        .collect();
    people.sort_by_key(|person| (!person.chosen, !leads(&person.userid)));
    people.truncate(50);
    let html = InstallPage {
        suite: suite.name.clone(),
        provider: world
            .providers
            .get(&suite.provider)
            .map(|one| one.name.clone())
            .unwrap_or_default(),
        again: before.is_some(),
        step,
        action: action.to_owned(),
        hidden,
        corps: world
            .corps
            .values()
            .map(|corp| (corp.corpid.clone(), corp.name.clone()))
            .collect(),
        corp: corp.corpid.clone(),
        corp_name: corp.name.clone(),
        people,
        picks: Picks::of(corp, &chosen),
    };
    page(StatusCode::OK, &html)
}
