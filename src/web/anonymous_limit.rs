//! Anonymous limit: a rate limit, by client address, on anonymous requests that make the server store something (a sign-in, a pushed
//! request).

use std::time::Duration;

use actix_web::HttpRequest;

use super::{client_address::Proxies, failure::WebFailure, rate_limit::RateLimit};
use crate::{kernel::failure::Result, store::Ephemeral};

/// Length of the counting window, which begins with the first request.
pub const WINDOW: Duration = Duration::from_secs(600);

/// Counts anonymous requests. Cheap to clone.
#[derive(Clone)]
pub struct AnonymousLimit {
    proxies: Proxies,
    ephemeral: Ephemeral,
    most: u64,
}

impl AnonymousLimit {
    /// Allows at most `most` requests in [`WINDOW`] from one address; 0: any number.
    pub const fn new(proxies: Proxies, ephemeral: Ephemeral, most: u64) -> Self {
        Self {
            proxies,
            ephemeral,
            most,
        }
    }

    /// Whether there is a limit at all.
    pub const fn is_enabled(&self) -> bool {
        self.most > 0
    }

    /// Counts one more request, before anything is stored for it, so that parallel requests do not get past the limit.
    ///
    /// # Errors
    /// `WB-106` when there were too many.
    pub async fn check(&self, request: &HttpRequest) -> Result<()> {
        if !self.is_enabled() {
            return Ok(());
        }
        let limit = RateLimit {
            name: "strangers",
            limit: self.most,
            window: WINDOW,
        };
        match limit.try_acquire(&self.ephemeral, self.proxies.client(request)).await? {
            true => Ok(()),
            false => Err(WebFailure::TooMany.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::kernel::clock::{Clock, Timestamp};

    fn from(address: &str) -> HttpRequest {
        TestRequest::default()
            .peer_addr(address.parse().unwrap())
            .to_http_request()
    }

    #[actix_web::test]
    async fn a_neighbourhood_has_its_number_for_ten_minutes() {
        let clock = Clock::manual(Timestamp::from_secs(1_767_600_000));
        let anonymous_limit = AnonymousLimit::new(Proxies::default(), Ephemeral::memory(clock.clone()), 3);
        for port in ["1", "2", "3"] {
            anonymous_limit
                .check(&from(&format!("[2001:db8::{port}]:{port}")))
                .await
                .unwrap();
        }
        let failure = anonymous_limit.check(&from("[2001:db8::ffff]:9")).await.unwrap_err();
        assert_eq!((failure.entry.number, failure.entry.status), ("WB-106", 429));
        anonymous_limit.check(&from("[2001:db8:0:1::1]:9")).await.unwrap();
        anonymous_limit.check(&from("198.51.100.7:9")).await.unwrap();
        clock.advance(WINDOW);
        anonymous_limit.check(&from("[2001:db8::1]:9")).await.unwrap();
    }

    #[actix_web::test]
    async fn nought_is_no_bound() {
        let clock = Clock::manual(Timestamp::from_secs(1_767_600_000));
        let anonymous_limit = AnonymousLimit::new(Proxies::default(), Ephemeral::memory(clock), 0);
        for _ in 0..10 {
            anonymous_limit.check(&from("198.51.100.7:9")).await.unwrap();
        }
    }
}
