//! What people were refused with: counted by reason, then each, newest first.

use askama::Template;
use serde::Deserialize;

use super::person::{self, Person, Wanted};
use crate::console::http::{
    address::segment,
    days,
    frame::{Frame, Section},
    moment::Moment,
    names::{self, Portal},
    visit::{Reply, Visit},
};

/// Parameters that are handed on to the API.
const FILTERS: [&str; 3] = ["number", "client_id", "cursor"];
/// Those by which the summary can be narrowed.
const SUMMARY: [&str; 2] = ["number", "client_id"];

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
    since: String,
    until: String,
    zone: String,
    portals: Vec<Portal>,
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

#[derive(Default, Deserialize)]
struct Summary {
    items: Vec<ReasonCount>,
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

#[derive(Default, Deserialize)]
struct Refusals {
    items: Vec<Refusal>,
    next_cursor: Option<String>,
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
    let refusals = match &wanted {
        Wanted::Nobody => Refusals::default(),
        Wanted::Everybody => visit.get(&days::passing(&visit, "refusals", &FILTERS)).await?,
        Wanted::One(person) => {
            let one = Some((person.parameter, person.id.as_str()));
            visit
                .get(&days::passing_with(&visit, "refusals", &FILTERS, one))
                .await?
        }
    };
    // The list took these parameters: what the summary refuses is a span that ends before it begins, in which nothing is counted.
    let summary = visit
        .get::<Summary>(&days::passing(&visit, "refusals/summary", &SUMMARY))
        .await;
    let summary = match summary {
        Err(refused) if refused.status() == 422 => Summary::default(),
        summary => summary?,
    };
    let portals = names::portals(&visit).await?;
    let operators = names::operators(&visit).await?;
    let row = |refusal: Refusal| Row {
        at: visit.moment(refusal.last_at),
        who: names::actor_name(&operators, &refusal.actor),
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
        frame: visit.frame("console-refusals-title", Some(Section::Refusals)),
        number: text("number"),
        client_id: text("client_id"),
        typed: text("person"),
        nobody: matches!(wanted, Wanted::Nobody),
        person: match wanted {
            Wanted::One(person) => Some(person),
            _ => None,
        },
        since: text("since"),
        until: text("until"),
        zone: text("zone"),
        reasons: reasons(&visit, summary),
        rows,
        next: refusals
            .next_cursor
            .map(|cursor| visit.here_with("cursor", Some(&cursor))),
        portals,
    }))
}

fn reasons(visit: &Visit, summary: Summary) -> Vec<Reason> {
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
