//! Queries of proofs: each scan is used once, and a proof counts only while everything it stands on does.

use std::collections::HashMap;

use entity::{
    data_source, department, member,
    name_proof::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, OnConflict, SelectStatement},
};
use uuid::Uuid;

use super::model::{Begun, Company, Department, Member};
use crate::{directory::offboarding::model::EndReason, kernel::clock::Timestamp, store::Database};

/// Members of this state are there.
const PRESENT: &str = "present";
/// Ids in one statement.
const AT_ONCE: usize = 500;

/// The data sources of companies that are connected by a suite now.
fn connected() -> Select<data_source::Entity> {
    data_source::Entity::find()
        .filter(data_source::Column::Suite.is_not_null())
        .filter(data_source::Column::Enabled.eq(true))
}

fn company_of(row: data_source::Model) -> Company {
    Company {
        source: row.id,
        name: row.name,
        corp_id: row.corp_id,
        corp_key: row.corp_key,
    }
}

/// The companies that are connected by a suite now.
pub(super) async fn companies(database: &Database) -> Result<Vec<Company>, DbErr> {
    let rows = connected().all(database.reader()).await?;
    Ok(rows.into_iter().map(company_of).collect())
}

/// One of them.
pub(super) async fn company(database: &Database, source: Uuid) -> Result<Option<Company>, DbErr> {
    let this = connected().filter(data_source::Column::Id.eq(source));
    Ok(this.one(database.reader()).await?.map(company_of))
}

/// Whether there is such a data source that a suite connected, on or off.
pub(super) async fn is_of_suite(database: &Database, source: Uuid) -> Result<bool, DbErr> {
    let found = data_source::Entity::find_by_id(source)
        .filter(data_source::Column::Suite.is_not_null())
        .one(database.reader())
        .await?;
    Ok(found.is_some())
}

/// Begins a scan. What was proved before in this session of this company is over, and so is a scan that was begun before.
pub(super) async fn begin(
    database: &Database,
    session: Uuid,
    begun: &Begun,
    (digest, until): (String, Timestamp),
) -> Result<(), DbErr> {
    let row = ActiveModel {
        session_id: Set(session),
        data_source_id: Set(begun.source),
        corp_key: Set(begun.corp_key.clone()),
        scan_digest: Set(Some(digest)),
        scan_expires_at: Set(until.millis()),
        return_to: Set(begun.return_to.clone()),
        member_id: Set(None),
        proved_at: Set(None),
    };
    let anew = OnConflict::columns([Column::SessionId, Column::DataSourceId])
        .update_columns([
            Column::CorpKey,
            Column::ScanDigest,
            Column::ScanExpiresAt,
            Column::ReturnTo,
            Column::MemberId,
            Column::ProvedAt,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(database.writer())
        .await
        .map(|_| ())
}

/// Whose a scan is.
pub(super) async fn session_of(database: &Database, digest: &str) -> Result<Option<Uuid>, DbErr> {
    let row = Entity::find()
        .filter(Column::ScanDigest.eq(digest))
        .one(database.reader())
        .await?;
    Ok(row.map(|row| row.session_id))
}

/// The scan of this session, used up by this statement: of any number of returns at once one gets it. `None`: it is another session's, it is over, or
/// it was used.
pub(super) async fn take(
    database: &Database,
    (digest, session): (&str, Uuid),
    now: Timestamp,
) -> Result<Option<Begun>, DbErr> {
    let this = Condition::all()
        .add(Column::ScanDigest.eq(digest))
        .add(Column::SessionId.eq(session))
        .add(Column::ScanExpiresAt.gt(now.millis()));
    let Some(row) = Entity::find().filter(this.clone()).one(database.reader()).await? else {
        return Ok(None);
    };
    let taken = Entity::update_many()
        .col_expr(Column::ScanDigest, Expr::value(None::<String>))
        .filter(this)
        .exec(database.writer())
        .await?;
    let Model {
        data_source_id,
        corp_key,
        return_to,
        ..
    } = row;
    Ok((taken.rows_affected == 1).then_some(Begun {
        source: data_source_id,
        corp_key,
        return_to,
    }))
}

/// Notes who scanned. False where the company is gone, or another scan was begun meanwhile.
pub(super) async fn prove<C: ConnectionTrait>(
    tx: &C,
    session: Uuid,
    begun: &Begun,
    (member, now): (Uuid, Timestamp),
) -> Result<bool, DbErr> {
    let proved = Entity::update_many()
        .col_expr(Column::MemberId, Expr::value(member))
        .col_expr(Column::ProvedAt, Expr::value(now.millis()))
        .filter(Column::SessionId.eq(session))
        .filter(Column::DataSourceId.eq(begun.source))
        .filter(Column::CorpKey.eq(&begun.corp_key))
        .filter(Column::ScanDigest.is_null())
        .exec(tx)
        .await?;
    Ok(proved.rows_affected == 1)
}

/// Row id of the member of this userid who is there and active, and in no doubt to be who they were, as far as the directory knows.
pub(super) async fn knows(database: &Database, source: Uuid, userid: &str) -> Result<Option<Uuid>, DbErr> {
    let row = member::Entity::find()
        .filter(member::Column::DataSourceId.eq(source))
        .filter(member::Column::UseridKey.eq(userid.to_lowercase()))
        .one(database.reader())
        .await?;
    let row = row.filter(|row| is_there(&row.state, row.status, row.doubt.as_deref()));
    Ok(row.map(|row| row.id))
}

fn is_there(state: &str, status: Option<i32>, doubt: Option<&str>) -> bool {
    state == PRESENT && status.and_then(EndReason::of_status).is_none() && doubt.is_none()
}

/// What a proof stands on: company, moment, its corp then, its corp now, how that is connected and whether it is on; state, status and doubt of whoever
/// scanned.
type Ground = (
    Uuid,
    Option<i64>,
    (String, String),
    (Option<Uuid>, bool),
    (String, Option<i32>, Option<String>),
);

fn stands((_, _, (then, now), (suite, enabled), (state, status, doubt)): &Ground) -> bool {
    then == now && suite.is_some() && *enabled && is_there(state, *status, doubt.as_deref())
}

/// The companies whose names may be shown in this session now, each with the moment of the proof (milliseconds): it is connected as it was when the
/// scan was begun, and whoever scanned is still there and active. Any other proof is over for good, whatever comes back.
pub(super) async fn standing(database: &Database, session: Uuid) -> Result<Vec<(Uuid, i64)>, DbErr> {
    let (found, over): (Vec<Ground>, Vec<Ground>) = grounds(database, session).await?.into_iter().partition(stands);
    for (source, at, ..) in over {
        Entity::delete_many()
            .filter(Column::SessionId.eq(session))
            .filter(Column::DataSourceId.eq(source))
            .filter(Column::ProvedAt.eq(at))
            .exec(database.writer())
            .await?;
    }
    let of = |(source, at, ..): Ground| Some((source, at?));
    Ok(found.into_iter().filter_map(of).collect())
}

/// The same as it is read.
type Row = (
    Uuid,
    Option<i64>,
    String,
    String,
    Option<Uuid>,
    bool,
    String,
    Option<i32>,
    Option<String>,
);

async fn grounds(database: &Database, session: Uuid) -> Result<Vec<Ground>, DbErr> {
    let to_source = Entity::belongs_to(data_source::Entity)
        .from(Column::DataSourceId)
        .to(data_source::Column::Id);
    let to_member = Entity::belongs_to(member::Entity)
        .from(Column::MemberId)
        .to(member::Column::Id);
    let rows: Vec<Row> = Entity::find()
        .select_only()
        .columns([Column::DataSourceId, Column::ProvedAt, Column::CorpKey])
        .columns([
            data_source::Column::CorpKey,
            data_source::Column::Suite,
            data_source::Column::Enabled,
        ])
        .columns([member::Column::State, member::Column::Status, member::Column::Doubt])
        .join(JoinType::InnerJoin, to_source.into())
        .join(JoinType::InnerJoin, to_member.into())
        .filter(Column::SessionId.eq(session))
        .filter(Column::ProvedAt.is_not_null())
        .into_tuple()
        .all(database.reader())
        .await?;
    let ground = |(source, at, then, now, suite, enabled, state, status, doubt): Row| {
        (source, at, (then, now), (suite, enabled), (state, status, doubt))
    };
    Ok(rows.into_iter().map(ground).collect())
}

/// Ends what was proved in a session of a company.
pub(super) async fn end(database: &Database, session: Uuid, source: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id((session, source))
        .exec(database.writer())
        .await
        .map(|_| ())
}

/// Ends what these members proved by a scan: they left, are disabled in WeCom, or their userid is somebody else's. Should they come back, they have to
/// scan anew.
///
/// # Errors
/// When the database does not answer.
pub async fn end_of_members<C: ConnectionTrait>(tx: &C, members: impl IntoIterator<Item = Uuid>) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::MemberId.is_in(members))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Ends every proof of a company, and every scan that is under way: it deleted the app, is switched off, or is connected in another way from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn end_all<C: ConnectionTrait>(tx: &C, source: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::DataSourceId.eq(source))
        .exec(tx)
        .await
        .map(|_| ())
}

