//! Back-channel logout: delivers logout tokens from the outbox to portals' servers (OpenID Connect Back-Channel Logout 1.0 §2.5).
//!
//! A delivery is sent at once, retried with exponential backoff for a day, and sent by one replica at a time (lease).

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::stream::{self, TryStreamExt};
use serde_json::json;
use uuid::Uuid;

use super::model::{Delivery, DeliveryAttempt, Due, State};
use crate::{
    audit::{Kind, Record},
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
        spans::{self, Attribute, Kind as SpanKind},
    },
    oidc::{client::Client, provider::Provider, store::deliveries},
    outbound::{Answer, OutboundFailure},
    store::AnyRow,
    telemetry::metrics,
};

/// Lease of a replica on a row; after it the replica counts as dead. Longer than a call may last.
const LEASE: Duration = Duration::from_secs(120);
/// Most concurrent calls to one portal.
const PER_PORTAL: usize = 4;
/// Rows read at once.
const BATCH: u64 = 64;
/// Backoff after the first failure; doubled after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Longest backoff.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// Attempts from which on a refusal (status 400) is final.
const REFUSALS: i32 = 6;
/// Most rounds of one [`Provider::deliver_all`]; what is still due then waits for the next.
const ROUNDS: usize = 8;
/// Longest part of a portal's answer that is stored, characters.
const LONGEST_QUOTE: usize = 200;

impl Provider {
    /// What there is where [`Provider::deliver`] has something to do.
    pub fn logouts_due(&self) -> Vec<AnyRow> {
        vec![deliveries::any_due(self.deps().clock.now())]
    }

    /// Starts the deliveries of every portal that has due ones, each in its own bulkhead, and waits for none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliver(&self) -> Result<()> {
        let now = self.deps().clock.now();
        let capacity = self.bulkheads().capacity();
        let others = capacity.busy.iter().chain(&capacity.unresponsive).copied().collect();
        let mut portals = self
            .store()
            .portals_with_due(now, Due::Besides(others), capacity.free)
            .await?;
        // A query of its own, so that the others are found however many portals do not answer.
        if capacity.free_unresponsive > 0 && !capacity.unresponsive.is_empty() {
            let unresponsive = Due::Among(capacity.unresponsive);
            portals.extend(
                self.store()
                    .portals_with_due(now, unresponsive, capacity.free_unresponsive)
                    .await?,
            );
        }
        for portal in portals {
            let provider = self.clone();
            self.bulkheads()
                .start(portal, async move { provider.drain_portal(portal).await });
        }
        Ok(())
    }

    /// Runs [`Provider::deliver`] in the background, so that a session that ended here need not wait for the next scheduled run.
    pub(in crate::oidc) fn deliver_soon(&self) {
        let provider = self.clone();
        self.bulkheads().spawn_outside(async move {
            if let Err(failure) = provider.deliver().await {
                tracing::error!(%failure, "portals could not be told of a logout yet");
            }
        });
    }

    /// Delivers everything that is due, waits for the end, and deletes old settled rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliver_all(&self) -> Result<()> {
        for _ in 0..ROUNDS {
            self.delivered().await;
            let now = self.deps().clock.now();
            if self
                .store()
                .portals_with_due(now, Due::Besides(Vec::new()), 1)
                .await?
                .is_empty()
            {
                break;
            }
            self.deliver().await?;
        }
        self.delivered().await;
        self.sweep_outbox().await
    }

    /// Waits until no delivery of this process is under way.
    pub async fn delivered(&self) {
        self.bulkheads().idle().await;
    }

    /// How many deliveries are outstanding.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outstanding_logouts(&self) -> Result<u64> {
        Ok(self.store().count_pending().await?)
    }

    async fn drain_portal(&self, portal: Uuid) {
        loop {
            match self.send_batch(portal).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(failure) => {
                    tracing::error!(%failure, %portal, "a portal could not be told of a logout yet");
                    return;
                }
            }
        }
    }

    /// Sends one batch of a portal's due deliveries; true if there may be more. The first call is made alone, and a portal that does not
    /// answer is not called again for now: what is due for it stays due, and is retried in the few slots that unresponsive portals share.
    async fn send_batch(&self, portal: Uuid) -> Result<bool> {
        let due = self.store().due_for(portal, self.deps().clock.now(), BATCH).await?;
        let client = self.store().find_client_by_id(portal).await?;
        self.keyring().fresh().await?;
        let mut rest = due.iter();
        for first in rest.by_ref() {
            match self.send_delivery(client.as_deref(), first).await? {
                Some(true) => break,
                Some(false) => return Ok(false),
                None => {}
            }
        }
        let unresponsive = AtomicBool::new(false);
        stream::iter(rest.map(Ok::<_, Failure>))
            .try_for_each_concurrent(PER_PORTAL, async |delivery| {
                if !unresponsive.load(Ordering::Relaxed)
                    && self.send_delivery(client.as_deref(), delivery).await? == Some(false)
                {
                    unresponsive.store(true, Ordering::Relaxed);
                }
                Ok(())
            })
            .await?;
        Ok(!due.is_empty() && !unresponsive.into_inner())
    }

    /// Sends one delivery: lease first, send second, write the result last. A sender that dies in between leaves a row that is due again
    /// when its lease has run out: a portal may get two logout tokens for one session, which has the same effect as one (at-least-once
    /// delivery). Returns whether the portal answered; `None`: it was not called.
    async fn send_delivery(&self, client: Option<&Client>, delivery: &Delivery) -> Result<Option<bool>> {
        let Some(root) = spans::begin(SpanKind::Internal, "logout delivery", None) else {
            return Box::pin(self.send_leased(client, delivery)).await;
        };
        let sent = root.run(Box::pin(self.send_leased(client, delivery))).await;
        if let Err(failure) = &sent {
            root.failed(failure.entry.number);
        }
        if matches!(sent, Ok(None)) {
            root.end_unless_idle();
        }
        sent
    }

    async fn send_leased(&self, client: Option<&Client>, delivery: &Delivery) -> Result<Option<bool>> {
        let now = self.deps().clock.now();
        if !self.store().lease_delivery(delivery, now.plus(LEASE)).await? {
            return Ok(None);
        }
        let address = client.and_then(|client| Some((client, client.metadata.backchannel_logout_uri.as_deref()?)));
        let (answered, tried) = match address {
            Some((client, address)) => {
                let token = self.logout_token(client, delivery)?;
                let fields = [("logout_token", token.as_str())];
                let posting = self.deps().outbound.post_form(address, &fields);
                let answer = spans::within(SpanKind::Client, "POST", posted(client, posting)).await;
                let answered = !is_silence(&answer);
                (
                    Some(answered),
                    classify_answer(answer, delivery, self.deps().clock.now()),
                )
            }
            None => (None, abandoned_without_uri(now)),
        };
        self.bulkheads()
            .record_outcome(delivery.client, answered != Some(false));
        metrics::logout(tried.state.word());
        let event = given_up(client, delivery, &tried);
        let now = self.deps().clock.now();
        self.store().note_try(delivery, &tried, now, event).await?;
        Ok(answered)
    }
}

