//! Ticking some of many: they are looked for by name, a page after the other, and who is ticked stays so meanwhile. A part of a page.

use askama::Template;

use super::{
    form::Form,
    frame::Frame,
    name_display::mark::Mark,
    refused::{FieldFault, Problem},
    visit::Visit,
};

/// The button that looks further, instead of sending what is ticked.
const LOOK: &str = "look";
/// So many of those who are ticked are shown by name; the others are carried along unseen.
const SHOWN: usize = 50;

/// What a form of boxes carries along.
pub(super) struct Carried {
    /// Ids of those who are ticked.
    pub ids: Vec<String>,
    /// What is looked for.
    pub search: String,
    /// The page of the list; none: the first.
    pub cursor: Option<String>,
}

impl Carried {
    /// As the form sends it, or the address where there is none; the boxes bear this name.
    pub fn of(visit: &Visit, form: Option<&Form>, name: &str) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        match form {
            Some(form) => Self {
                ids: sent(form, name),
                search: form.get("q").unwrap_or_default().to_owned(),
                cursor: owned(form.get(LOOK)),
            },
            None => Self {
                ids: Vec::new(),
                search: visit.param("q").unwrap_or_default().to_owned(),
                cursor: owned(visit.param("cursor")),
            },
        }
    }

    /// Those who are shown by name.
    pub fn shown(&self) -> &[String] {
        self.ids.get(..SHOWN).unwrap_or(&self.ids)
    }

    /// The query of the list: what is looked for, where it goes on, and these.
    pub fn query<'a>(&'a self, own: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let asked = [
            ("q", self.search.as_str()),
            ("cursor", self.cursor.as_deref().unwrap_or_default()),
        ];
        let asked = asked.into_iter().filter(|(_, value)| !value.is_empty());
        asked.chain(own.iter().copied())
    }
}

/// The ids that a form sends under this name, each once.
pub(super) fn sent(form: &Form, name: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in form.all(name).filter(|id| !id.is_empty()) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// Whether a form looks further: nothing is done yet.
pub(super) fn looks(form: &Form) -> bool {
    form.has(LOOK)
}

/// Somebody who can be ticked.
pub(super) struct Line {
    /// What is sent.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// What stands beside it.
    pub beside: String,
    /// The place of the name that WeCom alone may show.
    pub mark: Option<Mark>,
}

/// Texts of the form, by their keys.
pub(super) struct Texts {
    /// What the box for the name is called.
    pub search: &'static str,
    /// Who can be ticked.
    pub legend: &'static str,
    /// What is said where nobody is found.
    pub nobody: &'static str,
    /// The button.
    pub button: &'static str,
    /// What it does.
    pub effect: Option<&'static str>,
}

/// The form.
#[derive(Template)]
#[template(path = "console/choosing.html")]
pub(super) struct Choosing {
    frame: Frame,
    /// Where it is sent.
    action: String,
    /// Name of the boxes.
    name: &'static str,
    texts: Texts,
    /// What else is sent along.
    kept: Vec<(&'static str, String)>,
    search: String,
    ticked: Vec<Line>,
    /// Ids of those who are ticked and not shown.
    unseen: Vec<String>,
    found: Vec<Line>,
    /// Somebody was looked for.
    looked: bool,
    next: Option<String>,
    /// Where the page leads that is left without a choice.
    back: Option<String>,
    problem: Option<Problem>,
}

impl Choosing {
    /// Of those who are ticked by name, and those who were found.
    pub fn new(
        frame: &Frame,
        (action, name, texts): (String, &'static str, Texts),
        carried: Carried,
        (ticked, mut found): (Vec<Line>, Vec<Line>),
        next: Option<String>,
    ) -> Self {
        found.retain(|line| !carried.ids.contains(&line.id));
        Self {
            frame: frame.clone(),
            action,
            name,
            texts,
            kept: Vec::new(),
            looked: !carried.search.is_empty(),
            search: carried.search,
            unseen: carried.ids.into_iter().skip(SHOWN).collect(),
            ticked,
            found,
            next,
            back: None,
            problem: None,
        }
    }

    /// With a field that is sent along.
    #[must_use]
    pub fn keeping(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.kept.push((name, value.to_owned()));
        }
        self
    }

    /// With the way back.
    #[must_use]
    pub fn leading_back(mut self, address: String) -> Self {
        self.back = Some(address);
        self
    }

    /// With why it was refused.
    #[must_use]
    pub fn judged(mut self, problem: Option<&Problem>) -> Self {
        self.problem = problem.cloned();
        self
    }

    /// What is sent along under this name.
    pub fn kept(&self, name: &str) -> Option<&str> {
        let kept = self.kept.iter().find(|(known, _)| *known == name);
        kept.map(|(_, value)| value.as_str())
    }

    fn others(&self) -> Vec<&FieldFault> {
        let problem = self.problem.iter();
        problem.flat_map(|problem| problem.errors.iter()).collect()
    }
}
