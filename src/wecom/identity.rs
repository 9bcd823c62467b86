//! Parses the replies of a code exchange: who scanned, and what they consented to show (reference 3.1 to 3.3).
//!
//! Only a plain, non-empty `userid` is a member of this corp. `openid` is not even read: it must never become an identity.

use super::{
    error::WeComError,
    json_object::checked_userid,
    members::gender,
    model::{ScannedIdentity, UserDetail},
    person_fields::PersonFields,
    reply::Reply,
};

/// Reads the reply of either code exchange.
pub(super) fn scanned_identity(reply: &Reply) -> Result<ScannedIdentity, WeComError> {
    let unreadable = |reason| reply.unreadable(reason);
    let Some(userid) = reply.row().exact("userid").map_err(unreadable)? else {
        return Ok(ScannedIdentity::Outsider);
    };
    if let Some((corp_id, userid)) = userid.split_once('/') {
        return Ok(ScannedIdentity::LinkedCorp {
            corp_id: corp_id.to_owned(),
            userid: userid.to_owned(),
        });
    }
    let userid = checked_userid(userid).map_err(|row| reply.unreadable(row.reason))?;
    let user_ticket = reply.row().exact("user_ticket").map_err(unreadable)?;
    Ok(ScannedIdentity::Member { userid, user_ticket })
}

