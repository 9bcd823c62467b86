//! Which repeatable events are alike, and what is counted of them. Pure.

use std::{collections::HashMap, time::Duration};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{audit::Record, kernel::clock::Timestamp};

/// How long events that are alike share a row, from the first of them.
pub const WINDOW: Duration = Duration::from_secs(60 * 60);

/// What makes an event like another, besides its kind, actor, subject and number.
#[derive(Clone, Debug)]
pub struct Repetition {
    /// What is bounded apart from others of this kind and number, so that one cannot use up the rows of the other.
    pub group: &'static str,
    /// Anything else that tells them apart: a cause, a network.
    pub likeness: String,
    /// Rows of this kind, number, group and process in a [`WINDOW`]; whatever is like none of them shares one more, of nobody in particular.
    pub most: usize,
}

/// Kind, number and group: what [`Repetition::most`] is counted for.
type Family = (&'static str, Option<&'static str>, &'static str);

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    family: Family,
    /// `None`: the row of whatever is beyond the most.
    like: Option<(String, String, String)>,
}

/// A row that still counts.
struct Row {
    id: Uuid,
    reference: Option<String>,
    first: Timestamp,
    last: Timestamp,
    count: u64,
    written: u64,
    detail: Value,
}

impl Row {
    fn described(&self) -> Value {
        described(&self.detail, (self.count, self.first, self.last))
    }
}

/// A detail with the count and the times, milliseconds.
fn described(detail: &Value, (count, first, last): (u64, Timestamp, Timestamp)) -> Value {
    let mut all = match detail {
        Value::Object(fields) => fields.clone(),
        Value::Null => serde_json::Map::new(),
        other => serde_json::Map::from_iter([("detail".to_owned(), other.clone())]),
    };
    all.insert("count".to_owned(), json!(count));
    all.insert("first".to_owned(), json!(first.millis()));
    all.insert("last".to_owned(), json!(last.millis()));
    Value::Object(all)
}

/// What is to be done about an event.
pub(super) enum Step {
    /// It is counted in a row with this reference.
    Counted(Option<String>),
    /// It is the first of its row, to be inserted under this id.
    Insert(Key, Uuid, Box<Record>),
}

/// A count to be written.
pub(super) struct Due {
    key: Key,
    count: u64,
    /// Row id.
    pub(super) id: Uuid,
    /// New detail.
    pub(super) detail: Value,
}

/// The rows that still count.
#[derive(Default)]
pub(super) struct Rows {
    rows: HashMap<Key, Row>,
    /// Rows whose window is over, with counts that are not written yet.
    closed: Vec<Due>,
    families: HashMap<Family, usize>,
}

impl Rows {
    /// Counts an event; `id` is for the row it may need.
    pub(super) fn count(&mut self, mut record: Record, repetition: Repetition, (now, id): (Timestamp, Uuid)) -> Step {
        let family = (record.kind.word(), record.number, repetition.group);
        let like = (record.actor.clone(), record.subject.clone(), repetition.likeness);
        let mut key = Key {
            family,
            like: Some(like),
        };
        self.close(&key, now);
        let rows = self.families.get(&family).copied().unwrap_or(0);
        if !self.rows.contains_key(&key) && rows >= repetition.most {
            key.like = None;
            self.close(&key, now);
            record.actor = "many".to_owned();
            record.subject = "many".to_owned();
            record.detail = json!({});
        }
        if let Some(row) = self.rows.get_mut(&key) {
            row.count = row.count.saturating_add(1);
            row.last = now;
            return Step::Counted(row.reference.clone());
        }
        let row = Row {
            id,
            reference: record.reference.clone(),
            first: now,
            last: now,
            count: 1,
            written: 1,
            detail: std::mem::take(&mut record.detail),
        };
        record.detail = row.described();
        *self.families.entry(family).or_insert(0) += 1;
        self.rows.insert(key.clone(), row);
        Step::Insert(key, id, Box::new(record))
    }

    /// Ends the row of this key if its window is over.
    fn close(&mut self, key: &Key, now: Timestamp) {
        let over = self.rows.get(key).is_some_and(|row| now.since(row.first) >= WINDOW);
        if over && let Some(row) = self.forget(key) {
            let due = (row.count > row.written).then(|| Due {
                key: key.clone(),
                count: row.count,
                id: row.id,
                detail: row.described(),
            });
            self.closed.extend(due);
        }
    }

    fn forget(&mut self, key: &Key) -> Option<Row> {
        let row = self.rows.remove(key)?;
        if let Some(rows) = self.families.get_mut(&key.family) {
            *rows = rows.saturating_sub(1);
        }
        Some(row)
    }

    /// Takes a row back whose first event could not be written.
    pub(super) fn take_back(&mut self, key: &Key, id: Uuid) {
        if self.rows.get(key).is_some_and(|row| row.id == id) {
            self.forget(key);
        }
    }

