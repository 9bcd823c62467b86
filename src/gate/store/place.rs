//! Query of a member's place: departments with all above them, groups of their user, and whether an app's cached visible scope covers them, in one
//! statement.
//!
//! Written as SQL because it follows the departments upwards; both databases read the same text but for how a JSON list becomes rows.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use crate::store::Database;

/// Where a member is.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Our id and WeCom's id of each department of the member and of all above it.
    pub(super) lineage: Vec<(Uuid, i64)>,
    /// Groups of their user.
    pub(super) groups: Vec<Uuid>,
    /// The app's cached scope covers them.
    pub(super) is_covered: bool,
}

/// One row of the answer; what `kind` it is says which columns count.
#[derive(FromQueryResult)]
struct Line {
    kind: String,
    id: Option<Uuid>,
    wecom_id: i64,
}

/// Whose place is asked for, by row ids: the member, their user, and the app whose scope decides.
#[derive(Clone, Copy)]
pub(super) struct Whose {
    pub(super) member: Option<Uuid>,
    pub(super) user: Option<Uuid>,
    pub(super) app: Option<Uuid>,
}

/// `UNION` drops duplicates, so that a cycle of departments ends. A scope covers members picked, departments with their subtrees, and tags with their
/// members and their departments' subtrees (reference 4.2, 5.4).
fn statement(backend: DbBackend, whose: Whose) -> Statement {
    let (items, no_id) = match backend {
        DbBackend::Postgres => (
            "json_array_elements_text(m.departments) AS item(value)",
            "CAST(NULL AS uuid)",
        ),
        _ => ("json_each(m.departments) AS item", "NULL"),
    };
    let sql = format!(
        "WITH RECURSIVE
         m AS (SELECT userid_key, data_source_id, departments FROM member WHERE id = $1),
         line AS (
           SELECT d.id, d.wecom_id, d.parent_wecom_id, d.data_source_id
           FROM (SELECT CAST(item.value AS bigint) AS wecom_id, m.data_source_id FROM m, {items}) own
           JOIN department d ON d.data_source_id = own.data_source_id AND d.wecom_id = own.wecom_id
           UNION
           SELECT d.id, d.wecom_id, d.parent_wecom_id, d.data_source_id
           FROM line JOIN department d
             ON d.data_source_id = line.data_source_id AND d.wecom_id = line.parent_wecom_id)
         SELECT 'department' AS kind, id, wecom_id FROM line
         UNION ALL SELECT 'group', group_id, CAST(0 AS bigint) FROM user_group_user WHERE user_id = $2
         UNION ALL SELECT 'covered', {no_id}, CAST(0 AS bigint) FROM m WHERE
           EXISTS (SELECT 1 FROM scope_entry e WHERE e.app_id = $3 AND e.kind = 'user' AND e.value = m.userid_key)
           OR EXISTS (SELECT 1 FROM line JOIN scope_entry e
             ON e.app_id = $3 AND e.kind = 'department' AND e.value = CAST(line.wecom_id AS text))
           OR EXISTS (SELECT 1 FROM scope_entry e JOIN tag t ON e.value = CAST(t.wecom_id AS text)
             WHERE e.app_id = $3 AND e.kind = 'tag' AND t.data_source_id = m.data_source_id AND (
               EXISTS (SELECT 1 FROM tag_user u WHERE u.tag_id = t.id AND u.userid_key = m.userid_key)
               OR EXISTS (SELECT 1 FROM tag_department g JOIN line ON g.department = line.wecom_id WHERE g.tag_id = t.id)))"
    );
    Statement::from_sql_and_values(backend, sql, [whose.member, whose.user, whose.app].map(Into::into))
}

/// Where the member is; of nobody, nowhere.
pub(super) async fn place_of(database: &Database, whose: Whose) -> Result<Place, DbErr> {
    let mut place = Place::default();
    if whose.member.is_none() && whose.user.is_none() {
        return Ok(place);
    }
    let reader = database.reader();
    let rows = reader
        .query_all_raw(statement(reader.get_database_backend(), whose))
        .await?;
    for row in &rows {
        let line = Line::from_query_result(row, "")?;
        match (line.kind.as_str(), line.id) {
            ("department", Some(id)) => place.lineage.push((id, line.wecom_id)),
            ("group", Some(id)) => place.groups.push(id),
            _ => place.is_covered = true,
        }
    }
    Ok(place)
}
