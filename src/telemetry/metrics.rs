//! Metrics: one set for this process, as there is one log. Recorded where things happen and read by the listener of `metrics.listen`; until
//! that has [started](start) them nothing is counted, and recording costs one comparison.
//!
//! Names follow OpenTelemetry's conventions as Prometheus writes them: `menjin_`, what is counted, the unit. A label has few values, all known beforehand:
//! never a person, a portal or an address. One more instrument is one field, one line in [`Metrics::new`] and one function.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

/// The media type of [`render`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels<const N: usize> = [(&'static str, &'static str); N];
type Counts<const N: usize> = Family<Labels<N>, Counter>;
type Times<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// Of calls: from 5 milliseconds to a minute and a half.
fn calls() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2.0, 15))
}

/// Of syncs: from a tenth of a second to almost an hour.
fn runs() -> Histogram {
    Histogram::new(exponential_buckets(0.1, 2.0, 16))
}

/// Of memberships: from a second to a month; 900 and 900 + 14,400, the defaults of portals, are among them.
fn ages() -> Histogram {
    let bounds = [
        1, 10, 60, 300, 900, 1800, 3600, 7200, 15_300, 28_800, 86_400, 604_800, 2_592_000,
    ];
    Histogram::new(bounds.into_iter().map(f64::from))
}

/// What is outstanding, read from the database when somebody asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Depths {
    /// Back-channel logouts that are to be delivered.
    pub logouts: u64,
    /// Notices that are to be sent.
    pub notices: u64,
    /// Members whom an event of WeCom is about and who are to be looked at.
    pub looks: u64,
}

/// What the doctor found last: reference number, severity and how many there are.
pub type Findings = Vec<(&'static str, &'static str, u64)>;

struct Metrics {
    registry: Registry,
    sign_ins: Counts<1>,
    refusals: Counts<2>,
    failures: Counts<1>,
    membership_age: Times<2>,
    membership_checks: Counts<2>,
    offboardings: Counts<2>,
    logouts: Counts<1>,
    notices: Counts<2>,
    wecom_calls: Times<2>,
    sync_runs: Times<1>,
    outstanding_logouts: Gauge,
    outstanding_notices: Gauge,
    outstanding_looks: Gauge,
    findings: Family<Labels<2>, Gauge>,
    spans_exported: Counter,
    spans_dropped: Counts<1>,
}

static METRICS: OnceLock<Metrics> = OnceLock::new();
/// Held while somebody reads, so that nobody reads the gauges of another.
static READING: Mutex<()> = Mutex::new(());

/// Counts from here on; a second call changes nothing.
pub fn start() {
    METRICS.get_or_init(Metrics::new);
}

fn record(what: impl FnOnce(&Metrics)) {
    if let Some(metrics) = METRICS.get() {
        what(metrics);
    }
}

/// Everything counted so far, in the text format of OpenMetrics, which Prometheus reads; empty where nothing is counted.
pub fn render(depths: Option<Depths>, findings: Findings) -> String {
    let mut text = String::new();
    let _reading = READING.lock().unwrap_or_else(PoisonError::into_inner);
    record(|metrics| {
        let whole = |number| i64::try_from(number).unwrap_or(i64::MAX);
        metrics.findings.clear();
        for (number, severity, count) in findings {
            let labels = [("number", number), ("severity", severity)];
            metrics.findings.get_or_create(&labels).set(whole(count));
        }
        if let Some(depths) = depths {
            metrics.outstanding_logouts.set(whole(depths.logouts));
            metrics.outstanding_notices.set(whole(depths.notices));
            metrics.outstanding_looks.set(whole(depths.looks));
        }
        // Writing to a text does not fail.
        let _written = encode(&mut text, &metrics.registry);
    });
    text
}

/// Somebody signed in: `wecom`, `password` or `passkey`.
pub fn sign_in(method: &'static str) {
    record(|metrics| count(&metrics.sign_ins, [("method", method)]));
}

/// The gate refused a visit, with this number.
pub fn refusal(visit: &'static str, number: &'static str) {
    record(|metrics| count(&metrics.refusals, [("visit", visit), ("number", number)]));
}

/// A failure was told to somebody under this number.
pub fn failure(number: &'static str) {
    record(|metrics| count(&metrics.failures, [("number", number)]));
}

/// The gate decided about a member whom WeCom had confirmed so long ago: `admitted` or `refused`.
pub fn membership_age(visit: &'static str, decision: &'static str, age: Duration) {
    record(|metrics| time(&metrics.membership_age, [("visit", visit), ("decision", decision)], age));
}

/// A membership was checked anew, or was to be: for a `sign-in` or a `session`, with this outcome.
pub fn membership_check(occasion: &'static str, outcome: &'static str) {
    record(|metrics| {
        count(
            &metrics.membership_checks,
            [("occasion", occasion), ("outcome", outcome)],
        )
    });
}

