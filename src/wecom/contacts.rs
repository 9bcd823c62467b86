//! Parses departments, tags and the pages of `user/list_id` (reference 5.2 to 5.4). A row that cannot be read is reported with its place:
//! these lists decide who is still there, so the caller must not take its absence for a removal.

use std::{collections::HashSet, sync::Arc};

use serde_json::Value;

use super::{
    error::WeComError,
    json_object::{JsonObject, checked_userid, int},
    list_reader::ListReader,
    model::{Department, Malformed, MemberId, Rows, TagContent, TagName},
    reply::Reply,
};

/// Rows per page of `user/list_id`; the most WeCom gives.
pub(super) const LIST_ID_LIMIT: u32 = 10_000;
/// More pages than any corp has; an endless cursor ends here.
const MOST_PAGES: usize = 1_000;

type Answer<T> = Result<T, WeComError>;
type Row<T> = Result<T, Malformed>;

/// Reads a list of departments of this name.
pub(super) fn department_list(name: &'static str) -> Arc<ListReader<Department>> {
    ListReader::of_values(name, department_row)
}

/// The departments of a reply, whose list was read here; a lone object counts as a list of one, a bare number as an id.
pub(super) fn departments(reply: &Reply, list: &ListReader<Department>) -> Answer<Rows<Department>> {
    let mut found = match lone_department(reply, list.name()) {
        Some(Ok(one)) => vec![one].into(),
        Some(Err(row)) => Rows {
            rows: Vec::new(),
            malformed: vec![row],
        },
        None => list.rows_of(reply)?,
    };
    found.rows.iter_mut().for_each(|department| unname(reply, department));
    Ok(found)
}

/// Reads the reply of `department/get`, where the same key holds an object, or a list of one.
pub(super) fn department(reply: &Reply) -> Answer<Department> {
    const KEY: &str = "department";
    let found = match lone_department(reply, KEY) {
        Some(one) => Some(one.map_err(|row| reply.unreadable(row.reason))?),
        None => reply.rows(KEY, department_row)?.rows.into_iter().next(),
    };
    let mut found = found.ok_or_else(|| reply.unreadable("no `department`"))?;
    unname(reply, &mut found);
    Ok(found)
}

fn lone_department(reply: &Reply, key: &str) -> Option<Row<Department>> {
    let row = reply.row();
    let one = row.find(key).filter(|value| value.is_object())?;
    Some(department_row(one).map_err(|row| row.at(1, key)))
}

/// An id in the place of a name is none.
fn unname(reply: &Reply, department: &mut Department) {
    if reply.ids_as_names {
        let id = department.id.to_string();
        department.name = department.name.take().filter(|name| *name != id);
    }
}

fn department_row(value: &Value) -> Row<Department> {
    let Some(row) = JsonObject::of(value) else {
        let id = int(value).ok_or_else(|| Malformed::nameless("neither an object nor an id"))?;
        return Ok(Department {
            id,
            parent_id: None,
            name: None,
            order: 0,
        });
    };
    Ok(Department {
        id: id(row, "id")?,
        // Nothing but the id is a reason to lose the department: what is held of the rest stays.
        parent_id: row.int("parentid").ok().flatten(),
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

    /// Reads the list of a page.
    pub(super) fn list() -> Arc<ListReader<MemberId>> {
        ListReader::of_objects("dept_user", &["userid", "department"], pair)
    }

    /// Adds a page, whose list was read here.
    pub(super) fn add(&mut self, reply: &Reply, list: &ListReader<MemberId>) -> Answer<()> {
        let page = list.rows_of(reply)?;
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

fn pair(row: JsonObject<'_>) -> Row<MemberId> {
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
    use crate::wecom::{
        reply_reader::ReplyReader,
        testing::{Reaction, Stub, app, bench},
    };

    fn read(body: &str) -> Reply {
        Reply::read("x", body.as_bytes(), str::to_owned).ok().unwrap()
    }

    fn listed(body: &str, name: &'static str) -> Answer<Rows<Department>> {
        let list = department_list(name);
        departments(&ReplyReader::read("x", body.as_bytes(), &*list)?, &list)
    }

    #[test]
    fn departments_are_read_in_every_known_shape() {
        let list = listed(
            r#"{"department":[{"id":1,"name":"Acme","parentid":0,"order":4294967295},{"id":"2","parentid":"1","name":""}]}"#,
            "department",
        );
        let list = list.unwrap().rows;
        assert_eq!((list[0].order, list[0].name.as_deref()), (4_294_967_295, Some("Acme")));
        assert_eq!((list[1].id, list[1].parent_id, &list[1].name), (2, Some(1), &None));
        let simple = listed(
            r#"{"department_id":[{"id":2.0,"parentid":"1.0","order":10},7]}"#,
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
        let lone = listed(r#"{"department":{"id":3,"name":"R&D"}}"#, "department");
        assert_eq!(lone.unwrap().rows[0].id, 3);
        assert!(listed("{}", "department").unwrap().rows.is_empty());
    }

    #[test]
    fn a_department_without_a_readable_id_is_told_and_hides_no_other() {
        for odd in [
            r#"{"name":"lost"}"#,
            r#"{"id":""}"#,
            r#"{"id":"1,2"}"#,
            r#"{"id":2.5}"#,
            "null",
        ] {
            let body = format!(r#"{{"department":[{{"id":1}},{odd},{{"id":9}}]}}"#);
            let list = listed(&body, "department").unwrap();
            assert_eq!(list.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 9], "{odd}");
            assert!(list.malformed[0].reason.starts_with("row 2 of `department`: "), "{odd}");
        }
        assert!(listed(r#"{"department":"none"}"#, "department").is_err());
        let odd = r#"{"department":[{"id":3,"parentid":"x","name":"研发","order":[]}]}"#;
        let list = listed(odd, "department").unwrap();
        assert!(list.malformed.is_empty(), "the id is all that a department needs");
        assert_eq!((list.rows[0].id, list.rows[0].parent_id), (3, None));
        assert!(department(&read("{}")).is_err() && department(&read(r#"{"department":{"name":"x"}}"#)).is_err());
    }

    #[test]
    fn names_are_one_clean_line() {
        let long = "x".repeat(100_000);
        let body = format!(
            r#"{{"department":[{{"id":1,"name":"研发\n中心\u0000\u202e"}},{{"id":2,"name":"{long}"}}],"taglist":[{{"tagid":1,"tagname":"值\r\n班"}}]}}"#
        );
        let list = listed(&body, "department").unwrap().rows;
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
        let failed = (0..=MOST_PAGES).find(|n| pages.add(&page(*n), &Pages::list()).is_err());
        assert_eq!(failed, Some(MOST_PAGES));
    }
}
