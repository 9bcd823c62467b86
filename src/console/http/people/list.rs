//! The list of people.

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::user::PINNABLE;
use crate::console::http::{
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    named::Names,
    visit::{Reply, Visit},
};

/// Parameters of the list that are handed on to the API.
const FILTERS: &[&str] = &[
    "q",
    "status",
    "data_source",
    "console_role",
    "group",
    "lacks",
    "client",
    "sort",
    "cursor",
];
/// Those of an export: exactly what is filtered.
const EXPORTED: &[&str] = &["q", "status", "data_source", "console_role", "group", "lacks", "client"];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people", web::get().to(list))
        .route("/people.csv", web::get().to(export));
}

#[derive(Template)]
#[template(path = "console/people/list.html")]
struct PeoplePage {
    frame: Frame,
    search: String,
    status: String,
    data_source: String,
    role: String,
    /// The group in which they are.
    group: String,
    /// Fields that they lack, with commas between them.
    lacks: String,
    fields: [&'static str; 6],
    /// The portal whose lists let them in.
    client: String,
    sort: String,
    by_name: String,
    by_creation: String,
    filtered: bool,
    sources: Names,
    /// Groups, at most 200 of them.
    groups: Names,
    people: Vec<Row>,
    export: String,
    next: Option<String>,
}

struct Row {
    user: User,
    source: Option<String>,
    created: Moment,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    display_name: Option<String>,
    email: Option<String>,
    status: String,
    console_role: Option<String>,
    data_source_id: Option<String>,
    created_at: i64,
}

async fn list(visit: Visit) -> Reply {
    let users: Listing<User> = visit.get(&visit.passing("users", FILTERS)).await?;
    let sources: Names = visit.get("data-sources?limit=200").await?;
    let groups: Names = visit.get("groups?sort=name&limit=200").await?;
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    // A click on a column sorts by it, a second one the other way round.
    let sorted = |word: &'static str, back: &'static str| {
        let wanted = if param("sort") == word { back } else { word };
        visit.here_with("sort", Some(wanted))
    };
    let row = |user: User| Row {
        source: user
            .data_source_id
            .as_deref()
            .and_then(|id| sources.of(id))
            .map(str::to_owned),
        created: visit.moment(user.created_at),
        user,
    };
    Ok(visit.page(&PeoplePage {
        frame: visit.frame("console-people-title", Some(Section::People)),
        search: param("q"),
        status: param("status"),
        data_source: param("data_source"),
        role: param("console_role"),
        group: param("group"),
        lacks: param("lacks"),
        fields: PINNABLE,
        client: param("client"),
        sort: param("sort"),
        by_name: sorted("username", "-username"),
        by_creation: sorted("-created_at", "created_at"),
        filtered: EXPORTED.iter().any(|name| visit.param(name).is_some()),
        people: users.items.into_iter().map(row).collect(),
        sources,
        groups,
        export: visit.passing("/console/people.csv", EXPORTED),
        next: visit.next(users.next_cursor),
    }))
}

async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("users.csv", EXPORTED)).await
}
