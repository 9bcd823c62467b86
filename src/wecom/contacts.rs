//! Parses departments, tags and the pages of `user/list_id` (reference 5.2 to 5.4). A row that cannot be read is reported with its place:
//! these lists decide who is still there, so the caller must not take its absence for a removal.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    error::WeComError,
    json_object::{JsonObject, checked_userid, int},
    model::{Department, Malformed, MemberId, Rows, TagContent, TagName},
    reply::Reply,
};

/// Rows per page of `user/list_id`; the most WeCom gives.
pub(super) const LIST_ID_LIMIT: u32 = 10_000;
/// More pages than any corp has; an endless cursor ends here.
const MOST_PAGES: usize = 1_000;

type Answer<T> = Result<T, WeComError>;
type Row<T> = Result<T, Malformed>;

/// Reads a list of departments under `key`; a lone object counts as a list of one, a bare number as an id.
pub(super) fn departments(reply: &Reply, key: &str) -> Answer<Rows<Department>> {
    let mut found = match reply.row().find(key) {
        Some(one @ Value::Object(_)) => match department_row(one) {
            Ok(one) => vec![one].into(),
            Err(row) => return Err(reply.unreadable(row.reason)),
        },
        _ => reply.rows(key, department_row)?,
    };
    for department in found.rows.iter_mut().filter(|_| reply.ids_as_names) {
        let id = department.id.to_string();
        department.name = department.name.take().filter(|name| *name != id);
    }
    Ok(found)
}

/// Reads the reply of `department/get`, where the same key holds an object.
pub(super) fn department(reply: &Reply) -> Answer<Department> {
    let found = departments(reply, "department")?;
    found
        .rows
        .into_iter()
        .next()
        .ok_or_else(|| reply.unreadable("no `department`"))
}

fn department_row(value: &Value) -> Row<Department> {
    let Some(row) = JsonObject::of(value) else {
        let id = int(value).ok_or_else(|| Malformed::nameless("neither an object nor an id"))?;
        return Ok(Department {
            id,
            parent_id: 0,
            name: None,
            order: 0,
        });
    };
    Ok(Department {
        id: id(row, "id")?,
        parent_id: row.int("parentid").map_err(Malformed::nameless)?.unwrap_or(0),
        // What only matters for display is no reason to lose the department.
        name: row.text("name").ok().flatten(),
        order: row.int("order").ok().flatten().unwrap_or(0),
    })
}

/// The id that a row is nothing without.
fn id(row: JsonObject<'_>, key: &str) -> Row<i64> {
    let id = row.int(key).map_err(Malformed::nameless)?;
    id.ok_or_else(|| Malformed::nameless(format!("no `{key}`")))
}

/// Reads the reply of `tag/list`.
pub(super) fn tags(reply: &Reply) -> Answer<Rows<TagName>> {
    reply.rows("taglist", |row| {
        let row = JsonObject::of(row).ok_or_else(|| Malformed::nameless("not an object"))?;
        Ok(TagName {
            id: id(row, "tagid")?,
            name: row.text("tagname").ok().flatten().unwrap_or_default(),
        })
    })
}

/// Reads the reply of `tag/get`.
pub(super) fn tag(reply: &Reply) -> Answer<TagContent> {
    let mut users = reply.rows("userlist", userid_row)?;
    let departments = match reply.row().find("partylist") {
        Some(Value::String(_) | Value::Number(_)) => {
            let lone = reply.row().ints("partylist");
            lone.map_err(|reason| reply.unreadable(reason))?.into()
        }
        _ => reply.rows("partylist", |row| {
            int(row).ok_or_else(|| Malformed::nameless("not a department id"))
        })?,
    };
    users.malformed.extend(departments.malformed);
    Ok(TagContent {
        userids: users.rows,
        departments: departments.rows,
        malformed: users.malformed,
    })
}

