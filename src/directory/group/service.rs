//! Use cases of groups: create, change, delete, read, list, and who is in them.

use uuid::Uuid;

use super::{
    input::{GroupChange, NewGroup, NewGroupUsers},
    listing::GroupFilter,
    store,
    view::GroupView,
};
use crate::{
    directory::{
        failure::DirectoryFailure,
        service::Directory,
        user::{listing::UserFilter, view::UserView},
    },
    kernel::{
        entity_tag::IfMatch,
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
};

impl Directory {
    /// Creates a group that nobody is in yet.
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-270` for a name that is taken.
    pub async fn create_group(&self, actor: &str, input: NewGroup) -> Result<GroupView> {
        input.check()?;
        let id = store::create(self.change(actor).await?, &input).await?;
        self.group(id).await
    }

    /// Changes name or description of a group.
    ///
    /// # Errors
    /// As for creating; also `DI-102` when there is none, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn change_group(
        &self,
        actor: &str,
        id: Uuid,
        input: GroupChange,
        if_match: &IfMatch,
    ) -> Result<GroupView> {
        input.check()?;
        store::change(self.change(actor).await?, id, &input, if_match).await?;
        self.group(id).await
    }

    /// Removes a group that no portal names. Its people stay.
    ///
    /// # Errors
    /// `DI-102` when there is none, `DI-271` when portals name it, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn delete_group(&self, actor: &str, id: Uuid, if_match: &IfMatch) -> Result<()> {
        store::delete(self.change(actor).await?, id, if_match).await
    }

    /// Puts users into a group.
    ///
    /// # Errors
    /// `DI-102` when there is no such group, `DI-101` with the users that there are not.
    pub async fn add_to_group(&self, actor: &str, id: Uuid, input: &NewGroupUsers) -> Result<GroupView> {
        let users = input.ids()?;
        store::add(self.change(actor).await?, id, &users).await?;
        self.group(id).await
    }

    /// Takes a user out of a group: what it let them into is closed at their next request.
    ///
    /// # Errors
    /// `DI-102` when there is no such group, or they are not in it.
    pub async fn remove_from_group(&self, actor: &str, id: Uuid, user: Uuid) -> Result<()> {
        store::remove(self.change(actor).await?, id, user).await
    }

    /// Returns one group.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn group(&self, id: Uuid) -> Result<GroupView> {
        let found = store::find(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Lists the wanted groups.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn groups(&self, filter: &GroupFilter, page: &SortedPage) -> Result<SortedListing<GroupView>> {
        store::list(&self.deps.database, filter, page).await
    }

    /// Lists the users of a group.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn users_of_group(&self, id: Uuid, page: &SortedPage) -> Result<SortedListing<UserView>> {
        self.group(id).await?;
        let filter = UserFilter {
            group: Some(id),
            ..UserFilter::default()
        };
        self.users(&filter, page).await
    }
}
