//! Lists the members who are not imported because they duplicate somebody, each with the users they may duplicate.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    plan::{self, duplicate_rule::Candidate},
    service::Sync,
    store::{part, sources},
};
use crate::{
    directory::{
        importing::{
            model::{CandidateView, ConflictFilter, ConflictView, Stage},
            store::{self, ConflictRow},
        },
        record_problem,
    },
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
};

impl Sync {
    /// Lists conflicts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn conflicts(&self, filter: &ConflictFilter, page: &SortedPage) -> Result<SortedListing<ConflictView>> {
        let listing = store::conflicts(&self.runs.db, filter, page).await?;
        let mut of_source: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for row in listing.items.iter().filter(|row| row.user_id.is_none()) {
            of_source.entry(row.data_source_id).or_default().push(row.id);
        }
        let mut candidates: HashMap<Uuid, Vec<Candidate>> = HashMap::new();
        for (source, members) in of_source {
            let Some(source) = sources::find(&self.runs.db, source).await? else {
                continue;
            };
            let undecided = members.into_iter().map(|id| (id, None)).collect();
            let mirror = part::load(self.runs.db.reader(), &source, undecided).await?;
            candidates.extend(plan::candidates(&mirror, &part::as_held(&mirror), source.rule));
        }
        Ok(listing.map(|row| {
            let candidates = candidates.remove(&row.id).unwrap_or_default();
            view(row, candidates)
        }))
    }
}

fn view(row: ConflictRow, candidates: Vec<Candidate>) -> ConflictView {
    let (decided_by, decided_at) = row.decided.unzip();
    let candidates = candidates.into_iter().map(|candidate| CandidateView {
        id: candidate.id,
        username: candidate.username,
        matched: candidate.matched,
        protected: candidate.protected.map(|why| why.en),
        protected_zh: candidate.protected.map(|why| why.zh),
    });
    let open = row.stage == Stage::Open;
    ConflictView {
        problem: open
            .then(|| record_problem::of_member("conflict", row.why.as_deref(), false))
            .flatten(),
        id: row.id,
        data_source_id: row.data_source_id,
        userid: row.userid,
        name: row.name,
        why: row.why,
        decision: row.stage.word(),
        decided_by,
        decided_at,
        user_id: row.user_id,
        candidates: candidates.collect(),
        allowed: row.stage.decisions(),
    }
}
