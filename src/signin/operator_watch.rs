//! Watches from where people with a console role come: a sign-in from a new place is an alert (`NO-130`).

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use super::{
    operator_place::{Familiarity, Place},
    store::operator_places,
};
use crate::{
    crypto::seal::Sealer,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
    },
    notices::{AlertKind, NewNotice, Trouble},
    store::Database,
};

/// Longest that a page waits for it: where the database takes no writes, the console still shows what is wrong.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it is not tried again then.
const PAUSE: Duration = Duration::from_secs(60);
/// Most sessions and places that this process remembers to have noted; beyond that all are noted once more.
const MOST: usize = 2048;

/// A session at a place.
type Visit = (Uuid, Place);

/// Watches. Cheap to clone.
#[derive(Clone)]
pub struct OperatorWatch {
    database: Database,
    sealer: Sealer,
    clock: Clock,
    entropy: Entropy,
    /// What this process has noted, and until when it is not to be tried again: `None`: for good.
    noted: Arc<Mutex<BTreeMap<Visit, Option<Timestamp>>>>,
}

impl OperatorWatch {
    /// Over these parts.
    pub fn new(database: Database, sealer: Sealer, clock: Clock, entropy: Entropy) -> Self {
        Self {
            database,
            sealer,
            clock,
            entropy,
            noted: Arc::default(),
        }
    }

    /// Notes where the user of a session is, who has a console role, once for each session and place. It keeps nobody from anything: what goes wrong is logged.
    pub async fn note(&self, (user, session): (Uuid, Uuid), address: Option<IpAddr>, agent: Option<&[u8]>) {
        let visit = (session, Place::of(address, agent));
        let now = self.clock.now();
        if self.with(|noted| {
            noted
                .get(&visit)
                .is_some_and(|until| until.is_none_or(|until| until > now))
        }) {
            return;
        }
        let noting = Box::pin(self.write(user, &visit.1, address, now));
        let until = match tokio::time::timeout(PATIENCE, noting).await {
            Ok(Ok(familiarity)) => {
                if familiarity == Familiarity::New {
                    tracing::warn!(%user, network = visit.1.network, "a session of somebody with a console role from a new place");
                }
                None
            }
            Ok(Err(failure)) => {
                tracing::error!(%failure, "where somebody with a console role is could not be noted");
                Some(now.plus(PAUSE))
            }
            Err(_) => {
                tracing::error!("where somebody with a console role is could not be noted in time");
                Some(now.plus(PAUSE))
            }
        };
        self.with(|noted| {
            if noted.len() >= MOST {
                noted.clear();
            }
            noted.insert(visit, until);
        });
    }

    fn with<R>(&self, use_it: impl FnOnce(&mut BTreeMap<Visit, Option<Timestamp>>) -> R) -> R {
        use_it(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn write(&self, user: Uuid, place: &Place, address: Option<IpAddr>, now: Timestamp) -> Result<Familiarity> {
        let from = address.map_or_else(|| "?".to_owned(), |address| address.to_canonical().to_string());
        let tools = (&self.sealer, &self.entropy, now);
        let alert = |username| alert((user, username), place, &from);
        operator_places::note(&self.database, tools, (user, place), alert).await
    }
}

/// What is told: who, from which address and in which browser, and the page on which their sessions are ended.
fn alert((user, username): (Uuid, String), place: &Place, from: &str) -> NewNotice {
    let seen = format!("{} ({})", from, place.browser);
    let matter = format!("{user} {} {}", place.network, place.browser);
    let page = format!("/console/people/{user}/sessions");
    let mut notice = Trouble::notable(AlertKind::NewPlace.entry(), seen, matter, page).notice();
    notice.facts.insert("username".to_owned(), username);
    notice
}
