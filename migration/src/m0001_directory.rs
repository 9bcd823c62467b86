//! What is mirrored from WeCom, and who our users are. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign};

/// What is mirrored from WeCom, and who our users are.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(wecom_app()).await?;
        manager.create_table(scope_entry()).await?;
        manager.create_table(data_source()).await?;
        manager.create_table(auth_source()).await?;
        manager.create_table(department()).await?;
        manager.create_table(tag()).await?;
        manager.create_table(tag_user()).await?;
        manager.create_table(tag_department()).await?;
        manager.create_table(users()).await?;
        manager.create_table(member()).await?;
        manager
            .create_index(crate::table::index("wecom_app", &["corp_id", "agent_id"], true))
            .await?;
        manager
            .create_index(crate::table::index("department", &["data_source_id", "wecom_id"], true))
            .await?;
        manager
            .create_index(crate::table::index("tag", &["data_source_id", "wecom_id"], true))
            .await?;
        manager
            .create_index(crate::table::index("tag_user", &["userid_key"], false))
            .await?;
        manager
            .create_index(crate::table::index("tag_department", &["department"], false))
            .await?;
        manager
            .create_index(crate::table::index("users", &["data_source_id"], false))
            .await?;
        manager
            .create_index(crate::table::index("member", &["data_source_id", "userid_key"], true))
            .await?;
        manager
            .create_index(crate::table::index("member", &["user_id"], false))
            .await?;
        manager
            .create_index(crate::table::index("member", &["data_source_id", "id"], false))
            .await?;
        manager
            .create_index(crate::table::index("department", &["data_source_id", "id"], false))
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "member",
            "users",
            "tag_department",
            "tag_user",
            "tag",
            "department",
            "auth_source",
            "data_source",
            "scope_entry",
            "wecom_app",
        ] {
            manager.drop_table(crate::table::drop(name)).await?;
        }
        Ok(())
    }
}

fn wecom_app() -> TableCreateStatement {
    Table::new("wecom_app")
        .uuid("id")
        .text("corp_id")
        .big_integer("agent_id")
        .text("name")
        .text("secret_sealed")
        .boolean("closed")
        .text_null("redirect_domain")
        .big_integer_null("scope_fetched_at")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .done()
}

fn scope_entry() -> TableCreateStatement {
    Table::new("scope_entry")
        .uuid("app_id")
        .text("kind")
        .text("value")
        .primary_key(&["app_id", "kind", "value"])
        .foreign(foreign("scope_entry", "app_id", "wecom_app", ForeignKeyAction::Cascade))
        .done()
}

fn data_source() -> TableCreateStatement {
    Table::new("data_source")
        .uuid("id")
        .text("name")
        .text("description")
        .text("corp_id")
        .unique()
        .text_null("contacts_secret_sealed")
        .uuid_null("app_id")
        .integer_null("auto_sync_hours")
        .text("duplicate_rule")
        .boolean("login_password")
        .boolean("login_wecom")
        .integer("removal_threshold_percent")
        .boolean("enabled")
        .big_integer_null("next_sync_at")
        .big_integer_null("last_synced_at")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "data_source",
            "app_id",
            "wecom_app",
            ForeignKeyAction::Restrict,
        ))
        .done()
}

fn auth_source() -> TableCreateStatement {
    Table::new("auth_source")
        .uuid("id")
        .text("name")
        .text("corp_id")
        .uuid("app_id")
        .uuid_null("data_source_id")
        .boolean("enabled")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "auth_source",
            "app_id",
            "wecom_app",
            ForeignKeyAction::Restrict,
        ))
        .foreign(foreign(
            "auth_source",
            "data_source_id",
            "data_source",
            ForeignKeyAction::SetNull,
        ))
        .done()
}

fn department() -> TableCreateStatement {
    Table::new("department")
        .uuid("id")
        .uuid("data_source_id")
        .big_integer("wecom_id")
        .big_integer("parent_wecom_id")
        .text("name")
        .big_integer("sort_order")
        .text("path")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "department",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn tag() -> TableCreateStatement {
    Table::new("tag")
        .uuid("id")
        .uuid("data_source_id")
        .big_integer("wecom_id")
        .text("name")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "tag",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn tag_user() -> TableCreateStatement {
    Table::new("tag_user")
        .uuid("tag_id")
        .text("userid_key")
        .primary_key(&["tag_id", "userid_key"])
        .foreign(foreign("tag_user", "tag_id", "tag", ForeignKeyAction::Cascade))
        .done()
}

fn tag_department() -> TableCreateStatement {
    Table::new("tag_department")
        .uuid("tag_id")
        .big_integer("department")
        .primary_key(&["tag_id", "department"])
        .foreign(foreign("tag_department", "tag_id", "tag", ForeignKeyAction::Cascade))
        .done()
}

fn users() -> TableCreateStatement {
    Table::new("users")
        .uuid("id")
        .text("username")
        .text("username_key")
        .unique()
        .text_null("display_name")
        .text_null("email")
        .boolean("email_verified")
        .text_null("phone_number")
        .boolean("phone_verified")
        .text_null("picture")
        .text_null("locale")
        .uuid_null("data_source_id")
        .text_null("corp_id")
        .text_null("console_role")
        .text("status")
        .text_null("disabled_reason")
        .text_null("password_hash")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "users",
            "data_source_id",
            "data_source",
            ForeignKeyAction::SetNull,
        ))
        .done()
}

fn member() -> TableCreateStatement {
    Table::new("member")
        .uuid("id")
        .uuid("data_source_id")
        .text("userid")
        .text("userid_key")
        .text_null("name")
        .text_null("alias")
        .text_null("position")
        .text_null("email")
        .text_null("mobile")
        .text_null("avatar")
        .big_integer_null("main_department")
        .json("departments")
        .integer_null("status")
        .text("state")
        .big_integer_null("departed_at")
        .big_integer("checked_at")
        .uuid_null("user_id")
        .text("import_outcome")
        .text_null("import_reason")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "member",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .foreign(foreign("member", "user_id", "users", ForeignKeyAction::SetNull))
        .done()
}
