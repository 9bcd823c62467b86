//! What every step shows around its question: the steps with how they stand, and the same screen of WeCom's console in words.

use actix_web::http::StatusCode;
use askama::Template;

use super::state::{Standing, State, Step};
use crate::console::http::{
    frame::{Frame, Section, html},
    refused::{Problem, Refused},
    visit::{Reply, Visit},
};

/// A step in the list.
pub struct Row {
    /// Its word.
    pub word: &'static str,
    /// Where it is; empty: it cannot be reached yet.
    pub address: String,
    /// How it stands.
    pub standing: &'static str,
    /// Whether it is the one that is shown.
    pub here: bool,
}

/// What stands around the question of a step.
pub struct Wizard {
    /// The steps.
    pub rows: Vec<Row>,
    /// Name of the data source; empty: there is none yet.
    pub source: String,
    /// Word of the step that is shown.
    pub word: &'static str,
    /// Number of the step that is shown, from one.
    pub number: usize,
    /// Places in WeCom's console, each with what is to be done there.
    pub places: Vec<(String, String)>,
    /// The step behind it; empty: there is none, or it cannot be reached yet.
    pub next: String,
    /// Whether the step that is shown is done.
    pub done: bool,
}

impl Wizard {
    /// Around a step; `None`: there is no data source yet.
    pub fn new(frame: &Frame, state: Option<&State>, here: Step) -> Self {
        let standing = |step: Step| state.map_or(Standing::Open, |state| state.standing(step));
        let address = |step: Step| state.map(|state| state.address(step)).unwrap_or_default();
        let row = |step: Step| Row {
            word: step.word(),
            address: address(step),
            standing: standing(step).word(),
            here: step == here,
        };
        Self {
            rows: Step::ALL.into_iter().map(row).collect(),
            source: state.map(|state| state.source.name.clone()).unwrap_or_default(),
            word: here.word(),
            number: Step::ALL.iter().position(|step| *step == here).unwrap_or_default() + 1,
            places: places(frame, here),
            next: here.next().map(address).unwrap_or_default(),
            done: standing(here) == Standing::Done,
        }
    }
}

/// The texts of a step's places: as many as there are keys.
fn places(frame: &Frame, step: Step) -> Vec<(String, String)> {
    let place = |number: usize| {
        let key = format!("console-setup-{}-place-{number}", step.word());
        let place = frame.t(&key);
        (place != key).then(|| (place, frame.t(&format!("{key}-do"))))
    };
    (1..).map_while(place).collect()
}

/// The layout of a step, titled by its question.
pub fn framed(visit: &Visit, step: Step) -> Frame {
    visit.frame(&format!("console-setup-{}", step.word()), Some(Section::WeCom))
}

#[derive(Template)]
#[template(path = "console/setup/forbidden.html")]
struct ForbiddenPage {
    frame: Frame,
}

/// For whoever may not set up: a page that says who can; `None`: they may.
pub fn forbidden(visit: &Visit) -> Option<Reply> {
    let frame = visit.frame("console-setup", Some(Section::WeCom));
    (!frame.may("admin")).then(|| Ok(html(StatusCode::FORBIDDEN, &ForbiddenPage { frame })))
}

/// The problem of what was refused, for a template.
pub fn problem(refused: Option<&Refused>) -> Option<&Problem> {
    refused.map(Refused::problem)
}
