//! Writes of an ending of access and of its end, inside the transaction of whoever learned it.

pub mod due;

use std::collections::{HashMap, HashSet};

use entity::{audit_event, auth_source, logout_delivery, oauth_grant, offboarding, session, users};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::model::{EndReason, EndedSession, Ending, Leaver, Reach, RevokedGrant};
use crate::{
    audit,
    directory::session_end::{self, SessionEnd},
    kernel::{clock::Timestamp, entropy::Entropy},
    store::database::unreadable,
    telemetry::metrics,
};

/// What a leaver loses.
#[derive(Default)]
struct Loss {
    disabled: bool,
    sessions: Vec<EndedSession>,
    grants: Vec<RevokedGrant>,
}

impl Loss {
    fn is_nothing(&self) -> bool {
        !self.disabled && self.sessions.is_empty() && self.grants.is_empty()
    }
}

/// Ends the access of these people (a few hundred at most), as far as the ending reaches: disables the users, ends sessions, revokes grants,
/// enqueues logouts, and writes audit event and report. Who had nothing to lose gets no report. Returns the users who lost something.
///
/// # Errors
/// When the database does not answer.
pub async fn end_access<C: ConnectionTrait>(
    tx: &C,
    ending: &Ending<'_>,
    leavers: &[Leaver],
) -> Result<HashSet<Uuid>, DbErr> {
    if leavers.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = leavers.iter().map(|leaver| leaver.user).collect();
    let rows = locked(tx, &ids).await?;
    let mut losses = losses(tx, ending, &ids).await?;
    let disabled = disable(tx, ending, leavers, &rows).await?;
    for id in &disabled {
        losses.entry(*id).or_default().disabled = true;
    }
    end_sessions_and_grants(tx, ending, &ids).await?;
    // What was made before leads nowhere, even if they are let in again.
    session_end::store::delete_links(tx, &disabled).await?;
    losses.retain(|_, loss| !loss.is_nothing());
    report(tx, ending, leavers, (&rows, &losses)).await?;
    Ok(losses.into_keys().collect())
}

/// Gives access back to those of these users whom WeCom had outside: disabled for a reason that it takes back, and for no other. Returns
/// them.
///
/// # Errors
/// When the database does not answer.
pub async fn readmit<C: ConnectionTrait>(
    tx: &C,
    ids: &[Uuid],
    (entropy, now): (&Entropy, Timestamp),
) -> Result<Vec<Uuid>, DbErr> {
    let outside = enable(tx, ids, &EndReason::TAKEN_BACK.map(EndReason::word), now).await?;
    record_return(tx, &outside, (entropy, now)).await?;
    Ok(outside)
}

/// Tells of users whom somebody else's statement enabled again: their reports say when, and the audit log too.
///
/// # Errors
/// When the database does not answer.
pub async fn tell_return<C: ConnectionTrait>(
    tx: &C,
    ids: &[Uuid],
    (entropy, now): (&Entropy, Timestamp),
) -> Result<(), DbErr> {
    note_readmission(tx, ids, now).await?;
    record_return(tx, ids, (entropy, now)).await
}

async fn record_return<C: ConnectionTrait>(
    tx: &C,
    ids: &[Uuid],
    (entropy, now): (&Entropy, Timestamp),
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let events = ids.iter().map(|user| {
        let record = audit::Record {
            kind: audit::Kind::AccessReturned,
            actor: "system".to_owned(),
            subject: format!("user:{user}"),
            reference: None,
            number: None,
            detail: json!({}),
        };
        audit::store::row(entropy, now, record)
    });
    audit_event::Entity::insert_many(events)
        .exec_without_returning(tx)
        .await
        .map(|_| ())
}

/// Enables those of these users who are disabled for one of these reasons, and returns them; their reports say when.
///
/// # Errors
/// When the database does not answer.
pub async fn enable<C: ConnectionTrait>(
    tx: &C,
    ids: &[Uuid],
    reasons: &[&str],
    now: Timestamp,
) -> Result<Vec<Uuid>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Uuid> = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::Id.is_in(ids.iter().copied()))
        .filter(users::Column::Status.eq("disabled"))
        .filter(users::Column::DisabledReason.is_in(reasons.iter().copied()))
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    if found.is_empty() {
        return Ok(found);
    }
    users::Entity::update_many()
        .col_expr(users::Column::Status, Expr::value("active"))
        .col_expr(users::Column::DisabledReason, Expr::value(None::<String>))
        .col_expr(users::Column::UpdatedAt, Expr::value(now.millis()))
        .filter(users::Column::Id.is_in(found.iter().copied()))
        .exec(tx)
        .await?;
    note_readmission(tx, &found, now).await?;
    Ok(found)
}

