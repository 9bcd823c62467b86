//! Queries of refusals: events of the audit log that a person was shown.

use entity::{audit_event, data_source, member};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, Select,
    sea_query::{Expr, SimpleExpr},
};
use serde_json::Value;
use uuid::Uuid;

use super::model::{RefusalCount, RefusalFilter, RefusalView};
use crate::{
    audit::{Kind, actor},
    directory::setup_problem::Problem,
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    store::{Database, keyset},
};

type Column = audit_event::Column;

/// Endpoints that programs call: what they were told no person saw.
const OF_PROGRAMS: &[&str] = &[
    "/api/%",
    "/oauth2/token%",
    "/oauth2/userinfo%",
    "/oauth2/introspect%",
    "/oauth2/revoke%",
    "/oauth2/par%",
    "/oauth2/device\\_authorization%",
    "/oauth2/register%",
    "/wecom/events/%",
    "/wecom/suites/%",
];

/// Of what the console's pages said to somebody who is there, this is a refusal, and what failed is told; the rest are an operator's own slips,
/// as in a form. Whoever did not get in is nobody yet.
const NO_OPERATOR: &str = "CO-102";

/// Kinds of events that people are shown.
const KINDS: [&str; 2] = [Kind::Refused.word(), Kind::Failed.word()];

/// Actors that name nobody.
const NOBODY: [&str; 2] = ["unknown", "anonymous"];

/// A member of an event's detail as a text; NULL where it has none of this name. `name` is a word of ours, never of a stranger.
fn detail(backend: DbBackend, name: &'static str) -> String {
    match backend {
        DbBackend::Postgres => format!("audit_event.detail->>'{name}'"),
        _ => format!("json_extract(audit_event.detail, '$.{name}')"),
    }
}

/// Events that a person was shown, as the filter has them.
pub(in crate::admin) fn wanted(database: &Database, filter: &RefusalFilter) -> Condition {
    wanted_of(database, filter, Column::Kind.is_in(KINDS))
}

/// Whether no program was told. PostgreSQL reads a document anew wherever its member is named, so there it is named once.
fn not_of_programs(backend: DbBackend, path: &str) -> String {
    let patterns = OF_PROGRAMS.iter().map(|pattern| format!("'{pattern}'"));
    match backend {
        DbBackend::Postgres => {
            let patterns: Vec<String> = patterns.collect();
            format!("{path} NOT LIKE ALL (ARRAY[{}])", patterns.join(", "))
        }
        _ => {
            let each = patterns.map(|pattern| format!("{path} NOT LIKE {pattern} ESCAPE '\\'"));
            each.collect::<Vec<_>>().join(" AND ")
        }
    }
}

fn wanted_of(database: &Database, filter: &RefusalFilter, kinds: SimpleExpr) -> Condition {
    let backend = database.reader().get_database_backend();
    let mut wanted = Condition::all()
        .add(kinds)
        .add(Column::Actor.not_like("token:%"))
        .add_option(filter.number.as_ref().map(|number| Column::Number.eq(number)))
        .add_option(filter.actors.as_ref().map(|actors| about(actors, filter.user_id)))
        .add_option(filter.since.map(|since| Column::At.gte(since)))
        .add_option(filter.until.map(|until| Column::At.lt(until)))
        .add_option(filter.client_id.as_ref().map(|client| Column::ClientId.eq(client)));
    let path = format!("COALESCE({}, '')", detail(backend, "path"));
    wanted = wanted.add(Expr::cust(not_of_programs(backend, &path)));
    let failed = format!("COALESCE(CAST({} AS bigint), 0) >= 500", detail(backend, "status"));
    let nobody = "audit_event.actor NOT LIKE 'user:%'";
    let shut_out = format!("audit_event.number = '{NO_OPERATOR}'");
    wanted.add(Expr::cust(format!(
        "({nobody} OR {shut_out} OR {path} NOT LIKE '/console%' OR {failed})"
    )))
}

/// By one of these actors, or about this user.
fn about(actors: &[String], user: Option<Uuid>) -> Condition {
    Condition::any()
        .add(Column::Actor.is_in(actors))
        .add_option(user.map(|user| Column::UserId.eq(user)))
}

