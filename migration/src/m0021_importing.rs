//! Who of a corp becomes a user, under which name, and whom an existing user is taken for; what admins decided about single members. Written
//! once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, add_column, drop_column, foreign, index};

/// Import rules of data sources, and decisions about members.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Data sources there are go on as before: everybody is imported, by the userid.
        for (column, value) in [("import_mode", "all"), ("username_template", "{userid}")] {
            let mut definition = ColumnDef::new(Alias::new(column));
            definition.text().not_null().default(value);
            add_column(manager, "data_source", definition).await?;
        }
        let mut keys = ColumnDef::new(Alias::new("match_by"));
        keys.json().not_null().default(r#"["username"]"#);
        add_column(manager, "data_source", keys).await?;
        manager.create_table(import_decision()).await?;
        manager
            .create_index(index("import_decision", &["data_source_id", "kind"], false))
            .await?;
        manager
            .create_index(index("import_decision", &["user_id"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("import_decision")).await?;
        for column in ["match_by", "username_template", "import_mode"] {
            drop_column(manager, "data_source", column).await?;
        }
        Ok(())
    }
}

fn import_decision() -> TableCreateStatement {
    Table::new("import_decision")
        .uuid("member_id")
        .uuid("data_source_id")
        .text("userid")
        .text("kind")
        .uuid_null("user_id")
        .text_null("username")
        .text("decided_by")
        .big_integer("decided_at")
        .primary_key(&["member_id"])
        .foreign(foreign(
            "import_decision",
            "member_id",
            "member",
            ForeignKeyAction::Cascade,
        ))
        .foreign(foreign(
            "import_decision",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ))
        .done()
}
