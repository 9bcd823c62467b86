//! Parses members (reference 3.4 and 5.3). A row that cannot be read is reported, not guessed at: the other rows still count.
//!
//! Deliberately unread: addresses, external profiles, extended attributes; nothing uses them.

use std::sync::Arc;

use super::{
    error::WeComError,
    json_object::{FieldResult, JsonObject},
    list_reader::ListReader,
    model::{Malformed, Member, MemberLookup},
    person_fields::PersonFields,
    reply::Reply,
};

/// Reads the reply of `user/get`.
pub(super) fn one(reply: &Reply) -> Result<MemberLookup, WeComError> {
    let mut member = member(reply.row()).map_err(|row| reply.unreadable(row.reason))?;
    if reply.ids_as_names {
        as_a_suite_is_told(reply.row(), &mut member);
    }
    Ok(MemberLookup::Visible(Box::new(member)))
}

/// The name of the list of members in every reply and file.
pub(super) const LIST: &str = "userlist";

/// Reads the replies of `user/list` and `user/simplelist`; `ids_as_names`: as apps of a service provider are told.
pub(super) fn list(ids_as_names: bool) -> Arc<ListReader<Member>> {
    ListReader::of_objects(LIST, &FIELDS, move |row| listed(row, ids_as_names))
}

/// Reads a row of one.
pub(super) fn listed(row: JsonObject<'_>, ids_as_names: bool) -> Result<Member, Malformed> {
    let mut member = member(row)?;
    if ids_as_names {
        as_a_suite_is_told(row, &mut member);
    }
    Ok(member)
}

/// An id is no name to be kept or shown. Beside the userid stands the provider's own id of the person.
fn as_a_suite_is_told(row: JsonObject<'_>, member: &mut Member) {
    let open = row.exact("open_userid").ok().flatten();
    let ids = [Some(member.userid.as_str()), open.as_deref()];
    let is_id = |name: &String| ids.iter().flatten().any(|id| name.eq_ignore_ascii_case(id));
    member.name = member.name.take().filter(|name| !is_id(name));
    member.open_userid = open;
}

/// The fields that are read of a member.
pub(super) const FIELDS: [&str; 13] = [
    "userid",
    "open_userid",
    "name",
    "alias",
    "position",
    "email",
    "biz_mail",
    "mobile",
    "avatar",
    "gender",
    "department",
    "main_department",
    "status",
];

fn member(row: JsonObject<'_>) -> Result<Member, Malformed> {
    let userid = row.userid()?;
    placement(row)
        .map(|placement| described(row, userid.clone(), placement))
        .map_err(|reason| Malformed {
            userid: Some(userid),
            reason,
        })
}

/// What decides about access, which nobody can type: read exactly, or the row is malformed.
struct Placement {
    departments: Vec<i64>,
    main_department: Option<i64>,
    status: Option<i32>,
}

fn placement(row: JsonObject<'_>) -> FieldResult<Placement> {
    let status = row.int("status")?;
    let status = status.map(|status| i32::try_from(status).map_err(|_| "`status` is out of range"));
    Ok(Placement {
        departments: row.ints("department")?,
        // 0 is no department: roots are 1, and only their parent is called 0 (reference 5.2).
        main_department: row.int("main_department").ok().flatten().filter(|id| *id > 0),
        status: status.transpose()?,
    })
}

fn described(row: JsonObject<'_>, userid: String, placement: Placement) -> Member {
    let mut fields = PersonFields::of(row);
    Member {
        userid,
        open_userid: None,
        name: fields.line("name"),
        alias: fields.line("alias"),
        position: fields.line("position"),
        email: fields.email("email"),
        biz_mail: fields.email("biz_mail"),
        mobile: fields.mobile(),
        avatar: fields.avatar(),
        gender: gender(row),
        departments: placement.departments,
        main_department: placement.main_department,
        status: placement.status,
        remarks: fields.remarks,
    }
}

