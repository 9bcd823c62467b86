//! Auth sources: the doors. Added with a data source, or later and on their own with a corp ID; if that differs from the data source's,
//! synced users cannot sign in, and both sides say why.

pub mod input;
pub mod store;
pub mod view;

use uuid::Uuid;

use self::{
    input::{DoorChange, NewDoor},
    store::Edit,
    view::DoorView,
};
use super::{Directory, app, failure::DirectoryFailure};
use crate::kernel::{
    failure::Result,
    page::{Listing, Page},
};

/// An auth source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// Row id.
    pub id: Uuid,
    /// Shown on the login page.
    pub name: String,
    /// Corp ID as entered.
    pub corp_id: String,
    /// Its app.
    pub app_id: Uuid,
    /// The data source it was meant for; `None`: the one with the same corp ID.
    pub data_source_id: Option<Uuid>,
    /// Whether anybody may sign in through it.
    pub enabled: bool,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

impl Directory {
    /// Adds an auth source (the second of the two ways).
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields.
    pub async fn create_door(&self, actor: &str, input: NewDoor) -> Result<DoorView> {
        input.check()?;
        let sealed = self.seal(app::SECRET, input.app_secret.as_ref())?;
        let id = store::create(self.change(actor).await?, &input, sealed).await?;
        if input.app_secret.is_some() {
            self.forget(store::credentials(&self.parts.database, &self.parts.sealer, id).await?)
                .await;
        }
        self.door(id).await
    }

    /// Changes an auth source.
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-102` when there is none.
    pub async fn change_door(&self, actor: &str, id: Uuid, input: DoorChange) -> Result<DoorView> {
        input.check()?;
        let sealed = self.seal(app::SECRET, input.app_secret.as_ref())?;
        let edited = sealed.is_some();
        let mut stale = store::credentials(&self.parts.database, &self.parts.sealer, id).await?;
        store::change(self.change(actor).await?, id, &Edit { input, sealed }).await?;
        if edited {
            stale.extend(store::credentials(&self.parts.database, &self.parts.sealer, id).await?);
            self.forget(stale).await;
        }
        self.door(id).await
    }

    /// Removes an auth source that no portal names.
    ///
    /// # Errors
    /// `DI-102` when there is none, `DI-106` when portals name it.
    pub async fn delete_door(&self, actor: &str, id: Uuid) -> Result<()> {
        store::delete(self.change(actor).await?, id).await
    }

    /// One auth source with its problems, found now.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn door(&self, id: Uuid) -> Result<DoorView> {
        let land = super::store::landscape(&self.parts.database).await?;
        let door = land.doors.iter().find(|door| door.id == id);
        let door = door.ok_or(DirectoryFailure::NotFound)?;
        Ok(DoorView::new(&land, door, &self.parts.callback_domain))
    }

    /// Auth sources by id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn doors(&self, page: Page) -> Result<Listing<DoorView>> {
        let land = super::store::landscape(&self.parts.database).await?;
        let listing = Listing::of_all(land.doors.iter().collect(), page, |door| door.id);
        Ok(listing.map(|door| DoorView::new(&land, door, &self.parts.callback_domain)))
    }
}
