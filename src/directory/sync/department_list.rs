//! The list of one department, as it comes: read, or held back while everything is as it was before.

use super::fetch::{Fetch, Sees};
use crate::wecom::{Listed, WeComError};

impl Fetch<'_> {
    /// Adds the list of one department, or holds it back while everything is as it was before; true when no further department is to be
    /// asked for.
    pub(super) async fn department_list(
        &mut self,
        id: i64,
        answer: std::result::Result<Listed, WeComError>,
        sees: Sees,
    ) -> bool {
        let as_before = self.wecom.record().is_some_and(|record| !record.has_differed());
        let answer = match answer {
            Ok(Listed::Unread(list)) if as_before => {
                self.held_back.add(id, list);
                self.tally.done();
                return false;
            }
            Ok(Listed::Unread(list)) => list.read(),
            Ok(Listed::Read(page)) => Ok(page),
            Err(error) => Err(error),
        };
        self.department_members(id, answer, sees).await
    }
}