pub(super) async fn list(
    database: &Database,
    filter: &RefusalFilter,
    page: &SortedPage,
) -> Result<SortedListing<RefusalView>> {
    // Kind by kind: of one the index has them in order, of both together SQLite would sort all.
    let mut rows = Vec::new();
    for kind in KINDS {
        let select = audit_event::Entity::find().filter(wanted_of(database, filter, Column::Kind.eq(kind)));
        rows.extend(keyset::sorted(database.reader(), select, (Column::Id, Column::Id), page).await?);
    }
    rows.sort_unstable_by_key(|row| row.id);
    if page.sort.descending {
        rows.reverse();
    }
    Ok(page.cut_by_id(rows, |row| row.id).map(view))
}

/// One line of the count.
#[derive(FromQueryResult)]
struct Line {
    number: String,
    many: i64,
    people: i64,
    first_at: i64,
    last_at: i64,
}

/// How often all of it happened, in SQL: an event that repeats itself is one row with a count.
pub(in crate::admin) fn repeated(database: &Database) -> String {
    let count = detail(database.reader().get_database_backend(), "count");
    format!("CAST(SUM(COALESCE(CAST({count} AS bigint), 1)) AS bigint)")
}

pub(super) async fn count(database: &Database, filter: &RefusalFilter) -> Result<Vec<RefusalCount>> {
    let many = Expr::cust(repeated(database));
    let nobody = NOBODY.map(|nobody| format!("'{nobody}'")).join(", ");
    let people = Expr::cust(format!(
        "COUNT(DISTINCT CASE WHEN audit_event.actor IN ({nobody}) THEN NULL ELSE audit_event.actor END)"
    ));
    let lines: Vec<Line> = audit_event::Entity::find()
        .select_only()
        .column(Column::Number)
        .column_as(many, "many")
        .column_as(people, "people")
        .column_as(Column::At.min(), "first_at")
        .column_as(Column::At.max(), "last_at")
        .filter(wanted(database, filter))
        .filter(Column::Number.is_not_null())
        .group_by(Column::Number)
        .order_by_desc(SimpleExpr::from(Expr::cust("many")))
        .order_by_asc(Column::Number)
        .into_model::<Line>()
        .all(database.reader())
        .await?;
    let counts = lines.into_iter().map(|line| RefusalCount {
        problem: Problem::of_number(&line.number, ""),
        number: line.number,
        count: u64::try_from(line.many).unwrap_or_default(),
        people: u64::try_from(line.people).unwrap_or_default(),
        first_at: line.first_at,
        last_at: line.last_at,
    });
    Ok(counts.collect())
}

fn view(row: audit_event::Model) -> RefusalView {
    let of_detail = |name: &str| row.detail.get(name);
    let said = of_detail("detail").and_then(Value::as_str).unwrap_or_default();
    RefusalView {
        last_at: of_detail("last").and_then(Value::as_i64).unwrap_or(row.at),
        count: of_detail("count").and_then(Value::as_u64).unwrap_or(1),
        problem: row
            .number
            .as_deref()
            .and_then(|number| Problem::of_number(number, said)),
        user_id: row.user_id,
        client_id: row.client_id,
        id: row.id,
        at: row.at,
        kind: row.kind,
        reference: row.reference,
        number: row.number,
        actor: row.actor,
    }
}

/// The members to whom a user is linked, as the audit log names them.
pub(in crate::admin) async fn members_of(database: &Database, user: Uuid) -> Result<Vec<String>> {
    named(database, member::Entity::find().filter(member::Column::UserId.eq(user))).await
}

/// A member as the audit log names them; `None`: their data source is gone.
pub(in crate::admin) async fn member(database: &Database, id: Uuid) -> Result<Option<String>> {
    Ok(named(database, member::Entity::find_by_id(id)).await?.pop())
}

async fn named(database: &Database, members: Select<member::Entity>) -> Result<Vec<String>> {
    let to_source = member::Entity::belongs_to(data_source::Entity)
        .from(member::Column::DataSourceId)
        .to(data_source::Column::Id);
    let found: std::result::Result<Vec<(String, String)>, DbErr> = members
        .select_only()
        .column(data_source::Column::CorpKey)
        .column(member::Column::Userid)
        .join(JoinType::InnerJoin, to_source.into())
        .into_tuple()
        .all(database.reader())
        .await;
    let named = found?
        .into_iter()
        .map(|(corp_key, userid)| actor::member(&corp_key, &userid));
    Ok(named.collect())
}
