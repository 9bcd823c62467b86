//! Use cases of grants: list, read, end one, end all of a person or of a portal.
//!
//! An ended grant is refused from its commit on: refresh tokens by their row, access tokens wherever they come back to us (userinfo,
//! introspection). A resource server that only verifies signatures accepts an access token until it expires. The session is not ended, so
//! the portal may be granted something again without a sign-in: to put somebody out, end the sessions.

use uuid::Uuid;

use super::{
    model::{GrantFilter, GrantView, GrantsEnded, GrantsOf},
    store,
};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    directory::{store::Change, user::Editor},
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
};

/// Grants that are ended in one statement.
const BATCH: u64 = 500;
/// Batches of one call, so that it ends before a proxy gives up on it.
const MOST_BATCHES: u64 = 100;

impl Admin {
    /// Lists grants, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn grants(&self, filter: &GrantFilter, page: Page) -> Result<Listing<GrantView>> {
        store::list(&self.database, filter, page).await
    }

    /// One grant.
    ///
    /// # Errors
    /// `AD-106` when there is none.
    pub async fn grant(&self, id: Uuid) -> Result<GrantView> {
        let found = store::find(&self.database, id).await?;
        found.ok_or_else(|| AdminFailure::NotFound.into())
    }

    /// Ends a grant with all of its tokens. Ending twice is no error.
    ///
    /// # Errors
    /// `AD-106` when there is none, `DI-107` for a console user's without the right to change those.
    pub async fn end_grant(&self, editor: Editor<'_>, id: Uuid) -> Result<()> {
        let user = self.grant(id).await?.user_id;
        self.may_touch(editor, user).await?;
        let change = Change::begin(&self.database, &self.entropy, self.clock.now(), editor.actor).await?;
        store::end(change, id).await
    }

    /// Ends all grants of a user.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user without the right to change those.
    pub async fn end_grants_of_user(&self, editor: Editor<'_>, user: Uuid, dry_run: bool) -> Result<GrantsEnded> {
        self.may_touch(editor, user).await?;
        self.end_grants(editor, GrantsOf::User(user), format!("user:{user}"), dry_run)
            .await
    }

    /// Ends all grants of a portal (row id or `client_id`), but for those of console users whom the editor may not change.
    ///
    /// # Errors
    /// `RG-102` when there is no such portal.
    pub async fn end_grants_of_client(&self, editor: Editor<'_>, portal: &str, dry_run: bool) -> Result<GrantsEnded> {
        let portal = self.registrations.client(portal).await?;
        let subject = format!("client:{}", portal.client_id);
        self.end_grants(editor, GrantsOf::Client(portal.id), subject, dry_run)
            .await
    }

    async fn end_grants(
        &self,
        editor: Editor<'_>,
        whose: GrantsOf,
        subject: String,
        dry_run: bool,
    ) -> Result<GrantsEnded> {
        let now = self.clock.now();
        let wanted = store::Wanted {
            whose,
            until: now.millis(),
            touchable: editor.touchable(),
        };
        let all = store::Wanted {
            touchable: None,
            ..wanted
        };
        let many = store::count(&self.database, wanted).await?;
        let left_out = store::count(&self.database, all).await?.saturating_sub(many);
        if dry_run || many == 0 {
            return Ok(GrantsEnded {
                dry_run,
                ended: many,
                left_out,
                remaining: 0,
            });
        }
        // Recorded before the first is ended: nothing happens unseen, whatever becomes of this request.
        self.note(editor.actor, subject, "grants_ended", &[]).await?;
        let mut ended = 0_u64;
        for _ in 0..MOST_BATCHES {
            let batch = store::end_some(&self.database, wanted, now, BATCH).await?;
            ended = ended.saturating_add(batch);
            if batch < BATCH {
                break;
            }
        }
        Ok(GrantsEnded {
            dry_run: false,
            ended,
            left_out,
            remaining: store::count(&self.database, wanted).await?,
        })
    }
}
