//! Writes the journal, inside the transactions of what it tells of: what stood before is read under lock, what stands after is read again, and
//! the difference is written. So the journal of a killed run says exactly what it wrote.

use std::collections::HashMap;

use entity::{member, sync_row, sync_run, users};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::LockType,
};
use uuid::Uuid;

use super::{Stored, images};
use crate::{
    directory::{
        identity::store as identity,
        sync::{
            journal::{Change, Changes, Entry, FINDING, NEW_MEMBER, NEW_USER, Subject, diff},
            plan::model::RowOutcome,
            run_context::{BATCH, Job},
            run_state::State,
        },
    },
    kernel::failure::Result,
};

/// Members, users and open findings at one moment of a transaction.
#[derive(Default)]
pub struct Images {
    /// Members by id.
    pub members: HashMap<Uuid, member::Model>,
    /// Users by id.
    pub users: HashMap<Uuid, users::Model>,
    /// The open finding of each member.
    pub findings: HashMap<Uuid, Uuid>,
}

impl Images {
    /// These rows as they are locked now, with the open findings about them.
    pub async fn of<C: ConnectionTrait>(
        tx: &C,
        members: HashMap<Uuid, member::Model>,
        users: HashMap<Uuid, users::Model>,
    ) -> Stored<Self> {
        Ok(Self {
            findings: identity::open_of(tx, &ids(&members)).await?,
            members,
            users,
        })
    }

    /// Reads what became of these rows.
    async fn read_again<C: ConnectionTrait>(&self, tx: &C) -> Stored<Self> {
        let members = members_of(tx, ids(&self.members), LockType::NoKeyUpdate).await?;
        let users = users_of(tx, ids(&self.users), LockType::NoKeyUpdate).await?;
        Self::of(tx, members, users).await
    }

    fn changes_of_member(before: &Self, after: &Self, id: Uuid) -> Changes {
        let image = |of: &Self| of.members.get(&id).map(images::member);
        let mut changes = diff(image(before).as_ref(), image(after).as_ref());
        let finding = |of: &Self| of.findings.get(&id).map(Uuid::to_string);
        if finding(before) != finding(after) {
            let (from, to) = (finding(before).into(), finding(after).into());
            changes.insert(FINDING.to_owned(), Change { from, to });
        }
        changes
    }
}

fn ids<T>(rows: &HashMap<Uuid, T>) -> Vec<Uuid> {
    rows.keys().copied().collect()
}

/// These members, locked until the transaction ends: against whoever changes them, and where the lock is `Update` against whatever leads to them too,
/// as a new session does.
pub async fn members_of<C: ConnectionTrait>(
    tx: &C,
    ids: Vec<Uuid>,
    lock: LockType,
) -> Stored<HashMap<Uuid, member::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = member::Entity::find()
        .filter(member::Column::Id.is_in(ids))
        .order_by_asc(member::Column::Id)
        .lock(lock)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// These users, locked until the transaction ends, as [`members_of`]: a sync that only edits keeps nobody's tokens waiting.
pub async fn users_of<C: ConnectionTrait>(
    tx: &C,
    ids: Vec<Uuid>,
    lock: LockType,
) -> Stored<HashMap<Uuid, users::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = users::Entity::find()
        .filter(users::Column::Id.is_in(ids))
        .order_by_asc(users::Column::Id)
        .lock(lock)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// What a transaction did to a member and their user, before it is known in columns.
pub struct Note<'a> {
    /// The member's row.
    pub member: Option<Uuid>,
    /// Their user.
    pub user: Option<Uuid>,
    /// For people.
    pub userid: &'a str,
    /// What happened.
    pub outcome: RowOutcome,
    /// A sentence.
    pub reason: String,
    /// The member was not there before.
    pub new_member: bool,
    /// The user was not there before.
    pub new_user: bool,
}

