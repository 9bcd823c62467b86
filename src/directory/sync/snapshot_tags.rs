//! Tags in the snapshot builder: two secrets may see different halves of a tag, so their contents are united.

use super::{
    snapshot::{TagFact, TagMembers, key},
    snapshot_builder::SnapshotBuilder,
};

use crate::wecom::{
    Meaning, WeComError,
    model::{TagContent, TagName},
};

impl SnapshotBuilder {
    /// Adds the list of tags. A tag that cannot be read hides members only where the scope uses it, so by itself this does not make the run
    /// partial.
    pub fn tags(&mut self, list: Vec<TagName>) {
        self.tags.complete = true;
        for TagName { id, name } in list {
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
                match error.meaning() {
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
        if in_scope {
            self.scope_departments.extend(&content.departments);
        }
        if let Some(fact) = self.tags.facts.get_mut(&id) {
            let known = fact.content.get_or_insert_with(TagMembers::default);
            known.users.extend(content.userids.iter().map(|userid| key(userid)));
            known.departments.extend(content.departments);
        }
        content.userids
    }
}
