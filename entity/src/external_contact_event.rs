//! Table `external_contact_event`. Something that WeCom told about a customer of the corp, a chat with customers or its tags of customers.

use sea_orm::entity::prelude::*;

/// An event; one row however often WeCom delivers it. Nobody in it is a user.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "external_contact_event")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// At whose callback it was received.
    pub data_source_id: Uuid,
    /// What happened, as `directory::wecom_events` reads it.
    pub change: String,
    /// The member whom it is about, as WeCom says; null: none.
    pub userid: Option<String>,
    /// The customer; null: none.
    pub external_userid: Option<String>,
    /// The chat; null: none.
    pub chat_id: Option<String>,
    /// WeCom's word for how or why; null: none.
    pub detail: Option<String>,
    /// When it happened by WeCom's clock, milliseconds; null: not told.
    pub told_at: Option<i64>,
    /// When it was received, milliseconds.
    pub received_at: i64,
    /// Of the decrypted document.
    pub digest: String,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
