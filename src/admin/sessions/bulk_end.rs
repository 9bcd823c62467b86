//! Ends the sessions of a person, a portal, a data source or everybody, in batches: no transaction is long, and others write in between.

use super::{
    model::{EndSessions, NamedScope, Scope, ScopeInput, SessionsEnded},
    store,
};
use crate::{admin::service::Admin, audit::difference::Difference, directory::user::Editor, kernel::failure::Result};
use serde_json::json;

/// Sessions that end in one transaction.
const BATCH: u64 = 200;
/// Batches of one call, so that it ends before a proxy gives up on it.
const MOST_BATCHES: u64 = 100;

impl Admin {
    /// Ends the sessions of a scope and what was granted in them, expired ones too: their portals may still be refreshing. Portals hear of
    /// it from the outbox. Sessions of people with a console role stay where the editor may not change those.
    ///
    /// # Errors
    /// `AD-105` when the scope is not exactly one, `DI-102` or `RG-102` when there is no such user, data source or portal,
    /// `DI-107` for a console user without the right to change those.
    pub async fn end_many_sessions(&self, editor: Editor<'_>, wanted: &EndSessions) -> Result<SessionsEnded> {
        let (scope, subject) = self.resolve_scope(editor, &wanted.scope).await?;
        let begun = self.clock.now();
        let of_scope = store::OfScope {
            scope: &scope,
            until: begun.millis(),
            touchable: editor.touchable(),
        };
        let sessions = store::count(&self.database, of_scope).await?;
        let left_out = match of_scope.touchable {
            None => 0,
            Some(_) => {
                let everyone = store::OfScope {
                    touchable: None,
                    ..of_scope
                };
                store::count(&self.database, everyone).await?.saturating_sub(sessions)
            }
        };
        if wanted.dry_run || sessions == 0 {
            return Ok(SessionsEnded {
                dry_run: wanted.dry_run,
                sessions,
                left_out,
                remaining: 0,
            });
        }
        // Recorded before the first ends: nothing happens unseen, whatever becomes of this request.
        let difference = Difference::between(&json!({ "sessions": sessions }), &json!({ "sessions": 0 }));
        self.note_difference(editor.actor, subject, ("sessions_ended", &[]), difference)
            .await?;
        let (mut ended, mut last) = (0_u64, None);
        for _ in 0..MOST_BATCHES {
            let ids = store::next(&self.database, of_scope, last, BATCH).await?;
            let Some(id) = ids.last() else { break };
            last = Some(*id);
            ended = ended.saturating_add(self.sessions.end_many(&ids, super::REASON).await?);
        }
        tracing::info!(actor = editor.actor, ended, "sessions ended");
        Ok(SessionsEnded {
            dry_run: false,
            sessions: ended,
            left_out,
            remaining: store::count(&self.database, of_scope).await?,
        })
    }

    /// The scope by row ids, and how the audit log names it.
    async fn resolve_scope(&self, editor: Editor<'_>, wanted: &ScopeInput) -> Result<(Scope, String)> {
        Ok(match wanted.named()? {
            NamedScope::User(user) => {
                self.may_touch(editor, user).await?;
                (Scope::User(user), format!("user:{user}"))
            }
            NamedScope::Portal(portal) => {
                let portal = self.registrations.client(portal).await?;
                (Scope::Portal(portal.id), format!("client:{}", portal.client_id))
            }
            NamedScope::DataSource(id) => {
                self.directory.source(id).await?;
                (Scope::DataSource(id), format!("data_source:{id}"))
            }
            NamedScope::Everybody => (Scope::Everybody, "everybody".to_owned()),
        })
    }
}
