//! Use cases of what people are told of themselves: read, change.

use super::{
    model::{PersonalChange, PersonalView},
    store,
};
use crate::{
    kernel::{entity_tag::IfMatch, failure::Result},
    notices::service::Notices,
};

impl Notices {
    /// What people are told of themselves.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn personal(&self) -> Result<PersonalView> {
        Ok(PersonalView::of(store::told(self.deps.database.reader()).await?))
    }

    /// Changes what people are told of themselves.
    ///
    /// # Errors
    /// `NO-101` for a topic that is no one person's, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn change_personal(
        &self,
        actor: &str,
        input: &PersonalChange,
        if_match: &IfMatch,
    ) -> Result<PersonalView> {
        store::change(self.change(actor).await?, input, if_match).await?;
        self.personal().await
    }
}
