//! Looks among the ids of the corp: with the contacts-sync secret of a newer address WeCom shows nothing else of a member (reference 5.1), and whom
//! the ids do not hold has left. Whoever looks at once shares one reading.

use std::sync::Arc;

use uuid::Uuid;

use super::{event_handler::Outcome, service::Callbacks, store};
use crate::{
    directory::sync::{
        listed_ids::{ListedIds, Listing},
        snapshot::key,
        source::Source,
    },
    kernel::{clock::Timestamp, failure::Result},
    wecom::model::Credential,
};

impl Callbacks {
    /// The ids of the corp; `None`: this secret does not show them.
    pub(super) async fn corp_ids(&self, contacts: &Credential, source: Uuid) -> Result<Option<Arc<ListedIds>>> {
        let read = || async {
            let ids = self.deps.wecom.member_ids(contacts).await?;
            Ok(Arc::new(ListedIds::of(&ids)))
        };
        match self.lanes.of(source).reading.ask(read).await.0 {
            Ok(ids) => Ok(Some(ids)),
            Err(error) if error.is_passing() => Err(error.into()),
            Err(error) => {
                tracing::info!(%error, "the ids of a corp could not be read");
                Ok(None)
            }
        }
    }

    /// Whether they left, as far as the ids tell; `None`: a sync must decide. `asked_at`: a moment before the ids were asked for.
    pub(super) async fn look_among_ids(
        &self,
        contacts: &Credential,
        (source, userid): (&Source, &str),
        asked_at: Timestamp,
    ) -> Result<Option<Outcome>> {
        let Some(ids) = self.corp_ids(contacts, source.id).await? else {
            return Ok(None);
        };
        match ids.find(&key(userid)) {
            Listing::Listed => return Ok(Some(Outcome::StillListed)),
            Listing::Unread => return Ok(None),
            Listing::Absent => {}
        }
        match store::find_present(&self.deps.database, source.id, &key(userid)).await? {
            None => Ok(Some(Outcome::Nothing)),
            Some(member) => self.depart(source, member, asked_at).await,
        }
    }
}
