//! *Who did what?* Read only: nothing here can be changed by anybody.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::{
    address::segment,
    days,
    form::see_other,
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    names::{self, Portal, Source},
    refused::Refused,
    telling::{self, Changed, Telling, Told},
    things::Things,
    typed::{self, Meant},
    values,
    visit::{Reply, Visit},
};
use crate::audit::Kind;

/// Events of a page: one that makes a portal has a line for each of its fields, and the page is to stay small.
const LINES: &str = "25";
/// Parameters that are handed on to the API as they are, beside the days.
const FILTERS: [&str; 4] = ["data_source", "kind", "number", "reference"];
/// Those that say which page of the list is wanted.
const PAGE: [&str; 2] = ["sort", "cursor"];
/// What people know by names, and the API by ids.
const NAMED: [&str; 3] = ["user", "actor", "client_id"];

/// Members of the detail that are shown elsewhere.
const SHOWN: &[&str] = &["action", "fields", "before", "after", "group", "checks"];

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
    kinds: Vec<&'static str>,
    portals: Vec<Portal>,
    sources: Vec<Source>,
    /// No portal is called as was typed.
    no_portal: bool,
    by_moment: Head,
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
    reference: String,
    sort: String,
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
    pub changes: Vec<Changed>,
    pub facts: Vec<Told>,
    pub trace: Option<String>,
}

/// An event of the audit log.
#[derive(Deserialize)]
pub(super) struct Event {
    pub actor: String,
    at: i64,
    client_id: Option<String>,
    data_source_id: Option<String>,
    detail: Value,
    pub kind: String,
    pub number: Option<String>,
    pub reference: Option<String>,
    subject: String,
    user_id: Option<String>,
}

