//! What an incomplete fetch still proves: which lists are missing, and whether absence from the others means anything. Pure.
//!
//! An export stands for the lists it replaces, and is as complete a reading as they are only if
//! - WeCom says that the job is done, and names its files;
//! - every one of them was fetched, has the size and the MD5 that were told, was decrypted and holds the list it is about;
//! - each row of it could be read, or at least its userid, as in a list; one of a member that leaves `department` out could not;
//! - what an export is not known to give was asked for as before: the visible scope, its members picked singly or by a tag, its departments
//!   that no list shows, the tags, and the ids of the whole corp where a secret shows them.
//!
//! Anything less is a list without an answer. That holds for a refusal too ([`weighed`]): the same secret may well see by a list what it may
//! not export, so nobody is looked up one by one, let alone removed, for having set `read_by`.

use super::{
    failure::SyncFailure,
    snapshot::{Completeness, Finding, Unreadable},
};
use crate::{
    kernel::failure::Failure,
    wecom::{Class, ExportFault, Meaning, WeComError},
};

/// Reasons and rows that are told; the rest is counted.
pub const MOST_REASONS: usize = 20;

/// Whether the ids of the whole corp were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CorpIds {
    /// There is no secret to ask with: what the app sees is all there is.
    #[default]
    NotAsked,
    /// Who is in none of them is gone, whatever else failed.
    Read,
    /// They could not be read: nothing that a secret shows is known to be all.
    Missing,
}

/// Lists that are missing.
#[derive(Debug, Default)]
pub struct MissingLists {
    /// Whether the ids of the whole corp are among them.
    pub corp_ids: CorpIds,
    /// They come another time.
    failed: Vec<String>,
    /// They never come with these secrets.
    withheld: Vec<String>,
    /// Rows of them that cannot be read: a finding of its own tells which.
    unreadable: Vec<String>,
    /// They say nothing about who is there.
    others: Vec<String>,
    /// Nor do these, and they never come.
    others_withheld: Vec<String>,
}

impl MissingLists {
    /// Adds a list through which members are seen.
    pub fn add(&mut self, meaning: Meaning, reason: String) {
        match meaning {
            Meaning::Withheld => self.withheld.push(reason),
            Meaning::Empty | Meaning::NoAccess | Meaning::NoAnswer => self.failed.push(reason),
        }
    }

    /// Adds rows that cannot be read, and may be so for ever: whoever is missing may be behind one of them.
    pub fn add_unreadable(&mut self, reason: String) {
        self.unreadable.push(reason);
    }

    /// Adds a list that says nothing about who is there.
    pub fn add_other(&mut self, meaning: Meaning, reason: String) {
        match meaning {
            Meaning::Withheld => self.others_withheld.push(reason),
            Meaning::Empty | Meaning::NoAccess | Meaning::NoAnswer => self.others.push(reason),
        }
    }

    /// Whether a list through which members are seen failed, so that more calls may be in vain.
    pub const fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Judges what absence proves. `seen`: anybody was seen at all. The findings say which lists are missing.
    pub fn judge(self, seen: bool) -> (Completeness, Vec<Finding>) {
        let Self {
            corp_ids,
            failed,
            withheld,
            unreadable,
            mut others,
            mut others_withheld,
        } = self;
        let (mut reasons, mut withholds) = (Vec::new(), false);
        let completeness = if corp_ids == CorpIds::Read && seen {
            others.extend(failed);
            others_withheld.extend(withheld);
            Completeness::Complete
        } else if corp_ids == CorpIds::Missing || !failed.is_empty() || !seen {
            reasons = bounded(failed.into_iter().chain(withheld).chain(unreadable).collect());
            Completeness::Partial {
                reasons: reasons.clone(),
            }
        } else if withheld.is_empty() && unreadable.is_empty() {
            Completeness::Complete
        } else {
            withholds = true;
            others_withheld.splice(0..0, withheld);
            let hidden = others_withheld.iter().cloned().chain(unreadable);
            Completeness::Withheld {
                reasons: bounded(hidden.collect()),
            }
        };
        let findings = [
            (SyncFailure::FetchIncomplete, true, reasons),
            (SyncFailure::ListsMissing, true, bounded(others)),
            (SyncFailure::ListsWithheld, withholds, bounded(others_withheld)),
        ];
        let findings = findings.into_iter().filter(|(_, _, reasons)| !reasons.is_empty());
        let findings = findings.map(|(kind, prevents, reasons)| Finding::of(kind, prevents, Some(reasons.join("; "))));
        (completeness, findings.collect())
    }
}

fn bounded(mut reasons: Vec<String>) -> Vec<String> {
    let more = reasons.len().saturating_sub(MOST_REASONS);
    reasons.truncate(MOST_REASONS);
    if more > 0 {
        reasons.push(format!("and {more} more"));
    }
    reasons
}

/// Names the first rows, and counts all.
pub fn told_rows<'a>(rows: impl IntoIterator<Item = &'a Unreadable>) -> String {
    let mut told = Vec::new();
    let mut many = 0_usize;
    for row in rows {
        many += 1;
        if many <= MOST_REASONS {
            let name = row.userid.iter().map(|userid| format!("{userid}: "));
            told.push(name.chain([row.reason.clone()]).collect::<String>());
        }
    }
    format!("{many} rows: {}", told.join("; "))
}

