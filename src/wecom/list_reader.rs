//! A list that is read row by row while its reply arrives: what becomes of each row, and what was read so far. A row that cannot be read costs
//! itself only. Broken bytes of one are mended as those of whole replies are ([`super::lenient`]).

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::de::DeserializeSeed;
use serde_json::Value;

use super::{
    error::WeComError,
    json_object::JsonObject,
    model::{Malformed, Rows},
    picked_fields::{Fields, Picked},
    reply::{Reply, value_of},
    row_splitter::{LONGEST_ROW, RawRow},
};

/// Takes rows as they arrive.
pub(super) trait RowSink: Send + Sync {
    /// The name of the list in the reply, in any letter case.
    fn name(&self) -> &'static str;
    /// A reply begins: what came before was of another try.
    fn begin(&self);
    /// Takes the next row.
    fn take(&self, row: RawRow<'_>);
}

/// Reads a row from its bytes.
type ReadRow<T> = Box<dyn Fn(&[u8]) -> Result<T, Malformed> + Send + Sync>;

/// The list of one call, for each try of it.
pub(super) struct ListReader<T> {
    name: &'static str,
    read: ReadRow<T>,
    found: Mutex<Rows<T>>,
}

impl<T> ListReader<T> {
    /// Of objects, of which no other fields are read than these.
    pub(super) fn of_objects(
        name: &'static str,
        fields: &'static [&'static str],
        read: impl Fn(JsonObject<'_>) -> Result<T, Malformed> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::reading(name, move |row| {
            // Most rows need no mending, and have twice as many fields.
            if let Some(row) = picked(row, fields) {
                return read(JsonObject::Picked(&row));
            }
            let row = parsed(row)?;
            read(JsonObject::of(&row).ok_or_else(|| Malformed::nameless("not an object"))?)
        })
    }

    /// Of anything.
    pub(super) fn of_values(
        name: &'static str,
        read: impl Fn(&Value) -> Result<T, Malformed> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::reading(name, move |row| read(&parsed(row)?))
    }

    fn reading(name: &'static str, read: impl Fn(&[u8]) -> Result<T, Malformed> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            name,
            read: Box::new(read),
            found: Mutex::default(),
        })
    }

    /// What was read, once the reply has been: it bore `errcode` 0. A reply without the list has an empty one.
    pub(super) fn rows_of(&self, reply: &Reply) -> Result<Rows<T>, WeComError> {
        reply.check_list(self.name)?;
        Ok(std::mem::take(&mut *self.lock()))
    }

    /// The name of the list in the reply, in any letter case.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    fn lock(&self) -> MutexGuard<'_, Rows<T>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send> RowSink for ListReader<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn begin(&self) {
        *self.lock() = Rows::default();
    }

    fn take(&self, row: RawRow<'_>) {
        let row = match row {
            RawRow::Whole(row) => (self.read)(row),
            RawRow::TooLong => Err(Malformed::nameless(format!("longer than {LONGEST_ROW} bytes"))),
        };
        let mut found = self.lock();
        let place = found.rows.len() + found.malformed.len() + 1;
        match row {
            Ok(row) => found.rows.push(row),
            Err(row) => found.malformed.push(row.at(place, self.name)),
        }
    }
}

impl<T> fmt::Debug for ListReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListReader")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// These fields of an object; `None` where it is none, or needs mending.
fn picked<'f>(row: &[u8], fields: &'f [&'f str]) -> Option<Picked<'f>> {
    let mut row = serde_json::Deserializer::from_slice(row);
    let picked = Fields(fields).deserialize(&mut row).ok()?;
    row.end().ok()?;
    Some(picked)
}

fn parsed(row: &[u8]) -> Result<Value, Malformed> {
    value_of(row).ok_or_else(|| Malformed::nameless("not JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::{error::Class, json_object, reply_reader::ReplyReader, row_splitter::MOST_ROWS};

    fn numbers() -> Arc<ListReader<i64>> {
        let number = |value: &Value| json_object::int(value).ok_or_else(|| Malformed::nameless("not a number"));
        ListReader::of_values("list", number)
    }

    fn read(body: &str) -> Result<Rows<i64>, WeComError> {
        let list = numbers();
        list.rows_of(&ReplyReader::read("user/list", body.as_bytes(), &*list)?)
    }

    #[test]
    fn a_row_that_cannot_be_read_is_told_with_its_place() {
        let deep = ["[".repeat(200), "]".repeat(200)].concat();
        let found = read(&format!(r#"{{"LIST":[1,"x",2.0,"\ud800",{deep},"3",4 5,]}}"#)).unwrap();
        assert_eq!(found.rows, [1, 2, 3]);
        let told: Vec<_> = found.malformed.iter().map(|row| row.reason.as_str()).collect();
        let expected = [
            "row 2 of `list`: not a number",
            "row 4 of `list`: not a number",
            "row 5 of `list`: not JSON",
            "row 7 of `list`: not JSON",
            "row 8 of `list`: not JSON",
        ];
        assert_eq!(told, expected);
        assert!(read("{}").unwrap().rows.is_empty() && read(r#"{"list":null}"#).unwrap().rows.is_empty());
    }

    #[test]
    fn rows_count_only_with_a_code_that_says_so_wherever_it_stands() {
        assert_eq!(read(r#"{"list":[1,2],"errcode":0}"#).unwrap().rows, [1, 2]);
        let refused = read(r#"{"list":[1,2],"errcode":60011}"#).unwrap_err();
        assert_eq!(refused.errcode, Some(60011));
        for broken in [
            r#"{"list":[1,2]"#,
            r#"{"list":[1,2"#,
            r#"{"list":[1,2}"#,
            r#"{"list":[1,2],"#,
        ] {
            assert_eq!(read(broken).unwrap_err().class, Class::Retry, "{broken}");
        }
    }

    #[test]
    fn a_reply_that_begins_anew_forgets_what_came_before() {
        let list = numbers();
        for body in ["{\"list\":[1,2,3", "{\"list\":[4]}"] {
            let reply = ReplyReader::read("user/list", body.as_bytes(), &*list);
            let Ok(reply) = reply else { continue };
            assert_eq!(list.rows_of(&reply).unwrap().rows, [4]);
        }
    }

    #[test]
    fn a_list_without_end_is_refused() {
        let list = |rows: usize| format!(r#"{{"list":[{}0]}}"#, "0,".repeat(rows - 1));
        assert_eq!(read(&list(MOST_ROWS)).unwrap().rows.len(), MOST_ROWS);
        assert_eq!(read(&list(MOST_ROWS + 1)).unwrap_err().class, Class::Defect);
    }
}
