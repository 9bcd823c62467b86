//! Who can enter a portal, why somebody cannot, and what would change if something were different.

use std::collections::BTreeMap;

use actix_web::web;
use askama::Template;
use futures_util::try_join;
use serde::Deserialize;

use super::{
    super::{
        frame::Frame,
        listing::{Head as Column, Listing},
        visit::{Reply, Visit, with_query},
    },
    portal::{Head, Tab, framed, portal},
    view::{Items, Named},
};

/// So many people are counted before the page is shown; everybody, where somebody asks for it.
pub(super) const MOST_COUNTED: u64 = 1000;
/// Filters, whose value is one.
const FILTERS: [&str; 6] = ["q", "way", "auth_source", "admitted", "number", "change"];
/// What is imagined, with commas between values or one of them.
const IMAGINED: &[&str] = &[
    "departments",
    "groups",
    "users",
    "auth_sources",
    "membership_max_age",
    "membership_grace",
    "scope_app",
    "scope_departments",
    "scope_users",
    "wecom",
];

/// Somebody, and whether they can enter.
#[derive(Deserialize)]
pub(super) struct Line {
    pub user_id: Option<String>,
    #[serde(default)]
    pub data_source_id: Option<String>,
    display_name: Option<String>,
    pub name: Option<String>,
    pub userid: Option<String>,
    username: Option<String>,
    admitted: bool,
    number: Option<String>,
    ways: Vec<Way>,
    #[serde(default)]
    change: Option<String>,
}

impl Line {
    /// What they are called.
    pub fn label(&self) -> &str {
        let names = [&self.display_name, &self.name, &self.username, &self.userid];
        let name = names.into_iter().flatten().find(|name| !name.is_empty());
        name.map_or("–", String::as_str)
    }
}

#[derive(Deserialize)]
struct Way {
    way: String,
    auth_source: Option<String>,
    admitted: bool,
    number: Option<String>,
}

/// How many can enter, and how many what is imagined changes.
#[derive(Deserialize)]
pub(super) struct Counts {
    people: i64,
    pub admitted: i64,
    refused: i64,
    pub complete: bool,
    by_number: BTreeMap<String, i64>,
    #[serde(default)]
    pub newly_admitted: Option<i64>,
    #[serde(default)]
    pub newly_refused: Option<i64>,
}

#[derive(Deserialize)]
struct App {
    id: String,
    name: String,
    agent_id: i64,
}

/// A reason for which people are refused, with how many and their list.
struct Reason {
    number: String,
    people: i64,
    address: String,
}

#[derive(Template)]
#[template(path = "console/portals/access.html")]
struct AccessPage {
    frame: Frame,
    head: Head,
    counts: Counts,
    /// Where everybody is counted, if these are not all.
    count_all: String,
    /// So many people were counted then.
    most: u64,
    reasons: Vec<Reason>,
    people: Vec<Line>,
    sort: String,
    by_username: Column,
    by_userid: Column,
    next: Option<String>,
    csv: String,
    values: BTreeMap<&'static str, String>,
    sources: Vec<Named>,
    groups: Vec<Named>,
    apps: Vec<App>,
    imagines: bool,
}

impl AccessPage {
    fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    fn among(&self, name: &str, id: &str) -> bool {
        self.value(name).split(',').any(|value| value == id)
    }
}

/// The values that the page was asked with: those of what is imagined put together with commas.
fn asked(visit: &Visit) -> BTreeMap<&'static str, String> {
    let one = FILTERS
        .into_iter()
        .filter_map(|name| Some((name, visit.param(name)?.to_owned())));
    let many = IMAGINED.iter().copied().filter_map(|name| {
        let values: Vec<&str> = visit.all(name).collect();
        (!values.is_empty()).then(|| (name, values.join(",")))
    });
    one.chain(many).collect()
}

/// A path of the API with what was asked.
fn path(portal: &str, kind: &str, values: &BTreeMap<&'static str, String>, more: &[(&str, &str)]) -> String {
    let pairs = values.iter().map(|(name, value)| (*name, value.as_str()));
    with_query(
        &format!("clients/{portal}/access-checks{kind}"),
        pairs.chain(more.iter().copied()),
    )
}

pub async fn access(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    let values = asked(&visit);
    let which = ["sort", "cursor"].map(|name| Some((name, visit.param(name)?)));
    let which: Vec<(&str, &str)> = which.into_iter().flatten().collect();
    let most = MOST_COUNTED.to_string();
    let bound: &[(&str, &str)] = match visit.param("count") {
        Some("all") => &[],
        _ => &[("most", most.as_str())],
    };
    let (listed, counted) = (
        path(&portal.id, "", &values, &which),
        path(&portal.id, "/counts", &values, bound),
    );
    // Side by side: both look through the same people.
    let (page, counts) = try_join!(visit.get::<Listing<Line>>(&listed), visit.get::<Counts>(&counted))?;
    let sources: Items = visit.get("auth-sources?limit=200").await?;
    let groups: Items = visit.get("groups?limit=200&sort=name").await?;
    let apps: Listing<App> = visit.get("wecom-apps?limit=200").await?;
    let here = format!("/console/portals/{}/access", portal.id);
    let csv = values.iter().map(|(name, value)| (*name, value.as_str()));
    let reason = |(number, people): (&String, &i64)| Reason {
        number: number.clone(),
        people: *people,
        address: visit.here_with("number", Some(number)),
    };
    Ok(visit.page(&AccessPage {
        frame: framed(&visit, &portal, "console-portal-access-title"),
        head: Head::of(&portal, Some(Tab::Access)),
        reasons: counts.by_number.iter().map(reason).collect(),
        count_all: visit.here_with("count", Some("all")),
        most: MOST_COUNTED,
        counts,
        people: page.items,
        sort: visit.param("sort").unwrap_or_default().to_owned(),
        by_username: Column::of(&visit, "username", "created_at"),
        by_userid: Column::of(&visit, "userid", "created_at"),
        next: visit.next(page.next_cursor),
        csv: with_query(&format!("{here}.csv"), csv),
        imagines: IMAGINED.iter().any(|name| values.contains_key(*name)),
        values,
        sources: sources.items,
        groups: groups.items,
        apps: apps.items,
    }))
}

/// Exactly those whom the page lists, as CSV.
pub async fn export(visit: Visit, id: web::Path<String>) -> Reply {
    let portal = portal(&visit, &id).await?;
    visit.download(&path(&portal.id, ".csv", &asked(&visit), &[])).await
}
