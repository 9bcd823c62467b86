//! All corps, and what is connected without one.

use askama::Template;
use serde::Deserialize;

use super::{
    super::{
        frame::{Frame, Section},
        listing::Listing,
        moment::Moment,
        visit::{Reply, Visit, with_query},
    },
    shared::{AuthSource, Trouble, done},
};

/// Where the list of auth sources goes on.
const AUTH_CURSOR: &str = "auth_cursor";

#[derive(Deserialize)]
struct Source {
    id: String,
    name: String,
    corp_id: String,
    enabled: bool,
    last_synced_at: Option<i64>,
    next_sync_at: Option<i64>,
    problems: Vec<Trouble>,
}

struct Row {
    source: Source,
    synced: Option<Moment>,
    next: Option<Moment>,
}

#[derive(Template)]
#[template(path = "console/wecom/list.html")]
struct WeComPage {
    frame: Frame,
    rows: Vec<Row>,
    auth_sources: Vec<AuthSource>,
    next: Option<String>,
    /// Where the auth sources go on.
    auth_next: Option<String>,
    done: Option<String>,
}

pub async fn list(visit: Visit) -> Reply {
    let sources: Listing<Source> = visit.get(&visit.passing("data-sources", &["sort", "cursor"])).await?;
    let auth_page = visit.param(AUTH_CURSOR).map(|cursor| ("cursor", cursor));
    let auth_sources: Listing<AuthSource> = visit.get(&with_query("auth-sources", auth_page)).await?;
    let row = |source: Source| Row {
        synced: source.last_synced_at.map(|at| visit.moment(at)),
        next: source.next_sync_at.map(|at| visit.moment(at)),
        source,
    };
    let frame = visit.frame("console-wecom-title", Some(Section::WeCom));
    Ok(visit.page(&WeComPage {
        done: done(&visit, &frame),
        frame,
        rows: sources.items.into_iter().map(row).collect(),
        auth_sources: auth_sources.items,
        next: visit.next(sources.next_cursor),
        auth_next: auth_sources
            .next_cursor
            .map(|cursor| visit.here_with(AUTH_CURSOR, Some(&cursor))),
    }))
}
