//! Table `sync_proof`. That a run of a data source found nothing to do, and what WeCom had told it: as long as the row is there, nothing changed
//! since of what the plan was made of.

use sea_orm::entity::prelude::*;

/// The proof of one data source.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_proof")]
pub struct Model {
    /// Of which corp.
    #[sea_orm(primary_key, auto_increment = false)]
    pub data_source_id: Uuid,
    /// The run whose result holds as long as this does.
    pub run_id: Uuid,
    /// Digest of the settings by which it planned.
    pub settings: Option<Vec<u8>>,
    /// Digests of the replies it was given, 32 bytes each; null: the run has not found that there is nothing to do.
    pub replies: Option<Vec<u8>>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
