//! Replay window of callbacks: a timestamp more than half an hour before or after now is refused. Pure.

use super::failure::CallbackFailure;
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    wecom::callback::Query,
};
use std::time::Duration;

/// How far a delivery's timestamp may be from now. Wider than WeCom's own five minutes, since nobody promises that retries carry fresh
/// ones and clocks differ (reference 6.5).
const ACCEPTED: Duration = Duration::from_secs(30 * 60);

/// Refuses a callback that was signed too long ago or too far ahead.
pub(in crate::directory) fn fresh(query: Query<'_>, now: Timestamp) -> Result<()> {
    let sent: Option<i64> = query.timestamp.parse().ok();
    if sent.is_none_or(|sent| sent.abs_diff(now.secs()) > ACCEPTED.as_secs()) {
        return Err(CallbackFailure::Stale.failure());
    }
    if !query.is_fresh(now) {
        tracing::info!("a callback of WeCom is more than five minutes off; is this server's clock right?");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Query, Timestamp, fresh};

    #[test]
    fn half_an_hour_either_way_is_accepted() {
        let now = Timestamp::from_secs(100_000);
        let accepted = |timestamp: &str| {
            fresh(
                Query {
                    msg_signature: "",
                    timestamp,
                    nonce: "",
                },
                now,
            )
            .is_ok()
        };
        assert!(["100000", "98200", "101800"].into_iter().all(accepted));
        assert!(
            !["98199", "101801", "", "x", "-100000", "9223372036854775808"]
                .into_iter()
                .any(accepted)
        );
    }
}
