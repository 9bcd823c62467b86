//! Tags in the snapshot builder: two secrets may see different halves of a tag, so their contents are united.

use super::{
    snapshot::{TagFact, TagMembers, key},
    snapshot_builder::SnapshotBuilder,
};

use crate::wecom::{
    WeComError,
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
            // Deleted since it was listed: nobody is visible through it.
            Err(error) if error.errcode == Some(40068) => return Vec::new(),
            // Not visible to this secret: what we hold of it stays.
            Err(error) if !in_scope && matches!(error.errcode, Some(60011 | 81011)) => return Vec::new(),
            Err(error) if in_scope => {
                self.require::<()>(Err(error));
                return Vec::new();
            }
            Err(error) => {
                self.record_refusal(error);
                return Vec::new();
            }
        };
        if let Some(fact) = self.tags.facts.get_mut(&id) {
            let known = fact.content.get_or_insert_with(TagMembers::default);
            known.users.extend(content.userids.iter().map(|userid| key(userid)));
            known.departments.extend(content.departments);
        }
        content.userids
    }
}
