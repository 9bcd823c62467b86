//! Downloads what any sync through an app must read: all departments, every department's members, all tags.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use simulator::generator;

use crate::{Bench, now};

/// Calls under way at once, as in a sync.
const PARALLEL: usize = 4;

/// How long the download takes.
pub async fn measure(bench: &Bench<'_>) -> Duration {
    let started = now();
    let path = format!(
        "gettoken?corpid={}&corpsecret={}",
        generator::CORP,
        generator::APP_SECRET
    );
    let token = get(bench, &path).await["access_token"].as_str().unwrap().to_owned();
    let departments = ids(
        bench,
        &format!("department/list?access_token={token}"),
        ("department", "id"),
    )
    .await;
    let tags = ids(bench, &format!("tag/list?access_token={token}"), ("taglist", "tagid")).await;
    let lists = departments
        .iter()
        .map(|id| format!("user/list?access_token={token}&department_id={id}"));
    let tags = tags.iter().map(|id| format!("tag/get?access_token={token}&tagid={id}"));
    let paths: Vec<String> = lists.chain(tags).collect();
    let calls = paths.iter().map(|path| async move {
        let reply = get(bench, path).await;
        reply["userlist"].as_array().unwrap().len()
    });
    let rows: usize = futures_util::stream::iter(calls)
        .buffer_unordered(PARALLEL)
        .fold(0, async |sum, rows| sum + rows)
        .await;
    assert!(rows > 0);
    started.elapsed()
}

async fn ids(bench: &Bench<'_>, path: &str, (list, id): (&str, &str)) -> Vec<i64> {
    let reply = get(bench, path).await;
    let rows = reply[list].as_array().unwrap();
    rows.iter().map(|row| row[id].as_i64().unwrap()).collect()
}

async fn get(bench: &Bench<'_>, path: &str) -> Value {
    let url = format!("{}/cgi-bin/{path}", bench.wecom.base_url());
    bench.http.get(url).send().await.unwrap().json().await.unwrap()
}
