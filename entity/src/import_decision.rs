//! Table `import_decision`. What an admin decided about the import of a member. It belongs to the member's row, and so to the person: whoever
//! is given the userid later has a row of their own.

use sea_orm::entity::prelude::*;

/// What an admin decided about the import of a member.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_decision")]
pub struct Model {
    /// The member; one decision each.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// As WeCom wrote it when it was decided.
    pub userid: String,
    /// `import`, `link`, `rename`, `approve`, `ignore` or `exclude`.
    pub kind: String,
    /// Of `link`: the user the member is.
    pub user_id: Option<Uuid>,
    /// Of `rename`: the username.
    pub username: Option<String>,
    /// As in the audit log.
    pub decided_by: String,
    /// Milliseconds.
    pub decided_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
