//! Writes departments.

use entity::department;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::{
    directory::sync::{
        plan::model::DepartmentPlan,
        run_context::{BATCH, Job},
    },
    kernel::failure::Result,
};

/// Writes new and changed departments, then deletes those that are gone.
pub async fn write(job: &Job<'_>, plan: &DepartmentPlan) -> Result<()> {
    use department::Column;
    let now = job.clock.now().millis();
    for batch in plan.upserts.chunks(BATCH) {
        let rows = batch.iter().map(|change| department::ActiveModel {
            id: Set(job.id()),
            data_source_id: Set(job.data_source_id),
            wecom_id: Set(change.wecom_id),
            parent_wecom_id: Set(change.parent_wecom_id),
            name: Set(change.name.clone()),
            sort_order: Set(change.sort_order),
            path: Set(change.path.clone()),
            updated_at: Set(now),
        });
        let known = OnConflict::columns([Column::DataSourceId, Column::WecomId])
            .update_columns([
                Column::ParentWecomId,
                Column::Name,
                Column::SortOrder,
                Column::Path,
                Column::UpdatedAt,
            ])
            .to_owned();
        department::Entity::insert_many(rows)
            .on_conflict(known)
            .exec_without_returning(job.db.writer())
            .await?;
    }
    for ids in plan.deletes.chunks(BATCH) {
        department::Entity::delete_many()
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(job.db.writer())
            .await?;
    }
    Ok(())
}
