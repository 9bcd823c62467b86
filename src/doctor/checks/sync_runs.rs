//! How the last sync of each data source ended, where its problems do not say it already.

use futures_util::FutureExt;

use crate::{
    directory::{
        setup_problem::{Problem, SetupProblem},
        sync::SyncFailure,
    },
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        store::{self, Run, Source},
        surroundings::Surroundings,
        told::{Told, hinders_syncs},
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "sync_runs",
    about: "how the last sync ended",
    rests_on: &["database", "migrations", "ephemeral"],
    look: Of::Server(|around, _| look(around).boxed()),
};

async fn look(around: &Surroundings) -> Result<Looked> {
    let sources = store::sources(around.database()?).await?;
    let told = Told::ask(around).await?;
    let ended = |source: &Source| source.run.as_ref().map(|run| format!("{}: {}", source.name, run.state));
    let seen: Vec<String> = sources.iter().filter_map(ended).collect();
    let findings = sources.iter().filter_map(|source| {
        let found = judged(source, &told.of(source))?;
        let run = source.run.as_ref()?;
        let about = found
            .of_source(Some(source.id))
            .mended_on(format!("/console/sync/{}", run.id));
        let about = about.in_the_matter_of(format!("sync-runs of {}", source.id));
        Some(about.unless_early(run.state != "paused" && !run.again))
    });
    Ok(Looked::with(seen.join("; "), findings.collect()))
}

/// What a run's end means. One that did not succeed says so in the number of its reason; where its data source or the app of that tells
/// what hinders syncs, that is the reason, and the run need not tell it again. Nor need it where all syncs wait because one was taken back.
fn judged(source: &Source, told: &[&Problem]) -> Option<Finding> {
    let run = source.run.as_ref()?;
    let place = format!("sync-runs/{} {}", run.id, source.name);
    match run.state.as_str() {
        "paused" => {
            let waits = SetupProblem::SyncWaits.entry().number;
            let explained = told.iter().any(|problem| problem.number == waits);
            (!explained).then(|| Finding::warning(DoctorFinding::SyncPaused.entry(), reason(run), place))
        }
        "failed" | "incomplete" => {
            let number = run.why.as_ref().map(|(number, _)| number.as_str());
            let explained = told.iter().any(|problem| explains(problem, number));
            let entry = number.and_then(crate::entry);
            let entry = entry.unwrap_or_else(|| DoctorFinding::SyncFailed.entry());
            let finding = match run.state.as_str() {
                "failed" => Finding::error(entry, reason(run), place),
                _ => Finding::warning(entry, reason(run), place),
            };
            (!explained).then_some(finding)
        }
        _ => None,
    }
}

/// Whether a problem says already why a run did not succeed.
fn explains(problem: &Problem, number: Option<&str>) -> bool {
    // A warning, because IDs come nevertheless; the run tells the same by a number of its own.
    let withheld = problem.number == SetupProblem::DetailsWithheld.entry().number
        && number == Some(SyncFailure::DetailsForbidden.entry().number);
    withheld || hinders_syncs(problem) || Some(problem.number) == number
}

fn reason(run: &Run) -> String {
    match &run.why {
        Some((number, detail)) => format!("{}: {number} {detail}", run.state).trim_end().to_owned(),
        None => run.state.clone(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Problem, Run, SetupProblem, Source, judged};
    use crate::kernel::clock::Timestamp;

    fn source(state: &str, why: Option<&str>) -> Source {
        Source {
            id: Uuid::nil(),
            name: "corp".to_owned(),
            hours: None,
            created_at: Timestamp::from_secs(0),
            synced_at: None,
            confirmed_at: None,
            app_id: None,
            busy: false,
            run: Some(Run {
                id: Uuid::nil(),
                state: state.to_owned(),
                why: why.map(|number| (number.to_owned(), String::new())),
                again: false,
            }),
        }
    }

    fn number(source: &Source, told: &[&Problem]) -> Option<&'static str> {
        judged(source, told).map(|finding| finding.number)
    }

    #[test]
    fn a_run_that_did_not_succeed_tells_its_reason() {
        for (state, why, told) in [
            ("succeeded", None, None),
            ("paused", Some("SY-147"), Some("DR-192")),
            ("failed", Some("WC-110"), Some("WC-110")),
            ("failed", None, Some("DR-193")),
            ("incomplete", Some("no number of ours"), Some("DR-193")),
        ] {
            assert_eq!(number(&source(state, why), &[]), told, "{state} {why:?}");
        }
    }

    #[test]
    fn what_a_resource_tells_is_not_told_again() {
        let of = |what: SetupProblem| Problem::of(what.entry(), "");
        let run = source("failed", Some("WC-110"));
        assert_eq!(number(&run, &[&of(SetupProblem::AppClosed)]), None);
        assert_eq!(
            number(&run, &[&of(SetupProblem::ScopeOutside)]),
            Some("WC-110"),
            "that keeps nobody from syncing"
        );
        assert_eq!(number(&run, &[&of(SetupProblem::WrongDomain)]), Some("WC-110"));
        let withheld = of(SetupProblem::DetailsWithheld);
        for (state, why, told) in [
            ("incomplete", "SY-106", None),
            ("failed", "SY-106", None),
            ("incomplete", "SY-134", Some("SY-134")),
            ("failed", "WC-110", Some("WC-110")),
        ] {
            assert_eq!(number(&source(state, Some(why)), &[&withheld]), told, "{state} {why}");
        }
        let empty = of(SetupProblem::ScopeEmpty);
        assert_eq!(number(&source("incomplete", Some("SY-134")), &[&empty]), None);
        let paused = source("paused", Some("SY-148"));
        assert_eq!(
            number(&paused, &[&empty]),
            Some("DR-192"),
            "an admin has to decide about that one"
        );
        let paused = source("paused", None);
        assert_eq!(number(&paused, &[&of(SetupProblem::SyncWaits)]), None);
        assert_eq!(number(&paused, &[&of(SetupProblem::AppClosed)]), Some("DR-192"));
    }
}
