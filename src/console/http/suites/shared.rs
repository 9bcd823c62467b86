//! What the pages about suites share: a suite as the API shows it, and what of it is watched.

use serde::Deserialize;

use super::super::{
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    refused::Refused,
    visit::Visit,
    wecom::shared::{Trouble, plain},
};

/// How many pushes are shown.
const SHOWN: u32 = 10;

/// What of a request is looked at, one after the other.
const CHAIN: [&str; 5] = ["arrived", "signature", "key", "receive-id", "time"];

/// A suite.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console::http) struct Suite {
    pub(in crate::console::http) id: String,
    pub(in crate::console::http) name: String,
    pub(in crate::console::http) description: String,
    pub(in crate::console::http) suite_id: String,
    pub(in crate::console::http) is_template: bool,
    pub(in crate::console::http) provider_corp_id: Option<String>,
    pub(in crate::console::http) callbacks: Vec<Callback>,
    pub(in crate::console::http) ticket_at: Option<i64>,
    pub(in crate::console::http) ticket_expires_at: Option<i64>,
    pub(in crate::console::http) ticket_valid: bool,
    pub(in crate::console::http) credential: String,
    pub(in crate::console::http) tried_at: Option<i64>,
    pub(in crate::console::http) problems: Vec<Trouble>,
}

/// One of its callbacks.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::console::http) struct Callback {
    pub(in crate::console::http) callback: String,
    pub(in crate::console::http) url: String,
    pub(in crate::console::http) verified: bool,
    verified_at: Option<i64>,
    last_received_at: Option<i64>,
    refused: Vec<Refusal>,
}

#[derive(Clone, Debug, Deserialize)]
struct Refusal {
    last_at: i64,
    problem: Trouble,
}

/// What was pushed.
#[derive(Clone, Debug, Deserialize)]
struct Push {
    info_type: String,
    corp_id: Option<String>,
    told_at: i64,
    handled_at: Option<i64>,
    attempts: i32,
    outcome: Option<String>,
}

/// A push with its moments.
pub(super) struct ShownPush {
    pub(super) info_type: String,
    pub(super) corp_id: Option<String>,
    pub(super) told: Moment,
    /// `done`, `again` where it was tried and goes on, or `waits`.
    pub(super) state: &'static str,
    pub(super) outcome: Option<String>,
}

/// A refused request with its moment.
pub(super) struct ShownRefusal {
    pub(super) problem: Trouble,
    pub(super) at: Moment,
}

/// A callback and what arrived there.
pub(super) struct Watched {
    pub(super) callback: Callback,
    /// Words of [`CHAIN`] with the class of their state.
    pub(super) chain: Vec<(&'static str, &'static str)>,
    pub(super) verified: Option<Moment>,
    pub(super) received: Option<Moment>,
    pub(super) refused: Vec<ShownRefusal>,
}

/// Everything of a suite that changes by itself.
pub(super) struct Live {
    pub(super) suite: Suite,
    /// `valid`, `expired` or `none`.
    pub(super) ticket: &'static str,
    pub(super) ticket_at: Option<Moment>,
    pub(super) ticket_expires: Option<Moment>,
    pub(super) tried: Option<Moment>,
    pub(super) callbacks: Vec<Watched>,
    pub(super) pushes: Vec<ShownPush>,
}

/// Reads a suite.
pub(in crate::console::http) async fn read(visit: &Visit, id: &str) -> Result<Suite, Refused> {
    visit.get(&format!("suites/{}", plain(visit, id)?)).await
}

/// As [`read`], with its entity tag for the form of a page.
pub(super) async fn read_versioned(visit: &Visit, id: &str) -> Result<(Suite, String), Refused> {
    visit.versioned(&format!("suites/{}", plain(visit, id)?)).await
}

/// The layout of a page of this section under the name of what it shows.
pub(super) fn framed(visit: &Visit, title: &str) -> Frame {
    visit.frame("console-suites", Some(Section::WeCom)).titled(title)
}

impl Suite {
    /// The word of its ticket.
    pub(super) const fn ticket(&self) -> &'static str {
        match (self.ticket_at, self.ticket_valid) {
            (None, _) => "none",
            (Some(_), true) => "valid",
            (Some(_), false) => "expired",
        }
    }
}

impl Live {
    /// Reads what there is now.
    pub(super) async fn read(visit: &Visit, id: &str) -> Result<Self, Refused> {
        let suite = read(visit, id).await?;
        let pushes = format!("suites/{}/pushes?limit={SHOWN}", suite.id);
        let pushes: Listing<Push> = visit.get(&pushes).await?;
        let moment = |at: Option<i64>| at.map(|at| visit.moment(at));
        let callbacks = suite.callbacks.iter().cloned().map(|callback| Watched {
            chain: chain(&callback, &suite.problems),
            verified: moment(callback.verified_at),
            received: moment(callback.last_received_at),
            refused: callback.refused.iter().map(|one| shown(visit, one)).collect(),
            callback,
        });
        Ok(Self {
            ticket: suite.ticket(),
            ticket_at: moment(suite.ticket_at),
            ticket_expires: moment(suite.ticket_expires_at),
            tried: moment(suite.tried_at),
            callbacks: callbacks.collect(),
            pushes: pushes.items.into_iter().map(|push| pushed(visit, push)).collect(),
            suite,
        })
    }
}

fn shown(visit: &Visit, refusal: &Refusal) -> ShownRefusal {
    ShownRefusal {
        problem: refusal.problem.clone(),
        at: visit.moment(refusal.last_at),
    }
}

fn pushed(visit: &Visit, push: Push) -> ShownPush {
    ShownPush {
        told: visit.moment(push.told_at),
        state: match (push.handled_at, push.attempts) {
            (Some(_), _) => "done",
            (None, 0) => "waits",
            (None, _) => "again",
        },
        info_type: push.info_type,
        corp_id: push.corp_id,
        outcome: push.outcome,
    }
}

/// How far the last request came: `yes`, `no` where it was refused and nothing was accepted since, `waiting` behind that.
fn chain(callback: &Callback, problems: &[Trouble]) -> Vec<(&'static str, &'static str)> {
    let standing = callback.refused.first().filter(|last| {
        let same = |problem: &&Trouble| problem.number == last.problem.number && problem.detail == last.problem.detail;
        problems.iter().any(|problem| same(&problem))
    });
    let failed = standing.map(|last| match last.problem.number.as_str() {
        "WC-182" | "WC-184" => 2,
        "WC-183" | "SU-102" => 3,
        "CB-102" => 4,
        // Answered before: all of it was right.
        "CB-140" => CHAIN.len(),
        // Unsigned, or unreadable before that.
        _ => 1,
    });
    let passed = match failed {
        Some(failed) => failed,
        None if callback.verified || callback.last_received_at.is_some() => CHAIN.len(),
        None => 0,
    };
    let state = |at: usize| match failed {
        _ if at < passed => "yes",
        Some(failed) if at == failed => "no",
        _ => "waiting",
    };
    CHAIN.iter().enumerate().map(|(at, word)| (*word, state(at))).collect()
}
