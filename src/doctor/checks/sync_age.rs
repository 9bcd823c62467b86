//! How long ago contacts were synced completely.

use std::time::Duration;

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        store::{self, Source},
        surroundings::Surroundings,
    },
    kernel::{clock::Timestamp, failure::Result},
};

pub const CHECK: Check = Check {
    name: "last_sync",
    about: "the last complete sync",
    rests_on: &["database", "migrations"],
    look: Of::Installation(|around| look(around).boxed()),
};

/// How long a new data source may go without its first sync.
const FIRST: Duration = Duration::from_secs(3600);

async fn look(around: &Surroundings) -> Result<Looked> {
    let now = around.clock.now();
    let sources = store::sources(around.database()?).await?;
    let findings = sources.iter().filter_map(|source| judged(source, now)).collect();
    let seen: Vec<String> = sources.iter().map(|source| words(source, now)).collect();
    Ok(Looked::with(seen.join("; "), findings))
}

fn words(source: &Source, now: Timestamp) -> String {
    let last = source.synced_at.map(|at| format!("{} ago", span(now.since(at))));
    format!("{}: {}", source.name, last.unwrap_or_else(|| "never".to_owned()))
}

fn judged(source: &Source, now: Timestamp) -> Option<Finding> {
    let interval = source
        .hours
        .map(|hours| Duration::from_secs(hours.saturating_mul(3600)));
    let (what, late) = match (source.synced_at, interval) {
        (None, _) => (DoctorFinding::NeverSynced, now.since(source.created_at) > FIRST),
        (Some(at), Some(interval)) => (DoctorFinding::SyncOverdue, now.since(at) > interval.saturating_mul(2)),
        (Some(_), None) => return None,
    };
    let place = format!("data-sources/{} {}", source.id, source.name);
    late.then(|| match what {
        DoctorFinding::SyncOverdue => Finding::error(what.entry(), words(source, now), place),
        _ => Finding::warning(what.entry(), words(source, now), place),
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{DoctorFinding, Source, Timestamp, judged};

    #[test]
    fn two_intervals_are_enough() {
        let hour = |hours: i64| Timestamp::from_secs(hours * 3600);
        let source = |hours, synced_at| Source {
            id: Uuid::nil(),
            name: "corp".to_owned(),
            hours,
            created_at: hour(0),
            synced_at,
            run: None,
        };
        for (hours, synced_at, now, found) in [
            (Some(4), Some(hour(10)), hour(18), None),
            (Some(4), Some(hour(10)), hour(19), Some(DoctorFinding::SyncOverdue)),
            (None, Some(hour(10)), hour(9000), None),
            (None, None, hour(1), None),
            (None, None, hour(2), Some(DoctorFinding::NeverSynced)),
            (Some(24), None, hour(2), Some(DoctorFinding::NeverSynced)),
        ] {
            let told = judged(&source(hours, synced_at), now).map(|finding| finding.number);
            assert_eq!(told, found.map(|what| what.entry().number), "{hours:?} {synced_at:?}");
        }
    }
}
