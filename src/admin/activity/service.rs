//! The use case of activity.

use super::{
    model::{Activity, Days},
    store,
};
use crate::{admin::service::Admin, kernel::failure::Result};

impl Admin {
    /// Sign-ins and refusals of so many days, today included, as a clock counts them that is so many minutes ahead of UTC.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn activity(&self, count: i64, minutes_ahead: i64) -> Result<Activity> {
        self.flush_records().await;
        let days = Days {
            count,
            ahead: minutes_ahead * 60_000,
            now: self.clock.now(),
        };
        let signed_in = store::signed_in(&self.database, days).await?;
        let refused = store::refused(&self.database, days).await?;
        Ok(Activity {
            since: days.since(),
            until: days.now.millis(),
            days: days.filled(&signed_in, &refused),
        })
    }
}
