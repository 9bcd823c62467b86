//! Reads WeCom's JSON replies (reference 1.1, 17.2): the envelope with its code, and short lists row by row. Rows of long lists never come here
//! ([`super::list_reader`]).
//!
//! Documents that hold broken bytes are mended ([`super::lenient`]), which no userid and no address survives. Lists are kept unread and read row by row: a row that cannot be read
//! costs itself only.

use std::collections::BTreeMap;

use serde::{
    Deserializer,
    de::{Error, SeqAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::{
    classify::{classify, observed_ip},
    error::{Class, WeComError},
    held_body::HeldBody,
    json_object::{JsonObject, find},
    lenient::mend,
    model::{Malformed, Rows},
    reply_record::Digest,
    row_splitter::MOST_ROWS,
    text,
};

/// Longest error text kept, in characters.
const LONGEST_MESSAGE: usize = 400;
/// The alarm of reference 1.1: WeCom half-parsed our JSON.
const HALF_PARSED: &str = "Warning: wrong json format";

/// A list of so many bytes is a field like others, e.g. a member's departments.
const SHORT: usize = 16 * 1024;

/// A reply with `errcode` 0.
pub(super) struct Reply {
    pub(super) call: &'static str,
    /// All but long lists.
    fields: Map<String, Value>,
    /// Its lists, not yet read.
    lists: BTreeMap<String, Box<RawValue>>,
    /// By what it is known among replies; `None`: it is not recorded.
    pub(super) digest: Option<Digest>,
    /// All of it, where nothing of it was read.
    pub(super) unread: Option<HeldBody>,
    /// It names members and departments by their ids, as apps of a service provider are told (reference 9.10).
    pub(super) ids_as_names: bool,
}

impl Reply {
    /// Reads the body of an HTTP 200 reply. `scrub` removes our own secrets from WeCom's words.
    pub(super) fn read(call: &'static str, body: &[u8], scrub: impl Fn(&str) -> String) -> Result<Self, WeComError> {
        let strict = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body);
        let reply = match strict {
            Ok(fields) => Self::of(call, fields),
            Err(_) => {
                let mended = mend(body);
                let fields = serde_json::from_str(&mended);
                Self::of(
                    call,
                    fields.map_err(|_| WeComError::unreadable(call, "not a JSON object"))?,
                )
            }
        };
        let errcode = reply.row().int("errcode").map_err(|reason| reply.unreadable(reason))?;
        let errmsg = reply.row().exact("errmsg").ok().flatten().unwrap_or_default();
        let errmsg = text::line(&errmsg, usize::MAX).text.unwrap_or_default();
        if errmsg.contains(HALF_PARSED) {
            tracing::error!(call, "WeCom could not read our JSON: this is a defect of ours");
            return Err(WeComError {
                errcode,
                ..WeComError::without_code(call, Class::Defect, HALF_PARSED)
            });
        }
        match errcode.unwrap_or(0) {
            0 => Ok(reply),
            errcode => Err(WeComError {
                call,
                class: classify(errcode),
                errcode: Some(errcode),
                observed_ip: observed_ip(&errmsg),
                message: scrub(&errmsg).chars().take(LONGEST_MESSAGE).collect(),
                export: None,
            }),
        }
    }

    /// A reply of which nothing is read: it was given before, and bore `errcode` 0 then.
    pub(super) fn unread(call: &'static str, body: HeldBody) -> Self {
        Self {
            call,
            fields: Map::new(),
            lists: BTreeMap::new(),
            digest: None,
            unread: Some(body),
            ids_as_names: false,
        }
    }

    /// Reads everything but long lists. A field that is no JSON even when mended counts as absent.
    fn of(call: &'static str, document: BTreeMap<String, &RawValue>) -> Self {
        let (mut fields, mut lists) = (Map::new(), BTreeMap::new());
        for (name, raw) in document {
            let is_list = raw.get().starts_with('[');
            if is_list {
                lists.insert(name.clone(), raw.to_owned());
            }
            let is_field = !is_list || raw.get().len() <= SHORT;
            if let Some(value) = Some(raw.get().as_bytes()).filter(|_| is_field).and_then(value_of) {
                fields.insert(name, value);
            }
        }
        Self {
            call,
            fields,
            lists,
            digest: None,
            unread: None,
            ids_as_names: false,
        }
    }

    /// The reply as a row, without long lists.
    pub(super) const fn row(&self) -> JsonObject<'_> {
        JsonObject::Whole(&self.fields)
    }

    /// Reads the list under `key` row by row; absent is empty. A row that cannot be read is told with its place in the list.
    pub(super) fn rows<T>(
        &self,
        key: &str,
        read: impl Fn(&Value) -> Result<T, Malformed>,
    ) -> Result<Rows<T>, WeComError> {
        let Some(list) = find(&self.lists, key) else {
            return self.check_list(key).map(|()| Rows::default());
        };
        let (mut found, mut place) = (Rows::default(), 0);
        let row = |row: &RawValue| {
            place += 1;
            let value = value_of(row.get().as_bytes()).ok_or_else(|| Malformed::nameless("not JSON"));
            match value.and_then(|value| read(&value)) {
                Ok(row) => found.rows.push(row),
                Err(row) => found.malformed.push(row.at(place, key)),
            }
        };
        let mut list = serde_json::Deserializer::from_str(list.get());
        let read = list.deserialize_seq(Each(row));
        read.map_err(|_| self.unreadable(format_args!("`{key}` is no list of at most {MOST_ROWS} rows")))?;
        Ok(found)
    }

    /// Fails unless what is under `key` is nothing, or a list of which no row is left.
    pub(super) fn check_list(&self, key: &str) -> Result<(), WeComError> {
        match (find(&self.lists, key), self.row().find(key)) {
            (Some(list), _) if list.get() != "[]" => Err(self.unreadable(format_args!("`{key}` is there twice"))),
            (None, Some(_)) => Err(self.unreadable(format_args!("`{key}` is not a list"))),
            _ => Ok(()),
        }
    }

    /// Whether there is anything under `key`, be it an empty list.
    pub(super) fn has(&self, key: &str) -> bool {
        find(&self.lists, key).is_some() || self.row().find(key).is_some()
    }

    /// This reply cannot be read.
    pub(super) fn unreadable(&self, reason: impl std::fmt::Display) -> WeComError {
        WeComError::unreadable(self.call, reason)
    }
}

