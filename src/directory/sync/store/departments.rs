//! Writes departments.

use std::collections::HashMap;

use entity::department;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};

use super::{Stored, fence, images, journal};
use crate::{
    directory::sync::{
        journal::{Entry, Image, Subject, diff},
        plan::{
            model::RowOutcome,
            structure_model::{DepartmentChange, DepartmentPlan},
        },
        run_context::{BATCH, Job},
    },
    kernel::failure::Result,
};

/// Writes new and changed departments, then deletes those that are gone.
pub async fn write(job: &Job<'_>, plan: &DepartmentPlan) -> Result<()> {
    for batch in plan.upserts.chunks(BATCH) {
        let tx = fence::begin(job).await?;
        upsert(&tx, job, batch).await?;
        tx.commit().await?;
    }
    for ids in plan.deletes.chunks(BATCH) {
        let tx = fence::begin(job).await?;
        let gone = department::Column::Id.is_in(ids.iter().copied());
        let rows = department::Entity::find().filter(gone.clone()).all(&tx).await?;
        department::Entity::delete_many().filter(gone).exec(&tx).await?;
        let entries = rows.iter().map(|row| entry(row, Some(&images::department(row)), None));
        journal::write(&tx, job, &entries.collect::<Vec<_>>()).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn upsert<C: ConnectionTrait>(tx: &C, job: &Job<'_>, batch: &[DepartmentChange]) -> Stored<()> {
    let held = department::Entity::find()
        .filter(department::Column::DataSourceId.eq(job.data_source_id))
        .filter(department::Column::WecomId.is_in(batch.iter().map(|change| change.wecom_id)))
        .all(tx)
        .await?;
    let held: HashMap<i64, department::Model> = held.into_iter().map(|row| (row.wecom_id, row)).collect();
    let rows = batch.iter().map(|change| row(job, change, held.get(&change.wecom_id)));
    let rows: Vec<department::Model> = rows.collect();
    put(tx, rows.clone()).await?;
    let entries = rows.iter().map(|row| {
        let before = held.get(&row.wecom_id).map(images::department);
        entry(row, before.as_ref(), Some(&images::department(row)))
    });
    journal::write(tx, job, &entries.collect::<Vec<_>>()).await
}

fn row(job: &Job<'_>, change: &DepartmentChange, held: Option<&department::Model>) -> department::Model {
    department::Model {
        id: held.map_or_else(|| job.id(), |held| held.id),
        data_source_id: job.data_source_id,
        wecom_id: change.wecom_id,
        parent_wecom_id: change.parent_wecom_id,
        name: change.name.clone(),
        sort_order: change.sort_order,
        path: change.path.clone(),
        updated_at: job.clock.now().millis(),
    }
}

/// Writes these rows, be they new or there.
pub(super) async fn put<C: ConnectionTrait>(tx: &C, rows: Vec<department::Model>) -> Stored<()> {
    use department::Column;
    if rows.is_empty() {
        return Ok(());
    }
    let known = OnConflict::columns([Column::DataSourceId, Column::WecomId])
        .update_columns([
            Column::ParentWecomId,
            Column::Name,
            Column::SortOrder,
            Column::Path,
            Column::UpdatedAt,
        ])
        .to_owned();
    department::Entity::insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()))
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

fn entry(row: &department::Model, before: Option<&Image>, after: Option<&Image>) -> Entry {
    Entry {
        subject: Subject::Department,
        subject_id: Some(row.id),
        user_id: None,
        userid: row.wecom_id.to_string(),
        outcome: RowOutcome::of_images(before, after),
        reason: String::new(),
        changes: diff(before, after),
    }
}
