//! The list of groups.

use askama::Template;

use super::group::Group;
use crate::console::http::{
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/people/groups/list.html")]
struct ListPage {
    frame: Frame,
    search: String,
    sort: String,
    export: String,
    by_name: Head,
    by_change: Head,
    rows: Vec<Row>,
    next: Option<String>,
}

struct Row {
    group: Group,
    updated: Moment,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let sort = visit.param("sort").unwrap_or("name");
    let path = visit.passing_with("groups", &["q", "cursor"], &[("sort", sort)]);
    let groups: Listing<Group> = visit.get(&path).await?;
    let row = |group: Group| Row {
        updated: visit.moment(group.updated_at),
        group,
    };
    Ok(visit.page(&ListPage {
        frame: visit.frame("console-groups-title", Some(Section::People)),
        search: visit.param("q").unwrap_or_default().to_owned(),
        sort: visit.param("sort").unwrap_or_default().to_owned(),
        export: visit.passing("/console/people/groups.csv", &["q"]),
        by_name: Head::of(&visit, "name", "name"),
        by_change: Head::of(&visit, "-updated_at", "name"),
        rows: groups.items.into_iter().map(row).collect(),
        next: visit.next(groups.next_cursor),
    }))
}

/// Exactly what the list shows.
pub(super) async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("groups.csv", &["q"])).await
}
