//! Fetches from WeCom everything that a data source's secrets can show, before anything is written (reference 5.1).
//!
//! | secrets | members | details |
//! |---|---|---|
//! | app | its visible scope: departments walked, plus those picked singly or by tag | through the app |
//! | contacts-sync | the whole corp (`user/list_id`) | only from addresses added before 2022-08-15; else 48009, reported |
//! | both | the whole corp | contacts-sync where it may, else the app for those it sees |
//!
//! Departments and members come by WeCom's lists, or, where the data source says so, by its exports ([`exports`]).
//! What a refused call means, [`Meaning`] says; what it leaves missing, the builder judges.
//!
//! [`exports`]: super::exports

use futures_util::{StreamExt, stream};

use super::{
    circuit_breaker::CircuitBreaker,
    completeness::CorpIds,
    failure::SyncFailure,
    reading::{HeldBack, Reading},
    snapshot_builder::SnapshotBuilder,
    source::Credentials,
    tally::Tally,
};
use crate::{
    directory::data_source::model::ReadBy,
    kernel::failure::Result,
    wecom::{
        Meaning, WeCom, WeComError,
        model::{Agent, Credential, Department, Member, Rows},
    },
};

/// Calls under way at once. WeCom limits concurrency per corp without saying where (45033).
const PARALLEL: usize = 4;

/// Fetches everything; members have the address that the first of these sources gives. The tally tells how far it has come.
///
/// # Errors
/// When WeCom refuses and not one member could be read.
pub async fn fetch(
    wecom: &WeCom,
    credentials: &Credentials,
    (email_sources, read_by): (&[String], ReadBy),
    tally: &Tally,
) -> Result<Reading> {
    let wecom = &wecom.counting(&tally.calls);
    let mut fetch = Fetch {
        wecom,
        tally,
        read_by,
        late_export: None,
        scope_is_vague: false,
        builder: SnapshotBuilder::new(email_sources.to_vec()),
        breaker: CircuitBreaker::default(),
        held_back: HeldBack::default(),
    };
    match (&credentials.contacts, &credentials.app) {
        (Some(contacts), Some(app)) => fetch.with_both(contacts, app).await,
        (Some(contacts), None) => fetch.with_contacts(contacts).await,
        (None, Some(app)) => fetch.with_app(app).await,
        (None, None) => return Err(SyncFailure::NoCredentials.failure()),
    }
    let both = credentials.contacts.is_some() && credentials.app.is_some();
    Ok(Reading::of(fetch.builder, fetch.held_back, both))
}

/// A fetch under way.
pub(super) struct Fetch<'a> {
    pub(super) wecom: &'a WeCom,
    pub(super) tally: &'a Tally,
    read_by: ReadBy,
    /// An export that was late, so that no other is begun.
    pub(super) late_export: Option<WeComError>,
    /// A tag of the visible scope could not be read: it may name departments.
    scope_is_vague: bool,
    pub(super) builder: SnapshotBuilder,
    breaker: CircuitBreaker,
    pub(super) held_back: HeldBack,
}

