//! Rate limit per client address, or per IPv6 network. A request is counted before it is carried out, so that parallel ones do not get past
//! it.
//!
//! It limits one address, or one IPv6 site, not many together; a company that comes from one address needs a generous limit.

use std::{net::IpAddr, time::Duration};

use super::client_address::networks;
use crate::{kernel::failure::Result, store::Ephemeral};

/// A rate limit on one kind of request.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit<'a> {
    /// Kind of request; the first part of the counters' keys.
    pub name: &'a str,
    /// At most so many from one address in a window.
    pub limit: u64,
    /// Length of the window, which begins with the first request.
    pub window: Duration,
}

impl RateLimit<'_> {
    fn key(&self, place: &str) -> String {
        format!("{}:{place}", self.name)
    }

    /// Counts one more request from this address; false, and not counted, when the limit is reached. The narrowest network is counted
    /// first: what it is refused is not counted against the networks around it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn try_acquire(&self, store: &Ephemeral, from: Option<IpAddr>) -> Result<bool> {
        let places = networks(from);
        for (position, (place, times)) in places.iter().enumerate() {
            if store.increment(&self.key(place), self.window).await? > self.limit.saturating_mul(*times) {
                for (place, _) in places.iter().take(position.saturating_add(1)) {
                    store.decrement(&self.key(place)).await?;
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes back so many requests that were counted from this address.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release(&self, store: &Ephemeral, from: Option<IpAddr>, many: u64) -> Result<()> {
        for (place, _) in networks(from) {
            for _ in 0..many {
                store.decrement(&self.key(&place)).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::{Clock, Timestamp};

    const LIMIT: RateLimit<'_> = RateLimit {
        name: "test",
        limit: 3,
        window: Duration::from_secs(600),
    };

    async fn enters(store: &Ephemeral, address: &str) -> bool {
        LIMIT.try_acquire(store, Some(address.parse().unwrap())).await.unwrap()
    }

    #[tokio::test]
    async fn a_site_of_ipv6_does_not_count_as_65_536() {
        let store = Ephemeral::memory(Clock::manual(Timestamp::from_secs(1_767_600_000)));
        let mut entered = 0;
        for network in 0..100 {
            for _ in 0..5 {
                entered += u32::from(enters(&store, &format!("2001:db8:1:{network:x}00::1")).await);
            }
        }
        assert_eq!(entered, 30);
        assert!(enters(&store, "2001:db8:2::1").await, "another site");
        let site = Some("2001:db8:1:1::1".parse().unwrap());
        LIMIT.release(&store, site, 2).await.unwrap();
        assert!(enters(&store, "2001:db8:1:1::1").await && enters(&store, "2001:db8:1:ff::1").await);
        assert!(!enters(&store, "2001:db8:1:ff::1").await);
    }

    #[tokio::test]
    async fn what_one_network_is_refused_is_not_taken_from_its_site() {
        let store = Ephemeral::memory(Clock::manual(Timestamp::from_secs(1_767_600_000)));
        for _ in 0..100 {
            enters(&store, "2001:db8:1:100::1").await;
        }
        for network in 2..11 {
            for _ in 0..3 {
                assert!(enters(&store, &format!("2001:db8:1:{network:x}00::1")).await);
            }
        }
    }

    #[tokio::test]
    async fn one_customer_does_not_use_up_what_the_site_around_them_may_do() {
        let store = Ephemeral::memory(Clock::manual(Timestamp::from_secs(1_767_600_000)));
        let mut entered = 0;
        for network in 0..=255 {
            entered += u32::from(enters(&store, &format!("2001:db8:1:1{network:02x}::1")).await);
        }
        assert_eq!(entered, 12, "four times what one network may");
        assert!(enters(&store, "2001:db8:1:200::1").await, "their neighbour");
    }
}
