//! Recorded traces as messages of OTLP. Pure.

use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, SpanFlags, Status,
        span::{Event, SpanKind},
        status::StatusCode,
    },
};
use prost::Message;

use super::model::{Posted, Service};
use crate::kernel::spans::{self, Attribute, Kind, Trace, Value};

/// The flag of a trace that is recorded (W3C Trace Context).
const SAMPLED: u32 = 1;

/// The spans of a trace.
pub fn spans_of(trace: Trace) -> Vec<Span> {
    let id = trace.id.to_vec();
    let spans = trace.spans.into_iter();
    spans.map(|span| message(id.clone(), span)).collect()
}

fn message(trace_id: Vec<u8>, span: spans::Span) -> Span {
    let remote = match span.parent_is_remote {
        true => SpanFlags::ContextIsRemoteMask as u32,
        false => 0,
    };
    let status = span.failed.map(|why| Status {
        message: why.into_owned(),
        code: StatusCode::Error.into(),
    });
    let kind = match span.kind {
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Internal => SpanKind::Internal,
    };
    let events = span.events.into_iter().map(|event| Event {
        time_unix_nano: event.at,
        name: event.name.to_owned(),
        attributes: attributes(event.attributes),
        dropped_attributes_count: 0,
    });
    Span {
        trace_id,
        span_id: span.id.to_vec(),
        parent_span_id: span.parent.map(|id| id.to_vec()).unwrap_or_default(),
        flags: SAMPLED | SpanFlags::ContextHasIsRemoteMask as u32 | remote,
        name: span.name.into_owned(),
        kind: kind.into(),
        start_time_unix_nano: span.began,
        end_time_unix_nano: span.ended,
        attributes: attributes(span.attributes),
        events: events.collect(),
        dropped_events_count: span.events_left_out,
        status,
        ..Span::default()
    }
}

fn attributes(all: Vec<Attribute>) -> Vec<KeyValue> {
    let values = all.into_iter();
    values.map(|(key, value)| key_value(key, value)).collect()
}

fn key_value(key: &str, value: Value) -> KeyValue {
    let value = match value {
        Value::Text(text) => any_value::Value::StringValue(text.into_owned()),
        Value::Number(number) => any_value::Value::IntValue(number),
        Value::Flag(flag) => any_value::Value::BoolValue(flag),
    };
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// Who exports, as OTLP wants it.
pub fn resource(service: &Service) -> Resource {
    let words = [
        ("service.name", service.name.clone()),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", service.instance.clone()),
        ("telemetry.sdk.name", "menjin".to_owned()),
        ("telemetry.sdk.language", "rust".to_owned()),
        ("telemetry.sdk.version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let attributes = words.into_iter().map(|(key, value)| key_value(key, value.into()));
    Resource {
        attributes: attributes.collect(),
        ..Resource::default()
    }
}

/// The request that exports these spans.
pub fn export_request(resource: Resource, spans: Vec<Span>) -> Vec<u8> {
    let scope = InstrumentationScope {
        name: "menjin".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let scope_spans = ScopeSpans {
        scope: Some(scope),
        spans,
        ..ScopeSpans::default()
    };
    let resource_spans = ResourceSpans {
        resource: Some(resource),
        scope_spans: vec![scope_spans],
        ..ResourceSpans::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![resource_spans],
    };
    request.encode_to_vec()
}

/// What a collector that took a message tells of it in its answer's body. One that cannot be read tells nothing.
pub fn taken(body: &[u8]) -> Posted {
    let answer = ExportTraceServiceResponse::decode(body).unwrap_or_default();
    let partial = answer.partial_success.unwrap_or_default();
    match u64::try_from(partial.rejected_spans) {
        Ok(rejected @ 1..) => Posted::TakenInPart {
            rejected,
            why: partial.error_message,
        },
        _ => Posted::Taken,
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
    use prost::Message;

    use super::{Posted, taken};

    #[test]
    fn what_a_collector_rejected_is_read_from_its_answer() {
        let answer = |rejected_spans| {
            let partial = ExportTracePartialSuccess {
                rejected_spans,
                error_message: "too old".to_owned(),
            };
            ExportTraceServiceResponse {
                partial_success: Some(partial),
            }
            .encode_to_vec()
        };
        let in_part = Posted::TakenInPart {
            rejected: 3,
            why: "too old".to_owned(),
        };
        assert_eq!(taken(&answer(3)), in_part);
        for body in [answer(0), answer(-1), Vec::new(), b"{}".to_vec(), b"<html>".to_vec()] {
            assert_eq!(taken(&body), Posted::Taken, "{body:?}");
        }
    }
}