/// The userids of a list of objects, or of plain texts.
pub(super) fn userids(list: &[Value], key: &str) -> Rows<String> {
    let mut found = Rows::default();
    for (place, value) in (1..).zip(list) {
        match userid_row(value) {
            Ok(userid) => found.rows.push(userid),
            Err(row) => found.malformed.push(row.at(place, key)),
        }
    }
    found
}

fn userid_row(value: &Value) -> Row<String> {
    match value {
        Value::String(userid) => checked_userid(userid.clone()),
        value => JsonObject::of(value)
            .ok_or_else(|| Malformed::nameless("neither an object nor a userid"))?
            .userid(),
    }
}

/// The pages of `user/list_id` as they come in.
#[derive(Default)]
pub(super) struct Pages {
    pub(super) found: Rows<MemberId>,
    cursors: HashSet<String>,
    cursor: Option<String>,
    ended: bool,
}

impl Pages {
    /// The cursor to ask with next; `None` after the last page.
    pub(super) fn next(&self) -> Option<&str> {
        (!self.ended).then(|| self.cursor.as_deref().unwrap_or_default())
    }

    /// Adds a page.
    pub(super) fn add(&mut self, reply: &Reply) -> Answer<()> {
        let page = reply.rows("dept_user", pair)?;
        self.found.rows.extend(page.rows);
        self.found.malformed.extend(page.malformed);
        let Some(cursor) = reply
            .row()
            .exact("next_cursor")
            .map_err(|reason| reply.unreadable(reason))?
        else {
            self.ended = true;
            return Ok(());
        };
        if self.cursors.len() >= MOST_PAGES || !self.cursors.insert(cursor.clone()) {
            return Err(reply.unreadable("the cursor does not end"));
        }
        self.cursor = Some(cursor);
        Ok(())
    }
}

