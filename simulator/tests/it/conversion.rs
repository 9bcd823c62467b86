//! Reference §5.6: ids converted between a corp and a provider.

use serde_json::{Value, json};
use simulator::sample::{APP_SECRET, CORP, CORP2, SUITE};

use crate::provider::provider;
use crate::stage::errcode;

#[actix_web::test]
async fn ids_are_converted_both_ways_for_members_whom_both_apps_see() {
    let provider = provider().await;
    let token = provider.corp_token().await;
    let to_open = format!("/cgi-bin/batch/userid_to_openuserid?access_token={token}");
    let reply = provider
        .stage
        .post(&to_open, &json!({"userid_list": ["lihua", "chuwei", "nobody"]}))
        .await;
    assert_eq!(reply["invalid_userid_list"], json!(["chuwei", "nobody"]));
    let open = reply["open_userid_list"][0]["open_userid"].clone();
    let agentid = provider
        .stage
        .sim
        .edit(|world| world.installed(CORP, SUITE).unwrap().agentid);
    let own = provider.stage.token_of(CORP, APP_SECRET).await;
    let to_plain = format!("/cgi-bin/batch/openuserid_to_userid?access_token={own}");
    let asked = |ids: Value| json!({"open_userid_list": ids, "source_agentid": agentid});
    let reply = provider.stage.post(&to_plain, &asked(json!([open, "woNobody"]))).await;
    assert_eq!(reply["userid_list"], json!([{"userid": "lihua", "open_userid": open}]));
    assert_eq!(reply["invalid_open_userid_list"], json!(["woNobody"]));
    let many: Vec<String> = (0..1001).map(|n| format!("wo{n}")).collect();
    assert_eq!(
        errcode(&provider.stage.post(&to_plain, &asked(json!(many))).await),
        40032
    );
    let elsewhere = json!({"open_userid_list": [open], "source_agentid": 1_000_002});
    assert_eq!(errcode(&provider.stage.post(&to_plain, &elsewhere).await), 40056);
    let by_suite = format!("/cgi-bin/batch/openuserid_to_userid?access_token={token}");
    assert_eq!(
        errcode(&provider.stage.post(&by_suite, &asked(json!([open]))).await),
        48002
    );
    let by_own = format!("/cgi-bin/batch/userid_to_openuserid?access_token={own}");
    assert_eq!(
        errcode(&provider.stage.post(&by_own, &json!({"userid_list": ["lihua"]})).await),
        48002
    );
}

#[actix_web::test]
async fn ids_of_another_provider_are_refused_and_corpids_are_converted() {
    let provider = provider().await;
    let (corp, _) = provider.connect().await;
    let token = provider.provider_token().await;
    let path = format!("/cgi-bin/service/corpid_to_opencorpid?provider_access_token={token}");
    let reply = provider.stage.post(&path, &json!({"corpid": CORP})).await;
    assert_eq!(reply["open_corpid"], corp);
    assert_ne!(
        provider.stage.post(&path, &json!({"corpid": CORP2})).await["open_corpid"],
        corp
    );
    assert_eq!(
        errcode(&provider.stage.post(&path, &json!({"corpid": "wwnobody"})).await),
        40013
    );
    let agentid = provider.stage.sim.edit(|world| {
        let mut other = world.suites[SUITE].clone();
        (other.suite_id, other.provider) = ("wwforeign".to_owned(), "wwother".to_owned());
        world.suites.insert(other.suite_id.clone(), other);
        world.installed(CORP, SUITE).unwrap().agentid
    });
    let body = json!({"suite_id": "wwforeign", "by": "zhangsan", "scope": {"parties": [2]}});
    provider
        .stage
        .post(&format!("/_sim/corps/{CORP}/installs"), &body)
        .await;
    let foreign = provider
        .stage
        .sim
        .edit(|world| world.installed(CORP, "wwforeign").unwrap().agentid);
    let own = provider.stage.token_of(CORP, APP_SECRET).await;
    let convert = async |ids: Value, source: u32| {
        let path = format!("/cgi-bin/batch/openuserid_to_userid?access_token={own}");
        let body = json!({"open_userid_list": ids, "source_agentid": source});
        provider.stage.post(&path, &body).await
    };
    let token = provider.corp_token().await;
    let lihua = provider.open(&token, "lihua").await;
    assert_eq!(errcode(&convert(json!([lihua]), agentid).await), 0);
    assert_eq!(errcode(&convert(json!([lihua]), foreign).await), 60221);
}
