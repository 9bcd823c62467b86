//! Members of whom nothing is to be planned as long as WeCom says the same of them: what runs find out about them, kept for the next.
//!
//! As with proofs ([`super::proof`]), triggers note whom a change concerns: a member, or the user of one (`sync_member_change`). A run takes away, in
//! one transaction, all notes and whom they concern. Only then it reads. What it finds besides is kept in turn: whoever committed before was read,
//! and whoever commits later leaves a note, which the next run finds. Whoever takes notes away besides takes all that is kept along,
//! and with it the mark of a run, which keeps nothing then.

use std::collections::{HashMap, HashSet};

use entity::{
    data_source, sync_member_change,
    sync_settled::{self, Column},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use super::{Stored, fence};
use crate::{
    directory::sync::{
        mirror::Settled,
        run_context::{BATCH, Job},
        snapshot::{Person, PersonDigest},
    },
    kernel::failure::Result,
    wecom::Digest,
};

/// Members in one row.
const PART: usize = 5000;
/// So many rows of one data source may be filled in part, as each run may add one; with more, all are written anew.
const MOST_PARTLY_FILLED: usize = 64;
/// Bytes of a member's id, and of what is said.
const HALF: usize = 16;
/// Bytes of both.
const PAIR: usize = 2 * HALF;
/// Notes of one data source that are kept for its next run at most. More gather only where none has come that far for long: then it reads everybody.
const MOST_NOTES: i64 = 200_000;

/// Those who are known, by what WeCom says.
#[derive(Debug, Default)]
pub struct Known(HashMap<PersonDigest, Uuid>);

impl Known {
    /// Whether it is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The member of whom this is said.
    pub fn find(&self, person: &Person) -> Option<Settled> {
        let said = person.digest();
        let member = *self.0.get(&said)?;
        Some(Settled {
            member,
            said,
            kept: true,
        })
    }

    /// Forgets these members.
    pub fn forget(&mut self, members: &[Uuid]) {
        let members: HashSet<&Uuid> = members.iter().collect();
        self.0.retain(|_, member| !members.contains(member));
    }

    fn add(&mut self, part: &[u8]) {
        let (halves, _) = part.as_chunks::<HALF>();
        for pair in halves.chunks_exact(2) {
            if let [member, said] = pair {
                self.0.insert(*said, Uuid::from_bytes(*member));
            }
        }
    }
}

/// Marks what is kept from here on as this run's, takes away whom a note concerns, and returns who is left by these rules. To be called before anything
/// is read that is planned with.
pub async fn take(job: &Job<'_>, rules: &Digest) -> Result<Known> {
    let tx = fence::begin(job).await?;
    let noted = take_notes(&tx, job.data_source_id).await?;
    let kept = sync_settled::Entity::find()
        .filter(of_source(job.data_source_id))
        .all(&tx)
        .await?;
    let (mut known, mut over, mut joined) = (Known::default(), Vec::new(), Vec::new());
    let members: usize = kept.iter().map(|part| part.members.len() / PAIR).sum();
    let joins = kept.len() > MOST_PARTLY_FILLED + members / PART;
    for part in kept {
        let holds = part.rules == rules;
        let members = if holds {
            without(&part.members, &noted)
        } else {
            Vec::new()
        };
        known.add(&members);
        if members.is_empty() || joins {
            over.push(part.id);
            joined.extend(members);
        } else if members.len() < part.members.len() {
            sync_settled::Entity::update_many()
                .col_expr(Column::Members, Expr::value(members))
                .filter(Column::Id.eq(part.id))
                .exec(&tx)
                .await?;
        }
    }
    for ids in over.chunks(BATCH) {
        let over = Column::Id.is_in(ids.iter().copied());
        sync_settled::Entity::delete_many().filter(over).exec(&tx).await?;
    }
    for part in joined.chunks(PART * PAIR) {
        insert(&tx, job, (rules, part)).await?;
    }
    // The mark. As long as there is a row, notes stay.
    insert(&tx, job, (rules, &[])).await?;
    tx.commit().await?;
    Ok(known)
}

/// Keeps those of these members for the next run who are not kept yet, some thousand at a time: each row holds by itself. Nothing is kept where the
/// mark of this run is gone: changes since may have been forgotten.
pub async fn keep(job: &Job<'_>, rules: &Digest, settled: &[Settled]) -> Result<()> {
    let new: Vec<&Settled> = settled.iter().filter(|settled| !settled.kept).collect();
    for part in new.chunks(PART) {
        let tx = fence::begin(job).await?;
        let mark = sync_settled::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(of_source(job.data_source_id).and(Column::Fence.eq(mark_of(job))))
            .lock_exclusive()
            .into_tuple::<Uuid>()
            .all(&tx)
            .await?;
        if mark.is_empty() {
            return Ok(tx.rollback().await?);
        }
        let pairs = part
            .iter()
            .flat_map(|settled| [settled.member.into_bytes(), settled.said]);
        let pairs: Vec<u8> = pairs.flatten().collect();
        insert(&tx, job, (rules, &pairs)).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn of_source(id: Uuid) -> SimpleExpr {
    Column::DataSourceId.eq(id)
}

/// The token of the run, another one each time it is executed; nil outside of one.
fn mark_of(job: &Job<'_>) -> Uuid {
    job.run.map_or(Uuid::nil(), |run| run.fence)
}

/// A part without these members.
fn without(part: &[u8], members: &HashSet<Uuid>) -> Vec<u8> {
    let (pairs, _) = part.as_chunks::<PAIR>();
    let member = |pair: &&[u8; PAIR]| {
        pair.first_chunk()
            .is_some_and(|id| !members.contains(&Uuid::from_bytes(*id)))
    };
    pairs.iter().filter(member).flatten().copied().collect()
}

async fn insert<C: ConnectionTrait>(tx: &C, job: &Job<'_>, (rules, pairs): (&Digest, &[u8])) -> Stored<()> {
    let row = sync_settled::ActiveModel {
        id: Set(job.id()),
        data_source_id: Set(job.data_source_id),
        fence: Set(mark_of(job)),
        rules: Set(rules.to_vec()),
        members: Set(pairs.to_vec()),
    };
    sync_settled::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Deletes the notes of changes of a data source, and returns whom they concern.
async fn take_notes<C: ConnectionTrait>(tx: &C, data_source_id: Uuid) -> Stored<HashSet<Uuid>> {
    let delete = Query::delete()
        .from_table(sync_member_change::Entity)
        .and_where(sync_member_change::Column::DataSourceId.eq(data_source_id))
        .returning_col(sync_member_change::Column::MemberId)
        .to_owned();
    let rows = tx.query_all(&delete).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Sweeps away what nobody will look for: what is kept for data sources that are not synced, or whose notes are too many by now, and the notes of all for
/// which nothing is kept.
pub(super) async fn sweep_in<C: ConnectionTrait>(tx: &C) -> Stored<()> {
    let disabled = data_source::Entity::find()
        .select_only()
        .column(data_source::Column::Id)
        .filter(data_source::Column::Enabled.eq(false))
        .into_query();
    let too_many = sync_member_change::Entity::find()
        .select_only()
        .column(sync_member_change::Column::DataSourceId)
        .group_by(sync_member_change::Column::DataSourceId)
        .having(sync_member_change::Column::MemberId.count().gt(MOST_NOTES))
        .into_query();
    let over = Column::DataSourceId
        .in_subquery(disabled)
        .or(Column::DataSourceId.in_subquery(too_many));
    sync_settled::Entity::delete_many().filter(over).exec(tx).await?;
    let kept = sync_settled::Entity::find()
        .select_only()
        .column(Column::DataSourceId)
        .into_query();
    sync_member_change::Entity::delete_many()
        .filter(sync_member_change::Column::DataSourceId.not_in_subquery(kept))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets everything. The notes first: a run that marks its beginning after that has read what they told. And what is kept twice: who was keeping
/// something when the first statement came to its mark has kept it by the second, which sees it.
pub(super) async fn forget_in<C: ConnectionTrait>(tx: &C) -> Stored<()> {
    sync_member_change::Entity::delete_many().exec(tx).await?;
    for _ in 0..2 {
        sync_settled::Entity::delete_many().exec(tx).await?;
    }
    Ok(())
}
