//! One JSON object of a reply, read tolerantly (reference 1.1, 17.2, traps 10 and 26): keys in any letter case, numbers as texts and back,
//! absent, `null` and empty alike; texts cleaned ([`super::text`]). What is present but of another kind altogether is an error with a reason,
//! never a silent default; reasons name the field and never its value, since they reach logs.

use serde_json::{Map, Value};

use super::{
    model::{Malformed, is_userid},
    picked_fields::Picked,
    text,
};

/// A field as read, or why it could not be read.
pub(super) type FieldResult<T> = Result<T, String>;

/// One JSON object.
#[derive(Clone, Copy)]
pub(super) enum JsonObject<'a> {
    /// All of it.
    Whole(&'a Map<String, Value>),
    /// What was asked for.
    Picked(&'a Picked<'a>),
}

impl<'a> JsonObject<'a> {
    /// This value as an object.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self::Whole)
    }

    /// A field in any letter case, the exact one first; `null` counts as absent.
    pub(super) fn find(self, key: &str) -> Option<&'a Value> {
        let found = match self {
            Self::Whole(fields) => find(fields, key),
            Self::Picked(fields) => fields.find(key),
        };
        found.filter(|value| !value.is_null())
    }

    /// A name or the like, cleaned; empty is `None`, a number is its digits.
    pub(super) fn text(self, key: &str) -> FieldResult<Option<String>> {
        let found = self.exact(key)?;
        Ok(found.and_then(|found| text::line(&found, text::LONGEST).text))
    }

    /// A text exactly as it is (a token, a list of userids), blank is `None`, a number is its digits.
    pub(super) fn exact(self, key: &str) -> FieldResult<Option<String>> {
        match self.find(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(format!("`{key}` is not a text")),
        }
    }

    /// A whole number, also when written as a text; empty is `None`.
    pub(super) fn int(self, key: &str) -> FieldResult<Option<i64>> {
        match self.find(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(value) => int(value).map(Some).ok_or_else(|| format!("`{key}` is not a number")),
        }
    }

    /// A list of whole numbers, also as a text with commas; absent is empty, a lone number is a list of one.
    pub(super) fn ints(self, key: &str) -> FieldResult<Vec<i64>> {
        let mut found = Vec::new();
        let whole = match self.find(key) {
            None => true,
            Some(Value::Array(items)) => items.iter().all(|item| add_ints(item, &mut found)),
            Some(value) => add_ints(value, &mut found),
        };
        if whole {
            Ok(found)
        } else {
            Err(format!("`{key}` is not a list of numbers"))
        }
    }

    /// A list of anything; absent is empty.
    pub(super) fn list(self, key: &str) -> FieldResult<&'a [Value]> {
        match self.find(key) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(format!("`{key}` is not a list")),
        }
    }

    /// An object inside; absent is `None`, and so is the empty list some serialisers write for an empty object.
    pub(super) fn inside(self, key: &str) -> FieldResult<Option<Self>> {
        match self.find(key) {
            None => Ok(None),
            Some(Value::Array(items)) if items.is_empty() => Ok(None),
            Some(value) => JsonObject::of(value)
                .map(Some)
                .ok_or_else(|| format!("`{key}` is not an object")),
        }
    }

    /// The `userid` of a row, exactly as WeCom wrote it: a mended one would be somebody else's.
    pub(super) fn userid(self) -> Result<String, Malformed> {
        match self.exact("userid") {
            Ok(Some(found)) => checked_userid(found),
            Ok(None) => Err(Malformed::nameless("no `userid`")),
            Err(reason) => Err(Malformed::nameless(reason)),
        }
    }
}

/// A field in any letter case, the exact one first.
pub(super) fn find<'a, T>(fields: impl IntoIterator<Item = (&'a String, &'a T)>, key: &str) -> Option<&'a T> {
    let alike = fields.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case(key));
    alike.max_by_key(|(name, _)| *name == key).map(|(_, value)| value)
}

/// A userid, or the malformed row that it makes.
pub(super) fn checked_userid(found: String) -> Result<String, Malformed> {
    if is_userid(&found) {
        return Ok(found);
    }
    Err(Malformed {
        userid: Some(text::shown(&found)),
        reason: "the userid holds characters that WeCom does not allow, or too many".to_owned(),
    })
}

