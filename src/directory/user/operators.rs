//! Use cases of operators: people with a console role. Who has none is a user like any other.
//!
//! A role is given and taken through the same change as every other edit of a user, so that the same rules hold whichever way it is asked
//! for: only who may touch console roles may ([`Editor`]), a first role ends what was there before, and the last one of the highest role stays.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    editor::Editor,
    input::{ConsoleRole, UserChange},
    store,
    view::OperatorView,
};
use crate::{
    directory::{failure::DirectoryFailure, service::Directory},
    kernel::{
        entity_tag::{IfMatch, PreconditionFailure},
        failure::Result,
        pagination::{Listing, Page},
    },
};

/// The role somebody is to have.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleInput {
    /// What they may do from now on.
    pub role: ConsoleRole,
}

impl Directory {
    /// Lists operators in the order of their ids, optionally those with one role, or whose username or name contains a text.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operators(&self, wanted: (Option<&str>, Option<&str>), page: Page) -> Result<Listing<OperatorView>> {
        store::operators::list(self.operators_at(), wanted, page).await
    }

    /// One operator.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, or they have no console role.
    pub async fn operator(&self, user: Uuid) -> Result<OperatorView> {
        let found = store::operators::find(self.operators_at(), user).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Gives somebody a console role, or another one. Who had none is signed out everywhere and has to set their password anew, because
    /// editors without the right to console roles could change how they sign in until now.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` without the right to give roles, `DI-249` where nobody would be left with the highest,
    /// `AD-114` where an operator in another state was demanded.
    pub async fn appoint(
        &self,
        editor: Editor<'_>,
        user: Uuid,
        role: ConsoleRole,
        if_match: &IfMatch,
    ) -> Result<OperatorView> {
        if if_match.is_present() && store::operators::find(self.operators_at(), user).await?.is_none() {
            return Err(PreconditionFailure::Changed.into());
        }
        self.set_role(editor, user, Some(role), if_match).await?;
        self.operator(user).await
    }

    /// Takes somebody's console role; they stay a user.
    ///
    /// # Errors
    /// `DI-102` when there is no such operator, `DI-107` without the right to take roles, `DI-249` where nobody would be left with the
    /// highest, `AD-114` where another state was demanded.
    pub async fn dismiss(&self, editor: Editor<'_>, user: Uuid, if_match: &IfMatch) -> Result<()> {
        self.operator(user).await?;
        self.set_role(editor, user, None, if_match).await
    }

    fn operators_at(&self) -> store::operators::At<'_> {
        store::operators::At {
            database: &self.deps.database,
            passkey_host: self.deps.passkey_host.as_deref(),
        }
    }

    async fn set_role(
        &self,
        editor: Editor<'_>,
        user: Uuid,
        role: Option<ConsoleRole>,
        if_match: &IfMatch,
    ) -> Result<()> {
        let input = UserChange {
            console_role: Some(role),
            ..UserChange::default()
        };
        store::change(self.change(editor.actor).await?, editor, user, &input, if_match).await
    }
}
