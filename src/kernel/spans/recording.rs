//! Recording: the spans of one root (a request, a sync, a job), which its own task and what it waits for add to.

use std::{
    borrow::Cow,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use data_encoding::HEXLOWER;

use super::{
    model::{Attribute, Event, Kind, Parent, Span, Trace},
    under_way::{NO_TRACE, ROOT, Recording, nanos, part},
};
use crate::kernel::{
    clock::{Clock, Timestamp},
    entropy::Entropy,
};

/// Events of one span; more are counted and left out.
const MOST_EVENTS: usize = 64;

/// What recording needs, and who takes what was recorded.
pub struct Recorder {
    /// Which part of all roots is recorded, 0 to 1.
    pub ratio: f64,
    /// For ids, and for which roots are recorded.
    pub entropy: Entropy,
    /// For when a root began.
    pub clock: Clock,
    /// Takes it; must not wait.
    pub take: Box<dyn Fn(Trace) + Send + Sync>,
}

static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// Records from here on; a second call changes nothing.
pub fn start(recorder: Recorder) {
    RECORDER.get_or_init(|| recorder);
}

/// Whether anything is recorded at all.
pub fn on() -> bool {
    RECORDER.get().is_some()
}

fn nanos_at(at: Timestamp) -> u64 {
    u64::try_from(at.millis()).unwrap_or(0).saturating_mul(1_000_000)
}

/// A span that lasts; [`ROOT`] is the root.
#[derive(Clone)]
struct Place {
    recording: Arc<Mutex<Recording>>,
    span: [u8; 8],
}

impl Place {
    fn lock(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

tokio::task_local! {
    static PLACE: Place;
}

/// Does something with the recording of this task, if there is one that is kept; with the span in which it is. While nothing is recorded at
/// all, that is looked at and nothing else.
fn here<T>(what: impl FnOnce(&Recorder, &mut Recording, [u8; 8]) -> T) -> Option<T> {
    let recorder = RECORDER.get()?;
    let act = |place: &Place| {
        let mut recording = place.lock();
        recording.sampled.then(|| what(recorder, &mut recording, place.span))
    };
    // Nothing is recorded of other tasks.
    PLACE.try_with(act).ok().flatten()
}

/// The root of what is recorded together. It ends when it is dropped.
pub struct Root(Place);

/// Begins a root, in this trace or in a new one; `None` while nothing is recorded. A trace that is given here was named by somebody who is
/// trusted: nothing that is [adopted](adopt) later replaces it.
#[expect(
    clippy::disallowed_methods,
    reason = "how long parts took, which no decision rests on"
)]
pub fn begin(kind: Kind, name: impl Into<Cow<'static, str>>, parent: Option<Parent>) -> Option<Root> {
    let recorder = RECORDER.get()?;
    let began = nanos_at(recorder.clock.now());
    let root = Span {
        parent: parent.map(|parent| parent.span),
        parent_is_remote: parent.is_some(),
        ..part((ROOT, ROOT), (kind, name.into()), (began, 0))
    };
    let mut recording = Recording {
        trace: parent.map_or(NO_TRACE, |parent| parent.trace),
        named: parent.is_some(),
        sampled: parent.map_or_else(|| chosen(recorder), |parent| parent.sampled),
        began,
        instant: Instant::now(),
        spans: vec![root],
        left_out: 0,
        worked: false,
    };
    if recording.sampled {
        recording.identify(&recorder.entropy);
    }
    Some(Root(Place {
        recording: Arc::new(Mutex::new(recording)),
        span: ROOT,
    }))
}

/// Whether this root is among those that are recorded.
fn chosen(recorder: &Recorder) -> bool {
    // 53 bits, which a float holds exactly.
    let part = u64::from_be_bytes(recorder.entropy.bytes()) >> 11;
    (part as f64) / ((1_u64 << 53) as f64) < recorder.ratio
}

impl Root {
    /// Runs a future whose parts are recorded here.
    pub async fn run<F: Future>(&self, future: F) -> F::Output {
        PLACE.scope(self.0.clone(), future).await
    }

    /// Names it, once its name is known.
    pub fn name(&self, name: impl Into<Cow<'static, str>>) {
        self.with(|root| root.name = name.into());
    }

    /// Adds what is known of it, where it is recorded.
    pub fn attributes(&self, known: impl FnOnce() -> Vec<Attribute>) {
        self.with(|root| root.attributes.extend(known()));
    }

    /// Says that it failed.
    pub fn failed(&self, why: impl Into<Cow<'static, str>>) {
        self.with(|root| root.failed = Some(why.into()));
    }

    /// Leaves it out if nothing was done but looking whether there is something to do.
    pub fn end_unless_idle(self) {
        let mut recording = self.0.lock();
        recording.sampled &= recording.worked;
    }

    fn with(&self, change: impl FnOnce(&mut Span)) {
        let mut recording = self.0.lock();
        if recording.sampled
            && let Some(root) = recording.spans.first_mut()
        {
            change(root);
        }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let mut recording = self.0.lock();
        let (now, sampled) = (recording.now(), recording.sampled);
        // Whoever still adds to it comes too late.
        recording.sampled = false;
        let mut spans = std::mem::take(&mut recording.spans);
        for span in &mut spans {
            if span.ended == 0 {
                span.ended = now;
            }
        }
        if let (Some(root), 1..) = (spans.first_mut(), recording.left_out) {
            let left_out = i64::try_from(recording.left_out).unwrap_or(i64::MAX);
            root.attributes.push(("menjin.spans_left_out", left_out.into()));
        }
        let trace = Trace {
            id: recording.trace,
            spans,
            left_out: recording.left_out,
        };
        drop(recording);
        if let (Some(recorder), true) = (RECORDER.get(), sampled) {
            (recorder.take)(trace);
        }
    }
}

/// Runs a future as a part of its own.
pub async fn within<F: Future>(kind: Kind, name: &'static str, future: F) -> F::Output {
    let Some(place) = open(kind, name) else {
        return future.await;
    };
    let output = PLACE.scope(place.clone(), future).await;
    let mut recording = place.lock();
    let now = recording.now();
    if let Some(span) = recording.find(place.span) {
        span.ended = now;
    }
    output
}

fn open(kind: Kind, name: &'static str) -> Option<Place> {
    let recorder = RECORDER.get()?;
    let act = |place: &Place| {
        let mut recording = place.lock();
        if !recording.sampled {
            return None;
        }
        let (id, parent) = (recorder.entropy.bytes(), recording.exported(place.span));
        let began = recording.now();
        recording.add(part((id, parent), (kind, name.into()), (began, 0)));
        Some(Place {
            recording: Arc::clone(&place.recording),
            span: id,
        })
    };
    PLACE.try_with(act).ok().flatten()
}

/// A part that has just ended.
pub struct Finished {
    /// Which side of a call.
    pub kind: Kind,
    /// Name.
    pub name: Cow<'static, str>,
    /// How long it took.
    pub took: Duration,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
    /// Why it failed, in a word.
    pub failed: Option<Cow<'static, str>>,
    /// It did nothing but look whether there is something to do.
    pub looked: bool,
}

/// Records a part that has just ended, where somebody records.
pub fn record(finished: impl FnOnce() -> Finished) {
    here(|recorder, recording, parent| {
        let (finished, parent) = (finished(), recording.exported(parent));
        let ended = recording.now();
        let began = ended.saturating_sub(nanos(finished.took)).max(recording.began);
        let id = recorder.entropy.bytes();
        recording.worked |= !finished.looked;
        recording.add(Span {
            attributes: finished.attributes,
            failed: finished.failed,
            ..part((id, parent), (finished.kind, finished.name), (began, ended))
        });
    });
}

/// Says that something is done here besides looking whether there is something to do.
pub fn worked() {
    here(|_, recording, _| recording.worked = true);
}

/// Adds what is known of the part in which this task is.
pub fn attributes(known: impl FnOnce() -> Vec<Attribute>) {
    here(|_, recording, place| {
        if let Some(span) = recording.find(place) {
            span.attributes.extend(known());
        }
    });
}

/// Says that the part in which this task is failed.
pub fn failed(why: impl Into<Cow<'static, str>>) {
    here(|_, recording, place| {
        if let Some(span) = recording.find(place) {
            span.failed = Some(why.into());
        }
    });
}

/// Something that happened at this moment, unless that was before the root began.
pub fn event(name: &'static str, at: Option<Timestamp>, known: impl FnOnce() -> Vec<Attribute>) {
    here(|_, recording, place| {
        let at = at.map_or_else(|| recording.now(), nanos_at);
        let began = recording.began;
        if let Some(span) = recording.find(place)
            && at >= began
        {
            match span.events.len() < MOST_EVENTS {
                true => span.events.push(Event {
                    name,
                    at,
                    attributes: known(),
                }),
                false => span.events_left_out = span.events_left_out.saturating_add(1),
            }
        }
    });
}

/// Goes on with the trace that a [`traceparent`] of ours names, also where this root was not to be recorded. What was recorded of it so far
/// comes along. A root whose trace a trusted caller named stays in that, and tells the other one as `menjin.continues_trace`.
pub fn adopt(parent: Option<&str>) {
    let (Some(recorder), Some(parent)) = (RECORDER.get(), parent) else {
        return;
    };
    let Some(parent) = Parent::parse(parent) else { return };
    let adopted = PLACE.try_with(|place| {
        let mut recording = place.lock();
        if recording.named {
            recording.tell_other(parent);
        } else {
            recording.move_to(parent, &recorder.entropy);
        }
    });
    adopted.unwrap_or_default();
}

/// What the next request of a sign-in needs in order to [`adopt`] this trace; `None` where nothing is recorded of this task. It says as
/// well that the trace is not recorded.
pub fn traceparent() -> Option<String> {
    let recorder = RECORDER.get()?;
    let place = PLACE.try_with(Clone::clone).ok()?;
    let mut recording = place.lock();
    recording.identify(&recorder.entropy);
    let root = recording.spans.first()?;
    let parent = Parent {
        trace: recording.trace,
        span: root.id,
        sampled: recording.sampled,
    };
    Some(parent.text())
}

/// Id of the trace that is recorded of this task.
pub fn trace_id() -> Option<String> {
    here(|_, recording, _| HEXLOWER.encode(&recording.trace))
}

/// A future that is recorded as a part of this task, though another one runs it.
pub fn carry<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let place = if on() { PLACE.try_with(Clone::clone).ok() } else { None };
    async move {
        match place {
            Some(place) => PLACE.scope(place, future).await,
            None => future.await,
        }
    }
}

#[cfg(test)]
#[path = "recording_tests.rs"]
mod tests;
