//! Deciding a request: one conditional statement says who decided, in the transaction of the import, the portals, the end date, the audit events and
//! the notices. Whoever comes second is told by whom and how.

use std::fmt::Display;

use serde_json::json;
use uuid::Uuid;

use super::{
    failure::RequestFailure,
    input::{ApproveInput, RefuseInput},
    model::{AccessRequest, Decider, Decision, Group, LIFETIME, Portal, tag},
    service::{Requests, record},
    state::{Event, State},
    store::{self, Outcome},
};
use crate::{
    audit::{self, Kind},
    directory::{
        group,
        importing::ImportFailure,
        store::Change,
        sync::{ImportTarget, PendingImport},
        user::store::set_access_until,
    },
    kernel::{
        entity_tag::IfMatch,
        failure::{Failure, Result},
    },
    oidc::registration::store::allow_user,
};

/// What an approval gives.
struct Given {
    username: String,
    portals: Vec<Portal>,
    groups: Vec<Group>,
    access_until: Option<i64>,
}

impl Requests {
    /// Lets the member of a request in: they are a user at once.
    ///
    /// # Errors
    /// `AR-102` when there is no such request, `AR-103` when it is decided, `AR-106` when they are a user already, `AR-107` and `AR-108` for what was
    /// entered, `AR-110` where no sync has read them, `AR-115` where they are there no more or another person has their userid, `AR-116` to `AR-118`
    /// where they could not sign in, `AR-120` for a username that takes an operator, `AR-121` for groups; `DI-101` and `DI-105` for a username that cannot be one or is taken, `DI-230`, `DI-232` and
    /// `DI-235` where they cannot be imported; `AD-114` when the request is not in the state that `if_match` demands.
    pub async fn approve(&self, decider: &Decider, id: Uuid, input: &ApproveInput, if_match: &IfMatch) -> Result<()> {
        store::recognise(&self.deps.database, self.now().minus(LIFETIME)).await?;
        let request = self.open_request(id, Event::Approve).await?;
        input.check(self.now())?;
        let given = Given {
            username: username(decider, &request, input)?,
            portals: self.portals(decider, &request, input).await?,
            groups: self.groups_of(decider, input).await?,
            access_until: input.access_until,
        };
        let target = self.target(&request).await?;
        let change = self.begin(&decider.actor).await?;
        // Before the request's row, as whoever asks.
        let takes_users = store::takes_users(change.transaction(), request.data_source).await?;
        let asked = self.judge(&change, (id, Event::Approve), if_match).await?;
        if asked.is_some_and(|member| member != target.member()) {
            return Err(RequestFailure::OtherPerson.into());
        }
        if !decider.operates && store::left_out(change.transaction(), target.member()).await?.is_some() {
            return Err(RequestFailure::LeftOut.into());
        }
        if !takes_users {
            return Err(RequestFailure::SourceOff.into());
        }
        match self.import(change, target, &given).await {
            Ok(pending) => self.conclude(decider, &request, given, pending).await,
            Err(failure) if failure.entry == ImportFailure::HasUser.entry() => {
                self.overtake_if_imported(id).await?;
                Err(RequestFailure::Overtaken.into())
            }
            Err(failure) => Err(failure),
        }
    }

    /// The member who has the userid now.
    async fn target(&self, request: &AccessRequest) -> Result<ImportTarget> {
        let target = self.deps.sync.import_target(request.data_source, &request.userid);
        let missing = match request.member {
            Some(_) => RequestFailure::OtherPerson,
            None => RequestFailure::NotRead,
        };
        target.await?.ok_or_else(|| missing.into())
    }

    async fn import(&self, change: Change, target: ImportTarget, given: &Given) -> Result<PendingImport> {
        let pending = self.deps.sync.import_within(change, target, &given.username).await?;
        let (change, user) = (pending.change(), pending.user);
        if !store::is_active(change.transaction(), user).await? {
            return Err(RequestFailure::MemberOutside.into());
        }
        if let Some(until) = given.access_until {
            set_access_until(change, user, until).await?;
        }
        // Rows are locked in one order, whatever order they were named in: two approvals wait for one another, and not each for the other.
        let mut portals: Vec<Uuid> = given.portals.iter().map(|portal| portal.id).collect();
        portals.sort_unstable();
        for portal in portals {
            allow_user(change, portal, user).await?;
        }
        let groups: Vec<Uuid> = given.groups.iter().map(|group| group.id).collect();
        let gone = group::store::join(change, &groups, (user, &given.username)).await?;
        if !gone.is_empty() {
            return Err(no_group("groups"));
        }
        Ok(pending)
    }

    async fn conclude(
        &self,
        decider: &Decider,
        request: &AccessRequest,
        given: Given,
        pending: PendingImport,
    ) -> Result<()> {
        let change = pending.change();
        let decision = Decision {
            via: decider.via,
            username: Some(given.username),
            portals: given.portals.into_iter().map(|portal| portal.client_id).collect(),
            groups: given.groups.into_iter().map(|group| group.name).collect(),
            access_until: given.access_until,
            name: decider.name.clone(),
            because: None,
        };
        let outcome = Outcome {
            state: State::Approved,
            by: &decider.actor,
            decision: &decision,
            refusal: None,
            reason_shown: false,
            user: Some(pending.user),
        };
        self.end(change, request.id, &outcome).await?;
        self.tell_outcome(change, request, (State::Approved, &decision, None))
            .await?;
        let more = json!({ "decision": decision, "user_id": pending.user });
        let record = record(change, request, (Kind::AccessRequestApproved, more));
        audit::store::insert_in_transaction(change.transaction(), change.entropy(), change.now(), record).await?;
        self.deps.sync.commit_import(pending).await
    }

