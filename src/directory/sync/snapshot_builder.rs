//! Builds a [`Snapshot`] from WeCom's answers, good and bad. Pure: the caller asks, this decides what an answer means.
//!
//! A refusal is an empty answer only where the answer table ([`Meaning`]) says so; whatever else could not be read is missing, and a finding
//! says which call and why. What rests on a missing list stays as we hold it.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::Arc,
};

use super::{
    completeness::{CorpIds, MOST_REASONS, MissingLists, describe, explain, failure_of, told_rows, weighed},
    failure::SyncFailure,
    snapshot::{AppFact, Completeness, Finding, Person, Profile, Snapshot, Unreadable, key},
    snapshot_departments::Departments,
};

use crate::directory::{email::model::first_given, sync::snapshot::TagFact};
use crate::{
    kernel::failure::Result,
    wecom::{
        Meaning, WeComError,
        model::{Agent, Department, Malformed, Member, MemberId, MemberLookup, Rows},
    },
};

/// What was gathered so far.
#[derive(Default)]
pub struct SnapshotBuilder {
    /// From where addresses are taken, the first that gives one.
    email_sources: Vec<String>,
    people: HashMap<String, Box<Seen>>,
    unreadable: BTreeMap<String, Unreadable>,
    nameless: Vec<Unreadable>,
    pub(super) departments: Departments,
    findings: BTreeMap<&'static str, Finding>,
    pub(super) missing: MissingLists,
    refusal: Option<WeComError>,
    pub(super) tags: Tags,
    pub(super) app: Option<AppFact>,
}

struct Seen {
    person: Person,
    /// WeCom described them, rather than only telling their id or their name.
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

    /// Members seen by now, be it by their ids only.
    pub fn seen(&self) -> usize {
        self.people.len()
    }

    /// Adds the integration app and its visible scope.
    pub fn agent(&mut self, answer: std::result::Result<Agent, WeComError>) -> Option<Agent> {
        let agent = self.require(answer)?;
        agent.malformed.iter().cloned().for_each(|row| self.malformed(row));
        self.departments.scope.extend(&agent.departments);
        if agent.closed {
            self.add_finding(SyncFailure::AppClosed, false, None);
        }
        self.app = Some(AppFact::from(&agent));
        Some(agent)
    }

    /// Adds a list of departments, with names or without. Several lists complement each other; a failed one means that none may be deleted.
    pub fn departments(&mut self, answer: std::result::Result<Rows<Department>, WeComError>) -> Vec<i64> {
        self.departments.incomplete |= answer.is_err();
        self.more_departments(answer)
    }

    /// Adds a list of departments that others decide about: it may lack some, and tells names.
    pub fn more_departments(&mut self, answer: std::result::Result<Rows<Department>, WeComError>) -> Vec<i64> {
        let Some(list) = self.require(answer) else {
            return Vec::new();
        };
        // Nobody knows which department is behind such a row, nor who is in it.
        if !list.malformed.is_empty() {
            self.departments.incomplete = true;
            let rows: Vec<_> = list.malformed.into_iter().map(Unreadable::from).collect();
            let detail = told_rows(&rows);
            self.missing.add_unreadable(detail.clone());
            self.skipped_rows(detail);
        }
        let ids = list.rows.iter().map(|department| department.id).collect();
        list.rows
            .into_iter()
            .for_each(|department| self.departments.add(department));
        ids
    }

    /// Adds all member ids of the corp.
    pub fn member_ids(&mut self, answer: std::result::Result<Rows<MemberId>, WeComError>) {
        self.missing.corp_ids = if answer.is_ok() {
            CorpIds::Read
        } else {
            CorpIds::Missing
        };
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
        self.page(answer, true);
    }

    /// Adds members of whom only names and departments were asked for: that no more is told of them means nothing.
    pub fn member_names(&mut self, answer: std::result::Result<Rows<Member>, WeComError>) {
        self.page(answer, false);
    }

