//! How the last sync of each data source ended, where its problems do not say it already.

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{self, Finding, Looked, Severity},
        store::{self, Run, Source},
        surroundings::{Server, Surroundings},
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "sync_runs",
    about: "how the last sync ended",
    rests_on: &["database", "migrations", "ephemeral"],
    look: Of::Server(|around, server| look(around, server).boxed()),
};

async fn look(around: &Surroundings, server: &Server) -> Result<Looked> {
    let sources = store::sources(around.database()?).await?;
    let troubled = server.directory.troubled().await?;
    let told: Vec<Finding> = troubled
        .iter()
        .flat_map(|resource| &resource.problems)
        .map(|problem| Finding::taken_over(problem, ""))
        .collect();
    let ended = |source: &Source| source.run.as_ref().map(|run| format!("{}: {}", source.name, run.state));
    let seen: Vec<String> = sources.iter().filter_map(ended).collect();
    let findings = sources.iter().filter_map(|source| judged(source, &told));
    Ok(Looked::with(seen.join("; "), findings.collect()))
}

/// What a run's end means. One that did not succeed says so in the number of its reason; where a resource tells of an error, that is the
/// reason, and the run need not tell it again.
fn judged(source: &Source, told: &[Finding]) -> Option<Finding> {
    let run = source.run.as_ref()?;
    let place = format!("sync-runs/{} {}", run.id, source.name);
    match run.state.as_str() {
        "paused" => Some(Finding::warning(DoctorFinding::SyncPaused.entry(), reason(run), place)),
        "failed" | "incomplete" => {
            let number = run.why.as_ref().map(|(number, _)| number.as_str());
            let explained = told
                .iter()
                .any(|finding| finding.severity == Severity::Error || Some(finding.number) == number);
            let entry = number.and_then(report::entry);
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

fn reason(run: &Run) -> String {
    match &run.why {
        Some((number, detail)) => format!("{}: {number} {detail}", run.state).trim_end().to_owned(),
        None => run.state.clone(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Finding, Run, Source, judged};
    use crate::{directory::setup_problem::SetupProblem, kernel::clock::Timestamp};

    fn source(state: &str, why: Option<&str>) -> Source {
        Source {
            id: Uuid::nil(),
            name: "corp".to_owned(),
            hours: None,
            created_at: Timestamp::from_secs(0),
            synced_at: None,
            run: Some(Run {
                id: Uuid::nil(),
                state: state.to_owned(),
                why: why.map(|number| (number.to_owned(), String::new())),
            }),
        }
    }

    fn number(source: &Source, told: &[Finding]) -> Option<&'static str> {
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
        let of = |what: SetupProblem| Finding::error(what.entry(), "", "");
        let warning = Finding::warning(SetupProblem::ScopeOutside.entry(), "", "");
        let run = source("failed", Some("WC-110"));
        assert_eq!(number(&run, &[of(SetupProblem::AppClosed)]), None);
        assert_eq!(
            number(&run, &[warning]),
            Some("WC-110"),
            "that keeps nobody from syncing"
        );
    }
}
