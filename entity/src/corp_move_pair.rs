//! Table `corp_move_pair`. A member's id before and after their company moves to an app of its own.

use sea_orm::entity::prelude::*;

/// A member's id before and after their company moves to an app of its own.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "corp_move_pair")]
pub struct Model {
    /// Of which move.
    #[sea_orm(primary_key, auto_increment = false)]
    pub move_id: Uuid,
    /// Row id of the member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// As the suite knows them.
    pub old_userid: String,
    /// Lower-cased.
    pub old_key: String,
    /// As the company's own app knows them; null: nobody knows.
    pub new_userid: Option<String>,
    /// Lower-cased; of each move once.
    pub new_key: Option<String>,
    /// `converted`, `same`, `by_hand`, `unpaired`, `left_out`, `departed`, or `gave_up`: somebody who left and whose userid is another's now.
    pub how: String,
    /// When an admin entered it, milliseconds; null: nobody did.
    pub entered_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
