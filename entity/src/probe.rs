//! Table `probe`. What the last probe of a WeCom credential saw.

use sea_orm::entity::prelude::*;

/// One credential.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "probe")]
pub struct Model {
    /// Row id of the data source or of the WeCom app that holds the credential.
    #[sea_orm(primary_key, auto_increment = false)]
    pub holder_id: Uuid,
    /// `contacts` (the contacts-sync secret of a data source), `external_contacts` (its secret of 客户联系) or `app`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub holder: String,
    /// What it may do, a row each.
    pub capabilities: Json,
    /// The app as WeCom described it.
    pub app: Option<Json>,
    /// When WeCom answered last, milliseconds; null: it never did.
    pub probed_at: Option<i64>,
    /// When WeCom was asked last, whether it answered or not, milliseconds.
    pub tried_at: Option<i64>,
    /// What got no answer then; null: everything was answered.
    pub unanswered: Option<Json>,
    /// When it is probed again, milliseconds.
    pub next_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
