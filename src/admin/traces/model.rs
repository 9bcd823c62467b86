//! A trace as the API shows it. Pure.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    gate::SeenCheck,
    web::context::{Step, WeComCall},
};

/// What is stored of a failure that was told.
pub struct Kept {
    /// When it was told, milliseconds.
    pub at: i64,
    /// Its reference number.
    pub number: String,
    /// Request, steps and calls; null where that is not kept (any more).
    pub trace: Value,
    /// Kind, actor, subject and detail of the audit event; null where there is none.
    pub event: Value,
}

/// What led to a failure that somebody was told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trace)]
pub struct TraceView {
    /// The code they were shown.
    #[schema(example = "7K3F-9QXA")]
    pub reference: String,
    /// Reference number of the failure.
    #[schema(example = "GT-104")]
    pub number: String,
    /// The sentence they were shown, in English; null: the number is not known any more.
    pub en: Option<&'static str>,
    /// The sentence in Chinese; null: the number is not known any more.
    pub zh: Option<&'static str>,
    /// What can be done about it, in English; null: the number is not known any more.
    pub remedy: Option<&'static str>,
    /// The same in Chinese; null: the number is not known any more.
    pub remedy_zh: Option<&'static str>,
    /// HTTP status; null: not known.
    #[schema(value_type = Option<u16>)]
    pub status: Value,
    /// What they were told besides; null: nothing.
    #[schema(value_type = Option<String>)]
    pub detail: Value,
    /// The technical cause; null: none is known.
    #[schema(value_type = Option<String>)]
    pub cause: Value,
    /// When it was told last, milliseconds since 1970.
    pub at: i64,
    /// The portal's `client_id`; null: none.
    #[schema(value_type = Option<String>)]
    pub client_id: Value,
    /// Who, as in the audit log; null: not known.
    #[schema(value_type = Option<String>)]
    pub actor: Value,
    /// The client's address; null: not kept.
    #[schema(value_type = Option<String>)]
    pub address: Value,
    /// Its `User-Agent`; null: not kept.
    #[schema(value_type = Option<String>)]
    pub browser: Value,
    /// Method of the request; null: not kept.
    #[schema(value_type = Option<String>)]
    pub method: Value,
    /// Its path without query, long parts cut; null: not kept.
    #[schema(value_type = Option<String>)]
    pub path: Value,
    /// Id of the OpenTelemetry trace, where one was exported.
    pub trace_id: Value,
    /// Steps with their times, in order.
    #[schema(value_type = Vec<Step>)]
    pub steps: Vec<Value>,
    /// The gate's checks with the facts each saw; null where the gate did not refuse.
    #[schema(value_type = Option<Vec<SeenCheck>>)]
    pub checks: Value,
    /// Calls to WeCom on its behalf; null: not kept.
    #[schema(value_type = Option<Vec<WeComCall>>)]
    pub wecom_calls: Value,
    /// Whether steps, calls and browser are there; else they are not kept any more, or there were too many.
    pub complete: bool,
}

/// The order of steps at one moment.
const ORDER: [&str; 5] = ["begun", "sent_to_wecom", "callback", "gate", "answered"];

/// A member of a document; null where there is none.
fn part<'a>(document: &'a Value, name: &str) -> &'a Value {
    document.get(name).unwrap_or(&Value::Null)
}

impl Kept {
    /// The trace of this code.
    pub fn view(self, reference: &str) -> TraceView {
        let entry = crate::entry(&self.number);
        let (trace, event) = (&self.trace, &self.event);
        let of = |name: &str| match part(trace, name) {
            Value::Null => part(part(event, "detail"), name).clone(),
            known => known.clone(),
        };
        let mut steps = part(trace, "steps").as_array().cloned().unwrap_or_default();
        steps.push(json!({ "step": "answered", "at": self.at }));
        let rank = |step: &Value| ORDER.iter().position(|word| part(step, "step") == word);
        steps.sort_by_key(|step| (part(step, "at").as_i64(), rank(step)));
        steps.dedup();
        let portal = part(event, "subject")
            .as_str()
            .and_then(|subject| subject.strip_prefix("client:"));
        TraceView {
            reference: reference.to_owned(),
            en: entry.map(|entry| entry.en),
            zh: entry.map(|entry| entry.zh),
            remedy: entry.map(|entry| entry.remedy),
            remedy_zh: entry.map(|entry| entry.remedy_zh),
            status: entry.map_or(Value::Null, |entry| json!(entry.status)),
            detail: of("detail"),
            cause: of("cause"),
            at: self.at,
            client_id: match part(trace, "client_id") {
                Value::Null => json!(portal),
                known => known.clone(),
            },
            actor: match part(event, "actor") {
                Value::Null => part(trace, "actor").clone(),
                known => known.clone(),
            },
            address: of("address"),
            browser: of("browser"),
            method: of("method"),
            path: of("path"),
            trace_id: part(trace, "trace_id").clone(),
            steps,
            checks: part(part(event, "detail"), "checks").clone(),
            wecom_calls: part(trace, "wecom_calls").clone(),
            complete: !trace.is_null(),
            number: self.number,
        }
    }
}
