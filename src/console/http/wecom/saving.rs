//! A form that saves credentials: where WeCom refuses one, the fault stands at its field, and only then there is a box to save it anyway.

use actix_web::HttpResponse;
use askama::Template;
use serde_json::Value;

use super::super::{
    field::{self, Field},
    form::Form,
    frame::Frame,
    refused::{FieldFault, Problem, Refused},
    visit::Visit,
};
use crate::console::failure::ConsoleFailure;

/// Numbers of credentials that WeCom refuses.
const REFUSED: &[&str] = &[
    "DI-236", "DI-237", "DI-238", "DI-239", "DI-240", "DI-241", "DI-247", "DI-248", "SU-110", "SU-111", "SU-112",
    "SU-113",
];

/// A form of this section.
pub struct Saving {
    /// Layout, titled by what is saved.
    pub frame: Frame,
    /// Which form it is to whoever tries its fields.
    pub form: &'static str,
    /// Row id of the data source that is changed; empty: none is.
    pub source: String,
    /// Where it is sent.
    pub action: String,
    /// Where it leads back to.
    pub back: String,
    /// The fields that everybody fills in.
    pub fields: Vec<Field>,
    /// Those that have good defaults.
    pub rarer: Vec<Field>,
    /// Entity tag of what is changed.
    pub version: String,
    /// Address that deletes it; empty: none.
    pub delete: String,
    /// The domain to be entered in WeCom; empty: not known.
    pub callback_domain: String,
}

#[derive(Template)]
#[template(path = "console/wecom/form.html")]
struct SavingPage<'a> {
    frame: &'a Frame,
    form: &'a Saving,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
    anyway: bool,
    mismatch: bool,
}

impl Saving {
    /// The form as it is shown first.
    pub fn shown(&self, visit: &Visit) -> HttpResponse {
        visit.page(&SavingPage {
            frame: &self.frame,
            form: self,
            problem: None,
            others: Vec::new(),
            anyway: false,
            mismatch: false,
        })
    }

    /// The form once more, with what was typed and what is wrong.
    pub fn again(&self, refused: &Refused) -> HttpResponse {
        let problem = refused.problem();
        let all: Vec<Field> = self.fields.iter().chain(&self.rarer).cloned().collect();
        let page = SavingPage {
            frame: &self.frame,
            form: self,
            problem: Some(problem),
            others: field::others(problem, &all),
            anyway: can_be_overruled(problem),
            mismatch: is_mismatch(problem),
        };
        refused.on(&page)
    }
}

impl SavingPage<'_> {
    /// Whether a fault stands among the rarer fields, so that they are open.
    fn opened(&self) -> bool {
        self.form.rarer.iter().any(|field| field.fault.is_some())
    }
}

/// Whether it is a corp ID that is not the data source's, which may be meant so.
pub fn is_mismatch(problem: &Problem) -> bool {
    problem.number == ConsoleFailure::CorpMismatch.entry().number
}

/// Whether whoever saves may insist on it.
pub fn can_be_overruled(problem: &Problem) -> bool {
    let refused = |number: &str| REFUSED.contains(&number);
    refused(&problem.number) || problem.errors.iter().any(|fault| refused(&fault.number))
}

/// The body with `save_anyway` where the box was ticked.
pub fn body(form: &Form, mut body: Value) -> Value {
    if form.has("save_anyway") {
        field::put(&mut body, "save_anyway", true.into());
    }
    body
}
