//! Callbacks that were refused, as the API shows them at their endpoint: one row for each reason. What strangers send costs no write each:
//! of one reason one is written a minute.

use std::time::Duration;

use uuid::Uuid;

use super::{failure::CallbackFailure, service::Callbacks, store::failures};
use crate::{
    kernel::{
        clock::Timestamp,
        failure::{Entry, Failure, Result},
    },
    wecom::WeComFailure,
};

/// How often one reason is written at most.
const WRITTEN: Duration = Duration::from_secs(60);

/// Why requests at an endpoint were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedCallbacks {
    /// The reason.
    pub entry: &'static Entry,
    /// First.
    pub first_at: Timestamp,
    /// Last, to the minute.
    pub last_at: Timestamp,
}

impl Callbacks {
    /// Records that a request was refused, if it came to an endpoint and it is the request's fault. Answers the failure it was given.
    pub(super) async fn refused(&self, endpoint: Uuid, failure: Failure) -> Failure {
        if reason(failure.entry.number).is_some()
            && let Err(unrecorded) = self.record_refusal(endpoint, failure.entry.number).await
        {
            tracing::warn!(%endpoint, failure = %unrecorded, "a refused callback could not be recorded");
        }
        failure
    }

    async fn record_refusal(&self, endpoint: Uuid, number: &'static str) -> Result<()> {
        let database = &self.deps.database;
        // Else made-up addresses would fill the store.
        if !failures::is_endpoint(database, endpoint).await? {
            return Ok(());
        }
        let written = format!("callback:{endpoint}:refused:{number}");
        if self.deps.ephemeral.put_new(&written, b"1", WRITTEN).await? {
            failures::record(database, endpoint, number, self.deps.clock.now()).await?;
        }
        Ok(())
    }

    /// The refusals at an endpoint, the last one first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refusals(&self, endpoint: Uuid) -> Result<Vec<RefusedCallbacks>> {
        let rows = failures::find(&self.deps.database, endpoint).await?;
        let known = rows.into_iter().filter_map(|row| {
            Some(RefusedCallbacks {
                entry: reason(&row.number)?,
                first_at: row.first_at,
                last_at: row.last_at,
            })
        });
        Ok(known.collect())
    }
}

/// The entry of a number that says what is wrong with a callback.
fn reason(number: &str) -> Option<&'static Entry> {
    let of_envelope = WeComFailure::ENTRIES
        .iter()
        .filter(|entry| entry.number.starts_with("WC-18"));
    // Two of them refuse an admin, and no request.
    let of_admins = [
        CallbackFailure::NoApp.entry().number,
        CallbackFailure::OfSuite.entry().number,
    ];
    let of_endpoint = CallbackFailure::ENTRIES
        .iter()
        .filter(|entry| !of_admins.contains(&entry.number));
    of_envelope.chain(of_endpoint).find(|entry| entry.number == number)
}
