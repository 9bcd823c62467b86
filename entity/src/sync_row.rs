//! Table `sync_row`. The journal of runs: what each changed, row by row, and what it decided where that needs a reason.

use sea_orm::entity::prelude::*;

/// What a run changed or decided about one member, department, tag or app.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_row")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which run.
    pub run_id: Uuid,
    /// As WeCom gave it; may be empty when malformed. Of a department or tag: its id in WeCom.
    pub userid: String,
    /// `created`, `updated`, `departed`, `returned`, `skipped`, `conflict`, `malformed`, …
    pub outcome: String,
    /// A sentence.
    pub reason: String,
    /// `member`, `user`, `department`, `tag` or `app`.
    pub subject: String,
    /// The transaction of the run that wrote it, counted from 1: undone as a whole, the last first. 0: nothing was written.
    pub batch: i32,
    /// Row id of what was written.
    pub subject_id: Option<Uuid>,
    /// The member's user.
    pub user_id: Option<Uuid>,
    /// By column: the value before and after. Null where nothing was written, and for what was created whole.
    pub changes: Option<Json>,
    /// `undone`, or `refused: ` with a sentence; null: not undone.
    pub undone: Option<String>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
