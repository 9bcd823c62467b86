//! Builds a [`Snapshot`] from WeCom's answers, good and bad. Pure: the caller asks, this decides what an answer means.
//!
//! A refusal is never an empty answer: whatever could not be read makes the snapshot partial, and says which call and why.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    failure::SyncFailure,
    snapshot::{AppFact, Completeness, DepartmentFact, Finding, Person, Profile, ScopeLine, Snapshot, Unreadable, key},
};

use crate::directory::{email::model::first_given, sync::snapshot::TagFact};
use crate::{
    kernel::failure::{Failure, Result},
    wecom::{
        Class, WeComError,
        model::{Agent, Department, Malformed, Member, MemberId, MemberLookup, Rows},
    },
};

/// Reasons kept in full; the rest is counted.
const MOST_REASONS: usize = 20;

/// What was gathered so far.
#[derive(Default)]
pub struct SnapshotBuilder {
    /// From where addresses are taken, the first that gives one.
    email_sources: Vec<String>,
    people: BTreeMap<String, Seen>,
    unreadable: BTreeMap<String, Unreadable>,
    nameless: Vec<Unreadable>,
    departments: BTreeMap<i64, DepartmentFact>,
    departments_incomplete: bool,
    findings: BTreeMap<&'static str, Finding>,
    reasons: Vec<String>,
    refusal: Option<WeComError>,
    pub(super) tags: super::snapshot_builder::Tags,
    app: Option<AppFact>,
}

struct Seen {
    person: Person,
    /// WeCom described them, rather than only naming their id.
    detailed: bool,
    remarks: Vec<String>,
}

impl SnapshotBuilder {
    /// An empty one that takes addresses from these sources.
    pub fn new(email_sources: Vec<String>) -> Self {
        Self {
            email_sources,
            ..Self::default()
        }
    }

    /// Adds the integration app and its visible scope.
    pub fn agent(&mut self, answer: std::result::Result<Agent, WeComError>) -> Option<Agent> {
        let agent = self.require(answer)?;
        agent.malformed.iter().cloned().for_each(|row| self.malformed(row));
        if agent.closed {
            self.add_finding(SyncFailure::AppClosed, false, None);
        }
        let users = agent.users.iter().map(|userid| ScopeLine::User(key(userid)));
        let departments = agent.departments.iter().copied().map(ScopeLine::Department);
        let tags = agent.tags.iter().copied().map(ScopeLine::Tag);
        self.app = Some(AppFact {
            name: agent.name.clone(),
            closed: agent.closed,
            redirect_domain: agent.redirect_domain.clone(),
            scope: users.chain(departments).chain(tags).collect(),
        });
        Some(agent)
    }

    /// Adds a list of departments, with names or without. Several lists complement each other; a failed one means that none may be deleted.
    pub fn departments(&mut self, answer: std::result::Result<Rows<Department>, WeComError>) -> Vec<i64> {
        let Some(list) = self.require(answer) else {
            self.departments_incomplete = true;
            return Vec::new();
        };
        // Nobody knows which department is behind such a row, nor who is in it.
        if !list.malformed.is_empty() {
            self.departments_incomplete = true;
            let rows = list.malformed.into_iter().map(|row| Unreadable {
                userid: row.userid,
                reason: row.reason,
            });
            self.mark_partial(told_rows(&rows.collect::<Vec<_>>()));
        }
        let ids = list.rows.iter().map(|department| department.id).collect();
        list.rows.into_iter().for_each(|department| self.department(department));
        ids
    }

    fn department(&mut self, seen: Department) {
        let fact = self.departments.entry(seen.id).or_insert(DepartmentFact {
            id: seen.id,
            parent_id: seen.parent_id,
            name: None,
            order: seen.order,
        });
        if seen.name.is_some() {
            fact.name = seen.name;
        }
    }

    /// Adds all member ids of the corp.
    pub fn member_ids(&mut self, answer: std::result::Result<Rows<MemberId>, WeComError>) {
        let Some(ids) = self.require(answer) else { return };
        for pair in ids.rows {
            let person = Person {
                userid: pair.userid,
                departments: vec![pair.department],
                ..Person::default()
            };
            self.person(person, false, Vec::new());
        }
        ids.malformed.into_iter().for_each(|row| self.malformed(row));
    }

