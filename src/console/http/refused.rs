//! A problem that the admin API answered, as a page of the console shows it, and as its faults stand at the fields of a form.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{
    api::Answer,
    frame::{self, Frame},
};
use crate::{
    kernel::failure::{self, Failure},
    web::failure::Told,
};

/// A problem (RFC 9457), as the admin API writes it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// A sentence in English.
    pub title: String,
    /// The same in Chinese.
    pub title_zh: String,
    /// What is particular to this occurrence.
    #[serde(default)]
    pub detail: Option<String>,
    /// What to do about it, in English.
    #[serde(default)]
    pub remedy: String,
    /// The same in Chinese.
    #[serde(default)]
    pub remedy_zh: String,
    /// Reference number.
    #[serde(default)]
    pub number: String,
    /// Code of this occurrence.
    #[serde(default)]
    pub reference: String,
    /// Which fields are wrong.
    #[serde(default)]
    pub errors: Vec<FieldFault>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldFault {
    /// Reference number.
    #[serde(default)]
    pub number: String,
    /// `#/corp_id`.
    #[serde(default)]
    pub pointer: Option<String>,
    /// Parameter of the query string.
    #[serde(default)]
    pub parameter: Option<String>,
    /// A sentence in English.
    pub title: String,
    /// The same in Chinese.
    pub title_zh: String,
    /// What was seen.
    #[serde(default)]
    pub detail: String,
    /// What to do about it, in English.
    #[serde(default)]
    pub remedy: String,
    /// The same in Chinese.
    #[serde(default)]
    pub remedy_zh: String,
    /// Where in WeCom's console it is mended.
    #[serde(default, rename = "where")]
    pub place: Option<String>,
}

impl FieldFault {
    /// What the console itself says of a field, in the page's language.
    pub fn told(text: &str) -> Self {
        Self {
            number: String::new(),
            pointer: None,
            parameter: None,
            title: text.to_owned(),
            title_zh: text.to_owned(),
            detail: String::new(),
            remedy: String::new(),
            remedy_zh: String::new(),
            place: None,
        }
    }
}

impl From<&failure::FieldFault> for FieldFault {
    fn from(fault: &failure::FieldFault) -> Self {
        Self {
            number: fault.entry.number.to_owned(),
            pointer: Some(format!("#{}", fault.pointer)),
            parameter: fault.parameter.clone(),
            title: fault.entry.en.to_owned(),
            title_zh: fault.entry.zh.to_owned(),
            detail: fault.detail.clone(),
            remedy: fault.entry.remedy.to_owned(),
            remedy_zh: fault.entry.remedy_zh.to_owned(),
            place: fault.place.map(str::to_owned),
        }
    }
}

impl Problem {
    /// What is wrong with the field of this name (`app.agent_id`), or with one of the entries of its list.
    pub fn fault(&self, field: &str) -> Option<&FieldFault> {
        let place = field.replace('.', "/");
        self.errors.iter().find(|fault| {
            let pointer = fault.pointer.as_deref().and_then(|pointer| pointer.strip_prefix("#/"));
            let rest = pointer.and_then(|pointer| pointer.strip_prefix(&place));
            let is_there = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            is_there || fault.parameter.as_deref() == Some(field)
        })
    }
}

/// The page on which a form stands that was not taken.
#[derive(Clone)]
pub(super) struct WayBack {
    /// Address of the page.
    pub address: String,
    /// Whether what was typed is kept for it.
    pub typed: bool,
}

#[derive(Clone, Template)]
#[template(path = "console/refused.html")]
struct RefusedPage {
    frame: Frame,
    problem: Problem,
    /// The way back to the form that was not taken; none: it was none.
    back: Option<WayBack>,
}

/// A refused call, which ends in a page of its own unless the handler shows it in a form.
#[derive(Clone)]
pub struct Refused(Box<(RefusedPage, Option<Told>)>);

impl Refused {
    /// The problem in this answer.
    pub(super) fn of(frame: Frame, answer: &Answer) -> Self {
        let status = answer.status.as_u16();
        let problem = serde_json::from_slice(&answer.body).unwrap_or_else(|_| Problem {
            status,
            ..Problem::default()
        });
        let page = RefusedPage {
            frame,
            problem,
            back: None,
        };
        Self(Box::new((page, answer.told.clone())))
    }

    /// A failure of the console itself.
    pub(super) fn failed(frame: Frame, failure: &Failure) -> Self {
        let (entry, told) = (failure.entry, Told::of(failure));
        let problem = Problem {
            status: entry.status,
            title: entry.en.to_owned(),
            title_zh: entry.zh.to_owned(),
            remedy: entry.remedy.to_owned(),
            remedy_zh: entry.remedy_zh.to_owned(),
            number: entry.number.to_owned(),
            reference: told.reference.clone(),
            detail: failure.detail.clone(),
            errors: failure.faults.iter().map(FieldFault::from).collect(),
        };
        let page = RefusedPage {
            frame,
            problem,
            back: None,
        };
        Self(Box::new((page, Some(told))))
    }

    /// HTTP status.
    pub const fn status(&self) -> u16 {
        self.0.0.problem.status
    }

    /// What was answered.
    pub const fn problem(&self) -> &Problem {
        &self.0.0.problem
    }

    /// A page that shows this problem, with its status.
    pub fn on(&self, page: &impl Template) -> HttpResponse {
        self.in_reply(frame::html(self.status_code(), page))
    }

    /// The page of its own, with the way back to the form.
    pub(super) fn leading(mut self, back: Option<WayBack>) -> HttpResponse {
        self.0.0.back = back;
        self.on(&self.0.0)
    }

    /// Leaves what was told in a reply that shows this problem, so that it is logged and recorded.
    pub fn in_reply(&self, reply: HttpResponse) -> HttpResponse {
        match &self.0.1 {
            Some(told) => told.clone().in_reply(reply),
            None => reply,
        }
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem().fmt(formatter)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.problem().title)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut reply = self.on(&self.0.0);
        // For whoever knows the way back to the form.
        reply.extensions_mut().insert(self.clone());
        reply
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Problem;

    #[test]
    fn a_fault_is_found_at_its_field_and_at_entries_of_its_list() {
        let problem = |pointer: &str| Problem {
            errors: vec![serde_json::from_value(json!({ "pointer": pointer, "title": "t", "title_zh": "t" })).unwrap()],
            ..Problem::default()
        };
        assert!(problem("#/app/agent_id").fault("app.agent_id").is_some());
        assert!(problem("#/redirect_uris/0").fault("redirect_uris").is_some());
        assert!(problem("#/names").fault("name").is_none());
    }
}
