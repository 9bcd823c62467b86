//! What every step shows around its question: the steps with how they stand, and the same screen of WeCom's console in words.

use super::state::{Standing, State, Step};
use crate::console::http::{
    frame::{Frame, Section},
    refused::{Problem, Refused},
    visit::Visit,
};

/// A step in the list.
pub struct Row {
    /// What it is called.
    pub label: String,
    /// Where it is; empty: it cannot be reached yet.
    pub address: String,
    /// How it stands.
    pub standing: &'static str,
    /// Whether it is the one that is shown.
    pub here: bool,
}

/// Steps one after the other, each with its address (empty: it cannot be reached yet) and how it stands.
pub struct Outline {
    /// Begin of the keys of all texts.
    pub prefix: &'static str,
    /// The steps.
    pub steps: Vec<(&'static str, String, Standing)>,
    /// Word of the one that is shown.
    pub here: &'static str,
    /// Name of the data source; empty: there is none yet.
    pub source: String,
    /// Where WeCom is asked again.
    pub look: String,
}

/// What stands around the question of a step.
pub struct Wizard {
    /// What the whole is called.
    pub title: String,
    /// The steps.
    pub rows: Vec<Row>,
    /// Name of the data source; empty: there is none yet.
    pub source: String,
    /// Word of the step that is shown.
    pub word: &'static str,
    /// What is asked for there, and why.
    pub about: String,
    /// What does not work without it.
    pub without: String,
    /// Number of the step that is shown, from one.
    pub number: usize,
    /// Places in WeCom's console, each with what is to be done there.
    pub places: Vec<(String, String)>,
    /// The step behind it; empty: there is none, or it cannot be reached yet.
    pub next: String,
    /// Whether the step that is shown is done.
    pub done: bool,
    /// Where WeCom is asked again.
    pub look: String,
}

impl Wizard {
    /// Around a step of the set-up; `None`: there is no data source yet.
    pub fn new(frame: &Frame, state: Option<&State>, here: Step) -> Self {
        let standing = |step: Step| state.map_or(Standing::Open, |state| state.standing(step));
        let address = |step: Step| state.map(|state| state.address(step)).unwrap_or_default();
        Self::of(
            frame,
            Outline {
                prefix: "console-setup",
                steps: Step::ALL
                    .map(|step| (step.word(), address(step), standing(step)))
                    .into(),
                here: here.word(),
                source: state.map(|state| state.source.name.clone()).unwrap_or_default(),
                look: state
                    .map(|state| format!("/console/setup/{}/look", state.source.id))
                    .unwrap_or_default(),
            },
        )
    }

    /// Around the step that is shown.
    pub fn of(frame: &Frame, outline: Outline) -> Self {
        let Outline {
            prefix,
            steps,
            here,
            source,
            look,
        } = outline;
        let at = steps.iter().position(|(word, _, _)| *word == here).unwrap_or_default();
        let of_step = |part: &str| frame.word(&format!("{prefix}-{part}"), here);
        Self {
            title: frame.t(prefix),
            source,
            word: here,
            about: of_step("about"),
            without: of_step("without"),
            number: at + 1,
            places: places(frame, prefix, here),
            next: steps
                .get(at + 1)
                .map(|(_, address, _)| address.clone())
                .unwrap_or_default(),
            done: steps
                .get(at)
                .is_some_and(|(_, _, standing)| *standing == Standing::Done),
            look,
            rows: steps
                .into_iter()
                .map(|(word, address, standing)| Row {
                    label: frame.word(&format!("{prefix}-step"), word),
                    address,
                    standing: standing.word(),
                    here: word == here,
                })
                .collect(),
        }
    }
}

/// The texts of a step's places: as many as there are keys.
fn places(frame: &Frame, prefix: &str, step: &str) -> Vec<(String, String)> {
    let place = |number: usize| {
        let key = format!("{prefix}-{step}-place-{number}");
        let place = frame.t(&key);
        (place != key).then(|| (place, frame.t(&format!("{key}-do"))))
    };
    (1..).map_while(place).collect()
}

/// The layout of a step, titled by its question.
pub fn framed(visit: &Visit, step: Step) -> Frame {
    visit.frame(&format!("console-setup-{}", step.word()), Some(Section::WeCom))
}

/// The problem of what was refused, for a template.
pub fn problem(refused: Option<&Refused>) -> Option<&Problem> {
    refused.map(Refused::problem)
}
