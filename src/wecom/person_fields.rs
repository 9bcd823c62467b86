//! Fields of a person as WeCom gives them (reference 3.3, 3.4). A value that cannot be used is left out and remarked on: nothing that a
//! member can type makes their row unreadable.

use super::{json_object::JsonObject, text};
use crate::kernel::formats::{is_email, is_phone, is_web_address};

/// Reads the fields of one person, and gathers the remarks.
pub(super) struct PersonFields<'a> {
    row: JsonObject<'a>,
    pub(super) remarks: Vec<String>,
}

impl<'a> PersonFields<'a> {
    pub(super) const fn of(row: JsonObject<'a>) -> Self {
        Self {
            row,
            remarks: Vec::new(),
        }
    }

    /// A line of text that somebody typed.
    pub(super) fn line(&mut self, key: &str) -> Option<String> {
        let found = self.given(key)?;
        let cleaned = text::line(&found, text::LONGEST);
        self.remarks
            .extend(cleaned.remark.map(|remark| format!("`{key}` {remark}")));
        cleaned.text
    }

    /// An e-mail address.
    pub(super) fn email(&mut self, key: &str) -> Option<String> {
        self.checked(key, is_email, "an e-mail address")
    }

    /// The mobile number.
    pub(super) fn mobile(&mut self) -> Option<String> {
        self.checked("mobile", is_phone, "a telephone number")
    }

    /// The address of the picture.
    pub(super) fn avatar(&mut self) -> Option<String> {
        self.checked("avatar", is_web_address, "an http or https address")
    }

    /// A value that is right or left out: a mended address would be somebody else's.
    fn checked(&mut self, key: &str, fits: fn(&str) -> bool, what: &str) -> Option<String> {
        let found = self.given(key)?;
        let found = found.trim();
        if fits(found) {
            return Some(found.to_owned());
        }
        self.remarks.push(format!("`{key}` is not {what} and was left out"));
        None
    }

    fn given(&mut self, key: &str) -> Option<String> {
        let found = self.row.exact(key);
        let found = found.unwrap_or_else(|reason| {
            self.remarks.push(format!("{reason} and was left out"));
            None
        });
        found.filter(|found| !text::is_nothing(found))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_malformed_is_left_out_and_told_without_the_value() {
        let row = json!({ "email": "a@b@c", "biz_mail": "l\u{0}@corp.example", "mobile": "secret", "avatar": "javascript:1", "name": {} });
        let mut fields = PersonFields::of(JsonObject::of(&row).unwrap());
        let read = [
            fields.email("email"),
            fields.email("biz_mail"),
            fields.mobile(),
            fields.avatar(),
            fields.line("name"),
        ];
        assert!(read.iter().all(Option::is_none), "{read:?}");
        assert_eq!(fields.remarks.len(), 5);
        let told = fields.remarks.concat();
        assert!(told.contains("`mobile`") && !told.contains("secret"), "{told}");
    }

    #[test]
    fn full_width_letters_of_an_address_are_left_out_as_full_width_digits_of_a_number_are() {
        let row =
            json!({ "email": "ｌｉ@corp.example", "biz_mail": "李华@公司.中国", "mobile": "１３８００００００００" });
        let mut fields = PersonFields::of(JsonObject::of(&row).unwrap());
        assert_eq!((fields.email("email"), fields.mobile()), (None, None));
        assert_eq!(fields.email("biz_mail").as_deref(), Some("李华@公司.中国"));
        assert_eq!(fields.remarks.len(), 2);
    }

    #[test]
    fn words_for_nothing_are_nothing_and_no_fault() {
        for nothing in [json!("null"), json!("undefined"), json!(" "), Value::Null] {
            let row = json!({ "email": nothing, "mobile": nothing, "avatar": nothing });
            let mut fields = PersonFields::of(JsonObject::of(&row).unwrap());
            let read = (fields.email("email"), fields.mobile(), fields.avatar());
            assert_eq!(
                (read, fields.remarks.is_empty()),
                ((None, None, None), true),
                "{nothing}"
            );
        }
    }

    #[test]
    fn what_is_right_is_taken_as_it_is() {
        let row = json!({ "email": " l@corp.example ", "mobile": 13_800_000_000_u64, "avatar": "https://p.example/0", "name": "李华" });
        let mut fields = PersonFields::of(JsonObject::of(&row).unwrap());
        assert_eq!(fields.email("email").as_deref(), Some("l@corp.example"));
        assert_eq!(fields.mobile().as_deref(), Some("13800000000"));
        assert_eq!(fields.avatar().as_deref(), Some("https://p.example/0"));
        assert_eq!(fields.line("name").as_deref(), Some("李华"));
        assert!(fields.remarks.is_empty());
    }
}
