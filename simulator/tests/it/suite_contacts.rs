//! Reference §5.1, §5.6, §7.7, §9.7, §10: what a suite reads, hears and sends by ids alone.

use serde_json::json;
use simulator::sample::{CONTACTS_SECRET, CORP, SUITE};
use simulator::world::{Member, Scope};
use simulator::{Action, Delivery};

use crate::provider::{Provider, provider};
use crate::stage::errcode;

#[actix_web::test]
async fn members_and_departments_come_by_id_and_nothing_private() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    let call = async |call: &str| provider.stage.with(&token, call).await;
    let lihua = provider.open(&token, "lihua").await;
    let member = call(&format!("user/get?userid={lihua}")).await;
    assert_eq!(
        (&member["userid"], &member["name"], &member["open_userid"]),
        (&json!(lihua), &json!(lihua), &json!(lihua))
    );
    assert_eq!((&member["department"], &member["status"]), (&json!([4]), &json!(1)));
    assert!(member["direct_leader"][0].as_str().unwrap().starts_with("wo"));
    for absent in [
        "mobile",
        "email",
        "avatar",
        "gender",
        "position",
        "alias",
        "telephone",
        "extattr",
    ] {
        assert!(member.get(absent).is_none(), "{absent}");
    }
    let departments = call("department/list").await;
    assert_eq!(
        (
            &departments["department"][0]["name"],
            &departments["department"][0]["name_en"]
        ),
        (&json!("2"), &json!(""))
    );
    assert!(
        departments["department"][0]["department_leader"][0]
            .as_str()
            .unwrap()
            .starts_with("wo")
    );
    let list = call("user/list?department_id=4").await;
    let brief = call("user/simplelist?department_id=4").await;
    assert_eq!(
        list["userlist"].as_array().unwrap().len(),
        brief["userlist"].as_array().unwrap().len()
    );
    let agentid = provider
        .stage
        .sim
        .edit(|world| world.installed(CORP, SUITE).unwrap().agentid);
    let agent = call(&format!("agent/get?agentid={agentid}")).await;
    assert!(
        agent["allow_userinfos"]["user"][0]["userid"]
            .as_str()
            .unwrap()
            .starts_with("wo"),
        "{agent}"
    );
    let all = [departments, list, brief, agent, member]
        .map(|reply| reply.to_string())
        .concat();
    for name in [
        "李华",
        "张三",
        "单笃",
        "lihua",
        "zhangsan",
        "dandu",
        "研发",
        "工程师",
        "19900000001",
    ] {
        assert!(!all.contains(name), "{name}: {all}");
    }
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.ordinary_fields = true);
    assert_eq!(call(&format!("user/get?userid={lihua}")).await["position"], "工程师");
}

#[actix_web::test]
async fn plain_userids_are_unknown_after_the_upgrade_and_serve_before_it() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    assert_eq!(
        errcode(&provider.stage.with(&token, "user/get?userid=lihua").await),
        40003
    );
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.encrypted_userids = false);
    let member = provider.stage.with(&token, "user/get?userid=lihua").await;
    assert_eq!((&member["userid"], &member["name"]), (&json!("lihua"), &json!("lihua")));
    assert!(member["open_userid"].as_str().unwrap().starts_with("wo"));
}

#[actix_web::test]
async fn the_scope_and_what_is_granted_beside_it_bound_the_reading() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    let own = provider
        .stage
        .with(&provider.stage.app_token().await, "user/get?userid=shiyi")
        .await;
    assert_eq!(errcode(&own), 0);
    let list = async || errcode(&provider.stage.with(&token, "user/simplelist?department_id=9").await);
    assert_eq!(list().await, 60011);
    provider.stage.sim.edit(|world| {
        let install = world.installed_mut(CORP, SUITE).unwrap().install.as_mut().unwrap();
        install.extra = Scope {
            parties: vec![9],
            ..Scope::default()
        };
    });
    assert_eq!(list().await, 0);
    for (call, code) in [
        ("user/list_id", 48002),
        ("tag/get?tagid=1", 81011),
        ("user/simplelist?department_id=3", 60011),
    ] {
        assert_eq!(errcode(&provider.stage.with(&token, call).await), code, "{call}");
    }
    assert_eq!(provider.stage.with(&token, "tag/list").await["taglist"], json!([]));
    provider
        .stage
        .sim
        .edit(|world| world.switches.messages.unlicensed = vec!["wangwu".to_owned()]);
    let wangwu = provider.open(&token, "wangwu").await;
    assert_eq!(
        errcode(&provider.stage.with(&token, &format!("user/get?userid={wangwu}")).await),
        701_008
    );
}

async fn act(provider: &Provider, action: Action) {
    provider.forget();
    provider.stage.sim.act(CORP, action, Delivery::default()).await.unwrap();
}

