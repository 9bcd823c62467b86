//! What is held of the corps that are connected: how many members and departments, and the names of their suites and data sources.

use std::collections::HashMap;

use entity::{data_source, department, member, wecom_suite};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{directory::installation::model::Installation, kernel::failure::Result, store::Database};

/// Names and counts beside a page of installations.
#[derive(Clone, Debug, Default)]
pub(in crate::directory::installation) struct Beside {
    /// Names of suites by row id.
    pub suites: HashMap<Uuid, String>,
    /// Names of data sources by row id.
    pub sources: HashMap<Uuid, String>,
    /// Members by data source.
    pub members: HashMap<Uuid, i64>,
    /// Departments by data source.
    pub departments: HashMap<Uuid, i64>,
}

/// Reads them.
pub(in crate::directory::installation) async fn beside(db: &Database, rows: &[Installation]) -> Result<Beside> {
    let suites = wecom_suite::Entity::find()
        .select_only()
        .columns([wecom_suite::Column::Id, wecom_suite::Column::Name])
        .filter(wecom_suite::Column::Id.is_in(rows.iter().map(|row| row.suite)))
        .into_tuple()
        .all(db.reader())
        .await?;
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.data_source).collect();
    if ids.is_empty() {
        return Ok(Beside {
            suites: suites.into_iter().collect(),
            ..Beside::default()
        });
    }
    let sources: Vec<(Uuid, String)> = data_source::Entity::find()
        .select_only()
        .columns([data_source::Column::Id, data_source::Column::Name])
        .filter(data_source::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db.reader())
        .await?;
    let members: Vec<(Uuid, i64)> = member::Entity::find()
        .select_only()
        .column(member::Column::DataSourceId)
        .column_as(member::Column::Id.count(), "many")
        .filter(member::Column::DataSourceId.is_in(ids.iter().copied()))
        .filter(member::Column::State.eq("present"))
        .group_by(member::Column::DataSourceId)
        .into_tuple()
        .all(db.reader())
        .await?;
    let departments: Vec<(Uuid, i64)> = department::Entity::find()
        .select_only()
        .column(department::Column::DataSourceId)
        .column_as(department::Column::Id.count(), "many")
        .filter(department::Column::DataSourceId.is_in(ids.iter().copied()))
        .group_by(department::Column::DataSourceId)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(Beside {
        suites: suites.into_iter().collect(),
        sources: sources.into_iter().collect(),
        members: members.into_iter().collect(),
        departments: departments.into_iter().collect(),
    })
}
