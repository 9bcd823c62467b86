//! What the doctor tells: rows of checks with their findings, worst first where it counts. Pure.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::{console_place, setup_problem::Problem},
    kernel::{clock::Timestamp, failure::Entry},
};

/// How bad something is: `ok`; `warning`: it works, but not as it should; `error`: somebody is kept from something, or soon will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = DoctorSeverity)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing is wrong.
    #[default]
    Ok,
    /// It works, but not as it should.
    Warning,
    /// Somebody is kept from something, or soon will be.
    Error,
}

impl Severity {
    /// The word in the API and of the metric's label.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl From<console_place::Severity> for Severity {
    fn from(of_resource: console_place::Severity) -> Self {
        match of_resource {
            console_place::Severity::Error => Self::Error,
            console_place::Severity::Warning => Self::Warning,
        }
    }
}

/// How a check ended: `ok`; `warning` or `error` by its worst finding; `skipped`, because it rests on a check that found a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DoctorState)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is wrong.
    Ok,
    /// Its worst finding is a warning.
    Warning,
    /// Its worst finding is an error.
    Error,
    /// It was not made, because it rests on a check that found a fault.
    Skipped,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DoctorFinding)]
pub struct Finding {
    /// Stable reference number, explained in `docs/errors.md`.
    #[schema(example = "DR-110")]
    pub number: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it means, in a sentence in English.
    pub title: &'static str,
    /// The same sentence in Chinese.
    pub title_zh: &'static str,
    /// The value, address or sentence that was seen.
    pub seen: String,
    /// What to do, in English.
    pub remedy: &'static str,
    /// The same in Chinese.
    pub remedy_zh: &'static str,
    /// Where to do it: a setting, a resource of the API, a machine.
    #[serde(rename = "where")]
    pub place: String,
    /// The resource it is about, as its path below `/api/v1/`; absent: none in particular.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "data-sources/1")]
    pub resource: Option<String>,
    /// Where it is explained.
    pub link: String,
    /// What it is about, for alerts and pages.
    #[serde(flatten)]
    pub about: About,
}

/// What a finding is about, as alerts and pages need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DoctorAbout)]
pub struct About {
    /// Row id of the data source.
    #[serde(skip)]
    pub data_source: Option<Uuid>,
    /// Page of the console where it is mended; absent: none in particular.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/console/settings/notices")]
    pub page: Option<String>,
    /// By what it is the same trouble again, where the place does not tell: each failed run of a sync is another place.
    #[serde(skip)]
    pub matter: Option<String>,
    /// Whether it is not worth an alert yet: it may be over with the next try.
    #[serde(skip)]
    pub early: bool,
}

impl Finding {
    /// The same, about this data source.
    #[must_use]
    pub fn of_source(mut self, id: Option<Uuid>) -> Self {
        self.about.data_source = id;
        self.resource = id.map(|id| format!("data-sources/{id}"));
        self
    }

    /// The same, mended on this page of the console.
    #[must_use]
    pub fn mended_on(mut self, page: String) -> Self {
        self.about.page = Some(page);
        self
    }

    /// The same, which is the same trouble again as long as this is the same.
    #[must_use]
    pub fn in_the_matter_of(mut self, matter: String) -> Self {
        self.about.matter = Some(matter);
        self
    }

    /// The same, of which nobody is alerted where `early` is set: it may be over with the next try.
    #[must_use]
    pub const fn unless_early(mut self, early: bool) -> Self {
        self.about.early = early;
        self
    }

    /// Something that must be mended.
    pub fn error(entry: &'static Entry, seen: impl Into<String>, place: impl Into<String>) -> Self {
        Self::of(entry, Severity::Error, seen.into(), place.into())
    }

    /// Something that should be.
    pub fn warning(entry: &'static Entry, seen: impl Into<String>, place: impl Into<String>) -> Self {
        Self::of(entry, Severity::Warning, seen.into(), place.into())
    }

    fn of(entry: &'static Entry, severity: Severity, seen: String, place: String) -> Self {
        Self {
            number: entry.number,
            severity,
            title: entry.en,
            title_zh: entry.zh,
            seen,
            remedy: entry.remedy,
            remedy_zh: entry.remedy_zh,
            place,
            resource: None,
            link: link(entry.number),
            about: About::default(),
        }
    }

    /// What a resource says is wrong with it, in its own words; mended at the resource or, where it says so, in WeCom's console.
    pub fn taken_over(problem: &Problem, resource: &str) -> Self {
        Self {
            number: problem.number,
            severity: problem.severity.into(),
            title: problem.title,
            title_zh: problem.title_zh,
            seen: problem.detail.clone(),
            remedy: problem.remedy,
            remedy_zh: problem.remedy_zh,
            place: match problem.place {
                Some(console) => format!("{resource}; {console}"),
                None => resource.to_owned(),
            },
            resource: None,
            link: link(problem.number),
            about: About::default(),
        }
    }
}

fn link(number: &str) -> String {
    format!("docs/errors.md#{}", number.to_ascii_lowercase())
}

/// What a check answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// What was seen, also where all is well.
    pub seen: String,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Looked {
    /// Nothing is wrong.
    pub fn well(seen: impl Into<String>) -> Self {
        Self::with(seen, Vec::new())
    }

    /// These findings, perhaps none.
    pub fn with(seen: impl Into<String>, findings: Vec<Finding>) -> Self {
        Self {
            seen: seen.into(),
            findings,
        }
    }
}

