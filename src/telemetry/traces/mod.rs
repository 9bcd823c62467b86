//! Traces for OpenTelemetry: what `kernel::spans` records is exported by OTLP (protobuf over HTTP), in the background.
//!
//! Nobody who is served ever waits for it: spans go into a bounded queue, a task of its own sends them, and what does not fit or is not
//! taken is dropped and counted. Off until [`start`]ed.

mod exporter;
mod model;
mod otlp;

use std::{sync::OnceLock, time::Duration};

pub use model::{Post, Posted, Service};
pub use otlp::taken;

use crate::kernel::{clock::Clock, entropy::Entropy, spans};
use exporter::Exporter;

static EXPORTER: OnceLock<Exporter> = OnceLock::new();

/// Records this part of all roots (0 to 1), and exports them from a task on the current runtime. A second call changes nothing.
pub fn start(ratio: f64, service: &Service, (clock, entropy): (Clock, Entropy), post: Post) {
    let exporter = EXPORTER.get_or_init(|| Exporter::start(service, post));
    spans::start(spans::Recorder {
        ratio,
        entropy,
        clock,
        take: Box::new(|trace| exporter.take(trace)),
    });
}

/// Waits until what was recorded so far is sent, but no longer than this; does nothing where nothing is exported.
pub async fn flush(within: Duration) {
    if let Some(exporter) = EXPORTER.get() {
        exporter.flush(within).await;
    }
}
