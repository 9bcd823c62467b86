//! Queries of decisions about importing, and of the conflicts they are about.

use std::collections::HashMap;

use entity::{data_source, import_decision, member, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    decision::ImportDecision,
    model::{ConflictFilter, Stage, Subject},
    rules::{ImportMode, ImportRules, MatchKey},
};
use crate::{
    directory::offboarding::{
        self,
        model::{EndReason, Ending, LearnedBy, Leaver, Reach},
    },
    directory::store::audited_transaction::Change,
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, database::unreadable, keyset},
};

type Column = import_decision::Column;

/// The rules in a row.
///
/// # Errors
/// When the row cannot be read.
pub fn rules_of(row: &data_source::Model) -> Result<ImportRules, DbErr> {
    let keys: Option<Vec<MatchKey>> = row.match_by.0.iter().map(|word| MatchKey::of(word)).collect();
    Ok(ImportRules {
        mode: ImportMode::of(&row.import_mode).ok_or_else(|| unreadable("data_source.import_mode"))?,
        match_by: keys.ok_or_else(|| unreadable("data_source.match_by"))?,
        username_template: row.username_template.clone(),
    })
}

/// What was decided about the members of a data source.
///
/// # Errors
/// When the database does not answer.
pub async fn decisions<C: ConnectionTrait>(
    connection: &C,
    source: Uuid,
) -> Result<HashMap<Uuid, ImportDecision>, DbErr> {
    let rows = import_decision::Entity::find()
        .filter(Column::DataSourceId.eq(source))
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.member_id, decision(row)?)))
        .collect()
}

fn decision(row: import_decision::Model) -> Result<ImportDecision, DbErr> {
    ImportDecision::of(&row.kind, row.user_id, row.username).ok_or_else(|| unreadable("import_decision.kind"))
}

/// Locks these members, in the order of their ids.
///
/// # Errors
/// When the database does not answer.
pub async fn locked<C: ConnectionTrait>(tx: &C, ids: &[Uuid]) -> Result<Vec<Subject>, DbErr> {
    let rows = member::Entity::find()
        .filter(member::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(member::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(subject).collect())
}

fn subject(row: member::Model) -> Subject {
    Subject {
        id: row.id,
        version: row.updated_at,
        data_source_id: row.data_source_id,
        userid: row.userid,
        present: row.state == "present",
        doubted: row.doubt.is_some(),
        outcome: row.import_outcome,
        user_id: row.user_id,
    }
}

/// Each of these members with their data source; who is not there is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn sources_of(db: &Database, ids: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(member::Entity::find()
        .select_only()
        .columns([member::Column::Id, member::Column::DataSourceId])
        .filter(member::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(db.reader())
        .await?)
}

/// Row id of the member of this userid who is there.
///
/// # Errors
/// When the database does not answer.
pub async fn member_of(db: &Database, source: Uuid, userid: &str) -> Result<Option<Uuid>> {
    Ok(member::Entity::find()
        .select_only()
        .column(member::Column::Id)
        .filter(member::Column::DataSourceId.eq(source))
        .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
        .filter(member::Column::State.eq("present"))
        .into_tuple()
        .one(db.reader())
        .await?)
}

/// Whether there is such a user, locked until the transaction ends: nobody becomes their member, and they no admin, meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_user<C: ConnectionTrait>(tx: &C, id: Uuid) -> Result<Option<LockedUser>, DbErr> {
    let row = users::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    Ok(row.map(|row| LockedUser {
        console: row.console_role.is_some(),
        active: row.status == "active",
    }))
}

/// A user who is locked.
#[derive(Clone, Copy, Debug)]
pub struct LockedUser {
    /// Has a console role.
    pub console: bool,
    /// May sign in.
    pub active: bool,
}

/// Writes what was decided about a member, in the place of what was decided before.
///
/// # Errors
/// When the database does not answer.
pub async fn put(change: &Change, subject: &Subject, decided: &ImportDecision) -> Result<(), DbErr> {
    let row = import_decision::ActiveModel {
        member_id: Set(subject.id),
        data_source_id: Set(subject.data_source_id),
        userid: Set(subject.userid.clone()),
        kind: Set(decided.word().to_owned()),
        user_id: Set(decided.user()),
        username: Set(decided.username().map(str::to_owned)),
        decided_by: Set(change.actor().to_owned()),
        decided_at: Set(change.millis()),
    };
    let again = OnConflict::column(Column::MemberId)
        .update_columns([
            Column::Userid,
            Column::Kind,
            Column::UserId,
            Column::Username,
            Column::DecidedBy,
            Column::DecidedAt,
        ])
        .to_owned();
    import_decision::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(change.transaction())
        .await
        .map(|_| ())
}

/// Takes back what was decided about a member.
///
/// # Errors
/// When the database does not answer.
pub async fn take_back(change: &Change, member: Uuid) -> Result<(), DbErr> {
    import_decision::Entity::delete_by_id(member)
        .exec(change.transaction())
        .await
        .map(|_| ())
}