#[actix_web::test]
async fn changes_of_contacts_are_pushed_by_id_for_members_in_reach() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    let lihua = provider.open(&token, "lihua").await;
    let told = || {
        let told = provider.told(&["ChangeType", "UserID", "OpenUserID"]);
        told.into_iter().filter(|row| !row[0].is_empty()).collect::<Vec<_>>()
    };
    let lihua_status = |status| Action::Status {
        userid: "lihua".to_owned(),
        status,
    };
    act(&provider, lihua_status(2)).await;
    assert_eq!(told(), [["update_user", lihua.as_str(), lihua.as_str()]]);
    let push = provider
        .heard()
        .into_iter()
        .find(|heard| heard.path == "/command")
        .unwrap();
    assert_eq!(
        (
            push.value("Department").as_str(),
            push.value("Status").as_str(),
            push.receive_id.as_str()
        ),
        ("4", "2", SUITE)
    );
    assert!(push.message.contains("AuthCorpId") && !push.message.contains("Name>") && !push.message.contains("李华"));
    let newbie = Member::new("newbie", "新人", &[4]);
    act(&provider, Action::Add(newbie)).await;
    assert_eq!(told()[0][0], "create_user");
    act(&provider, Action::Add(Member::new("elsewhere", "别处", &[3]))).await;
    assert!(told().is_empty(), "outside the scope");
    let remove = |userid: &str| Action::Remove {
        userid: userid.to_owned(),
    };
    act(&provider, remove("elsewhere")).await;
    assert!(told().is_empty());
    act(&provider, remove("lihua")).await;
    assert_eq!(told(), [["delete_user", lihua.as_str(), lihua.as_str()]]);
    let gone = provider
        .heard()
        .into_iter()
        .find(|heard| heard.value("Event") == "unsubscribe");
    assert!(gone.is_none(), "she was disabled, which was told");
}

#[actix_web::test]
async fn open_ids_outlive_a_new_userid_and_are_not_handed_on() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    let before = provider.open(&token, "lihua").await;
    let rename = || Action::Rename {
        userid: "lihua".to_owned(),
        to: "lihua2".to_owned(),
    };
    act(&provider, rename()).await;
    assert!(provider.heard().is_empty(), "encrypted ids stay");
    assert_eq!(provider.open(&token, "lihua2").await, before);
    act(&provider, Action::Replace(Member::new("lihua2", "李花", &[4]))).await;
    let kinds = provider.told(&["ChangeType", "UserID"]);
    let kinds: Vec<_> = kinds.into_iter().filter(|row| !row[0].is_empty()).collect();
    let heir = provider.open(&token, "lihua2").await;
    assert_eq!(
        kinds,
        [["delete_user", before.as_str()], ["create_user", heir.as_str()]]
    );
    assert_ne!(heir, before);
    provider
        .stage
        .sim
        .edit(|world| world.switches.suites.encrypted_userids = false);
    let rename = Action::Rename {
        userid: "lihua2".to_owned(),
        to: "lihua3".to_owned(),
    };
    act(&provider, rename).await;
    assert_eq!(
        provider.told(&["UserID", "NewUserID", "OpenUserID"]),
        [["lihua2", "lihua3", heir.as_str()]]
    );
}

#[actix_web::test]
async fn members_leaving_the_scope_are_told_at_the_data_callback() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    let lihua = provider.open(&token, "lihua").await;
    let remove = Action::Remove {
        userid: "lihua".to_owned(),
    };
    act(&provider, remove).await;
    let events = provider.told(&["Event", "FromUserName", "AgentID"]);
    let event = events.iter().find(|row| row[0] == "unsubscribe").unwrap();
    let agentid = provider
        .stage
        .sim
        .edit(|world| world.installed(CORP, SUITE).unwrap().agentid);
    assert_eq!(event, &["unsubscribe".to_owned(), lihua, agentid.to_string()]);
}

#[actix_web::test]
async fn an_installed_app_sends_messages_to_ids() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    let lihua = provider.open(&token, "lihua").await;
    let agentid = provider
        .stage
        .sim
        .edit(|world| world.installed(CORP, SUITE).unwrap().agentid);
    let body = json!({"touser": format!("{lihua}|zhangsan"), "msgtype": "text", "agentid": agentid, "text": {"content": "hi"}});
    let path = format!("/cgi-bin/message/send?access_token={token}");
    let reply = provider.stage.post(&path, &body).await;
    assert_eq!((errcode(&reply), &reply["invaliduser"]), (0, &json!("zhangsan")));
    let messages = provider.stage.sim.messages();
    assert_eq!(
        (messages.len(), messages[0].userid.as_str(), messages[0].agentid),
        (1, "lihua", agentid)
    );
}

#[actix_web::test]
async fn permissions_of_an_installed_app_are_listed() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    let path = format!("/cgi-bin/agent/get_permissions?access_token={token}");
    let granted = provider.stage.post(&path, &json!({})).await["app_permissions"].clone();
    assert!(
        granted.as_array().unwrap().contains(&json!("contact:sensitive:mobile")),
        "{granted}"
    );
    let own = format!(
        "/cgi-bin/agent/get_permissions?access_token={}",
        provider.stage.app_token().await
    );
    assert_eq!(errcode(&provider.stage.post(&own, &json!({})).await), 48002);
}

#[actix_web::test]
async fn what_the_contacts_api_writes_is_pushed_to_suites() {
    let provider = provider().await;
    provider.connect().await;
    provider.forget();
    let contacts = provider.stage.token_of(CORP, CONTACTS_SECRET).await;
    let path = format!("/cgi-bin/user/update?access_token={contacts}");
    let reply = provider
        .stage
        .post(&path, &json!({"userid": "lihua", "enable": 0}))
        .await;
    assert_eq!(errcode(&reply), 0, "{reply}");
    while !provider.told(&["ChangeType"]).contains(&vec!["update_user".to_owned()]) {
        actix_web::rt::task::yield_now().await;
    }
}
