//! Reference §5.7, §7.5: asynchronous exports.

use serde_json::{Value, json};
use simulator::crypto::{Key, decrypt_bytes};
use simulator::sample::{AGENT_ID, CORP};
use simulator::world::{ExportFiles, Scope, World};
use simulator::{Owner, generator};

use crate::receiver::{KEY, TOKEN, receiver};
use crate::stage::{Stage, errcode, sample, stage};

async fn submit(stage: &Stage, token: &str, call: &str, rest: Value) -> Value {
    let mut body = json!({"encoding_aeskey": KEY});
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    stage
        .post(&format!("/cgi-bin/export/{call}?access_token={token}"), &body)
        .await
}

async fn result(stage: &Stage, token: &str, job: &Value) -> Value {
    let id = job["jobid"].as_str().unwrap();
    stage.with(token, &format!("export/get_result?jobid={id}")).await
}

async fn file(stage: &Stage, row: &Value) -> Value {
    let reply = stage.http.get(row["url"].as_str().unwrap()).send().await.unwrap();
    let bytes = reply.bytes().await.unwrap().to_vec();
    assert_eq!(row["size"], bytes.len());
    serde_json::from_slice(&decrypt_bytes(&Key::parse(KEY).unwrap(), bytes).unwrap()).unwrap()
}

/// Submits and fetches the one file of it.
async fn exported(stage: &Stage, call: &str, rest: Value) -> Value {
    let token = stage.app_token().await;
    let job = submit(stage, &token, call, rest).await;
    let done = result(stage, &token, &job).await;
    assert_eq!(
        (&done["status"], done["data_list"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
    file(stage, &done["data_list"][0]).await
}

#[actix_web::test]
async fn files_hold_what_the_lists_say() {
    let stage = sample().await;
    stage.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        app.scope = Scope {
            parties: vec![6],
            ..Scope::default()
        };
    });
    let list = stage.as_app("user/list?department_id=6").await;
    assert_eq!(
        exported(&stage, "user", json!({})).await,
        json!({"userlist": list["userlist"]})
    );
    let brief = stage.as_app("user/simplelist?department_id=6").await;
    assert_eq!(
        exported(&stage, "simple_user", json!({})).await["userlist"],
        brief["userlist"]
    );
    let departments = stage.as_app("department/list").await;
    assert_eq!(
        exported(&stage, "department", json!({})).await["department"],
        departments["department"]
    );
    let tag = stage.as_app("tag/get?tagid=2").await;
    let expected = json!({"userlist": tag["userlist"], "partylist": tag["partylist"]});
    assert_eq!(exported(&stage, "taguser", json!({"tagid": 2})).await, expected);
}

#[actix_web::test]
async fn a_job_runs_ends_with_an_event_and_its_files_vanish() {
    let (stage, receiver) = (sample().await, receiver().await);
    stage
        .sim
        .configure_callback(CORP, Owner::App(AGENT_ID), &receiver.url, TOKEN, KEY)
        .await
        .unwrap();
    stage.sim.edit(|world| world.limits.export_seconds = 60);
    let token = stage.app_token().await;
    let job = submit(&stage, &token, "user", json!({})).await;
    assert_eq!(result(&stage, &token, &job).await["status"], 1);
    stage.sim.clock().advance(60);
    let done = result(&stage, &token, &job).await;
    assert_eq!(done["status"], 2);
    let told = receiver.wait_for(1).await.told(&["Event", "JobId", "JobType"]);
    assert_eq!(
        told,
        [["batch_job_result", job["jobid"].as_str().unwrap(), "export_user"]]
    );

    let other = result(&stage, &stage.contacts_token().await, &job).await;
    assert_eq!(errcode(&other), 48009, "who may not export may not ask");
    let url = done["data_list"][0]["url"].as_str().unwrap();
    let part = stage.http.get(url).header("range", "bytes=32-63").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap().len()), (206, 32));
    stage.sim.clock().advance(7200);
    assert_eq!(stage.http.get(url).send().await.unwrap().status(), 404);
}

#[actix_web::test]
async fn big_exports_come_in_blocks_and_bad_parameters_are_refused() {
    let stage = stage(World::of(generator::corp(3, 20_001, 9))).await;
    let token = stage.token_of(generator::CORP, generator::APP_SECRET).await;
    let job = submit(&stage, &token, "simple_user", json!({"block_size": 10_000})).await;
    let done = result(&stage, &token, &job).await;
    let mut sizes = Vec::new();
    for row in done["data_list"].as_array().unwrap() {
        sizes.push(file(&stage, row).await["userlist"].as_array().unwrap().len());
    }
    assert_eq!(sizes, [10_000, 10_000, 1]);
    for (rest, code) in [
        (json!({"block_size": 9_999}), 40058),
        (json!({"encoding_aeskey": "short"}), 40035),
    ] {
        assert_eq!(errcode(&submit(&stage, &token, "simple_user", rest).await), code);
    }
    stage.sim.edit(|world| world.switches.exports_fail = true);
    assert_eq!(result(&stage, &token, &job).await["status"], 3);
}

