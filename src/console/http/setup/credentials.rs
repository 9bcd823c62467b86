//! The page of a step that takes credentials: fields, each tried as soon as it is complete, and what is wrong at each of them.

use askama::Template;

use super::wizard::{Wizard, problem};
use crate::console::http::{
    field::{self, Field},
    frame::Frame,
    refused::{FieldFault, Problem, Refused},
    visit::{Reply, Visit},
    wecom::{saving, shared::Trouble},
};

/// A step that takes credentials.
pub struct Asked {
    /// Layout.
    pub frame: Frame,
    /// Around it.
    pub wizard: Wizard,
    /// Where the form is sent.
    pub action: String,
    /// Of which form it is, for trying.
    pub form: &'static str,
    /// Row id of the data source; empty: there is none yet.
    pub source: String,
    /// Entity tag of what is changed.
    pub version: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// What is wrong and stands at no field.
    pub notes: Vec<Trouble>,
    /// Another way to go on: its address, and the key of its text.
    pub other: Option<(String, &'static str)>,
    /// Whether there is something WeCom can be asked about again.
    pub looks: bool,
}

/// What was refused of what was sent.
pub struct Refusal<'a> {
    /// The problem; `None`: nothing was sent.
    pub problem: Option<&'a Problem>,
    /// What is wrong and stands at no field.
    pub others: Vec<&'a FieldFault>,
    /// Whether whoever saves may insist on it.
    pub anyway: bool,
    /// Whether it is a corp ID that may be meant to differ.
    pub mismatch: bool,
}

#[derive(Template)]
#[template(path = "console/setup/credentials.html")]
struct CredentialsPage<'a> {
    frame: &'a Frame,
    wizard: &'a Wizard,
    asked: &'a Asked,
    refusal: Refusal<'a>,
}

impl Asked {
    /// With the problems of what is saved at their fields, the first of each; the rest become notes.
    #[must_use]
    pub fn judged<'a>(
        mut self,
        problems: impl Iterator<Item = &'a Trouble>,
        field_of: fn(&str) -> &'static str,
    ) -> Self {
        for problem in problems {
            let name = field_of(&problem.number);
            let free = |field: &&mut Field| problem.severity == "error" && field.name == name && field.fault.is_none();
            match self.fields.iter_mut().find(free) {
                Some(field) => field.fault = Some(problem.at(name)),
                None => self.notes.push(problem.clone()),
            }
        }
        self
    }

    /// The page.
    pub fn shown(&self, visit: &Visit) -> Reply {
        Ok(visit.page(&self.page(None)))
    }

    /// The page once more, with what was refused.
    pub fn again(&self, refused: &Refused) -> Reply {
        Ok(refused.on(&self.page(Some(refused))))
    }

    /// What of a refusal stands at which field.
    pub fn refusal<'a>(&'a self, refused: Option<&'a Refused>) -> Refusal<'a> {
        let problem = problem(refused);
        Refusal {
            others: problem
                .map(|problem| field::others(problem, &self.fields))
                .unwrap_or_default(),
            anyway: problem.is_some_and(saving::can_be_overruled),
            mismatch: problem.is_some_and(saving::is_mismatch),
            problem,
        }
    }

    fn page<'a>(&'a self, refused: Option<&'a Refused>) -> CredentialsPage<'a> {
        CredentialsPage {
            frame: &self.frame,
            wizard: &self.wizard,
            asked: self,
            refusal: self.refusal(refused),
        }
    }
}
