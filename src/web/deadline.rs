//! A deadline for what a client has to do: a first allowance, and more for each byte that moves.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep};

/// A deadline that can be started, moved on and stopped. Not running at first.
#[derive(Default)]
pub struct Deadline {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// Starts it anew: it passes `after` from now.
    pub fn restart(&mut self, after: Duration) {
        match self.sleep.as_mut() {
            Some(sleep) => sleep.as_mut().reset(Instant::now() + after),
            None => self.sleep = Some(Box::pin(sleep(after))),
        }
    }

    /// Starts it unless it is running.
    pub fn start(&mut self, after: Duration) {
        if self.sleep.is_none() {
            self.restart(after);
        }
    }

    /// Moves a running deadline on by what `bytes` earn at `rate` bytes a second.
    pub fn extend(&mut self, bytes: usize, rate: u64) {
        if let Some(sleep) = self.sleep.as_mut() {
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            let earned = bytes.saturating_mul(1_000_000).checked_div(rate).unwrap_or_default();
            let deadline = sleep.deadline() + Duration::from_micros(earned);
            sleep.as_mut().reset(deadline);
        }
    }

    /// Stops it.
    pub fn stop(&mut self) {
        self.sleep = None;
    }

    /// Whether it has passed; if not, the task is woken when it does. False when it is not running.
    pub fn has_passed(&mut self, context: &mut Context<'_>) -> bool {
        self.sleep
            .as_mut()
            .is_some_and(|sleep| matches!(sleep.as_mut().poll(context), Poll::Ready(())))
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Poll, time::Duration};

    use super::Deadline;

    async fn has_passed(deadline: &mut Deadline) -> bool {
        poll_fn(|context| Poll::Ready(deadline.has_passed(context))).await
    }

    #[tokio::test]
    async fn bytes_earn_time_at_the_rate() {
        let mut deadline = Deadline::default();
        deadline.extend(1_000_000, 1);
        assert!(!has_passed(&mut deadline).await, "not running");
        let end = |deadline: &Deadline| deadline.sleep.as_ref().unwrap().deadline();
        deadline.start(Duration::from_secs(60));
        let first = end(&deadline);
        deadline.extend(8192, 4096);
        assert_eq!(end(&deadline) - first, Duration::from_secs(2));
        deadline.start(Duration::ZERO);
        assert!(!has_passed(&mut deadline).await, "it was running");
        deadline.restart(Duration::ZERO);
        poll_fn(|context| match deadline.has_passed(context) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
        deadline.stop();
        assert!(!has_passed(&mut deadline).await);
    }
}
