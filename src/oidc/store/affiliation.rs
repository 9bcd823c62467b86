//! Query of what a user belongs to, for claims: member, departments with all above them, tags, and groups of ours, in one statement.
//!
//! Written as SQL because it follows the departments upwards; both databases read the same text but for how a JSON list becomes rows.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use super::handle::Store;
use crate::oidc::claims::groups::{Affiliation, Department};

/// One row of the answer; what `kind` it is says which columns count.
#[derive(FromQueryResult)]
struct Line {
    kind: String,
    id: i64,
    parent: i64,
    name: String,
    corp_id: String,
}

/// `UNION` drops duplicates, so that a cycle of departments ends. A tag on a department covers all below it (reference 5.4).
fn statement(backend: DbBackend, user: Uuid, member: Option<Uuid>) -> Statement {
    let (one, two, three, items) = match backend {
        DbBackend::Postgres => (
            "$1",
            "$2",
            "$3",
            "json_array_elements_text(m.departments) AS item(value)",
        ),
        _ => ("?", "?", "?", "json_each(m.departments) AS item"),
    };
    let sql = format!(
        "WITH RECURSIVE
         m AS (
           SELECT member.userid, member.userid_key, member.data_source_id, member.departments, data_source.corp_id
           FROM member JOIN data_source ON data_source.id = member.data_source_id
           WHERE member.user_id = {one} AND member.state = 'present'
           ORDER BY CASE WHEN member.id = {two} THEN 0 ELSE 1 END, member.id LIMIT 1),
         own AS (SELECT CAST(item.value AS bigint) AS id, m.data_source_id FROM m, {items}),
         line AS (
           SELECT d.wecom_id, d.parent_wecom_id, d.name, d.data_source_id
           FROM own JOIN department d ON d.data_source_id = own.data_source_id AND d.wecom_id = own.id
           UNION
           SELECT d.wecom_id, d.parent_wecom_id, d.name, d.data_source_id
           FROM line JOIN department d
             ON d.data_source_id = line.data_source_id AND d.wecom_id = line.parent_wecom_id)
         SELECT 'member' AS kind, CAST(0 AS bigint) AS id, CAST(0 AS bigint) AS parent, userid AS name, corp_id FROM m
         UNION ALL SELECT 'own', id, 0, '', '' FROM own
         UNION ALL SELECT 'department', wecom_id, parent_wecom_id, name, '' FROM line
         UNION ALL SELECT 'tag', 0, 0, t.name, '' FROM m JOIN tag t ON t.data_source_id = m.data_source_id
           WHERE EXISTS (SELECT 1 FROM tag_user u WHERE u.tag_id = t.id AND u.userid_key = m.userid_key)
              OR EXISTS (SELECT 1 FROM tag_department g JOIN line ON g.department = line.wecom_id WHERE g.tag_id = t.id)
         UNION ALL SELECT 'group', 0, 0, g.name, '' FROM user_group g
           JOIN user_group_user p ON p.group_id = g.id WHERE p.user_id = {three}"
    );
    Statement::from_sql_and_values(backend, sql, [user.into(), member.into(), user.into()])
}

impl Store {
    /// What the user and their present member belong to: the member named, if it still is theirs, else another of theirs. `None`: they are no
    /// member, and in no group.
    pub(in crate::oidc) async fn find_affiliation(
        &self,
        user: Uuid,
        member: Option<Uuid>,
    ) -> Result<Option<Affiliation>, DbErr> {
        let reader = self.database.reader();
        let rows = reader
            .query_all_raw(statement(reader.get_database_backend(), user, member))
            .await?;
        let mut rest = Affiliation::default();
        for row in &rows {
            let line = Line::from_query_result(row, "")?;
            match line.kind.as_str() {
                "member" => {
                    rest.corp_id = line.corp_id;
                    rest.userid = line.name;
                }
                "own" => rest.direct.push(line.id),
                "department" => rest.departments.push(Department {
                    id: line.id,
                    parent: line.parent,
                    name: line.name,
                }),
                "group" => rest.own_groups.push(line.name),
                _ => rest.tags.push(line.name),
            }
        }
        Ok((rest != Affiliation::default()).then_some(rest))
    }
}