/// What the page's address asks for by names, as the API takes it: the parameters, and whether nothing can be meant by one of them.
struct Wanted {
    own: Vec<(&'static str, String)>,
    no_portal: bool,
}

async fn wanted(visit: &Visit) -> Result<Wanted, Refused> {
    let mut own = Vec::new();
    for name in ["user", "actor"] {
        let Some(typed) = visit.param(name).map(str::trim).filter(|typed| !typed.is_empty()) else {
            continue;
        };
        // What the log itself writes has a colon, and no name of a person is looked for by an id.
        let found = match typed.contains(':') {
            true => None,
            false => typed::user(visit, typed).await?,
        };
        own.push((name, found.unwrap_or_else(|| typed.to_owned())));
    }
    let portal = typed::portal(visit, visit.param("client_id")).await?;
    own.extend(portal.client_id().map(|id| ("client_id", id.to_owned())));
    Ok(Wanted {
        own,
        no_portal: matches!(portal, Meant::Nothing),
    })
}

impl Wanted {
    /// Where the API has it; none: of a portal that there is not.
    fn path(&self, visit: &Visit, path: &str, (handed_on, more): (&[&str], &[(&'static str, &str)])) -> Option<String> {
        let own = self.own.iter().map(|(name, value)| (*name, value.as_str()));
        let own: Vec<_> = own.chain(more.iter().copied()).collect();
        (!self.no_portal).then(|| days::passing_with(visit, path, handed_on, &own))
    }
}

async fn list(visit: Visit) -> Reply {
    let wanted = wanted(&visit).await?;
    let handed_on: Vec<&str> = FILTERS.into_iter().chain(PAGE).collect();
    let events: Listing<Event> = match wanted.path(&visit, "audit-events", (&handed_on, &[("limit", LINES)])) {
        Some(path) => visit.get(&path).await?,
        None => Listing::default(),
    };
    let known = Known::of(&visit, &events.items).await;
    let frame = visit.frame("console-audit-title", Some(Section::Audit));
    let addressed: Vec<&str> = addressed().collect();
    let export = |kind| visit.passing(&format!("/console/audit/export.{kind}"), &addressed);
    let line = |event: Event| known.line(&visit, &frame, event);
    let lines = events.items.into_iter().map(line).collect();
    Ok(visit.page(&AuditPage {
        frame,
        filters: filters(&visit),
        kinds: Kind::ALL.map(Kind::word).to_vec(),
        no_portal: wanted.no_portal,
        by_moment: Head::of(&visit, "-at", "-at"),
        events: lines,
        next: visit.next(events.next_cursor),
        csv: export("csv"),
        jsonl: export("jsonl"),
        portals: names::portals(&visit).await?,
        sources: names::sources(&visit).await?,
    }))
}

/// What the page's address says of the wanted events, but for the page.
fn addressed() -> impl Iterator<Item = &'static str> {
    FILTERS.into_iter().chain(NAMED).chain(["since", "until", "zone"])
}

/// Names of what events are about.
pub(super) struct Known {
    people: BTreeMap<String, String>,
    things: Things,
}

impl Known {
    /// What these events are about.
    pub async fn of(visit: &Visit, events: &[Event]) -> Self {
        let acted = |event: &Event| event.actor.strip_prefix("user:").map(str::to_owned);
        let users = events.iter().flat_map(|event| [acted(event), event.user_id.clone()]);
        let users: BTreeSet<String> = users.flatten().collect();
        let named = events.iter().flat_map(Event::names).collect();
        Self {
            people: names::people(visit, users.iter().map(String::as_str)).await,
            things: Things::of(visit, named).await,
        }
    }

    /// The line of an event.
    pub fn line(&self, visit: &Visit, frame: &Frame, event: Event) -> Line {
        let telling = Telling {
            visit,
            frame,
            things: &self.things,
        };
        let portal = event.client_id.as_deref();
        Line {
            at: visit.moment(event.at),
            actor: names::who(frame, &self.people, &event.actor),
            subject: self.subject(frame, &event),
            portal: portal
                .filter(|_| !event.subject.starts_with("client:"))
                .map(|id| self.things.name("client", id).unwrap_or(id).to_owned()),
            action: action(frame, event.detail.get("action").unwrap_or(&Value::Null)),
            changes: telling.changes(event.changes()),
            facts: facts(&telling, &event),
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
        let source = event.data_source_id.as_deref();
        let (mut what, mut page) = self.things.told(frame, &event.subject, event.name_then());
        match event.subject.split_once(':') {
            Some(("session", _)) => {
                if let Some(name) = of_user.and_then(|id| self.people.get(id)) {
                    what = format!("{what} · {name}");
                }
                page = of_user.map(person);
            }
            Some(("callback", id)) if !event.is_deletion() => {
                page = source.map(|source| format!("/console/wecom/{}/callbacks/{}", segment(source), segment(id)));
            }
            Some(("move", _)) => page = source.map(|source| format!("/console/moves/{}", segment(source))),
            _ => {}
        }
        // What has no page of its own leads to whom it is about.
        let page = page.or_else(|| of_user.filter(|id| self.people.contains_key(*id)).map(person));
        (what, page.filter(|_| !event.is_deletion()))
    }
}

impl Event {
    /// All that it names by ids.
    fn names(&self) -> BTreeSet<String> {
        let mut named = BTreeSet::new();
        if !self.is_deletion() {
            named.insert(self.subject.clone());
        }
        named.extend(self.client_id.as_deref().map(|id| format!("client:{id}")));
        for change in self.changes() {
            named.append(&mut telling::named(&change.name, &change.before));
            named.append(&mut telling::named(&change.name, &change.after));
        }
        for (path, value) in self.besides() {
            named.append(&mut telling::named(&path, value));
        }
        named
    }

    /// Whether what it is about is gone by it.
    fn is_deletion(&self) -> bool {
        self.detail.get("action").and_then(Value::as_str) == Some("deleted")
    }

    /// What the thing was called that it is about, where the detail says so.
    fn name_then(&self) -> Option<&str> {
        let kind = self.subject.split_once(':')?.0;
        let names: &[&str] = match kind {
            "user" => &["username"],
            "member" | "access_request" | "identity_finding" => &["userid"],
            "group" => &["group", "name"],
            "installation" => &["corp_name"],
            "session" | "grant" | "move" | "logout_delivery" | "notice" | "offboarding" => &[],
            _ => &["name"],
        };
        let places = [self.detail.get("after"), self.detail.get("before"), Some(&self.detail)];
        let told = places.into_iter().flatten().flat_map(|place| {
            let of = |name: &&str| place.get(*name).and_then(Value::as_str);
            names.iter().filter_map(of)
        });
        told.into_iter().find(|name| !name.is_empty())
    }

    fn changes(&self) -> Vec<values::Change> {
        let side = |name| self.detail.get(name).unwrap_or(&Value::Null);
        let mut changes = values::changes(side("before"), side("after"));
        // That says the subject.
        changes.retain(|change| change.name != "id");
        changes
    }

    /// What the detail says besides, by paths.
    fn besides(&self) -> Vec<(String, &Value)> {
        let mut facts = values::leaves(&self.detail);
        facts.retain(|(path, value)| !value.is_null() && !SHOWN.contains(&path.split('.').next().unwrap_or(path)));
        facts
    }
}

/// What the detail says besides.
fn facts(telling: &Telling<'_>, event: &Event) -> Vec<Told> {
    let told = |(path, value): (String, &Value)| {
        let label = telling.frame.word("console-fact", &path);
        Told {
            value: telling.value(&path, value),
            label: match label == path {
                true => telling.frame.field(&path),
                false => label,
            },
        }
    };
    event.besides().into_iter().map(told).collect()
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
        reference: text("reference"),
        sort: text("sort"),
        since: text("since"),
        until: text("until"),
        zone: text("zone"),
    }
}

async fn csv(visit: Visit) -> Reply {
    export(&visit, "audit-events.csv").await
}

async fn jsonl(visit: Visit) -> Reply {
    export(&visit, "audit-events.jsonl").await
}

/// Exactly what the list shows; where a portal is meant that there is not, the page that says so.
async fn export(visit: &Visit, path: &str) -> Reply {
    match wanted(visit).await?.path(visit, path, (&FILTERS, &[])) {
        Some(path) => visit.download(&path).await,
        None => {
            let addressed: Vec<&str> = addressed().collect();
            Ok(see_other(&visit.passing("/console/audit", &addressed)))
        }
    }
}