/// The value; mended where it is broken, `None` where that does not help.
pub(super) fn value_of(raw: &[u8]) -> Option<Value> {
    let value = serde_json::from_slice(raw);
    value.or_else(|_| serde_json::from_str(&mend(raw))).ok()
}

/// Hands on the elements of a list one after the other.
struct Each<F>(F);

impl<'de, F: FnMut(&'de RawValue)> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let mut left = MOST_ROWS;
        while let Some(row) = list.next_element()? {
            left = left.checked_sub(1).ok_or_else(|| A::Error::custom("too many rows"))?;
            (self.0)(row);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::json_object;

    fn read(body: &str) -> Result<Reply, WeComError> {
        Reply::read("user/get", body.as_bytes(), str::to_owned)
    }

    #[test]
    fn a_missing_errcode_is_success_and_a_text_errcode_is_a_number() {
        assert!(read(r#"{"name":"x"}"#).is_ok());
        assert!(read(r#"{"errcode":"0"}"#).is_ok());
        let error = read(r#"{"errcode":"60111","errmsg":"userid not found"}"#)
            .err()
            .unwrap();
        assert_eq!((error.errcode, error.class), (Some(60111), Class::Outcome));
    }

    #[test]
    fn what_is_not_a_json_object_is_worth_another_try() {
        for body in [
            "",
            "<html>502</html>",
            "[]",
            "{\"errcode\":0",
            "\"ok\"",
            "{\"errcode\":{}}",
        ] {
            assert_eq!(read(body).err().unwrap().class, Class::Retry, "{body}");
        }
    }

    #[test]
    fn half_parsed_json_is_a_defect_even_with_errcode_0() {
        let error = read(r#"{"errcode":0,"errmsg":"ok. Warning: wrong json format. "}"#)
            .err()
            .unwrap();
        assert_eq!(error.class, Class::Defect);
    }

    #[test]
    fn broken_bytes_cost_themselves_only() {
        let documents: [&[u8]; 5] = [
            b"\xef\xbb\xbf{\"name\":\"ab\"}",
            b"{\"name\":\"a\x01\x00b\"}",
            b"{\"name\":\"a\xe5\x8db\"}",
            b"{\"name\":\"a\\ud800b\"}",
            b"{\"name\":\"a\\u0000b\"}\0\n",
        ];
        for body in documents {
            let reply = Reply::read("user/get", body, str::to_owned).ok().unwrap();
            assert_eq!(reply.row().text("name").unwrap().as_deref(), Some("ab"), "{body:?}");
        }
    }

    #[test]
    fn what_wecom_says_is_one_clean_line() {
        let error = read(r#"{"errcode":60011,"errmsg":"no\u0000 privilege\n\u202ex"}"#)
            .err()
            .unwrap();
        assert_eq!(error.message, "no privilege x");
    }

    fn numbers(body: &str) -> Result<Rows<i64>, WeComError> {
        let number = |value: &Value| json_object::int(value).ok_or_else(|| Malformed::nameless("not a number"));
        read(body).ok().unwrap().rows("list", number)
    }

    #[test]
    fn a_row_that_cannot_be_read_is_told_with_its_place() {
        let deep = ["[".repeat(200), "]".repeat(200)].concat();
        let read = numbers(&format!(r#"{{"LIST":[1,"x",2.0,"\ud800",{deep},"3"]}}"#)).unwrap();
        assert_eq!(read.rows, [1, 2, 3]);
        let told: Vec<_> = read.malformed.iter().map(|row| row.reason.as_str()).collect();
        assert_eq!(
            told,
            [
                "row 2 of `list`: not a number",
                "row 4 of `list`: not a number",
                "row 5 of `list`: not JSON"
            ]
        );
        assert!(numbers("{}").unwrap().rows.is_empty() && numbers(r#"{"list":null}"#).unwrap().rows.is_empty());
        assert!(numbers(r#"{"list":"none"}"#).is_err() && numbers(r#"{"list":{}}"#).is_err());
    }

    #[test]
    fn a_list_without_end_is_refused() {
        let list = |rows: usize| format!(r#"{{"list":[{}0]}}"#, "0,".repeat(rows - 1));
        assert_eq!(numbers(&list(MOST_ROWS)).unwrap().rows.len(), MOST_ROWS);
        assert!(numbers(&list(MOST_ROWS + 1)).is_err());
    }
}
