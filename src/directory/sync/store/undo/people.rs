//! Takes back what one transaction did to members and users, as a whole: two of them may have swapped a userid.

use std::collections::{HashMap, HashSet};

use entity::{member, users};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType, OnConflict},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    removal,
    row::{Target, Undoing, Verdict, changed},
};
use crate::directory::{
    identity::store as identity,
    offboarding::{
        self,
        model::{EndReason, Leaver, Reach},
    },
    session_end,
    sync::{
        journal::{Change, FINDING, Subject, changed_since},
        run_context::Job,
        store::{
            Stored, images,
            journal::{members_of, users_of},
            members::WRITTEN,
            users::{PROFILE, end},
        },
    },
};

/// Everything that rows of one transaction are about, locked, as it stands now.
struct Standing {
    members: HashMap<Uuid, member::Model>,
    users: HashMap<Uuid, users::Model>,
    /// The open finding of each member.
    findings: HashMap<Uuid, Uuid>,
    /// Users whom something hangs on that a removal would take away.
    in_use: HashSet<Uuid>,
}

pub(super) async fn take_back<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    target: Target,
    rows: Vec<Undoing>,
) -> Stored<Vec<(Undoing, Verdict)>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let standing = Standing::read(tx, &rows).await?;
    let mut told: Vec<(Undoing, Verdict)> = Vec::with_capacity(rows.len());
    for row in rows {
        let verdict = standing.judge(&row, target);
        told.push((row, verdict));
    }
    refuse_taken_userids(tx, job, &standing, &mut told).await?;
    let granted: Vec<&Undoing> = told.iter().filter(|told| told.1.is_ok()).map(|told| &told.0).collect();
    restore(tx, job, standing, &granted).await?;
    Ok(told)
}

/// The member a row is about.
fn member_of(row: &Undoing) -> Option<Uuid> {
    row.subject_id.filter(|_| row.subject == Subject::Member)
}

impl Standing {
    async fn read<C: ConnectionTrait>(tx: &C, rows: &[Undoing]) -> Stored<Self> {
        let members: Vec<Uuid> = rows.iter().filter_map(member_of).collect();
        let former = rows
            .iter()
            .filter_map(|row| id_of(&row.changes.get("member.user_id")?.from));
        let mut users: Vec<Uuid> = rows.iter().filter_map(|row| row.user_id).chain(former).collect();
        users.sort_unstable();
        users.dedup();
        let new: Vec<Uuid> = rows
            .iter()
            .filter(|row| row.new_user)
            .filter_map(|row| row.user_id)
            .collect();
        let held = members_of(tx, members.clone(), LockType::Update).await?;
        let users = users_of(tx, users, LockType::Update).await?;
        // Under lock: whoever signs in from here on waits, and finds no user.
        let in_use = removal::in_use(tx, &new, &members).await?;
        Ok(Self {
            findings: identity::open_of(tx, &members).await?,
            members: held,
            users,
            in_use,
        })
    }

    fn judge(&self, row: &Undoing, target: Target) -> Verdict {
        if row.new_member {
            self.removable_member(row)?;
        } else if let Some(id) = member_of(row) {
            self.unchanged_member(row, id)?;
        }
        if row.new_user {
            let held = row.user_id.and_then(|id| self.users.get(&id));
            let in_use = row.user_id.is_some_and(|id| self.in_use.contains(&id));
            removal::judge(held, in_use, target)?;
        } else if row.columns("user.").next().is_some() {
            self.unchanged_user(row)?;
        }
        let moves = ["user.status", "user.data_source_id"];
        Ok(match moves.iter().any(|name| row.changes.contains_key(*name)) {
            true => "sessions and grants that ended stay ended, and so do passwords that were deleted",
            false => "",
        })
    }

    fn removable_member(&self, row: &Undoing) -> Result<(), String> {
        let held = row.subject_id.and_then(|id| self.members.get(&id));
        let held = held.ok_or("the member is no longer there")?;
        // A version moves with whatever changes a member.
        match held.updated_at == held.created_at && held.state == "present" {
            true => Ok(()),
            false => Err("the member was changed since".to_owned()),
        }
    }

