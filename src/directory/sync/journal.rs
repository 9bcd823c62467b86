//! The journal of a run as plain data: what was written, column by column, with the values before and after. Pure.

use std::collections::BTreeMap;

use crate::word_schema;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::plan::model::{Row, RowOutcome};

/// The columns of a row at one moment, by name (`member.name`).
pub type Image = BTreeMap<&'static str, Value>;

/// What happened to columns, by name. Empty where nothing was written, and for what was created whole.
pub type Changes = BTreeMap<String, Change>;

/// Key of [`Changes`] of a member who was created for a user who was there; `to` is their id.
pub const NEW_MEMBER: &str = "member";
/// Key of [`Changes`] of a user who was created for a member who was there; `to` is their id.
pub const NEW_USER: &str = "user";
/// Key of [`Changes`] of the open finding about a member's identity: its id before and after.
pub const FINDING: &str = "finding";
/// Key of [`Changes`] of the members who bear a tag: a set of keys of userids.
pub const TAGGED_USERS: &str = "tag.users";
/// Key of [`Changes`] of the departments that bear a tag: a set of WeCom's ids.
pub const TAGGED_DEPARTMENTS: &str = "tag.departments";
/// Key of [`Changes`] of the app's visible scope: a set of lines, `department:7`.
pub const SCOPE: &str = "app.scope";
/// Key of [`Changes`] of when the visible scope was read for the first time, milliseconds.
pub const SCOPE_READ: &str = "app.scope_fetched_at";

/// What happened to one column. Of a set (who bears a tag, a visible scope): what was taken out, and what was put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ColumnChange)]
pub struct Change {
    /// The value before; null: none.
    pub from: Value,
    /// The value after; null: none.
    pub to: Value,
}

impl Change {
    /// From this value to that one.
    pub const fn new(from: Value, to: Value) -> Self {
        Self { from, to }
    }

    /// The change that takes this one back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            from: self.to.clone(),
            to: self.from.clone(),
        }
    }

    /// Something that was not there before.
    pub fn created(id: Uuid) -> Self {
        Self {
            from: Value::Null,
            to: Value::from(id.to_string()),
        }
    }
}

/// What a row of the journal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A member, and their user.
    Member,
    /// A user alone.
    User,
    /// A department.
    Department,
    /// A tag.
    Tag,
    /// The integration app and its visible scope.
    App,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Member, Self::User, Self::Department, Self::Tag, Self::App];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::User => "user",
            Self::Department => "department",
            Self::Tag => "tag",
            Self::App => "app",
        }
    }

    /// The subject of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.word() == word)
    }
}

word_schema!(
    Subject,
    "SyncSubject",
    "What a row of a run is about: a `member` and their user, a `user` alone, a `department`, a `tag`, or the integration `app` with its visible \
     scope.",
    Subject::ALL.map(Subject::word)
);

/// A row of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub subject: Subject,
    /// Row id of that; `None`: nothing was written, or it is not written yet.
    pub subject_id: Option<Uuid>,
    /// The member's user.
    pub user_id: Option<Uuid>,
    /// As WeCom gave it; of a department or tag its id in WeCom.
    pub userid: String,
    /// What happened.
    pub outcome: RowOutcome,
    /// A sentence.
    pub reason: String,
    /// Column by column.
    pub changes: Changes,
}

impl From<&Row> for Entry {
    fn from(row: &Row) -> Self {
        Self {
            subject: Subject::Member,
            subject_id: None,
            user_id: None,
            userid: row.userid.clone(),
            outcome: row.outcome,
            reason: row.reason.clone(),
            changes: Changes::new(),
        }
    }
}

/// What differs between two images of one row; `None`: it was not there, or is no longer.
pub fn diff(before: Option<&Image>, after: Option<&Image>) -> Changes {
    let empty = Image::new();
    let (before, after) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    let mut changes = Changes::new();
    for name in before.keys().chain(after.keys()) {
        let value = |image: &Image| image.get(name).cloned().unwrap_or(Value::Null);
        let change = Change {
            from: value(before),
            to: value(after),
        };
        if change.from != change.to {
            changes.insert((*name).to_owned(), change);
        }
    }
    changes
}

/// The first column of `now` that no longer stands as the changes left it.
pub fn changed_since<'a>(changes: &'a Changes, now: &Image) -> Option<&'a str> {
    let differs =
        |(name, change): &(&'a String, &Change)| now.get(name.as_str()).is_some_and(|value| *value != change.to);
    changes.iter().find(differs).map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Change, Changes, Image, Value, changed_since, diff};

    fn image(name: &str, status: i32) -> Image {
        Image::from([("member.name", json!(name)), ("member.status", json!(status))])
    }

    #[test]
    fn a_diff_names_what_differs_and_nothing_else() {
        let changes = diff(Some(&image("A", 1)), Some(&image("B", 1)));
        let (from, to) = (json!("A"), json!("B"));
        assert_eq!(
            changes,
            Changes::from([("member.name".to_owned(), Change { from, to })])
        );
        assert_eq!(diff(None, Some(&image("A", 1)))["member.status"].from, Value::Null);
        assert!(
            diff(Some(&image("A", 1)), None)
                .values()
                .all(|change| change.to.is_null())
        );
    }

    #[test]
    fn what_changed_since_is_named() {
        let changes = diff(Some(&image("A", 1)), Some(&image("B", 1)));
        assert_eq!(changed_since(&changes, &image("B", 2)), None);
        assert_eq!(changed_since(&changes, &image("C", 1)), Some("member.name"));
    }
}