    /// Adds the members of one department.
    pub fn members(&mut self, answer: std::result::Result<Rows<Member>, WeComError>) {
        let answer = match answer {
            // Listed as an ancestor only: nobody directly in it is in scope (reference 4.3).
            Err(error) if error.errcode == Some(60011) => return,
            answer => answer,
        };
        let Some(page) = self.require(answer) else { return };
        page.rows.into_iter().for_each(|member| self.member(member));
        page.malformed.into_iter().for_each(|row| self.malformed(row));
    }

    /// Adds the lookup of a single member. Not visible is an answer.
    pub fn member_lookup(&mut self, answer: std::result::Result<MemberLookup, WeComError>) {
        if let Some(MemberLookup::Visible(member)) = self.require(answer) {
            self.member(*member);
        }
    }

    fn member(&mut self, member: Member) {
        let person = Person {
            userid: member.userid,
            profile: Profile {
                name: member.name,
                alias: member.alias,
                position: member.position,
                email: first_given(&self.email_sources, member.biz_mail, member.email),
                mobile: member.mobile,
                avatar: member.avatar,
                gender: member.gender.map(str::to_owned),
            },
            departments: member.departments,
            main_department: member.main_department,
            status: member.status,
        };
        self.person(person, true, member.remarks);
    }

    fn person(&mut self, mut person: Person, detailed: bool, remarks: Vec<String>) {
        let key = key(&person.userid);
        let mut departments: BTreeSet<i64> = person.departments.drain(..).collect();
        if let Some(known) = self.people.get_mut(&key) {
            departments.extend(known.person.departments.iter().copied());
            if detailed && !known.detailed {
                *known = Seen {
                    person,
                    detailed,
                    remarks,
                };
            }
            known.person.departments = departments.into_iter().collect();
        } else {
            person.departments = departments.into_iter().collect();
            let seen = Seen {
                person,
                detailed,
                remarks,
            };
            self.people.insert(key, seen);
        }
    }

    pub(super) fn malformed(&mut self, row: Malformed) {
        let unreadable = Unreadable {
            userid: row.userid,
            reason: row.reason,
        };
        match &unreadable.userid {
            Some(userid) => {
                self.unreadable.insert(key(userid), unreadable);
            }
            None => self.nameless.push(unreadable),
        }
    }

    /// Whether WeCom described this member, rather than only naming their id.
    pub fn is_detailed(&self, userid: &str) -> bool {
        self.people.get(&key(userid)).is_some_and(|seen| seen.detailed)
    }

    /// Adds a finding about the run, once for each kind.
    pub fn add_finding(&mut self, kind: SyncFailure, prevents_success: bool, detail: Option<String>) {
        self.findings
            .entry(kind.entry().number)
            .or_insert_with(|| Finding::of(kind, prevents_success, detail));
    }

    /// Returns the answer, or records that it is missing: then the snapshot is partial.
    pub fn require<T>(&mut self, answer: std::result::Result<T, WeComError>) -> Option<T> {
        match answer {
            Ok(value) => Some(value),
            Err(error) => {
                self.mark_partial(error.to_string());
                self.record_refusal(error);
                None
            }
        }
    }

    /// Records that something could not be read: the snapshot is partial, so nobody may be removed.
    pub fn mark_partial(&mut self, reason: String) {
        self.reasons.push(reason);
    }

    /// Records a refusal as a finding without making the snapshot partial: something else may fill the gap.
    pub fn record_refusal(&mut self, error: WeComError) {
        self.add_finding(explain(&error), true, Some(describe(&error)));
        self.refusal.get_or_insert(error);
    }

    /// Finishes the snapshot.
    ///
    /// # Errors
    /// When WeCom refused and nobody was seen: there is nothing to plan with.
    pub fn finish(mut self, both_secrets: bool) -> Result<Snapshot> {
        if self.people.is_empty() {
            if let Some(error) = self.refusal {
                return Err(failure_of(&error));
            }
            self.mark_partial("WeCom showed no member".to_owned());
            self.add_finding(SyncFailure::NothingVisible, true, None);
        }
        self.judge_rows();
        if both_secrets {
            self.judge_details();
        }
        self.judge_names();
        let adjusted = self.adjusted();
        let completeness = self.completeness();
        Ok(Snapshot {
            adjusted,
            members: self.people.into_iter().map(|(key, seen)| (key, seen.person)).collect(),
            malformed: self.unreadable.into_values().chain(self.nameless).collect(),
            departments_complete: !self.departments_incomplete && !self.departments.is_empty(),
            departments: self.departments.into_values().collect(),
            tags_complete: self.tags.complete,
            tags: self.tags.facts.into_values().collect(),
            app: self.app,
            completeness,
            findings: self.findings.into_values().collect(),
        })
    }

