//! How long ago contacts were synced completely.

use std::time::Duration;

use futures_util::FutureExt;

use crate::{
    directory::setup_problem::{Problem, SetupProblem},
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        store::{self, Source},
        surroundings::Surroundings,
        told::{Told, hinders_syncs},
    },
    kernel::{clock::Timestamp, failure::Result},
};

pub const CHECK: Check = Check {
    name: "last_sync",
    about: "the last complete sync",
    rests_on: &["database", "migrations", "ephemeral"],
    look: Of::Installation(|around| look(around).boxed()),
};

/// How long a new data source may go without its first sync.
const FIRST: Duration = Duration::from_secs(3600);

async fn look(around: &Surroundings) -> Result<Looked> {
    let now = around.clock.now();
    let sources = store::sources(around.database()?).await?;
    let told = Told::ask(around).await?;
    let unexplained = sources.iter().filter(|source| !is_explained(source, &told.of(source)));
    let findings = unexplained.filter_map(|source| judged(source, now)).collect();
    let seen: Vec<String> = sources.iter().map(|source| words(source, now)).collect();
    Ok(Looked::with(seen.join("; "), findings))
}

fn words(source: &Source, now: Timestamp) -> String {
    let last = source.synced_at.map(|at| format!("{} ago", span(now.since(at))));
    format!("{}: {}", source.name, last.unwrap_or_else(|| "never".to_owned()))
}

/// Whether something else tells already why there was no complete sync: the data source or its app, or how the last run ended; or whether
/// one waits or is under way.
fn is_explained(source: &Source, told: &[&Problem]) -> bool {
    let waits = SetupProblem::SyncWaits.entry().number;
    let hinders = |problem: &&Problem| hinders_syncs(problem) || problem.number == waits;
    let ended = source.run.as_ref().map(|run| run.state.as_str());
    source.busy || told.iter().any(hinders) || matches!(ended, Some("paused" | "failed" | "incomplete"))
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
    let found = late.then(|| match what {
        DoctorFinding::SyncOverdue => Finding::error(what.entry(), words(source, now), place),
        _ => Finding::warning(what.entry(), words(source, now), place),
    })?;
    let page = format!("/console/wecom/{}", source.id);
    Some(found.of_source(Some(source.id)).mended_on(page))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{DoctorFinding, Problem, SetupProblem, Source, Timestamp, is_explained, judged};
    use crate::doctor::store::Run;

    #[test]
    fn two_intervals_are_enough() {
        let hour = |hours: i64| Timestamp::from_secs(hours * 3600);
        let source = |hours, synced_at| Source {
            id: Uuid::nil(),
            name: "corp".to_owned(),
            hours,
            created_at: hour(0),
            synced_at,
            confirmed_at: None,
            app_id: None,
            busy: false,
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

    #[test]
    fn what_is_told_elsewhere_or_under_way_is_not_told_again() {
        let source = |state: Option<&str>, busy| Source {
            id: Uuid::nil(),
            name: "corp".to_owned(),
            hours: Some(4),
            created_at: Timestamp::from_secs(0),
            synced_at: None,
            confirmed_at: None,
            app_id: None,
            busy,
            run: state.map(|state| Run {
                id: Uuid::nil(),
                state: state.to_owned(),
                why: None,
                again: false,
            }),
        };
        let of = |what: SetupProblem| Problem::of(what.entry(), "");
        for state in ["paused", "failed", "incomplete"] {
            assert!(is_explained(&source(Some(state), false), &[]), "{state}");
        }
        assert!(is_explained(&source(None, true), &[]));
        for what in [SetupProblem::AppClosed, SetupProblem::SyncWaits] {
            assert!(is_explained(&source(None, false), &[&of(what)]), "{what:?}");
        }
        for state in [None, Some("succeeded")] {
            for what in [SetupProblem::ScopeOutside, SetupProblem::WrongDomain] {
                assert!(!is_explained(&source(state, false), &[&of(what)]), "{state:?} {what:?}");
            }
        }
    }
}