    /// Does not let the member of a request in.
    ///
    /// # Errors
    /// `AR-102`, `AR-103`, `AR-107` and `AD-114` as for approving.
    pub async fn refuse(&self, decider: &Decider, id: Uuid, input: &RefuseInput, if_match: &IfMatch) -> Result<()> {
        let request = self.open_request(id, Event::Refuse).await?;
        let reason = input.reason()?;
        let change = self.begin(&decider.actor).await?;
        self.judge(&change, (id, Event::Refuse), if_match).await?;
        let decision = Decision {
            name: decider.name.clone(),
            ..Decision::by(decider.via)
        };
        let shown = input.show_reason && reason.is_some();
        let outcome = Outcome {
            state: State::Refused,
            by: &decider.actor,
            decision: &decision,
            refusal: reason.as_deref(),
            reason_shown: shown,
            user: None,
        };
        self.end(&change, id, &outcome).await?;
        let told = reason.as_deref().filter(|_| shown);
        self.tell_outcome(&change, &request, (State::Refused, &decision, told))
            .await?;
        let more = json!({ "decision": decision, "reason": reason, "reason_shown": shown });
        let record = record(&change, &request, (Kind::AccessRequestRefused, more));
        change.commit_as(record).await
    }

    async fn open_request(&self, id: Uuid, event: Event) -> Result<AccessRequest> {
        let request = self.request(id).await?;
        match request.state.after(event) {
            Some(_) => Ok(request),
            None => Err(decided(&request)),
        }
    }

    /// Locks a request, so that of several who decide one does, and judges it. Row id of the member who asked, where a sync has read them.
    async fn judge(&self, change: &Change, (id, event): (Uuid, Event), if_match: &IfMatch) -> Result<Option<Uuid>> {
        let locked = store::locked(change, id)
            .await?
            .ok_or_else(|| RequestFailure::NotFound.failure())?;
        if locked.state.after(event).is_none() {
            return Err(self.lost(change, id).await);
        }
        if_match.judge(&tag(id, locked.version))?;
        Ok(locked.member)
    }

    async fn end(&self, change: &Change, id: Uuid, outcome: &Outcome<'_>) -> Result<()> {
        match store::end(change.transaction(), id, outcome, change.now()).await? {
            true => Ok(()),
            false => Err(self.lost(change, id).await),
        }
    }

    /// What whoever came second is told.
    async fn lost(&self, change: &Change, id: Uuid) -> Failure {
        match store::how_decided(change.transaction(), id).await {
            Ok(Some((state, by, at))) => RequestFailure::Decided
                .failure()
                .detail(format!("{} by {by} at {at} (milliseconds since 1970)", state.word())),
            Ok(None) => RequestFailure::Decided.into(),
            Err(error) => error.into(),
        }
    }

    /// The portals that are chosen, the one that was asked for unless others are.
    async fn portals(&self, decider: &Decider, request: &AccessRequest, input: &ApproveInput) -> Result<Vec<Portal>> {
        let Some(names) = &input.portals else {
            return Ok(request.portal.iter().cloned().collect());
        };
        let mut chosen: Vec<Portal> = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let found = store::portal(&self.deps.database, name).await?;
            let portal = found.ok_or_else(|| {
                let failure = RequestFailure::Invalid.failure();
                failure.field(format_args!("portals[{place}]"), "there is no such portal")
            })?;
            let asked = request.portal.as_ref().is_some_and(|asked| asked.id == portal.id);
            if portal.limited && !asked && !decider.every_portal {
                return Err(RequestFailure::OtherPortal.into());
            }
            if chosen.iter().all(|known| known.id != portal.id) {
                chosen.push(portal);
            }
        }
        Ok(chosen)
    }

    /// The groups that are chosen, each once.
    async fn groups_of(&self, decider: &Decider, input: &ApproveInput) -> Result<Vec<Group>> {
        let names = input.groups.as_deref().unwrap_or_default();
        if !names.is_empty() && !decider.groups {
            return Err(RequestFailure::Groups.into());
        }
        let mut chosen: Vec<Group> = Vec::new();
        for (place, name) in names.iter().enumerate() {
            let found = store::group(&self.deps.database, name).await?;
            let group = found.ok_or_else(|| no_group(format_args!("groups[{place}]")))?;
            if chosen.iter().all(|known| known.id != group.id) {
                chosen.push(group);
            }
        }
        Ok(chosen)
    }
}

/// The failure of an approval with a group that there is not, or not any more.
fn no_group(field: impl Display) -> Failure {
    RequestFailure::Invalid.failure().field(field, "there is no such group")
}

/// The username that is given: the member ID. Another one says who somebody is at every portal, so it takes an operator.
fn username(decider: &Decider, request: &AccessRequest, input: &ApproveInput) -> Result<String> {
    match &input.username {
        Some(other) if *other != request.userid && !decider.operates => Err(RequestFailure::OtherUsername.into()),
        Some(chosen) => Ok(chosen.clone()),
        None => Ok(request.userid.clone()),
    }
}

/// The failure of a request that is over.
pub fn decided(request: &AccessRequest) -> Failure {
    let by = request.decided_by.as_deref().unwrap_or("system");
    let at = request.decided_at.map(|at| at.millis()).unwrap_or_default();
    RequestFailure::Decided.failure().detail(format!(
        "{} by {by} at {at} (milliseconds since 1970)",
        request.state.word()
    ))
}
