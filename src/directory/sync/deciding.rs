//! What an admin decides about the import of single members: link, rename, ignore, open again, choose, take out. A decision is carried out at
//! once, by the plan of these members alone, in the transaction that records it; the next syncs keep to it.

pub mod within;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    mirror::{Mirror, UserOrigin},
    plan::{self, changes::Said, model::UserChange},
    run_context::Job,
    service::Sync,
    source::Source,
    store::{access, members, part, sources},
};
use crate::{
    audit::difference::Difference,
    directory::{
        email,
        failure::DirectoryFailure,
        importing::{
            decision::ImportDecision,
            failure::ImportFailure,
            model::{ManyInput, Subject},
            outcome::Outcome,
            rules::ImportMode,
            store,
        },
        store::audited_transaction::Change,
        user::input::check_given_username,
    },
    kernel::failure::Result,
};

/// What became of a member.
type Outcomes = Vec<(Uuid, Outcome, Option<String>)>;

/// A decision in the making: the transaction, the data source, and the member it is about.
struct Deciding {
    change: Change,
    source: Source,
    subject: Subject,
}

impl Deciding {
    /// Whoever is a user cannot be imported again.
    fn without_user(self) -> Result<Self> {
        match self.subject.user_id {
            None => Ok(self),
            Some(_) => Err(ImportFailure::HasUser.into()),
        }
    }

    fn is(&self, outcomes: &[Outcome]) -> bool {
        outcomes.iter().any(|outcome| outcome.word() == self.subject.outcome)
    }

    async fn commit(self, action: &str, more: Value) -> Result<()> {
        let subject = &self.subject;
        let shown = |subject: &Subject| json!({ "import_outcome": subject.outcome, "user_id": subject.user_id });
        let after = store::locked(self.change.transaction(), &[subject.id]).await?;
        let difference = Difference::between(&shown(subject), &after.first().map_or(Value::Null, shown))
            .also("userid", subject.userid.clone())
            .also("data_source_id", subject.data_source_id.to_string())
            .also("decided", more);
        let name = format!("member:{}", subject.id);
        self.change.commit_difference(name, (action, &[]), difference).await
    }
}

impl Sync {
    /// The member is this user from now on.
    ///
    /// # Errors
    /// `DI-102` when there is no such member, `DI-101` no such user; `DI-226` to `DI-230` and `DI-235` by what they are.
    pub async fn link_member(&self, actor: &str, member: Uuid, user: Uuid) -> Result<()> {
        let deciding = self.about(actor, member).await?.without_user()?;
        let locked = store::lock_user(deciding.change.transaction(), user).await?;
        let Some(locked) = locked else {
            let failure = DirectoryFailure::Invalid.failure();
            return Err(failure.field("user_id", "there is no such user"));
        };
        if locked.console {
            return Err(ImportFailure::ConsoleAdmin.into());
        }
        let decided = ImportDecision::Link(user);
        let mirror = self.part(&deciding, &decided).await?;
        let owner = mirror.users.iter().find(|row| row.id == user).map(|row| row.owner);
        if owner.is_none_or(|owner| owner == UserOrigin::OtherCorp) {
            return Err(ImportFailure::OtherCorp.into());
        }
        if mirror.members.iter().any(|row| row.user_id == Some(user)) {
            return Err(ImportFailure::UserLinked.into());
        }
        self.import_as_decided(&deciding, mirror, &decided).await?;
        self.conclude(deciding, "linked", json!({ "user_id": user })).await
    }

    /// The member becomes a new user of this name.
    ///
    /// # Errors
    /// `DI-102` when there is no such member, `DI-101` for a name that cannot be one, `DI-105` when it is taken; `DI-226`, `DI-230`, `DI-235`.
    pub async fn rename_member(&self, actor: &str, member: Uuid, username: &str) -> Result<()> {
        check_given_username(username)?;
        let deciding = self.about(actor, member).await?.without_user()?;
        let decided = ImportDecision::Rename(username.to_owned());
        self.import_under(&deciding, (username, &decided)).await?;
        self.conclude(deciding, "renamed", json!({ "username": username }))
            .await
    }

