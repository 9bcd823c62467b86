//! Portals, keys, sessions and what was granted. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign};

/// Portals, keys, sessions and what was granted.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(api_token()).await?;
        manager.create_table(client()).await?;
        manager.create_table(signing_key()).await?;
        manager.create_table(session()).await?;
        manager.create_table(oauth_grant()).await?;
        manager.create_table(refresh_token()).await?;
        manager
            .create_index(crate::table::index("session", &["user_id"], false))
            .await?;
        manager
            .create_index(crate::table::index("session", &["member_id"], false))
            .await?;
        manager
            .create_index(crate::table::index("session", &["auth_source_id"], false))
            .await?;
        manager
            .create_index(crate::table::index("oauth_grant", &["user_id"], false))
            .await?;
        manager
            .create_index(crate::table::index("oauth_grant", &["session_id"], false))
            .await?;
        manager
            .create_index(crate::table::index("oauth_grant", &["client_id"], false))
            .await?;
        manager
            .create_index(crate::table::index("refresh_token", &["grant_id"], false))
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "refresh_token",
            "oauth_grant",
            "session",
            "signing_key",
            "client",
            "api_token",
        ] {
            manager.drop_table(crate::table::drop(name)).await?;
        }
        Ok(())
    }
}

fn api_token() -> TableCreateStatement {
    Table::new("api_token")
        .uuid("id")
        .text("name")
        .text("digest")
        .unique()
        .text("role")
        .big_integer("created_at")
        .big_integer_null("expires_at")
        .big_integer_null("revoked_at")
        .primary_key(&["id"])
        .done()
}

fn client() -> TableCreateStatement {
    Table::new("client")
        .uuid("id")
        .text("client_id")
        .unique()
        .text("name")
        .text("auth_method")
        .text_null("secret_digest")
        .json("redirect_uris")
        .json("post_logout_redirect_uris")
        .json("scopes")
        .boolean("require_pkce")
        .text("id_token_alg")
        .json_null("auth_sources")
        .json("allowed_departments")
        .json("allowed_users")
        .big_integer("membership_max_age")
        .big_integer("access_token_lifetime")
        .big_integer("id_token_lifetime")
        .big_integer("refresh_token_lifetime")
        .boolean("enabled")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .done()
}

fn signing_key() -> TableCreateStatement {
    Table::new("signing_key")
        .text("kid")
        .text("alg")
        .text("private_sealed")
        .json("public_jwk")
        .text("state")
        .big_integer("created_at")
        .big_integer_null("retired_at")
        .primary_key(&["kid"])
        .done()
}

fn session() -> TableCreateStatement {
    Table::new("session")
        .uuid("id")
        .text("digest")
        .unique()
        .uuid("user_id")
        .uuid_null("member_id")
        .uuid_null("auth_source_id")
        .big_integer("auth_time")
        .json("amr")
        .big_integer("created_at")
        .big_integer("last_seen_at")
        .big_integer("expires_at")
        .big_integer_null("ended_at")
        .text_null("end_reason")
        .primary_key(&["id"])
        .foreign(foreign("session", "user_id", "users", ForeignKeyAction::Cascade))
        .foreign(foreign("session", "member_id", "member", ForeignKeyAction::SetNull))
        .foreign(foreign(
            "session",
            "auth_source_id",
            "auth_source",
            ForeignKeyAction::SetNull,
        ))
        .done()
}

fn oauth_grant() -> TableCreateStatement {
    Table::new("oauth_grant")
        .uuid("id")
        .uuid("session_id")
        .uuid("user_id")
        .uuid("client_id")
        .text("scope")
        .big_integer("auth_time")
        .big_integer("created_at")
        .big_integer_null("revoked_at")
        .text_null("revoke_reason")
        .primary_key(&["id"])
        .foreign(foreign(
            "oauth_grant",
            "session_id",
            "session",
            ForeignKeyAction::Cascade,
        ))
        .foreign(foreign("oauth_grant", "user_id", "users", ForeignKeyAction::Cascade))
        .foreign(foreign("oauth_grant", "client_id", "client", ForeignKeyAction::Cascade))
        .done()
}

fn refresh_token() -> TableCreateStatement {
    Table::new("refresh_token")
        .uuid("id")
        .uuid("grant_id")
        .text("digest")
        .unique()
        .big_integer("created_at")
        .big_integer("expires_at")
        .big_integer_null("consumed_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "refresh_token",
            "grant_id",
            "oauth_grant",
            ForeignKeyAction::Cascade,
        ))
        .done()
}
