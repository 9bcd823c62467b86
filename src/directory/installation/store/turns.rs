//! What is due about installations: each is claimed by one replica, for a while.

use entity::suite_installation::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{audited, from_row, locked};
use crate::{
    audit::difference::Difference,
    directory::{
        data_source::store::connecting,
        installation::{
            model::{CLAIM, Installation, ScopeCounts},
            state::{Event, Status, after},
        },
        store::Change,
        wecom_app::store::installed,
    },
    kernel::{clock::Timestamp, failure::Result},
    store::{AnyRow, Database},
};

/// Looked at in one turn.
const BATCH: u64 = 50;

/// Whether there is something to do about any installation, or one waited too long.
pub(in crate::directory::installation) fn any_due(now: Timestamp) -> [AnyRow; 2] {
    let due = Entity::find().filter(Column::NextAt.lte(now.millis()));
    [AnyRow::of(due), AnyRow::of(Entity::find().filter(waited(now)))]
}

/// The installations about which there is something to do, the longest waiting first.
pub(in crate::directory::installation) async fn due(db: &Database, now: Timestamp) -> Result<Vec<Installation>> {
    let rows: Vec<Model> = Entity::find()
        .filter(Column::NextAt.lte(now.millis()))
        .order_by_asc(Column::NextAt)
        .limit(BATCH)
        .all(db.reader())
        .await?;
    let rows: Result<Vec<Installation>, DbErr> = rows.into_iter().map(from_row).collect();
    Ok(rows?)
}

/// Claims an installation that is due: whoever dies meanwhile is followed after a minute. False where another replica was faster.
pub(in crate::directory::installation) async fn claim(
    db: &Database,
    one: &Installation,
    now: Timestamp,
) -> Result<bool> {
    let claimed = Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(now.plus(CLAIM).millis()))
        .filter(Column::Id.eq(one.id))
        .filter(Column::NextAt.eq(one.next_at))
        .exec(db.writer())
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// What WeCom told of an installation.
#[derive(Clone, Debug)]
pub(in crate::directory::installation) struct Read {
    pub corp_name: Option<String>,
    pub app_name: Option<String>,
    pub agent_id: i64,
    pub by_member: bool,
    pub scope: ScopeCounts,
    pub scope_digest: String,
}

impl Read {
    /// Whether that is what is held already.
    pub fn is_known(&self, one: &Installation) -> bool {
        let same = |told: &Option<String>, held: &str| told.as_deref().is_none_or(|told| told == held);
        one.agent_id == Some(self.agent_id)
            && one.by_member == self.by_member
            && one.scope_digest.as_ref() == Some(&self.scope_digest)
            && same(&self.corp_name, &one.corp_name)
            && same(&self.app_name, &one.app_name)
    }
}

/// Notes that WeCom told what is held already; false where the permanent code is another one by now.
pub(in crate::directory::installation) async fn confirm(
    db: &Database,
    one: &Installation,
    (now, again): (Timestamp, Timestamp),
) -> Result<bool> {
    let confirmed = Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(now.millis()))
        .col_expr(Column::NextAt, Expr::value(again.millis()))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::MissingSince, Expr::value(None::<i64>))
        .col_expr(Column::Problem, Expr::value(None::<String>))
        .col_expr(Column::ProblemDetail, Expr::value(None::<String>))
        .filter(Column::Id.eq(one.id))
        .filter(Column::PermanentCodeSealed.eq(one.code_sealed.clone()))
        .exec(db.writer())
        .await?;
    Ok(confirmed.rows_affected == 1)
}