    fn page(&mut self, answer: std::result::Result<Rows<Member>, WeComError>, detailed: bool) {
        let Some(page) = self.require(answer) else { return };
        page.rows.into_iter().for_each(|member| self.member(member, detailed));
        page.malformed.into_iter().for_each(|row| self.malformed(row));
    }

    /// Adds the lookup of a single member. Not visible is an answer.
    pub fn member_lookup(&mut self, answer: std::result::Result<MemberLookup, WeComError>) {
        if let Some(MemberLookup::Visible(member)) = self.require(answer) {
            self.member(*member, true);
        }
    }

    fn member(&mut self, member: Member, detailed: bool) {
        let (email, other_email) = first_given(&self.email_sources, member.biz_mail, member.email);
        let person = Person {
            userid: member.userid,
            profile: Profile {
                name: member.name,
                alias: member.alias,
                position: member.position,
                email,
                mobile: member.mobile,
                avatar: member.avatar,
                gender: member.gender.map(str::to_owned),
                open_userid: member.open_userid,
            },
            other_email,
            departments: member.departments,
            main_department: member.main_department,
            status: member.status,
        };
        self.person(person, detailed, member.remarks);
    }

    fn person(&mut self, person: Person, detailed: bool, remarks: Vec<String>) {
        let (key, named) = (key(&person.userid), person.profile.name.is_some());
        let mut seen = Box::new(Seen {
            person,
            detailed,
            remarks,
        });
        let known = match self.people.entry(key) {
            Entry::Vacant(place) => place.insert(seen),
            Entry::Occupied(place) => {
                let known = place.into_mut();
                // A name is more than an id, and details are more than a name.
                if !known.detailed && (detailed || named) {
                    std::mem::swap(known, &mut seen);
                }
                known.person.departments.append(&mut seen.person.departments);
                known
            }
        };
        known.person.departments.sort_unstable();
        known.person.departments.dedup();
    }

    pub(super) fn malformed(&mut self, row: Malformed) {
        let unreadable = Unreadable::from(row);
        match &unreadable.userid {
            Some(userid) => {
                self.unreadable.insert(key(userid), unreadable);
            }
            None => self.nameless.push(unreadable),
        }
    }

    /// Whether WeCom described this member, rather than only telling their id or their name.
    pub fn is_detailed(&self, userid: &str) -> bool {
        self.people.get(&key(userid)).is_some_and(|seen| seen.detailed)
    }

    /// Adds a finding about the run, once for each kind; the first detail stays.
    pub fn add_finding(&mut self, kind: SyncFailure, prevents_success: bool, detail: Option<String>) {
        self.insert_finding(Finding::of(kind, prevents_success, detail));
    }

    fn insert_finding(&mut self, finding: Finding) {
        let prevents_success = finding.prevents_success;
        let known = self.findings.entry(finding.number).or_insert(finding);
        known.prevents_success |= prevents_success;
    }

