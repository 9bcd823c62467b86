//! Spans of distributed traces (OpenTelemetry): what a request, a sync or a job did, in parts with their times, noted where it happens.
//!
//! Only recording is here; `telemetry::traces` [starts](start) it and exports what was recorded. Until then nothing is recorded, and each
//! place that would looks at that and does nothing else. The spans of one request are kept together until it ends, because only what it does tells which
//! trace it belongs to: the browser's next request of a sign-in [adopts](adopt) the trace that the first one began.
//!
//! A span holds words, numbers and ids: never a query, a token, a code or a value from the database.

mod model;
mod recording;
mod under_way;

pub use model::{Attribute, Event, Kind, Parent, Span, Trace, Value};
pub use recording::{
    Finished, Recorder, Root, adopt, attributes, begin, carry, event, failed, on, record, start, trace_id, traceparent,
    within, worked,
};
