//! Queries of findings about identities: a doubt is opened once per member, and decided once.

use std::collections::HashMap;

use entity::{data_source, identity_finding, json::Numbers, member};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    evidence::{Traits, encrypted},
    model::{FindingFilter, FindingView, Held, OpenFinding, State},
    verdict::{Weighed, why_zh},
};
use crate::{
    directory::{
        name_proof::store::end_of_members, offboarding, record_problem::RecordProblem, setup_problem::Problem,
    },
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    store::{
        Database,
        database::{is_unique_violation, unreadable},
        keyset,
    },
};

type Column = identity_finding::Column;

/// A doubt about to be recorded.
pub struct NewDoubt<'a> {
    /// Id of the finding, unless the member is in doubt already.
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// The member in doubt.
    pub member_id: Uuid,
    /// Their user.
    pub user_id: Option<Uuid>,
    /// As WeCom showed it.
    pub userid: &'a str,
    /// How it was weighed.
    pub weighed: Weighed,
    /// What we hold.
    pub before: &'a Traits,
    /// What WeCom shows.
    pub after: &'a Traits,
}

/// Marks the member as in doubt and records the finding; false when it is recorded already. To be called inside a transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn open<C: ConnectionTrait>(tx: &C, doubt: NewDoubt<'_>, now: Timestamp) -> Result<bool, DbErr> {
    let marked = member::Entity::update_many()
        .col_expr(member::Column::Doubt, Expr::value(doubt.weighed.link.doubt_word()))
        .filter(member::Column::Id.eq(doubt.member_id))
        .filter(member::Column::Doubt.is_null())
        .exec(tx)
        .await?;
    if marked.rows_affected == 0 {
        return Ok(false);
    }
    let row = identity_finding::ActiveModel {
        id: Set(doubt.id),
        data_source_id: Set(doubt.data_source_id),
        member_id: Set(doubt.member_id),
        user_id: Set(doubt.user_id),
        userid: Set(doubt.userid.to_owned()),
        reason: Set(doubt.weighed.why.to_owned()),
        before: Set(serde_json::to_value(doubt.before).unwrap_or_default()),
        after: Set(serde_json::to_value(doubt.after).unwrap_or_default()),
        state: Set(State::Open.word().to_owned()),
        opened_at: Set(now.millis()),
        decided_by: Set(None),
        decided_at: Set(None),
    };
    identity_finding::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(true)
}

/// Decides the open findings of these members, who are in doubt no longer. To be called inside the transaction of what decides.
///
/// # Errors
/// When the database does not answer.
pub async fn settle<C: ConnectionTrait>(
    tx: &C,
    members: &[Uuid],
    (state, by): (State, &str),
    now: Timestamp,
) -> Result<u64, DbErr> {
    if members.is_empty() {
        return Ok(0);
    }
    member::Entity::update_many()
        .col_expr(member::Column::Doubt, Expr::value(None::<String>))
        .filter(member::Column::Id.is_in(members.iter().copied()))
        .filter(member::Column::Doubt.is_not_null())
        .exec(tx)
        .await?;
    let settled = identity_finding::Entity::update_many()
        .col_expr(Column::State, Expr::value(state.word()))
        .col_expr(Column::DecidedBy, Expr::value(by))
        .col_expr(Column::DecidedAt, Expr::value(now.millis()))
        .filter(Column::MemberId.is_in(members.iter().copied()))
        .filter(Column::State.eq(State::Open.word()))
        .exec(tx)
        .await?;
    Ok(settled.rows_affected)
}

/// The open findings of these members, by member.
///
/// # Errors
/// When the database does not answer.
pub async fn open_of<C: ConnectionTrait>(tx: &C, members: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, DbErr> {
    if members.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(Uuid, Uuid)> = identity_finding::Entity::find()
        .select_only()
        .columns([Column::MemberId, Column::Id])
        .filter(Column::MemberId.is_in(members.iter().copied()))
        .filter(Column::State.eq(State::Open.word()))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().collect())
}

