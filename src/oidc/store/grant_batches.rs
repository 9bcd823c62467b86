//! Batch writes (group commit) of grants and refresh token rotations: a few statements per kind, whatever the number of items.

use std::collections::{HashMap, HashSet};

use entity::{audit_event, oauth_grant, refresh_token};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryResult, Statement, Value, sea_query::Expr,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    kernel::clock::Timestamp,
    store::{
        batch_kind::{AtOnce, BatchKind, Written, add_rows},
        json_row::json_row,
    },
};

/// Grants with their first refresh tokens and the events that tell of them.
pub struct Grants;

/// One grant.
pub struct GrantItem {
    /// In which session.
    pub session: Uuid,
    /// Its row.
    pub grant: oauth_grant::ActiveModel,
    /// Its first refresh token, if it gets one.
    pub refresh: Option<refresh_token::ActiveModel>,
    /// Its audit event.
    pub event: audit_event::ActiveModel,
}

/// The session was live when the grant was written.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct LiveSession {
    id: Uuid,
    /// The member the person signed in as.
    #[sea_orm(from_alias = "member_id")]
    pub member: Option<Uuid>,
    /// It is in doubt who the member is, and their data source lets nobody go on until an admin has decided.
    pub waits: bool,
}

/// Sessions that have not ended, and whether their members wait for an admin.
const LIVE: &str = "SELECT s.id, s.member_id, m.doubt IS NOT NULL AND d.doubtful_identity <> 'continue' AS waits \
                    FROM session s JOIN users u ON u.id = s.user_id LEFT JOIN member m ON m.id = s.member_id \
                    LEFT JOIN data_source d ON d.id = m.data_source_id WHERE s.ended_at IS NULL AND s.id IN ";

/// Locks them on PostgreSQL against ending, people before sessions, as whoever ends them does; SQLite has one lock for all writers.
const LOCK: &str = " ORDER BY u.id, s.id FOR KEY SHARE OF u FOR SHARE OF s";

/// Who writes for several people does not wait for one of them, holding the others: whoever is held by somebody is left out.
const LOCK_OF_SEVERAL: &str = " ORDER BY u.id, s.id FOR KEY SHARE OF u SKIP LOCKED FOR SHARE OF s SKIP LOCKED";

/// Writes grants of living sessions, with what belongs to them; answers those sessions. `$1`: a JSON array with an object for each grant.
fn grants_at_once(lock: &str) -> String {
    format!(
        "WITH item AS MATERIALIZED (SELECT (value->>'session')::uuid AS session, value FROM json_array_elements($1::json)), \
         alive AS MATERIALIZED ({LIVE} (SELECT session FROM item){lock}), \
         granted AS MATERIALIZED (SELECT item.value FROM item JOIN alive ON alive.id = item.session), \
         grants AS (INSERT INTO oauth_grant SELECT r.* FROM granted, \
           LATERAL json_populate_record(NULL::oauth_grant, value->'grant') r), \
         tokens AS (INSERT INTO refresh_token SELECT r.* FROM granted, \
           LATERAL json_populate_record(NULL::refresh_token, value->'refresh') r WHERE r.id IS NOT NULL), \
         events AS (INSERT INTO audit_event SELECT r.* FROM granted, \
           LATERAL json_populate_record(NULL::audit_event, value->'event') r) \
         SELECT id, member_id, waits FROM alive"
    )
}

impl BatchKind for Grants {
    type Item = GrantItem;
    /// None, and nothing is written: the session ended meanwhile.
    type Answer = Option<LiveSession>;

    fn write<'t>(
        &'t self,
        transaction: &'t DatabaseTransaction,
        items: &'t [GrantItem],
    ) -> BoxFuture<'t, Result<Vec<Option<LiveSession>>, DbErr>> {
        async move {
            let alive = lock_live_sessions(transaction, items).await?;
            let written = items.iter().filter(|item| alive.contains_key(&item.session));
            add_rows(transaction, written.clone().map(|item| item.grant.clone()).collect()).await?;
            let tokens = written.clone().filter_map(|item| item.refresh.clone()).collect();
            add_rows(transaction, tokens).await?;
            add_rows(transaction, written.map(|item| item.event.clone()).collect()).await?;
            Ok(items.iter().map(|item| alive.get(&item.session).copied()).collect())
        }
        .boxed()
    }

    fn at_once(&self, items: &[GrantItem]) -> Option<Result<AtOnce<Option<LiveSession>>, DbErr>> {
        let rows: Result<Vec<Json>, DbErr> = items.iter().map(GrantItem::json).collect();
        Some(rows.map(|rows| {
            let sessions: Vec<Uuid> = items.iter().map(|item| item.session).collect();
            let alone = sessions.len() == 1;
            AtOnce {
                sql: grants_at_once(if alone { LOCK } else { LOCK_OF_SEVERAL }),
                values: vec![Json::Array(rows).to_string().into()],
                answers: Box::new(move |rows| {
                    let alive = by_id(rows)?;
                    let answer = |session| match alive.get(session) {
                        // Ended, or held by somebody: whoever waits for the session by itself learns which.
                        None if !alone => Written::Alone,
                        found => Written::Done(found.copied()),
                    };
                    Ok(sessions.iter().map(answer).collect())
                }),
            }
        }))
    }
}

