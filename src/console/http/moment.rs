//! A moment as a page shows it: how far from now in words, and exactly for whoever looks closer. Pure.

use crate::{
    kernel::{calendar::exact, clock::Timestamp},
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

impl Moment {
    /// The exact moment where it stands in a sentence: `2026-11-29 20:24:07 UTC`.
    pub fn clock(&self) -> String {
        self.exact.replace('T', " ").replace('Z', " UTC")
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

/// How long something lasts, in seconds, told exactly: `10 min`, `30 d`, `1 h 30 min`, `90 s` as `1 min 30 s`.
pub(in crate::console::http) fn lasting(lang: Lang, seconds: i64) -> String {
    let parts = [
        ("console-span-days", seconds / 86_400),
        ("console-span-hours", seconds % 86_400 / 3600),
        ("console-span-minutes", seconds % 3600 / 60),
        ("console-span-seconds", seconds % 60),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(key, number)| *number > 0 || (seconds <= 0 && *key == "console-span-seconds"))
        .map(|(key, number)| text_with(lang, key, &[("number", &number.to_string())]))
        .collect();
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Moment, lasting};
    use crate::{kernel::clock::Timestamp, web::texts::Lang};

    #[test]
    fn past_and_future() {
        let now = Timestamp::from_secs(1_000_000);
        let text = |seconds: i64| Moment::new(Lang::En, seconds * 1000, now).text;
        assert_eq!(text(1_000_000 - 7200), "2 h ago");
        assert_eq!(text(1_000_000 + 7200), "in 2 h");
        assert_eq!(text(1_000_000 + 86_400), "in 1 d");
    }

    #[test]
    fn spans_are_told_exactly() {
        assert_eq!(
            [600, 2_592_000, 5400, 90, 0].map(|seconds| lasting(Lang::En, seconds)),
            ["10 min", "30 d", "1 h 30 min", "1 min 30 s", "0 s"]
        );
        assert_eq!(lasting(Lang::Zh, 14_400), "4 小时");
    }
}
