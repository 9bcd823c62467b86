//! Who comes in: the visible scope with its number of members, all of them or chosen ones, and the first sync, seen before it is done.

use actix_web::{http::Method, web};
use askama::Template;
use serde_json::{Value, json};

use super::{
    corp::{PREFIX, stored},
    state::{State, Step},
    wizard::{Wizard, framed},
};
use crate::console::http::{
    address::segment,
    choosing::{self, Choosing},
    field::{self, Field, Filling, Kind, Spec, field},
    form::{Form, see_other},
    frame::Frame,
    listing::Listing,
    people::import,
    refused::{Problem, Refused},
    sync::model::{Line, Run},
    visit::{Reply, Visit},
    wecom::shared::{Probe, Trouble},
};

const SPECS: [Spec; 2] = [
    field("import", Kind::Choice(&["all", "chosen"])),
    field("duplicate_rule", Kind::Choice(&["skip", "overwrite"])),
];
/// Asked for with the first sync that is done: a schedule begins at once, and nothing is to be synced before somebody has seen what a sync does.
const SCHEDULE: [Spec; 1] = [field("auto_sync_hours", Kind::Numbers(&["4", "12", "24", ""]))];
/// Number of what is told of a run that somebody agreed to a moment before.
const AGREED_ALREADY: &str = "SY-118";
/// Hours between syncs that are proposed.
const PROPOSED: i64 = 4;

#[derive(Template)]
#[template(path = "console/setup/people.html")]
struct PeoplePage {
    frame: Frame,
    wizard: Wizard,
    source: String,
    version: String,
    problems: Vec<Trouble>,
    /// Members inside the visible scope.
    members: Option<i64>,
    /// What WeCom said of the scope, before anybody is known.
    scope: Option<String>,
    fields: Vec<Field>,
    schedule: Vec<Field>,
    line: Option<Line>,
    /// The run that is shown can be agreed to.
    shown: bool,
    synced: bool,
    /// The form in which members are ticked.
    choosing: Option<Choosing>,
    looks: bool,
}

/// Whether a run waits to be agreed to, and was planned by the rules that there are now: it is done by those, and nobody has seen what others
/// would do.
fn is_shown(run: &Run, state: &State) -> bool {
    run.state == "planned" && state.source.updated_at <= run.started_at
}

impl PeoplePage {
    fn under_way(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.run.is_under_way())
    }
}

/// The rules as they are shown: before the first sync with the schedule that is proposed, since none is kept until it was seen.
fn first(mut resource: Value, synced: bool) -> Value {
    if !synced && resource.get("auto_sync_hours").is_some_and(Value::is_null) {
        field::put(&mut resource, "auto_sync_hours", PROPOSED.into());
    }
    resource
}

/// So many are inside the visible scope: as it is known, or as the preview counted them.
fn members(state: &State, line: Option<&Line>) -> Option<i64> {
    let known = state.app.as_ref().and_then(|app| app.members);
    let counted = || i64::try_from(line.filter(|line| !line.run.is_under_way())?.run.counts.fetched).ok();
    match state.source.last_synced_at {
        Some(_) => known,
        None => counted().filter(|counted| *counted > 0),
    }
}

/// What the probe of the app said of its scope.
async fn scope(visit: &Visit, state: &State) -> Result<Option<String>, Refused> {
    let Some(app) = &state.app else { return Ok(None) };
    let probe: Probe = visit.get(&format!("wecom-apps/{}/probe", app.id)).await?;
    let mut rows = probe
        .credentials
        .into_iter()
        .flat_map(|credential| credential.capabilities);
    Ok(rows
        .find(|row| row.capability == "app" && row.outcome == "yes")
        .map(|row| row.detail))
}

pub(super) async fn page(visit: Visit, source: web::Path<String>) -> Reply {
    let page = shown(&visit, &source, (None, None)).await?;
    Ok(visit.page(&page))
}

