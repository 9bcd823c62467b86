//! The queue of spans, and the task that sends them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use opentelemetry_proto::tonic::{resource::v1::Resource, trace::v1::Span};
use tokio::{
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    model::{Post, Posted, Service},
    otlp::{export_request, resource, spans_of},
};
use crate::{kernel::spans::Trace, telemetry::metrics};

/// Spans that wait at most; more are dropped.
const MOST_WAITING: usize = 8192;
/// Spans of one request, about; the spans of one root stay together.
const BATCH: usize = 512;
/// How long a request gathers spans.
const GATHER: Duration = Duration::from_secs(1);
/// Waits before a collector that is away is asked again; after the last the spans are dropped.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

enum Entry {
    Spans(Vec<Span>),
    /// Everything before it is to be sent, and this told then.
    Flush(oneshot::Sender<()>),
}

/// Puts spans into the queue.
pub struct Exporter {
    queue: UnboundedSender<Entry>,
    waiting: Arc<AtomicUsize>,
    /// The process ends: nobody waits for a collector that is away.
    hurry: Arc<Notify>,
}

impl Exporter {
    /// Starts the task on the current runtime.
    pub fn start(service: &Service, post: Post) -> Self {
        let (queue, entries) = unbounded_channel();
        let (waiting, hurry) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let sender = Sender {
            entries,
            waiting: Arc::clone(&waiting),
            hurry: Arc::clone(&hurry),
            resource: resource(service),
            post,
            away: false,
            rejecting: false,
        };
        tokio::spawn(sender.run());
        Self { queue, waiting, hurry }
    }

    /// Queues the spans of a trace, or drops and counts them.
    pub fn take(&self, trace: Trace) {
        metrics::spans_dropped("too_many_in_one_trace", trace.left_out);
        let many = trace.spans.len();
        if self.waiting.fetch_add(many, Ordering::Relaxed).saturating_add(many) > MOST_WAITING {
            self.waiting.fetch_sub(many, Ordering::Relaxed);
            metrics::spans_dropped("queue_full", count(many));
            return;
        }
        // The task ends with the process.
        drop(self.queue.send(Entry::Spans(spans_of(trace))));
    }

    /// See [`super::flush`].
    pub async fn flush(&self, within: Duration) {
        let (sent, wait) = oneshot::channel();
        if self.queue.send(Entry::Flush(sent)).is_ok() {
            self.hurry.notify_one();
            let _in_time = timeout(within, wait).await;
        }
    }
}

fn count(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}

struct Sender {
    entries: UnboundedReceiver<Entry>,
    waiting: Arc<AtomicUsize>,
    hurry: Arc<Notify>,
    resource: Resource,
    post: Post,
    /// The last request failed, and that was told.
    away: bool,
    /// Spans were rejected by the last request that was taken, and that was told.
    rejecting: bool,
}

impl Sender {
    async fn run(mut self) {
        while let Some(entry) = self.entries.recv().await {
            let (spans, flushed) = self.gather(entry).await;
            if !spans.is_empty() {
                self.send(spans).await;
            }
            // Whoever waited may have given up.
            if let Some(flushed) = flushed {
                let _given_up = flushed.send(());
            }
        }
    }

    /// What comes within a second, unless it is enough before or somebody waits for it.
    async fn gather(&mut self, first: Entry) -> (Vec<Span>, Option<oneshot::Sender<()>>) {
        let (mut spans, until) = (Vec::new(), Instant::now() + GATHER);
        let mut next = Some(first);
        while let Some(entry) = next {
            match entry {
                Entry::Spans(more) => spans.extend(more),
                Entry::Flush(sent) => return (spans, Some(sent)),
            }
            if spans.len() >= BATCH {
                break;
            }
            next = timeout_at(until, self.entries.recv()).await.ok().flatten();
        }
        (spans, None)
    }

    async fn send(&mut self, spans: Vec<Span>) {
        let many = spans.len();
        let message = export_request(self.resource.clone(), spans);
        let outcome = self.post_patiently(message).await;
        self.waiting.fetch_sub(many, Ordering::Relaxed);
        match outcome {
            Ok(rejected) => {
                let rejected = rejected.min(count(many));
                metrics::spans_exported(count(many).saturating_sub(rejected));
                metrics::spans_dropped("not_taken", rejected);
                if std::mem::take(&mut self.away) {
                    tracing::info!("traces are exported again");
                }
            }
            Err(why) => {
                metrics::spans_dropped("not_taken", count(many));
                self.complain(&why);
            }
        }
    }

    /// Told once until it works again; metrics count what is dropped.
    fn complain(&mut self, why: &str) {
        if !std::mem::replace(&mut self.away, true) {
            tracing::warn!(
                why,
                "traces cannot be exported (telemetry.otlp_endpoint); spans are dropped"
            );
        }
    }

    /// Told once until all is taken again.
    fn complain_of_some(&mut self, rejected: u64, why: &str) {
        if !std::mem::replace(&mut self.rejecting, true) {
            tracing::warn!(
                rejected,
                why,
                "the collector of traces (telemetry.otlp_endpoint) rejects some spans; they are dropped"
            );
        }
    }

