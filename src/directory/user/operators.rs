//! Use cases of operators: people with a console role. Who has none is a user like any other.
//!
//! A role is given and taken through the same change as every other edit of a user, so that the same rules hold whichever way it is asked
//! for: only who may touch console roles may ([`Editor`]), a first role ends what was there before, and the last one of the highest role stays.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    editor::Editor,
    input::{ConsoleRole, UserChange},
    store,
};
use crate::{
    directory::{failure::DirectoryFailure, service::Directory},
    kernel::{
        entity_tag::IfMatch,
        failure::Result,
        pagination::{Listing, Page},
    },
};

/// Somebody with a console role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operator)]
pub struct OperatorView {
    /// User id.
    pub user_id: Uuid,
    /// Their username.
    pub username: String,
    /// Their name; null where nobody gave one.
    pub display_name: Option<String>,
    /// What they may do: `admin` (everything), `operator` (read, sync, users) or `auditor` (read).
    pub role: String,
    /// `active` or `disabled`; a disabled one cannot sign in, and does not count as the last of a role.
    pub status: String,
    /// The data source they came from; null: created in Menjin.
    pub data_source_id: Option<Uuid>,
    /// Whether a password is set.
    pub password_set: bool,
    /// Whether one-time codes are set up.
    pub totp_set: bool,
    /// From this moment on they have no access, milliseconds since 1970; null: no such date.
    pub access_until: Option<i64>,
    /// When their user was made, milliseconds since 1970.
    pub created_at: i64,
}

/// The role somebody is to have.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleInput {
    /// `admin`, `operator` or `auditor`.
    pub role: ConsoleRole,
}

impl Directory {
    /// Lists operators in the order of their ids, optionally those with one role.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operators(&self, role: Option<&str>, page: Page) -> Result<Listing<OperatorView>> {
        store::operators::list(&self.deps.database, role, page).await
    }

    /// One operator.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, or they have no console role.
    pub async fn operator(&self, user: Uuid) -> Result<OperatorView> {
        let found = store::operators::find(&self.deps.database, user).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Gives somebody a console role, or another one. Who had none is signed out everywhere and has to set their password anew, because
    /// editors without the right to console roles could change how they sign in until now.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` without the right to give roles, `DI-249` where nobody would be left with the highest.
    pub async fn appoint(&self, editor: Editor<'_>, user: Uuid, role: ConsoleRole) -> Result<OperatorView> {
        self.set_role(editor, user, Some(role)).await?;
        self.operator(user).await
    }

    /// Takes somebody's console role; they stay a user.
    ///
    /// # Errors
    /// `DI-102` when there is no such operator, `DI-107` without the right to take roles, `DI-249` where nobody would be left with the
    /// highest.
    pub async fn dismiss(&self, editor: Editor<'_>, user: Uuid) -> Result<()> {
        self.operator(user).await?;
        self.set_role(editor, user, None).await
    }

    async fn set_role(&self, editor: Editor<'_>, user: Uuid, role: Option<ConsoleRole>) -> Result<()> {
        editor.may_touch(Some(ConsoleRole::HIGHEST.word()))?;
        let input = UserChange {
            console_role: Some(role),
            ..UserChange::default()
        };
        store::change(
            self.change(editor.actor).await?,
            editor,
            user,
            &input,
            &IfMatch::default(),
        )
        .await
    }
}
