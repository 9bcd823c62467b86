//! The readable page of the API: every operation of the document has its place on it, in both languages, without scripts and without a token.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{backends::Backend, fixture::Fixture};

/// Largest page, bytes.
const LARGEST: usize = 300 * 1024;

async fn page(fixture: &Fixture, path: &str) -> String {
    let answer = fixture.fetch(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
    let page = answer.text().await.unwrap();
    assert!(page.len() <= LARGEST, "{path}: {} bytes", page.len());
    assert!(
        !page.contains("<script") && !page.contains(" style=") && !page.contains("src=\"http"),
        "{path}"
    );
    page
}

/// The targets of links that begin so.
fn links(page: &str, start: &str) -> BTreeSet<String> {
    let opening = format!("href=\"{start}");
    let parts = page.split(&opening).skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

fn operations(document: &Value) -> usize {
    let items = document["paths"].as_object().unwrap().values();
    items
        .map(|item| {
            item.as_object()
                .unwrap()
                .keys()
                .filter(|key| *key != "parameters")
                .count()
        })
        .sum()
}

#[actix_web::test]
async fn every_operation_has_its_place_on_the_pages_of_the_api() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let document: Value = fixture.fetch("/api/v1/openapi.json").await.json().await.unwrap();
    for (language, required) in [("zh-CN", "必填"), ("en", ">required<")] {
        let overview = page(&fixture, &format!("/api/v1/docs?ui_locales={language}")).await;
        assert!(overview.contains(&format!("<html lang=\"{language}\">")));
        let calls = format!("API={}/api/v1\n", fixture.app.public_url());
        assert!(overview.contains(&calls), "the calls go to this installation");
        let anchors: BTreeSet<String> = links(&overview, "/api/v1/docs/")
            .into_iter()
            .filter(|link| link.contains('#'))
            .collect();
        assert_eq!(anchors.len(), operations(&document), "each operation is linked once");
        for link in anchors {
            let (path, anchor) = link.split_once('#').unwrap();
            let group = page(&fixture, &format!("/api/v1/docs/{path}")).await;
            assert!(group.contains(&format!("id=\"{anchor}\"")), "{link}");
            assert!(group.contains("curl -sS"), "{link}");
        }
        let users = page(&fixture, &format!("/api/v1/docs/users?ui_locales={language}")).await;
        assert!(users.contains(required) && users.contains("/api/v1/users/{id}"));
    }
}

#[actix_web::test]
async fn the_pages_of_the_api_choose_the_language_and_are_read_only() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let chinese = fixture
        .browser()
        .in_chinese()
        .get(&format!("{}/api/v1/docs", fixture.base))
        .await;
    assert!(chinese.body.contains("<html lang=\"zh-CN\">"));
    let english = fixture.browser().get(&format!("{}/api/v1/docs", fixture.base)).await;
    assert!(english.body.contains("<html lang=\"en\">"));
    assert_eq!(fixture.fetch("/api/v1/docs/nothing").await.status(), 404);
    let address = format!("{}/api/v1/docs", fixture.base);
    let posted = fixture.http.post(&address).send().await.unwrap();
    assert_eq!(
        (posted.status().as_u16(), &posted.headers()["allow"]),
        (405, &"GET, HEAD".parse().unwrap())
    );
    let looked = fixture.http.head(&address).send().await.unwrap();
    assert_eq!(looked.status(), 200);
    assert_eq!(
        fixture.fetch("/assets/reference.css").await.headers()["content-type"],
        "text/css; charset=utf-8"
    );
}
