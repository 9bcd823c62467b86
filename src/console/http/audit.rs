//! *Who did what?* Read only: nothing here can be changed by anybody.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::{
    address::segment,
    days,
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    names::{self, Portal, Source},
    refused::Refused,
    values::{self, Change, Fact},
    visit::{Reply, Visit, with_query},
};

/// Events of a page: one that makes a portal has a line for each of its fields, and the page is to stay small.
const LINES: &str = "25";
/// Parameters that are handed on to the API, beside the days: those of an export, and where the page begins.
const FILTERS: [&str; 8] = [
    "user",
    "client_id",
    "data_source",
    "kind",
    "number",
    "actor",
    "reference",
    "cursor",
];

/// Those that an export has too.
fn exported() -> Vec<&'static str> {
    FILTERS.into_iter().filter(|name| *name != "cursor").collect()
}

/// The kinds of events.
const KINDS: &[&str] = &[
    "signed_in",
    "refused",
    "client.refused",
    "failed",
    "signed_out",
    "tokens_issued",
    "reuse_detected",
    "consent_given",
    "consent_withdrawn",
    "configured",
    "member.departed",
    "member.returned",
    "access.ended",
    "access.returned",
    "member.userid_reused",
    "member.userid_changed",
    "member.identity_doubted",
    "logout.undelivered",
    "trial.begun",
    "trial.ended",
    "trial.refused",
    "access_request.opened",
    "access_request.approved",
    "access_request.refused",
    "access_request.withdrawn",
    "access_request.expired",
    "access_request.overtaken",
    "access_request.closed",
    "access_request.press_refused",
    "names.proven",
];
/// Members of the detail that are shown elsewhere.
const SHOWN: &[&str] = &["action", "fields", "before", "after", "group"];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/audit", web::get().to(list))
        .route("/audit/export.csv", web::get().to(csv))
        .route("/audit/export.jsonl", web::get().to(jsonl));
}

#[derive(Template)]
#[template(path = "console/audit/list.html")]
struct AuditPage {
    frame: Frame,
    filters: Filters,
    kinds: &'static [&'static str],
    portals: Vec<Portal>,
    sources: Vec<Source>,
    events: Vec<Line>,
    next: Option<String>,
    csv: String,
    jsonl: String,
}

struct Filters {
    user: String,
    client_id: String,
    data_source: String,
    kind: String,
    number: String,
    actor: String,
    since: String,
    until: String,
    zone: String,
}

/// An event, with names in the place of ids.
pub(super) struct Line {
    pub event: Event,
    pub at: Moment,
    pub actor: String,
    /// What it is about, and its page, where there is one.
    pub subject: (String, Option<String>),
    /// The portal, where the subject is another thing.
    pub portal: Option<String>,
    /// What was done, in a word.
    pub action: String,
    pub changes: Vec<Change>,
    pub facts: Vec<Fact>,
    pub trace: Option<String>,
}

/// An event of the audit log.
#[derive(Deserialize)]
pub(super) struct Event {
    pub actor: String,
    at: i64,
    client_id: Option<String>,
    detail: Value,
    pub kind: String,
    pub number: Option<String>,
    pub reference: Option<String>,
    subject: String,
    user_id: Option<String>,
}

async fn list(visit: Visit) -> Reply {
    let events: Listing<Event> = visit
        .get(&days::passing_with(
            &visit,
            "audit-events",
            &FILTERS,
            Some(("limit", LINES)),
        ))
        .await?;
    let known = Known::of(&visit, &events.items).await?;
    let frame = visit.frame("console-audit-title", Some(Section::Audit));
    let export = |kind| {
        let names = exported().into_iter().chain(["since", "until", "zone"]);
        with_query(
            &format!("/console/audit/export.{kind}"),
            names.filter_map(|name| Some((name, visit.param(name)?))),
        )
    };
    let line = |event: Event| known.line(&visit, &frame, event);
    let lines = events.items.into_iter().map(line).collect();
    Ok(visit.page(&AuditPage {
        frame,
        filters: filters(&visit),
        kinds: KINDS,
        events: lines,
        next: visit.next(events.next_cursor),
        csv: export("csv"),
        jsonl: export("jsonl"),
        portals: known.portals,
        sources: known.sources,
    }))
}

/// Names of what events are about.
pub(super) struct Known {
    people: BTreeMap<String, String>,
    portals: Vec<Portal>,
    sources: Vec<Source>,
}

