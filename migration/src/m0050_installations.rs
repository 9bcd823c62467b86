//! Installations of service-provider apps, and the invitations by which admins connect a corp. Written once for SQLite and PostgreSQL; never
//! edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, drop, foreign, index};

/// One installation of each suite in each corp; invitations.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(suite_invitation()).await?;
        manager.create_table(suite_installation()).await?;
        let one = index("suite_installation", &["suite", "corp_id"], true);
        manager.create_index(one).await?;
        for columns in [&["status", "expires_at"][..], &["next_at"], &["corp_name", "id"]] {
            manager
                .create_index(index("suite_installation", columns, false))
                .await?;
        }
        let open = index("suite_invitation", &["suite", "created_at"], false);
        manager.create_index(open).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("suite_installation")).await?;
        manager.drop_table(drop("suite_invitation")).await
    }
}

fn suite_invitation() -> TableCreateStatement {
    Table::new("suite_invitation")
        .uuid("id")
        .uuid("suite")
        .text("state_digest")
        .unique()
        .text("way")
        .text("import_mode")
        .text_null("qr_sealed")
        .text("created_by")
        .big_integer("created_at")
        .big_integer("expires_at")
        .big_integer_null("used_at")
        .text_null("auth_code_digest")
        .text_null("auth_code_sealed")
        .text_null("scan_digest")
        .unique()
        .big_integer_null("scan_expires_at")
        .big_integer_null("fulfilled_at")
        .uuid_null("installation")
        .primary_key(&["id"])
        .foreign(foreign(
            "suite_invitation",
            "suite",
            "wecom_suite",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn suite_installation() -> TableCreateStatement {
    Table::new("suite_installation")
        .uuid("id")
        .uuid("suite")
        .text("corp_id")
        .text("corp_name")
        .text("app_name")
        .big_integer_null("agent_id")
        .text("status")
        .text("way")
        .text_null("permanent_code_sealed")
        .text_null("candidate_sealed")
        .text_null("candidate_digest")
        .text_null("auth_code_digest")
        .uuid_null("invitation")
        .text_null("installed_by")
        .big_integer("installed_at")
        .big_integer_null("expires_at")
        .boolean("by_member")
        .big_integer("scope_users")
        .big_integer("scope_departments")
        .big_integer("scope_tags")
        .text_null("scope_digest")
        .big_integer_null("read_at")
        .uuid_null("data_source_id")
        .text_null("bound_by")
        .big_integer_null("bound_at")
        .big_integer_null("missing_since")
        .big_integer_null("cancelled_at")
        .boolean("removal_due")
        .big_integer_null("removed_at")
        .big_integer_null("next_at")
        .integer("attempts")
        .text_null("problem")
        .text_null("problem_detail")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "suite_installation",
            "suite",
            "wecom_suite",
            ForeignKeyAction::Restrict,
        ))
        .foreign(foreign(
            "suite_installation",
            "data_source_id",
            "data_source",
            ForeignKeyAction::SetNull,
        ))
        .done()
}