#[actix_web::test]
async fn the_contacts_secret_exports_where_a_switch_allows_it_and_an_envelope_may_be_around_it() {
    let stage = sample().await;
    let token = stage.contacts_token().await;
    assert_eq!(errcode(&submit(&stage, &token, "user", json!({})).await), 48009);
    stage.sim.edit(|world| {
        world.switches.export_on_new_ip = true;
        world.switches.export_has_envelope = true;
    });
    let job = submit(&stage, &token, "user", json!({})).await;
    let done = result(&stage, &token, &job).await;
    let reply = stage
        .http
        .get(done["data_list"][0]["url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    let plain = decrypt_bytes(&Key::parse(KEY).unwrap(), reply.bytes().await.unwrap().to_vec()).unwrap();
    assert!(plain.ends_with(CORP.as_bytes()) && plain[20..].starts_with(b"{\"userlist\""));
}

#[actix_web::test]
async fn jobs_take_their_time_in_numbers_or_in_text_and_leave_more_files_than_were_asked_for() {
    let stage = sample().await;
    stage.sim.edit(|world| {
        world.limits.export_polls = 2;
        world.switches.export_status_is_text = true;
        world.switches.export_rows_per_file = Some(10);
    });
    let token = stage.app_token().await;
    let job = submit(&stage, &token, "simple_user", json!({})).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(result(&stage, &token, &job).await);
    }
    let status: Vec<&Value> = told.iter().map(|reply| &reply["status"]).collect();
    assert_eq!(status, ["0", "1", "2"]);
    let files = told[2]["data_list"].as_array().unwrap();
    assert!(files.len() > 2);
    assert_eq!(file(&stage, &files[0]).await["userlist"].as_array().unwrap().len(), 10);
    let secrets = stage.sim.export_secrets();
    assert_eq!(secrets.len(), files.len() + 1);
    assert!(secrets.iter().any(|secret| secret == KEY));
}

#[actix_web::test]
async fn files_go_wrong_in_the_way_that_was_chosen() {
    let stage = sample().await;
    let token = stage.app_token().await;
    for (files, status, length) in [
        (ExportFiles::Changed, 200, 1.0),
        (ExportFiles::Truncated, 200, 0.5),
        (ExportFiles::Gone, 404, 0.0),
        (ExportFiles::Redirected, 302, 0.0),
    ] {
        stage.sim.edit(|world| world.switches.export_files = files);
        let job = submit(&stage, &token, "department", json!({})).await;
        let row = result(&stage, &token, &job).await["data_list"][0].clone();
        let reply = stage.http.get(row["url"].as_str().unwrap()).send().await.unwrap();
        let (got, bytes) = (reply.status().as_u16(), reply.bytes().await.unwrap());
        let expected = row["size"].as_f64().unwrap() * length;
        assert_eq!((got, bytes.len() as f64), (status, expected), "{files:?}");
        assert!(decrypt_bytes(&Key::parse(KEY).unwrap(), bytes.to_vec()).is_none() || files != ExportFiles::Truncated);
    }
    for files in [ExportFiles::OtherKey, ExportFiles::NotJson] {
        stage.sim.edit(|world| world.switches.export_files = files);
        let job = submit(&stage, &token, "department", json!({})).await;
        let row = result(&stage, &token, &job).await["data_list"][0].clone();
        let reply = stage.http.get(row["url"].as_str().unwrap()).send().await.unwrap();
        let plain = decrypt_bytes(&Key::parse(KEY).unwrap(), reply.bytes().await.unwrap().to_vec());
        let plain = plain.and_then(|plain| serde_json::from_slice::<Value>(&plain).ok());
        assert_eq!(plain, None, "{files:?}");
    }
    stage.sim.edit(|world| {
        world.switches.export_files = ExportFiles::Sound;
        world.switches.export_host = Some("https://cdn.example".to_owned());
    });
    let job = submit(&stage, &token, "department", json!({})).await;
    let row = result(&stage, &token, &job).await["data_list"][0].clone();
    assert!(row["url"].as_str().unwrap().starts_with("https://cdn.example/export/"));
}
