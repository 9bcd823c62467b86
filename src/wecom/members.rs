//! Parses members (reference 3.4 and 5.3). A row that cannot be read is reported, not guessed at: the other rows still count.
//!
//! Deliberately unread: addresses, external profiles, extended attributes; nothing uses them.

use serde_json::Value;

use super::{
    error::WeComError,
    model::{Malformed, Member, MemberLookup, Members},
    reply::{FieldResult, JsonObject, Reply},
};

/// Reads the reply of `user/get`.
pub(super) fn one(reply: &Reply) -> Result<MemberLookup, WeComError> {
    let member = member(reply.row()).map_err(|reason| reply.unreadable(reason))?;
    Ok(MemberLookup::Visible(Box::new(member)))
}

/// Reads the reply of `user/list` or `user/simplelist`.
pub(super) fn all(reply: &Reply) -> Result<Members, WeComError> {
    let rows = reply
        .row()
        .list("userlist")
        .map_err(|reason| reply.unreadable(reason))?;
    let mut members = Members::default();
    for value in rows {
        match row(value) {
            Ok(member) => members.members.push(member),
            Err(malformed) => members.malformed.push(malformed),
        }
    }
    Ok(members)
}

fn row(value: &Value) -> Result<Member, Malformed> {
    let Some(row) = JsonObject::of(value) else {
        return Err(Malformed {
            userid: None,
            reason: "not an object".to_owned(),
        });
    };
    member(row).map_err(|reason| Malformed {
        userid: row.text("userid").ok().flatten(),
        reason,
    })
}

fn member(row: JsonObject<'_>) -> FieldResult<Member> {
    let userid = row.text("userid")?.ok_or("no `userid`")?;
    let status = row.int("status")?;
    let status = status.map(|status| i32::try_from(status).map_err(|_| "`status` is out of range"));
    Ok(Member {
        userid,
        name: row.text("name")?,
        alias: row.text("alias")?,
        position: row.text("position")?,
        email: row.text("email")?,
        biz_mail: row.text("biz_mail")?,
        mobile: row.text("mobile")?,
        avatar: row.text("avatar")?,
        gender: gender(row),
        departments: row.ints("department")?,
        // 0 is no department: roots are 1, and only their parent is called 0 (reference 5.2).
        main_department: row.int("main_department")?.filter(|id| *id > 0),
        status: status.transpose()?,
    })
}

/// "0" is withheld as well as not told (reference 3.4); what cannot be read is no reason to lose the member.
fn gender(row: JsonObject<'_>) -> Option<&'static str> {
    match row.int("gender") {
        Ok(Some(1)) => Some("male"),
        Ok(Some(2)) => Some("female"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::{
        error::Class,
        testing::{Stub, app, bench},
    };

    fn list(body: &str) -> Members {
        all(&Reply::read("user/list", body.as_bytes(), str::to_owned).ok().unwrap()).unwrap()
    }

    #[test]
    fn malformed_rows_do_not_hide_their_neighbours() {
        let read = list(
            r#"{"userlist":[
            {"userid":"LiHua","name":"李华","department":[2,"7"],"status":"1","main_department":"2","email":"","biz_mail":"l@x","gender":"2"},
            {"name":"nobody"}, {"userid":""}, "text", null,
            {"userid":"bad-department","department":{"id":1}},
            {"userid":"bad-status","status":"active"},
            {"userid":"bad-name","name":{"zh":"x"}},
            {"userid":"bare","gender":{"odd":1}}]}"#,
        );
        let userids: Vec<_> = read.members.iter().map(|member| member.userid.as_str()).collect();
        assert_eq!(userids, ["LiHua", "bare"]);
        let first = &read.members[0];
        assert_eq!(first.departments, [2, 7]);
        assert_eq!((first.status, first.main_department), (Some(1), Some(2)));
        assert_eq!(
            (&first.email, first.biz_mail.as_deref(), &first.mobile),
            (&None, Some("l@x"), &None)
        );
        assert_eq!((first.gender, read.members[1].gender), (Some("female"), None));
        assert_eq!(
            (read.members[1].status, &read.members[1].departments[..]),
            (None, &[][..])
        );
        let named: Vec<_> = read.malformed.iter().map(|row| row.userid.as_deref()).collect();
        assert_eq!(
            named,
            [
                None,
                None,
                None,
                None,
                Some("bad-department"),
                Some("bad-status"),
                Some("bad-name")
            ]
        );
        assert!(
            read.malformed.iter().all(|row| !row.reason.contains("active")),
            "no values in reasons"
        );
    }

    #[test]
    fn an_absent_list_is_empty_and_another_shape_is_not() {
        assert!(list("{}").members.is_empty());
        assert!(list(r#"{"userlist":null}"#).members.is_empty());
        let odd = Reply::read("user/list", br#"{"userlist":{"userid":"x"}}"#, str::to_owned)
            .ok()
            .unwrap();
        assert!(all(&odd).is_err());
    }

    #[tokio::test]
    async fn the_four_spellings_of_not_visible_are_an_answer() {
        for (errcode, body) in [
            (60111, r#"{"errcode":60111}"#),
            (60011, r#"{"errcode":60011}"#),
            (50002, r#"{"errcode":50002}"#),
            (60021, r#"{"errcode":"60021"}"#),
        ] {
            let stub = Stub::start(move |call| {
                let token = r#"{"access_token":"t"}"#;
                crate::wecom::testing::Reaction::json(if call.path.ends_with("gettoken") { token } else { body })
            });
            let member_lookup = bench(&stub).wecom.member(&app(), "gone").await.unwrap();
            assert_eq!(member_lookup, MemberLookup::NotVisible { errcode });
        }
    }

    #[tokio::test]
    async fn other_refusals_and_unreadable_members_are_errors() {
        let stub = Stub::scripted(&[(
            "user/get",
            r#"{"errcode":60020,"errmsg":"not allow, from ip: 203.0.113.9"}"#,
        )]);
        let error = bench(&stub).wecom.member(&app(), "lihua").await.unwrap_err();
        assert_eq!(
            (error.class, error.observed_ip.as_deref()),
            (Class::Admin, Some("203.0.113.9"))
        );
        let stub = Stub::scripted(&[("user/get", r#"{"errcode":0,"name":"no userid"}"#)]);
        assert_eq!(
            bench(&stub).wecom.member(&app(), "lihua").await.unwrap_err().class,
            Class::Retry
        );
    }

    #[tokio::test]
    async fn departments_are_asked_one_by_one_without_fetch_child() {
        let stub = Stub::scripted(&[
            ("user/list", r#"{"userlist":[{"userid":"a","status":2}]}"#),
            (
                "user/simplelist",
                r#"{"userlist":[{"userid":"a","name":"A","department":[7]}]}"#,
            ),
        ]);
        let wecom = bench(&stub).wecom;
        assert_eq!(wecom.members_of(&app(), 7).await.unwrap().members[0].status, Some(2));
        assert_eq!(wecom.member_names_of(&app(), 7).await.unwrap().members[0].status, None);
        for call in stub.calls().iter().filter(|call| call.path.contains("/user/")) {
            assert_eq!(
                (call.query("department_id").as_deref(), call.query("fetch_child")),
                (Some("7"), None)
            );
        }
    }
}
