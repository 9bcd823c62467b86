//! The list of people.

use actix_web::web::{self, Data, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::{
    tree::{Tree, tree, veiled},
    user::PINNABLE,
};
use crate::{
    console::http::{
        address::segment,
        frame::{Frame, Section},
        listing::{Head, Listing},
        moment::Moment,
        named::Names,
        visit::{Reply, Visit},
    },
    directory::name_proof::NameProofs,
};

/// Parameters of the list that are handed on to the API.
const FILTERS: &[&str] = &[
    "q",
    "status",
    "data_source",
    "console_role",
    "group",
    "department",
    "lacks",
    "client",
    "signed_in",
    "sort",
    "cursor",
];
/// Those of an export: exactly what is filtered.
const EXPORTED: &[&str] = &[
    "q",
    "status",
    "data_source",
    "console_role",
    "group",
    "department",
    "lacks",
    "client",
    "signed_in",
];
/// When they signed in last, as the API takes it.
const SIGNED_IN: &[&str] = &["never", "within-7d", "within-30d", "within-90d", "before-90d"];

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
    /// The department in which they are.
    department: String,
    tree: Tree,
    /// Fields that they lack, with commas between them.
    lacks: String,
    fields: [&'static str; 6],
    /// The portal whose lists let them in.
    client: String,
    /// When they signed in last.
    signed_in: String,
    spans: &'static [&'static str],
    /// It is none of those that are offered: the address was written by hand.
    other_span: bool,
    sort: String,
    by_name: Head,
    by_sign_in: Head,
    by_creation: Head,
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
    last: Option<Moment>,
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
    last_sign_in_at: Option<i64>,
    created_at: i64,
}

async fn list(visit: Visit, proofs: Data<NameProofs>) -> Reply {
    let frame = visit.frame("console-people-title", Some(Section::People));
    let users: Listing<User> = visit.get(&visit.passing("users", FILTERS)).await?;
    let sources: Names = visit.get("data-sources?limit=200").await?;
    let mut groups: Names = visit.get("groups?sort=name&limit=200").await?;
    if let Some(id) = visit.param("group").filter(|id| groups.of(id).is_none()) {
        groups
            .items
            .extend(visit.aside(&format!("groups/{}", segment(id))).await);
    }
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    let head = |first| Head::of(&visit, first, "created_at");
    let row = |user: User| Row {
        source: user
            .data_source_id
            .as_deref()
            .and_then(|id| sources.of(id))
            .map(str::to_owned),
        last: user.last_sign_in_at.map(|at| visit.moment(at)),
        created: visit.moment(user.created_at),
        user,
    };
    let tree = tree((&visit, &frame), None, veiled(&visit, &proofs).await?).await?;
    Ok(visit.page(&PeoplePage {
        frame,
        search: param("q"),
        status: param("status"),
        data_source: param("data_source"),
        role: param("console_role"),
        group: param("group"),
        department: param("department"),
        tree,
        lacks: param("lacks"),
        fields: PINNABLE,
        client: param("client"),
        signed_in: param("signed_in"),
        spans: SIGNED_IN,
        other_span: visit.param("signed_in").is_some_and(|word| !SIGNED_IN.contains(&word)),
        sort: param("sort"),
        by_name: head("username"),
        by_sign_in: head("-last_sign_in_at"),
        by_creation: head("-created_at"),
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