    /// The member is chosen, and becomes a user by the rules.
    ///
    /// # Errors
    /// `DI-102` when there is no such member, `DI-226` when they are a user already, `DI-232` when the rules lead to a conflict; `DI-230`, `DI-235`.
    pub async fn import_member(&self, actor: &str, member: Uuid) -> Result<()> {
        let deciding = self.about(actor, member).await?;
        if self.chosen_again(&deciding.change, &deciding.subject).await? {
            return deciding.commit("imported", Value::Null).await;
        }
        let deciding = deciding.without_user()?;
        let decided = ImportDecision::Import;
        let mirror = self.part(&deciding, &decided).await?;
        self.import_as_decided(&deciding, mirror, &decided).await?;
        self.conclude(deciding, "imported", Value::Null).await
    }

    /// These members are chosen. Whoever would be a conflict is listed as one; whoever is a user stays so.
    ///
    /// # Errors
    /// `DI-101` for a list that cannot be taken, `DI-102` when one is not there; `DI-230` and `DI-235`, with the place in the list.
    pub async fn import_members(&self, actor: &str, input: &ManyInput) -> Result<()> {
        input.check()?;
        let found = store::sources_of(&self.runs.db, &input.members).await?;
        let source = self.only_source(&found, input.members.len()).await?;
        let change = self.begin(actor).await?;
        let subjects = store::locked(change.transaction(), &input.members).await?;
        for subject in &subjects {
            let place = input
                .members
                .iter()
                .position(|id| *id == subject.id)
                .unwrap_or_default();
            check(subject).map_err(|failure| failure.detail(format!("members[{place}]")))?;
        }
        let mut new = Vec::new();
        for subject in &subjects {
            if subject.user_id.is_none() {
                store::put(&change, subject, &ImportDecision::Import).await?;
                new.push((subject.id, Some(ImportDecision::Import)));
            } else {
                self.chosen_again(&change, subject).await?;
            }
        }
        let ids: Vec<Uuid> = new.iter().map(|(id, _)| *id).collect();
        let mirror = part::load(change.transaction(), &source, new).await?;
        let outcomes = self.carry_out((&change, &source), mirror, &ids).await?;
        let found = |id: &Uuid| subjects.iter().find(|subject| subject.id == *id);
        let before = |id: &Uuid| found(id).map(|subject| subject.outcome.clone());
        let shown = |id: &Uuid, is: Outcome| json!({ "member_id": id, "before": before(id), "outcome": is.word() });
        let told: Vec<Value> = outcomes.iter().map(|(id, is, _)| shown(id, *is)).collect();
        let detail = json!({ "action": "members_imported", "members": told });
        change.commit_with(format!("data_source:{}", source.id), detail).await?;
        self.settle_addresses().await;
        Ok(())
    }

    /// The member stays out, although the rules name a conflict.
    ///
    /// # Errors
    /// `DI-102` when there is no such member, `DI-231` when there is no open conflict; `DI-226`, `DI-230`, `DI-235`.
    pub async fn ignore_conflict(&self, actor: &str, member: Uuid) -> Result<()> {
        let deciding = self.about(actor, member).await?.without_user()?;
        if !deciding.is(&[Outcome::Skipped, Outcome::Conflict]) {
            return Err(ImportFailure::NoConflict.into());
        }
        store::put(&deciding.change, &deciding.subject, &ImportDecision::Ignore).await?;
        let outcome = (Outcome::Ignored.word(), "an admin decided that this member stays out");
        store::set_outcome(&deciding.change, &deciding.subject, outcome).await?;
        deciding.commit("ignored", Value::Null).await
    }

    /// Takes the decision back that a member stays out, and follows the rules again.
    ///
    /// # Errors
    /// `DI-102` when there is no such member, `DI-231` when that was not decided; `DI-226`, `DI-230`, `DI-235`.
    pub async fn reopen_conflict(&self, actor: &str, member: Uuid) -> Result<()> {
        let deciding = self.about(actor, member).await?.without_user()?;
        if !deciding.is(&[Outcome::Ignored]) {
            return Err(ImportFailure::NoConflict.into());
        }
        store::take_back(&deciding.change, member).await?;
        let tx = deciding.change.transaction();
        let mirror = part::load(tx, &deciding.source, vec![(member, None)]).await?;
        self.carry_out((&deciding.change, &deciding.source), mirror, &[member])
            .await?;
        self.conclude(deciding, "reopened", Value::Null).await
    }

