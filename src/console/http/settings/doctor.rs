//! Everything that can be wrong with the installation: what was seen, what it means, where it is mended.

use askama::Template;
use serde::Deserialize;

use crate::console::http::{
    frame::{Frame, Section},
    moment::Moment,
    visit::{Reply, Visit},
};

#[derive(Template)]
#[template(path = "console/settings/doctor.html")]
struct DoctorPage {
    frame: Frame,
    severity: String,
    checks: Vec<Check>,
    at: Moment,
    /// Whether it is one check alone.
    single: bool,
    /// So many found something.
    found: usize,
}

#[derive(Deserialize)]
pub(in crate::console::http) struct Report {
    checked_at: i64,
    severity: String,
    pub(in crate::console::http) checks: Vec<Check>,
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
    /// What it looks at, in the page's language; as the API says it where the console has no text for it.
    fn about(&self, frame: &Frame) -> String {
        let text = frame.word("console-doctor-about", &self.check);
        if text == self.check { self.about.clone() } else { text }
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

pub(super) async fn checks(visit: Visit) -> Reply {
    let report: Report = visit.get(&visit.passing("doctor", &["check"])).await?;
    Ok(visit.page(&DoctorPage {
        frame: visit.frame("console-doctor-title", Some(Section::Settings)),
        severity: report.severity,
        found: report.checks.iter().filter(|check| !check.findings.is_empty()).count(),
        checks: report.checks,
        at: visit.moment(report.checked_at),
        single: visit.param("check").is_some(),
    }))
}
