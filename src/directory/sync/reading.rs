//! What was read of WeCom, of which some may still be as it came: lists that are, word for word, those of the run before are held back, and read
//! only if something differs after all.

use tokio::sync::OwnedSemaphorePermit;

use super::{
    short_way::Room,
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
pub(super) struct HeldBack {
    room: Room,
    lists: Vec<(i64, UnreadMembers, OwnedSemaphorePermit)>,
}

impl HeldBack {
    /// Nothing yet; what comes takes this room.
    pub(super) const fn within(room: Room) -> Self {
        Self {
            room,
            lists: Vec::new(),
        }
    }

    /// Holds a list back.
    ///
    /// # Errors
    /// The list, where there is no room left for it.
    pub(super) fn add(&mut self, department: i64, list: UnreadMembers) -> std::result::Result<(), UnreadMembers> {
        let Some(place) = self.room.take(list.bytes()) else {
            return Err(list);
        };
        self.lists.push((department, list, place));
        Ok(())
    }

    /// Reads all of them; the lease is renewed in between.
    pub(super) async fn read_into(&mut self, builder: &mut SnapshotBuilder) {
        for (department, list, place) in std::mem::take(&mut self.lists) {
            builder.members_in(department, list.read());
            drop((list, place));
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
