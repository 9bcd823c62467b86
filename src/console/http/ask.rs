//! One question before an act that cannot be taken back: what it is about, what it does, and a button.

use askama::Template;

use super::{
    frame::{Frame, Section},
    visit::{Reply, Visit},
};

/// What is asked. Keys are those of texts.
pub(super) struct Ask {
    pub section: Section,
    /// Title of the page.
    pub title: &'static str,
    /// What it is about.
    pub what: String,
    /// What it does, a sentence each.
    pub effects: Vec<String>,
    /// Where the form is sent.
    pub action: String,
    /// What is sent along.
    pub fields: Vec<(&'static str, String)>,
    /// What stands on the button.
    pub button: &'static str,
    /// The page to go back to, with its name.
    pub back: (String, String),
    /// The user whom it is about, so that their name can be shown.
    pub user: Option<String>,
}

#[derive(Template)]
#[template(path = "console/ask.html")]
struct AskPage {
    frame: Frame,
    ask: Ask,
}

impl Visit {
    /// The page that asks.
    pub(super) fn ask(&self, ask: Ask) -> Reply {
        Ok(self.page(&AskPage {
            frame: self.frame(ask.title, Some(ask.section)),
            ask,
        }))
    }
}
