//! Takes back what a run wrote, one of its transactions at a time, the last first: each row whose columns still stand as the run left them
//! gets its former values back, and each other one is refused with a sentence.

mod people;
mod removal;
mod row;
mod structure;

use entity::sync_row;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

pub use self::row::Target;
use self::row::{Undoing, Verdict};
use super::{Stored, fence, journal};
use crate::{
    directory::sync::{
        journal::{Changes, Entry, Subject},
        plan::model::RowOutcome,
        run_context::{BATCH, Job},
    },
    kernel::failure::Result,
    store::Database,
};

const UNDONE: &str = "undone";

/// How many rows were taken back, and how many refused.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    /// Taken back.
    pub undone: usize,
    /// Left alone, because something changed since.
    pub refused: usize,
}

fn left(run: Uuid) -> Condition {
    let column = sync_row::Column::Undone;
    Condition::all()
        .add(sync_row::Column::RunId.eq(run))
        .add(sync_row::Column::Batch.gt(0))
        .add(Condition::any().add(column.is_null()).add(column.ne(UNDONE)))
}

/// How many rows of a run may still be taken back, those that were refused before included.
pub async fn count(db: &Database, run: Uuid) -> Result<usize> {
    let rows = sync_row::Entity::find().filter(left(run)).count(db.reader()).await?;
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}

/// The transactions of a run that hold such rows, the last first.
pub async fn batches(db: &Database, run: Uuid) -> Result<Vec<i32>> {
    let batches: Vec<i32> = sync_row::Entity::find()
        .select_only()
        .column(sync_row::Column::Batch)
        .distinct()
        .filter(left(run))
        .order_by_desc(sync_row::Column::Batch)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(batches)
}

/// Takes back one transaction of a run, in one transaction.
///
/// # Errors
/// `SY-109` when another run has taken over, and when the database does not answer.
pub async fn take_back(job: &Job<'_>, target: Target, batch: i32) -> Result<Tally> {
    let tx = fence::begin(job).await?;
    let tally = take_back_in(&tx, job, target, batch).await?;
    tx.commit().await?;
    Ok(tally)
}

async fn take_back_in<C: ConnectionTrait>(tx: &C, job: &Job<'_>, target: Target, batch: i32) -> Stored<Tally> {
    let rows = sync_row::Entity::find()
        .filter(left(target.run_id))
        .filter(sync_row::Column::Batch.eq(batch))
        .order_by_asc(sync_row::Column::Id)
        .all(tx)
        .await?;
    let rows: Vec<Undoing> = rows.into_iter().map(Undoing::of).collect::<Stored<_>>()?;
    let (people, structure): (Vec<Undoing>, Vec<Undoing>) = rows
        .into_iter()
        .partition(|row| matches!(row.subject, Subject::Member | Subject::User));
    let mut told = people::take_back(tx, job, target, people).await?;
    for row in structure {
        let verdict = structure::take_back(tx, job, &row).await?;
        told.push((row, verdict));
    }
    let mut tally = Tally::default();
    for (_, verdict) in &told {
        match verdict {
            Ok(_) => tally.undone += 1,
            Err(_) => tally.refused += 1,
        }
    }
    mark(tx, &told).await?;
    let entries: Vec<Entry> = told.iter().map(|(row, verdict)| entry(row, verdict)).collect();
    journal::write(tx, job, &entries).await?;
    Ok(tally)
}

async fn mark<C: ConnectionTrait>(tx: &C, told: &[(Undoing, Verdict)]) -> Stored<()> {
    let undone: Vec<Uuid> = told
        .iter()
        .filter(|told| told.1.is_ok())
        .map(|told| told.0.id)
        .collect();
    for ids in undone.chunks(BATCH) {
        sync_row::Entity::update_many()
            .col_expr(sync_row::Column::Undone, Expr::value(UNDONE))
            .filter(sync_row::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    for (row, verdict) in told {
        let Err(why) = verdict else { continue };
        sync_row::Entity::update_many()
            .col_expr(sync_row::Column::Undone, Expr::value(format!("refused: {why}")))
            .filter(sync_row::Column::Id.eq(row.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

fn entry(row: &Undoing, verdict: &Verdict) -> Entry {
    let outcome = match verdict {
        Ok(_) if row.new_member => RowOutcome::Removed,
        Ok(_) => RowOutcome::Restored,
        Err(_) => RowOutcome::Refused,
    };
    let changes = row
        .changes
        .iter()
        .map(|(name, change)| (name.clone(), change.reversed()));
    Entry {
        subject: row.subject,
        subject_id: row.subject_id,
        user_id: row.user_id,
        userid: row.userid.clone(),
        outcome,
        reason: match verdict {
            Ok(why) => (*why).to_owned(),
            Err(why) => why.clone(),
        },
        changes: match verdict {
            Ok(_) => changes.collect(),
            Err(_) => Changes::new(),
        },
    }
}
