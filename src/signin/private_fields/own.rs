//! What a person sees and changes of their own private fields, on the account page.

use uuid::Uuid;

use crate::{
    directory::{
        private_fields::{Answer, store},
        store::audited_transaction::Change,
        user::provenance::Field,
    },
    kernel::{clock::Timestamp, failure::Result},
    signin::journey::Journeys,
};

/// A private field that a person was asked for.
#[derive(Clone, Copy, Debug)]
pub struct OwnField {
    /// Which.
    pub field: Field,
    /// What became of asking; given ones hold the value still.
    pub answer: Answer,
    /// When.
    pub at: Timestamp,
    /// Whether an admin pinned what was given: then it is not taken back.
    pub pinned: bool,
}

impl OwnField {
    /// Whether there is a value that came of asking.
    pub const fn is_given(&self) -> bool {
        matches!(self.answer, Answer::Given | Answer::Unclear)
    }
}

impl Journeys {
    /// The private fields that this person was asked for.
    ///
    /// # Errors
    /// When the database does not answer; so for all here.
    pub async fn own_private_fields(&self, user: Uuid) -> Result<Vec<OwnField>> {
        let reader = self.deps.database.reader();
        let answers = store::answers(reader, user).await?;
        let given = store::given(reader, user, &answers).await?;
        let own = answers.into_iter().map(|(field, answered)| OwnField {
            field,
            answer: answered.answer,
            at: answered.at,
            pinned: given.get(&field) == Some(&true),
        });
        Ok(own
            .filter(|own| !own.is_given() || given.contains_key(&own.field))
            .collect())
    }

    /// Forgets that they declined, so that they are asked again at the next portal that requires a field.
    ///
    /// # Errors
    /// See [`Journeys::own_private_fields`].
    pub async fn ask_again_for_private_fields(&self, user: Uuid) -> Result<()> {
        Ok(store::forget(self.deps.database.writer(), user).await?)
    }

    /// Takes back what they gave by consent and no admin pinned; false if there was nothing.
    ///
    /// # Errors
    /// See [`Journeys::own_private_fields`].
    pub async fn take_back_private_fields(&self, user: Uuid) -> Result<bool> {
        let (entropy, now) = (&self.deps.entropy, self.deps.clock.now());
        let change = Change::begin(&self.deps.database, entropy, now, &format!("user:{user}")).await?;
        store::take_back(change, user).await
    }
}
