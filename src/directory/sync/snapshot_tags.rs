//! Tags in the snapshot builder: two secrets may see different halves of a tag, so their contents are united.

use super::{
    completeness::{told_rows, weighed},
    snapshot::{TagFact, TagMembers, Unreadable, key},
    snapshot_builder::SnapshotBuilder,
};

use crate::wecom::{
    Meaning, WeComError,
    model::{Rows, TagContent, TagName},
};

impl SnapshotBuilder {
    /// Adds the list of tags. A tag that cannot be read hides members only where the scope uses it, so by itself this does not make the run
    /// partial.
    pub fn tags(&mut self, list: Rows<TagName>) {
        self.tags.complete = list.malformed.is_empty();
        if !list.malformed.is_empty() {
            let rows: Vec<_> = list.malformed.into_iter().map(Unreadable::from).collect();
            self.skipped_rows(told_rows(&rows));
        }
        for TagName { id, name } in list.rows {
            self.tags.facts.insert(
                id,
                TagFact {
                    id,
                    name,
                    content: None,
                },
            );
        }
    }

    /// Adds one tag's content and returns its userids; `in_scope` when members are visible through it.
    pub fn tag(&mut self, id: i64, answer: Result<TagContent, WeComError>, in_scope: bool) -> Vec<String> {
        let content = match answer {
            Ok(content) => content,
            Err(error) => {
                let error = error.about(format!("tag {id}"));
                match weighed(&error) {
                    // Deleted since it was listed: nobody is visible through it.
                    Meaning::Empty => {}
                    _ if in_scope => drop(self.require::<()>(Err(error))),
                    // Not visible to this secret: what we hold of it stays.
                    Meaning::Withheld => {}
                    Meaning::NoAccess | Meaning::NoAnswer => self.record_missing(error),
                }
                return Vec::new();
            }
        };
        let nameless = content.malformed.iter().any(|row| row.userid.is_none());
        content.malformed.into_iter().for_each(|row| self.malformed(row));
        if in_scope {
            self.departments.scope.extend(&content.departments);
        }
        // A row without a readable userid may be anybody: what we hold of the tag stays.
        if let Some(fact) = self.tags.facts.get_mut(&id).filter(|_| !nameless) {
            let known = fact.content.get_or_insert_with(TagMembers::default);
            known.users.extend(content.userids.iter().map(|userid| key(userid)));
            known.departments.extend(content.departments);
        }
        content.userids
    }
}