    fn unchanged_member(&self, row: &Undoing, id: Uuid) -> Result<(), String> {
        if row.columns("member.").next().is_none() && !row.changes.contains_key(FINDING) {
            return Ok(());
        }
        let held = self.members.get(&id).ok_or("the member is no longer there")?;
        if let Some(column) = changed_since(&row.changes, &images::member(held)) {
            return Err(changed(column));
        }
        let finding = self.findings.get(&id).map(|id| json!(id.to_string()));
        if row
            .changes
            .get(FINDING)
            .is_some_and(|change| change.to != finding.unwrap_or(Value::Null))
        {
            return Err("who they are was decided since".to_owned());
        }
        let former = row.changes.get("member.user_id").and_then(|change| id_of(&change.from));
        match former.is_none_or(|id| self.users.contains_key(&id)) {
            true => Ok(()),
            false => Err("their user of before is no longer there".to_owned()),
        }
    }

    fn unchanged_user(&self, row: &Undoing) -> Result<(), String> {
        let held = row.user_id.and_then(|id| self.users.get(&id));
        let held = held.ok_or("the user is no longer there")?;
        // Their address alone followed from the settings of the data sources, as everybody's does.
        if held.console_role.is_some() && row.subject == Subject::Member {
            return Err("the user is a console admin".to_owned());
        }
        match changed_since(&row.changes, &images::user(held)) {
            Some(column) => Err(changed(column)),
            None => Ok(()),
        }
    }
}

fn id_of(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| text.parse().ok())
}

/// Refuses those whose userid of before is somebody else's by now, until nobody is left who needs one that stays taken.
async fn refuse_taken_userids<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    standing: &Standing,
    told: &mut [(Undoing, Verdict)],
) -> Stored<()> {
    let key_of = |row: &Undoing| Some(row.changes.get("member.userid_key")?.from.as_str()?.to_owned());
    let wanted: Vec<String> = told.iter().filter_map(|(row, _)| key_of(row)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let holders: Vec<(String, Uuid)> = member::Entity::find()
        .select_only()
        .columns([member::Column::UseridKey, member::Column::Id])
        .filter(member::Column::DataSourceId.eq(job.data_source_id))
        .filter(member::Column::UseridKey.is_in(wanted))
        .into_tuple()
        .all(tx)
        .await?;
    let holders: HashMap<String, Uuid> = holders.into_iter().collect();
    loop {
        let granted = told.iter().filter(|told| told.1.is_ok()).map(|told| &told.0);
        let free: HashSet<Uuid> = granted
            .filter(|row| row.new_member || key_of(row).is_some())
            .filter_map(|row| row.subject_id)
            .filter(|id| standing.members.contains_key(id))
            .collect();
        let taken = told.iter_mut().find(|(row, verdict)| {
            let holder = key_of(row).and_then(|key| holders.get(&key));
            verdict.is_ok() && holder.is_some_and(|holder| !free.contains(holder))
        });
        match taken {
            Some((_, verdict)) => *verdict = Err("the userid of before is another member's by now".to_owned()),
            None => return Ok(()),
        }
    }
}

async fn restore<C: ConnectionTrait>(tx: &C, job: &Job<'_>, standing: Standing, granted: &[&Undoing]) -> Stored<()> {
    let now = job.clock.now().millis();
    let Standing {
        members: held,
        users: known,
        ..
    } = standing;
    let (mut members, mut users) = (HashMap::new(), HashMap::new());
    for row in granted {
        if !row.new_member
            && let Some(found) = member_of(row).and_then(|id| held.get(&id))
        {
            let found: &mut member::Model = members.entry(found.id).or_insert_with(|| found.clone());
            let departed = found.state == "departed";
            for (name, change) in row.columns("member.") {
                images::restore_member(found, name, &change.from);
            }
            if departed && found.state == "present" {
                // The run did not see them: what it confirmed of everybody else is not about them.
                found.checked_at = 0;
            }
            found.updated_at = now.max(found.updated_at.saturating_add(1));
        }
        let changes_user = !row.new_user && row.columns("user.").next().is_some();
        if changes_user && let Some(found) = row.user_id.and_then(|id| known.get(&id)) {
            let found: &mut users::Model = users.entry(found.id).or_insert_with(|| found.clone());
            for (name, change) in row.columns("user.") {
                images::restore_user(found, name, &change.from);
            }
            let changes = |name: &str| row.changes.contains_key(name);
            // Another address is nobody's word by now; whose it is, and vouched for, the settling afterwards says.
            found.email_verified &= !changes("user.email") && !changes("user.email_verified");
            found.phone_verified &= !changes("user.phone_number") || changes("user.phone_verified");
            found.updated_at = now;
        }
    }
    end_access(tx, job, (&known, &users), granted).await?;
    removal::remove_members(tx, granted).await?;
    write_members(tx, (&held, members.into_values().collect())).await?;
    write_users(tx, users.values().cloned().collect()).await?;
    removal::remove_users(tx, granted).await?;
    findings(tx, granted).await?;
    let back = users.values().filter(|user| user.status == "active");
    let back = back.filter(|user| known.get(&user.id).is_some_and(|before| before.status != "active"));
    let back: Vec<Uuid> = back.map(|user| user.id).collect();
    offboarding::store::tell_return(tx, &back, (job.entropy, job.clock.now())).await
}

/// Ends the access of those who were disabled before, and the sessions of those who were not this data source's.
async fn end_access<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    (now, then): (&HashMap<Uuid, users::Model>, &HashMap<Uuid, users::Model>),
    granted: &[&Undoing],
) -> Stored<()> {
    let (mut given_back, mut strangers) = (Vec::new(), Vec::new());
    for user in then.values() {
        let Some(current) = now.get(&user.id) else { continue };
        let ends = current.status == "active" && user.status != "active";
        if current.data_source_id != user.data_source_id {
            given_back.push(user.id);
        }
        if current.data_source_id != user.data_source_id || ends {
            strangers.push(user.id);
        }
        if !ends {
            continue;
        }
        let reason = user.disabled_reason.as_deref().and_then(EndReason::of);
        let row = granted.iter().find(|row| row.user_id == Some(user.id));
        let leaver = Leaver {
            user: user.id,
            member: row.and_then(|row| member_of(row)),
            userid: row.map(|row| row.userid.clone()),
            may_disable: true,
        };
        let evidence = json!({ "sync_run_id": job.run_id(), "undo": true });
        let ending = job.ending(reason.unwrap_or(EndReason::Departed), Reach::Everywhere, &evidence);
        offboarding::store::end_access(tx, &ending, &[leaver]).await?;
    }
    // Whoever had the account meanwhile may be somebody else: what they set up lets nobody in.
    session_end::store::delete_credentials(tx, &strangers).await?;
    session_end::store::end_sessions_and_grants(tx, &given_back, &end(job, "undone")).await
}

