//! Changed userids that WeCom told of and that are not settled: those that were left to a sync, and those that are still being looked at. What was carried out,
//! or weighed for the last time, is set aside: an undo has it stand again, and what is told later, and happened before, is not about who came since.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use entity::{
    member,
    pending_look::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{Stored, fence};
use crate::{
    directory::{
        sync::{
            mirror::ToldRename,
            plan::model::MemberChange,
            run_context::{BATCH, Job},
            snapshot::key,
        },
        wecom_events::pending_look::{CARRIED_OUT, CATCHING_UP, RENAMED, WEIGHED, concerns},
    },
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// How long they are kept while no run reads all that there is to read: whoever gets one of the userids later is not meant. So long is known as well who
/// was given a userid.
const LONGEST: Duration = Duration::from_secs(86_400);
/// Longer than a run can be taken back.
const WHILE_UNDONE: Duration = Duration::from_secs(90 * 86_400);

fn of(data_source_id: Uuid, words: &[&str]) -> Condition {
    let any = words
        .iter()
        .fold(Condition::any(), |any, word| any.add(Column::Kind.starts_with(*word)));
    Condition::all().add(Column::DataSourceId.eq(data_source_id)).add(any)
}

/// This row and no other.
fn same(row: &Model) -> Condition {
    Condition::all()
        .add(Column::DataSourceId.eq(row.data_source_id))
        .add(Column::UseridKey.eq(row.userid_key.as_str()))
        .add(Column::Kind.eq(row.kind.as_str()))
}

fn told(row: &Model) -> Option<ToldRename> {
    Some(ToldRename {
        new: key(row.new_userid.as_deref()?),
        old: row.userid_key.clone(),
        happened_at: Timestamp::from_millis(row.happened_at.unwrap_or(row.told_at)),
        told_at: Timestamp::from_millis(row.told_at),
        awaited: false,
        carried_out: row.kind.starts_with(CARRIED_OUT),
    })
}

/// Whether there is any.
pub async fn is_any(db: &Database, data_source_id: Uuid) -> Result<bool> {
    let found = Entity::find()
        .filter(of(data_source_id, &[RENAMED]))
        .one(db.reader())
        .await?;
    Ok(found.is_some())
}

/// Whether another one than `except`, an old key and a new one, is about one of these keys.
pub async fn touches(db: &Database, data_source_id: Uuid, keys: &[&str], except: Option<(&str, &str)>) -> Result<bool> {
    let rows = Entity::find()
        .filter(of(data_source_id, &[RENAMED]))
        .all(db.reader())
        .await?;
    let others = rows.iter().filter_map(told);
    let mut others = others.filter(|told| except != Some((told.old.as_str(), told.new.as_str())));
    Ok(others.any(|told| keys.contains(&told.old.as_str()) || keys.contains(&told.new.as_str())))
}

/// Lists them as a reading begun at this moment may weigh them; those about a userid that somebody has who came after that, as of nobody's; and, where there
/// is any, what was carried out of late.
pub async fn list(db: &Database, data_source_id: Uuid, at: Timestamp) -> Result<Vec<ToldRename>> {
    let of_late = Condition::any()
        .add(Column::Kind.starts_with(RENAMED))
        .add(Column::ToldAt.gt(at.minus(LONGEST).millis()));
    let rows = Entity::find()
        .filter(of(data_source_id, &[RENAMED, CARRIED_OUT]))
        .filter(of_late)
        .all(db.reader())
        .await?;
    let mut listed: Vec<ToldRename> = rows.iter().filter_map(told).collect();
    if listed.iter().all(|told| told.carried_out) {
        return Ok(Vec::new());
    }
    let mut since = HashMap::new();
    for part in listed.chunks(BATCH) {
        let rows: Vec<(String, i64)> = member::Entity::find()
            .select_only()
            .columns([member::Column::UseridKey, member::Column::CreatedAt])
            .filter(member::Column::DataSourceId.eq(data_source_id))
            .filter(member::Column::UseridKey.is_in(part.iter().map(|told| told.old.as_str())))
            .into_tuple()
            .all(db.reader())
            .await?;
        since.extend(rows);
    }
    listed.retain(|told| told.old != told.new);
    for told in listed.iter_mut().filter(|told| !told.carried_out) {
        let made = since.get(&told.old).copied().map(Timestamp::from_millis);
        if made.is_some_and(|made| !concerns(told.happened_at, made)) {
            // Nobody has this key, so it is about somebody who is not known to have had it.
            told.old.push('#');
        }
    }
    Ok(awaited(listed, at))
}

/// Says of which more may be told: of those that are recent, and of all that have to do with one of these.
fn awaited(mut listed: Vec<ToldRename>, at: Timestamp) -> Vec<ToldRename> {
    let mut keys = HashSet::new();
    loop {
        let before = keys.len();
        for told in listed.iter_mut().filter(|told| !told.awaited && !told.carried_out) {
            let is_recent = told.told_at.plus(CATCHING_UP) > at;
            if is_recent || keys.contains(&told.old) || keys.contains(&told.new) {
                told.awaited = true;
                keys.extend([told.old.clone(), told.new.clone()]);
            }
        }
        if keys.len() == before {
            return listed;
        }
    }
}

/// Settles those that these changes carry out, inside the transaction that writes them.
pub(super) async fn settle<C: ConnectionTrait>(tx: &C, job: &Job<'_>, batch: &[&MemberChange]) -> Stored<()> {
    let renamed = || {
        batch
            .iter()
            .filter_map(|change| Some((key(change.renamed_from.as_deref()?), change.key.as_str())))
    };
    if renamed().next().is_none() {
        return Ok(());
    }
    let rows = Entity::find()
        .filter(of(job.data_source_id, &[RENAMED]))
        .all(tx)
        .await?;
    let mut carried_out = Vec::new();
    for (before, now) in renamed() {
        carried_out.extend(way(&rows, &before, now));
    }
    set_aside(tx, (job, CARRIED_OUT), carried_out).await
}

/// The steps by which somebody came from one key to another.
fn way<'a>(rows: &'a [Model], from: &str, to: &str) -> Vec<&'a Model> {
    let steps: Vec<(&Model, ToldRename)> = rows.iter().filter_map(|row| Some((row, told(row)?))).collect();
    let (mut at, mut taken) = (from, Vec::new());
    let mut last: Option<Timestamp> = None;
    loop {
        let open = steps
            .iter()
            .filter(|(_, step)| step.old == at && last.is_none_or(|last| step.happened_at >= last))
            .filter(|(row, _)| !taken.iter().any(|(known, _): &(&Model, &str)| known == row));
        let Some((row, step)) = open.min_by_key(|(_, step)| step.happened_at) else {
            break;
        };
        taken.push((*row, step.new.as_str()));
        (at, last) = (step.new.as_str(), Some(step.happened_at));
    }
    // Whoever has it may have had it before.
    while taken.pop_if(|(_, new)| *new != to).is_some() {}
    if taken.is_empty() {
        let straight = steps.iter().filter(|(_, step)| step.old == from && step.new == to);
        return straight.map(|(row, _)| *row).collect();
    }
    taken.into_iter().map(|(row, _)| row).collect()
}

