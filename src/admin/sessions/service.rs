//! Use cases of sessions and consents: list, read, end, withdraw.

use super::{REASON, store};
use crate::admin::sessions::model::Now;
use crate::admin::sessions::model::SessionFilter;
use crate::admin::sessions::model::SessionView;
use crate::admin::sessions::model::UserSessionsEnded;
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    audit::difference::Difference,
    directory::user::Editor,
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    oidc::consent::ConsentView,
};
use serde_json::json;
use uuid::Uuid;

impl Admin {
    fn moment(&self) -> Now {
        let now = self.clock.now().millis();
        let idle = self.sessions.lifetimes().idle.as_millis();
        Now {
            now,
            idle_since: now.saturating_sub(i64::try_from(idle).unwrap_or(i64::MAX)),
        }
    }

    /// Lists the wanted sessions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions(&self, filter: &SessionFilter, page: &SortedPage) -> Result<SortedListing<SessionView>> {
        store::list(&self.database, filter, page, self.moment()).await
    }

    /// One session; where `among` is given, only if something was granted in it to one of those portals, and as far as it is about them.
    ///
    /// # Errors
    /// `AD-106` when there is none.
    pub async fn session(&self, id: Uuid, among: Option<&[Uuid]>) -> Result<SessionView> {
        let found = store::find(&self.database, id, among, self.moment()).await?;
        found.ok_or_else(|| AdminFailure::NotFound.into())
    }

    /// Ends a session and what was granted in it. Ending twice is no error.
    ///
    /// # Errors
    /// `DI-107` for a console user's without the right to change those.
    pub async fn end_session(&self, editor: Editor<'_>, session: SessionView) -> Result<()> {
        self.may_touch(editor, session.user_id).await?;
        self.end_own_session(editor.actor, session).await
    }

    /// The same of whoever ends a session of their own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_own_session(&self, actor: &str, session: SessionView) -> Result<()> {
        let id = session.id;
        if self.sessions.end(id, REASON).await? {
            let before = json!({ "active": session.active, "clients": session.clients, "end_reason": null });
            let after = json!({ "active": false, "clients": [], "end_reason": REASON });
            let difference = Difference::between(&before, &after).also("user_id", session.user_id.to_string());
            self.note_difference(actor, format!("session:{id}"), ("ended", &[]), difference)
                .await?;
        }
        Ok(())
    }

    /// Ends all sessions of a user, expired ones too: their portals may still be refreshing.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user without the right to change those.
    pub async fn end_sessions_of(&self, editor: Editor<'_>, user: Uuid) -> Result<UserSessionsEnded> {
        self.may_touch(editor, user).await?;
        let mut ended = 0_u64;
        for id in store::not_ended(&self.database, user).await? {
            if self.sessions.end(id, REASON).await? {
                ended = ended.saturating_add(1);
            }
        }
        if ended > 0 {
            let difference = Difference::between(&json!({ "sessions": ended }), &json!({ "sessions": 0 }));
            self.note_difference(
                editor.actor,
                format!("user:{user}"),
                ("sessions_ended", &[]),
                difference,
            )
            .await?;
        }
        Ok(UserSessionsEnded { ended })
    }

    pub(in crate::admin) async fn may_touch(&self, editor: Editor<'_>, user: Uuid) -> Result<()> {
        editor.may_touch(self.directory.user(user).await?.console_role.as_deref())
    }

    /// Lists a user's consents.
    ///
    /// # Errors
    /// `DI-102` when there is no such user.
    pub async fn consents_of(&self, user: Uuid) -> Result<Vec<ConsentView>> {
        self.directory.user(user).await?;
        self.consents.of(user).await
    }

    /// Withdraws a user's consents and revokes the grants: for one portal (row id or `client_id`), or for all with a consent.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user without the right to change those, `RG-102` when there is no such
    /// portal.
    pub async fn withdraw_consents(&self, editor: Editor<'_>, user: Uuid, portal: Option<&str>) -> Result<()> {
        self.may_touch(editor, user).await?;
        let consents = self.consents_of(user).await?;
        match portal {
            Some(portal) => {
                let portal = self.registrations.client(portal).await?;
                self.consents.withdraw(editor.actor, user, portal.id).await?;
            }
            None => {
                for consent in consents {
                    self.consents.withdraw(editor.actor, user, consent.portal).await?;
                }
            }
        }
        Ok(())
    }
}