    /// The counts to be written now; rows whose window is over end here.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Due> {
        let over: Vec<Key> = self
            .rows
            .iter()
            .filter(|(_, row)| now.since(row.first) >= WINDOW)
            .map(|(key, _)| key.clone())
            .collect();
        for key in over {
            self.close(&key, now);
        }
        let open = self.rows.iter().filter(|(_, row)| row.count > row.written);
        let open = open.map(|(key, row)| Due {
            key: key.clone(),
            count: row.count,
            id: row.id,
            detail: row.described(),
        });
        let open: Vec<Due> = open.collect();
        std::mem::take(&mut self.closed).into_iter().chain(open).collect()
    }

    /// Notes that a count was written.
    pub(super) fn written(&mut self, due: &Due) {
        if let Some(row) = self.rows.get_mut(&due.key)
            && row.id == due.id
        {
            row.written = row.written.max(due.count);
        }
    }

    /// Keeps a count for the next time that could not be written.
    pub(super) fn keep(&mut self, due: Due) {
        if self.rows.get(&due.key).is_none_or(|row| row.id != due.id) {
            self.closed.push(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Kind;

    const NOW: Timestamp = Timestamp::from_secs(1_767_600_000);

    fn record(actor: &str, reference: &str) -> Record {
        Record {
            kind: Kind::Refused,
            actor: actor.to_owned(),
            subject: "client:wiki".to_owned(),
            reference: Some(reference.to_owned()),
            number: Some("GT-104"),
            detail: json!({ "way": "WeCom" }),
        }
    }

    fn count(rows: &mut Rows, actor: &str, reference: &str, now: Timestamp) -> Step {
        let repetition = Repetition {
            group: "",
            likeness: "x".to_owned(),
            most: 2,
        };
        let id = Uuid::from_u128(u128::from(reference.as_bytes()[0]));
        rows.count(record(actor, reference), repetition, (now, id))
    }

    fn reference(step: Step) -> String {
        match step {
            Step::Counted(reference) => reference.unwrap(),
            Step::Insert(..) => panic!("a row of its own"),
        }
    }

    fn inserted(step: Step) -> Record {
        match step {
            Step::Insert(_, _, record) => *record,
            Step::Counted(_) => panic!("no row of its own"),
        }
    }

    #[test]
    fn what_is_alike_shares_a_row_for_an_hour() {
        let mut rows = Rows::default();
        let first = inserted(count(&mut rows, "a", "A", NOW));
        assert_eq!(first.detail["count"], 1);
        assert_eq!(first.detail["way"], "WeCom");
        assert!(rows.due(NOW).is_empty(), "the first is written at once");
        let later = NOW.plus(Duration::from_secs(59 * 60));
        assert_eq!(reference(count(&mut rows, "a", "B", later)), "A");
        let due = rows.due(later);
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].detail["count"], 2);
        assert_eq!(due[0].detail["first"], NOW.millis());
        assert_eq!(due[0].detail["last"], later.millis());
        rows.written(&due[0]);
        assert!(rows.due(later).is_empty());
        reference(count(&mut rows, "a", "C", later));
        let next = inserted(count(&mut rows, "a", "D", NOW.plus(WINDOW)));
        assert_eq!(
            (next.reference.as_deref(), &next.detail["count"]),
            (Some("D"), &json!(1))
        );
        let due = rows.due(NOW.plus(WINDOW));
        assert_eq!((due.len(), &due[0].detail["count"]), (1, &json!(3)), "the hour before");
    }

    #[test]
    fn beyond_the_most_all_share_one_more() {
        let mut rows = Rows::default();
        for actor in ["a", "b"] {
            assert_eq!(inserted(count(&mut rows, actor, actor, NOW)).actor, actor);
        }
        let many = inserted(count(&mut rows, "c", "m", NOW));
        assert_eq!((many.actor.as_str(), many.subject.as_str()), ("many", "many"));
        for number in 0..1000 {
            assert_eq!(reference(count(&mut rows, &format!("d{number}"), "z", NOW)), "m");
        }
        assert_eq!(reference(count(&mut rows, "a", "z", NOW)), "a");
        assert_eq!(rows.rows.len(), 3);
        assert_eq!(rows.due(NOW.plus(WINDOW)).len(), 2);
        assert!(rows.rows.is_empty() && rows.families.values().all(|rows| *rows == 0));
    }

    #[test]
    fn nothing_that_could_not_be_written_is_forgotten() {
        let mut rows = Rows::default();
        let Step::Insert(key, id, _) = count(&mut rows, "a", "A", NOW) else {
            panic!()
        };
        rows.take_back(&key, id);
        inserted(count(&mut rows, "a", "A", NOW));
        reference(count(&mut rows, "a", "B", NOW));
        for due in rows.due(NOW.plus(WINDOW)) {
            rows.keep(due);
        }
        assert_eq!(rows.due(NOW.plus(WINDOW)).len(), 1);
    }
}
