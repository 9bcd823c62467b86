//! Table `operator_place`. Where somebody with a console role was seen at the console.

use sea_orm::entity::prelude::*;

/// Where somebody with a console role was seen at the console: the newest few of each.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "operator_place")]
pub struct Model {
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The network around the client's address: `203.0.113.0/24`, `2001:db8::/48`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub network: String,
    /// Browser and system, without versions: `Firefox, Windows`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub browser: String,
    /// Milliseconds.
    pub last_seen_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