/// Their ids.
fn connected_ids() -> SelectStatement {
    connected().select_only().column(data_source::Column::Id).into_query()
}

/// As which members these users are known to companies that are connected by a suite, where WeCom gave no name: of each those who are there, then those
/// who came first.
pub(super) async fn members_of(database: &Database, users: &[Uuid]) -> Result<HashMap<Uuid, Vec<Member>>, DbErr> {
    let mut found: HashMap<Uuid, Vec<Member>> = HashMap::new();
    for users in users.chunks(AT_ONCE) {
        let rows: Vec<(Option<Uuid>, Uuid, String)> = member::Entity::find()
            .select_only()
            .columns([
                member::Column::UserId,
                member::Column::DataSourceId,
                member::Column::Userid,
            ])
            .filter(member::Column::UserId.is_in(users.iter().copied()))
            .filter(member::Column::DataSourceId.in_subquery(connected_ids()))
            .filter(member::Column::Name.is_null())
            // Present comes behind departed.
            .order_by_desc(member::Column::State)
            .order_by_asc(member::Column::Id)
            .into_tuple()
            .all(database.reader())
            .await?;
        for (user, source, userid) in rows {
            if let Some(user) = user {
                found.entry(user).or_default().push(Member { source, userid });
            }
        }
    }
    Ok(found)
}

/// Those of these departments, by row id, that are of companies connected by a suite and without a name.
pub(super) async fn departments(database: &Database, ids: &[Uuid]) -> Result<HashMap<Uuid, Department>, DbErr> {
    let mut found = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let rows = department::Entity::find()
            .filter(department::Column::Id.is_in(ids.iter().copied()))
            .filter(department::Column::DataSourceId.in_subquery(connected_ids()))
            .filter(department::Column::Name.eq(""))
            .all(database.reader())
            .await?;
        found.extend(rows.into_iter().map(|row| {
            let department = Department {
                source: row.data_source_id,
                wecom_id: row.wecom_id.to_string(),
            };
            (row.id, department)
        }));
    }
    Ok(found)
}
