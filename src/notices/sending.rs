//! Delivers from the outbox: at once, retried with exponential backoff for a day, by one replica at a time (lease).

use std::time::Duration;

use uuid::Uuid;

use super::{
    attempt::{Due, LEASE, Lane, Tried},
    channel::{
        settings::{OpenedChannel, Settings},
        store as channels,
    },
    delivery::{Outcome, Outgoing, State},
    failure::{NoticeFailure, is_unreadable},
    model::Topic,
    rendering::{Addressed, message},
    service::Notices,
    store::{deliveries, digests, records},
    timing::{Digest, Times},
};
use crate::{
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    store::AnyRow,
    telemetry::metrics,
};

/// Rows read at once.
const BATCH: u64 = 32;
/// Most rounds of one [`Notices::deliver_all`]; what is still due then waits for the next.
const ROUNDS: usize = 8;
/// How long notices are kept after everything of them is settled.
const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 60 * 60);

impl Notices {
    /// What there is where [`Notices::deliver`] has something to do.
    pub fn due(&self) -> Vec<AnyRow> {
        let now = self.deps.clock.now();
        let mut due = vec![deliveries::any_due(now)];
        due.extend(digests::any_due(now));
        due
    }

    /// Starts the deliveries of every channel that has due ones, each in its own lane, and waits for none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliver(&self) -> Result<()> {
        let now = self.deps.clock.now();
        digests::gather(&self.deps.database, now).await?;
        for lane in deliveries::lanes_with_due(&self.deps.database, now).await? {
            let notices = self.clone();
            self.lanes.start(lane.key(), async move { notices.drain(lane).await });
        }
        Ok(())
    }

    /// Delivers everything that is due, waits for the end, and deletes old notices.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliver_all(&self) -> Result<()> {
        let Self { deps, .. } = self;
        for _ in 0..ROUNDS {
            self.delivered().await;
            self.deliver().await?;
            self.delivered().await;
            if deliveries::lanes_with_due(&deps.database, deps.clock.now())
                .await?
                .is_empty()
            {
                break;
            }
        }
        records::sweep(&deps.database, deps.clock.now().minus(REMEMBERED)).await
    }

    /// Waits until no delivery of this process is under way.
    pub async fn delivered(&self) {
        self.lanes.idle().await;
    }

    /// How many deliveries are to be sent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outstanding(&self) -> Result<u64> {
        Ok(deliveries::count_pending(&self.deps.database).await?)
    }

    /// Takes over what processes that are dead were sending; to be called at the start, where nobody else uses the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_over(&self) -> Result<()> {
        Ok(deliveries::release_leases(&self.deps.database, self.deps.clock.now()).await?)
    }

    async fn drain(&self, lane: Lane) {
        loop {
            match self.send_batch(lane).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(failure) => {
                    tracing::error!(%failure, "a notice could not be delivered yet");
                    return;
                }
            }
        }
    }

    /// Sends one batch of a lane; true if there may be more. Where the channel cannot send, what is due by it waits.
    async fn send_batch(&self, lane: Lane) -> Result<bool> {
        let database = &self.deps.database;
        let due = deliveries::due_in(database, lane, self.deps.clock.now(), BATCH).await?;
        for delivery in &due {
            if let Some(until) = Box::pin(self.send(delivery)).await? {
                deliveries::postpone(database, lane, self.deps.clock.now(), until).await?;
                return Ok(false);
            }
        }
        Ok(!due.is_empty())
    }

    /// Sends a delivery that was put into the outbox leased; for tests of a channel, which somebody waits for. It goes on where nobody waits any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::notices) async fn send_now(&self, id: Uuid) -> Result<()> {
        let notices = self.clone();
        let sending = async move {
            match deliveries::leased_by_id(&notices.deps.database, id).await? {
                Some(due) => Box::pin(notices.send_leased(&due)).await.map(drop),
                None => Ok(()),
            }
        };
        let sent = self.lanes.home().spawn(sending).await;
        sent.map_err(|error| NoticeFailure::NotFound.failure().cause(error))?
    }

    /// Sends one delivery: lease first, send second, write the result last. A sender that dies in between leaves a row that is due again when its lease has run
    /// out, so somebody may be told twice, under the same id of the message (at-least-once delivery). What falls into quiet hours is held. Returns until when the
    /// channel cannot send, if it cannot.
    async fn send(&self, due: &Due) -> Result<Option<Timestamp>> {
        let (deps, now) = (&self.deps, self.deps.clock.now());
        if let Some(times) = deliveries::times(&deps.database, due).await? {
            let at_once = Times {
                digest: Digest::None,
                ..times
            };
            let first = at_once.first_moment(now);
            if first > now {
                deliveries::hold(&deps.database, due, first).await?;
                return Ok(None);
            }
        }
        if !deliveries::lease(&deps.database, due, now.plus(LEASE)).await? {
            return Ok(None);
        }
        self.send_leased(due).await
    }

    async fn send_leased(&self, due: &Due) -> Result<Option<Timestamp>> {
        let deps = &self.deps;
        let (rows, topic, outcome) = match Box::pin(self.hand_over(due)).await {
            Ok(handed_over) => handed_over,
            // What cannot be read will not be readable later.
            Err(failure) if is_unreadable(&failure) => (vec![due.id], None, unreadable(&failure)),
            Err(failure) => return Err(failure),
        };
        let now = deps.clock.now();
        // A test speaks for itself alone.
        let counts = topic != Some(Topic::Test);
        let is_blocked = outcome.as_ref().is_some_and(|outcome| counts && is_blocked(outcome));
        let tried = match outcome {
            Some(outcome) => Tried::of(outcome, due, now),
            None => Tried::abandoned(off(), now),
        };
        if matches!(tried.state, State::Failed | State::Abandoned) {
            let error = tried.error.as_deref().unwrap_or_default();
            tracing::warn!(delivery = %due.id, kind = due.kind.word(), error, "a notice was given up");
        }
        metrics::notice(due.kind.word(), tried.state.word());
        deliveries::note((&deps.database, &deps.sealer), due, &rows, &tried, now).await?;
        Ok(is_blocked.then_some(tried.next_at))
    }

    /// Renders what a delivery carries and hands it to its channel; the rows that it answers for, what it is about, and what the channel said; `None`: the
    /// channel is gone.
    async fn hand_over(&self, due: &Due) -> Result<(Vec<Uuid>, Option<Topic>, Option<Outcome>)> {
        let deps = &self.deps;
        let carried = deliveries::carried(&deps.database, &deps.sealer, due).await?;
        let (rows, kept): (Vec<Uuid>, Vec<_>) = carried.into_iter().unzip();
        let Some((first, others)) = kept.split_first() else {
            return Ok((rows, None, None));
        };
        let addressed = Addressed {
            delivery: due.id,
            mark: due.mark(),
            kind: due.kind,
            data_source: due.data_source,
            address: due.address.clone(),
            lang: due.lang,
            personal: due.subscription.is_none() && first.topic != Topic::Test,
        };
        let outgoing = message(first, others, addressed, &deps.public_url);
        let outcome = self.by_channel(due, &outgoing).await?;
        Ok((rows, Some(outgoing.topic), outcome))
    }

    /// Hands a message to its channel; `None`: the channel is gone. One that is switched off sends nothing but tests; what is due by it waits.
    async fn by_channel(&self, due: &Due, outgoing: &Outgoing) -> Result<Option<Outcome>> {
        let (deps, now) = (&self.deps, self.deps.clock.now());
        let Some(id) = due.channel else {
            return Ok(Some(self.wecom.send(outgoing).await));
        };
        let channel = channels::opened(&deps.database, &deps.sealer, id).await?;
        let Some(OpenedChannel {
            settings,
            secret,
            enabled,
        }) = channel
        else {
            return Ok(None);
        };
        if !enabled && outgoing.topic != Topic::Test {
            return Ok(Some(Outcome::Blocked {
                status: None,
                error: off(),
                after: None,
            }));
        }
        let secret = secret.as_ref();
        Ok(Some(match &settings {
            Settings::Email(mailbox) => self.email.send((mailbox, secret), outgoing, now).await,
            Settings::Wecom => self.wecom.send(outgoing).await,
            Settings::Webhook { url } => self.webhook.send((url, secret), outgoing, now).await,
        }))
    }
}

/// Reference numbers of what WeCom refuses an app as a whole: too much, the secret, the address.
const OF_THE_APP: [&str; 6] = ["WC-110", "WC-111", "WC-112", "WC-113", "WC-120", "WC-130"];

/// Whether an outcome is about the channel, and not about this message.
fn is_blocked(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Blocked { .. } => true,
        Outcome::Later { status, error, .. } => {
            status.is_none() || OF_THE_APP.iter().any(|number| error.starts_with(number))
        }
        Outcome::Accepted { .. } | Outcome::Refused { .. } => false,
    }
}

fn unreadable(failure: &Failure) -> Option<Outcome> {
    Some(Outcome::Refused {
        status: None,
        error: format!("{}: {}", failure.entry.number, failure.entry.en),
    })
}

fn off() -> String {
    let entry = NoticeFailure::ChannelOff.entry();
    format!("{}: {}", entry.number, entry.en)
}
