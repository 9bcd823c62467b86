//! A member and the users whom they resemble, side by side: what each of them is, a row a field, and what is the same. Pure.

use serde::Deserialize;

use crate::console::http::{frame::Frame, moment::Moment, values::NOTHING};

/// What WeCom tells of a member.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Member {
    pub(super) id: String,
    userid: String,
    name: Option<String>,
    position: Option<String>,
    email: Option<String>,
    mobile: Option<String>,
}

/// What is known of a user.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    username: String,
    display_name: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
    status: String,
    pub(super) created_at: i64,
    pub(super) last_sign_in_at: Option<i64>,
}

/// When a user came, and was seen last.
pub(super) struct Known {
    pub(super) user: User,
    pub(super) created: Moment,
    pub(super) last: Option<Moment>,
}

/// A field of both.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) member: String,
    pub(super) users: Vec<Cell>,
}

/// What a user has, and whether the member has the same.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) same: bool,
}

/// A way to read a field, and to compare it.
type Field = (
    &'static str,
    fn(&Member) -> Option<&str>,
    fn(&User) -> Option<&str>,
    fn(&str) -> String,
);

const FIELDS: [Field; 4] = [
    (
        "display_name",
        |member| member.name.as_deref(),
        |user| user.display_name.as_deref(),
        lower,
    ),
    (
        "username",
        |member| Some(&member.userid),
        |user| Some(&user.username),
        lower,
    ),
    (
        "email",
        |member| member.email.as_deref(),
        |user| user.email.as_deref(),
        lower,
    ),
    (
        "phone_number",
        |member| member.mobile.as_deref(),
        |user| user.phone_number.as_deref(),
        digits,
    ),
];

fn lower(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The digits of a number without those of a country: in China a number has eleven.
fn digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let begin = digits.len().saturating_sub(11);
    digits.get(begin..).unwrap_or_default().to_owned()
}

/// The rows of a member and these users.
pub(super) fn rows(frame: &Frame, member: &Member, users: &[Known]) -> Vec<Row> {
    let mut rows: Vec<Row> = FIELDS
        .iter()
        .map(|field| compared(frame, field, (member, users)))
        .collect();
    let cell = |text: String| Cell { text, same: false };
    rows.push(Row {
        label: frame.t("console-conflicts-position"),
        member: member.position.clone().unwrap_or_else(|| NOTHING.to_owned()),
        users: users.iter().map(|_| cell(NOTHING.to_owned())).collect(),
    });
    let of_user = |known: &Known| {
        let last = match &known.last {
            Some(last) => frame.with("console-conflicts-signed-in", "when", &last.text),
            None => frame.t("console-conflicts-never"),
        };
        let status = frame.word("console-status", &known.user.status);
        let since = frame.with("console-conflicts-since", "when", &known.created.text);
        let parts = [status, since, last];
        cell(parts.join(&frame.t("console-comma")))
    };
    rows.push(Row {
        label: frame.t("console-status"),
        member: NOTHING.to_owned(),
        users: users.iter().map(of_user).collect(),
    });
    rows
}

fn compared(frame: &Frame, (key, of_member, of_user, plain): &Field, (member, users): (&Member, &[Known])) -> Row {
    let told = of_member(member).filter(|text| !text.is_empty());
    let cell = |known: &Known| {
        let text = of_user(&known.user).filter(|text| !text.is_empty());
        Cell {
            same: told.zip(text).is_some_and(|(told, text)| plain(told) == plain(text)),
            text: text.unwrap_or(NOTHING).to_owned(),
        }
    };
    Row {
        label: frame.field(key),
        member: told.unwrap_or(NOTHING).to_owned(),
        users: users.iter().map(cell).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{digits, lower};

    #[test]
    fn a_number_with_its_country_is_the_same_number() {
        assert_eq!(digits("+86 138-0013-8000"), digits("13800138000"));
        assert_ne!(digits("13800138000"), digits("13800138001"));
        assert_eq!(lower(" Li.Hua@corp.example"), "li.hua@corp.example");
    }
}