/// Writes the outcome of a member whom no plan has to be asked about.
///
/// # Errors
/// When the database does not answer.
pub async fn set_outcome(change: &Change, subject: &Subject, (outcome, reason): (&str, &str)) -> Result<(), DbErr> {
    let version = change.millis().max(subject.version.saturating_add(1));
    member::Entity::update_many()
        .col_expr(member::Column::ImportOutcome, Expr::value(outcome))
        .col_expr(member::Column::ImportReason, Expr::value(reason))
        .col_expr(member::Column::UpdatedAt, Expr::value(version))
        .filter(member::Column::Id.eq(subject.id))
        .exec(change.transaction())
        .await
        .map(|_| ())
}

/// Ends the access of a member who is taken out of the choice.
///
/// # Errors
/// When the database does not answer.
pub async fn end_access(change: &Change, subject: &Subject, user: Uuid) -> Result<(), DbErr> {
    let evidence = serde_json::json!({ "actor": change.actor() });
    let ending = Ending {
        entropy: change.entropy(),
        now: change.now(),
        reason: EndReason::Excluded,
        learned_by: LearnedBy::Admin,
        reach: Reach::Everywhere,
        data_source: Some(subject.data_source_id),
        evidence: &evidence,
    };
    let leaver = Leaver {
        user,
        member: Some(subject.id),
        userid: Some(subject.userid.clone()),
        may_disable: true,
    };
    offboarding::store::end_access(change.transaction(), &ending, &[leaver])
        .await
        .map(|_| ())
}

/// Gives access back to a user who was taken out of the choice, and is in it again.
///
/// # Errors
/// When the database does not answer.
pub async fn give_access_back<C: ConnectionTrait>(tx: &C, user: Uuid, now: Timestamp) -> Result<(), DbErr> {
    offboarding::store::enable(tx, &[user], &[EndReason::Excluded.word()], now)
        .await
        .map(|_| ())
}

/// A member in the list of conflicts.
#[derive(Debug)]
pub struct ConflictRow {
    /// Row id.
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// As WeCom writes it.
    pub userid: String,
    /// Name.
    pub name: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// Their user.
    pub user_id: Option<Uuid>,
    /// What became of it.
    pub stage: Stage,
    /// By whom and when.
    pub decided: Option<(String, i64)>,
}

/// Lists conflicts.
///
/// # Errors
/// When the database does not answer.
pub async fn conflicts(
    db: &Database,
    filter: &ConflictFilter,
    page: &SortedPage,
) -> Result<SortedListing<ConflictRow>> {
    let outcome = member::Column::ImportOutcome;
    let decided = |kinds: &[&str]| {
        let found = import_decision::Entity::find()
            .select_only()
            .column(Column::MemberId)
            .filter(Column::Kind.is_in(kinds.iter().copied()))
            .into_query();
        let became = outcome.eq("imported");
        Condition::all().add(member::Column::Id.in_subquery(found)).add(became)
    };
    let open = || Condition::all().add(outcome.is_in(["skipped", "conflict"]));
    let ignored = || Condition::all().add(outcome.eq("ignored"));
    let wanted = match filter.stage {
        Some(Stage::Open) => open(),
        Some(Stage::Ignored) => ignored(),
        Some(Stage::Linked) => decided(&["link"]),
        Some(Stage::Renamed) => decided(&["rename"]),
        None => Condition::any()
            .add(open())
            .add(ignored())
            .add(decided(&["link", "rename"])),
    };
    let select = member::Entity::find()
        .filter(member::Column::State.eq("present"))
        .filter(Condition::all().add_option(filter.data_source.map(|id| member::Column::DataSourceId.eq(id))))
        .filter(wanted);
    let columns = (member::Column::Id, member::Column::UseridKey);
    let rows = keyset::sorted(db.reader(), select, columns, page).await?;
    let listing = page.cut(rows, |row, by| Position {
        value: match by {
            "userid" => SortValue::Text(row.userid_key.clone()),
            _ => SortValue::Id,
        },
        id: row.id,
    });
    let decided = import_decision::Entity::find()
        .filter(Column::MemberId.is_in(listing.items.iter().map(|row| row.id)))
        .all(db.reader())
        .await?;
    let mut decided: HashMap<Uuid, import_decision::Model> =
        decided.into_iter().map(|row| (row.member_id, row)).collect();
    Ok(listing.map(|row| {
        let made = decided.remove(&row.id);
        conflict_row(row, made)
    }))
}

fn conflict_row(row: member::Model, made: Option<import_decision::Model>) -> ConflictRow {
    let stage = match (
        row.import_outcome.as_str(),
        made.as_ref().map(|made| made.kind.as_str()),
    ) {
        ("ignored", _) => Stage::Ignored,
        ("imported", Some("link")) => Stage::Linked,
        ("imported", _) => Stage::Renamed,
        _ => Stage::Open,
    };
    ConflictRow {
        id: row.id,
        data_source_id: row.data_source_id,
        userid: row.userid,
        name: row.name,
        why: row.import_reason,
        user_id: row.user_id,
        stage,
        decided: made.map(|made| (made.decided_by, made.decided_at)),
    }
}
