//! Days of the proleptic Gregorian calendar, as forms and messages name them: China has one zone. Pure.

/// Milliseconds by which the clock of China is ahead of UTC.
pub const AHEAD: i64 = 8 * 3_600_000;
const DAY: i64 = 86_400_000;

/// The day of a moment, in China: `2026-11-29`.
pub fn day(millis: i64) -> String {
    let (year, month, day) = civil(millis.saturating_add(AHEAD).div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// When a day begins, in China; `None` for what is no day.
pub fn beginning(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    match (parts.next()??, parts.next()??, parts.next()??, parts.next()) {
        (year @ 1970..=9999, month @ 1..=12, day @ 1..=31, None) => Some(days(year, month, day) * DAY - AHEAD),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

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
            "99999999999999999999-1-1",
        ] {
            assert_eq!(beginning(rubbish), None, "{rubbish}");
        }
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