impl Note<'_> {
    /// Who is created whole needs no columns: the first sync of a large corp writes one short row for each.
    fn entry(self, before: &Images, after: &Images) -> Entry {
        let mut changes = Changes::new();
        if let Some(id) = self.member.filter(|_| !self.new_member) {
            changes.extend(Images::changes_of_member(before, after, id));
        }
        let user = |of: &Images| self.user.and_then(|id| of.users.get(&id)).map(images::user);
        if !self.new_user
            && let Some(held) = user(before)
        {
            changes.extend(diff(Some(&held), user(after).as_ref()));
        }
        let whole = self.new_member && (self.new_user || self.user.is_none());
        let created = [
            (NEW_MEMBER, self.new_member, self.member),
            (NEW_USER, self.new_user, self.user),
        ];
        let created = created.into_iter().filter(|(_, is_new, _)| *is_new && !whole);
        changes.extend(created.filter_map(|(name, _, id)| Some((name.to_owned(), Change::created(id?)))));
        Entry {
            subject: Subject::Member,
            subject_id: self.member,
            user_id: self.user,
            userid: self.userid.to_owned(),
            outcome: self.outcome,
            reason: self.reason,
            changes,
        }
    }
}

/// Writes into the journal what this transaction did to members and users who stood so before.
pub async fn record<C: ConnectionTrait>(tx: &C, job: &Job<'_>, before: &Images, notes: Vec<Note<'_>>) -> Stored<()> {
    let Some(run) = job.run.filter(|_| !notes.is_empty()) else {
        return Ok(());
    };
    run.creates(notes.iter().filter(|note| note.new_user).filter_map(|note| note.user));
    let after = before.read_again(tx).await?;
    let entries: Vec<Entry> = notes.into_iter().map(|note| note.entry(before, &after)).collect();
    write(tx, job, &entries).await
}

/// Writes rows of one transaction into the journal.
pub async fn write<C: ConnectionTrait>(tx: &C, job: &Job<'_>, entries: &[Entry]) -> Stored<()> {
    match job.run {
        Some(run) if !entries.is_empty() => insert(tx, job, (run.run_id, run.next_batch()), entries).await,
        _ => Ok(()),
    }
}

async fn insert<C: ConnectionTrait>(tx: &C, job: &Job<'_>, of: (Uuid, i32), entries: &[Entry]) -> Stored<()> {
    for entries in entries.chunks(BATCH) {
        sync_row::Entity::insert_many(rows(job, of, entries))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// The rows of one transaction of a run.
pub(super) fn rows(
    job: &Job<'_>,
    (run, batch): (Uuid, i32),
    entries: &[Entry],
) -> impl Iterator<Item = sync_row::ActiveModel> {
    entries.iter().map(move |entry| sync_row::ActiveModel {
        id: Set(job.id()),
        run_id: Set(run),
        userid: Set(entry.userid.clone()),
        outcome: Set(entry.outcome.as_str().to_owned()),
        reason: Set(entry.reason.clone()),
        subject: Set(entry.subject.word().to_owned()),
        batch: Set(batch),
        subject_id: Set(entry.subject_id),
        user_id: Set(entry.user_id),
        changes: Set((!entry.changes.is_empty()).then(|| serde_json::to_value(&entry.changes).unwrap_or_default())),
        undone: NotSet,
    })
}

/// Removes what earlier runs of the data source that still wait would have done: the latest says it, and who confirms one of them has it read
/// anew. Else a corp whose runs wait would gather a list of everybody with every event.
pub async fn forget_waiting(job: &Job<'_>) -> Result<()> {
    let waiting = sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::Id)
        .filter(sync_run::Column::DataSourceId.eq(job.data_source_id))
        .filter(sync_run::Column::State.eq(State::Paused.as_str()))
        .into_query();
    let tx = super::fence::begin(job).await?;
    sync_row::Entity::delete_many()
        .filter(sync_row::Column::RunId.in_subquery(waiting))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Adds rows that tell of nothing that was written: remarks, and what a run would do.
pub async fn remark(job: &Job<'_>, entries: &[Entry]) -> Result<()> {
    let Some(run) = job.run else { return Ok(()) };
    for entries in entries.chunks(BATCH) {
        let tx = super::fence::begin(job).await?;
        insert(&tx, job, (run.run_id, 0), entries).await?;
        tx.commit().await?;
    }
    Ok(())
}