/// Writes members as they were. Whoever had another userid gives it up first.
async fn write_members<C: ConnectionTrait>(
    tx: &C,
    (held, rows): (&HashMap<Uuid, member::Model>, Vec<member::Model>),
) -> Stored<()> {
    use member::Column;
    let moved = rows
        .iter()
        .filter(|row| held.get(&row.id).is_some_and(|held| held.userid_key != row.userid_key));
    for row in moved {
        member::Entity::update_many()
            .col_expr(Column::UseridKey, Expr::value(format!("undone#{}", row.id)))
            .filter(Column::Id.eq(row.id))
            .exec(tx)
            .await?;
    }
    if rows.is_empty() {
        return Ok(());
    }
    let meets = OnConflict::column(Column::Id)
        .update_columns(WRITTEN.into_iter().chain([Column::Doubt, Column::CheckedAt]))
        .to_owned();
    member::Entity::insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()))
        .on_conflict(meets)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn write_users<C: ConnectionTrait>(tx: &C, rows: Vec<users::Model>) -> Stored<()> {
    use users::Column;
    if rows.is_empty() {
        return Ok(());
    }
    let access = [
        Column::DataSourceId,
        Column::CorpId,
        Column::Status,
        Column::DisabledReason,
    ];
    let meets = OnConflict::column(Column::Id)
        .update_columns(PROFILE.into_iter().chain(access))
        .to_owned();
    users::Entity::insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()))
        .on_conflict(meets)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Findings that the run opened go, and those it settled are open again.
async fn findings<C: ConnectionTrait>(tx: &C, granted: &[&Undoing]) -> Stored<()> {
    for Change { from, to } in granted.iter().filter_map(|row| row.changes.get(FINDING)) {
        if let Some(opened) = id_of(to) {
            identity::withdraw(tx, opened).await?;
        }
        if let Some(settled) = id_of(from) {
            identity::reopen(tx, settled).await?;
        }
    }
    Ok(())
}