/// The page, with what a form of ticks holds and why it was refused.
async fn shown(
    visit: &Visit,
    source: &str,
    (form, problem): (Option<&Form>, Option<&Problem>),
) -> Result<PeoplePage, Refused> {
    let (state, run) = standing(visit, source).await?;
    let (resource, version) = stored(visit, &state).await?;
    let frame = framed(visit, Step::People);
    let id = &state.source.id;
    let line = run.map(|run| Line::new(visit, &[], run));
    let synced = state.source.last_synced_at.is_some();
    let choosing = match synced && state.source.import == "chosen" {
        true => {
            let action = format!("/console/setup/{id}/members#members");
            Some(import::choosing((visit, &frame), (id, action), (form, problem)).await?)
        }
        false => None,
    };
    Ok(PeoplePage {
        wizard: Wizard::new(&frame, Some(&state), Step::People),
        problems: state.problems(Step::People).cloned().collect(),
        members: members(&state, line.as_ref()),
        scope: scope(visit, &state).await?,
        fields: field::fields(&frame, PREFIX, &SPECS, Filling::Stored(&resource)),
        schedule: field::fields(&frame, PREFIX, &SCHEDULE, Filling::Stored(&first(resource, synced))),
        shown: line.as_ref().is_some_and(|line| is_shown(&line.run, &state)),
        line,
        synced,
        choosing,
        looks: state.app.is_some(),
        source: state.source.id.clone(),
        version,
        frame,
    })
}

/// How it stands, and the newest run. What that one did is part of it, also where it ended between the two readings: nobody would read the page again.
async fn standing(visit: &Visit, source: &str) -> Result<(State, Option<Run>), Refused> {
    let state = State::of(visit, source).await?;
    let id = &state.source.id;
    let runs: Listing<Run> = visit.get(&format!("sync-runs?data_source={id}&limit=1")).await?;
    let run = runs.items.into_iter().next();
    let ended = run
        .as_ref()
        .is_some_and(|run| run.mode == "apply" && !run.is_under_way());
    match ended && state.source.last_synced_at.is_none() {
        true => Ok((State::of(visit, source).await?, run)),
        false => Ok((state, run)),
    }
}

async fn started(visit: &Visit, state: &State, mode: &str) -> Reply {
    let path = format!("data-sources/{}/sync", state.source.id);
    visit.send(Method::POST, &path, Some(&json!({ "mode": mode }))).await?;
    Ok(see_other(&format!("{}#run", state.address(Step::People))))
}

/// Keeps the rules, and shows what a sync by them would do.
pub(super) async fn rules(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let state = State::of(&visit, &source).await?;
    let (resource, _) = stored(&visit, &state).await?;
    let patch = field::change(&form, &SPECS, &resource);
    let path = format!("data-sources/{}", state.source.id);
    visit
        .call((Method::PATCH, &path), Some(&patch), form.get("version"))
        .await?;
    started(&visit, &state, "plan").await
}

/// Agrees to the run that was shown, and keeps the schedule from then on. Where none was shown, a new one is done; where other rules came
/// meanwhile, the page says what there is now, and nothing is done.
pub(super) async fn sync(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    let state = State::of(&visit, &source).await?;
    let page = see_other(&format!("{}#run", state.address(Step::People)));
    if let Some(run) = form.get("run") {
        let path = format!("sync-runs/{}", segment(run));
        let run: Run = visit.get(&path).await?;
        // The second of a double click finds it under way, or done.
        if run.state == "planned" {
            if !is_shown(&run, &state) {
                return Ok(page);
            }
            let agreed = visit.send(Method::POST, &format!("{path}/confirm"), None).await;
            if let Err(refused) = agreed
                && refused.problem().number != AGREED_ALREADY
            {
                return Err(refused);
            }
        }
    } else {
        started(&visit, &state, "apply").await?;
    }
    let (resource, _) = stored(&visit, &state).await?;
    let patch = field::change(&form, &SCHEDULE, &resource);
    if patch.as_object().is_some_and(|patch| !patch.is_empty()) {
        let path = format!("data-sources/{}", state.source.id);
        visit.send(Method::PATCH, &path, Some(&patch)).await?;
    }
    Ok(page)
}

/// Looks further among the members, or imports those who are ticked.
pub(super) async fn choose(visit: Visit, source: web::Path<String>, form: Form) -> Reply {
    if choosing::looks(&form) {
        let page = shown(&visit, &source, (Some(&form), None)).await?;
        return Ok(visit.page(&page));
    }
    match import::imported(&visit, &form).await {
        Ok(()) => {
            let state = State::of(&visit, &source).await?;
            Ok(see_other(&format!(
                "{}?done=imported#members",
                state.address(Step::People)
            )))
        }
        Err(refused) => {
            let page = shown(&visit, &source, (Some(&form), Some(refused.problem()))).await?;
            Ok(refused.on(&page))
        }
    }
}
