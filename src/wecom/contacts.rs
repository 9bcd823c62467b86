//! Parses departments, tags and the pages of `user/list_id` (reference 5.2 to 5.4).
//!
//! These lists decide who is still there, so a row that cannot be read fails the whole reply: a department lost in parsing would look like
//! a department removed.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    error::WeComError,
    model::{Department, MemberId, TagContent, TagName},
    reply::{FieldResult, JsonObject, Reply},
};

/// Rows per page of `user/list_id`; the most WeCom gives.
pub(super) const LIST_ID_LIMIT: u32 = 10_000;
/// More pages than any corp has; an endless cursor ends here.
const MOST_PAGES: usize = 1_000;

type Answer<T> = Result<T, WeComError>;

/// Reads a list of departments under `key`; a lone object counts as a list of one, a bare number as an id.
pub(super) fn departments(reply: &Reply, key: &str) -> Answer<Vec<Department>> {
    let read = || match reply.row().find(key) {
        Some(one @ Value::Object(_)) => Ok(vec![department_row(one)?]),
        _ => reply.row().list(key)?.iter().map(department_row).collect(),
    };
    read().map_err(|reason: String| reply.unreadable(reason))
}

/// Reads the reply of `department/get`, where the same key holds an object.
pub(super) fn department(reply: &Reply) -> Answer<Department> {
    let found = departments(reply, "department")?;
    found
        .into_iter()
        .next()
        .ok_or_else(|| reply.unreadable("no `department`"))
}

fn department_row(value: &Value) -> FieldResult<Department> {
    let Some(row) = JsonObject::of(value) else {
        let id = value.as_i64().ok_or("a department is neither an object nor an id")?;
        return Ok(Department {
            id,
            parent_id: 0,
            name: None,
            order: 0,
        });
    };
    Ok(Department {
        id: row.int("id")?.ok_or("a department without `id`")?,
        parent_id: row.int("parentid")?.unwrap_or(0),
        // A name of another type only matters for display, so the department is kept.
        name: row.text("name").ok().flatten(),
        order: row.int("order").ok().flatten().unwrap_or(0),
    })
}

/// Reads the reply of `tag/list`.
pub(super) fn tags(reply: &Reply) -> Answer<Vec<TagName>> {
    let read = |value| {
        let row = JsonObject::of(value).ok_or("a tag is not an object")?;
        Ok(TagName {
            id: row.int("tagid")?.ok_or("a tag without `tagid`")?,
            name: row.text("tagname")?.unwrap_or_default(),
        })
    };
    let rows = reply.row().list("taglist").map_err(|reason| reply.unreadable(reason))?;
    rows.iter()
        .map(read)
        .collect::<FieldResult<_>>()
        .map_err(|reason| reply.unreadable(reason))
}

/// Reads the reply of `tag/get`.
pub(super) fn tag(reply: &Reply) -> Answer<TagContent> {
    let read = || {
        Ok(TagContent {
            userids: userids(reply.row(), "userlist")?,
            departments: reply.row().ints("partylist")?,
        })
    };
    read().map_err(|reason: String| reply.unreadable(reason))
}

/// The userids of a list of objects, or of plain texts.
pub(super) fn userids(row: JsonObject<'_>, key: &str) -> FieldResult<Vec<String>> {
    let read = |value: &Value| match value {
        Value::String(userid) => Ok(userid.clone()),
        value => JsonObject::of(value)
            .and_then(|row| row.text("userid").ok().flatten())
            .ok_or_else(|| format!("a row of `{key}` without `userid`")),
    };
    row.list(key)?.iter().map(read).collect()
}

/// The pages of `user/list_id` as they come in.
#[derive(Default)]
pub(super) struct Pages {
    pub(super) rows: Vec<MemberId>,
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
        let rows = reply
            .row()
            .list("dept_user")
            .map_err(|reason| reply.unreadable(reason))?;
        for value in rows {
            self.rows.push(pair(value).map_err(|reason| reply.unreadable(reason))?);
        }
        let Some(cursor) = reply
            .row()
            .text("next_cursor")
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

fn pair(value: &Value) -> FieldResult<MemberId> {
    let row = JsonObject::of(value).ok_or("a row of `dept_user` is not an object")?;
    Ok(MemberId {
        userid: row.text("userid")?.ok_or("a row of `dept_user` without `userid`")?,
        department: row
            .int("department")?
            .ok_or("a row of `dept_user` without `department`")?,
    })
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
        let list = departments(&list, "department").unwrap();
        assert_eq!((list[0].order, list[0].name.as_deref()), (4_294_967_295, Some("Acme")));
        assert_eq!((list[1].id, list[1].parent_id, &list[1].name), (2, 1, &None));
        let simple = departments(
            &read(r#"{"department_id":[{"id":2,"parentid":1,"order":10},7]}"#),
            "department_id",
        );
        assert_eq!(simple.unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [2, 7]);
        assert_eq!(
            department(&read(r#"{"department":{"id":3,"name":"R&D"}}"#)).unwrap().id,
            3
        );
        assert!(departments(&read("{}"), "department").unwrap().is_empty());
    }

    #[test]
    fn a_department_that_cannot_be_read_fails_the_list() {
        for body in [
            r#"{"department":[{"id":1},{"name":"lost"}]}"#,
            r#"{"department":[{"id":"x"}]}"#,
            r#"{"department":"none"}"#,
            r#"{"department":[null]}"#,
        ] {
            assert!(departments(&read(body), "department").is_err(), "{body}");
        }
        assert!(department(&read("{}")).is_err());
    }

    #[test]
    fn tags_are_read() {
        let names = tags(&read(r#"{"taglist":[{"tagid":"1","tagname":"oncall"}]}"#)).unwrap();
        assert_eq!((names[0].id, names[0].name.as_str()), (1, "oncall"));
        assert!(tags(&read(r#"{"taglist":[{"tagname":"oncall"}]}"#)).is_err());
        let content = tag(&read(
            r#"{"userlist":[{"userid":"a","name":"A"},"b"],"partylist":[2,"3"]}"#,
        ))
        .unwrap();
        assert_eq!(
            (content.userids, content.departments),
            (vec!["a".into(), "b".into()], vec![2, 3])
        );
        assert_eq!(tag(&read("{}")).unwrap(), TagContent::default());
        assert!(tag(&read(r#"{"userlist":[{}]}"#)).is_err());
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
        let rows = bench(&stub).wecom.member_ids(&app()).await.unwrap();
        assert_eq!(rows.len(), 6);
        assert_eq!((rows[5].userid.as_str(), rows[5].department), ("u2", 7));
        let absent = paged(|_| String::new());
        assert_eq!(bench(&absent).wecom.member_ids(&app()).await.unwrap().len(), 2);
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
