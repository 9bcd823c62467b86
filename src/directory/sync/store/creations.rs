//! Writes members who are new, with new users or none: nearly all that a first sync writes. Nothing that is there decides about them, so the statements
//! are made before the transaction begins, which then lasts no longer than the database takes, and while another batch is being written.

use entity::{member, sync_row, users as user};
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, Statement};
use uuid::Uuid;

use super::{fence, journal, members, users};
use crate::{
    directory::{
        offboarding::model::EndReason,
        sync::{
            journal::{Changes, Entry, Subject},
            mirror::{Settled, UserProfile},
            plan::{
                changes::Said,
                model::{Kind, MemberChange, UserChange},
            },
            run_context::Job,
        },
    },
    kernel::failure::Result,
    store::{database::is_unique_violation, insert_rows},
};

/// Whether all of these are such members.
pub fn are_all(batch: &[MemberChange]) -> bool {
    batch.iter().all(|change| {
        let alone = change.held.is_none() && change.supersedes.is_none() && change.renamed_from.is_none();
        let told = change.doubt.is_some() || change.settled || change.kind != Kind::Created;
        alone && !told && !matches!(change.user, UserChange::Write { .. })
    })
}

/// Writes one batch in one transaction, and returns the userids left out, as [`members::write`], which does it where a name or
/// userid was taken meanwhile.
///
/// # Errors
/// As there.
pub async fn write(job: &Job<'_>, batch: &[MemberChange], said: &Said) -> Result<Vec<String>> {
    let new: Vec<New<'_>> = batch.iter().map(|change| New::of(job, change)).collect();
    let statements = statements(job, &new, said).await;
    let tx = fence::begin(job).await?;
    for statement in statements {
        match tx.execute_raw(statement).await {
            Ok(_) => {}
            Err(error) if is_unique_violation(&error) => {
                tx.rollback().await?;
                return members::write(job, batch, said).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    tx.commit().await?;
    if let Some(run) = job.run {
        run.creates(new.iter().filter_map(|new| new.user_id));
        run.settles(new.iter().filter_map(New::settled));
    }
    Ok(Vec::new())
}

/// A member with the ids they will have.
struct New<'a> {
    change: &'a MemberChange,
    member_id: Uuid,
    user_id: Option<Uuid>,
}

impl<'a> New<'a> {
    fn of(job: &Job<'_>, change: &'a MemberChange) -> Self {
        Self {
            change,
            member_id: job.id(),
            user_id: matches!(change.user, UserChange::Create { .. }).then(|| job.id()),
        }
    }

    fn user(&self, job: &Job<'_>) -> Option<users::NewUser<'a>> {
        let UserChange::Create { username, outside } = &self.change.user else {
            return None;
        };
        Some(users::NewUser {
            id: self.user_id?,
            username,
            profile: UserProfile::given(&self.change.person.profile, job.data_source_id),
            outside: *outside,
        })
    }

    /// What the next run knows of them, if they are in order by what WeCom says of them alone.
    fn settled(&self) -> Option<Settled> {
        let UserChange::Create { outside, .. } = &self.change.user else {
            return None;
        };
        let person = &self.change.person;
        (*outside == person.status.and_then(EndReason::of_status)).then(|| Settled {
            member: self.member_id,
            said: person.digest(),
            kept: false,
        })
    }

    fn member(&self, job: &Job<'_>) -> member::ActiveModel {
        member::ActiveModel {
            departed_at: NotSet,
            doubt: NotSet,
            ..members::row(job, self.change, (self.member_id, self.user_id))
        }
    }

    /// Who is created whole needs no columns.
    fn entry(&self, said: &Said) -> Entry {
        let (outcome, reason) = said.of_change(self.change);
        Entry {
            subject: Subject::Member,
            subject_id: Some(self.member_id),
            user_id: self.user_id,
            userid: self.change.person.userid.clone(),
            outcome,
            reason,
            changes: Changes::new(),
        }
    }
}

/// The statements that write them. The batch before, which shares the thread, goes on in between.
async fn statements(job: &Job<'_>, new: &[New<'_>], said: &Said) -> Vec<Statement> {
    let backend = job.db.reader().get_database_backend();
    let mut statements = Vec::new();
    let users: Vec<user::ActiveModel> = users::new_rows(job, new.iter().filter_map(|new| new.user(job))).collect();
    if !users.is_empty() {
        statements.push(insert_rows(backend, users));
    }
    tokio::task::yield_now().await;
    let members: Vec<member::ActiveModel> = new.iter().map(|new| new.member(job)).collect();
    statements.push(insert_rows(backend, members));
    tokio::task::yield_now().await;
    if let Some(run) = job.run {
        let entries: Vec<Entry> = new.iter().map(|new| new.entry(said)).collect();
        let rows = journal::rows(job, (run.run_id, run.next_batch()), &entries);
        let rows = rows.map(|row| sync_row::ActiveModel { changes: NotSet, ..row });
        statements.push(insert_rows(backend, rows.collect()));
    }
    statements
}
