//! Days of the proleptic Gregorian calendar, as forms and messages name them: China has one zone. Pure.

/// Milliseconds by which the clock of China is ahead of UTC.
pub const AHEAD: i64 = 8 * 3_600_000;
const DAY: i64 = 86_400_000;

/// The day of a moment, in China: `2026-11-29`.
pub fn day(millis: i64) -> String {
    let (year, month, day) = civil(millis.saturating_add(AHEAD).div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The minute of a moment, in China: `2026-11-29 08:05 (UTC+8)`.
pub fn minute(millis: i64) -> String {
    let of_day = millis.saturating_add(AHEAD).rem_euclid(DAY) / 60_000;
    format!("{} {:02}:{:02} (UTC+8)", day(millis), of_day / 60, of_day % 60)
}

/// When a day begins, in China; `None` for what is no day.
pub fn beginning(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    match (parts.next()??, parts.next()??, parts.next()??, parts.next()) {
        (year @ 1970..=9999, month @ 1..=12, day @ 1..=31, None) => {
            let number = days(year, month, day);
            // The 31st of February is no day of March.
            (civil(number) == (year, month, day)).then_some(number * DAY - AHEAD)
        }
        _ => None,
    }
}

/// When a day is over, in China; `None` for what is no day. Access until a day includes the whole of it.
pub fn end(text: &str) -> Option<i64> {
    beginning(text).map(|beginning| beginning.saturating_add(DAY))
}

/// The last day that has any of the time before a moment, in China: of access that ends when a day is over, that day.
pub fn last_day(end: i64) -> String {
    day(end.saturating_sub(1))
}

/// Until when something lasts that ends at a moment, in China: where it ends when a day is over, that day; else the minute in which it ends.
pub fn until(end: i64) -> String {
    match end.saturating_add(AHEAD).rem_euclid(DAY) {
        0 => last_day(end),
        _ => minute(end),
    }
}

/// Days from 1970 to a day.
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day since 1970.
pub const fn civil(days: i64) -> (i64, i64, i64) {
    // Counted from the first of March of the year 0, so that the leap day is the last of its year.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

/// A moment in UTC, by ISO 8601: `2026-11-29T20:24:07Z`.
pub fn exact(millis: i64) -> String {
    let seconds = millis.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn days_of_the_calendar() {
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2000, 2, 29), 11_016);
        assert_eq!(days(2026, 11, 29), 20_786);
        assert_eq!(beginning("2026-11-29"), Some(20_786 * DAY - AHEAD));
        for rubbish in [
            "",
            "x",
            "2026-13-01",
            "2026-1",
            "-1-1-1",
            "2026-11-29-1",
            "2026-02-31",
            "2026-02-29",
            "2026-04-31",
            "99999999999999999999-1-1",
        ] {
            assert_eq!(beginning(rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn access_until_a_day_includes_the_day() {
        let end = end("2026-12-31").unwrap();
        assert_eq!(day(end - 1), "2026-12-31");
        assert_eq!(
            (last_day(end), day(end)),
            ("2026-12-31".to_owned(), "2027-01-01".to_owned())
        );
        assert_eq!(until(end), "2026-12-31");
        assert_eq!(until(end - 3_600_000), "2026-12-31 23:00 (UTC+8)");
        assert_eq!(until(end + 1), "2027-01-01 00:00 (UTC+8)");
    }

    #[test]
    fn a_minute_is_one_of_china() {
        assert_eq!(
            minute(20_786 * DAY - AHEAD + 485 * 60_000 + 59_999),
            "2026-11-29 08:05 (UTC+8)"
        );
        assert_eq!(minute(0), "1970-01-01 08:00 (UTC+8)");
    }

    #[test]
    fn a_day_is_read_as_it_was_written() {
        for number in [0, 59, 60, 11_016, 20_786, 2_900_000] {
            let millis = number * DAY - AHEAD;
            assert_eq!(beginning(&day(millis)), Some(millis));
            let (year, month, of_month) = civil(number);
            assert_eq!(days(year, month, of_month), number);
        }
    }
}
