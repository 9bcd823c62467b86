//! What WeCom told about the customers of a company: how much of what, and the events one by one.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::{
    super::{
        address::segment,
        frame::Frame,
        listing::Listing,
        moment::Moment,
        visit::{Reply, Visit},
    },
    shared::framed,
    source::{self, Source},
};

/// Parameters that are handed on to the API.
const FILTERS: [&str; 4] = ["change", "userid", "external_userid", "cursor"];
/// What of them is exported.
const EXPORTED: [&str; 3] = ["change", "userid", "external_userid"];

/// How many events of each kind there were.
#[derive(Deserialize)]
pub(in crate::console::http) struct Counts {
    items: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    change: String,
    total: i64,
    last_at: i64,
}

impl Counts {
    /// All together.
    pub(in crate::console::http) fn total(&self) -> i64 {
        self.items.iter().map(|count| count.total).sum()
    }

    /// When the last one arrived.
    pub(in crate::console::http) fn last_at(&self) -> Option<i64> {
        self.items.iter().map(|count| count.last_at).max()
    }
}

#[derive(Deserialize)]
struct Event {
    change: String,
    userid: Option<String>,
    external_userid: Option<String>,
    chat_id: Option<String>,
    detail: Option<String>,
    received_at: i64,
}

struct Row {
    event: Event,
    at: Moment,
}

struct Counted {
    count: Count,
    last: Moment,
}

#[derive(Template)]
#[template(path = "console/wecom/customers.html")]
struct CustomersPage {
    frame: Frame,
    source: Source,
    counts: Vec<Counted>,
    rows: Vec<Row>,
    change: String,
    userid: String,
    external_userid: String,
    export: String,
    next: Option<String>,
}

pub async fn list(visit: Visit, id: web::Path<String>) -> Reply {
    let source = source::read(&visit, &id).await?;
    let counts: Counts = visit
        .get(&format!("data-sources/{}/external-contact-counts", source.id))
        .await?;
    let path = format!("data-sources/{}/external-contact-events", source.id);
    let events: Listing<Event> = visit.get(&visit.passing(&path, &FILTERS)).await?;
    let text = |name| visit.param(name).unwrap_or_default().to_owned();
    let title = framed(&visit, "").t("console-customers");
    let counted = |count: Count| Counted {
        last: visit.moment(count.last_at),
        count,
    };
    let row = |event: Event| Row {
        at: visit.moment(event.received_at),
        event,
    };
    let export = format!("/console/wecom/{}/external-contacts.csv", source.id);
    Ok(visit.page(&CustomersPage {
        frame: framed(&visit, &title),
        export: visit.passing(&export, &EXPORTED),
        source,
        counts: counts.items.into_iter().map(counted).collect(),
        rows: events.items.into_iter().map(row).collect(),
        change: text("change"),
        userid: text("userid"),
        external_userid: text("external_userid"),
        next: visit.next(events.next_cursor),
    }))
}

/// Exactly what the list shows.
pub async fn export(visit: Visit, id: web::Path<String>) -> Reply {
    let path = format!("data-sources/{}/external-contact-events.csv", segment(&id));
    visit.download(&visit.passing(&path, &EXPORTED)).await
}
