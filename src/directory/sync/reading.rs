//! What was read of WeCom, of which some may still be as it came: lists that are, word for word, those of the run before are held back, and read
//! only if something differs after all.

use super::{
    snapshot::{AppFact, Snapshot},
    snapshot_builder::SnapshotBuilder,
};
use crate::{
    kernel::failure::Result,
    wecom::{
        UnreadMembers, WeComError,
        model::{Member, Rows},
    },
};

/// All that one fetch read.
pub struct Reading(Inner);

enum Inner {
    Done(Box<Snapshot>),
    Open {
        builder: Box<SnapshotBuilder>,
        held_back: HeldBack,
        both_secrets: bool,
    },
}

impl From<Snapshot> for Reading {
    fn from(snapshot: Snapshot) -> Self {
        Self(Inner::Done(Box::new(snapshot)))
    }
}

impl Reading {
    /// Of what was gathered, and what was held back.
    pub(super) fn of(builder: SnapshotBuilder, held_back: HeldBack, both_secrets: bool) -> Self {
        Self(Inner::Open {
            builder: Box::new(builder),
            held_back,
            both_secrets,
        })
    }

    /// The integration app, which is always read.
    pub fn app(&self) -> Option<&AppFact> {
        match &self.0 {
            Inner::Done(snapshot) => snapshot.app.as_ref(),
            Inner::Open { builder, .. } => builder.app.as_ref(),
        }
    }

    /// Reads what was held back, and judges the whole.
    ///
    /// # Errors
    /// When WeCom refused and nobody was seen.
    pub async fn finish(self) -> Result<Snapshot> {
        match self.0 {
            Inner::Done(snapshot) => Ok(*snapshot),
            Inner::Open {
                mut builder,
                mut held_back,
                both_secrets,
            } => {
                held_back.read_into(&mut builder).await;
                builder.finish(both_secrets)
            }
        }
    }
}

/// Lists held back, with their departments, in the order in which they came.
#[derive(Default)]
pub(super) struct HeldBack(Vec<(i64, UnreadMembers)>);

impl HeldBack {
    /// Holds a list back.
    pub(super) fn add(&mut self, department: i64, list: UnreadMembers) {
        self.0.push((department, list));
    }

    /// Reads all of them; the lease is renewed in between.
    pub(super) async fn read_into(&mut self, builder: &mut SnapshotBuilder) {
        for (department, list) in std::mem::take(&mut self.0) {
            builder.members_in(department, list.read());
            tokio::task::yield_now().await;
        }
    }
}

impl SnapshotBuilder {
    /// Adds the members of this department. Whoever is in the list of a department is in it, whatever the row leaves out.
    pub(super) fn members_in(&mut self, department: i64, answer: std::result::Result<Rows<Member>, WeComError>) {
        match answer {
            Ok(mut page) => {
                let unplaced = page.rows.iter_mut().filter(|member| member.departments.is_empty());
                unplaced.for_each(|member| member.departments.push(department));
                self.members(Ok(page));
            }
            Err(error) => self.members(Err(error.about(format!("department {department}")))),
        }
    }
}