/// Sets some aside, as what this job did with them.
async fn set_aside<C: ConnectionTrait>(tx: &C, (job, word): (&Job<'_>, &str), rows: Vec<&Model>) -> Stored<()> {
    for row in rows {
        let by = job.run_id().unwrap_or_default();
        rename(tx, row, &format!("{word}{by}/{}", row.kind), job.clock.now()).await?;
    }
    Ok(())
}

/// Gives a row another word; one that has it already is about the same.
async fn rename<C: ConnectionTrait>(tx: &C, row: &Model, word: &str, now: Timestamp) -> Stored<()> {
    let kind = word.to_owned();
    Entity::delete_many()
        .filter(same(&Model { kind, ..row.clone() }))
        .exec(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::Kind, Expr::value(word))
        .col_expr(Column::NextAt, Expr::value(i64::MAX))
        .col_expr(Column::LeftAt, Expr::value(now.millis()))
        .filter(same(row))
        .exec(tx)
        .await
        .map(drop)
}

/// Has what a run carried out, or weighed, stand again.
///
/// # Errors
/// `SY-109` when another run has taken over, and when the database does not answer.
pub async fn stand_again(job: &Job<'_>, run: Uuid) -> Result<()> {
    let words = [CARRIED_OUT, WEIGHED].map(|word| format!("{word}{run}/"));
    let ours = of(job.data_source_id, &words.each_ref().map(String::as_str));
    let rows = Entity::find().filter(ours).all(job.db.reader()).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let tx = fence::begin(job).await?;
    for row in &rows {
        if let Some((_, word)) = row.kind.split_once('/') {
            rename(&tx, row, word, job.clock.now()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Has those looked at again once no more is awaited of them, so that a sync follows: somebody waits for that.
pub async fn look_again(job: &Job<'_>) -> Result<()> {
    let waited = i64::try_from(CATCHING_UP.as_millis()).unwrap_or(i64::MAX);
    let tx = fence::begin(job).await?;
    Entity::update_many()
        .col_expr(Column::NextAt, Expr::col(Column::ToldAt).add(waited))
        .filter(of(job.data_source_id, &[RENAMED]))
        .filter(Column::LeftAt.is_not_null())
        .filter(Column::ToldAt.gt(job.fetched_at.minus(CATCHING_UP).millis()))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets those that were left to a sync and that WeCom has had time to show, with all that belongs to them: this run, which read all that is ever shown, has
/// weighed them. Where it did not, a day is enough.
pub async fn forget_weighed(job: &Job<'_>, all_was_read: bool) -> Result<()> {
    let all = of(job.data_source_id, &[RENAMED, CARRIED_OUT, WEIGHED]);
    let rows = Entity::find().filter(all).all(job.db.reader()).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let since = |length| job.fetched_at.minus(length).millis();
    let listed = awaited(
        rows.iter()
            .filter(|row| row.kind.starts_with(RENAMED))
            .filter_map(told)
            .collect(),
        job.fetched_at,
    );
    let open: HashSet<(&str, &str)> = listed
        .iter()
        .filter(|told| told.awaited)
        .map(|told| (told.old.as_str(), told.new.as_str()))
        .collect();
    let is_open = |row: &Model| told(row).is_some_and(|told| open.contains(&(told.old.as_str(), told.new.as_str())));
    let (mut weighed, mut over) = (Vec::new(), Vec::new());
    for row in &rows {
        let left_at = row.left_at.filter(|left_at| *left_at <= job.fetched_at.millis());
        let by_look = row.kind.contains(&Uuid::nil().to_string());
        match (row.kind.starts_with(RENAMED), left_at) {
            (true, Some(left_at)) if left_at <= since(LONGEST) || all_was_read && !is_open(row) => weighed.push(row),
            (false, Some(left_at)) if left_at <= since(if by_look { LONGEST } else { WHILE_UNDONE }) => over.push(row),
            _ => {}
        }
    }
    if weighed.is_empty() && over.is_empty() {
        return Ok(());
    }
    let tx = fence::begin(job).await?;
    set_aside(&tx, (job, WEIGHED), weighed).await?;
    for row in over {
        Entity::delete_many().filter(same(row)).exec(&tx).await?;
    }
    tx.commit().await?;
    Ok(())
}
