//! What came of it: everything with its state, and what to do next.

use actix_web::web;
use askama::Template;

use super::guide::{Guide, Step, Suite};
use crate::console::http::{
    frame::Frame,
    moment::Moment,
    setup::{state::Standing, wizard::Wizard},
    visit::{Reply, Visit},
    wecom::{
        customers::Counts,
        shared::{Probe, Trouble},
        source::Callback,
    },
};

/// One thing with its state.
struct Line {
    /// Word of its text.
    word: &'static str,
    /// Class of its state.
    class: &'static str,
    /// What is to be told of it; may be empty.
    detail: String,
    /// Whether WeCom's words, which are English, are in `detail`.
    is_seen: bool,
    at: Option<Moment>,
    /// Where it is looked at or mended.
    address: String,
}

#[derive(Template)]
#[template(path = "console/assistant/finish.html")]
struct FinishPage {
    frame: Frame,
    wizard: Wizard,
    source: String,
    lines: Vec<Line>,
    problems: Vec<Trouble>,
    /// Steps that are not done, with their addresses.
    left: Vec<(&'static str, String)>,
    /// Whether people were synced.
    synced: bool,
    /// Whether there is something WeCom can be asked about again.
    looks: bool,
}

fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "waiting",
        standing => standing.word(),
    }
}

/// A secret, with what was seen last, which says most.
fn secret(guide: &Guide, probe: &Probe, (word, step): (&'static str, Step)) -> Line {
    let credential = probe
        .credentials
        .iter()
        .find(|known| Some(known.credential.as_str()) == step.owner());
    let rows = credential
        .map(|known| known.capabilities.as_slice())
        .unwrap_or_default();
    let can = rows.iter().rev().find(|row| row.outcome == "yes");
    let faulty = guide.problems(step).any(|problem| problem.severity == "error");
    Line {
        word,
        class: match guide.has_secret(step) {
            true if faulty => "error",
            true => "ok",
            false => "waiting",
        },
        detail: can.map(|row| row.detail.clone()).unwrap_or_default(),
        is_seen: true,
        at: None,
        address: guide.address(step),
    }
}

/// The callback of the app by which the company is connected, in the place of its own.
fn callback_of_suite(visit: &Visit, guide: &Guide, (word, step): (&'static str, Step)) -> Line {
    let command = guide.suite.as_ref().and_then(Suite::command);
    let at = command.and_then(|callback| callback.last_received_at.or(callback.verified_at));
    Line {
        word,
        class: class(guide.standing(step)),
        detail: guide.suite.as_ref().map(|suite| suite.name.clone()).unwrap_or_default(),
        is_seen: false,
        at: at.map(|at| visit.moment(at)),
        address: guide.address(step),
    }
}

/// A callback, with the event that arrived last, or when it was verified.
fn callback(visit: &Visit, guide: &Guide, (word, step): (&'static str, Step)) -> Line {
    let callback = guide.callback(step);
    let at = |callback: &Callback| callback.last_event_at.or(callback.verified_at);
    Line {
        word,
        class: match callback {
            Some(callback) if !callback.problems.is_empty() => "error",
            Some(callback) if callback.verified => "ok",
            _ => "waiting",
        },
        detail: String::new(),
        is_seen: false,
        at: callback.and_then(at).map(|at| visit.moment(at)),
        address: guide.address(step),
    }
}

fn plain(word: &'static str, class: &'static str, detail: String, address: String) -> Line {
    Line {
        word,
        class,
        detail,
        is_seen: false,
        at: None,
        address,
    }
}

/// What was heard of customers, and whether people were synced.
fn of_people(visit: &Visit, guide: &Guide, counts: &Counts) -> [Line; 2] {
    let source = &guide.source;
    let state = |holds: bool| if holds { "ok" } else { "waiting" };
    let heard = guide.standing(Step::ExternalContacts) == Standing::Done || counts.total() > 0;
    let events = format!("/console/wecom/{}/external-contacts", source.id);
    let people = format!("/console/setup/{}/people", source.id);
    let moment = |at: Option<i64>| at.map(|at| visit.moment(at));
    [
        Line {
            at: moment(counts.last_at()),
            ..plain("events", state(heard), counts.total().to_string(), events)
        },
        Line {
            at: moment(source.last_synced_at),
            ..plain("people", state(source.last_synced_at.is_some()), String::new(), people)
        },
    ]
}

fn lines(visit: &Visit, guide: &Guide, probe: &Probe, counts: &Counts) -> Vec<Line> {
    let source = &guide.source;
    let authorised = match guide.suite {
        Some(_) => vec![
            callback_of_suite(visit, guide, ("contacts-callback", Step::Contacts)),
            callback_of_suite(visit, guide, ("customer-callback", Step::ExternalContacts)),
        ],
        None => vec![
            secret(guide, probe, ("contacts-secret", Step::Contacts)),
            callback(visit, guide, ("contacts-callback", Step::Contacts)),
            secret(guide, probe, ("customer-secret", Step::ExternalContacts)),
            callback(visit, guide, ("customer-callback", Step::ExternalContacts)),
        ],
    };
    let company = format!("/console/wecom/{}", source.id);
    let agent = source.app.as_ref().map(|app| format!("AgentId {}", app.agent_id));
    let app = class(guide.standing(Step::App));
    let first = [
        plain("company", "ok", source.corp_id.clone(), company),
        plain("app", app, agent.unwrap_or_default(), guide.address(Step::App)),
    ];
    let last = of_people(visit, guide, counts);
    first.into_iter().chain(authorised).chain(last).collect()
}

pub(super) async fn page(visit: Visit, source: web::Path<String>) -> Reply {
    let guide = Guide::of(&visit, &source).await?;
    let id = guide.source.id.clone();
    let probe: Probe = visit.get(&format!("data-sources/{id}/probe")).await?;
    let counts: Counts = visit.get(&format!("data-sources/{id}/external-contact-counts")).await?;
    let frame = Step::Finish.framed(&visit);
    let open = |step: &Step| *step != Step::Finish && guide.standing(*step) != Standing::Done;
    let left = Step::ALL.into_iter().filter(open);
    Ok(visit.page(&FinishPage {
        wizard: guide.wizard(&frame, Step::Finish),
        lines: lines(&visit, &guide, &probe, &counts),
        left: left.map(|step| (step.word(), guide.address(step))).collect(),
        synced: guide.source.last_synced_at.is_some(),
        looks: !probe.credentials.is_empty(),
        problems: guide.source.problems,
        source: id,
        frame,
    }))
}
