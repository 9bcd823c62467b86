//! Use cases of users: create, change, delete, read, list.

use serde_json::json;
use uuid::Uuid;

use super::{
    coverage::{AskedAgain, Coverage},
    editor::Editor,
    input::{ConsoleRole, NewUser, UserChange},
    listing::UserFilter,
    provenance::Field,
    store,
    view::UserView,
};
use crate::{
    directory::{failure::DirectoryFailure, private_fields, service::Directory},
    kernel::{
        entity_tag::IfMatch,
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
};

impl Directory {
    /// Adds a local user, who comes from no corp.
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-105` for a username that is taken, `DI-107` for a console role without the right to give it.
    pub async fn create_user(&self, editor: Editor<'_>, input: NewUser) -> Result<UserView> {
        input.check()?;
        editor.may_touch(input.console_role.map(ConsoleRole::word))?;
        let id = store::create(self.change(editor.actor).await?, input).await?;
        self.user(id).await
    }

    /// Changes a user. Disabling ends their sessions and revokes their grants in the same transaction.
    ///
    /// # Errors
    /// As for creating; also `DI-102` when there is none, `AD-114` when they are not in the state that `if_match` demands.
    pub async fn change_user(
        &self,
        editor: Editor<'_>,
        id: Uuid,
        input: UserChange,
        if_match: &IfMatch,
    ) -> Result<UserView> {
        input.check()?;
        store::change(self.change(editor.actor).await?, editor, id, &input, if_match).await?;
        self.user(id).await
    }

    /// Removes a user with their sessions and grants. Their member stays, not imported by later syncs either.
    ///
    /// # Errors
    /// `DI-102` when there is none, `DI-107` for a console user without the right to touch them, `AD-114` when they are not in the state that
    /// `if_match` demands.
    pub async fn delete_user(&self, editor: Editor<'_>, id: Uuid, if_match: &IfMatch) -> Result<()> {
        store::delete(self.change(editor.actor).await?, editor, id, if_match).await
    }

    /// Returns one user with the linked members.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn user(&self, id: Uuid) -> Result<UserView> {
        let found = store::find(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Counts which fields the wanted users have, and who lacks one of those that are `needed`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn coverage(&self, filter: &UserFilter, needed: &[Field]) -> Result<Coverage> {
        store::coverage(&self.deps.database, filter, needed).await
    }

    /// Lets the people of a data source be asked again for the private fields that WeCom did not pass on, or about which they did not come back.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn ask_again_for_private_fields(&self, actor: &str, data_source: Uuid) -> Result<AskedAgain> {
        let change = self.change(actor).await?;
        let people = private_fields::store::forget_withheld(change.transaction(), data_source).await?;
        let detail = json!({ "action": "asked_again", "people": people });
        change.commit_with(format!("data_source:{data_source}"), detail).await?;
        Ok(AskedAgain { people })
    }

    /// Lists the wanted users.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn users(&self, filter: &UserFilter, page: &SortedPage) -> Result<SortedListing<UserView>> {
        store::list(&self.deps.database, filter, page).await
    }
}
