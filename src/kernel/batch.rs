//! A batch of which each part is done by itself: what goes wrong with one holds up none of those behind it. Pure.

use uuid::Uuid;

use super::failure::{Failure, Result};

/// What became of a batch so far.
#[derive(Debug, Default)]
pub struct Batch {
    done: usize,
    first: Option<Failure>,
}

impl Batch {
    /// Notes what became of a part: whether anything was done. A failure is logged as being about the row `what`.
    pub fn note(&mut self, what: Uuid, outcome: Result<bool>) {
        match outcome {
            Ok(done) => self.done = self.done.saturating_add(usize::from(done)),
            Err(failure) => {
                tracing::error!(%failure, %what, "one of a batch failed; the others go on");
                self.first.get_or_insert(failure);
            }
        }
    }

    /// How many parts were done.
    ///
    /// # Errors
    /// The first failure.
    pub fn end(self) -> Result<usize> {
        match self.first {
            Some(failure) => Err(failure),
            None => Ok(self.done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::failure::Entry;

    static BROKEN: Entry = Entry {
        number: "XX-101",
        status: 500,
        en: "It is broken.",
        zh: "它坏了。",
        remedy: "Mend it.",
        remedy_zh: "请修复。",
    };

    #[test]
    fn what_was_done_is_counted_and_the_first_failure_is_answered() {
        let mut batch = Batch::default();
        for outcome in [Ok(true), Ok(false), Ok(true)] {
            batch.note(Uuid::nil(), outcome);
        }
        assert_eq!(batch.end().unwrap(), 2);
        let mut batch = Batch::default();
        for cause in ["first", "second"] {
            batch.note(Uuid::nil(), Err(Failure::of(&BROKEN).detail(cause)));
        }
        batch.note(Uuid::nil(), Ok(true));
        assert_eq!(batch.end().unwrap_err().detail.as_deref(), Some("first"));
    }
}
