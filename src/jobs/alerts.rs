//! Alerts: what the doctor finds, and that signing keys will change, is told to whoever subscribed to it. Of several replicas one looks each time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    doctor::{
        Doctor, DoctorFinding, Severity,
        report::{Finding, Report, Row, State},
    },
    kernel::{
        calendar::exact,
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
    },
    notices::{AlertKind, Notices, Trouble},
    oidc::keys::{KeyView, Keyring, Phase},
    store::{Ephemeral, lease::Lease},
};

/// How often trouble is looked for.
const INTERVAL: Duration = Duration::from_secs(5 * 60);
/// What looks whether signing keys will change, beside the doctor's checks.
const KEYS: &str = "keys_change";
/// The console's page of the signing keys.
const KEYS_PAGE: &str = "/console/settings/keys";

/// What the job needs. Cheap to clone.
#[derive(Clone)]
pub struct Alerts {
    /// Finds what is wrong.
    pub doctor: Doctor,
    /// Tells it.
    pub notices: Notices,
    /// The signing keys.
    pub keys: Keyring,
    /// Where the turn is taken.
    pub ephemeral: Ephemeral,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// When this process looked last.
    pub looked: Arc<Mutex<Option<Timestamp>>>,
}

impl Alerts {
    /// Looks and tells, if somebody wants to be told and nobody has looked lately. Where database or ephemeral store do not answer, that is what is to be told.
    ///
    /// # Errors
    /// When the database does not answer, and it is not known who wants to be told.
    pub(super) async fn tick(&self) -> Result<()> {
        if !self.notices.is_alert_wanted().await? || !self.is_our_turn().await {
            return Ok(());
        }
        let report = self.doctor.report().await;
        let (mut troubles, mut looked) = (troubles(&report), looked(&report));
        // Where they cannot be read, the doctor has said why.
        if let Ok(keys) = self.keys.list().await {
            troubles.extend(keys_change(&keys));
            looked.push(KEYS);
        }
        self.notices.tell_of(&troubles, &looked).await;
        Ok(())
    }

    /// Whether nobody has looked for so long. The lease is not released: for so long whoever looked has looked for all replicas. Without the store in
    /// which leases stand each replica looks for itself.
    async fn is_our_turn(&self) -> bool {
        let now = self.clock.now();
        let turn = Lease::acquire(&self.ephemeral, &self.entropy, "alerts", INTERVAL).await;
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = match turn {
            Ok(turn) => turn.is_some(),
            Err(_) => looked.is_none_or(|at| now.since(at) >= INTERVAL),
        };
        if ours {
            *looked = Some(now);
        }
        ours
    }
}

/// What the doctor finds and is worth an alert.
fn troubles(report: &Report) -> Vec<Trouble> {
    let of_row = |row: &Row| {
        let findings = row.findings.iter().filter(|finding| !finding.about.early);
        let troubles = findings.map(|finding| trouble(row.check, finding));
        troubles.collect::<Vec<_>>()
    };
    report.checks.iter().flat_map(of_row).collect()
}

/// The checks that were made to their end: what they do not find is not there.
fn looked(report: &Report) -> Vec<&'static str> {
    let failed = DoctorFinding::CheckFailed.entry().number;
    let is_whole =
        |row: &&Row| row.state != State::Skipped && row.findings.iter().all(|finding| finding.number != failed);
    report.checks.iter().filter(is_whole).map(|row| row.check).collect()
}

fn trouble(check: &'static str, finding: &Finding) -> Trouble {
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
        check,
    }
}

/// Which algorithms will sign by another key, and from when, in UTC: keys that are made together are told of together.
fn keys_change(keys: &[KeyView]) -> Option<Trouble> {
    let mut next: Vec<&KeyView> = keys.iter().filter(|key| key.state == Phase::Next).collect();
    next.sort_by_key(|key| (key.activates_at, key.alg.word()));
    let first = next.first()?;
    let seen: Vec<String> = next
        .iter()
        .map(|key| format!("{} ({})", key.alg.word(), exact(key.activates_at.millis())))
        .collect();
    let matter = format!("keys of {}", exact(first.activates_at.millis()));
    let (entry, page) = (AlertKind::KeysChange.entry(), KEYS_PAGE.to_owned());
    Some(Trouble {
        check: KEYS,
        ..Trouble::notable(entry, seen.join("; "), matter, page)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{doctor::report::Looked, oidc::keys::Alg};

    #[test]
    fn a_check_that_was_skipped_or_failed_says_of_nothing_that_it_is_over() {
        let found = |entry| Looked::with("", vec![Finding::error(entry, "", "")]);
        let rows = vec![
            Row::of(("clock", ""), Looked::well("")),
            Row::of(("disk", ""), found(DoctorFinding::ClockOff.entry())),
            Row::of(("wecom", ""), found(DoctorFinding::CheckFailed.entry())),
            Row::skipped(("sync_runs", ""), "database"),
        ];
        let report = Report::of(rows, true, Timestamp::from_secs(0));
        assert_eq!(looked(&report), ["clock", "disk"]);
        let found: Vec<_> = troubles(&report).iter().map(|one| (one.number, one.check)).collect();
        assert_eq!(found, [("DR-130", "disk"), ("DR-100", "wecom")]);
    }

    fn key(alg: Alg, state: Phase, activates_at: i64) -> KeyView {
        KeyView {
            kid: "kid".to_owned(),
            alg,
            state,
            created_at: Timestamp::from_secs(0),
            activates_at: Timestamp::from_secs(activates_at),
            retires_at: None,
            removed_at: None,
        }
    }

    #[test]
    fn keys_that_will_sign_are_told_of_with_their_moment() {
        let active = key(Alg::Rs256, Phase::Active, 0);
        assert_eq!(keys_change(std::slice::from_ref(&active)), None);
        let next = |at| key(Alg::Rs256, Phase::Next, at);
        let told = keys_change(&[active.clone(), next(86_400 + 3660)]).unwrap();
        assert_eq!(told.seen, "RS256 (1970-01-02T01:01:00Z)");
        assert!(!told.grave);
        let later = keys_change(&[next(2 * 86_400)]).unwrap();
        assert_ne!(told.matter, later.matter, "the next change is another one");
    }
}
