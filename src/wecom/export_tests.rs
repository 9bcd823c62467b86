//! Tests of the export client against a scripted server: jobs, waiting, where files are fetched, and that no key and no address is told.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use super::*;
use crate::wecom::{
    reply_reader::ReplyReader,
    testing::{Call, Reaction, Stub, app, bench},
};

/// A server whose jobs are done after so many questions, with a file at this address.
fn serving(questions: usize, url: &'static str) -> Stub {
    let asked = AtomicUsize::new(0);
    Stub::start(move |call| match call.path.as_str() {
        "/cgi-bin/gettoken" => Reaction::json(r#"{"access_token":"t"}"#),
        "/cgi-bin/export/get_result" if asked.fetch_add(1, Ordering::SeqCst) < questions => {
            Reaction::json(r#"{"errcode":0,"status":1}"#)
        }
        "/cgi-bin/export/get_result" => Reaction::json(&format!(
            r#"{{"status":2,"data_list":[{{"url":"{url}","size":3,"md5":"900150983cd24fb0d6963f7d28e17f72"}}]}}"#
        )),
        "/there" => Reaction::Raw(200, "abc".to_owned()),
        "/cut" => Reaction::Raw(200, "ab".to_owned()),
        "/moved" => Reaction::Raw(302, String::new()),
        _ => Reaction::json(r#"{"errcode":0,"jobid":"jobid_1"}"#),
    })
}

fn keys(calls: &[Call]) -> Vec<String> {
    let started = calls.iter().filter(|call| call.path == "/cgi-bin/export/user");
    let bodies = started.map(|call| serde_json::from_str::<serde_json::Value>(&call.body).unwrap());
    bodies
        .map(|body| body["encoding_aeskey"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn each_job_has_a_key_of_its_own_and_is_asked_about_by_its_id() {
    let stub = serving(3, "https://cdn.example/a");
    let wecom = bench(&stub).wecom;
    for _ in 0..2 {
        assert_eq!(wecom.export(&app(), Export::Members).await.unwrap().files(), 1);
    }
    wecom.export(&app(), Export::Departments).await.unwrap();
    let calls = stub.calls();
    let keys = keys(&calls);
    assert!(keys.len() == 2 && keys[0] != keys[1] && keys[0].len() == 43, "{keys:?}");
    assert_eq!(stub.count("export/get_result"), 4 + 1 + 1);
    let asked = calls.iter().find(|call| call.path.ends_with("get_result")).unwrap();
    assert_eq!(asked.query("jobid").as_deref(), Some("jobid_1"));
    let departments = calls.iter().find(|call| call.path.ends_with("export/department"));
    let body = &departments.unwrap().body;
    assert!(body.contains(r#""block_size":10000"#), "{body}");
}

/// A server whose jobs run, and which answers the first so many questions about them so.
fn silent(questions: usize, reaction: Reaction) -> Stub {
    let asked = AtomicUsize::new(0);
    Stub::start(move |call| match call.path.as_str() {
        "/cgi-bin/gettoken" => Reaction::json(r#"{"access_token":"t"}"#),
        "/cgi-bin/export/get_result" if asked.fetch_add(1, Ordering::SeqCst) < questions => reaction.clone(),
        "/cgi-bin/export/get_result" => Reaction::json(
            r#"{"status":2,"data_list":[{"url":"https://cdn.example/a","size":3,"md5":"900150983cd24fb0d6963f7d28e17f72"}]}"#,
        ),
        _ => Reaction::json(r#"{"errcode":0,"jobid":"jobid_1"}"#),
    })
}

#[tokio::test]
async fn a_question_that_is_not_answered_loses_no_job_and_one_that_is_refused_does() {
    for reaction in [
        Reaction::Reset,
        Reaction::Html(502),
        Reaction::json(r#"{"errcode":-1}"#),
    ] {
        let shown = format!("{reaction:?}");
        let stub = silent(10, reaction);
        let exported = bench(&stub).wecom.export(&app(), Export::Members).await;
        assert_eq!(exported.unwrap().files(), 1, "{shown}");
        assert_eq!(stub.count("export/get_result"), 11, "{shown}");
    }
    for errcode in [45009, 48002] {
        let stub = silent(1, Reaction::json(&format!(r#"{{"errcode":{errcode}}}"#)));
        let error = bench(&stub).wecom.export(&app(), Export::Members).await.unwrap_err();
        assert_eq!((error.errcode, stub.count("export/get_result")), (Some(errcode), 1));
    }
    let stub = silent(usize::MAX, Reaction::Reset);
    let error = bench(&stub).wecom.export(&app(), Export::Members).await.unwrap_err();
    assert_eq!(error.export, Some(ExportFault::Late), "{error}");
    assert!(error.message.contains("export/get_result failed"), "{error}");
}

#[tokio::test]
async fn a_file_that_does_not_come_says_nothing_of_the_api() {
    let files = serving(0, "x");
    let told = format!(
        r#"{{"status":2,"data_list":[{{"url":"{}/cut","size":3,"md5":"900150983cd24fb0d6963f7d28e17f72"}}]}}"#,
        files.base
    );
    let stub = Stub::start(move |call| match call.path.as_str() {
        "/cgi-bin/gettoken" => Reaction::json(r#"{"access_token":"t"}"#),
        "/cgi-bin/export/get_result" => Reaction::json(&told),
        "/cgi-bin/department/list" => Reaction::Reset,
        _ => Reaction::json(r#"{"errcode":0,"jobid":"jobid_1"}"#),
    });
    let wecom = bench(&stub).wecom;
    let exported = wecom.export(&app(), Export::Members).await.unwrap();
    assert!(wecom.exported_members(&exported, 0).await.is_err());
    assert!(wecom.departments(&app()).await.is_err());
    assert_eq!(stub.count("department/list"), 3, "repeated as ever");
    assert!(wecom.exported_members(&exported, 0).await.is_err());
    let downloads = files.calls().iter().filter(|call| call.path == "/cut").count();
    assert_eq!(downloads, 3 + 2, "the second is repeated once only");
}

#[test]
fn a_row_that_leaves_its_department_out_is_not_read_as_somebody_who_is_nowhere() {
    let document = r#"{"userlist":[{"userid":"lihua","department":[2]},{"userid":"picked","department":[]},
        {"userid":"wang","name":"王"},{"userid":"zhao","department":null},{"name":"nobody"}]}"#;
    let list = placed_members(false);
    let reply = ReplyReader::read("export/user", document.as_bytes(), &*list);
    let read = list.rows_of(&reply.ok().unwrap()).unwrap();
    let placed: Vec<_> = read.rows.iter().map(|member| member.userid.as_str()).collect();
    assert_eq!(placed, ["lihua", "picked"]);
    let left_out: Vec<_> = read.malformed.iter().map(|row| row.userid.as_deref()).collect();
    assert_eq!(left_out, [Some("wang"), Some("zhao"), None]);
}

#[tokio::test]
async fn a_job_that_does_not_end_is_late_after_some_sixty_questions() {
    let stub = serving(usize::MAX, "");
    let error = bench(&stub).wecom.export(&app(), Export::Members).await.unwrap_err();
    assert_eq!(error.export, Some(ExportFault::Late), "{error}");
    assert!((50..80).contains(&stub.count("export/get_result")));
}

#[tokio::test]
async fn what_is_refused_keeps_wecoms_code_and_loses_the_key() {
    let seen = Arc::new(Mutex::new(String::new()));
    let keeps = Arc::clone(&seen);
    let stub = Stub::start(move |call| {
        if call.path.ends_with("gettoken") {
            return Reaction::json(r#"{"access_token":"t"}"#);
        }
        let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
        let key = body["encoding_aeskey"].as_str().unwrap().to_owned();
        let answer = json!({ "errcode": 48002, "errmsg": format!("forbidden {key}") });
        *keeps.lock().unwrap() = key;
        Reaction::json(&answer.to_string())
    });
    let error = bench(&stub).wecom.export(&app(), Export::Members).await.unwrap_err();
    assert!(error.is_refused_export() && error.export.is_none(), "{error}");
    assert!(!format!("{error} {error:?}").contains(seen.lock().unwrap().as_str()));
}

async fn fetched(url: &'static str) -> (Option<ExportFault>, Vec<Call>) {
    let stub = serving(0, url);
    let bench = bench(&stub);
    let exported = bench.wecom.export(&app(), Export::Members).await.unwrap();
    let error = bench.wecom.exported_members(&exported, 0).await.unwrap_err();
    let told = format!("{error} {error:?} {exported:?}");
    assert!(!url.is_empty() && !told.contains(url), "{told}");
    assert!(keys(&stub.calls()).iter().all(|key| !told.contains(key)), "{told}");
    (error.export, stub.calls())
}

#[tokio::test]
async fn files_are_not_fetched_from_private_addresses_nor_by_names_without_a_guard() {
    for url in [
        "http://169.254.169.254/latest",
        "https://10.0.0.1/a",
        "https://cdn.example/a",
        "ftp://127.0.0.1/a",
        "nowhere",
    ] {
        assert_eq!(fetched(url).await.0, Some(ExportFault::Address), "{url}");
    }
}

#[tokio::test]
async fn a_guarded_client_calls_no_name_that_leads_to_a_private_network() {
    use crate::wecom::transport::build_download_client;
    let stub = serving(0, "https://localhost:1/a");
    let timeout = Duration::from_secs(5);
    let beside = |api: &str| build_download_client(None, None, timeout, api).unwrap();
    let guarded = bench(&stub)
        .wecom
        .downloading_with(beside("https://qyapi.weixin.qq.com"));
    let exported = guarded.export(&app(), Export::Members).await.unwrap();
    let error = guarded.exported_members(&exported, 0).await.unwrap_err();
    assert!(error.message.contains("private network"), "{error}");
    // Beside an API on loopback the name is called, where nobody listens.
    let open = bench(&stub).wecom.downloading_with(beside(&stub.base));
    let error = open.exported_members(&exported, 0).await.unwrap_err();
    assert_eq!(error.export, Some(ExportFault::Unfetchable), "{error}");
    assert!(!error.message.contains("private network"), "{error}");
}

/// A stub at a port of its own tells its own address.
async fn at_home(path: &'static str) -> (Option<ExportFault>, usize) {
    let files = serving(0, "x");
    let base: &'static str = Box::leak(format!("{}{path}", files.base).into_boxed_str());
    let fault = fetched(base).await.0;
    (fault, files.calls().iter().filter(|call| call.path == path).count())
}

#[tokio::test]
async fn a_damaged_file_is_fetched_again_for_a_while_and_a_redirect_is_not_followed() {
    assert_eq!(at_home("/cut").await, (Some(ExportFault::Damaged), 3));
    assert_eq!(at_home("/moved").await, (Some(ExportFault::Unfetchable), 1));
    assert_eq!(
        at_home("/there").await,
        (Some(ExportFault::Unreadable), 1),
        "whole, but no file of ours"
    );
}
