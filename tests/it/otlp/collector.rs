//! A collector of traces: takes what is posted to it by OTLP, and reads it with the types of OpenTelemetry's own crate.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;

/// What one request brought: its headers, and its body.
type Posted = (BTreeMap<String, String>, Vec<u8>);

/// A listening collector.
#[derive(Clone)]
pub struct Collector {
    /// Its base URL.
    pub base: String,
    posted: Arc<Mutex<Vec<Posted>>>,
}

impl Collector {
    /// Listens.
    pub fn listen() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let collector = Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            posted: Arc::default(),
        };
        let state = collector.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(state.clone()))
                .app_data(web::PayloadConfig::new(64 << 20))
                .route("/v1/traces", web::post().to(take))
        });
        actix_web::rt::spawn(server.workers(1).listen(listener).unwrap().run());
        collector
    }

    /// Headers and bodies of everything that was posted.
    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }

    /// All spans.
    pub fn spans(&self) -> Vec<Recorded> {
        let mut spans = Vec::new();
        for (_, body) in self.posted() {
            let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
            for of_resource in request.resource_spans {
                let resource = words(&of_resource.resource.unwrap().attributes);
                assert_eq!(resource["service.name"], "menjin");
                assert!(!resource["service.instance.id"].is_empty(), "{resource:?}");
                let scopes = of_resource.scope_spans.into_iter();
                spans.extend(scopes.flat_map(|scope| scope.spans).map(Recorded));
            }
        }
        spans
    }
}

async fn take(request: HttpRequest, body: web::Bytes, collector: web::Data<Collector>) -> HttpResponse {
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let posted = (headers.collect(), body.to_vec());
    collector.posted.lock().unwrap().push(posted);
    HttpResponse::Ok().content_type("application/x-protobuf").finish()
}

/// A span as it arrived.
#[derive(Clone, Debug)]
pub struct Recorded(pub Span);

impl Recorded {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// An attribute as a text; empty where there is none.
    pub fn attribute(&self, key: &str) -> String {
        words(&self.0.attributes).remove(key).unwrap_or_default()
    }

    /// Everything in it that is a text.
    pub fn texts(&self) -> Vec<String> {
        let events = self.0.events.iter();
        let of_events = events.flat_map(|event| words(&event.attributes).into_values());
        let mut texts = vec![self.0.name.clone()];
        texts.extend(words(&self.0.attributes).into_values().chain(of_events));
        texts
    }

    /// Names of its events.
    pub fn events(&self) -> Vec<&str> {
        self.0.events.iter().map(|event| event.name.as_str()).collect()
    }

    /// Whether it is a part of that one.
    pub fn is_part_of(&self, other: &Self) -> bool {
        self.0.trace_id == other.0.trace_id && self.0.parent_span_id == other.0.span_id
    }

    /// Id of its trace, in hexadecimal digits.
    pub fn trace(&self) -> String {
        self.0.trace_id.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn words(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let word = |attribute: &KeyValue| {
        let value = match attribute.value.as_ref().unwrap().value.as_ref().unwrap() {
            Value::StringValue(text) => text.clone(),
            Value::IntValue(number) => number.to_string(),
            Value::BoolValue(flag) => flag.to_string(),
            other => panic!("{other:?}"),
        };
        (attribute.key.clone(), value)
    };
    attributes.iter().map(word).collect()
}
