//! The contacts, or the external contacts, of a company that installed the app of a service provider: the callbacks of that app tell of them, so there
//! is nothing to enter, and whether WeCom has verified them is shown.

use askama::Template;

use super::guide::{Guide, Step, Suite};
use crate::console::http::{
    frame::Frame,
    moment::Moment,
    setup::wizard::Wizard,
    visit::{Reply, Visit},
    wecom::shared::Trouble,
};

/// How the callback of the app stands.
struct Told {
    verified: bool,
    at: Option<Moment>,
    received: Option<Moment>,
    problems: Vec<Trouble>,
}

#[derive(Template)]
#[template(path = "console/assistant/covered.html")]
struct CoveredPage {
    frame: Frame,
    wizard: Wizard,
    told: Told,
    /// Name of the app, and where it is looked at.
    suite: (String, String),
    action: String,
}

#[derive(Template)]
#[template(path = "console/assistant/covered_live.html")]
struct CoveredLivePage {
    frame: Frame,
    wizard: Wizard,
    told: Told,
}

fn told(visit: &Visit, guide: &Guide) -> Told {
    let command = guide.suite.as_ref().and_then(Suite::command);
    let moment = |at: Option<i64>| at.map(|at| visit.moment(at));
    Told {
        verified: command.is_some_and(|callback| callback.verified),
        at: moment(command.and_then(|callback| callback.verified_at)),
        received: moment(command.and_then(|callback| callback.last_received_at)),
        problems: guide
            .suite
            .as_ref()
            .map(|suite| suite.problems.clone())
            .unwrap_or_default(),
    }
}

/// The page of a step.
pub(super) fn covered(visit: &Visit, guide: &Guide, step: Step) -> Reply {
    let frame = step.framed(visit);
    let suite = guide.suite.as_ref();
    Ok(visit.page(&CoveredPage {
        wizard: guide.wizard(&frame, step),
        told: told(visit, guide),
        suite: suite
            .map(|suite| (suite.name.clone(), format!("/console/suites/{}", suite.id)))
            .unwrap_or_default(),
        action: guide.address(step),
        frame,
    }))
}

/// What arrived, for the script that asks every two seconds.
pub(super) fn live_of_suite(visit: &Visit, guide: &Guide, step: Step) -> Reply {
    let frame = step.framed(visit);
    Ok(visit.page(&CoveredLivePage {
        wizard: guide.wizard(&frame, step),
        told: told(visit, guide),
        frame,
    }))
}
