//! Looks for who is said to have left among the ids of the corp: with the contacts-sync secret of a newer address WeCom shows nothing else of a member
//! (reference 5.1), and whom the ids do not hold has left. Leavers who are looked for at once share one reading.

use std::{collections::HashSet, sync::Arc};

use super::{event_handler::Outcome, lanes::Ids, service::Callbacks, store};
use crate::{
    directory::sync::{snapshot::key, source::Source},
    kernel::{clock::Timestamp, failure::Result},
    wecom::{WeComError, model::Credential},
};

impl Callbacks {
    /// Whether they left, as far as the ids tell; `None`: a sync must decide. `asked_at`: a moment before the ids were asked for.
    pub(super) async fn look_among_ids(
        &self,
        contacts: &Credential,
        (source, userid): (&Source, &str),
        asked_at: Timestamp,
    ) -> Result<Option<Outcome>> {
        let read = || async {
            let ids = self.deps.wecom.member_ids(contacts).await?;
            let nameless = ids.malformed.iter().any(|row| row.userid.is_none());
            let keys: HashSet<String> = ids.rows.iter().map(|id| key(&id.userid)).collect();
            Ok::<Ids, WeComError>((!nameless).then(|| Arc::new(keys)))
        };
        let ids = match self.lanes.of(source.id).reading.ask(read).await.0 {
            Ok(Some(ids)) => ids,
            Ok(None) => return Ok(None),
            Err(error) if error.is_passing() => return Err(error.into()),
            Err(error) => {
                tracing::info!(%error, "the ids of a corp could not be read");
                return Ok(None);
            }
        };
        if ids.contains(&key(userid)) {
            return Ok(Some(Outcome::StillListed));
        }
        match store::find_present(&self.deps.database, source.id, &key(userid)).await? {
            None => Ok(Some(Outcome::Nothing)),
            Some(member) => self.depart(source, member, asked_at).await,
        }
    }
}
