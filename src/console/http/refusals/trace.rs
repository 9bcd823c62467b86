//! What led to the failure behind one code, and what would let that person in.

use actix_web::{http::StatusCode, web::Path};
use askama::Template;
use serde::Deserialize;

use super::remedies::{self, Person};
use crate::audit::actor::as_member;
use crate::console::http::{
    address::segment,
    checks::{self, Check, Line},
    frame::{self, Frame, Section},
    listing::Listing,
    moment::Moment,
    names,
    refused::Refused,
    values,
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/refusals/trace.html")]
struct TracePage {
    frame: Frame,
    trace: Trace,
    at: Moment,
    /// Whose it was, where that is known.
    who: Option<String>,
    /// Their userid, where they are called otherwise.
    userid: Option<String>,
    user_id: Option<String>,
    portal: Option<Portal>,
    checks: Vec<Line>,
    steps: Vec<Step>,
    /// What would let each of those in whom it may be.
    people: Vec<Person>,
}

#[derive(Template)]
#[template(path = "console/refusals/unknown.html")]
struct UnknownPage {
    frame: Frame,
    code: String,
    days: Option<String>,
}

#[derive(Deserialize)]
struct Trace {
    actor: Option<String>,
    address: Option<String>,
    at: i64,
    browser: Option<String>,
    cause: Option<String>,
    checks: Option<Vec<Check>>,
    client_id: Option<String>,
    complete: bool,
    detail: Option<String>,
    en: Option<String>,
    zh: Option<String>,
    method: Option<String>,
    path: Option<String>,
    number: String,
    reference: String,
    remedy: Option<String>,
    remedy_zh: Option<String>,
    status: Option<u16>,
    steps: Vec<TraceStep>,
    wecom_calls: Option<Vec<WeComCall>>,
}

#[derive(Deserialize)]
struct TraceStep {
    at: i64,
    step: String,
}

struct Step {
    word: String,
    at: Moment,
    /// Since the step before, milliseconds.
    after: Option<i64>,
}

#[derive(Deserialize)]
struct WeComCall {
    duration_ms: i64,
    errcode: Option<i64>,
    hint: Option<String>,
    outcome: String,
    path: String,
}

#[derive(Deserialize)]
struct Portal {
    id: String,
    client_id: String,
    name: String,
}

#[derive(Default, Deserialize)]
struct Event {
    user_id: Option<String>,
    member_id: Option<String>,
}

pub(super) async fn trace(visit: Visit, reference: Path<String>) -> Reply {
    let code = reference.into_inner();
    let Some(trace) = visit.find::<Trace>(&format!("traces/{}", segment(&code))).await? else {
        return unknown(&visit, code).await;
    };
    let event = event(&visit, &trace.reference).await?;
    let portal = match trace.client_id.as_deref() {
        Some(id) => visit.find::<Portal>(&format!("clients/{}", segment(id))).await?,
        None => None,
    };
    let people = match portal.as_ref() {
        Some(portal) => {
            let who = (
                event.user_id.as_deref(),
                event.member_id.as_deref(),
                trace.actor.as_deref(),
            );
            remedies::of(&visit, &portal.client_id, who).await?
        }
        None => Vec::new(),
    };
    let mut trace = trace;
    let checks = checks::lines(trace.checks.take().unwrap_or_default());
    let frame = visit.frame("console-trace-title", Some(Section::Refusals));
    let who = who(&visit, &frame, &trace, (&event, &people)).await;
    let member = trace.actor.as_deref().and_then(as_member);
    let userid = member.map(|member| member.userid.to_owned());
    Ok(visit.page(&TracePage {
        frame,
        at: visit.moment(trace.at),
        userid: userid.filter(|userid| who.as_ref() != Some(userid)),
        who,
        user_id: event
            .user_id
            .or_else(|| people.iter().find_map(|person| person.user_id.clone())),
        portal,
        checks,
        steps: steps(&visit, &trace.steps),
        people,
        trace,
    }))
}

async fn event(visit: &Visit, reference: &str) -> Result<Event, Refused> {
    let events: Listing<Event> = visit
        .get(&format!("audit-events?reference={}&limit=1", segment(reference)))
        .await?;
    Ok(events.items.into_iter().next().unwrap_or_default())
}

/// Whose it was: as those are called who it may be, else as the audit log has them.
async fn who(visit: &Visit, frame: &Frame, trace: &Trace, (event, people): (&Event, &[Person])) -> Option<String> {
    if let Some(person) = people.first() {
        return Some(person.name.clone());
    }
    let actor = trace.actor.as_deref();
    let users = event.user_id.as_deref().into_iter();
    let users = users.chain(actor.and_then(|actor| actor.strip_prefix("user:")));
    let mut named = names::people(visit, users).await;
    let of_event = event.user_id.as_ref().and_then(|id| named.remove(id));
    of_event.or_else(|| Some(names::who(frame, &named, actor?)))
}

fn steps(visit: &Visit, steps: &[TraceStep]) -> Vec<Step> {
    let mut before = None;
    let mut told = Vec::with_capacity(steps.len());
    for step in steps {
        told.push(Step {
            word: step.step.clone(),
            at: visit.moment(step.at),
            after: before.map(|before: i64| step.at.saturating_sub(before)),
        });
        before = Some(step.at);
    }
    told
}

/// The page for a code that leads to nothing: how codes look, and how long traces are kept.
async fn unknown(visit: &Visit, code: String) -> Reply {
    let days = names::setting(visit, "audit.trace_days").await?;
    let page = UnknownPage {
        frame: visit.frame("console-trace-unknown-title", Some(Section::Refusals)),
        code,
        days: days.map(|days| values::told("", &days)),
    };
    Ok(frame::html(StatusCode::NOT_FOUND, &page))
}
