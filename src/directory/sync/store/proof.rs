//! The proof that a run would find nothing to do: the row in `sync_proof`, and the notes of changes that take it away.
//!
//! Triggers note each transaction that changes what a plan reads (`sync_input_change`). Whoever takes notes away takes all proofs away with them,
//! in one transaction. A run leaves its row before it reads, and completes it when it has found nothing to do. So whoever committed before
//! the row was left was read, and whoever commits after it leaves a note, which is found before the proof is used, or by somebody who took
//! the row away.

use std::collections::HashSet;

use entity::{sync_input_change, sync_proof, sync_row};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde_json::Value;
use uuid::Uuid;

use super::{Stored, fence, runs, settled};
use crate::{
    directory::sync::{
        counts::Counts,
        run_context::{BATCH, Job},
    },
    kernel::failure::Result,
    store::{AnyRow, Database},
    wecom::Digest,
};

/// What a run found out that had nothing to do.
pub struct Proof {
    /// The run.
    pub run_id: Uuid,
    /// What WeCom replied to it.
    pub replies: HashSet<Digest>,
    /// What it counted.
    pub counts: Counts,
    /// Its findings, as in its row.
    pub findings: Value,
}

/// Whether there is a note of a change.
pub fn any_note() -> AnyRow {
    AnyRow::of(sync_input_change::Entity::find())
}

