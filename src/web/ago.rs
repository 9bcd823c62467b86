//! A moment in the past, in words.

use super::texts::{Lang, text_with};
use crate::kernel::clock::Timestamp;

/// Relative time in a single unit, for display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ago {
    /// Less than a minute.
    Moment,
    /// Whole minutes.
    Minutes(u64),
    /// Whole hours.
    Hours(u64),
    /// Whole days.
    Days(u64),
}

impl Ago {
    /// How long ago something was.
    pub fn since(then: Timestamp, now: Timestamp) -> Self {
        let minutes = now.since(then).as_secs() / 60;
        match minutes {
            0 => Self::Moment,
            1..60 => Self::Minutes(minutes),
            60..1440 => Self::Hours(minutes / 60),
            _ => Self::Days(minutes / 1440),
        }
    }

    /// The same in words.
    pub fn text(self, lang: Lang) -> String {
        let (key, number) = match self {
            Self::Moment => ("ago-moment", 0),
            Self::Minutes(number) => ("ago-minutes", number),
            Self::Hours(number) => ("ago-hours", number),
            Self::Days(number) => ("ago-days", number),
        };
        text_with(lang, key, &[("number", &number.to_string())])
    }
}

#[cfg(test)]
mod tests {
    use super::Ago;
    use crate::kernel::clock::Timestamp;

    #[test]
    fn the_past_in_one_unit() {
        let now = Timestamp::from_secs(10_000_000);
        let ago = |seconds: i64| Ago::since(Timestamp::from_secs(10_000_000 - seconds), now);
        assert_eq!(ago(-5), Ago::Moment);
        assert_eq!(ago(59), Ago::Moment);
        assert_eq!(ago(60), Ago::Minutes(1));
        assert_eq!(ago(3_599), Ago::Minutes(59));
        assert_eq!(ago(3_600), Ago::Hours(1));
        assert_eq!(ago(86_399), Ago::Hours(23));
        assert_eq!(ago(86_400), Ago::Days(1));
    }
}
