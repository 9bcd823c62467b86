//! WeCom's clock, as the `Date` header of its last reply told it (RFC 9110 §6.6.1). Kept in this process only.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::UNIX_EPOCH,
};

use crate::kernel::clock::Timestamp;

/// Both clocks at the moment of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// WeCom's, to the second.
    pub theirs: Timestamp,
    /// Ours.
    pub ours: Timestamp,
}

/// The last reading. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct ServerClock(Arc<Mutex<Option<ClockReading>>>);

impl ServerClock {
    /// Notes a `Date` header that arrived now; one that is no date tells nothing.
    pub(super) fn note(&self, header: &[u8], ours: Timestamp) {
        let date = std::str::from_utf8(header).ok().map(httpdate::parse_http_date);
        let Some(Ok(date)) = date else { return };
        let Ok(since) = date.duration_since(UNIX_EPOCH) else {
            return;
        };
        let theirs = Timestamp::from_millis(0).plus(since);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ClockReading { theirs, ours });
    }

    /// The last reading; `None`: WeCom has not answered yet.
    pub fn last(&self) -> Option<ClockReading> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{ClockReading, ServerClock, Timestamp};

    #[test]
    fn the_last_date_counts_and_rubbish_does_not() {
        let (clock, now) = (ServerClock::default(), Timestamp::from_secs(1_767_600_090));
        clock.clone().note(b"Mon, 05 Jan 2026 08:00:00 GMT", now);
        let read = ClockReading {
            theirs: Timestamp::from_secs(1_767_600_000),
            ours: now,
        };
        assert_eq!(clock.last(), Some(read));
        for rubbish in ["", "yesterday", "\u{fffd}"] {
            clock.note(rubbish.as_bytes(), now.plus(std::time::Duration::from_secs(1)));
        }
        assert_eq!(clock.last(), Some(read));
    }
}
