//! Writes members together with their linked users.

use entity::{audit_event, data_source, json::Numbers, member};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    Stored, audit_events, fence, identities,
    journal::{self, Images, Note},
    precheck::{Precheck, WriteContext},
    told, users,
};
use crate::{
    directory::failure::DirectoryFailure,
    directory::identity::store as identity,
    directory::name_proof::store::end_of_members,
    directory::offboarding::model::EndReason,
    directory::sync::{
        mirror::UserProfile,
        plan::{
            changes::{GAVE_UP, Said},
            model::{MemberChange, RowOutcome, RowVersion, UserChange},
        },
        run_context::Job,
        snapshot::key,
    },
    kernel::failure::Result,
    store::database::is_unique_violation,
};

/// Writes one batch in one transaction and returns the userids left out because something changed since the plan was made.
///
/// A name or userid may have been taken meanwhile. That is rare, so the first try leaves it to the unique indexes to notice, and only the
/// next checks beforehand; the third closes the race of somebody else doing so between that check and the write.
pub async fn write(job: &Job<'_>, batch: &[MemberChange], said: &Said) -> Result<Vec<String>> {
    for look in [
        Precheck::Versions,
        Precheck::VersionsAndNames,
        Precheck::VersionsAndNames,
    ] {
        let tx = fence::begin(job).await?;
        match write_in(&tx, job, (batch, said), look).await {
            Ok(missed) => {
                tx.commit().await?;
                return Ok(missed);
            }
            Err(error) if is_unique_violation(&error) => tx.rollback().await?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(batch.iter().map(|change| change.person.userid.clone()).collect())
}

/// As [`write`], inside a transaction of somebody else's.
///
/// # Errors
/// `DI-105` when a name was taken meanwhile, and when the database does not answer.
pub async fn write_alone<C: ConnectionTrait>(tx: &C, job: &Job<'_>, batch: &[MemberChange]) -> Result<Vec<String>> {
    let written = write_in(tx, job, (batch, &Said::default()), Precheck::VersionsAndNames).await;
    written.map_err(|error| match is_unique_violation(&error) {
        true => DirectoryFailure::UsernameTaken.failure().cause(error),
        false => error.into(),
    })
}

/// Confirms memberships as of when fetching began; a sign-in may have confirmed one later, which stands.
pub async fn confirm(job: &Job<'_>, ids: &[Uuid]) -> Result<()> {
    let (tx, at) = (fence::begin(job).await?, job.fetched_at);
    member::Entity::update_many()
        .col_expr(member::Column::CheckedAt, Expr::value(at.millis()))
        .filter(member::Column::Id.is_in(ids.iter().copied()))
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::CheckedAt.lt(at.millis()))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Confirms the memberships of everybody who is here, as of when fetching began. A member whom WeCom did not show to a live look meanwhile is
/// not among them: their own row says so.
pub async fn confirm_everybody(job: &Job<'_>) -> Result<()> {
    let (tx, at) = (fence::begin(job).await?, job.fetched_at);
    let confirmed = data_source::Column::MembersConfirmedAt;
    data_source::Entity::update_many()
        .col_expr(confirmed, Expr::value(at.millis()))
        .filter(data_source::Column::Id.eq(job.data_source_id))
        .filter(Condition::any().add(confirmed.is_null()).add(confirmed.lt(at.millis())))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// A change with the ids it will have.
struct Ready<'a> {
    change: &'a MemberChange,
    member_id: Uuid,
    user_id: Option<Uuid>,
}

async fn write_in<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    (batch, said): (&[MemberChange], &Said),
    look: Precheck,
) -> Stored<Vec<String>> {
    let context = WriteContext::look(tx, job, batch, look).await?;
    let (allowed, overtaken): (Vec<_>, Vec<_>) = batch.iter().partition(|change| context.allows(change));
    let ready: Vec<Ready<'_>> = allowed
        .into_iter()
        .map(|change| prepare(job, &context, change))
        .collect();
    let before = Images::of(tx, context.members, context.users).await?;
    write_users(tx, job, &ready).await?;
    for change in ready.iter().map(|ready| ready.change) {
        // One statement each: a reused or changed userid is a rare thing. Whoever changes theirs gives the old one up first, since two may
        // have swapped.
        let former = change.renamed_from.as_deref().zip(change.held);
        for (key, held) in former
            .map(|(userid, held)| (key(userid), held))
            .into_iter()
            .chain(change.supersedes.map(|held| (change.key.clone(), held)))
        {
            let now = job.clock.now().millis();
            identity::bury(tx, held.id, &key, after(now, Some(held))).await?;
        }
    }
    insert(tx, job, &ready).await?;
    update(tx, job, &ready).await?;
    let changes: Vec<&MemberChange> = ready.iter().map(|ready| ready.change).collect();
    told::settle(tx, job, &changes).await?;
    let written = ready.iter().map(|ready| (ready.member_id, ready.user_id, ready.change));
    identities::write(tx, job, written).await?;
    insert_audit_events(tx, job, &ready).await?;
    let notes = ready.iter().flat_map(|ready| notes(ready, said)).collect();
    journal::record(tx, job, &before, notes).await?;
    Ok(overtaken
        .into_iter()
        .map(|change| change.person.userid.clone())
        .collect())
}

fn prepare<'a>(job: &Job<'_>, context: &WriteContext, change: &'a MemberChange) -> Ready<'a> {
    let linked = change
        .held
        .and_then(|held| context.members.get(&held.id))
        .and_then(|row| row.user_id);
    let user_id = match &change.user {
        UserChange::Keep => linked,
        UserChange::Create { .. } => Some(job.id()),
        UserChange::Write { id, link, .. } => {
            if *link {
                Some(*id)
            } else {
                linked
            }
        }
    };
    Ready {
        change,
        member_id: change.held.map_or_else(|| job.id(), |held| held.id),
        user_id,
    }
}

/// What the journal says of a change, and of the person who had the userid before.
fn notes<'a>(ready: &Ready<'a>, said: &Said) -> impl Iterator<Item = Note<'a>> {
    let change = ready.change;
    let (outcome, reason) = said.of_change(change);
    let former = change.supersedes.map(|held| Note {
        member: Some(held.id),
        user: None,
        userid: &change.person.userid,
        outcome: RowOutcome::Updated,
        reason: GAVE_UP.to_owned(),
        new_member: false,
        new_user: false,
    });
    let written = Note {
        member: Some(ready.member_id),
        user: ready.user_id,
        userid: &change.person.userid,
        outcome,
        reason,
        new_member: change.held.is_none(),
        new_user: matches!(change.user, UserChange::Create { .. }),
    };
    former.into_iter().chain([written])
}