/// The call of a portal, whose address its span does not tell: it may hold a secret.
async fn posted(client: &Client, posting: impl Future<Output = Result<Answer>>) -> Result<Answer> {
    let answer = posting.await;
    spans::attributes(|| {
        let mut known: Vec<Attribute> = vec![
            ("http.request.method", "POST".into()),
            ("menjin.client_id", client.client_id.clone().into()),
        ];
        known.push(match &answer {
            Ok(answer) => ("http.response.status_code", i64::from(answer.status).into()),
            Err(failure) => ("error.type", failure.entry.number.into()),
        });
        known
    });
    if let Err(failure) = &answer {
        spans::failed(failure.entry.number);
    }
    answer
}

fn abandoned_without_uri(now: Timestamp) -> DeliveryAttempt {
    DeliveryAttempt {
        state: State::Abandoned,
        status: None,
        error: Some("the portal has no backchannel_logout_uri any more".to_owned()),
        next_at: now,
    }
}

/// Whether the portal did not answer, or not in time. An address that the outbound rules forbid is not called and costs no time.
fn is_silence(answer: &Result<Answer>) -> bool {
    answer
        .as_ref()
        .is_err_and(|failure| failure.entry == OutboundFailure::Unreachable.entry())
}

/// Classifies an answer (Back-Channel Logout 1.0 §2.8): 200 and 204 mean success, 400 a refusal, everything else a temporary error. A
/// portal that refuses may be in the middle of a deployment, so a refusal is retried a few times too.
fn classify_answer(answer: Result<Answer>, delivery: &Delivery, now: Timestamp) -> DeliveryAttempt {
    let attempts = delivery.attempts.saturating_add(1);
    let next_at = now.plus(pause(attempts));
    let (status, error) = match answer {
        Ok(answer) if matches!(answer.status, 200 | 204) => {
            return DeliveryAttempt {
                state: State::Delivered,
                status: Some(i32::from(answer.status)),
                error: None,
                next_at: now,
            };
        }
        Ok(answer) => (Some(i32::from(answer.status)), quote(&answer.body)),
        Err(failure) => (None, sentence(&failure)),
    };
    let state = if status == Some(400) && attempts >= REFUSALS {
        State::Failed
    } else if next_at > delivery.deadline {
        State::Abandoned
    } else {
        State::Pending
    };
    DeliveryAttempt {
        state,
        status,
        error: Some(error),
        next_at,
    }
}

