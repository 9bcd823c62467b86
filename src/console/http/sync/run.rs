//! One run: its progress, then what it changed or would change.

use actix_web::web::Path;
use askama::Template;

use super::model::{Line, Row, Run};
use crate::console::http::{
    address::segment,
    frame::{Frame, Section},
    listing::{Head, Listing},
    names,
    telling::{self, Changed, Telling},
    things::Things,
    visit::{Reply, Visit, with_query},
};

/// Parameters of the rows that are handed on to the API.
const FILTERS: [&str; 5] = ["outcome", "subject", "userid", "sort", "cursor"];
/// The same without the page.
const EXPORT: [&str; 3] = ["outcome", "subject", "userid"];

#[derive(Template)]
#[template(path = "console/sync/run.html")]
struct RunPage {
    frame: Frame,
    line: Line,
    /// What changed, each with the list of its rows.
    outcomes: Vec<Outcome>,
    outcome: String,
    subject: String,
    userid: String,
    sort: String,
    by_userid: Head,
    rows: Vec<(Row, Vec<Changed>)>,
    next: Option<String>,
    export: String,
}

struct Outcome {
    word: &'static str,
    count: u64,
    href: String,
}

impl RunPage {
    fn run(&self) -> &Run {
        &self.line.run
    }
}

/// Key of the title of its page, before the name of its data source.
fn title_key(run: &Run) -> &'static str {
    match (run.mode.as_str(), run.cause.as_str()) {
        ("plan", _) => "console-run-plan-title",
        (_, "undo") => "console-run-undo-title",
        _ => "console-run-title",
    }
}

pub(super) async fn run(visit: Visit, id: Path<String>) -> Reply {
    let path = format!("sync-runs/{}", segment(&id));
    let run: Run = visit.get(&path).await?;
    let sources = names::sources(&visit).await?;
    let rows: Listing<Row> = visit.get(&visit.passing(&format!("{path}/rows"), &FILTERS)).await?;
    let counts = run.counts.by_outcome();
    let outcome = |(word, count): &(&'static str, u64)| Outcome {
        word,
        count: *count,
        href: visit.here_with("outcome", Some(word)),
    };
    let text = |name| visit.param(name).unwrap_or_default().to_owned();
    let line = Line::new(&visit, &sources, run);
    let frame = visit.frame(title_key(&line.run), Some(Section::Sync));
    let title = format!("{} {}", frame.title(), line.source);
    let rows_shown = with_changes(&visit, &frame, rows.items).await;
    Ok(visit.page(&RunPage {
        frame: frame.titled(&title),
        outcomes: counts.iter().filter(|(_, count)| *count > 0).map(outcome).collect(),
        outcome: text("outcome"),
        subject: text("subject"),
        userid: text("userid"),
        sort: text("sort"),
        by_userid: Head::of(&visit, "userid", "created_at"),
        rows: rows_shown,
        next: visit.next(rows.next_cursor),
        export: {
            let chosen = EXPORT.iter().filter_map(|name| Some((*name, visit.param(name)?)));
            with_query(&format!("/console/sync/{}/rows.csv", segment(&line.run.id)), chosen)
        },
        line,
    }))
}

/// The rows with what changed in the words of the page.
async fn with_changes(visit: &Visit, frame: &Frame, rows: Vec<Row>) -> Vec<(Row, Vec<Changed>)> {
    let changes = rows.iter().flat_map(Row::changes);
    let named = changes.flat_map(|change| {
        let before = telling::named(&change.name, &change.before);
        before.into_iter().chain(telling::named(&change.name, &change.after))
    });
    let things = Things::of(visit, named.collect()).await;
    let telling = Telling {
        visit,
        frame,
        things: &things,
    };
    let shown = |row: Row| {
        let changes = telling.changes(row.changes());
        (row, changes)
    };
    rows.into_iter().map(shown).collect()
}

/// The progress of a run, as the API streams it.
pub(super) async fn events(visit: Visit, id: Path<String>) -> Reply {
    visit.download(&format!("sync-runs/{}/events", segment(&id))).await
}

/// The rows as CSV, exactly those that the page is filtered for.
pub(super) async fn csv(visit: Visit, id: Path<String>) -> Reply {
    visit
        .download(&visit.passing(&format!("sync-runs/{}/rows.csv", segment(&id)), &EXPORT))
        .await
}