/// Somebody's access ended.
pub fn offboarding(reason: &'static str, learned_by: &'static str) {
    record(|metrics| count(&metrics.offboardings, [("reason", reason), ("learned_by", learned_by)]));
}

/// A portal was told of a logout, or not; `pending`: it will be tried again.
pub fn logout(state: &'static str) {
    record(|metrics| count(&metrics.logouts, [("state", state)]));
}

/// Somebody was told something, or not, by a channel of this kind; `pending`: it will be tried again.
pub fn notice(kind: &'static str, state: &'static str) {
    record(|metrics| count(&metrics.notices, [("kind", kind), ("state", state)]));
}

/// WeCom was called.
pub fn wecom_call(endpoint: &'static str, outcome: &'static str, took: Duration) {
    record(|metrics| {
        time(
            &metrics.wecom_calls,
            [("endpoint", endpoint), ("outcome", outcome)],
            took,
        )
    });
}

/// So many spans were taken by the collector of traces.
pub fn spans_exported(many: u64) {
    record(|metrics| {
        metrics.spans_exported.inc_by(many);
    });
}

/// So many spans were dropped; why.
pub fn spans_dropped(reason: &'static str, many: u64) {
    if many > 0 {
        record(|metrics| {
            metrics.spans_dropped.get_or_create(&[("reason", reason)]).inc_by(many);
        });
    }
}

/// A sync ended.
pub fn sync_run(state: &'static str, took: Duration) {
    record(|metrics| time(&metrics.sync_runs, [("state", state)], took));
}

fn count<const N: usize>(counts: &Counts<N>, labels: Labels<N>) {
    counts.get_or_create(&labels).inc();
}

fn time<const N: usize>(times: &Times<N>, labels: Labels<N>, took: Duration) {
    times.get_or_create(&labels).observe(took.as_secs_f64());
}

impl Metrics {
    fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("menjin"),
            sign_ins: Family::default(),
            refusals: Family::default(),
            failures: Family::default(),
            membership_age: Family::new_with_constructor(ages),
            membership_checks: Family::default(),
            offboardings: Family::default(),
            logouts: Family::default(),
            notices: Family::default(),
            wecom_calls: Family::new_with_constructor(calls),
            sync_runs: Family::new_with_constructor(runs),
            outstanding_logouts: Gauge::default(),
            outstanding_notices: Gauge::default(),
            outstanding_looks: Gauge::default(),
            findings: Family::default(),
            spans_exported: Counter::default(),
            spans_dropped: Family::default(),
        };
        metrics.name_counters();
        metrics.name_times();
        let registry = &mut metrics.registry;
        registry.register(
            "logouts_outstanding",
            "Back-channel logouts to be delivered, of all replicas",
            metrics.outstanding_logouts.clone(),
        );
        registry.register(
            "notices_outstanding",
            "Notices to be sent, of all replicas",
            metrics.outstanding_notices.clone(),
        );
        registry.register(
            "pending_looks_outstanding",
            "Members to be looked at for events, of all replicas",
            metrics.outstanding_looks.clone(),
        );
        registry.register(
            "doctor_findings",
            "What the doctor finds, none while all is well",
            metrics.findings.clone(),
        );
        metrics
    }

    fn name_counters(&mut self) {
        let registry = &mut self.registry;
        registry.register("sign_ins", "Sign-ins", self.sign_ins.clone());
        registry.register("gate_refusals", "Visits that the gate refused", self.refusals.clone());
        registry.register("failures", "Failures told to somebody", self.failures.clone());
        registry.register(
            "membership_checks",
            "Memberships checked at WeCom",
            self.membership_checks.clone(),
        );
        registry.register("offboardings", "People whose access ended", self.offboardings.clone());
        registry.register(
            "logout_deliveries",
            "Tries to tell a portal of a logout",
            self.logouts.clone(),
        );
        registry.register(
            "notice_deliveries",
            "Tries to tell somebody something",
            self.notices.clone(),
        );
        registry.register(
            "spans_exported",
            "Spans of traces that were exported",
            self.spans_exported.clone(),
        );
        registry.register(
            "spans_dropped",
            "Spans of traces that were not exported",
            self.spans_dropped.clone(),
        );
    }

    fn name_times(&mut self) {
        let registry = &mut self.registry;
        registry.register_with_unit(
            "membership_age",
            "Age of the membership when the gate decided",
            Unit::Seconds,
            self.membership_age.clone(),
        );
        registry.register_with_unit(
            "wecom_call_duration",
            "Calls to WeCom",
            Unit::Seconds,
            self.wecom_calls.clone(),
        );
        registry.register_with_unit(
            "sync_run_duration",
            "Runs of syncs",
            Unit::Seconds,
            self.sync_runs.clone(),
        );
    }
}
