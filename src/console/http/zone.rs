//! How far a viewer's days are ahead of UTC.

use actix_web::{HttpRequest, web::Data};

use crate::web::cookies::{Cookies, Name};

/// The farthest that a zone is from UTC, minutes.
const FARTHEST: i64 = 14 * 60;
/// Minutes by which a viewer's days are ahead of UTC who has not said it: China has one zone.
const AHEAD: i64 = 8 * 60;

/// How far this viewer's days are ahead of UTC, minutes: as the script of our pages left it in a cookie.
pub(super) fn of_viewer(request: &HttpRequest) -> i64 {
    let cookies = request.app_data::<Data<Cookies>>();
    let zone = cookies.and_then(|cookies| cookies.read(request, Name::Zone));
    zone.as_deref().and_then(minutes).unwrap_or(AHEAD)
}

/// The distance from UTC that a form or a cookie tells; `None`: no place on earth is so far.
pub(super) fn minutes(zone: &str) -> Option<i64> {
    let zone = zone.parse().ok();
    zone.filter(|zone| (-FARTHEST..=FARTHEST).contains(zone))
}

/// A zone as a page names it: `UTC+8`, `UTC-3:30`.
pub(super) fn zone(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    match rest {
        0 => format!("UTC{sign}{hours}"),
        rest => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{minutes, zone};

    #[test]
    fn a_zone_has_a_name_and_none_is_farther_than_there_are() {
        let named: Vec<String> = [480, 0, -210].into_iter().map(zone).collect();
        assert_eq!(named, ["UTC+8", "UTC+0", "UTC-3:30"]);
        let read = ["480", "-840", "841", "", "+8h"].map(minutes);
        assert_eq!(read, [Some(480), Some(-840), None, None, None]);
    }
}
