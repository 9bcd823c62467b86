//! The import of one member inside a change that somebody else began and commits: an access request is decided, carried out and told of in one
//! transaction.

use serde_json::json;
use uuid::Uuid;

use super::{Deciding, check};
use crate::{
    directory::{
        failure::DirectoryFailure,
        importing::{decision::ImportDecision, failure::ImportFailure, store},
        store::audited_transaction::Change,
        sync::{mirror::UserOrigin, service::Sync, source::Source, store::sources},
        user::input::{check_given_username, check_look_alike},
    },
    kernel::failure::Result,
};

/// Whom an import is about, read before its change began.
#[derive(Clone, Debug)]
pub struct ImportTarget {
    source: Source,
    member: Uuid,
}

impl ImportTarget {
    /// Row id of the member.
    pub const fn member(&self) -> Uuid {
        self.member
    }
}

/// A member who was imported in a change that is not committed yet.
pub struct PendingImport {
    deciding: Deciding,
    username: String,
    /// Row id of the user whom they became.
    pub user: Uuid,
}

impl PendingImport {
    /// The change, for whatever else belongs to it.
    pub const fn change(&self) -> &Change {
        &self.deciding.change
    }
}

impl Sync {
    /// The member of this userid; `None`: no sync has read them, or they have left.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn import_target(&self, data_source: Uuid, userid: &str) -> Result<Option<ImportTarget>> {
        let member = store::member_of(&self.runs.db, data_source, userid).await?;
        let source = sources::find(&self.runs.db, data_source).await?;
        Ok(member
            .zip(source)
            .map(|(member, source)| ImportTarget { source, member }))
    }

    /// The member becomes a new user of this name, once the change is committed by [`Sync::commit_import`]. Dropped, nothing has happened.
    ///
    /// # Errors
    /// As [`Sync::rename_member`].
    pub async fn import_within(&self, change: Change, target: ImportTarget, username: &str) -> Result<PendingImport> {
        check_given_username(username)?;
        let ImportTarget { source, member } = target;
        let subject = store::locked(change.transaction(), &[member]).await?.into_iter().next();
        let subject = subject.ok_or_else(|| DirectoryFailure::NotFound.failure())?;
        check(&subject)?;
        let deciding = Deciding {
            change,
            source,
            subject,
        };
        let deciding = deciding.without_user()?;
        let decided = ImportDecision::Approve(username.to_owned());
        self.import_under(&deciding, (username, &decided)).await?;
        let after = store::locked(deciding.change.transaction(), &[member]).await?;
        let user = after.first().and_then(|subject| subject.user_id);
        Ok(PendingImport {
            user: user.ok_or_else(|| ImportFailure::NotImportable.failure())?,
            username: username.to_owned(),
            deciding,
        })
    }

    /// Commits the change with the audit event of the import.
    ///
    /// # Errors
    /// When the database does not take it; nothing has happened then.
    pub async fn commit_import(&self, pending: PendingImport) -> Result<()> {
        let decided = json!({ "username": pending.username });
        self.conclude(pending.deciding, "imported", decided).await
    }

    /// The member becomes a new user of this name, by this decision.
    pub(super) async fn import_under(
        &self,
        deciding: &Deciding,
        (username, decided): (&str, &ImportDecision),
    ) -> Result<()> {
        let mirror = self.part(deciding, decided).await?;
        let consoles = mirror
            .users
            .iter()
            .filter(|user| user.owner == UserOrigin::ConsoleAdmin);
        check_look_alike(username, consoles.map(|user| user.username.as_str()))?;
        let key = username.to_lowercase();
        if mirror.users.iter().any(|user| user.username_key == key) {
            return Err(DirectoryFailure::UsernameTaken.into());
        }
        self.import_as_decided(deciding, mirror, decided).await
    }
}
