//! Table `identity_finding`. A doubt whether the person WeCom shows under a userid is the one we hold; an admin decides.

use sea_orm::entity::prelude::*;

/// A doubt whether the person WeCom shows under a userid is the one we hold; an admin decides.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_finding")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// The member in doubt.
    pub member_id: Uuid,
    /// Their user, when the doubt arose.
    pub user_id: Option<Uuid>,
    /// As WeCom showed it.
    pub userid: String,
    /// Why it is in doubt, a sentence.
    pub reason: String,
    /// What we hold of the person, as `directory::identity` reads it.
    pub before: Json,
    /// What WeCom showed.
    pub after: Json,
    /// `open`, `same_person` or `somebody_else`.
    pub state: String,
    /// Milliseconds.
    pub opened_at: i64,
    /// As in the audit log; `system` where later evidence decided.
    pub decided_by: Option<String>,
    /// Milliseconds.
    pub decided_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
