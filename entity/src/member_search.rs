//! Table `member_search`. What members are looked for and filtered by.

use sea_orm::entity::prelude::*;

/// A row for each member, which triggers of the database write.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_search")]
pub struct Model {
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The corp's.
    pub data_source_id: Uuid,
    /// Their user; null: none.
    pub user_id: Option<Uuid>,
    /// `present` or `departed`.
    pub state: String,
    /// WeCom's ids of their departments: `,2,7,`.
    pub departments: String,
    /// Userid, name, alias and e-mail address in small letters, with line breaks between them.
    pub words: String,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