    /// How many spans were rejected of those that were taken.
    async fn post_patiently(&mut self, message: Vec<u8>) -> Result<u64, String> {
        // While it is away nobody waits for it again with each batch.
        let pauses = if self.away { &[][..] } else { &PAUSES[..] };
        let mut pauses = pauses.iter();
        loop {
            let posted = (self.post)(message.clone()).await;
            let why = match posted {
                Posted::Taken => {
                    self.rejecting = false;
                    return Ok(0);
                }
                Posted::TakenInPart { rejected, why } => {
                    self.complain_of_some(rejected, &why);
                    return Ok(rejected);
                }
                Posted::Refused(why) => return Err(why),
                Posted::Later(why) => why,
            };
            let Some(pause) = pauses.next() else { return Err(why) };
            let hurried = tokio::select! {
                () = self.hurry.notified() => true,
                () = sleep(*pause) => false,
            };
            if hurried {
                return Err(why);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::FutureExt;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;

    use super::*;
    use crate::{
        kernel::spans::{Kind, Span as Recorded},
        web::captured_log::CapturedLog,
    };

    fn trace(spans: usize) -> Trace {
        let span = Recorded {
            id: [1; 8],
            parent: None,
            parent_is_remote: false,
            name: "span".into(),
            kind: Kind::Internal,
            began: 1,
            ended: 2,
            attributes: vec![("menjin.known", true.into())],
            events: Vec::new(),
            events_left_out: 0,
            failed: Some("why".into()),
        };
        Trace {
            id: [2; 16],
            spans: vec![span; spans],
            left_out: 0,
        }
    }

    /// An exporter to a collector that answers like this; what it got.
    fn exporter(answer: Posted) -> (Exporter, Arc<Mutex<Vec<Vec<u8>>>>) {
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        let post: Post = Arc::new(move |message| {
            kept.lock().unwrap().push(message);
            let answer = answer.clone();
            async move { answer }.boxed()
        });
        let service = Service {
            name: "menjin".to_owned(),
            instance: "one".to_owned(),
        };
        (Exporter::start(&service, post), got)
    }

    #[tokio::test]
    async fn what_is_queued_is_sent_in_one_message_when_the_process_ends() {
        let (exporter, got) = exporter(Posted::Taken);
        exporter.take(trace(1));
        exporter.take(trace(2));
        exporter.flush(Duration::from_secs(5)).await;
        let got = got.lock().unwrap();
        let [message] = &got[..] else { panic!("{}", got.len()) };
        let request = ExportTraceServiceRequest::decode(&message[..]).unwrap();
        let spans = &request.resource_spans[0].scope_spans[0].spans;
        assert_eq!(spans.len(), 3);
        assert_eq!(spans[0].trace_id, [2; 16]);
        assert_eq!(spans[0].status.as_ref().unwrap().message, "why");
        assert_eq!(exporter.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn what_cannot_be_exported_is_told_once() {
        let lines = CapturedLog::default();
        let sink = lines.clone();
        let log = tracing_subscriber::fmt().with_writer(move || sink.clone()).finish();
        let _here = tracing::subscriber::set_default(log);
        let (exporter, got) = exporter(Posted::Refused("HTTP status 401".to_owned()));
        for _ in 0..3 {
            exporter.take(trace(1));
            exporter.flush(Duration::from_secs(60)).await;
        }
        assert_eq!(got.lock().unwrap().len(), 3, "what is refused is not sent again");
        let text = lines.text();
        assert_eq!(text.matches("traces cannot be exported").count(), 1, "{text}");
        assert!(text.contains("HTTP status 401"), "{text}");
    }

    #[tokio::test]
    async fn what_is_rejected_of_a_message_is_told_once() {
        let lines = CapturedLog::default();
        let sink = lines.clone();
        let log = tracing_subscriber::fmt().with_writer(move || sink.clone()).finish();
        let _here = tracing::subscriber::set_default(log);
        let (exporter, got) = exporter(Posted::TakenInPart {
            rejected: 1,
            why: "too old".to_owned(),
        });
        for _ in 0..2 {
            exporter.take(trace(2));
            exporter.flush(Duration::from_secs(60)).await;
        }
        assert_eq!(got.lock().unwrap().len(), 2, "what was taken is not sent again");
        let text = lines.text();
        assert_eq!(text.matches("rejects some spans").count(), 1, "{text}");
        assert!(text.contains("too old"), "{text}");
    }

    #[tokio::test]
    async fn the_queue_has_an_end_and_a_collector_that_is_away_keeps_nobody_waiting() {
        let (exporter, got) = exporter(Posted::Later("away".to_owned()));
        for _ in 0..2 * MOST_WAITING / 100 {
            exporter.take(trace(100));
        }
        assert!(exporter.waiting.load(Ordering::Relaxed) <= MOST_WAITING);
        // At the end it is asked once for each batch, and what it does not take is gone.
        exporter.flush(Duration::from_secs(60)).await;
        assert_eq!(exporter.waiting.load(Ordering::Relaxed), 0);
        let asked = got.lock().unwrap().len();
        assert!(
            (MOST_WAITING / BATCH / 2..MOST_WAITING / BATCH + 8).contains(&asked),
            "{asked}"
        );
    }
}
