//! The page before a sync that is done at once: what it does, and what the newest preview showed.

use askama::Template;

use super::model::{Line, Run};
use crate::console::http::{
    address::segment,
    frame::{Frame, Section},
    listing::Listing,
    names::Source,
    visit::{Reply, Visit, with_query},
};

#[derive(Template)]
#[template(path = "console/sync/begin.html")]
struct BeginPage {
    frame: Frame,
    source: Source,
    /// The newest run of all that only planned, where nothing was done since.
    preview: Option<Line>,
}

pub(super) async fn ask(visit: Visit) -> Reply {
    let wanted = visit.param("data_source").unwrap_or("-");
    let source: Source = visit.get(&format!("data-sources/{}", segment(wanted))).await?;
    let newest = [("data_source", source.id.as_str()), ("limit", "1")];
    let runs: Listing<Run> = visit.get(&with_query("sync-runs", newest)).await?;
    let planned = runs.items.into_iter().find(|run| run.state == "planned");
    Ok(visit.page(&BeginPage {
        preview: planned.map(|run| Line::new(&visit, std::slice::from_ref(&source), run)),
        frame: visit.frame("console-sync-begin-title", Some(Section::Sync)),
        source,
    }))
}
