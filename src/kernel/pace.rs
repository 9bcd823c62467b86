//! Pace: how often calls over a network are begun while others are under way. Where the other side is near, one call at a time serves the most
//! with each; where it is far away, whoever comes while a call is under way would wait for most of a round trip, so another is begun after a moment.

use std::time::Duration;

use tokio::time::Instant;

/// How long after a call the next one is begun beside it: the least that timers know.
const GAP: Duration = Duration::from_millis(1);

/// The calls about one thing that are under way.
#[derive(Debug)]
pub struct Pace {
    most: usize,
    under_way: usize,
    begun: Option<Instant>,
}

impl Pace {
    /// At most so many calls at once.
    pub const fn new(most: usize) -> Self {
        Self {
            most,
            under_way: 0,
            begun: None,
        }
    }

    /// How many are under way.
    pub const fn under_way(&self) -> usize {
        self.under_way
    }

    /// Begins a call at this moment.
    ///
    /// # Errors
    /// When it is not yet time: how long to wait before asking again; none: until another has ended.
    pub fn begin(&mut self, now: Instant) -> Result<(), Option<Duration>> {
        if self.under_way > 0 {
            if self.under_way >= self.most {
                return Err(None);
            }
            let since = self.begun.map_or(GAP, |begun| now.saturating_duration_since(begun));
            if since < GAP {
                return Err(Some(GAP.saturating_sub(since)));
            }
        }
        self.under_way += 1;
        self.begun = Some(now);
        Ok(())
    }

    /// Ends a call that was begun.
    pub const fn end(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{GAP, Pace};

    #[test]
    fn one_at_a_time_unless_it_takes_long_and_never_more_than_the_most() {
        let (mut pace, start) = (Pace::new(2), Instant::now());
        assert_eq!(pace.begin(start), Ok(()));
        assert_eq!(pace.begin(start), Err(Some(GAP)), "the first may be back in no time");
        pace.end();
        assert_eq!(pace.begin(start), Ok(()), "nobody is under way");
        assert_eq!(pace.begin(start + GAP), Ok(()), "it takes long");
        assert_eq!(pace.begin(start + 2 * GAP), Err(None));
        assert_eq!(pace.under_way(), 2);
        pace.end();
        assert_eq!(pace.begin(start + 2 * GAP), Ok(()));
    }
}
