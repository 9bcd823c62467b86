//! All portals, with when somebody signed in last and whether they hear of logouts.

use askama::Template;
use serde::Deserialize;

use super::super::{
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    visit::{Reply, Visit},
};

/// Parameters of the list that are handed on to the API.
const FILTERS: [&str; 5] = ["q", "enabled", "auth_source", "sort", "cursor"];
/// Those of an export: exactly what is filtered.
const EXPORTED: [&str; 3] = ["q", "enabled", "auth_source"];

#[derive(Template)]
#[template(path = "console/portals/list.html")]
struct PortalsPage {
    frame: Frame,
    search: String,
    enabled: String,
    auth_source: String,
    sort: String,
    sources: Vec<Source>,
    export: String,
    by_name: Head,
    by_client_id: Head,
    portals: Vec<Row>,
    next: Option<String>,
    filtered: bool,
}

struct Row {
    client: Client,
    last: Option<Moment>,
}

impl Row {
    fn hears(&self) -> &'static str {
        let logouts = &self.client.logouts;
        match (
            &self.client.metadata.backchannel_logout_uri,
            logouts.failed,
            logouts.pending,
        ) {
            (None, ..) => "untold",
            (Some(_), 1.., _) => "failed",
            (Some(_), 0, 1..) => "pending",
            (Some(_), 0, 0) => "ok",
        }
    }

    /// How many logouts it has not heard of.
    const fn unheard(&self) -> u64 {
        match self.client.logouts.failed {
            0 => self.client.logouts.pending,
            failed => failed,
        }
    }
}

#[derive(Deserialize)]
struct Client {
    id: String,
    client_id: String,
    name: String,
    enabled: bool,
    metadata: Metadata,
    last_sign_in_at: Option<i64>,
    logouts: Logouts,
}

#[derive(Deserialize)]
struct Logouts {
    pending: u64,
    failed: u64,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    backchannel_logout_uri: Option<String>,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Source {
    id: String,
    name: String,
}

pub async fn list(visit: Visit) -> Reply {
    let clients: Listing<Client> = visit.get(&visit.passing("clients", &FILTERS)).await?;
    let sources: Items<Source> = visit.get("auth-sources?limit=200").await?;
    let row = |client: Client| Row {
        last: client.last_sign_in_at.map(|at| visit.moment(at)),
        client,
    };
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    Ok(visit.page(&PortalsPage {
        frame: visit.frame("console-portals-title", Some(Section::Portals)),
        search: param("q"),
        enabled: param("enabled"),
        auth_source: param("auth_source"),
        sort: param("sort"),
        sources: sources.items,
        export: visit.passing("/console/portals.csv", &EXPORTED),
        by_name: Head::of(&visit, "name", "created_at"),
        by_client_id: Head::of(&visit, "client_id", "created_at"),
        portals: clients.items.into_iter().map(row).collect(),
        next: visit.next(clients.next_cursor),
        filtered: EXPORTED.iter().any(|name| visit.param(name).is_some()),
    }))
}

pub async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("clients.csv", &EXPORTED)).await
}