/// A whole number, however it is written: `2`, `"2"`, `2.0`, `"2.0"`.
pub(super) fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(&number.to_string())),
        Value::String(text) => whole(text),
        _ => None,
    }
}

fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    digits
        .parse()
        .ok()
        .filter(|_| fraction.bytes().all(|byte| byte == b'0'))
}

/// Adds the number, or the numbers between commas; false when there is something else.
fn add_ints(value: &Value, found: &mut Vec<i64>) -> bool {
    let Value::String(text) = value else {
        found.extend(int(value));
        return value.is_null() || int(value).is_some();
    };
    let items = text.split(',').filter(|item| !item.trim().is_empty());
    items.map(whole).all(|item| {
        found.extend(item);
        item.is_some()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn fields_are_read_in_any_case_and_either_type() {
        let fields = fields(json!({
            "UserId": "Li", "n": "7", "e": " ", "z": null, "o": {}, "one": 3, "float": 2.0, "written": "2.0", "half": 2.5
        }));
        let row = JsonObject::Whole(&fields);
        assert_eq!(row.text("userid").unwrap().as_deref(), Some("Li"));
        assert_eq!(row.int("n").unwrap(), Some(7));
        assert_eq!(
            (row.int("float").unwrap(), row.int("written").unwrap()),
            (Some(2), Some(2))
        );
        assert_eq!(row.text("one").unwrap().as_deref(), Some("3"));
        assert_eq!(
            (row.text("e").unwrap(), row.text("z").unwrap(), row.int("e").unwrap()),
            (None, None, None)
        );
        assert!(row.text("o").is_err() && row.ints("o").is_err() && row.list("o").is_err());
        assert!(row.int("half").is_err() && row.int("o").is_err());
    }

    #[test]
    fn the_exact_key_comes_before_one_in_another_letter_case() {
        let fields = fields(json!({ "USERID": "a", "userid": "b", "zUserid": "c" }));
        assert_eq!(JsonObject::Whole(&fields).text("userid").unwrap().as_deref(), Some("b"));
    }

    #[test]
    fn lists_of_numbers_come_in_many_shapes() {
        for (value, read) in [
            (json!([2, 7]), vec![2, 7]),
            (json!(["2", 7.0, "9.0", null]), vec![2, 7, 9]),
            (json!(3), vec![3]),
            (json!(3.0), vec![3]),
            (json!("1,2"), vec![1, 2]),
            (json!(" 1 , 2, "), vec![1, 2]),
            (json!(["1,2", 3]), vec![1, 2, 3]),
            (json!(""), vec![]),
            (json!([]), vec![]),
            (Value::Null, vec![]),
        ] {
            let fields = fields(json!({ "d": value }));
            assert_eq!(JsonObject::Whole(&fields).ints("d").unwrap(), read, "{value}");
        }
        for value in [
            json!({ "id": 1 }),
            json!("x"),
            json!([1, "x"]),
            json!([[1]]),
            json!(1.5),
            json!(true),
        ] {
            let fields = fields(json!({ "d": value }));
            assert!(JsonObject::Whole(&fields).ints("d").is_err(), "{value}");
        }
    }

    #[test]
    fn a_userid_is_taken_as_it_is_or_not_at_all() {
        let read = |value: Value| JsonObject::Whole(&fields(json!({ "UserId": value }))).userid();
        assert_eq!(read(json!("Li.Hua-1_@x")).unwrap(), "Li.Hua-1_@x");
        assert_eq!(read(json!(1001)).unwrap(), "1001");
        for odd in [
            "li\0hua",
            " lihua",
            "lihua\n",
            "li\u{202e}hua",
            "-lihua",
            "a/b",
            "李华",
            &"a".repeat(65),
        ] {
            let shown = read(json!(odd)).unwrap_err().userid.unwrap();
            assert!(
                !is_userid(&shown) && !shown.contains(char::is_control),
                "{odd:?}: {shown}"
            );
        }
        for none in [json!(""), json!(" "), json!(null), json!({}), json!([])] {
            assert_eq!(read(none).unwrap_err().userid, None);
        }
    }
}
