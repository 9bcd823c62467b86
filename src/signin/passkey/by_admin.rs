//! What admins do about the passkeys of others: look, and remove.

use uuid::Uuid;

use super::model::PasskeyView;
use crate::{
    directory::{store::Change, user::Editor},
    kernel::failure::Result,
    signin::journey::Journeys,
};

impl Journeys {
    /// The passkeys of a user, the oldest first.
    ///
    /// # Errors
    /// `DI-102` when there is no such user.
    pub async fn passkeys_of(&self, user: Uuid) -> Result<Vec<PasskeyView>> {
        self.store.passkeys_of(user).await
    }

    /// Removes a passkey of a user. Their sessions go on.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user whom this editor may not change, `SI-227`.
    pub async fn remove_passkey(&self, editor: Editor<'_>, user: Uuid, passkey: Uuid) -> Result<()> {
        let deps = &self.deps;
        let change = Change::begin(&deps.database, &deps.entropy, deps.clock.now(), editor.actor).await?;
        self.store.remove_passkey(change, editor, (user, passkey)).await
    }
}