impl Known {
    /// What these events are about.
    pub async fn of(visit: &Visit, events: &[Event]) -> Result<Self, Refused> {
        let (portals, sources) = (names::portals(visit).await?, names::sources(visit).await?);
        let operators = names::operators(visit).await?;
        let acted = |event: &Event| event.actor.strip_prefix("user:").map(str::to_owned);
        let users = events.iter().flat_map(|event| [acted(event), event.user_id.clone()]);
        let users: BTreeSet<String> = users.flatten().collect();
        let people = names::people(visit, operators, users.iter().map(String::as_str)).await;
        Ok(Self {
            people,
            portals,
            sources,
        })
    }

    /// The line of an event.
    pub fn line(&self, visit: &Visit, frame: &Frame, event: Event) -> Line {
        Line {
            at: visit.moment(event.at),
            actor: names::who(frame, &self.people, &event.actor),
            subject: self.subject(frame, &event),
            portal: event
                .client_id
                .as_deref()
                .filter(|_| !event.subject.starts_with("client:"))
                .map(|id| names::portal_name(&self.portals, id).to_owned()),
            action: action(frame, event.detail.get("action").unwrap_or(&Value::Null)),
            changes: changes(&event.detail),
            facts: facts(&event.detail),
            trace: event
                .reference
                .as_deref()
                .map(|code| format!("/console/refusals/{}", segment(code))),
            event,
        }
    }

    /// What an event is about in words, and its page.
    fn subject(&self, frame: &Frame, event: &Event) -> (String, Option<String>) {
        let person = |id: &str| format!("/console/people/{}", segment(id));
        let of_user = event.user_id.as_deref();
        // What is gone, and what was never there, has no page.
        let there = |known: bool, section: &str, id: &str| known.then(|| format!("/console/{section}/{}", segment(id)));
        match event.subject.split_once(':') {
            Some(("data_source", id)) => (
                names::source_name(&self.sources, id).to_owned(),
                there(self.sources.iter().any(|source| source.id == id), "wecom", id),
            ),
            Some(("client", id)) => (
                names::portal_name(&self.portals, id).to_owned(),
                there(self.portals.iter().any(|portal| portal.client_id == id), "portals", id),
            ),
            Some(("group", id)) => {
                let name = event.detail.get("group").and_then(Value::as_str);
                let gone = event.detail.get("action").and_then(Value::as_str) == Some("deleted");
                (name.unwrap_or(id).to_owned(), there(!gone, "people/groups", id))
            }
            Some(("session", _)) => {
                let whose = of_user.and_then(|id| self.people.get(id));
                let session = frame.t("console-subject-session");
                let told = whose.map_or_else(|| session.clone(), |name| format!("{session} · {name}"));
                (told, of_user.map(person))
            }
            _ => (names::who(frame, &self.people, &event.subject), of_user.map(person)),
        }
    }
}

/// What was done, in the page's language; in the log's words where the console has no text for it.
fn action(frame: &Frame, action: &Value) -> String {
    let word = values::told("", action);
    let key = word.replace(' ', "_");
    let text = frame.word("console-action", &key);
    if text == key { word } else { text }
}

fn filters(visit: &Visit) -> Filters {
    let text = |name| visit.param(name).unwrap_or_default().to_owned();
    Filters {
        user: text("user"),
        client_id: text("client_id"),
        data_source: text("data_source"),
        kind: text("kind"),
        number: text("number"),
        actor: text("actor"),
        since: text("since"),
        until: text("until"),
        zone: text("zone"),
    }
}

fn changes(detail: &Value) -> Vec<Change> {
    let side = |name| detail.get(name).unwrap_or(&Value::Null);
    values::changes(side("before"), side("after"))
}

/// What the detail says besides.
fn facts(detail: &Value) -> Vec<Fact> {
    let mut rest = detail.clone();
    if let Some(members) = rest.as_object_mut() {
        members.retain(|name, _| !SHOWN.contains(&name.as_str()));
    }
    values::facts(&rest)
}

async fn csv(visit: Visit) -> Reply {
    visit
        .download(&days::passing(&visit, "audit-events.csv", &exported()))
        .await
}

async fn jsonl(visit: Visit) -> Reply {
    visit
        .download(&days::passing(&visit, "audit-events.jsonl", &exported()))
        .await
}