/// Takes the notes of changes away, and with them all proofs.
pub async fn sweep(db: &Database) -> Result<()> {
    if sync_input_change::Entity::find().one(db.reader()).await?.is_none() {
        return Ok(());
    }
    let tx = db.begin().await?;
    sweep_in(&tx).await?;
    settled::sweep_in(&tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes all notes and all proofs away, and who is known to be settled.
pub async fn forget(db: &Database) -> Result<()> {
    let tx = db.begin().await?;
    sync_input_change::Entity::delete_many().exec(&tx).await?;
    sync_proof::Entity::delete_many().exec(&tx).await?;
    settled::forget_in(&tx).await?;
    tx.commit().await?;
    Ok(())
}

async fn sweep_in<C: ConnectionTrait>(tx: &C) -> Stored<()> {
    let notes = sync_input_change::Entity::delete_many().exec(tx).await?;
    if notes.rows_affected > 0 {
        sync_proof::Entity::delete_many().exec(tx).await?;
    }
    Ok(())
}

/// Finds the proof of a data source that is planned by these rules, as far as it stands now.
pub async fn find(db: &Database, data_source_id: Uuid, rules: &Digest) -> Result<Option<Proof>> {
    sweep(db).await?;
    let row = sync_proof::Entity::find_by_id(data_source_id).one(db.reader()).await?;
    let Some(row) = row.filter(|row| row.settings.as_deref() == Some(rules)) else {
        return Ok(None);
    };
    let result = runs::result_of(db, row.run_id).await?;
    let (Some((counts, findings)), Some(replies)) = (result, row.replies) else {
        return Ok(None);
    };
    Ok(Some(Proof {
        run_id: row.run_id,
        replies: replies.as_chunks::<32>().0.iter().copied().collect(),
        counts,
        findings,
    }))
}

/// Whether this proof of a data source still stands.
pub async fn stands(db: &Database, data_source_id: Uuid, proof: &Proof) -> Result<bool> {
    sweep(db).await?;
    let row = sync_proof::Entity::find_by_id(data_source_id).one(db.reader()).await?;
    Ok(row.is_some_and(|row| row.run_id == proof.run_id && row.replies.is_some()))
}

/// Begins a proof: whatever changes from here on takes it away. To be called before anything is read that is planned with.
pub async fn begin(job: &Job<'_>) -> Result<()> {
    let Some(run) = job.run else { return Ok(()) };
    let tx = fence::begin(job).await?;
    sweep_in(&tx).await?;
    let row = sync_proof::Model {
        data_source_id: job.data_source_id,
        run_id: run.run_id,
        settings: None,
        replies: None,
    };
    let columns = [
        sync_proof::Column::RunId,
        sync_proof::Column::Settings,
        sync_proof::Column::Replies,
    ];
    let another = OnConflict::column(sync_proof::Column::DataSourceId)
        .update_columns(columns)
        .to_owned();
    sync_proof::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(another)
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Completes the proof that this run began, unless it was taken away.
pub async fn complete(job: &Job<'_>, rules: &Digest, replies: &[Digest]) -> Result<()> {
    let Some(run) = job.run else { return Ok(()) };
    let tx = fence::begin(job).await?;
    sync_proof::Entity::update_many()
        .col_expr(sync_proof::Column::Settings, Expr::value(rules.to_vec()))
        .col_expr(sync_proof::Column::Replies, Expr::value(replies.concat()))
        .filter(sync_proof::Column::DataSourceId.eq(job.data_source_id))
        .filter(sync_proof::Column::RunId.eq(run.run_id))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Has a proof be this run's from now on: the run it was before may be forgotten.
pub async fn hand_on(job: &Job<'_>, proof: &Proof) -> Result<()> {
    let Some(run) = job.run else { return Ok(()) };
    let tx = fence::begin(job).await?;
    sync_proof::Entity::update_many()
        .col_expr(sync_proof::Column::RunId, Expr::value(run.run_id))
        .filter(sync_proof::Column::DataSourceId.eq(job.data_source_id))
        .filter(sync_proof::Column::RunId.eq(proof.run_id))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Remarks in this run what the run of the proof remarked.
pub async fn repeat_remarks(job: &Job<'_>, proof: &Proof) -> Result<()> {
    let Some(run) = job.run else { return Ok(()) };
    let rows = sync_row::Entity::find()
        .filter(sync_row::Column::RunId.eq(proof.run_id))
        .filter(sync_row::Column::Batch.eq(0))
        .all(job.db.reader())
        .await?;
    for rows in rows.chunks(BATCH) {
        let tx = fence::begin(job).await?;
        let again = rows.iter().map(|row| sync_row::ActiveModel {
            id: Set(job.id()),
            run_id: Set(run.run_id),
            ..row.clone().into_active_model().reset_all()
        });
        sync_row::Entity::insert_many(again).exec_without_returning(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use entity::{member, sync_member_change, users};
    use sea_orm::{ColumnTrait, ConnectionTrait, EntityName, EntityTrait, Iden, PaginatorTrait, sea_query::ColumnType};

    use super::{super::rows, sync_input_change};
    use crate::directory::sync::tests::fixture::{Fixture, corp, person};

    /// A value that no row has, as SQL.
    fn another(kind: &ColumnType) -> &'static str {
        match kind {
            ColumnType::Uuid => "x'00000000000000000000000000000001'",
            ColumnType::Boolean => "1",
            ColumnType::Integer | ColumnType::BigInteger => "77",
            ColumnType::Json => "'{\"other\":1}'",
            _ => "'other'",
        }
    }

    /// Whether a change of this column of all rows is noted, and of whom. It is rolled back.
    async fn is_noted(fixture: &Fixture, table: &str, column: &str, value: &str) -> bool {
        let tx = fixture.runs.db.begin().await.unwrap();
        tx.execute_unprepared("PRAGMA defer_foreign_keys = ON").await.unwrap();
        sync_input_change::Entity::delete_many().exec(&tx).await.unwrap();
        sync_member_change::Entity::delete_many().exec(&tx).await.unwrap();
        let statement = format!("UPDATE {table} SET {column} = {value}");
        assert_eq!(tx.execute_unprepared(&statement).await.unwrap().rows_affected(), 1);
        let noted = sync_input_change::Entity::find().count(&tx).await.unwrap() > 0;
        let of_whom = sync_member_change::Entity::find().count(&tx).await.unwrap();
        assert_eq!(of_whom, u64::from(noted), "{table}.{column}");
        tx.rollback().await.unwrap();
        noted
    }

    async fn with_one_member() -> Fixture {
        let fixture = Fixture::new("overwrite").await;
        fixture.sync(corp([person("lihua", "Li")])).await;
        fixture
    }

    #[tokio::test]
    async fn every_column_that_a_plan_reads_is_watched() {
        let fixture = with_one_member().await;
        for column in rows::OF_MEMBER {
            // The version is no value of its own; of the date only whether there is one is read.
            let value = match column {
                member::Column::UpdatedAt => continue,
                member::Column::CheckedAt => "0",
                column => another(column.def().get_column_type()),
            };
            let (table, column) = (member::Entity.table_name(), column.unquoted());
            assert!(is_noted(&fixture, table, column, value).await, "{column}");
        }
        for column in rows::OF_USER {
            let value = another(column.def().get_column_type());
            let (table, column) = (users::Entity.table_name(), column.unquoted());
            assert!(is_noted(&fixture, table, column, value).await, "{column}");
        }
    }

    #[tokio::test]
    async fn what_no_plan_reads_is_not() {
        let fixture = with_one_member().await;
        for (table, column, value) in [
            ("member", "checked_at", "5"),
            ("member", "updated_at", "5"),
            ("member", "name", "name"),
            ("users", "updated_at", "5"),
            ("users", "password_hash", "'x'"),
            ("users", "access_until", "5"),
        ] {
            assert!(!is_noted(&fixture, table, column, value).await, "{table}.{column}");
        }
    }
}
