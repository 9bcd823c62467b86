//! Tests of reading decrypted callbacks.

use super::*;

fn change_contact(kind: &str, rest: &str) -> Event {
    let document = format!(
        "<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName>sys</FromUserName><CreateTime>1760000000</CreateTime>\
         <MsgType>event</MsgType><Event><![CDATA[change_contact]]></Event><ChangeType>{kind}</ChangeType>{rest}</xml>"
    );
    let notice = Notice::read(document.as_bytes()).unwrap();
    assert_eq!(notice.created, Some(Timestamp::from_secs(1_760_000_000)));
    notice.event
}

fn userid() -> String {
    "lihua".to_owned()
}

#[test]
fn an_event_about_nobodys_userid_is_about_nobody() {
    for odd in ["li&#1;hua", "a/b", "-lihua", "李华"] {
        let event = change_contact("delete_user", &format!("<UserID>{odd}</UserID>"));
        assert!(matches!(event, Event::Other { .. }), "{event:?}");
    }
}

#[test]
fn member_changes_are_read_with_as_little_as_wecom_tells() {
    let who = "<UserID><![CDATA[lihua]]></UserID>";
    let created = change_contact("create_user", &format!("{who}<Department>2,7</Department>"));
    assert_eq!(
        created,
        Event::CreateUser {
            userid: userid(),
            departments: vec![2, 7]
        }
    );
    let renamed = change_contact("update_user", &format!("{who}<NewUserID>lihua2</NewUserID>"));
    let updated = |new_userid| Event::UpdateUser {
        userid: userid(),
        new_userid,
        departments: vec![],
    };
    assert_eq!(renamed, updated(Some("lihua2".to_owned())));
    assert_eq!(
        change_contact("update_user", &format!("{who}<NewUserID/>")),
        updated(None)
    );
    assert_eq!(
        change_contact("delete_user", who),
        Event::DeleteUser { userid: userid() }
    );
}

#[test]
fn department_and_tag_changes_are_read() {
    let party = "<Id>2</Id><ParentId><![CDATA[1]]></ParentId>";
    let parent_id = Some(1);
    assert_eq!(
        change_contact("create_party", party),
        Event::CreateParty { id: 2, parent_id }
    );
    assert_eq!(
        change_contact("update_party", party),
        Event::UpdateParty { id: 2, parent_id }
    );
    assert_eq!(
        change_contact("delete_party", "<Id>2</Id>"),
        Event::DeleteParty { id: 2 }
    );
    assert_eq!(
        change_contact("update_tag", "<TagId>3</TagId>"),
        Event::UpdateTag { id: 3 }
    );
}

#[test]
fn what_lacks_its_subject_or_is_unknown_is_passed_over() {
    for kind in [
        "create_user",
        "update_user",
        "delete_user",
        "create_party",
        "update_tag",
        "new_kind",
    ] {
        let passed = change_contact(kind, "");
        let kind = format!("event/change_contact/{kind}");
        assert_eq!(passed, Event::Other { kind });
    }
}

#[test]
fn app_events_name_their_sender() {
    for (name, xml) in [
        ("subscribe", true),
        ("unsubscribe", true),
        ("enter_agent", true),
        ("subscribe", false),
    ] {
        let document = if xml {
            format!(
                "<xml><FromUserName>lihua</FromUserName><MsgType>event</MsgType><Event>{name}</Event><EventKey/><AgentID>1000002</AgentID></xml>"
            )
        } else {
            format!(r#"{{"FromUserName":"lihua","MsgType":"event","Event":"{name}","AgentID":1000002}}"#)
        };
        let (userid, agent_id) = (userid(), Some(1_000_002));
        let expected = match name {
            "subscribe" => Event::Subscribe { userid, agent_id },
            "unsubscribe" => Event::Unsubscribe { userid, agent_id },
            _ => Event::EnterAgent { userid, agent_id },
        };
        assert_eq!(Notice::read(document.as_bytes()).unwrap().event, expected);
    }
}

#[test]
fn a_pressed_button_says_who_pressed_what_on_which_card() {
    let xml = "<xml><FromUserName>lihua</FromUserName><MsgType>event</MsgType><Event>template_card_event</Event>\
        <EventKey><![CDATA[approve]]></EventKey><TaskId>request@1</TaskId><CardType>button_interaction</CardType>\
        <ResponseCode>CODE-1</ResponseCode><AgentID>1000002</AgentID></xml>";
    let pressed = |agent_id, code: Option<&str>| Event::CardPressed {
        userid: userid(),
        agent_id,
        task_id: "request@1".to_owned(),
        key: "approve".to_owned(),
        response_code: code.map(|code| ResponseCode::new(code.to_owned())),
    };
    let read = |document: &str| Notice::read(document.as_bytes()).unwrap().event;
    let event = read(xml);
    assert!(!format!("{event:?}").contains("CODE-1"));
    assert_eq!(event, pressed(Some(1_000_002), Some("CODE-1")));
    let bare = r#"{"fromusername":"lihua","event":"TEMPLATE_CARD_EVENT","eventkey":"approve","taskid":"request@1"}"#;
    assert_eq!(read(bare), pressed(None, None));
    for part in [
        "<TaskId>request@1</TaskId>",
        "<EventKey><![CDATA[approve]]></EventKey>",
        "<FromUserName>lihua</FromUserName>",
    ] {
        assert!(matches!(read(&xml.replace(part, "")), Event::Other { .. }), "{part}");
    }
}

#[test]
fn what_wecom_says_of_an_apps_use_has_its_date() {
    for activity in Activity::ALL {
        let name = activity.word();
        let document = format!(
            "<xml><FromUserName>sys</FromUserName><MsgType>event</MsgType><Event>{name}</Event><AgentID>1000002</AgentID><EffectTime>1770000000</EffectTime></xml>"
        );
        let effective_at = Some(Timestamp::from_secs(1_770_000_000));
        let agent_id = Some(1_000_002);
        let told = Event::AppActivity {
            activity,
            agent_id,
            effective_at,
        };
        assert_eq!(Notice::read(document.as_bytes()).unwrap().event, told);
        let bare = format!(r#"{{"msgtype":"event","event":"{}"}}"#, name.to_uppercase());
        let told = Event::AppActivity {
            activity,
            agent_id: None,
            effective_at: None,
        };
        assert_eq!(Notice::read(bare.as_bytes()).unwrap().event, told);
    }
}

#[test]
fn jobs_and_messages_are_told_apart() {
    let job = "<xml><MsgType>event</MsgType><Event>batch_job_result</Event><BatchJob><JobId>j1</JobId><JobType>sync_user</JobType><ErrCode>0</ErrCode></BatchJob></xml>";
    let read = |document: &str| Notice::read(document.as_bytes()).unwrap();
    let (job_id, job_type, errcode) = ("j1".to_owned(), Some("sync_user".to_owned()), Some(0));
    assert_eq!(
        read(job).event,
        Event::BatchJob {
            job_id,
            job_type,
            errcode
        }
    );
    let text = "<xml><MsgType>text</MsgType><Content>hello</Content></xml>";
    assert_eq!(
        read(text).event,
        Event::Other {
            kind: "text".to_owned()
        }
    );
    assert_eq!(read(text).digest, read(text).digest);
    assert_ne!(read(text).digest, read(job).digest);
}
