//! Alerts: what the doctor finds is told to whoever subscribed to it. Of several replicas one looks each time.

use std::time::Duration;

use crate::{
    doctor::{
        Doctor, Severity,
        report::{Finding, Report},
    },
    kernel::{entropy::Entropy, failure::Result},
    notices::{Notices, Trouble},
    store::{Ephemeral, lease::Lease},
};

/// How often trouble is looked for.
const INTERVAL: Duration = Duration::from_secs(5 * 60);

/// What the job needs. Cheap to clone.
#[derive(Clone)]
pub struct Alerts {
    /// Finds what is wrong.
    pub doctor: Doctor,
    /// Tells it.
    pub notices: Notices,
    /// Where the turn is taken.
    pub ephemeral: Ephemeral,
    /// Randomness.
    pub entropy: Entropy,
}

impl Alerts {
    /// Looks and tells, if somebody wants to be told and nobody has looked lately.
    ///
    /// # Errors
    /// When a store does not answer.
    pub(super) async fn tick(&self) -> Result<()> {
        if !self.notices.is_alert_wanted().await? {
            return Ok(());
        }
        // Not released: for so long whoever looked has looked for all replicas.
        let turn = Lease::acquire(&self.ephemeral, &self.entropy, "alerts", INTERVAL).await?;
        if turn.is_none() {
            return Ok(());
        }
        let report = self.doctor.report().await;
        self.notices.tell_of(&troubles(&report)).await.map(drop)
    }
}

fn troubles(report: &Report) -> Vec<Trouble> {
    let findings = report.checks.iter().flat_map(|row| &row.findings);
    findings.map(trouble).collect()
}

fn trouble(finding: &Finding) -> Trouble {
    let about = &finding.about;
    let page = about.page.clone();
    Trouble {
        number: finding.number,
        grave: finding.severity == Severity::Error,
        title: finding.title,
        title_zh: finding.title_zh,
        seen: finding.seen.clone(),
        remedy: finding.remedy,
        remedy_zh: finding.remedy_zh,
        place: finding.place.clone(),
        matter: about.matter.clone().unwrap_or_else(|| finding.place.clone()),
        path: page.unwrap_or_else(|| "/console/settings/doctor".to_owned()),
        data_source: about.data_source,
    }
}