    /// Reconciles unreadable rows with members: a member described elsewhere is readable after all; one who is only named by id is not.
    fn judge_rows(&mut self) {
        let people = &mut self.people;
        self.unreadable.retain(|key, _| match people.get(key) {
            Some(seen) if seen.detailed => false,
            _ => {
                people.remove(key);
                true
            }
        });
        if !self.unreadable.is_empty() {
            let detail = told_rows(self.unreadable.values());
            self.add_finding(SyncFailure::RowsSkipped, false, Some(detail));
        }
        if !self.nameless.is_empty() {
            let detail = told_rows(&self.nameless);
            self.mark_partial("member rows without a readable userid".to_owned());
            self.add_finding(SyncFailure::NamelessRows, true, Some(detail));
        }
    }

    fn judge_details(&mut self) {
        let bare = self.people.values().filter(|seen| !seen.detailed).count();
        if bare > 0 {
            let detail = format!("{bare} of {} members", self.people.len());
            self.add_finding(SyncFailure::IdsOnly, false, Some(detail));
        }
    }

    /// Reports departments whose names no secret was given.
    fn judge_names(&mut self) {
        let nameless = self.departments.values().filter(|fact| fact.name.is_none());
        let ids: Vec<String> = nameless.map(|fact| fact.id.to_string()).collect();
        if !ids.is_empty() {
            let named = ids.iter().take(MOST_REASONS).cloned().collect::<Vec<_>>().join(", ");
            let detail = format!("{} of {} departments: {named}", ids.len(), self.departments.len());
            self.add_finding(SyncFailure::NamesWithheld, false, Some(detail));
        }
    }

    /// What was left out or mended in readable rows, as a finding too.
    fn adjusted(&mut self) -> Vec<Unreadable> {
        let remarked = self.people.values().filter(|seen| !seen.remarks.is_empty());
        let rows: Vec<Unreadable> = remarked
            .map(|seen| Unreadable {
                userid: Some(seen.person.userid.clone()),
                reason: seen.remarks.join("; "),
            })
            .collect();
        if !rows.is_empty() {
            let named = rows.iter().filter_map(|row| row.userid.as_deref()).take(MOST_REASONS);
            let detail = format!("{} members: {}", rows.len(), named.collect::<Vec<_>>().join(", "));
            self.add_finding(SyncFailure::ValuesAdjusted, false, Some(detail));
        }
        rows
    }

    fn completeness(&mut self) -> Completeness {
        if self.reasons.is_empty() {
            return Completeness::Complete;
        }
        let more = self.reasons.len().saturating_sub(MOST_REASONS);
        self.reasons.truncate(MOST_REASONS);
        if more > 0 {
            self.reasons.push(format!("and {more} more"));
        }
        let reasons = std::mem::take(&mut self.reasons);
        let finding = Finding::of(SyncFailure::FetchIncomplete, true, Some(reasons.join("; ")));
        self.findings.insert(finding.number, finding);
        Completeness::Partial { reasons }
    }
}

/// Names the first rows, and counts all.
fn told_rows<'a>(rows: impl IntoIterator<Item = &'a Unreadable>) -> String {
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

/// Maps a refusal to the kind of its finding (reference 1.5).
pub fn explain(error: &WeComError) -> SyncFailure {
    match (error.errcode, error.class) {
        (Some(48009), _) => SyncFailure::DetailsForbidden,
        (Some(48002), _) => SyncFailure::WrongSecretKind,
        (Some(40056 | 301_002), _) => SyncFailure::AgentWrong,
        (Some(60020), _) => SyncFailure::AddressNotTrusted,
        (Some(40001 | 40013 | 40091), _) | (_, Class::Token) => SyncFailure::SecretRefused,
        (_, Class::Throttled) => SyncFailure::Throttled,
        (Some(50003), _) => SyncFailure::AppClosed,
        _ => SyncFailure::FetchIncomplete,
    }
}

/// Makes the failure of a run that read nothing: the kind of the refusal.
pub fn failure_of(error: &WeComError) -> Failure {
    explain(error).failure().detail(describe(error)).cause(error)
}

fn describe(error: &WeComError) -> String {
    match &error.observed_ip {
        Some(ip) => format!("{error}; WeCom saw the address {ip}"),
        None => error.to_string(),
    }
}

/// Tags gathered so far.
#[derive(Default)]
pub struct Tags {
    pub(super) facts: BTreeMap<i64, TagFact>,
    pub(super) complete: bool,
}
