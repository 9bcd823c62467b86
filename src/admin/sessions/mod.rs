//! Sessions and consents of people, for looking at and for ending. Ending goes through the same auth source as signing out does, so that whatever
//! follows from the end of a session follows from this too.

pub mod store;

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Admin, failure::AdminFailure};
use crate::{
    directory::user::Editor,
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    oidc::consent::ConsentView,
};

/// Why sessions end here, as on record.
const REASON: &str = "admin";

/// A browser that signed in.
#[derive(Debug, Serialize)]
pub struct SessionView {
    /// `sid`.
    pub id: Uuid,
    /// Who.
    pub user_id: Uuid,
    /// Their username.
    pub username: Option<String>,
    /// Row id of the auth source; null if that is gone.
    pub auth_source_id: Option<Uuid>,
    /// How (RFC 8176 and ours).
    pub amr: Vec<String>,
    /// Milliseconds: when the person last proved who they are.
    pub auth_time: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub last_seen_at: i64,
    /// Milliseconds: absolute end.
    pub expires_at: i64,
    /// Milliseconds.
    pub ended_at: Option<i64>,
    /// Why it was ended.
    pub end_reason: Option<String>,
    /// Whether it signs anybody in: not ended, not run out, not idle too long.
    pub active: bool,
    /// `client_id` of each portal whose grant still lives, which a session that merely ran out does not end.
    pub clients: Vec<String>,
}

/// Which sessions are wanted.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// Of this user.
    pub user: Option<Uuid>,
    /// In which something was granted to this portal: row id or `client_id`.
    pub client: Option<String>,
    /// Only those that sign somebody in, or only the others.
    pub active: Option<bool>,
}

/// What decides whether a session is active: both in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Now {
    now: i64,
    idle_since: i64,
}

impl Admin {
    fn moment(&self) -> Now {
        let now = self.clock.now().millis();
        let idle = self.sessions.lifetimes().idle.as_millis();
        Now {
            now,
            idle_since: now.saturating_sub(i64::try_from(idle).unwrap_or(i64::MAX)),
        }
    }

    /// Sessions, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions(&self, filter: &SessionFilter, page: Page) -> Result<Listing<SessionView>> {
        store::list(&self.database, filter, page, self.moment()).await
    }

    /// One session.
    ///
    /// # Errors
    /// `AD-106` when there is none.
    pub async fn session(&self, id: Uuid) -> Result<SessionView> {
        let found = store::find(&self.database, id, self.moment()).await?;
        found.ok_or_else(|| AdminFailure::NotFound.into())
    }

    /// Ends a session and what was granted in it. Ending twice is no error.
    ///
    /// # Errors
    /// `AD-106` when there is none, `DI-107` for a console user's without the right to change those.
    pub async fn end_session(&self, editor: Editor<'_>, id: Uuid) -> Result<()> {
        let user = self.session(id).await?.user_id;
        self.may_touch(editor, user).await?;
        if self.sessions.end(id, REASON).await? {
            self.note(editor.actor, format!("session:{id}"), "ended", &[]).await?;
        }
        Ok(())
    }

    /// Ends all sessions of a user, those that ran out too: their portals may still be refreshing.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user without the right to change those.
    pub async fn end_sessions_of(&self, editor: Editor<'_>, user: Uuid) -> Result<Value> {
        self.may_touch(editor, user).await?;
        let mut ended = 0_u64;
        for id in store::not_ended(&self.database, user).await? {
            if self.sessions.end(id, REASON).await? {
                ended = ended.saturating_add(1);
            }
        }
        if ended > 0 {
            self.note(editor.actor, format!("user:{user}"), "sessions_ended", &[])
                .await?;
        }
        Ok(json!({ "ended": ended }))
    }

    async fn may_touch(&self, editor: Editor<'_>, user: Uuid) -> Result<()> {
        editor.may_touch(self.directory.user(user).await?.console_role.as_deref())
    }

    /// What a user agreed that portals may have.
    ///
    /// # Errors
    /// `DI-102` when there is no such user.
    pub async fn consents_of(&self, user: Uuid) -> Result<Vec<ConsentView>> {
        self.directory.user(user).await?;
        self.consents.of(user).await
    }

    /// Takes back what a user agreed to and what was granted: for one portal (row id or `client_id`), or for all with a consent.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user without the right to change those, `RG-102` when there is no such portal.
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
