//! Changed userids that WeCom told of and that are not settled: those that were left to a sync, and those that are still being looked at.

use std::{collections::HashMap, time::Duration};

use entity::{
    member,
    pending_look::{Column, Entity},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
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
        wecom_events::pending_look::{CATCHING_UP, RENAMED, concerns},
    },
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

fn of(data_source_id: Uuid) -> Condition {
    Condition::all()
        .add(Column::DataSourceId.eq(data_source_id))
        .add(Column::Kind.eq(RENAMED))
}

/// Whether there is any.
pub async fn is_any(db: &Database, data_source_id: Uuid) -> Result<bool> {
    let found = Entity::find().filter(of(data_source_id)).one(db.reader()).await?;
    Ok(found.is_some())
}

/// Lists them, but for those about a userid that somebody has who came after that.
pub async fn list(db: &Database, data_source_id: Uuid) -> Result<Vec<ToldRename>> {
    let rows = Entity::find().filter(of(data_source_id)).all(db.reader()).await?;
    let mut told: Vec<ToldRename> = rows
        .into_iter()
        .filter_map(|row| {
            Some(ToldRename {
                new: key(&row.new_userid?),
                old: row.userid_key,
                happened_at: Timestamp::from_millis(row.happened_at.unwrap_or(row.told_at)),
                told_at: Timestamp::from_millis(row.told_at),
            })
        })
        .collect();
    let mut since = HashMap::new();
    for part in told.chunks(BATCH) {
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
    told.retain(|told| {
        let made = since.get(&told.old).copied().map(Timestamp::from_millis);
        told.old != told.new && made.is_none_or(|made| concerns(told.happened_at, made))
    });
    Ok(told)
}

/// Settles those that these changes carry out, inside the transaction that writes them.
pub(super) async fn settle<C: ConnectionTrait>(tx: &C, job: &Job<'_>, batch: &[&MemberChange]) -> Stored<()> {
    let renamed = || {
        batch
            .iter()
            .filter_map(|change| Some((change.renamed_from.as_deref()?, &change.key)))
    };
    if renamed().next().is_none() {
        return Ok(());
    }
    let new: SimpleExpr = Func::lower(Expr::col(Column::NewUserid)).into();
    let carried_out = Condition::any()
        .add(Column::UseridKey.is_in(renamed().map(|(before, _)| key(before))))
        .add(new.is_in(renamed().map(|(_, now)| now.as_str())));
    Entity::delete_many()
        .filter(of(job.data_source_id))
        .filter(carried_out)
        .exec(tx)
        .await
        .map(drop)
}

/// How long they are kept while no run reads all that there is to read: whoever gets one of the userids later is not meant.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Forgets those that were left to a sync and that WeCom has had time to show: this run, which read all that is ever shown, has weighed them. Where
/// it did not, a day is enough.
pub async fn forget_weighed(job: &Job<'_>, all_was_read: bool) -> Result<()> {
    if !is_any(job.db, job.data_source_id).await? {
        return Ok(());
    }
    let kept = if all_was_read { CATCHING_UP } else { LONGEST };
    let by = job.fetched_at.minus(kept).millis();
    let tx = fence::begin(job).await?;
    Entity::delete_many()
        .filter(of(job.data_source_id))
        .filter(Column::LeftAt.lte(job.fetched_at.millis()))
        .filter(Column::ToldAt.lte(by))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