/// Removes an open finding, as if nobody had ever been in doubt.
///
/// # Errors
/// When the database does not answer.
pub async fn withdraw<C: ConnectionTrait>(tx: &C, id: Uuid) -> Result<(), DbErr> {
    identity_finding::Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Open.word()))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Opens a finding again that was settled.
///
/// # Errors
/// When the database does not answer.
pub async fn reopen<C: ConnectionTrait>(tx: &C, id: Uuid) -> Result<(), DbErr> {
    identity_finding::Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Open.word()))
        .col_expr(Column::DecidedBy, Expr::value(None::<String>))
        .col_expr(Column::DecidedAt, Expr::value(None::<i64>))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Takes what WeCom showed for what we hold: it is the same person. Enables the user whom only the departure had disabled.
///
/// # Errors
/// When the database does not answer.
pub async fn accept<C: ConnectionTrait>(
    tx: &C,
    finding: &OpenFinding,
    departed: &[&str],
    now: Timestamp,
) -> Result<(), DbErr> {
    let traits = &finding.after;
    let mut update = member::Entity::update_many()
        .col_expr(member::Column::UpdatedAt, Expr::value(now.millis()))
        .filter(member::Column::Id.eq(finding.member_id));
    for (column, value) in [
        (member::Column::Name, &traits.name),
        (member::Column::Mobile, &traits.mobile),
        (member::Column::Email, &traits.emails.first().cloned()),
    ] {
        if let Some(value) = value {
            update = update.col_expr(column, Expr::value(value.clone()));
        }
    }
    if !traits.departments.is_empty() {
        let departments = Numbers(traits.departments.clone());
        update = update.col_expr(member::Column::Departments, Expr::value(departments));
    }
    update.exec(tx).await?;
    if let Some(user) = finding.user_id {
        offboarding::store::enable(tx, &[user], departed, now).await?;
    }
    Ok(())
}

/// Locks an open finding, so that of two admins one decides; `None`: there is none, or it is decided.
///
/// # Errors
/// When the database does not answer.
pub async fn find_open<C: ConnectionTrait>(tx: &C, id: Uuid) -> Result<Option<OpenFinding>> {
    let row = identity_finding::Entity::find_by_id(id)
        .filter(Column::State.eq(State::Open.word()))
        .lock_exclusive()
        .one(tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(OpenFinding {
        id: row.id,
        member_id: row.member_id,
        user_id: row.user_id,
        data_source_id: row.data_source_id,
        after: serde_json::from_value(row.after).map_err(|_| unreadable("identity_finding.after"))?,
    }))
}

/// Finds a member as we hold them, with the corp; `None`: there is no such member.
///
/// # Errors
/// When the database does not answer.
pub async fn held<C: ConnectionTrait>(connection: &C, member: Uuid) -> Result<Option<Held>> {
    match member::Entity::find_by_id(member).one(connection).await? {
        Some(row) => Ok(Some(dressed(connection, row).await?)),
        None => Ok(None),
    }
}

async fn dressed<C: ConnectionTrait>(connection: &C, row: member::Model) -> Result<Held> {
    let source = data_source::Entity::find_by_id(row.data_source_id)
        .one(connection)
        .await?
        .ok_or_else(|| unreadable("member.data_source_id"))?;
    let encrypted_userid = encrypted(&row.userid);
    Ok(Held {
        id: row.id,
        version: row.updated_at,
        data_source_id: row.data_source_id,
        corp_key: source.corp_key,
        present: row.state == "present",
        missed: row.checked_at == 0 && source.contacts_secret_sealed.is_none(),
        doubted: row.doubt.is_some(),
        key: row.userid_key,
        userid: row.userid,
        user_id: row.user_id,
        traits: Traits {
            name: row.name,
            mobile: row.mobile,
            emails: row.email.into_iter().collect(),
            departments: row.departments.0,
            open_userid: row.open_userid,
            encrypted_userid,
        },
    })
}

