//! *Who is she, and what may she enter?*

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::{
    frame::{Frame, Section},
    moment::Moment,
    visit::{Reply, Visit},
};

/// Parameters of the list that are handed on to the API.
const FILTERS: [&str; 5] = ["q", "status", "data_source", "sort", "cursor"];

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/people", web::get().to(list));
}

#[derive(Template)]
#[template(path = "console/people/list.html")]
struct PeoplePage {
    frame: Frame,
    search: String,
    status: String,
    people: Vec<Row>,
    next: Option<String>,
}

struct Row {
    user: User,
    created: Moment,
}

#[derive(Deserialize)]
struct Users {
    items: Vec<User>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    display_name: Option<String>,
    email: Option<String>,
    status: String,
    created_at: i64,
}

async fn list(visit: Visit) -> Reply {
    let users: Users = visit.get(&visit.passing("users", &FILTERS)).await?;
    let row = |user: User| Row {
        created: visit.moment(user.created_at),
        user,
    };
    Ok(visit.page(&PeoplePage {
        frame: visit.frame("console-people-title", Some(Section::People)),
        search: visit.param("q").unwrap_or_default().to_owned(),
        status: visit.param("status").unwrap_or_default().to_owned(),
        people: users.items.into_iter().map(row).collect(),
        next: users.next_cursor.map(|cursor| visit.here_with("cursor", Some(&cursor))),
    }))
}
