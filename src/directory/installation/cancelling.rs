//! A corp deleted the app: sign-in, sessions, tokens and grants of its people end at once, by the door through which all access ends, and what WeCom
//! told of the corp is removed.

use uuid::Uuid;

use super::{
    failure::InstallationFailure,
    model::{CONFIRM, Installation},
    service::Installations,
    state::Status,
    store::{
        ending::{self, Ended, Proof},
        pushes, removal, turns,
    },
};
use crate::{
    directory::{suite, wecom_app},
    kernel::failure::Result,
};

/// What became of ending an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cancelling {
    /// It is over.
    Done,
    /// It was over before, or has another code by now.
    Nothing,
    /// What was told is not plainly newer.
    Doubtful,
}

impl Installations {
    /// Ends an installation. What WeCom told of the corp is removed at the next look, which is due, and so is what a killed process left over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn cancel(&self, id: Uuid, proof: Proof<'_>) -> Result<Cancelling> {
        let nothing = self.deps.sealer.seal(wecom_app::SECRET, b"")?;
        let change = self.begin("system").await?;
        let held = match ending::cancel(change, id, (proof, &nothing)).await? {
            Ended::Now(held) => held,
            Ended::Before => return Ok(Cancelling::Nothing),
            Ended::Doubtful => return Ok(Cancelling::Doubtful),
        };
        // Who moved to an app of their own goes on by that.
        if let Some(source) = held.data_source.filter(|_| held.status != Status::Moved) {
            self.deps.offboarding.end_cancelled(source).await?;
        }
        self.forget_code(&held).await;
        Ok(Cancelling::Done)
    }

    /// WeCom says that nothing is authorised by the code of an installation, and did not tell that the app was deleted. That is believed when it says
    /// so a second time, and never while a new code is on its way.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn missing(&self, one: &Installation) -> Result<()> {
        let (db, now) = (&self.deps.database, self.now());
        let long = one
            .missing_since
            .is_some_and(|since| since.saturating_add(millis()) <= now.millis());
        if long && !pushes::code_waits(db, one.suite).await? {
            let proof = Proof::Answered(now.millis(), one.code_sealed.as_deref());
            self.cancel(one.id, proof).await?;
            return Ok(());
        }
        let number = InstallationFailure::Missing.entry().number;
        turns::note_missing(db, one, ((number, now), now.plus(CONFIRM))).await
    }

    /// Drops what is cached of the tokens that a permanent code gave.
    async fn forget_code(&self, held: &Installation) {
        let deps = &self.deps;
        let suite = suite::store::credential(&deps.database, &deps.sealer, self.now(), held.suite).await;
        if let Ok(Some(suite)) = suite {
            self.forget_tokens(&suite, held).await;
        }
    }

    /// Removes what WeCom told of a corp, once nobody of it has access any more; each step only while it is still to be removed.
    ///
    /// # Errors
    /// When the database does not answer; what is left is removed the next time.
    pub(super) async fn remove_data(&self, one: &Installation) -> Result<()> {
        if !one.removal_due {
            return Ok(());
        }
        let db = &self.deps.database;
        if let Some(source) = one.data_source {
            self.deps.offboarding.end_cancelled(source).await?;
            let of = (one.id, source);
            let mut last = Some(Uuid::nil());
            while let Some(after) = last {
                last = removal::values(db, of, after).await?;
            }
            while removal::members(db, of).await? > 0 {}
            while removal::notes(db, of).await? > 0 {}
            while removal::customers(db, of).await? > 0 {}
        }
        removal::finish(self.begin("system").await?, one.id).await.map(drop)
    }
}

fn millis() -> i64 {
    i64::try_from(CONFIRM.as_millis()).unwrap_or(i64::MAX)
}