    /// Takes a member out of the choice; the access of whoever is a user ends.
    ///
    /// # Errors
    /// `DI-102` when there is no such member, `DI-233` where everybody is imported, `DI-234` when they are not chosen, `DI-227` for a console
    /// admin; `DI-230`, `DI-235`.
    pub async fn exclude_member(&self, actor: &str, member: Uuid) -> Result<()> {
        let deciding = self.about(actor, member).await?;
        if deciding.source.import.mode == ImportMode::All {
            return Err(ImportFailure::EverybodyImported.into());
        }
        let (change, subject) = (&deciding.change, &deciding.subject);
        let locked = match subject.user_id {
            Some(user) => store::lock_user(change.transaction(), user).await?,
            None => None,
        };
        // Somebody who was taken out, and whom an admin enabled by hand since, is taken out again.
        let has_access = locked.is_some_and(|locked| locked.active);
        if !has_access && deciding.is(&[Outcome::NotChosen, Outcome::Removed]) {
            return Err(ImportFailure::NotChosen.into());
        }
        if locked.is_some_and(|locked| locked.console) {
            return Err(ImportFailure::ConsoleAdmin.into());
        }
        if let Some(user) = subject.user_id {
            store::end_access(change, subject, user).await?;
        }
        store::put(change, subject, &ImportDecision::Exclude).await?;
        let outcome = (Outcome::NotChosen.word(), "an admin took this member out of the choice");
        store::set_outcome(change, subject, outcome).await?;
        deciding.commit("excluded", Value::Null).await
    }

    /// Commits a decision by which somebody may have become a user.
    async fn conclude(&self, deciding: Deciding, action: &str, more: Value) -> Result<()> {
        deciding.commit(action, more).await?;
        self.settle_addresses().await;
        Ok(())
    }

    /// Fills gaps by the templates, and verifies anew. By itself: it locks everybody who has an address, and whoever decides holds rows already.
    async fn settle_addresses(&self) {
        let settled = async {
            if !email::store::is_unsettled(self.runs.db.reader()).await? {
                return Ok(());
            }
            let tx = self.runs.db.begin().await?;
            email::store::settle_all(&tx, self.runs.clock.now().millis()).await?;
            tx.commit().await
        };
        if let Err(error) = settled.await {
            tracing::warn!(%error, "the addresses of new users are left to the next sync");
        }
    }