/// What a refused reading says here: as everywhere, but for an export that this secret may not make.
pub fn weighed(error: &WeComError) -> Meaning {
    if error.is_refused_export() {
        Meaning::NoAccess
    } else {
        error.meaning()
    }
}

const fn of_export(fault: ExportFault) -> SyncFailure {
    match fault {
        ExportFault::Failed => SyncFailure::ExportFailed,
        ExportFault::Late => SyncFailure::ExportLate,
        ExportFault::Address => SyncFailure::ExportAddress,
        ExportFault::Unfetchable => SyncFailure::ExportUnfetched,
        ExportFault::Damaged => SyncFailure::ExportDamaged,
        ExportFault::Unreadable => SyncFailure::ExportUnreadable,
    }
}

/// Maps a refusal to the kind of its finding (reference 1.5).
pub fn explain(error: &WeComError) -> SyncFailure {
    if let Some(fault) = error.export {
        return of_export(fault);
    }
    if error.is_refused_export() {
        return SyncFailure::ExportRefused;
    }
    match (error.errcode, error.class) {
        (Some(48009), _) => SyncFailure::DetailsForbidden,
        (Some(48002), _) => SyncFailure::WrongSecretKind,
        (Some(40056 | 301_002), _) => SyncFailure::AgentWrong,
        (Some(60020), _) => SyncFailure::AddressNotTrusted,
        (Some(40084 | 48003 | 48004), _) => SyncFailure::NotInstalled,
        (Some(40085), _) => SyncFailure::NoSuiteTicket,
        (Some(40001 | 40013 | 40091), _) | (_, Class::Token) => SyncFailure::SecretRefused,
        (_, Class::Throttled) => SyncFailure::Throttled,
        (Some(48006 | 50003 | 60031), _) => SyncFailure::AppClosed,
        _ => match error.meaning() {
            Meaning::NoAccess => SyncFailure::NotPermitted,
            Meaning::Withheld => SyncFailure::ListsWithheld,
            Meaning::Empty | Meaning::NoAnswer => SyncFailure::FetchIncomplete,
        },
    }
}

/// Makes the failure of a run that read nothing: the kind of the refusal.
pub fn failure_of(error: &WeComError) -> Failure {
    explain(error).failure().detail(describe(error)).cause(error)
}

/// The error, with the address that WeCom saw.
pub fn describe(error: &WeComError) -> String {
    match &error.observed_ip {
        Some(ip) => format!("{error}; WeCom saw the address {ip}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Completeness, CorpIds, Meaning, MissingLists};

    fn judged(corp_ids: CorpIds, failed: bool, withheld: bool) -> (Completeness, Vec<&'static str>) {
        let mut missing = MissingLists {
            corp_ids,
            ..MissingLists::default()
        };
        if failed {
            missing.add(Meaning::NoAnswer, "user/list answered 45009".to_owned());
        }
        if withheld {
            missing.add(Meaning::Withheld, "tag/get answered 81011".to_owned());
        }
        let (completeness, findings) = missing.judge(true);
        (completeness, findings.iter().map(|finding| finding.number).collect())
    }

    #[test]
    fn the_ids_of_the_corp_prove_absence_whatever_else_is_missing() {
        for (failed, withheld) in [(false, false), (true, false), (false, true), (true, true)] {
            assert_eq!(judged(CorpIds::Read, failed, withheld).0, Completeness::Complete);
            assert!(matches!(
                judged(CorpIds::Missing, failed, withheld).0,
                Completeness::Partial { .. }
            ));
        }
        assert_eq!(judged(CorpIds::Read, true, true).1, ["SY-134", "SY-135"]);
    }

    #[test]
    fn without_them_a_failed_list_hides_anybody_and_a_withheld_one_asks_for_a_look() {
        assert_eq!(
            judged(CorpIds::NotAsked, false, false),
            (Completeness::Complete, vec![])
        );
        let (failed, numbers) = judged(CorpIds::NotAsked, true, true);
        assert!(matches!(failed, Completeness::Partial { reasons } if reasons.len() == 2));
        assert_eq!(numbers, ["SY-105"]);
        let (withheld, numbers) = judged(CorpIds::NotAsked, false, true);
        assert!(matches!(withheld, Completeness::Withheld { .. }));
        assert_eq!(numbers, ["SY-135"]);
    }

    #[test]
    fn a_row_that_cannot_be_read_asks_for_a_look_as_well_and_is_told_elsewhere() {
        let judged = |corp_ids| {
            let mut missing = MissingLists {
                corp_ids,
                ..MissingLists::default()
            };
            missing.add_unreadable("row 2 of `department`: no `id`".to_owned());
            let (completeness, findings) = missing.judge(true);
            assert!(findings.is_empty() == (corp_ids != CorpIds::Missing));
            completeness
        };
        assert!(matches!(judged(CorpIds::NotAsked), Completeness::Withheld { reasons } if reasons.len() == 1));
        assert_eq!(judged(CorpIds::Read), Completeness::Complete);
        assert!(matches!(judged(CorpIds::Missing), Completeness::Partial { .. }));
    }
}