/// A check and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DoctorCheck)]
pub struct Row {
    /// Its name, for the parameter `check`.
    pub check: &'static str,
    /// What it looks at, in a few words.
    pub about: &'static str,
    /// How it ended.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What is wrong; empty: nothing.
    pub findings: Vec<Finding>,
    /// When it began to look, milliseconds since 1970: what was seen is given again for a few seconds.
    pub looked_at: Timestamp,
}

impl Row {
    /// The same, which began to look at this moment.
    #[must_use]
    pub fn at(self, looked_at: Timestamp) -> Self {
        Self { looked_at, ..self }
    }

    /// The row of a check that was made.
    pub fn of((check, about): (&'static str, &'static str), looked: Looked) -> Self {
        let worst = looked.findings.iter().map(|finding| finding.severity).max();
        Self {
            check,
            about,
            state: match worst.unwrap_or_default() {
                Severity::Ok => State::Ok,
                Severity::Warning => State::Warning,
                Severity::Error => State::Error,
            },
            seen: looked.seen,
            findings: looked.findings,
            looked_at: Timestamp::from_millis(0),
        }
    }

    /// The row of a check that was not made.
    pub fn skipped((check, about): (&'static str, &'static str), because: &str) -> Self {
        Self {
            check,
            about,
            state: State::Skipped,
            seen: format!("Not looked at, because the check {because} found a fault."),
            findings: Vec::new(),
            looked_at: Timestamp::from_millis(0),
        }
    }

    /// Whether what rests on it can be looked at.
    pub fn carries(&self) -> bool {
        self.state == State::Ok
    }
}

/// What the doctor saw: every check, or the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DoctorReport)]
pub struct Report {
    /// The worst of all findings.
    pub severity: Severity,
    /// When the checks were made, milliseconds since 1970; of what was seen last, when the newest of them was.
    pub checked_at: Timestamp,
    /// Whether the checks were made by the running server; else those that need one are left out.
    pub by_server: bool,
    /// One row for each check.
    pub checks: Vec<Row>,
}

impl Report {
    /// Puts rows together.
    pub fn of(checks: Vec<Row>, by_server: bool, checked_at: Timestamp) -> Self {
        let worst = checks.iter().flat_map(|row| &row.findings).map(|found| found.severity);
        Self {
            severity: worst.max().unwrap_or_default(),
            checked_at,
            by_server,
            checks,
        }
    }

    /// How often each number was found, and how bad it is.
    pub fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for finding in self.checks.iter().flat_map(|row| &row.findings) {
            let count = counts.entry((finding.number, finding.severity.word())).or_default();
            *count = count.saturating_add(1);
        }
        let counts = counts.into_iter().map(|((number, how), count)| (number, how, count));
        counts.collect()
    }
}

/// A span of time in words.
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        directory::setup_problem::{CORP_MISMATCH, SetupProblem},
        doctor::failure::DoctorFinding,
    };

    fn found(severity: Severity) -> Looked {
        let entry = DoctorFinding::ClockOff.entry();
        Looked::with(
            "seen",
            vec![Finding::of(entry, severity, "90 s".to_owned(), String::new())],
        )
    }

    #[test]
    fn the_worst_finding_counts() {
        let name = ("clock", "the clock");
        let rows = vec![
            Row::of(name, Looked::well("fine")),
            Row::of(name, found(Severity::Warning)),
            Row::of(name, found(Severity::Error)),
            Row::skipped(name, "database"),
        ];
        assert_eq!(
            rows.iter().map(|row| (row.state, row.carries())).collect::<Vec<_>>(),
            [
                (State::Ok, true),
                (State::Warning, false),
                (State::Error, false),
                (State::Skipped, false)
            ]
        );
        let report = Report::of(rows, true, Timestamp::from_secs(1));
        assert_eq!(report.severity, Severity::Error);
        assert_eq!(report.counts(), [("DR-130", "error", 1), ("DR-130", "warning", 1)]);
        let well = Report::of(vec![Row::skipped(name, "database")], true, Timestamp::from_secs(1));
        assert_eq!((well.severity, well.counts()), (Severity::Ok, Vec::new()));
    }

    #[test]
    fn a_finding_leads_to_its_explanation_in_both_languages() {
        let looked = found(Severity::Error);
        let finding = looked.findings.first().unwrap();
        assert_eq!(finding.link, "docs/errors.md#dr-130");
        assert!(!finding.title_zh.is_empty());
    }

    #[test]
    fn a_resources_problem_keeps_its_severity_its_words_and_its_place() {
        let problem = Problem::of(&CORP_MISMATCH, "two corp IDs");
        let taken = Finding::taken_over(&problem, "auth-sources/1");
        let told = (taken.number, taken.severity, taken.seen.as_str());
        assert_eq!(told, ("GT-104", Severity::Error, "two corp IDs"));
        assert_eq!(
            (taken.title_zh, taken.place.as_str()),
            (CORP_MISMATCH.zh, "auth-sources/1")
        );
        let scope = Problem::of(SetupProblem::ScopeOutside.entry(), "");
        let taken = Finding::taken_over(&scope, "wecom-apps/1");
        let place = format!("wecom-apps/1; {}", scope.place.unwrap());
        assert_eq!((taken.severity, taken.place), (Severity::Warning, place));
    }

    #[test]
    fn spans_are_told_in_one_unit() {
        for (seconds, told) in [(90, "90 s"), (600, "10 min"), (10_800, "3 h"), (864_000, "10 days")] {
            assert_eq!(span(Duration::from_secs(seconds)), told);
        }
    }
}
