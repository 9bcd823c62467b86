//! A form of this section, and what its pages share.

use actix_web::HttpResponse;
use askama::Template;
use serde_json::{Value, json};

use crate::console::http::{
    field::{self, Field},
    form::Form,
    frame::{Frame, Section},
    refused::{FieldFault, Problem, Refused},
    visit::Visit,
    wecom::shared::Trouble,
};

/// A form that is saved.
pub(super) struct Saving {
    pub(super) frame: Frame,
    /// Where it is sent.
    pub(super) action: String,
    pub(super) fields: Vec<Field>,
    /// Entity tag of what is changed.
    pub(super) version: String,
    /// Address that deletes it; empty: none. With it goes the key of the text that tells the effect.
    pub(super) delete: String,
    pub(super) effect: &'static str,
    /// Of a channel: where a test is sent, and what of it is asked for.
    pub(super) test: Option<Test>,
    /// A key that was made, shown this once.
    pub(super) made: Option<String>,
}

/// A test message of a channel.
pub(super) struct Test {
    pub(super) action: String,
    pub(super) takes_address: bool,
    pub(super) address: String,
    pub(super) outcome: Option<Tried>,
}

/// What came of it.
pub(super) struct Tried {
    pub(super) state: String,
    pub(super) problem: Option<Trouble>,
}

#[derive(Template)]
#[template(path = "console/settings/notice_form.html")]
struct SavingPage<'a> {
    frame: &'a Frame,
    form: &'a Saving,
    problem: Option<&'a Problem>,
    others: Vec<&'a FieldFault>,
}

impl Saving {
    /// The form as it is shown first.
    pub(super) fn shown(&self, visit: &Visit) -> HttpResponse {
        visit.page(&SavingPage {
            frame: &self.frame,
            form: self,
            problem: None,
            others: Vec::new(),
        })
    }

    /// The form once more, with what was typed and what is wrong.
    pub(super) fn again(&self, refused: &Refused) -> HttpResponse {
        let problem = refused.problem();
        let page = SavingPage {
            frame: &self.frame,
            form: self,
            problem: Some(problem),
            others: field::others(problem, &self.fields),
        };
        refused.on(&page)
    }
}

/// The layout of a page of this section under the name of what it shows.
pub(super) fn framed(visit: &Visit, title: &str) -> Frame {
    visit
        .frame("console-notices-title", Some(Section::Settings))
        .titled(title)
}

/// A minute of the day as a clock shows it.
pub(super) fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute.div_euclid(60), minute.rem_euclid(60))
}

/// The minute of the day of a clock's time; `None`: it is none.
pub(super) fn minute(clock: &str) -> Option<i64> {
    let (hour, minute) = clock.split_once([':', '：'])?;
    let (hour, minute): (i64, i64) = (hour.trim().parse().ok()?, minute.trim().parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then(|| hour * 60 + minute)
}

/// Quiet hours as people read them, in place of minutes.
pub(super) fn with_clocks(mut subscription: Value) -> Value {
    for name in ["quiet_from", "quiet_to"] {
        if let Some(known) = subscription.get(name).and_then(Value::as_i64) {
            field::put(&mut subscription, name, json!(clock(known)));
        }
    }
    subscription
}

/// Quiet hours as the API reads them. What is no time is sent as it is: the API says what is wrong with it.
pub(super) fn with_minutes(mut body: Value) -> Value {
    for name in ["quiet_from", "quiet_to"] {
        if let Some(known) = body.get(name).and_then(Value::as_str).and_then(minute) {
            field::put(&mut body, name, json!(known));
        }
    }
    body
}

/// A form's value.
pub(super) fn text(form: &Form, name: &str) -> String {
    form.get(name).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_read_as_clocks_show_them() {
        assert_eq!(
            (clock(0), clock(1439), clock(420)),
            ("00:00".to_owned(), "23:59".to_owned(), "07:00".to_owned())
        );
        assert_eq!(
            [
                minute("22:00"),
                minute("7：05"),
                minute("24:00"),
                minute("x"),
                minute("7")
            ],
            [Some(1320), Some(425), None, None, None]
        );
        let body = with_minutes(json!({ "quiet_from": "22:00", "quiet_to": "noon" }));
        assert_eq!(body, json!({ "quiet_from": 1320, "quiet_to": "noon" }));
        assert_eq!(
            with_clocks(json!({ "quiet_from": 1320, "quiet_to": null })),
            json!({ "quiet_from": "22:00", "quiet_to": null })
        );
    }
}
