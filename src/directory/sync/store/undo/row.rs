//! A row of the journal that is to be taken back, and what becomes of it.

use entity::sync_row;
use uuid::Uuid;

use crate::{
    directory::sync::{
        journal::{Change, Changes, NEW_MEMBER, NEW_USER, Subject},
        plan::model::RowOutcome,
        store::Stored,
    },
    store::database::unreadable,
};

/// What is taken back.
#[derive(Clone, Copy)]
pub struct Target {
    /// The run.
    pub run_id: Uuid,
    /// The last moment at which it can have written something, milliseconds; `None`: not known.
    pub settled_at: Option<i64>,
}

/// A row of the journal that is to be taken back.
pub(super) struct Undoing {
    pub(super) id: Uuid,
    pub(super) subject: Subject,
    pub(super) subject_id: Option<Uuid>,
    pub(super) user_id: Option<Uuid>,
    pub(super) userid: String,
    pub(super) changes: Changes,
    pub(super) new_member: bool,
    pub(super) new_user: bool,
}

impl Undoing {
    pub(super) fn of(row: sync_row::Model) -> Stored<Self> {
        let changes: Changes = match row.changes {
            Some(changes) => serde_json::from_value(changes).map_err(|_| unreadable("sync_row.changes"))?,
            None => Changes::new(),
        };
        let subject = Subject::of(&row.subject).ok_or_else(|| unreadable("sync_row.subject"))?;
        let created = subject == Subject::Member && row.outcome == RowOutcome::Created.as_str();
        let whole = created && changes.is_empty();
        Ok(Self {
            new_member: whole || changes.contains_key(NEW_MEMBER),
            new_user: (whole && row.user_id.is_some()) || changes.contains_key(NEW_USER),
            id: row.id,
            subject,
            subject_id: row.subject_id,
            user_id: row.user_id,
            userid: row.userid,
            changes,
        })
    }

    /// The changes of columns whose names begin like this.
    pub(super) fn columns<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Change)> {
        let changes = self.changes.iter().map(|(name, change)| (name.as_str(), change));
        changes.filter(move |(name, _)| name.starts_with(prefix))
    }
}

/// What became of a row: taken back, with what there is to say about it, or refused, with the reason.
pub(super) type Verdict = std::result::Result<&'static str, String>;

/// The sentence about a column that no longer stands as the run left it.
pub(super) fn changed(column: &str) -> String {
    format!("{column} was changed since")
}