impl GrantItem {
    fn json(&self) -> Result<Json, DbErr> {
        let mut item = json!({
            "session": self.session,
            "grant": json_row(&self.grant)?,
            "event": json_row(&self.event)?,
        });
        if let (Some(refresh), Some(item)) = (&self.refresh, item.as_object_mut()) {
            item.insert("refresh".to_owned(), json_row(refresh)?);
        }
        Ok(item)
    }
}

fn by_id(rows: &[QueryResult]) -> Result<HashMap<Uuid, LiveSession>, DbErr> {
    let found = rows.iter().map(|row| {
        let session = LiveSession::from_query_result(row, "")?;
        Ok((session.id, session))
    });
    found.collect()
}

/// The sessions that have not ended. Their rows are locked against ending, so that a portal that gets tokens also gets a logout delivery
/// for every session end after them (see `directory::session_end`).
async fn lock_live_sessions(
    transaction: &DatabaseTransaction,
    items: &[GrantItem],
) -> Result<HashMap<Uuid, LiveSession>, DbErr> {
    let backend = transaction.get_database_backend();
    let sessions: Vec<Value> = items.iter().map(|item| item.session.into()).collect();
    let (list, lock): (Vec<String>, _) = match backend {
        DbBackend::Postgres => ((1..=sessions.len()).map(|at| format!("${at}")).collect(), LOCK),
        _ => (vec!["?".to_owned(); sessions.len()], ""),
    };
    let sql = format!("{LIVE} ({}){lock}", list.join(", "));
    let statement = Statement::from_sql_and_values(backend, sql, sessions);
    by_id(&transaction.query_all_raw(statement).await?)
}

/// Refresh tokens that are consumed, each for its successor.
pub struct Rotations;

/// One refresh token consumed.
pub struct Rotation {
    /// Its row.
    pub id: Uuid,
    /// When.
    pub now: Timestamp,
    /// Its successor.
    pub next: refresh_token::ActiveModel,
}

impl BatchKind for Rotations {
    type Item = Rotation;
    /// False, and no successor is written: it was consumed before.
    type Answer = bool;

    /// Of any number of parallel callers one changes the row: on PostgreSQL the others wait for its lock and find `consumed_at` set, and
    /// within one batch the row is given to the first item.
    fn write<'t>(
        &'t self,
        transaction: &'t DatabaseTransaction,
        items: &'t [Rotation],
    ) -> BoxFuture<'t, Result<Vec<bool>, DbErr>> {
        async move {
            let now = items.iter().map(|item| item.now.millis()).max();
            let consumed = refresh_token::Entity::update_many()
                .col_expr(refresh_token::Column::ConsumedAt, Expr::value(now))
                .filter(refresh_token::Column::Id.is_in(items.iter().map(|item| item.id)))
                .filter(refresh_token::Column::ConsumedAt.is_null())
                .exec_with_returning(transaction)
                .await?;
            let mut consumed: HashSet<Uuid> = consumed.into_iter().map(|row| row.id).collect();
            let won: Vec<bool> = items.iter().map(|item| consumed.remove(&item.id)).collect();
            let winners = items.iter().zip(&won).filter(|(_, won)| **won);
            add_rows(transaction, winners.map(|(item, _)| item.next.clone()).collect()).await?;
            Ok(won)
        }
        .boxed()
    }

    fn at_once(&self, items: &[Rotation]) -> Option<Result<AtOnce<bool>, DbErr>> {
        let rows: Result<Vec<Json>, DbErr> = items.iter().map(Rotation::json).collect();
        Some(rows.map(|rows| {
            let now = items.iter().map(|item| item.now.millis()).max();
            let last = i64::try_from(items.len()).unwrap_or(i64::MAX);
            AtOnce {
                sql: ROTATE_AT_ONCE.to_owned(),
                values: vec![Json::Array(rows).to_string().into(), now.into()],
                answers: Box::new(move |rows| {
                    let places = rows.iter().map(|row| row.try_get("", "place"));
                    let won: HashSet<i64> = places.collect::<Result<_, _>>()?;
                    Ok((1..=last).map(|place| Written::Done(won.contains(&place))).collect())
                }),
            }
        }))
    }
}

/// Consumes refresh tokens and writes the successors of those that were unused; answers whose they were, counted from 1. Of several items with
/// one token the first has it. `$1`: a JSON array with an object for each rotation; `$2`: now.
const ROTATE_AT_ONCE: &str = "\
    WITH item AS MATERIALIZED (SELECT place, (value->>'id')::uuid AS id, value->'next' AS next \
      FROM json_array_elements($1::json) WITH ORDINALITY AS each(value, place)), \
    consumed AS (UPDATE refresh_token SET consumed_at = $2 WHERE id IN (SELECT id FROM item) AND consumed_at IS NULL RETURNING id), \
    won AS MATERIALIZED (SELECT DISTINCT ON (item.id) item.place, item.next FROM item JOIN consumed ON consumed.id = item.id \
      ORDER BY item.id, item.place), \
    added AS (INSERT INTO refresh_token SELECT r.* FROM won, LATERAL json_populate_record(NULL::refresh_token, next) r) \
    SELECT place FROM won";

impl Rotation {
    fn json(&self) -> Result<Json, DbErr> {
        Ok(json!({ "id": self.id, "next": json_row(&self.next)? }))
    }
}
