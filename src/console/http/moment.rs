//! A moment as a page shows it: how far from now in words, and exactly for whoever looks closer. Pure.

use crate::{
    kernel::{calendar::civil, clock::Timestamp},
    web::{
        ago::Ago,
        texts::{Lang, text_with},
    },
};

/// A moment on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// *3 hours ago*, *in 2 days*.
    pub text: String,
    /// In UTC by ISO 8601: for `datetime` and `title`; the script shows it in the viewer's zone.
    pub exact: String,
}

impl Moment {
    /// A moment of the API, milliseconds since 1970.
    pub fn new(lang: Lang, millis: i64, now: Timestamp) -> Self {
        let then = Timestamp::from_millis(millis);
        let text = match then > now {
            true => {
                let ahead = Ago::since(now, then);
                match ahead {
                    Ago::Moment => ahead.text(lang),
                    ahead => text_with(lang, "console-ahead", &[("span", &span(lang, ahead))]),
                }
            }
            false => Ago::since(then, now).text(lang),
        };
        Self {
            text,
            exact: exact(millis),
        }
    }
}

fn span(lang: Lang, ahead: Ago) -> String {
    let (key, number) = match ahead {
        Ago::Moment => ("console-span-minutes", 0),
        Ago::Minutes(number) => ("console-span-minutes", number),
        Ago::Hours(number) => ("console-span-hours", number),
        Ago::Days(number) => ("console-span-days", number),
    };
    text_with(lang, key, &[("number", &number.to_string())])
}

/// `2026-11-29T20:24:07Z`.
pub fn exact(millis: i64) -> String {
    let seconds = millis.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::{Moment, exact};
    use crate::{kernel::clock::Timestamp, web::texts::Lang};

    #[test]
    fn exact_moments() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_000, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_795_983_847_000, "2026-11-29T20:24:07Z"),
            (-1000, "1969-12-31T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(exact(millis), text);
        }
    }

    #[test]
    fn past_and_future() {
        let now = Timestamp::from_secs(1_000_000);
        let text = |seconds: i64| Moment::new(Lang::En, seconds * 1000, now).text;
        assert_eq!(text(1_000_000 - 7200), "2 h ago");
        assert_eq!(text(1_000_000 + 7200), "in 2 h");
        assert_eq!(text(1_000_000 + 86_400), "in 1 d");
    }
}