    /// Returns the answer. A refusal that means nothing is there is one as well; any other is a missing list through which members are seen.
    pub fn require<T>(&mut self, answer: std::result::Result<T, WeComError>) -> Option<T> {
        let error = match answer {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let meaning = weighed(&error);
        if meaning != Meaning::Empty {
            self.missing.add(meaning, error.to_string());
            self.record_refusal(error);
        }
        None
    }

    /// Records that a list is missing which says nothing about who is there.
    pub fn record_missing(&mut self, error: WeComError) {
        let meaning = weighed(&error);
        self.missing.add_other(meaning, error.to_string());
        if meaning != Meaning::Withheld {
            self.record_refusal(error);
        }
    }

    /// Records that something could not be read: the snapshot is partial, so nobody may be removed.
    pub fn mark_partial(&mut self, reason: String) {
        self.missing.add(Meaning::NoAnswer, reason);
    }

    /// Records a refusal as a finding without any list missing: something else may fill the gap.
    pub fn record_refusal(&mut self, error: WeComError) {
        match explain(&error) {
            // Which lists, the judgement at the end says; that nobody is visible then is no failure.
            SyncFailure::ListsWithheld => return,
            SyncFailure::FetchIncomplete => {}
            kind => self.add_finding(kind, true, Some(describe(&error))),
        }
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
        let seen = !self.people.is_empty();
        self.judge_rows();
        if both_secrets {
            self.judge_details();
        }
        self.judge_names();
        let adjusted = self.adjusted();
        let corp_ids = self.missing.corp_ids;
        let (completeness, findings) = std::mem::take(&mut self.missing).judge(seen);
        for finding in findings {
            self.insert_finding(finding);
        }
        let departments_complete = self.departments_complete(corp_ids, &completeness);
        if corp_ids == CorpIds::Missing || self.tags.partial {
            self.tags.keep_contents();
        }
        Ok(Snapshot {
            adjusted,
            members: self
                .people
                .into_iter()
                .map(|(key, seen)| (key, Arc::new(seen.person)))
                .collect(),
            malformed: self.unreadable.into_values().chain(self.nameless).collect(),
            departments_complete,
            departments: self.departments.into_facts(),
            tags_complete: self.tags.complete,
            tags: self.tags.facts.into_values().collect(),
            app: self.app,
            completeness,
            looked_at: BTreeMap::new(),
            memberships_partial: corp_ids == CorpIds::Missing,
            findings: self.findings.into_values().collect(),
        })
    }

    /// Whether a department that was not seen is gone. None at all is an answer only for an app whose scope names none.
    fn departments_complete(&self, corp_ids: CorpIds, completeness: &Completeness) -> bool {
        let none = || {
            let scope_known = self.app.is_some() && *completeness == Completeness::Complete;
            corp_ids == CorpIds::NotAsked && scope_known && self.departments.scope.is_empty()
        };
        let any_seen = !self.departments.is_empty();
        !self.departments.incomplete && corp_ids != CorpIds::Missing && !self.people.is_empty() && (any_seen || none())
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
            self.skipped_rows(detail);
        }
        // With the ids of the corp everybody is known who is in it, whatever the row.
        if !self.nameless.is_empty() && self.missing.corp_ids != CorpIds::Read {
            let detail = told_rows(&self.nameless);
            self.missing.add_unreadable(detail.clone());
            self.add_finding(SyncFailure::NamelessRows, true, Some(detail));
        }
    }

    /// Reports rows of a list that cost nothing but themselves, beside those of other lists.
    pub(super) fn skipped_rows(&mut self, detail: String) {
        let told = self.findings.get_mut(SyncFailure::RowsSkipped.entry().number);
        match told.and_then(|finding| finding.detail.as_mut()) {
            Some(told) => *told = format!("{told}; {detail}"),
            None => self.add_finding(SyncFailure::RowsSkipped, false, Some(detail)),
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
        let ids: Vec<String> = self.departments.nameless().map(|id| id.to_string()).collect();
        if !ids.is_empty() {
            let named = ids.iter().take(MOST_REASONS).cloned().collect::<Vec<_>>().join(", ");
            let detail = format!("{} of {} departments: {named}", ids.len(), self.departments.len());
            self.add_finding(SyncFailure::NamesWithheld, false, Some(detail));
        }
    }

    /// What was left out or mended in readable rows, as a finding too.
    fn adjusted(&mut self) -> Vec<Unreadable> {
        let remarked = self.people.iter().filter(|(_, seen)| !seen.remarks.is_empty());
        let remarked: BTreeMap<_, _> = remarked.collect();
        let rows: Vec<Unreadable> = remarked
            .into_values()
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
}

/// Tags gathered so far.
#[derive(Default)]
pub struct Tags {
    pub(super) facts: BTreeMap<i64, TagFact>,
    pub(super) complete: bool,
    /// Seen by a secret that does not see all members.
    pub(super) partial: bool,
}

impl Tags {
    /// Leaves the contents as we hold them: they were seen, but not to the full.
    pub(super) fn keep_contents(&mut self) {
        self.complete = false;
        self.facts.values_mut().for_each(|fact| fact.content = None);
    }
}