impl Fetch<'_> {
    async fn with_app(&mut self, app: &Credential) {
        let agent = self.builder.agent(self.wecom.agent(app).await);
        self.through_app(app, agent.as_ref(), None).await;
    }

    async fn with_contacts(&mut self, contacts: &Credential) {
        if self.ids(contacts).await {
            match self.departments(contacts).await {
                Err(error) if error.is_of_the_list_alone() => {
                    self.builder.record_missing(error);
                    let ids = self.builder.departments.listed();
                    self.corp_members(contacts, ids).await;
                }
                Err(error) if error.meaning() == Meaning::Withheld => self.builder.record_refusal(error),
                departments => {
                    let ids = self.builder.departments(departments);
                    self.corp_members(contacts, ids).await;
                }
            }
        }
        self.tags(contacts, None, None).await;
    }

    async fn corp_members(&mut self, contacts: &Credential, departments: Vec<i64>) {
        match self.members(contacts, departments, Sees::Everything).await {
            Shown::Details => {}
            Shown::Names => self.builder.add_finding(SyncFailure::ExportNamesOnly, true, None),
            Shown::Nothing(error) => self.builder.members(Err(error)),
        }
    }

    async fn with_both(&mut self, contacts: &Credential, app: &Credential) {
        let agent = self.builder.agent(self.wecom.agent(app).await);
        self.ids(contacts).await;
        match self.departments(contacts).await {
            Ok(departments) => {
                let ids = self.builder.departments(Ok(departments));
                match self.members(contacts, ids, Sees::Everything).await {
                    Shown::Details => drop(self.tags(contacts, Some(app), agent.as_ref()).await),
                    // What it is not given of the members, the app may be.
                    Shown::Names | Shown::Nothing(_) => self.through_app(app, agent.as_ref(), Some(contacts)).await,
                }
            }
            Err(error) => {
                // 48009 is what a new address gets; details then come through the app, and only what that misses is reported.
                if error.meaning() != Meaning::Withheld {
                    self.builder.record_missing(error);
                }
                self.through_app(app, agent.as_ref(), Some(contacts)).await;
            }
        }
    }

    /// Fetches the ids of the whole corp; false when they cannot be read, as with a secret that is no contacts-sync secret.
    async fn ids(&mut self, contacts: &Credential) -> bool {
        let members = self.wecom.member_ids(contacts).await;
        let readable = members.is_ok();
        self.builder.member_ids(members);
        self.tally.members(self.builder.seen());
        self.builder.departments(self.wecom.department_ids(contacts).await);
        readable
    }

    /// Fetches everything the app sees: the departments walked, then members visible only singly or by tag, who are in no department call
    /// (reference 5.3). Where the scope is known to name no department, those are all, and nothing is exported: what WeCom makes of an empty
    /// export nobody says.
    async fn through_app(&mut self, app: &Credential, agent: Option<&Agent>, contacts: Option<&Credential>) {
        let tagged = match contacts {
            Some(contacts) => self.tags(contacts, Some(app), agent).await,
            None => self.tags(app, None, agent).await,
        };
        let scope_is_known = agent.is_some() && !self.scope_is_vague;
        if self.read_by == ReadBy::Lists || !scope_is_known || !self.builder.departments.scope.is_empty() {
            let departments = self.app_departments(app, agent).await;
            if let Shown::Nothing(error) = self.members(app, departments, Sees::ItsScope).await {
                self.builder.members(Err(error));
            }
            self.unlisted_departments(app).await;
        }
        let mut picked: Vec<String> = agent.map(|agent| agent.users.clone()).unwrap_or_default();
        picked.extend(tagged);
        if !picked.is_empty() {
            self.held_back.read_into(&mut self.builder).await;
        }
        picked.retain(|userid| !self.builder.is_detailed(userid));
        picked.sort_unstable();
        picked.dedup();
        self.singles(app, picked).await;
    }

    /// The departments to walk with the app's secret. Where their list is withheld, a scope without departments has none (reference 17.2);
    /// else the list of ids may still be shown.
    async fn app_departments(&mut self, app: &Credential, agent: Option<&Agent>) -> Vec<i64> {
        let answer = self.departments(app).await;
        match answer {
            Err(error) if error.meaning() == Meaning::Withheld => {
                if agent.is_some_and(|agent| agent.departments.is_empty()) {
                    return Vec::new();
                }
                // What stands for the lists is not made good by lists.
                if error.is_refused_export() {
                    return self.listed(Err(error));
                }
                self.builder.record_missing(error);
                let ids = self.wecom.department_ids(app).await;
                self.listed(ids);
                self.builder.departments.covered()
            }
            answer => self.listed(answer),
        }
    }

    /// Adds what the app sees of the departments: all there is, unless the contacts-sync secret shows the whole corp's.
    fn listed(&mut self, answer: std::result::Result<Rows<Department>, WeComError>) -> Vec<i64> {
        if self.builder.missing.corp_ids == CorpIds::NotAsked {
            self.builder.departments(answer)
        } else {
            self.builder.more_departments(answer)
        }
    }

    async fn departments(&mut self, credential: &Credential) -> std::result::Result<Rows<Department>, WeComError> {
        match self.read_by {
            ReadBy::Lists => self.wecom.departments(credential).await,
            ReadBy::Export => self.exported_departments(credential).await,
        }
    }

    /// Fetches the members of these departments; by export, of all that the secret sees.
    async fn members(&mut self, credential: &Credential, departments: Vec<i64>, sees: Sees) -> Shown {
        match self.read_by {
            ReadBy::Lists => {
                self.walk(credential, departments, sees).await;
                Shown::Details
            }
            ReadBy::Export => self.exported_members(credential).await,
        }
    }

    async fn walk(&mut self, credential: &Credential, departments: Vec<i64>, sees: Sees) {
        let wecom = self.wecom;
        self.tally.plan(departments.len());
        let mut again = Vec::new();
        {
            let calls = departments
                .into_iter()
                .map(|id| async move { (id, wecom.members_listed(credential, id).await) });
            let mut answers = stream::iter(calls).buffer_unordered(PARALLEL);
            while let Some((id, answer)) = answers.next().await {
                if answer.as_ref().is_err_and(|error| error.errcode == Some(45033)) {
                    again.push(id);
                } else if self.department_list(id, answer, sees).await {
                    return;
                }
            }
        }
        // Too many calls at once (45033): the rest one by one.
        for id in again {
            let answer = wecom.members_of(credential, id).await;
            if self.department_members(id, answer, sees).await {
                return;
            }
        }
    }

    /// Adds the members of one department, after those that came before; true when no further department is to be asked for.
    pub(super) async fn department_members(
        &mut self,
        id: i64,
        answer: std::result::Result<Rows<Member>, WeComError>,
        sees: Sees,
    ) -> bool {
        self.tally.done();
        let blown = self.breaker.record(answer.as_ref().err());
        match answer {
            // Listed only because it lies above what the scope covers.
            Err(error)
                if error.errcode == Some(60011) && sees == Sees::ItsScope && !self.builder.departments.covers(id) => {}
            answer => {
                self.held_back.read_into(&mut self.builder).await;
                self.builder.members_in(id, answer);
            }
        }
        self.tally.members(self.builder.seen());
        if blown {
            self.builder
                .mark_partial("the remaining departments were not asked for".to_owned());
        }
        blown
    }

    /// Asks for departments that the scope names and no list shows. Where somebody is in one after all, the lists are not to be trusted.
    async fn unlisted_departments(&mut self, app: &Credential) {
        if self.builder.missing.has_failed() {
            return;
        }
        for id in self.builder.departments.unlisted() {
            self.tally.plan(1);
            let answer = self.wecom.members_of(app, id).await;
            if answer.is_ok() {
                let reason = format!("department {id} is in the visible scope and in no list");
                self.builder.missing.add(Meaning::Withheld, reason);
            } else if answer.as_ref().is_err_and(|error| error.errcode == Some(60011)) {
                self.tally.done();
                continue;
            }
            if self.department_members(id, answer, Sees::ItsScope).await {
                return;
            }
        }
    }

    async fn singles(&mut self, app: &Credential, userids: Vec<String>) {
        let wecom = self.wecom;
        self.tally.plan(userids.len());
        let calls = userids.into_iter().map(|userid| async move {
            let answer = wecom.member(app, &userid).await;
            answer.map_err(|error| error.about(format!("member {userid}")))
        });
        let mut answers = stream::iter(calls).buffer_unordered(PARALLEL);
        while let Some(answer) = answers.next().await {
            let blown = self.breaker.record(answer.as_ref().err());
            self.builder.member_lookup(answer);
            self.tally.done();
            self.tally.members(self.builder.seen());
            if blown {
                self.builder
                    .mark_partial("the remaining single members were not asked for".to_owned());
                return;
            }
        }
    }

    /// Fetches tags with their contents; returns the userids visible through tags of the scope. `otherwise` is asked where the first secret
    /// is refused; if that passes, the other's view is a part only, and the contents stay as we hold them.
    async fn tags(&mut self, first: &Credential, otherwise: Option<&Credential>, agent: Option<&Agent>) -> Vec<String> {
        let scope: &[i64] = agent.map_or(&[], |agent| &agent.tags);
        let (credential, list) = match (self.wecom.tags(first).await, otherwise) {
            (Err(error), Some(second)) => {
                if error.meaning() != Meaning::Withheld {
                    self.builder.record_missing(error);
                    self.builder.tags.partial = true;
                }
                (second, self.wecom.tags(second).await)
            }
            (answer, _) => (first, answer),
        };
        let mut ids: Vec<i64> = scope.to_vec();
        match list {
            Ok(list) => {
                ids.extend(list.rows.iter().map(|tag| tag.id));
                self.builder.tags(list);
            }
            Err(error) => self.builder.record_missing(error),
        }
        ids.sort_unstable();
        ids.dedup();
        self.tag_contents(credential, ids, scope).await
    }

    async fn tag_contents(&mut self, credential: &Credential, ids: Vec<i64>, scope: &[i64]) -> Vec<String> {
        let wecom = self.wecom;
        self.tally.plan(ids.len());
        let calls = ids
            .into_iter()
            .map(|id| async move { (id, wecom.tag(credential, id).await) });
        let mut answers = stream::iter(calls).buffer_unordered(PARALLEL);
        let mut tagged = Vec::new();
        while let Some((id, answer)) = answers.next().await {
            self.tally.done();
            let in_scope = scope.contains(&id);
            let blown = self.breaker.record(answer.as_ref().err());
            let unread = |error: &WeComError| error.meaning() != Meaning::Empty;
            self.scope_is_vague |= in_scope && answer.as_ref().is_err_and(unread);
            let userids = self.builder.tag(id, answer, in_scope);
            if in_scope {
                tagged.extend(userids);
            }
            if blown {
                self.no_more_tags(scope);
                break;
            }
        }
        tagged
    }

    fn no_more_tags(&mut self, scope: &[i64]) {
        let reason = "the remaining tags were not asked for".to_owned();
        if scope.is_empty() {
            self.builder.missing.add_other(Meaning::NoAnswer, reason);
        } else {
            self.scope_is_vague = true;
            self.builder.mark_partial(reason);
        }
    }
}

/// What a secret is given of the members it sees.
pub(super) enum Shown {
    /// All there is; what went wrong on the way was recorded.
    Details,
    /// Names and departments.
    Names,
    /// Nothing: WeCom refuses it for good. Not yet recorded.
    Nothing(WeComError),
}

/// What a secret sees of the corp.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sees {
    /// All of it, as a contacts-sync secret does.
    Everything,
    /// What the app's visible scope covers.
    ItsScope,
}