/// Finds the members who are there and may be whom WeCom shows like this by a service provider's id: at most two, since of several none is meant.
///
/// # Errors
/// When the database does not answer.
pub async fn held_by_open_userid<C: ConnectionTrait>(
    connection: &C,
    source: Uuid,
    shown: &Traits,
) -> Result<Vec<Held>> {
    let ids: Vec<&String> = shown.open_userid.iter().chain(&shown.encrypted_userid).collect();
    let keys = ids.iter().map(|id| id.to_lowercase());
    let named = Condition::any()
        .add(member::Column::OpenUserid.is_in(ids.iter().map(|id| id.as_str())))
        .add(member::Column::UseridKey.is_in(keys));
    let rows = member::Entity::find()
        .filter(member::Column::DataSourceId.eq(source))
        .filter(member::Column::State.eq("present"))
        .filter(named)
        .limit(8)
        .all(connection)
        .await?;
    let mut found = Vec::new();
    for row in rows {
        let held = dressed(connection, row).await?;
        if held.traits.is_same_by_open_userid(shown) {
            found.push(held);
        }
    }
    Ok(found)
}

/// Some userids of members who are there.
///
/// # Errors
/// When the database does not answer.
pub async fn some_userids<C: ConnectionTrait>(connection: &C, source: Uuid, most: u64) -> Result<Vec<String>, DbErr> {
    member::Entity::find()
        .select_only()
        .column(member::Column::Userid)
        .filter(member::Column::DataSourceId.eq(source))
        .filter(member::Column::State.eq("present"))
        .limit(most)
        .into_tuple()
        .all(connection)
        .await
}

/// Gives a present member another userid, unless they were changed since they were read, or another row has it, which the unique index tells: false then, and
/// a transaction is lost. Counts as a change of the person.
///
/// # Errors
/// When the database does not answer.
pub async fn rename<C: ConnectionTrait>(
    connection: &C,
    held: &Held,
    userid: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let version = now.millis().max(held.version.saturating_add(1));
    let renamed = member::Entity::update_many()
        .col_expr(member::Column::Userid, Expr::value(userid))
        .col_expr(member::Column::UseridKey, Expr::value(userid.to_lowercase()))
        .col_expr(member::Column::UpdatedAt, Expr::value(version))
        .filter(member::Column::Id.eq(held.id))
        .filter(member::Column::UpdatedAt.eq(held.version))
        .filter(member::Column::State.eq("present"))
        .exec(connection)
        .await;
    match renamed {
        Ok(renamed) => Ok(renamed.rows_affected == 1),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives the userid of a departed member up. To be called inside the transaction of what decides.
///
/// # Errors
/// When the database does not answer.
pub async fn bury<C: ConnectionTrait>(tx: &C, member: Uuid, key: &str, version: i64) -> Result<(), DbErr> {
    member::Entity::update_many()
        .col_expr(member::Column::UseridKey, Expr::value(format!("{key}#{member}")))
        .col_expr(member::Column::UpdatedAt, Expr::value(version))
        .filter(member::Column::Id.eq(member))
        .exec(tx)
        .await?;
    // Whoever has the userid from here on did not scan.
    end_of_members(tx, [member]).await
}

pub(super) async fn list(
    database: &Database,
    filter: &FindingFilter,
    page: &SortedPage,
) -> Result<SortedListing<FindingView>> {
    let wanted = Condition::all()
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
        .add_option(filter.state.map(|state| Column::State.eq(state.word())));
    let select = identity_finding::Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (Column::Id, Column::Id), page).await?;
    Ok(page.cut_by_id(rows, |row| row.id).map(view))
}

pub(super) async fn find(database: &Database, id: Uuid) -> Result<Option<FindingView>> {
    let row = identity_finding::Entity::find_by_id(id).one(database.reader()).await?;
    Ok(row.map(view))
}

fn view(row: identity_finding::Model) -> FindingView {
    let open = row.state == State::Open.word();
    FindingView {
        problem: open.then(|| Problem::of(RecordProblem::IdentityUndecided.entry(), row.reason.clone())),
        id: row.id,
        data_source_id: row.data_source_id,
        member_id: row.member_id,
        user_id: row.user_id,
        userid: row.userid,
        reason_zh: why_zh(&row.reason),
        reason: row.reason,
        before: row.before,
        after: row.after,
        state: row.state,
        opened_at: row.opened_at,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
    }
}
