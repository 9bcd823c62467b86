//! The export of traces: which collector, and how it is reached.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

use crate::{
    config::{Config, OtlpConfig, OutboundConfig},
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    outbound::{Answer, Outbound},
    telemetry::traces::{self, Post, Posted, Service},
};

/// Until a collector that does not answer counts as away.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Starts recording and exporting, where the configuration names a collector. To be called on the home runtime, before anything is connected
/// to.
pub(super) fn start(config: &Config, clock: &Clock, entropy: &Entropy) -> Result<()> {
    let Some(otlp) = &config.otlp else { return Ok(()) };
    // The operator chose the address, so it may be in any network.
    let outbound = Outbound::new(&OutboundConfig {
        allow: ["0.0.0.0/0", "::/0"]
            .iter()
            .filter_map(|all| all.parse().ok())
            .collect(),
        ca: config.outbound.ca.clone(),
        timeout: TIMEOUT.min(config.outbound.timeout),
    })?;
    let random = || entropy.id(clock.now()).to_string();
    let service = Service {
        name: otlp.service_name.clone(),
        instance: otlp.service_instance.clone().unwrap_or_else(random),
    };
    let handles = (clock.clone(), entropy.clone());
    traces::start(otlp.ratio, &service, handles, post(outbound, otlp));
    Ok(())
}

fn post(outbound: Outbound, otlp: &OtlpConfig) -> Post {
    let (address, headers) = (otlp.endpoint.clone(), Arc::new(otlp.headers.clone()));
    Arc::new(move |message| {
        let (outbound, address, headers) = (outbound.clone(), address.clone(), Arc::clone(&headers));
        async move { answered(outbound.post_protobuf(address, &headers, message).await) }.boxed()
    })
}

/// What the collector's answer means (OTLP, "OTLP/HTTP Response").
fn answered(answer: Result<Answer>) -> Posted {
    match answer {
        Err(failure) => Posted::Later(failure.to_string()),
        Ok(Answer {
            status: 200..=299,
            body,
            ..
        }) => traces::taken(&body),
        Ok(Answer { status, .. }) => {
            let why = format!("HTTP status {status}");
            match status {
                429 | 502..=504 => Posted::Later(why),
                _ => Posted::Refused(why),
            }
        }
    }
}
