//! Access that is about to end: the person is told some days before, once for each date, and so is whoever subscribed to it.

use std::{collections::BTreeMap, time::Duration};

use uuid::Uuid;

use super::{
    model::{NewNotice, To, Topic},
    service::Notices,
    store::{
        ending::{self, Ending},
        outbox::enqueue,
    },
};
use crate::kernel::{batch::Batch, calendar, clock::Timestamp, failure::Result};

/// Where somebody sees their own account.
const ACCOUNT: &str = "/account";

impl Notices {
    /// Tells of the ends of access that come within the days that are configured; returns of how many. Needs no lease: one statement says who tells of each.
    /// What goes wrong with one holds up no other.
    ///
    /// # Errors
    /// When the database does not answer; whoever was not told is due again.
    pub async fn tell_of_ends(&self) -> Result<usize> {
        let deps = &self.deps;
        let now = deps.clock.now();
        if deps.access_ending == Duration::ZERO {
            return Ok(0);
        }
        let mut batch = Batch::default();
        for ending in ending::due(&deps.database, now, now.plus(deps.access_ending)).await? {
            batch.note(ending.user, self.tell_of_end(&ending, now).await);
        }
        batch.end()
    }

    /// Tells of one; false: another replica did.
    async fn tell_of_end(&self, ending: &Ending, now: Timestamp) -> Result<bool> {
        let deps = &self.deps;
        let transaction = deps.database.begin().await?;
        if !ending::claim(&transaction, ending).await? {
            return Ok(false);
        }
        let member = ending::memberships(&transaction, ending.user).await?.into_iter().next();
        let source = member.as_ref().map(|(source, _)| *source);
        let about = |to: To, path: &str| notice(ending, source, (to, path.to_owned()));
        let (sealer, entropy) = (&deps.sealer, &deps.entropy);
        let theirs = about(To::User { id: ending.user }, ACCOUNT);
        let reached = enqueue(&transaction, sealer, entropy, now, &theirs).await?;
        // Without a channel they are told as whoever asked to come in: over the app of their corp.
        if let (true, Some((_, userid))) = (reached.is_empty(), member) {
            let theirs = about(To::Member { userid, lang: None }, ACCOUNT);
            enqueue(&transaction, sealer, entropy, now, &theirs).await?;
        }
        let others = about(To::Subscribers, &format!("/console/people/{}", ending.user));
        enqueue(&transaction, sealer, entropy, now, &others).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn notice(ending: &Ending, data_source: Option<Uuid>, (to, path): (To, String)) -> NewNotice {
    NewNotice {
        topic: Topic::AccessEnding,
        data_source,
        subject: format!("user:{}", ending.user),
        facts: BTreeMap::from([
            ("username".to_owned(), ending.username.clone()),
            ("until".to_owned(), calendar::until(ending.until)),
        ]),
        path: Some(path),
        card: None,
        to,
        until: None,
    }
}