fn pair(value: &Value) -> Row<MemberId> {
    let row = JsonObject::of(value).ok_or_else(|| Malformed::nameless("not an object"))?;
    let userid = row.userid()?;
    match id(row, "department") {
        Ok(department) => Ok(MemberId { userid, department }),
        Err(Malformed { reason, .. }) => Err(Malformed {
            userid: Some(userid),
            reason,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::testing::{Reaction, Stub, app, bench};

    fn read(body: &str) -> Reply {
        Reply::read("x", body.as_bytes(), str::to_owned).ok().unwrap()
    }

    #[test]
    fn departments_are_read_in_every_known_shape() {
        let list = read(
            r#"{"department":[{"id":1,"name":"Acme","parentid":0,"order":4294967295},{"id":"2","parentid":"1","name":""}]}"#,
        );
        let list = departments(&list, "department").unwrap().rows;
        assert_eq!((list[0].order, list[0].name.as_deref()), (4_294_967_295, Some("Acme")));
        assert_eq!((list[1].id, list[1].parent_id, &list[1].name), (2, 1, &None));
        let simple = departments(
            &read(r#"{"department_id":[{"id":2.0,"parentid":"1.0","order":10},7]}"#),
            "department_id",
        );
        assert_eq!(
            simple.unwrap().rows.iter().map(|row| row.id).collect::<Vec<_>>(),
            [2, 7]
        );
        assert_eq!(
            department(&read(r#"{"department":{"id":3,"name":"R&D"}}"#)).unwrap().id,
            3
        );
        assert!(departments(&read("{}"), "department").unwrap().rows.is_empty());
    }

    #[test]
    fn a_department_without_a_readable_id_is_told_and_hides_no_other() {
        for odd in [
            r#"{"name":"lost"}"#,
            r#"{"id":""}"#,
            r#"{"id":"1,2"}"#,
            r#"{"id":2.5}"#,
            "null",
            r#"{"id":3,"parentid":"x"}"#,
        ] {
            let list = departments(
                &read(&format!(r#"{{"department":[{{"id":1}},{odd},{{"id":9}}]}}"#)),
                "department",
            )
            .unwrap();
            assert_eq!(list.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 9], "{odd}");
            assert!(list.malformed[0].reason.starts_with("row 2 of `department`: "), "{odd}");
        }
        assert!(departments(&read(r#"{"department":"none"}"#), "department").is_err());
        assert!(department(&read("{}")).is_err() && department(&read(r#"{"department":{"name":"x"}}"#)).is_err());
    }

    #[test]
    fn names_are_one_clean_line() {
        let long = "x".repeat(100_000);
        let body = format!(
            r#"{{"department":[{{"id":1,"name":"研发\n中心\u0000\u202e"}},{{"id":2,"name":"{long}"}}],"taglist":[{{"tagid":1,"tagname":"值\r\n班"}}]}}"#
        );
        let list = departments(&read(&body), "department").unwrap().rows;
        assert_eq!(list[0].name.as_deref(), Some("研发 中心"));
        assert_eq!(list[1].name.as_ref().map(String::len), Some(200));
        assert_eq!(tags(&read(&body)).unwrap().rows[0].name, "值 班");
    }

    #[test]
    fn tags_are_read() {
        let names = tags(&read(r#"{"taglist":[{"tagid":"1","tagname":"oncall"}]}"#))
            .unwrap()
            .rows;
        assert_eq!((names[0].id, names[0].name.as_str()), (1, "oncall"));
        assert_eq!(
            tags(&read(r#"{"taglist":[{"tagname":"oncall"}]}"#))
                .unwrap()
                .malformed
                .len(),
            1
        );
        let content = tag(&read(
            r#"{"userlist":[{"userid":"a","name":"A"},"b"],"partylist":[2,"3"]}"#,
        ))
        .unwrap();
        assert_eq!(
            (content.userids, content.departments),
            (vec!["a".into(), "b".into()], vec![2, 3])
        );
        assert_eq!(tag(&read("{}")).unwrap(), TagContent::default());
        let odd = tag(&read(r#"{"userlist":[{},"a\u0000","b"],"partylist":"2,3"}"#)).unwrap();
        assert_eq!(
            (odd.userids, odd.malformed.len(), odd.departments),
            (vec!["b".to_owned()], 2, vec![2, 3])
        );
    }

    fn paged(next: impl Fn(usize) -> String + Send + 'static) -> Stub {
        Stub::start(move |call| {
            if call.path.ends_with("gettoken") {
                return Reaction::json(r#"{"access_token":"t"}"#);
            }
            let asked: Value = serde_json::from_str(&call.body).unwrap();
            let page: usize = asked["cursor"]
                .as_str()
                .unwrap()
                .trim_start_matches('c')
                .parse()
                .unwrap_or(0);
            let rows = format!(r#"[{{"userid":"u{page}","department":2}},{{"userid":"u{page}","department":"7"}}]"#);
            Reaction::json(&format!(r#"{{"errcode":0,"dept_user":{rows}{}}}"#, next(page)))
        })
    }

    #[tokio::test]
    async fn every_page_is_read() {
        let stub = paged(|page| match page {
            0 | 1 => format!(r#","next_cursor":"c{}""#, page + 1),
            _ => r#","next_cursor":"""#.to_owned(),
        });
        let rows = bench(&stub).wecom.member_ids(&app()).await.unwrap().rows;
        assert_eq!(rows.len(), 6);
        assert_eq!((rows[5].userid.as_str(), rows[5].department), ("u2", 7));
        let absent = paged(|_| String::new());
        assert_eq!(bench(&absent).wecom.member_ids(&app()).await.unwrap().rows.len(), 2);
    }

    #[tokio::test]
    async fn an_endless_cursor_ends_in_an_error() {
        let circle = paged(|page| format!(r#","next_cursor":"c{}""#, (page + 1) % 3));
        assert!(bench(&circle).wecom.member_ids(&app()).await.is_err());
        assert!(circle.count("user/list_id") <= 4);
        let mut pages = Pages::default();
        let page = |n: usize| read(&format!(r#"{{"next_cursor":"c{n}"}}"#));
        let failed = (0..=MOST_PAGES).find(|n| pages.add(&page(*n)).is_err());
        assert_eq!(failed, Some(MOST_PAGES));
    }
}
