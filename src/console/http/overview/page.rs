//! The first page: one sentence, what needs someone, and how the last days were.

use actix_web::{
    HttpRequest,
    web::{self, Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    bars::{Bar, HEIGHT, WIDTH, bars},
    things::{self, Health, Problem, Source, Task},
};
use crate::{
    console::http::{
        form::see_other,
        frame::{Frame, Section},
        listing::Listing,
        moment::Moment,
        visit::{Reply, Visit},
    },
    web::cookies::{Cookies, Name},
};

/// Days that are drawn.
const DAYS: i64 = 14;
/// Milliseconds by which the clock is ahead of UTC whose midnight parts the days: China has one zone.
const AHEAD: i64 = 8 * 3_600_000;
/// Reasons of refusals that are listed.
const MOST_REASONS: usize = 8;

pub(in crate::console::http) fn routes(config: &mut ServiceConfig) {
    config.route("", web::get().to(overview));
}

#[derive(Template)]
#[template(path = "console/overview/page.html")]
struct OverviewPage {
    frame: Frame,
    sentence: String,
    nothing: bool,
    problems: Vec<Shown>,
    tasks: Vec<Task>,
    days: Vec<Day>,
    signed_in: Drawn,
    refused: Drawn,
    reasons: Vec<Reason>,
    reasons_since: i64,
    sources: Vec<SourceLine>,
    leavers: Leavers,
    slowest: Option<(Slowest, String)>,
}

struct Shown {
    name: String,
    problem: Problem,
    address: &'static str,
}

struct Day {
    /// `11-29`.
    date: String,
    signed_in: u64,
    refused: u64,
}

/// Bars with the largest number.
struct Drawn {
    bars: Vec<Bar>,
    most: u64,
    sum: u64,
}

struct SourceLine {
    source: Source,
    synced: Option<Moment>,
    confirmed: Option<Moment>,
    next: Option<Moment>,
    run: Option<Run>,
}

#[derive(Deserialize)]
struct Activity {
    days: Vec<Counted>,
}

#[derive(Deserialize)]
struct Counted {
    since: i64,
    signed_in: u64,
    refused: u64,
}

#[derive(Deserialize)]
struct Summary {
    since: i64,
    items: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    number: String,
    count: u64,
    people: u64,
    problem: Option<Problem>,
}

#[derive(Clone, Deserialize)]
struct Run {
    id: String,
    data_source_id: String,
    state: String,
    #[serde(default)]
    counts: Counts,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Counts {
    created: u64,
    updated: u64,
    removals: u64,
    readmitted: u64,
}

#[derive(Deserialize)]
struct Leavers {
    people: u64,
    pending: u64,
    failed: u64,
    slowest: Option<Slowest>,
}

#[derive(Clone, Deserialize)]
struct Slowest {
    offboarding_id: String,
    user_id: String,
    username: String,
    client_id: Option<String>,
    milliseconds: i64,
}

impl Drawn {
    fn of(numbers: &[u64]) -> Self {
        Self {
            bars: bars(numbers),
            most: numbers.iter().copied().max().unwrap_or_default(),
            sum: numbers.iter().sum(),
        }
    }
}

/// The overview; where nothing is set up yet the set-up, unless whoever may do it put it off in this browser.
async fn overview(visit: Visit, request: HttpRequest, cookies: Data<Cookies>) -> Reply {
    let health: Health = visit.get("health").await?;
    let sets_up = visit.frame("console-overview-title", None).may("admin");
    let puts_off = visit.param("setup") == Some("later");
    let put_off = puts_off || cookies.read(&request, Name::SetUpLater).is_some();
    if sets_up && health.data_sources.is_empty() && !put_off {
        return Ok(see_other("/console/setup"));
    }
    let mut page = shown_page(&visit, health, sets_up).await?;
    if puts_off {
        // Only a cookie that is no header value could fail here.
        drop(page.add_cookie(&cookies.set(Name::SetUpLater, "1", None)));
    }
    Ok(page)
}

async fn shown_page(visit: &Visit, health: Health, sets_up: bool) -> Reply {
    let frame = visit.frame("console-overview-title", Some(Section::Overview));
    let activity: Activity = visit
        .get(&format!("activity?days={DAYS}&utc_offset={}", AHEAD / 60_000))
        .await?;
    let since = activity.days.first().map_or(0, |day| day.since);
    let summary: Summary = visit.get(&format!("refusals/summary?since={since}")).await?;
    let runs: Listing<Run> = visit.get("sync-runs?mode=apply&limit=50").await?;
    let leavers: Leavers = visit.get("offboardings/summary").await?;
    let mut tasks = things::tasks(&health);
    if sets_up {
        tasks.extend(things::open_set_ups(&health));
    }
    let (key, many) = things::sentence(&health, tasks.len() + health.problems.len());
    let numbers = |of: fn(&Counted) -> u64| -> Vec<u64> { activity.days.iter().map(of).collect() };
    let slowest = leavers.slowest.clone();
    Ok(visit.page(&OverviewPage {
        sentence: frame.with(key, "number", many),
        nothing: health.data_sources.is_empty(),
        problems: health.problems.into_iter().map(shown).collect(),
        tasks,
        signed_in: Drawn::of(&numbers(|day| day.signed_in)),
        refused: Drawn::of(&numbers(|day| day.refused)),
        days: activity.days.iter().map(|day| dated(visit, day)).collect(),
        reasons: summary.items.into_iter().take(MOST_REASONS).collect(),
        reasons_since: summary.since,
        sources: health
            .data_sources
            .into_iter()
            .map(|source| line(visit, source, &runs.items))
            .collect(),
        slowest: slowest.map(|slowest| {
            let lasted = frame.with("console-overview-seconds", "number", seconds(slowest.milliseconds));
            (slowest, lasted)
        }),
        leavers,
        frame,
    }))
}

fn shown(troubled: things::Troubled) -> Shown {
    Shown {
        address: things::address(&troubled.collection),
        name: troubled.name,
        problem: troubled.problem,
    }
}

fn dated(visit: &Visit, day: &Counted) -> Day {
    let exact = visit.moment(day.since.saturating_add(AHEAD)).exact;
    Day {
        date: exact.get(5..10).unwrap_or_default().to_owned(),
        signed_in: day.signed_in,
        refused: day.refused,
    }
}

fn line(visit: &Visit, source: Source, runs: &[Run]) -> SourceLine {
    let moment = |at: Option<i64>| at.map(|at| visit.moment(at));
    SourceLine {
        synced: moment(source.last_synced_at),
        confirmed: moment(source.members_confirmed_at),
        next: moment(source.next_sync_at),
        run: runs.iter().find(|run| run.data_source_id == source.id).cloned(),
        source,
    }
}

/// Seconds with one digit behind the point.
fn seconds(milliseconds: i64) -> String {
    format!("{}.{}", milliseconds / 1000, milliseconds % 1000 / 100)
}
