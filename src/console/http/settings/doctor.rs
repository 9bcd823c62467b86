//! Everything that can be wrong with the installation: what was seen, what it means, where it is mended.

use askama::Template;
use serde::Deserialize;

use crate::{
    console::http::{
        frame::{Frame, Section},
        moment::Moment,
        refused::Refused,
        visit::{Reply, Visit},
    },
    doctor::Doctor,
};

/// Asks to look again.
const NOW: &str = "now";
/// Checks of one look begin within it.
const MINUTE: i64 = 60_000;

#[derive(Template)]
#[template(path = "console/settings/doctor.html")]
struct DoctorPage {
    frame: Frame,
    severity: String,
    /// Each with its moment, where it was made later than the oldest.
    checks: Vec<(Check, Option<Moment>)>,
    /// When the oldest of them was made.
    at: Moment,
    /// Whether it is one check alone.
    single: bool,
    /// So many found something.
    found: usize,
}

#[derive(Deserialize)]
pub(in crate::console::http) struct Report {
    severity: String,
    pub(in crate::console::http) checks: Vec<Check>,
}

impl Report {
    /// How old the whole is: when the oldest of its checks was made; `None`: nobody has looked yet.
    pub(in crate::console::http) fn oldest(&self) -> Option<i64> {
        self.checks.iter().map(|check| check.looked_at).min()
    }
}

#[derive(Deserialize)]
pub(in crate::console::http) struct Check {
    pub(in crate::console::http) check: String,
    about: String,
    pub(in crate::console::http) looked_at: i64,
    pub(in crate::console::http) seen: String,
    pub(in crate::console::http) state: String,
    pub(in crate::console::http) findings: Vec<Finding>,
}

impl Check {
    /// What it looks at, in the page's language, where its name does not say it; as the API says it where the console knows neither.
    fn about(&self, frame: &Frame) -> Option<String> {
        let own = |prefix| Some(frame.word(prefix, &self.check)).filter(|text| *text != self.check);
        let text = own("console-doctor-about");
        match own("console-doctor-name") {
            Some(_) => text,
            None => text.or_else(|| Some(self.about.clone())),
        }
    }
}

#[derive(Clone, Deserialize)]
pub(in crate::console::http) struct Finding {
    pub(in crate::console::http) number: String,
    pub(in crate::console::http) severity: String,
    pub(in crate::console::http) title: String,
    pub(in crate::console::http) title_zh: String,
    pub(in crate::console::http) seen: String,
    pub(in crate::console::http) remedy: String,
    pub(in crate::console::http) remedy_zh: String,
    #[serde(rename = "where")]
    place: String,
    /// What it is about, as its path in the API.
    pub(in crate::console::http) resource: Option<String>,
    /// The page on which it is mended.
    pub(in crate::console::http) page: Option<String>,
}

/// What was seen last, at once: looking takes seconds. Looked is where somebody asks for it, for all or one of them, and where there is no whole report yet.
async fn report(visit: &Visit) -> Result<Report, Refused> {
    if visit.param(NOW).is_some() || visit.param("check").is_some() {
        return visit.get(&visit.passing("doctor", &["check"])).await;
    }
    let last: Report = visit.get("doctor?last=true").await?;
    let is_there = |name: &str| last.checks.iter().any(|check| check.check == name);
    match Doctor::names().all(is_there) {
        true => Ok(last),
        false => visit.get("doctor").await,
    }
}

pub(super) async fn checks(visit: Visit) -> Reply {
    let report = report(&visit).await?;
    let oldest = report.oldest().unwrap_or_else(|| visit.operator.now.millis());
    let dated = |check: Check| {
        let later = Some(check.looked_at).filter(|at| at.saturating_sub(oldest) >= MINUTE);
        (check, later.map(|at| visit.moment(at)))
    };
    Ok(visit.page(&DoctorPage {
        frame: visit.frame("console-doctor-title", Some(Section::Settings)),
        severity: report.severity,
        found: report.checks.iter().filter(|check| !check.findings.is_empty()).count(),
        checks: report.checks.into_iter().map(dated).collect(),
        at: visit.moment(oldest),
        single: visit.param("check").is_some(),
    }))
}