fn pause(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
}

/// The beginning of a portal's answer, as one line of visible characters.
fn quote(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let visible = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter });
    visible.take(LONGEST_QUOTE).collect()
}

/// What went wrong, and of a certificate also what is wrong with it.
fn sentence(failure: &Failure) -> String {
    let told = format!("{}: {}", failure.entry.number, failure.entry.en);
    match &failure.cause {
        Some(cause) if failure.entry == OutboundFailure::CertificateUntrusted.entry() => format!("{told} ({cause})"),
        _ => told,
    }
}

fn given_up(client: Option<&Client>, delivery: &Delivery, tried: &DeliveryAttempt) -> Option<Record> {
    if !matches!(tried.state, State::Failed | State::Abandoned) {
        return None;
    }
    let portal = client.map_or_else(|| delivery.client.to_string(), |client| client.client_id.clone());
    Some(Record {
        kind: Kind::LogoutUndelivered,
        actor: "system".to_owned(),
        subject: format!("client:{portal}"),
        reference: None,
        number: None,
        detail: json!({
            "delivery": delivery.id,
            "session": delivery.session,
            "user": delivery.user,
            "state": tried.state.word(),
            "attempts": delivery.attempts.saturating_add(1),
            "last_status": tried.status,
            "last_error": tried.error,
        }),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::{Timestamp, classify_answer, pause, quote};
    use crate::{
        oidc::logout::model::{Delivery, State},
        outbound::{Answer, OutboundFailure},
    };

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn delivery(attempts: i32) -> Delivery {
        Delivery {
            id: Uuid::nil(),
            session: Uuid::nil(),
            user: Uuid::nil(),
            client: Uuid::nil(),
            attempts,
            next_at: NOW,
            deadline: NOW.plus(Duration::from_secs(24 * 3600)),
        }
    }

    fn after(status: u16, attempts: i32) -> State {
        let answer = Answer {
            status,
            body: Vec::new(),
            retry_after: None,
        };
        classify_answer(Ok(answer), &delivery(attempts), NOW).state
    }

    #[test]
    fn only_200_and_204_are_a_yes_and_400_is_a_no_after_a_few_times() {
        assert_eq!((after(200, 0), after(204, 9)), (State::Delivered, State::Delivered));
        for status in [201, 302, 400, 401, 404, 500, 503, 504] {
            assert_eq!(after(status, 0), State::Pending, "{status}");
        }
        assert_eq!((after(400, 4), after(400, 5)), (State::Pending, State::Failed));
        assert_eq!(after(500, 500), State::Pending);
        let unreachable = classify_answer(Err(OutboundFailure::Unreachable.failure()), &delivery(0), NOW);
        assert_eq!(unreachable.state, State::Pending);
        assert!(unreachable.error.unwrap().starts_with("OB-103"));
        let mut late = delivery(30);
        late.deadline = NOW.plus(Duration::from_secs(60));
        let last = classify_answer(Err(OutboundFailure::Unreachable.failure()), &late, NOW);
        assert_eq!(last.state, State::Abandoned);
    }

    #[test]
    fn pauses_double_up_to_an_hour() {
        let seconds: Vec<u64> = (1..=12).map(|attempts| pause(attempts).as_secs()).collect();
        assert_eq!(seconds, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
        assert_eq!(pause(i32::MAX).as_secs(), 3600);
    }

    #[test]
    fn a_quote_is_short_and_visible() {
        assert_eq!(quote(b"no\0such\nsession \xff"), "no such session \u{fffd}");
        assert_eq!(quote(&[b'x'; 5000]).len(), 200);
    }
}
