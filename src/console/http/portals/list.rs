//! All portals, with when somebody signed in last and whether they hear of logouts, each by one call for all.

use std::collections::HashMap;

use askama::Template;
use serde::Deserialize;

use super::super::{
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    visit::{Reply, Visit},
};

/// Parameters of the list that are handed on to the API.
const FILTERS: [&str; 5] = ["q", "enabled", "auth_source", "sort", "cursor"];
/// The newest grants that are looked through for the last sign-in, and logouts for those that failed.
const LOOKED_THROUGH: usize = 200;

#[derive(Template)]
#[template(path = "console/portals/list.html")]
struct PortalsPage {
    frame: Frame,
    search: String,
    enabled: String,
    auth_source: String,
    sort: String,
    sources: Vec<Source>,
    portals: Vec<Row>,
    next: Option<String>,
    filtered: bool,
}

struct Row {
    client: Client,
    last: Option<Moment>,
    failed: usize,
}

impl Row {
    fn hears(&self) -> &'static str {
        match (&self.client.metadata.backchannel_logout_uri, self.failed) {
            (None, _) => "untold",
            (Some(_), 0) => "ok",
            (Some(_), _) => "failed",
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

#[derive(Deserialize)]
struct Given {
    client: String,
    auth_time: i64,
}

#[derive(Deserialize)]
struct Untold {
    client: String,
}

pub async fn list(visit: Visit) -> Reply {
    let clients: Listing<Client> = visit.get(&visit.passing("clients", &FILTERS)).await?;
    let grants: Items<Given> = visit.get(&format!("grants?limit={LOOKED_THROUGH}")).await?;
    let failed: Items<Untold> = visit
        .get(&format!("logout-deliveries?state=failed&limit={LOOKED_THROUGH}"))
        .await?;
    let sources: Items<Source> = visit.get("auth-sources?limit=200").await?;
    let mut last: HashMap<String, i64> = HashMap::new();
    for grant in grants.items {
        let at = last.entry(grant.client).or_insert(grant.auth_time);
        *at = grant.auth_time.max(*at);
    }
    let row = |client: Client| Row {
        last: last.get(&client.id).map(|at| visit.moment(*at)),
        failed: failed
            .items
            .iter()
            .filter(|delivery| delivery.client == client.id)
            .count(),
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
        portals: clients.items.into_iter().map(row).collect(),
        next: visit.next(clients.next_cursor),
        filtered: FILTERS.iter().any(|name| visit.param(name).is_some()),
    }))
}
