//! Spans of days in the filters of lists: forms send days of the viewer's zone, the API takes moments.

use super::{
    visit::{Visit, with_query},
    zone::minutes,
};
use crate::kernel::calendar::days;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The path of a list of the API with these parameters of the page, and with `since` and `until`, which may be days of the zone whose
/// distance from UTC in minutes `zone` tells, or else of the viewer's. What is no day is handed on as it is, and the API judges it.
pub(super) fn passing(visit: &Visit, path: &str, names: &[&str]) -> String {
    passing_with(visit, path, names, &[])
}

/// The same with parameters of the page's own making behind them.
pub(super) fn passing_with(visit: &Visit, path: &str, names: &[&str], own: &[(&str, &str)]) -> String {
    let zone = visit.param("zone").and_then(minutes).unwrap_or(visit.zone);
    let moment = |name, end| {
        let text = visit.param(name)?;
        let told = moment(text, zone, end).map_or_else(|| text.to_owned(), |moment| moment.to_string());
        Some((name, told))
    };
    let kept = names
        .iter()
        .filter_map(|name| Some((*name, visit.param(name)?.to_owned())));
    let span = [moment("since", 0), moment("until", DAY)];
    let own = own.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let pairs: Vec<_> = kept.chain(span.into_iter().flatten()).chain(own).collect();
    with_query(path, pairs.iter().map(|(name, value)| (*name, value.as_str())))
}

/// The end of a day of a zone, as a form sent them, or else of the viewer's; `None`: it is no day.
pub(super) fn end(visit: &Visit, text: &str, zone: Option<&str>) -> Option<i64> {
    moment(text, zone.and_then(minutes).unwrap_or(visit.zone), DAY)
}

/// The beginning of a day `2026-11-29` in milliseconds since 1970, and so much later; its zone is so many minutes ahead of UTC.
fn moment(text: &str, zone: i64, later: i64) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let mut part = |length: usize| {
        let part = parts.next().filter(|part| part.len() == length)?;
        part.parse::<i64>().ok()
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let known = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    known
        .then(|| days(year, month, day) * DAY - zone * MINUTE + later)
        .map(|moment| moment.max(0))
}

#[cfg(test)]
mod tests {
    use super::{DAY, moment};

    #[test]
    fn a_day_of_a_zone_is_a_moment() {
        assert_eq!(moment("2026-11-29", 0, 0), Some(20_786 * DAY));
        assert_eq!(moment("2026-11-29", 480, DAY), Some(20_787 * DAY - 8 * 3_600_000));
        for text in ["", "today", "2026-1-1", "2026-13-01", "1800000000000", "2026-11-29T10"] {
            assert_eq!(moment(text, 0, 0), None, "{text}");
        }
    }
}
