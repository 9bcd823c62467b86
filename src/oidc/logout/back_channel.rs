//! Telling portals' servers that a session ended (OpenID Connect Back-Channel Logout 1.0 §2.5): from the outbox, at once, again with
//! growing pauses for a day, and by one replica at a time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::stream::{self, TryStreamExt};
use serde_json::json;
use uuid::Uuid;

use super::delivery::{Delivery, DeliveryAttempt, Due, State};
use crate::{
    audit::{Kind, Record},
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    oidc::{client::Client, provider::Provider},
    outbound::{Answer, OutboundFailure},
};

/// How long one replica may take over one row before it counts as dead; longer than a call may last.
const LEASE: Duration = Duration::from_secs(120);
/// Calls to one portal at once.
const PER_PORTAL: usize = 4;
/// Rows read at once.
const BATCH: u64 = 64;
/// Pause after the first failure; doubled after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// A portal that understands and refuses so often is asked no more.
const REFUSALS: i32 = 6;
/// Rounds of one complete look; what is still due then waits for the next.
const ROUNDS: usize = 8;
/// What is kept of a portal's own words, characters.
const LONGEST_QUOTE: usize = 200;

impl Provider {
    /// Opens a lane for every portal that something is due for, and waits for none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliver(&self) -> Result<()> {
        let now = self.deps().clock.now();
        let capacity = self.bulkheads().capacity();
        let others = capacity.busy.iter().chain(&capacity.silent).copied().collect();
        let mut portals = self
            .store()
            .portals_with_due(now, Due::Besides(others), capacity.free)
            .await?;
        // Asked for apart, so that however many are silent, the others are found.
        if capacity.free_silent > 0 && !capacity.silent.is_empty() {
            let silent = Due::Among(capacity.silent);
            portals.extend(self.store().portals_with_due(now, silent, capacity.free_silent).await?);
        }
        for portal in portals {
            let provider = self.clone();
            self.bulkheads()
                .start(portal, async move { provider.tell_portal(portal).await });
        }
        Ok(())
    }

    /// The same in the background: after a session ended here, nobody waits for the next look.
    pub(in crate::oidc) fn deliver_soon(&self) {
        let provider = self.clone();
        self.bulkheads().spawn_outside(async move {
            if let Err(failure) = provider.deliver().await {
                tracing::error!(%failure, "portals could not be told of a logout yet");
            }
        });
    }

    /// A look at everything that is due, to its end; forgets what was settled long ago.
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

    /// Waits until nobody is being told here.
    pub async fn delivered(&self) {
        self.bulkheads().idle().await;
    }

    async fn tell_portal(&self, portal: Uuid) {
        loop {
            match self.tell_some(portal).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(failure) => {
                    tracing::error!(%failure, %portal, "a portal could not be told of a logout yet");
                    return;
                }
            }
        }
    }

    /// True if there may be more to tell. The first call is made alone, and a portal that does not answer is called no more for now: what is
    /// due for it stays due, and is tried again from the few lanes that silent portals share.
    async fn tell_some(&self, portal: Uuid) -> Result<bool> {
        let due = self.store().due_for(portal, self.deps().clock.now(), BATCH).await?;
        let client = self.store().find_client_by_row(portal).await?;
        self.keyring().fresh().await?;
        let mut rest = due.iter();
        for first in rest.by_ref() {
            match self.tell(client.as_deref(), first).await? {
                Some(true) => break,
                Some(false) => return Ok(false),
                None => {}
            }
        }
        let silent = AtomicBool::new(false);
        stream::iter(rest.map(Ok::<_, Failure>))
            .try_for_each_concurrent(PER_PORTAL, async |delivery| {
                if !silent.load(Ordering::Relaxed) && self.tell(client.as_deref(), delivery).await? == Some(false) {
                    silent.store(true, Ordering::Relaxed);
                }
                Ok(())
            })
            .await?;
        Ok(!due.is_empty() && !silent.into_inner())
    }

    /// Lease first, send second, write last. A sender that dies in between leaves a row that is due again when its lease has run out: a
    /// portal may hear twice of the end of one session, which is the same as hearing it once. Answers whether the portal answered; `None`:
    /// it was not asked.
    async fn tell(&self, client: Option<&Client>, delivery: &Delivery) -> Result<Option<bool>> {
        let now = self.deps().clock.now();
        if !self.store().lease_delivery(delivery, now.plus(LEASE)).await? {
            return Ok(None);
        }
        let address = client.and_then(|client| Some((client, client.metadata.backchannel_logout_uri.as_deref()?)));
        let (answered, tried) = match address {
            Some((client, address)) => {
                let token = self.logout_token(client, delivery)?;
                let fields = [("logout_token", token.as_str())];
                let answer = self.deps().outbound.post_form(address, &fields).await;
                let answered = !is_silence(&answer);
                (Some(answered), judge(answer, delivery, self.deps().clock.now()))
            }
            None => (None, nobody(now)),
        };
        self.bulkheads()
            .record_outcome(delivery.client, answered != Some(false));
        let event = given_up(client, delivery, &tried);
        let now = self.deps().clock.now();
        self.store().note_try(delivery, &tried, now, event).await?;
        Ok(answered)
    }
}

fn nobody(now: Timestamp) -> DeliveryAttempt {
    DeliveryAttempt {
        state: State::Abandoned,
        status: None,
        error: Some("the portal has no backchannel_logout_uri any more".to_owned()),
        next_at: now,
    }
}

/// Nobody answered, or not in time; an address that is not called costs no time.
fn is_silence(answer: &Result<Answer>) -> bool {
    answer
        .as_ref()
        .is_err_and(|failure| failure.entry == OutboundFailure::Unreachable.entry())
}

/// What an answer means (Back-Channel Logout 1.0 §2.8): 200 and 204 are yes, 400 is no, everything else passes. A portal that says no may
/// be in the middle of a deployment, so it is asked a few times too.
fn judge(answer: Result<Answer>, delivery: &Delivery, now: Timestamp) -> DeliveryAttempt {
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

fn sentence(failure: &Failure) -> String {
    format!("{}: {}", failure.entry.number, failure.entry.en)
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

    use super::{Timestamp, judge, pause, quote};
    use crate::{
        oidc::logout::delivery::{Delivery, State},
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
        };
        judge(Ok(answer), &delivery(attempts), NOW).state
    }

    #[test]
    fn only_200_and_204_are_a_yes_and_400_is_a_no_after_a_few_times() {
        assert_eq!((after(200, 0), after(204, 9)), (State::Delivered, State::Delivered));
        for status in [201, 302, 400, 401, 404, 500, 503, 504] {
            assert_eq!(after(status, 0), State::Pending, "{status}");
        }
        assert_eq!((after(400, 4), after(400, 5)), (State::Pending, State::Failed));
        assert_eq!(after(500, 500), State::Pending);
        let unreachable = judge(Err(OutboundFailure::Unreachable.failure()), &delivery(0), NOW);
        assert_eq!(unreachable.state, State::Pending);
        assert!(unreachable.error.unwrap().starts_with("OB-103"));
        let mut late = delivery(30);
        late.deadline = NOW.plus(Duration::from_secs(60));
        let last = judge(Err(OutboundFailure::Unreachable.failure()), &late, NOW);
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
