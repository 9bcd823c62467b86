//! Table `name_proof`. That somebody at the console may be shown names of a company by WeCom: for one session and one data source.

use sea_orm::entity::prelude::*;

/// That somebody at the console may be shown names of a company by WeCom: for one session and one data source.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "name_proof")]
pub struct Model {
    /// The session of the browser in which the scan was begun.
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: Uuid,
    /// Whose members are named.
    #[sea_orm(primary_key, auto_increment = false)]
    pub data_source_id: Uuid,
    /// `corp_key` of the data source when the scan was begun: what is another company, or the same in another mode, by now, is not meant.
    pub corp_key: String,
    /// SHA-256 of the scan's `state`, base64url; null: it was used.
    #[sea_orm(unique)]
    pub scan_digest: Option<String>,
    /// Until when WeCom may come back, milliseconds.
    pub scan_expires_at: i64,
    /// The page of the console from which it was begun.
    pub return_to: String,
    /// Row id of the member who scanned: what comes to be somebody else is another row; null: nobody did yet.
    pub member_id: Option<Uuid>,
    /// When they did, milliseconds.
    pub proved_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
