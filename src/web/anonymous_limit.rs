//! Anonymous limit: how many sign-ins and pushed requests may be begun and left unfinished, by client address; and the share of each
//! browser that proved itself, which its address does not pay for.
//!
//! Only what is going to be kept is counted, and before it is kept, so that parallel requests do not get past the limit.

use std::{net::IpAddr, time::Duration};

use super::{failure::WebFailure, rate_limit::RateLimit};
use crate::{kernel::failure::Result, store::Ephemeral};

/// Length of the counting window, which begins with the first request.
pub const WINDOW: Duration = Duration::from_secs(600);
/// What one person, or one trusted browser, may begin in [`WINDOW`] without being counted for their address.
pub const PROVEN: u64 = 100;

/// Counts what is begun. Cheap to clone.
#[derive(Clone)]
pub struct AnonymousLimit {
    ephemeral: Ephemeral,
    most: u64,
}

impl AnonymousLimit {
    /// Allows at most `most` in [`WINDOW`] from one address; 0: any number.
    pub const fn new(ephemeral: Ephemeral, most: u64) -> Self {
        Self { ephemeral, most }
    }

    const fn per_address(&self) -> RateLimit<'static> {
        RateLimit {
            name: "strangers",
            limit: self.most,
            window: WINDOW,
        }
    }

    /// Counts one more for this address.
    ///
    /// # Errors
    /// `WB-106` when there were too many.
    pub async fn acquire(&self, from: Option<IpAddr>) -> Result<()> {
        if self.most == 0 || self.per_address().try_acquire(&self.ephemeral, from).await? {
            return Ok(());
        }
        Err(WebFailure::TooMany.into())
    }

    /// Takes back one that was counted for this address: it was finished.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release(&self, from: IpAddr) -> Result<()> {
        match self.most {
            0 => Ok(()),
            _ => self.per_address().release(&self.ephemeral, Some(from), 1).await,
        }
    }

    /// Counts one more for somebody who proved themselves, by a name that nobody else can claim; false when their share is used up.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn acquire_proven(&self, name: &str) -> Result<bool> {
        let key = format!("proven:{name}");
        let fits = self.ephemeral.increment(&key, WINDOW).await? <= PROVEN;
        if !fits {
            self.ephemeral.decrement(&key).await?;
        }
        Ok(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::{Clock, Timestamp};

    fn limit(most: u64) -> (Clock, AnonymousLimit) {
        let clock = Clock::manual(Timestamp::from_secs(1_767_600_000));
        (clock.clone(), AnonymousLimit::new(Ephemeral::memory(clock), most))
    }

    fn at(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    #[actix_web::test]
    async fn a_neighbourhood_has_its_number_for_ten_minutes() {
        let (clock, limit) = limit(3);
        for host in ["1", "2", "3"] {
            limit.acquire(at(&format!("2001:db8::{host}"))).await.unwrap();
        }
        let failure = limit.acquire(at("2001:db8::ffff")).await.unwrap_err();
        assert_eq!((failure.entry.number, failure.entry.status), ("WB-106", 429));
        limit.acquire(at("2001:db8:0:1::1")).await.unwrap();
        limit.acquire(at("198.51.100.7")).await.unwrap();
        limit.release("2001:db8::7".parse().unwrap()).await.unwrap();
        limit.acquire(at("2001:db8::1")).await.unwrap();
        limit.acquire(at("2001:db8::1")).await.unwrap_err();
        clock.advance(WINDOW);
        limit.acquire(at("2001:db8::1")).await.unwrap();
    }

    #[actix_web::test]
    async fn nought_is_no_bound() {
        let (_, limit) = limit(0);
        for _ in 0..10 {
            limit.acquire(at("198.51.100.7")).await.unwrap();
        }
    }

    #[actix_web::test]
    async fn who_proved_themselves_has_a_share_of_their_own() {
        let (clock, limit) = limit(1);
        for _ in 0..PROVEN {
            assert!(limit.acquire_proven("user:1").await.unwrap());
        }
        assert!(!limit.acquire_proven("user:1").await.unwrap());
        assert!(limit.acquire_proven("user:2").await.unwrap());
        clock.advance(WINDOW);
        assert!(limit.acquire_proven("user:1").await.unwrap());
    }
}
