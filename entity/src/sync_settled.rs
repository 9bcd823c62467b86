//! Table `sync_settled`. Members of whom a sync need not plan anything as long as WeCom says the same of them, and neither their row nor their user's
//! changes.

use sea_orm::entity::prelude::*;

/// Some thousand members of one data source.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_settled")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// Token of the run that found them. Its first row has nobody, and says that it runs.
    pub fence: Uuid,
    /// Digest of the settings, and of the program, by which they were found.
    pub rules: Vec<u8>,
    /// 32 bytes each: the row id of the member, and half a digest of what WeCom says.
    pub members: Vec<u8>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
