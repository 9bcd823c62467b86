//! The first page: one sentence, what needs someone, and how the last days were.

use actix_web::{
    HttpRequest,
    web::{self, Data, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    bars::{Bar, HEIGHT, WIDTH, bars},
    things::{self, Health, Problem, Shown, Source, Task},
};
use crate::{
    console::http::{
        form::see_other,
        frame::{Frame, Section},
        listing::Listing,
        moment::Moment,
        refused::Refused,
        settings::doctor::Report,
        visit::{Reply, Visit},
    },
    web::cookies::{Cookies, Name},
};

/// Days that are drawn.
const DAYS: i64 = 14;
/// Data sources that are listed.
const MOST_SOURCES: usize = 20;
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
    /// What is wrong, each with how many more are alike.
    problems: Vec<(Shown, usize)>,
    /// How much is wrong besides.
    problems_left: usize,
    /// When the doctor looked last; none: not yet.
    examined: Option<Moment>,
    tasks: Vec<Task>,
    days: Vec<Day>,
    signed_in: Drawn,
    refused: Drawn,
    reasons: Vec<Reason>,
    /// The zone of the days, minutes ahead of UTC.
    zone: i64,
    sources: Vec<SourceLine>,
    /// How many data sources there are besides.
    sources_left: usize,
    leavers: Leavers,
    slowest: Option<(Slowest, String)>,
}

struct Day {
    /// `2026-11-29`.
    day: String,
    /// `11-29`.
    date: String,
    signed_in: u64,
    refused: u64,
}

/// Bars with the largest number.
struct Drawn {
    bars: Vec<Bar>,
    numbers: Vec<u64>,
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
    client: String,
    client_name: Option<String>,
    milliseconds: i64,
}

impl Drawn {
    fn of(numbers: &[u64]) -> Self {
        Self {
            bars: bars(numbers),
            numbers: numbers.to_vec(),
            most: numbers.iter().copied().max().unwrap_or_default(),
            sum: numbers.iter().sum(),
        }
    }

    /// The number of a day.
    fn of_day(&self, place: &usize) -> u64 {
        self.numbers.get(*place).copied().unwrap_or_default()
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

async fn shown_page(visit: &Visit, mut health: Health, sets_up: bool) -> Reply {
    let zone = visit.zone;
    let frame = visit.frame("console-overview-title", Some(Section::Overview));
    let activity: Activity = visit.get(&format!("activity?days={DAYS}&utc_offset={zone}")).await?;
    let since = activity.days.first().map_or(0, |day| day.since);
    let summary: Summary = visit.get(&format!("refusals/summary?since={since}")).await?;
    let leavers: Leavers = visit.get("offboardings/summary").await?;
    let mut tasks = things::tasks(&health);
    if sets_up {
        tasks.extend(things::open_set_ups(&health));
    }
    // Not made anew for this page: it takes seconds.
    let doctor: Report = visit.get("doctor?last=true").await?;
    let examined = doctor.oldest().map(|at| visit.moment(at));
    let problems = things::shown(std::mem::take(&mut health.problems), doctor);
    let (key, many) = things::sentence(&health, &problems, tasks.len() + problems.len());
    let (problems, problems_left) = things::bounded(problems);
    let runs = last_runs(visit, &health).await?;
    let numbers = |of: fn(&Counted) -> u64| -> Vec<u64> { activity.days.iter().map(of).collect() };
    let slowest = leavers.slowest.clone();
    Ok(visit.page(&OverviewPage {
        sentence: frame.with(key, "number", many),
        nothing: health.data_sources.is_empty(),
        problems,
        problems_left,
        examined,
        sources_left: health.data_sources.len().saturating_sub(MOST_SOURCES),
        tasks,
        signed_in: Drawn::of(&numbers(|day| day.signed_in)),
        refused: Drawn::of(&numbers(|day| day.refused)),
        days: activity.days.iter().map(|day| dated(visit, (day, zone))).collect(),
        reasons: summary.items.into_iter().take(MOST_REASONS).collect(),
        zone,
        sources: health
            .data_sources
            .into_iter()
            .take(MOST_SOURCES)
            .map(|source| line(visit, source, &runs))
            .collect(),
        slowest: slowest.map(|slowest| {
            let lasted = frame.with("console-overview-seconds", "number", seconds(slowest.milliseconds));
            (slowest, lasted)
        }),
        leavers,
        frame,
    }))
}

/// The last run of each data source that is listed: among the newest of all, or asked for on its own where others ran more often.
async fn last_runs(visit: &Visit, health: &Health) -> Result<Vec<Run>, Refused> {
    let mut runs = visit.get::<Listing<Run>>("sync-runs?mode=apply&limit=50").await?.items;
    for source in health.data_sources.iter().take(MOST_SOURCES) {
        if source.last_synced_at.is_some() && runs.iter().all(|run| run.data_source_id != source.id) {
            let path = format!("sync-runs?mode=apply&limit=1&data_source={}", source.id);
            runs.extend(visit.aside::<Listing<Run>>(&path).await.unwrap_or_default().items);
        }
    }
    Ok(runs)
}

fn dated(visit: &Visit, (day, zone): (&Counted, i64)) -> Day {
    let exact = visit.moment(day.since.saturating_add(zone * 60_000)).exact;
    Day {
        day: exact.get(..10).unwrap_or_default().to_owned(),
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