/// "0" is withheld as well as not told (reference 3.4); what cannot be read is no reason to lose the member.
pub(super) fn gender(row: JsonObject<'_>) -> Option<&'static str> {
    match row.int("gender") {
        Ok(Some(1)) => Some("male"),
        Ok(Some(2)) => Some("female"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        kernel::formats::{is_email, is_phone, is_web_address},
        wecom::{
            error::Class,
            model::{Rows, is_userid},
            reply_reader::ReplyReader,
            testing::{Stub, app, bench},
            text,
        },
    };

    fn read_list(body: impl AsRef<[u8]>) -> Result<Rows<Member>, WeComError> {
        let list = super::list(false);
        list.rows_of(&ReplyReader::read("user/list", body.as_ref(), &*list)?)
    }

    fn list(body: impl AsRef<[u8]>) -> Rows<Member> {
        read_list(body).unwrap()
    }

    #[test]
    fn malformed_rows_do_not_hide_their_neighbours() {
        let read = list(
            r#"{"userlist":[
            {"userid":"LiHua","name":"李华","department":[2,"7"],"status":"1","main_department":"2","email":"","biz_mail":"l@x.example","gender":"2"},
            {"name":"nobody"}, {"userid":""}, "text", null,
            {"userid":"bad-department","department":{"id":1}},
            {"userid":"bad-status","status":"active"},
            {"userid":"bad-name","name":{"zh":"x"}},
            {"userid":"bare","gender":{"odd":1}}]}"#,
        );
        let userids: Vec<_> = read.rows.iter().map(|member| member.userid.as_str()).collect();
        assert_eq!(userids, ["LiHua", "bad-name", "bare"]);
        let first = &read.rows[0];
        assert_eq!(first.departments, [2, 7]);
        assert_eq!((first.status, first.main_department), (Some(1), Some(2)));
        assert_eq!(
            (&first.email, first.biz_mail.as_deref(), &first.mobile),
            (&None, Some("l@x.example"), &None)
        );
        assert_eq!((first.gender, read.rows[2].gender), (Some("female"), None));
        assert_eq!((read.rows[2].status, &read.rows[2].departments[..]), (None, &[][..]));
        assert_eq!(read.rows[1].remarks, ["`name` is not a text and was left out"]);
        let named: Vec<_> = read.malformed.iter().map(|row| row.userid.as_deref()).collect();
        assert_eq!(
            named,
            [None, None, None, None, Some("bad-department"), Some("bad-status")]
        );
        assert!(
            read.malformed.iter().all(|row| !row.reason.contains("active")),
            "no values in reasons"
        );
    }

    #[test]
    fn of_a_row_in_a_list_as_much_is_read_as_of_a_single_answer() {
        let row = json!({
            "userid": "LiHua", "name": "李华", "alias": "a", "position": "p", "email": "e@x.example", "biz_mail": "b@x.example",
            "mobile": "13800000000", "avatar": "https://x.example/0", "gender": "1", "department": [1], "main_department": 1,
            "status": 1, "extattr": {}, "order": [0],
        });
        let single = one(&Reply::read("user/get", row.to_string().as_bytes(), str::to_owned)
            .ok()
            .unwrap());
        let MemberLookup::Visible(single) = single.unwrap() else {
            panic!()
        };
        let listed = list(json!({ "userlist": [row] }).to_string());
        assert_eq!(listed.rows, [*single]);
        for (field, given) in [
            ("name", &listed.rows[0].name),
            ("alias", &listed.rows[0].alias),
            ("position", &listed.rows[0].position),
            ("email", &listed.rows[0].email),
            ("biz_mail", &listed.rows[0].biz_mail),
            ("mobile", &listed.rows[0].mobile),
            ("avatar", &listed.rows[0].avatar),
        ] {
            assert!(given.is_some(), "{field}");
        }
    }

    #[test]
    fn an_absent_list_is_empty_and_another_shape_is_not() {
        assert!(list("{}").rows.is_empty());
        assert!(list(r#"{"userlist":null}"#).rows.is_empty());
        for odd in [
            r#"{"userlist":{"userid":"x"}}"#,
            r#"{"userlist":"x"}"#,
            r#"{"userlist":[],"userlist":[{"userid":"x"}]}"#,
        ] {
            assert!(read_list(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_department_of_30_000_members_is_read() {
        let padding = "x".repeat(1_300);
        let row = |n: usize| format!(r#"{{"userid":"u{n}","name":"李华","department":[7],"extattr":"{padding}"}}"#);
        let rows: Vec<String> = (0..30_000).map(row).collect();
        let body = format!(r#"{{"errcode":0,"userlist":[{}]}}"#, rows.join(","));
        assert!(body.len() > 37 * 1024 * 1024);
        let read = list(&body);
        assert_eq!((read.rows.len(), read.malformed.len()), (30_000, 0));
        let broken = body.replacen(r#""name":"李华""#, "\"name\":\"李\u{1}华\"", 1);
        assert_eq!(list(broken).rows[0].name.as_deref(), Some("李华"));
    }

    const TYPED: [&str; 7] = ["name", "alias", "position", "email", "biz_mail", "mobile", "avatar"];

    /// What portals must be able to rely on.
    fn is_sound(member: &Member) -> bool {
        let lines = [&member.name, &member.alias, &member.position];
        let lines = lines.into_iter().flatten();
        let mut hidden = lines.map(|line| text::line(line, text::LONGEST));
        let formats = [
            (&member.email, is_email as fn(&str) -> bool),
            (&member.biz_mail, is_email),
            (&member.mobile, is_phone),
            (&member.avatar, is_web_address),
        ];
        hidden.all(|again| again.remark.is_none())
            && formats.iter().all(|(value, fits)| value.as_deref().is_none_or(fits))
    }

    proptest! {
        #[test]
        fn whatever_is_typed_the_member_and_the_neighbour_are_read(field in 0..TYPED.len(), typed: String) {
            let mut odd = json!({ "userid": "odd", "department": [1], "status": 1 });
            odd[TYPED[field]] = json!(typed);
            let read = list(json!({ "userlist": [odd, { "userid": "next" }] }).to_string());
            prop_assert_eq!((read.rows.len(), read.malformed.len()), (2, 0));
            prop_assert!(is_sound(&read.rows[0]), "{:?}", read.rows[0]);
        }

        // A quote or a backslash ends a text, whoever wrote it.
        #[test]
        fn whatever_bytes_come_the_member_and_the_neighbour_are_read(
            field in 0..TYPED.len(), bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let bytes: Vec<u8> = bytes.into_iter().filter(|byte| !matches!(byte, b'"' | b'\\')).collect();
            let before = format!(r#"{{"userlist":[{{"userid":"odd","{}":""#, TYPED[field]);
            let read = list([before.as_bytes(), &bytes, br#""},{"userid":"next"}]}"#].concat());
            prop_assert_eq!((read.rows.len(), read.malformed.len()), (2, 0));
            prop_assert!(is_sound(&read.rows[0]), "{:?}", read.rows[0]);
        }

        #[test]
        fn a_userid_is_taken_as_it_is_or_the_row_is_skipped(typed: String) {
            let read = list(json!({ "userlist": [{ "userid": typed }, { "userid": "next" }] }).to_string());
            prop_assert_eq!((read.rows.len(), read.malformed.len()), if is_userid(&typed) { (2, 0) } else { (1, 1) });
            prop_assert!(read.rows.iter().any(|member| member.userid == typed) == is_userid(&typed) || typed == "next");
        }
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
        assert_eq!(wecom.members_of(&app(), 7).await.unwrap().rows[0].status, Some(2));
        assert_eq!(wecom.member_names_of(&app(), 7).await.unwrap().rows[0].status, None);
        for call in stub.calls().iter().filter(|call| call.path.contains("/user/")) {
            assert_eq!(
                (call.query("department_id").as_deref(), call.query("fetch_child")),
                (Some("7"), None)
            );
        }
    }
}