/// Reads the reply of `auth/getuserdetail`.
pub(super) fn detail(reply: &Reply) -> Result<UserDetail, WeComError> {
    let userid = reply.row().userid().map_err(|row| reply.unreadable(row.reason))?;
    let mut fields = PersonFields::of(reply.row());
    Ok(UserDetail {
        userid,
        email: fields.email("email"),
        biz_mail: fields.email("biz_mail"),
        mobile: fields.mobile(),
        avatar: fields.avatar(),
        gender: gender(reply.row()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::{
        client::Settings,
        error::Class,
        testing::{Reaction, Stub, app, bench, replica},
    };

    fn read(body: &str) -> Reply {
        Reply::read("auth/getuserinfo", body.as_bytes(), str::to_owned)
            .ok()
            .unwrap()
    }

    fn member(userid: &str) -> ScannedIdentity {
        ScannedIdentity::Member {
            userid: userid.to_owned(),
            user_ticket: None,
        }
    }

    #[test]
    fn a_member_is_read_in_every_spelling() {
        for key in ["userid", "UserId", "userId", "UserID"] {
            let reply = read(&format!(r#"{{"errcode":0,"{key}":"LiHua","DeviceId":"x"}}"#));
            assert_eq!(scanned_identity(&reply).unwrap(), member("LiHua"), "{key}");
        }
        assert_eq!(scanned_identity(&read(r#"{"userid":1001}"#)).unwrap(), member("1001"));
        let ticket = scanned_identity(&read(r#"{"userid":"lihua","user_ticket":"T","expires_in":"1800"}"#)).unwrap();
        let user_ticket = Some("T".to_owned());
        assert_eq!(
            ticket,
            ScannedIdentity::Member {
                userid: "lihua".to_owned(),
                user_ticket
            }
        );
    }

    #[test]
    fn an_outsider_is_never_a_member() {
        let bodies = [
            r#"{"errcode":0,"openid":"oAB","external_userid":"wm1"}"#,
            r#"{"OpenId":"oAB","DeviceId":""}"#,
            r#"{"userid":"","openid":"oAB"}"#,
            r#"{"userid":" "}"#,
            r#"{"userid":null}"#,
            "{}",
        ];
        for body in bodies {
            assert_eq!(
                scanned_identity(&read(body)).unwrap(),
                ScannedIdentity::Outsider,
                "{body}"
            );
        }
    }

    #[test]
    fn a_visitor_of_another_corp_is_told_apart() {
        let visitor = scanned_identity(&read(r#"{"userid":"wwOther/lihua","user_ticket":"T"}"#)).unwrap();
        let (corp_id, userid) = ("wwOther".to_owned(), "lihua".to_owned());
        assert_eq!(visitor, ScannedIdentity::LinkedCorp { corp_id, userid });
        let odd = scanned_identity(&read(r#"{"userid":"/"}"#)).unwrap();
        assert!(matches!(odd, ScannedIdentity::LinkedCorp { .. }));
    }

    #[test]
    fn a_userid_that_is_no_text_is_refused() {
        assert!(scanned_identity(&read(r#"{"userid":{"id":"lihua"}}"#)).is_err());
        assert!(scanned_identity(&read(r#"{"userid":["lihua"]}"#)).is_err());
        for odd in [r"li\u0000hua", " lihua", r"li\u202ehua"] {
            assert!(
                scanned_identity(&read(&format!(r#"{{"userid":"{odd}"}}"#))).is_err(),
                "{odd}"
            );
        }
    }

    #[test]
    fn details_keep_both_addresses_and_empty_is_absent() {
        let read = |body| detail(&Reply::read("auth/getuserdetail", body, str::to_owned).ok().unwrap());
        let shown =
            read(br#"{"userid":"lihua","gender":"1","email":"","biz_mail":"l@corp.example","mobile":""}"#).unwrap();
        assert_eq!(
            (shown.email, shown.biz_mail.as_deref(), shown.mobile, shown.gender),
            (None, Some("l@corp.example"), None, Some("male"))
        );
        assert!(read(b"{}").is_err());
    }

    #[test]
    fn what_is_no_value_of_its_field_is_left_out_of_details() {
        let long = "x".repeat(100_000);
        let hostile = [
            "<b>l@corp.example</b>",
            "a@b@c",
            r"l\u202e@corp.example",
            "javascript:alert(1)",
            &long,
        ];
        for text in hostile {
            let body = format!(
                r#"{{"userid":"lihua","gender":"{text}","email":"{text}","biz_mail":"{text}","mobile":"{text}","avatar":"{text}","name":"{text}"}}"#
            );
            let shown = detail(&read(&body)).unwrap();
            let nothing = UserDetail {
                userid: "lihua".to_owned(),
                ..UserDetail::default()
            };
            assert_eq!(shown, nothing);
        }
    }

    #[tokio::test]
    async fn details_are_read_at_the_older_path_where_the_new_one_is_missing() {
        let stub = Stub::start(|call| {
            if call.path.ends_with("gettoken") {
                return Reaction::json(r#"{"access_token":"t"}"#);
            }
            match call.path.ends_with("auth/getuserdetail") {
                true => Reaction::Raw(404, String::new()),
                false => Reaction::json(r#"{"userid":"lihua","mobile":"13800000000"}"#),
            }
        });
        let found = bench(&stub).wecom.user_detail(&app(), "T").await.unwrap();
        assert_eq!(found.mobile.as_deref(), Some("13800000000"));
        assert_eq!(stub.count("user/getuserdetail"), 1);
    }

    #[tokio::test]
    async fn a_code_is_exchanged_once_unless_the_token_was_dead() {
        for (errcode, tries) in [(-1, 1), (6000, 1), (40029, 1), (45009, 1), (40014, 2), (42001, 2)] {
            let stub = Stub::start(move |call| {
                if call.path.ends_with("gettoken") {
                    return Reaction::json(r#"{"access_token":"t","expires_in":7200}"#);
                }
                Reaction::json(&format!(r#"{{"errcode":{errcode},"errmsg":"no"}}"#))
            });
            let error = bench(&stub).wecom.exchange_code(&app(), "code-1").await.unwrap_err();
            assert_eq!(error.errcode, Some(errcode));
            assert_eq!(stub.count("auth/getuserinfo"), tries, "{errcode}");
        }
    }

    #[tokio::test]
    async fn where_the_new_path_is_missing_the_older_one_is_asked_with_the_same_code() {
        let stub = Stub::start(|call| {
            if call.path.ends_with("gettoken") {
                return Reaction::json(r#"{"access_token":"t"}"#);
            }
            match call.path.ends_with("auth/getuserinfo") {
                true => Reaction::Html(404),
                false => Reaction::json(&format!(r#"{{"UserId":"{}"}}"#, call.query("code").unwrap())),
            }
        });
        let found = bench(&stub).wecom.exchange_code(&app(), "lihua").await.unwrap();
        assert_eq!((found, stub.count("user/getuserinfo")), (member("lihua"), 1));
        let neither = Stub::start(|call| match call.path.ends_with("gettoken") {
            true => Reaction::json(r#"{"access_token":"t"}"#),
            false => Reaction::Html(404),
        });
        let error = bench(&neither).wecom.exchange_code(&app(), "c").await.unwrap_err();
        assert_eq!((error.class, error.errcode), (Class::Retry, None));
    }

    #[tokio::test]
    async fn the_older_path_is_a_setting() {
        let stub = Stub::scripted(&[("user/getuserinfo", r#"{"UserId":"lihua"}"#)]);
        let bench = bench(&stub);
        let settings = Settings { legacy_identity: true };
        let older = replica(&stub, &bench.store, &bench.clock, settings);
        assert_eq!(older.exchange_code(&app(), "c").await.unwrap(), member("lihua"));
        assert_eq!(
            bench.wecom.exchange_code(&app(), "c").await.unwrap(),
            ScannedIdentity::Outsider
        );
    }
}
