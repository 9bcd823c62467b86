//! What people were refused with: counted by reason, then each, newest first.

use std::collections::BTreeMap;

use askama::Template;
use serde::Deserialize;

use super::person::{self, Person, Wanted};
use crate::console::http::{
    address::segment,
    days,
    form::see_other,
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    names::{self, Portal},
    typed::{self, Meant},
    visit::{Reply, Visit},
};

/// Parameters that are handed on to the API as they are.
const FILTERS: [&str; 3] = ["number", "sort", "cursor"];
/// What the page's address says whose refusals are wanted, and when.
const ADDRESSED: [&str; 8] = [
    "number",
    "client_id",
    "person",
    "user_id",
    "member_id",
    "since",
    "until",
    "zone",
];
/// Those by which the summary can be narrowed.
const SUMMARY: [&str; 1] = ["number"];

#[derive(Template)]
#[template(path = "console/refusals/list.html")]
struct RefusalsPage {
    frame: Frame,
    number: String,
    client_id: String,
    /// What was typed to name somebody.
    typed: String,
    person: Option<Person>,
    /// Nobody has this name.
    nobody: bool,
    /// No portal has.
    no_portal: bool,
    sort: String,
    by_moment: Head,
    since: String,
    until: String,
    zone: String,
    portals: Vec<Portal>,
    export: String,
    reasons: Vec<Reason>,
    rows: Vec<Row>,
    next: Option<String>,
}

struct Reason {
    count: ReasonCount,
    last: Moment,
    /// The list of this reason alone.
    href: String,
    /// Of the most frequent, in percent.
    share: u64,
}

struct Row {
    refusal: Refusal,
    at: Moment,
    /// Whose it is.
    who: String,
    portal: Option<String>,
    trace: Option<String>,
}

#[derive(Deserialize)]
struct ReasonCount {
    number: String,
    count: u64,
    people: u64,
    last_at: i64,
    problem: Option<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    title: String,
    title_zh: String,
}

#[derive(Deserialize)]
struct Refusal {
    actor: String,
    client_id: Option<String>,
    user_id: Option<String>,
    number: Option<String>,
    reference: Option<String>,
    count: u64,
    last_at: i64,
    problem: Option<Sentence>,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let wanted = person::wanted(&visit).await?;
    let portal = typed::portal(&visit, visit.param("client_id")).await?;
    let refusals = match path_of(&visit, (&wanted, &portal), "refusals", &FILTERS) {
        None => Listing::default(),
        Some(path) => visit.get(&path).await?,
    };
    // The list took these parameters: what the summary refuses is a span that ends before it begins, in which nothing is counted.
    let summary = match path_of(&visit, (&Wanted::Everybody, &portal), "refusals/summary", &SUMMARY) {
        None => Listing::default(),
        Some(path) => match visit.get(&path).await {
            Err(refused) if refused.status() == 422 => Listing::default(),
            summary => summary?,
        },
    };
    let portals = names::portals(&visit).await?;
    let people = people(&visit, &refusals.items).await;
    let frame = visit.frame("console-refusals-title", Some(Section::Refusals));
    let row = |refusal: Refusal| Row {
        at: visit.moment(refusal.last_at),
        who: match refusal.user_id.as_ref().and_then(|id| people.get(id)) {
            Some(name) => name.clone(),
            None => names::who(&frame, &people, &refusal.actor),
        },
        portal: refusal
            .client_id
            .as_deref()
            .map(|id| names::portal_name(&portals, id).to_owned()),
        trace: refusal
            .reference
            .as_deref()
            .map(|code| format!("/console/refusals/{}", segment(code))),
        refusal,
    };
    let rows = refusals.items.into_iter().map(row).collect();
    let text = |name| visit.param(name).unwrap_or_default().to_owned();
    Ok(visit.page(&RefusalsPage {
        frame,
        number: text("number"),
        client_id: text("client_id"),
        typed: text("person"),
        nobody: matches!(wanted, Wanted::Nobody),
        no_portal: matches!(portal, Meant::Nothing),
        sort: text("sort"),
        by_moment: Head::of(&visit, "-at", "-at"),
        person: match wanted {
            Wanted::One(person) => Some(person),
            _ => None,
        },
        since: text("since"),
        until: text("until"),
        zone: text("zone"),
        export: visit.passing("/console/refusals.csv", &ADDRESSED),
        reasons: reasons(&visit, summary),
        rows,
        next: visit.next(refusals.next_cursor),
        portals,
    }))
}

/// Names of those whose refusals these are.
async fn people(visit: &Visit, refusals: &[Refusal]) -> BTreeMap<String, String> {
    let users = refusals.iter().filter_map(|refusal| refusal.user_id.as_deref());
    let actors = refusals
        .iter()
        .filter_map(|refusal| refusal.actor.strip_prefix("user:"));
    names::people(visit, users.chain(actors)).await
}

/// Where the API has the wanted ones; none: of somebody, or at a portal, whom nobody knows.
fn path_of(visit: &Visit, (wanted, portal): (&Wanted, &Meant), path: &str, filters: &[&str]) -> Option<String> {
    let person = match wanted {
        Wanted::Nobody => return None,
        Wanted::Everybody => None,
        Wanted::One(person) => Some((person.parameter, person.id.as_str())),
    };
    let portal = match portal {
        Meant::Nothing => return None,
        portal => portal.client_id().map(|id| ("client_id", id)),
    };
    let own: Vec<_> = person.into_iter().chain(portal).collect();
    Some(days::passing_with(visit, path, filters, &own))
}

/// Exactly what the list shows; where nobody is meant, the page that says so.
pub(super) async fn export(visit: Visit) -> Reply {
    let wanted = person::wanted(&visit).await?;
    let portal = typed::portal(&visit, visit.param("client_id")).await?;
    match path_of(&visit, (&wanted, &portal), "refusals.csv", &SUMMARY) {
        Some(path) => visit.download(&path).await,
        None => Ok(see_other(&visit.passing("/console/refusals", &ADDRESSED))),
    }
}

fn reasons(visit: &Visit, summary: Listing<ReasonCount>) -> Vec<Reason> {
    let most = summary
        .items
        .iter()
        .map(|reason| reason.count)
        .max()
        .unwrap_or(1)
        .max(1);
    let reason = |count: ReasonCount| Reason {
        last: visit.moment(count.last_at),
        href: visit.here_with("number", Some(&count.number)),
        share: count.count.saturating_mul(100) / most,
        count,
    };
    summary.items.into_iter().map(reason).collect()
}
