//! What happens to a member, by a button: leaves, is disabled, falls out of the visible scope, comes back. Each is what an administrator does in
//! WeCom's console, told by the events of it (reference §7.1, §17.1).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use askama::Template;

use super::{Notice, Params, page, param};
use crate::callbacks::{self, Acted, Delivery, DeliveryReport};
use crate::state::{Shared, State};
use crate::world::{Action, Member};

/// Values and labels of the buttons.
pub(super) const ACTS: [(&str, &str); 4] = [
    ("leave", "此成员现在离职 · this member leaves now"),
    ("disable", "停用 · is disabled"),
    ("outside", "移出可见范围 · taken out of the visible scope"),
    ("back", "回来 · comes back"),
];

#[derive(Template)]
#[template(path = "acted.html")]
struct ActedPage {
    title: &'static str,
    corpid: String,
    userid: String,
    name: String,
    told: Vec<String>,
    watch: Vec<(String, String)>,
    next: String,
    acts: [(&'static str, &'static str); 4],
}

/// `POST /member`
pub(crate) async fn act(form: Form<Params>, shared: Data<Shared>) -> HttpResponse {
    let corpid = param(&form, "corp").unwrap_or_default().to_owned();
    let userid = param(&form, "userid").unwrap_or_default();
    let word = param(&form, "action").unwrap_or_default();
    let planned = plan(&mut shared.lock(), &corpid, userid, word);
    let Some((member, title, actions)) = planned else {
        let notice = Notice::new("没有这个成员", "No such member in this corp, or no such action.");
        return notice.refuse(StatusCode::UNPROCESSABLE_ENTITY);
    };
    let mut told = Vec::new();
    for action in actions {
        let events = callbacks::act(&shared, &corpid, action, Delivery::default()).await;
        told.extend(lines(&events.unwrap_or_default()));
    }
    let html = ActedPage {
        title,
        corpid,
        userid: member.userid,
        name: member.name,
        told,
        watch: shared.watch.clone(),
        next: param(&form, "next")
            .filter(|next| next.starts_with('/') && !next.starts_with("//"))
            .unwrap_or("/desk")
            .to_owned(),
        acts: ACTS,
    };
    page(StatusCode::OK, &html)
}

/// The member as they are (or were), what happens in words, and the actions of it.
fn plan(state: &mut State, corpid: &str, userid: &str, word: &str) -> Option<(Member, &'static str, Vec<Action>)> {
    let key = (corpid.to_owned(), userid.to_lowercase());
    let now = state.world.corps.get(corpid)?.member(userid).cloned();
    if word == "back" {
        let before = state.before.get(&key).or(now.as_ref())?.clone();
        let actions = coming_back(now.as_ref(), &before);
        return Some((before, "回来了 · is back", actions));
    }
    let now = now?;
    let userid = now.userid.clone();
    let (title, action) = match word {
        "leave" => ("已离职 · has left the company", Action::Remove { userid }),
        "disable" => ("已停用 · is disabled", Action::Status { userid, status: 2 }),
        "outside" => {
            let departments = vec![outside(state, corpid)?];
            let title = "已调入可见范围之外的部门 · moved to a department outside the visible scope";
            (title, Action::Move { userid, departments })
        }
        _ => return None,
    };
    state.before.entry(key).or_insert_with(|| now.clone());
    Some((now, title, vec![action]))
}

fn coming_back(now: Option<&Member>, before: &Member) -> Vec<Action> {
    let Some(now) = now else {
        return vec![Action::Add(before.clone())];
    };
    let (userid, status) = (now.userid.clone(), before.status);
    let only_status = Member { status, ..now.clone() };
    match (now == before, only_status == *before) {
        (true, _) => Vec::new(),
        (false, true) => vec![Action::Status { userid, status }],
        (false, false) => vec![Action::Add(before.clone())],
    }
}

/// A department that the newest app of the corp does not see.
fn outside(state: &mut State, corpid: &str) -> Option<u32> {
    let (corp, index, _) = state.corp(corpid)?;
    let visible = index.visible(*corp.apps.keys().next_back()?)?;
    let mut departments = corp.departments.keys().copied();
    departments.find(|id| *id != 1 && !visible.departments.contains(id))
}

/// Members who left by a button.
pub(super) fn gone(state: &State, corpid: &str) -> Vec<(String, String)> {
    let Some(corp) = state.world.corps.get(corpid) else {
        return Vec::new();
    };
    let mine = state.before.iter().filter(|((of, _), _)| of == corpid);
    mine.filter(|(_, member)| corp.member(&member.userid).is_none())
        .map(|(_, member)| (member.userid.clone(), member.name.clone()))
        .collect()
}

/// What was told, and how it was answered.
pub(super) fn lines(acted: &Acted) -> Vec<String> {
    let events = acted.told.iter().map(|told| {
        let event = serde_json::to_value(&told.event).unwrap_or_default();
        let name = event.as_object().and_then(|event| event.keys().next().cloned());
        let name = name.or_else(|| event.as_str().map(str::to_owned)).unwrap_or_default();
        line(&name, &told.report)
    });
    let pushes = acted.pushed.iter();
    let pushes = pushes.map(|pushed| line(pushed.push.info_type(), &pushed.report));
    events.chain(pushes).collect()
}

fn line(name: &str, report: &DeliveryReport) -> String {
    let answer = match report.statuses.last() {
        Some(status) => format!("HTTP {status}"),
        None => "没有配置回调 no callback configured".to_owned(),
    };
    format!("企业微信推送 WeCom pushed {name} → {answer}")
}