    async fn begin(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.runs.db, &self.runs.entropy, self.runs.clock.now(), actor).await
    }

    /// Begins a decision: the member is locked, so that of two admins one decides.
    async fn about(&self, actor: &str, member: Uuid) -> Result<Deciding> {
        let found = store::sources_of(&self.runs.db, &[member]).await?;
        let source = self.only_source(&found, 1).await?;
        let change = self.begin(actor).await?;
        let subject = store::locked(change.transaction(), &[member]).await?.into_iter().next();
        let subject = subject.ok_or_else(|| DirectoryFailure::NotFound.failure())?;
        check(&subject)?;
        Ok(Deciding {
            change,
            source,
            subject,
        })
    }

    /// The one data source of these members, who must all be there.
    async fn only_source(&self, found: &[(Uuid, Uuid)], members: usize) -> Result<Source> {
        let Some((_, id)) = found.first().filter(|_| found.len() == members) else {
            return Err(DirectoryFailure::NotFound.into());
        };
        if found.iter().any(|(_, other)| other != id) {
            let failure = DirectoryFailure::Invalid.failure();
            return Err(failure.field("members", "must all be of one data source"));
        }
        let source = sources::find(&self.runs.db, *id).await?;
        source.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Gives the access back of somebody who was taken out of the choice; false when they were not.
    async fn chosen_again(&self, change: &Change, subject: &Subject) -> Result<bool> {
        let user = subject.user_id.filter(|_| subject.outcome == Outcome::NotChosen.word());
        let Some(user) = user else { return Ok(false) };
        let locked = store::lock_user(change.transaction(), user).await?;
        if locked.is_some_and(|locked| locked.console) {
            return Err(ImportFailure::ConsoleAdmin.into());
        }
        store::put(change, subject, &ImportDecision::Import).await?;
        let outcome = (Outcome::Imported.word(), "an admin chose this member again");
        store::set_outcome(change, subject, outcome).await?;
        store::give_access_back(change.transaction(), user, change.now()).await?;
        Ok(true)
    }

    async fn part(&self, deciding: &Deciding, decided: &ImportDecision) -> Result<Mirror> {
        let decided = vec![(deciding.subject.id, Some(decided.clone()))];
        Ok(part::load(deciding.change.transaction(), &deciding.source, decided).await?)
    }

    /// Records the decision and carries it out; the member is a user then.
    async fn import_as_decided(&self, deciding: &Deciding, mirror: Mirror, decided: &ImportDecision) -> Result<()> {
        let Deciding {
            change,
            source,
            subject,
        } = deciding;
        store::put(change, subject, decided).await?;
        let outcomes = self.carry_out((change, source), mirror, &[subject.id]).await?;
        match outcomes.first() {
            Some((_, Outcome::Imported, _)) => Ok(()),
            other => {
                let reason = other.and_then(|(_, _, reason)| reason.clone()).unwrap_or_default();
                Err(ImportFailure::NotImportable.failure().detail(reason))
            }
        }
    }

    /// Plans these members as they are held, and writes what follows.
    async fn carry_out(
        &self,
        (change, source): (&Change, &Source),
        mut mirror: Mirror,
        ids: &[Uuid],
    ) -> Result<Outcomes> {
        for row in mirror.members.iter_mut().filter(|row| ids.contains(&row.id)) {
            // Whoever decides says that it is them, and what was removed before is decided anew.
            row.missed = false;
            if row.outcome == Outcome::Removed {
                row.outcome = Outcome::NotChosen;
            }
        }
        let mut plan = plan::of_members(&mirror, &part::as_held(&mirror), source.rule);
        let theirs = |id: Option<Uuid>| id.is_some_and(|id| ids.contains(&id));
        plan.members.retain(|change| theirs(change.held.map(|held| held.id)));
        plan.outside.retain(|end| theirs(end.member));
        let job = Job {
            db: &self.runs.db,
            clock: &self.runs.clock,
            entropy: &self.runs.entropy,
            data_source_id: source.id,
            corp_key: &source.corp_key,
            run: None,
            fetched_at: change.now(),
        };
        let tx = change.transaction();
        let missed = members::write_alone(tx, &job, &plan.members).await?;
        if !missed.is_empty() {
            let detail = "something changed meanwhile: read the member again";
            return Err(ImportFailure::NotImportable.failure().detail(detail));
        }
        // One left over may have been taken out of the choice before.
        for change in &plan.members {
            if let UserChange::Write { id, link: true, .. } = &change.user {
                store::give_access_back(tx, *id, job.clock.now()).await?;
            }
        }
        let ends: Vec<_> = plan.outside.iter().collect();
        access::end_in(tx, &job, (&ends, &Said::default()), (plan.reach_of_scope(), None)).await?;
        let rows = mirror.members.into_iter().filter(|row| ids.contains(&row.id));
        let outcomes = rows.map(|row| {
            let mut planned = plan.members.iter();
            match planned.find(|change| change.held.is_some_and(|held| held.id == row.id)) {
                Some(change) => (row.id, change.outcome, change.reason.clone()),
                None => (row.id, row.outcome, row.reason),
            }
        });
        Ok(outcomes.collect())
    }
}

/// Only about members who are there, and known, anything is decided.
fn check(subject: &Subject) -> Result<()> {
    if !subject.present {
        return Err(ImportFailure::Departed.into());
    }
    if subject.doubted {
        return Err(ImportFailure::InDoubt.into());
    }
    Ok(())
}