async fn write_users<C: ConnectionTrait>(tx: &C, job: &Job<'_>, ready: &[Ready<'_>]) -> Stored<()> {
    let (mut new, mut changed, mut adopted, mut enabled) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ready in ready {
        match (&ready.change.user, ready.user_id) {
            (UserChange::Create { username, outside }, Some(id)) => new.push(users::NewUser {
                id,
                username,
                profile: UserProfile::given(&ready.change.person.profile, job.data_source_id),
                outside: *outside,
            }),
            (
                UserChange::Write {
                    id,
                    link,
                    enable,
                    profile,
                },
                _,
            ) => {
                changed.extend(profile.as_deref().map(|profile| (*id, profile)));
                adopted.extend(link.then_some(*id));
                enabled.extend(enable.then_some(*id));
            }
            _ => {}
        }
    }
    users::insert(tx, job, new).await?;
    users::overwrite(tx, job, changed).await?;
    users::adopt(tx, job, adopted).await?;
    users::enable(tx, job, enabled).await
}

async fn insert<C: ConnectionTrait>(tx: &C, job: &Job<'_>, ready: &[Ready<'_>]) -> Stored<()> {
    let rows: Vec<_> = ready
        .iter()
        .filter(|ready| ready.change.held.is_none())
        .map(|ready| row(job, ready.change, (ready.member_id, ready.user_id)))
        .collect();
    if !rows.is_empty() {
        member::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The columns of a member that a run writes, but for doubts and how fresh the membership is.
pub(super) const WRITTEN: [member::Column; 19] = [
    member::Column::Userid,
    member::Column::UseridKey,
    member::Column::Name,
    member::Column::Alias,
    member::Column::Position,
    member::Column::Email,
    member::Column::Mobile,
    member::Column::Avatar,
    member::Column::Gender,
    member::Column::OpenUserid,
    member::Column::MainDepartment,
    member::Column::Departments,
    member::Column::Status,
    member::Column::State,
    member::Column::DepartedAt,
    member::Column::UserId,
    member::Column::ImportOutcome,
    member::Column::ImportReason,
    member::Column::UpdatedAt,
];

/// Updates existing rows in one statement: as an upsert whose rows always exist, because the transaction holds them.
async fn update<C: ConnectionTrait>(tx: &C, job: &Job<'_>, ready: &[Ready<'_>]) -> Stored<()> {
    use member::Column;
    let rows: Vec<_> = ready
        .iter()
        .filter(|ready| ready.change.held.is_some())
        .map(|ready| row(job, ready.change, (ready.member_id, ready.user_id)))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let meets = OnConflict::column(Column::Id).update_columns(WRITTEN).to_owned();
    member::Entity::insert_many(rows)
        .on_conflict(meets)
        .exec_without_returning(tx)
        .await?;
    let inactive = |ready: &&Ready<'_>| ready.change.person.status.and_then(EndReason::of_status).is_some();
    let inactive: Vec<Uuid> = ready.iter().filter(inactive).map(|ready| ready.member_id).collect();
    if !inactive.is_empty() {
        end_of_members(tx, inactive).await?;
    }
    Ok(())
}

/// The row of a member of this id who is this user.
pub(super) fn row(job: &Job<'_>, change: &MemberChange, (id, user_id): (Uuid, Option<Uuid>)) -> member::ActiveModel {
    let now = job.clock.now().millis();
    let profile = &change.person.profile;
    member::ActiveModel {
        id: Set(id),
        data_source_id: Set(job.data_source_id),
        userid: Set(change.person.userid.clone()),
        userid_key: Set(change.key.clone()),
        name: Set(profile.name.clone()),
        alias: Set(profile.alias.clone()),
        position: Set(profile.position.clone()),
        email: Set(profile.email.clone()),
        mobile: Set(profile.mobile.clone()),
        avatar: Set(profile.avatar.clone()),
        gender: Set(profile.gender.clone()),
        open_userid: Set(profile.open_userid.clone()),
        main_department: Set(change.person.main_department),
        departments: Set(Numbers(change.person.departments.clone())),
        status: Set(change.person.status),
        state: Set("present".to_owned()),
        departed_at: Set(None),
        checked_at: Set(job.fetched_at.millis()),
        doubt: Set(None),
        user_id: Set(user_id),
        import_outcome: Set(change.outcome.word().to_owned()),
        import_reason: Set(change.reason.clone()),
        created_at: Set(now),
        updated_at: Set(after(now, change.held)),
    }
}

/// The new version: now, but never the version the plan was made for: otherwise two writes within one millisecond look like one.
fn after(now: i64, held: Option<RowVersion>) -> i64 {
    held.map_or(now, |held| now.max(held.version.saturating_add(1)))
}

async fn insert_audit_events<C: ConnectionTrait>(tx: &C, job: &Job<'_>, ready: &[Ready<'_>]) -> Stored<()> {
    let events: Vec<_> = ready
        .iter()
        .flat_map(|ready| audit_events::of_change(job, ready.change, (ready.member_id, ready.user_id)))
        .collect();
    if !events.is_empty() {
        audit_event::Entity::insert_many(events)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