/// Keeps it, unless the permanent code is another one by now; there is something to do again at `again`.
pub(in crate::directory::installation) async fn keep_read(
    change: Change,
    one: &Installation,
    (read, again): (&Read, Timestamp),
) -> Result<bool> {
    let Some(held) = locked(&change, one.id).await? else {
        return Ok(false);
    };
    if held.code_sealed != one.code_sealed || !held.status.is_live() {
        return Ok(false);
    }
    let mut row = ActiveModel {
        id: Unchanged(one.id),
        agent_id: Set(Some(read.agent_id)),
        by_member: Set(read.by_member),
        scope_users: Set(read.scope.members),
        scope_departments: Set(read.scope.departments),
        scope_tags: Set(read.scope.tags),
        scope_digest: Set(Some(read.scope_digest.clone())),
        missing_since: Set(None),
        read_at: Set(Some(change.millis())),
        next_at: Set(Some(again.millis())),
        attempts: Set(0),
        problem: Set(None),
        problem_detail: Set(None),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    if let Some(name) = &read.corp_name {
        row.corp_name = Set(name.clone());
    }
    if let Some(name) = &read.app_name {
        row.app_name = Set(name.clone());
    }
    let new = from_row(Entity::update(row).exec(change.transaction()).await?)?;
    installed::number(&change, (held.suite, &held.corp_id), read.agent_id).await?;
    if let Some(source) = held.data_source {
        // Who came into scope or fell out of it is for a sync to find.
        if held.status == Status::Bound && held.scope_digest.is_some() && held.scope_digest != new.scope_digest {
            connecting::hurry(&change, source).await?;
        }
    }
    let difference = Difference::between(&audited(&held), &audited(&new));
    let difference = difference.also("scope", json!(new.scope));
    change
        .commit_difference(one.subject(), ("read", &[]), difference)
        .await?;
    Ok(true)
}

/// Notes why something failed, and when it is tried again.
pub(in crate::directory::installation) async fn failed(
    db: &Database,
    one: &Installation,
    ((number, detail), next): ((&str, &str), Timestamp),
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(one.attempts.saturating_add(1)))
        .col_expr(Column::Problem, Expr::value(number))
        .col_expr(Column::ProblemDetail, Expr::value(detail))
        .col_expr(Column::NextAt, Expr::value(next.millis()))
        .filter(as_read(one))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// This installation, as long as its code and its status are those that were read.
fn as_read(one: &Installation) -> Condition {
    let same = Condition::all().add(Column::Id.eq(one.id));
    let same = match &one.code_sealed {
        Some(code) => same.add(Column::PermanentCodeSealed.eq(code)),
        None => same.add(Column::PermanentCodeSealed.is_null()),
    };
    match one.has_lost_source {
        true => same.add(Column::Status.is_in([Status::Bound, Status::Moved].map(Status::word))),
        false => same.add(Column::Status.eq(one.status.word())),
    }
}

/// Notes that WeCom says that nothing is authorised; it is asked again at `next`.
pub(in crate::directory::installation) async fn note_missing(
    db: &Database,
    one: &Installation,
    ((number, now), next): ((&str, Timestamp), Timestamp),
) -> Result<()> {
    let since = one.missing_since.unwrap_or(now.millis());
    Entity::update_many()
        .col_expr(Column::MissingSince, Expr::value(since))
        .col_expr(Column::Problem, Expr::value(number))
        .col_expr(Column::ProblemDetail, Expr::value(""))
        .col_expr(Column::NextAt, Expr::value(next.millis()))
        .filter(as_read(one))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Lets whatever was got by this auth code be looked at now.
pub(in crate::directory::installation) async fn hurry(
    db: &Database,
    (suite, digest): (Uuid, &str),
    now: Timestamp,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(now.millis()))
        .filter(Column::Suite.eq(suite))
        .filter(Column::AuthCodeDigest.eq(digest))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// When there is something to do about it again, unless it is another one by now: then there is something to do at once.
pub(in crate::directory::installation) async fn again_at(
    db: &Database,
    one: &Installation,
    next: Option<Timestamp>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(next.map(Timestamp::millis)))
        .filter(as_read(one))
        .exec(db.writer())
        .await?;
    Ok(())
}

fn waited(now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::Status.eq(Status::Unbound.word()))
        .add(Column::ExpiresAt.lte(now.millis()))
}

/// The installations that waited too long to be bound.
pub(in crate::directory::installation) async fn past(db: &Database, now: Timestamp) -> Result<Vec<Uuid>> {
    let found: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(waited(now))
        .order_by_asc(Column::ExpiresAt)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(found)
}

/// Ends the wait of an installation whose time is over; its permanent code goes with it.
pub(in crate::directory::installation) async fn expire(change: Change, id: Uuid) -> Result<bool> {
    let Some(held) = locked(&change, id).await? else {
        return Ok(false);
    };
    let over = held.expires_at.is_some_and(|at| at <= change.millis());
    let Some(next) = after(Some(held.status), Event::Expire).filter(|_| over) else {
        return Ok(false);
    };
    let row = ActiveModel {
        id: Unchanged(id),
        status: Set(next.word().to_owned()),
        corp_name: Set(String::new()),
        app_name: Set(String::new()),
        installed_by: Set(None),
        permanent_code_sealed: Set(None),
        candidate_sealed: Set(None),
        candidate_digest: Set(None),
        candidate_told: Set(None),
        next_at: Set(None),
        attempts: Set(0),
        problem: Set(None),
        problem_detail: Set(None),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    let new = from_row(Entity::update(row).exec(change.transaction()).await?)?;
    let difference = Difference::between(&audited(&held), &audited(&new));
    change
        .commit_difference(held.subject(), ("expired", &[]), difference)
        .await?;
    Ok(true)
}