/// Writes into the reports of these users that they have access again.
///
/// # Errors
/// When the database does not answer.
pub async fn note_readmission<C: ConnectionTrait>(tx: &C, ids: &[Uuid], now: Timestamp) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    offboarding::Entity::update_many()
        .col_expr(offboarding::Column::ReadmittedAt, Expr::value(now.millis()))
        .filter(offboarding::Column::UserId.is_in(ids.iter().copied()))
        .filter(offboarding::Column::ReadmittedAt.is_null())
        .exec(tx)
        .await
        .map(|_| ())
}

/// The users' rows, locked until the transaction ends.
async fn locked<C: ConnectionTrait>(tx: &C, ids: &[Uuid]) -> Result<HashMap<Uuid, users::Model>, DbErr> {
    let rows = users::Entity::find()
        .filter(users::Column::Id.is_in(ids.iter().copied()))
        // In one order by all, so that no two wait for each other.
        .order_by_asc(users::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The sessions within reach.
fn sessions_within(reach: Reach, ids: &[Uuid]) -> Condition {
    let theirs = Condition::all().add(session::Column::UserId.is_in(ids.iter().copied()));
    match reach {
        Reach::Everywhere => theirs,
        Reach::App { id, passwords } => {
            let sources = auth_source::Entity::find()
                .select_only()
                .column(auth_source::Column::Id)
                .filter(auth_source::Column::AppId.eq(id))
                .into_query();
            let through = Condition::any().add(session::Column::AuthSourceId.in_subquery(sources));
            theirs.add(match passwords {
                true => through.add(session::Column::AuthSourceId.is_null()),
                false => through,
            })
        }
    }
}

/// The living grants within reach.
fn grants_within(reach: Reach, ids: &[Uuid]) -> Condition {
    let living = Condition::all()
        .add(oauth_grant::Column::UserId.is_in(ids.iter().copied()))
        .add(oauth_grant::Column::RevokedAt.is_null());
    match reach {
        Reach::Everywhere => living,
        Reach::App { .. } => {
            let sessions = session::Entity::find()
                .select_only()
                .column(session::Column::Id)
                .filter(sessions_within(reach, ids))
                .into_query();
            living.add(oauth_grant::Column::SessionId.in_subquery(sessions))
        }
    }
}

async fn losses<C: ConnectionTrait>(tx: &C, ending: &Ending<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Loss>, DbErr> {
    let mut losses: HashMap<Uuid, Loss> = HashMap::new();
    let sessions = session::Entity::find()
        .filter(sessions_within(ending.reach, ids))
        .filter(session::Column::EndedAt.is_null())
        .all(tx)
        .await?;
    for row in sessions {
        losses.entry(row.user_id).or_default().sessions.push(EndedSession {
            id: row.id,
            auth_source_id: row.auth_source_id,
            amr: row.amr.0,
            created_at: row.created_at,
            browser: row.browser,
            network: row.network,
        });
    }
    let grants = oauth_grant::Entity::find()
        .filter(grants_within(ending.reach, ids))
        .all(tx)
        .await?;
    for row in grants {
        losses.entry(row.user_id).or_default().grants.push(RevokedGrant {
            id: row.id,
            session_id: row.session_id,
            client_id: row.client_id,
            created_at: row.created_at,
        });
    }
    Ok(losses)
}

/// Disables those who are active, or were disabled for a reason that the new one [replaces](EndReason::replaces). Returns those who were
/// active.
async fn disable<C: ConnectionTrait>(
    tx: &C,
    ending: &Ending<'_>,
    leavers: &[Leaver],
    rows: &HashMap<Uuid, users::Model>,
) -> Result<Vec<Uuid>, DbErr> {
    if ending.reach != Reach::Everywhere {
        return Ok(Vec::new());
    }
    let touchable = leavers.iter().filter(|leaver| leaver.may_disable);
    let touchable = touchable.filter_map(|leaver| rows.get(&leaver.user));
    // A console admin is disabled by an admin's hand alone.
    let by_admin = ending.learned_by.is_by_admin();
    let touchable = touchable.filter(|row| by_admin || row.console_role.is_none());
    let outside = |row: &users::Model| {
        let reason = row.disabled_reason.as_deref().and_then(EndReason::of);
        reason.is_some_and(|reason| ending.reason.replaces(reason))
    };
    let (mut active, mut changed) = (Vec::new(), Vec::new());
    for row in touchable {
        if row.status == "active" {
            active.push(row.id);
            changed.push(row.id);
        } else if outside(row) {
            changed.push(row.id);
        }
    }
    if !changed.is_empty() {
        users::Entity::update_many()
            .col_expr(users::Column::Status, Expr::value("disabled"))
            .col_expr(users::Column::DisabledReason, Expr::value(ending.reason.word()))
            .col_expr(users::Column::UpdatedAt, Expr::value(ending.now.millis()))
            .filter(users::Column::Id.is_in(changed))
            .exec(tx)
            .await?;
    }
    Ok(active)
}

async fn end_sessions_and_grants<C: ConnectionTrait>(tx: &C, ending: &Ending<'_>, ids: &[Uuid]) -> Result<(), DbErr> {
    let end = SessionEnd {
        entropy: ending.entropy,
        now: ending.now,
        reason: ending.reason.word(),
    };
    session_end::store::end_sessions(tx, sessions_within(ending.reach, ids), &end).await?;
    oauth_grant::Entity::update_many()
        .col_expr(oauth_grant::Column::RevokedAt, Expr::value(ending.now.millis()))
        .col_expr(oauth_grant::Column::RevokeReason, Expr::value(ending.reason.word()))
        .filter(grants_within(ending.reach, ids))
        .exec(tx)
        .await
        .map(|_| ())
}

async fn report<C: ConnectionTrait>(
    tx: &C,
    ending: &Ending<'_>,
    leavers: &[Leaver],
    (rows, losses): (&HashMap<Uuid, users::Model>, &HashMap<Uuid, Loss>),
) -> Result<(), DbErr> {
    let mut told = HashSet::new();
    for leaver in leavers.iter().filter(|leaver| told.insert(leaver.user)) {
        let (Some(loss), Some(row)) = (losses.get(&leaver.user), rows.get(&leaver.user)) else {
            continue;
        };
        metrics::offboarding(ending.reason.word(), ending.learned_by.word());
        let id = ending.entropy.id(ending.now);
        offboarding::Entity::insert(report_row(id, ending, leaver, (row, loss))?)
            .exec_without_returning(tx)
            .await?;
        if !loss.sessions.is_empty() {
            logout_delivery::Entity::update_many()
                .col_expr(logout_delivery::Column::OffboardingId, Expr::value(id))
                .filter(logout_delivery::Column::SessionId.is_in(loss.sessions.iter().map(|session| session.id)))
                .filter(logout_delivery::Column::OffboardingId.is_null())
                .exec(tx)
                .await?;
        }
        // Who departed is told of by the departure's own event, with or without a user.
        if ending.reason != EndReason::Departed {
            audit_event::Entity::insert(event(id, ending, leaver))
                .exec_without_returning(tx)
                .await?;
        }
    }
    Ok(())
}

fn report_row(
    id: Uuid,
    ending: &Ending<'_>,
    leaver: &Leaver,
    (row, loss): (&users::Model, &Loss),
) -> Result<offboarding::ActiveModel, DbErr> {
    let document = |_| unreadable("offboarding");
    Ok(offboarding::ActiveModel {
        id: Set(id),
        user_id: Set(row.id),
        username: Set(row.username.clone()),
        member_id: Set(leaver.member),
        data_source_id: Set(ending.data_source),
        userid: Set(leaver.userid.clone()),
        reason: Set(ending.reason.word().to_owned()),
        learned_by: Set(ending.learned_by.word().to_owned()),
        evidence: Set(ending.evidence.clone()),
        app_id: Set(match ending.reach {
            Reach::Everywhere => None,
            Reach::App { id, .. } => Some(id),
        }),
        user_disabled: Set(loss.disabled),
        sessions: Set(serde_json::to_value(&loss.sessions).map_err(document)?),
        grants: Set(serde_json::to_value(&loss.grants).map_err(document)?),
        at: Set(ending.now.millis()),
        readmitted_at: Set(None),
    })
}

fn event(report: Uuid, ending: &Ending<'_>, leaver: &Leaver) -> audit_event::ActiveModel {
    let record = audit::Record {
        kind: audit::Kind::AccessEnded,
        actor: "system".to_owned(),
        subject: format!("user:{}", leaver.user),
        reference: None,
        number: None,
        detail: json!({
            "reason": ending.reason.word(),
            "learned_by": ending.learned_by.word(),
            "userid": leaver.userid,
            "data_source_id": ending.data_source,
            "offboarding_id": report,
        }),
    };
    audit::store::row(ending.entropy, ending.now, record)
}
