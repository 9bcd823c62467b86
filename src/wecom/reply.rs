//! Tolerant parsing of WeCom's JSON replies (reference 1.1, traps 10 and 26): keys in any letter case, numbers as strings and back, absent,
//! `null` and empty alike. What is present but of another kind altogether is an error with a reason, never a silent default.
//!
//! Reasons name the field and never its value, since they reach logs.

use serde_json::{Map, Value};

use super::{
    classify::{classify, observed_ip},
    error::{Class, WeComError},
};

/// Longest error text kept, in characters.
const LONGEST_MESSAGE: usize = 400;
/// The alarm of reference 1.1: WeCom half-parsed our JSON.
const HALF_PARSED: &str = "Warning: wrong json format";

/// A field as read, or why it could not be read.
pub(super) type FieldResult<T> = Result<T, String>;

/// A reply with `errcode` 0.
pub(super) struct Reply {
    pub(super) call: &'static str,
    fields: Map<String, Value>,
}

impl Reply {
    /// Reads the body of an HTTP 200 reply. `scrub` removes our own secrets from WeCom's words.
    pub(super) fn read(call: &'static str, body: &[u8], scrub: impl Fn(&str) -> String) -> Result<Self, WeComError> {
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            return Err(WeComError::unreadable(call, "not a JSON object"));
        };
        let reply = Self { call, fields };
        let errcode = reply.row().int("errcode").map_err(|reason| reply.unreadable(reason))?;
        let errmsg = reply.row().text("errmsg").ok().flatten().unwrap_or_default();
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
            }),
        }
    }

    /// The reply as a row.
    pub(super) const fn row(&self) -> JsonObject<'_> {
        JsonObject(&self.fields)
    }

    /// This reply cannot be read.
    pub(super) fn unreadable(&self, reason: impl std::fmt::Display) -> WeComError {
        WeComError::unreadable(self.call, reason)
    }
}

/// One JSON object.
#[derive(Clone, Copy)]
pub(super) struct JsonObject<'a>(&'a Map<String, Value>);

impl<'a> JsonObject<'a> {
    /// This value as an object.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// A field in any letter case, the exact one first; `null` counts as absent.
    pub(super) fn find(self, key: &str) -> Option<&'a Value> {
        let found = self.0.get(key).or_else(|| {
            let mut others = self.0.iter();
            others
                .find(|(name, _)| name.eq_ignore_ascii_case(key))
                .map(|(_, value)| value)
        });
        found.filter(|value| !value.is_null())
    }

    /// A text; empty is `None`, a number is its digits.
    pub(super) fn text(self, key: &str) -> FieldResult<Option<String>> {
        match self.find(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
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

    /// A list of whole numbers; absent is empty, a lone number is a list of one.
    pub(super) fn ints(self, key: &str) -> FieldResult<Vec<i64>> {
        let wrong = || format!("`{key}` is not a list of numbers");
        match self.find(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|item| int(item).ok_or_else(wrong)).collect(),
            Some(value) => int(value).map(|one| vec![one]).ok_or_else(wrong),
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
}

fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn fields_are_read_in_any_case_and_either_type() {
        let reply = read(r#"{"UserId":"Li","n":"7","d":["2",7],"e":" ","z":null,"o":{},"one":3}"#)
            .ok()
            .unwrap();
        let row = reply.row();
        assert_eq!(row.text("userid").unwrap().as_deref(), Some("Li"));
        assert_eq!(row.int("n").unwrap(), Some(7));
        assert_eq!(row.text("one").unwrap().as_deref(), Some("3"));
        assert_eq!(row.ints("d").unwrap(), [2, 7]);
        assert_eq!(row.ints("one").unwrap(), [3]);
        assert_eq!(
            (row.text("e").unwrap(), row.text("z").unwrap(), row.int("e").unwrap()),
            (None, None, None)
        );
        assert!(row.text("o").is_err() && row.ints("o").is_err() && row.list("o").is_err() && row.int("d").is_err());
    }
}
