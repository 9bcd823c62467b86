//! Who can sign in to a portal as comma-separated values, one line for each way of each person. Pure.

use uuid::Uuid;

use super::csv::line;
use crate::gate::explain::{PersonLine, Today, WayLine};

const HEAD: [&str; 15] = [
    "user_id",
    "username",
    "display_name",
    "member_id",
    "data_source_id",
    "userid",
    "name",
    "way",
    "auth_source_id",
    "auth_source",
    "admitted",
    "number",
    "admitted_today",
    "number_today",
    "change",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The lines of a person; who has no way has one line.
pub fn lines(person: &PersonLine) -> String {
    if person.ways.is_empty() {
        return row(person, None);
    }
    person.ways.iter().map(|way| row(person, Some(way))).collect()
}

fn row(person: &PersonLine, way: Option<&WayLine>) -> String {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let shown = &person.person;
    let (admitted, number) = way.map_or((person.admitted, person.number), |way| (way.admitted, way.number));
    let today: Option<Today> = way.map_or(person.today, |way| way.today);
    line([
        id(shown.user_id),
        text(&shown.username),
        text(&shown.display_name),
        id(shown.member_id),
        id(shown.data_source_id),
        text(&shown.userid),
        text(&shown.name),
        way.map(|way| way.way.word().to_owned()).unwrap_or_default(),
        id(way.and_then(|way| way.auth_source_id)),
        way.and_then(|way| way.auth_source.clone()).unwrap_or_default(),
        admitted.to_string(),
        number.unwrap_or_default().to_owned(),
        today.map(|today| today.admitted.to_string()).unwrap_or_default(),
        today.and_then(|today| today.number).unwrap_or_default().to_owned(),
        person.change.map(|change| change.word().to_owned()).unwrap_or_default(),
    ])
}
