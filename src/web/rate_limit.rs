//! How often something may happen that comes from one neighbourhood. Counted before it happens, so that parallel requests do not slip past.
//!
//! A bound against one address, or one site of IPv6, not against many together; a company that comes from one address needs a generous one.

use std::{net::IpAddr, time::Duration};

use super::client_address::networks;
use crate::{kernel::failure::Result, store::Ephemeral};

/// A bound on one kind of thing.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit<'a> {
    /// Which kind; the first part of the counters' names.
    pub name: &'a str,
    /// At most so many from one address in a window.
    pub limit: u64,
    /// Begins with the first.
    pub window: Duration,
}

impl RateLimit<'_> {
    fn key(&self, place: &str) -> String {
        format!("{}:{place}", self.name)
    }

    /// Counts one more from there; false, and not counted, when there were too many. The narrowest neighbourhood is asked first: what it is
    /// refused is not taken from those around it.
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

    /// Takes so many back that were counted from there.
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
