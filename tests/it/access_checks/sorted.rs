//! The lists of who can enter, in the order that is asked for.

use serde_json::{Value, json};
use simulator::sample;

use super::{explained, listed};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// Walks a list in small pages.
async fn walk(fixture: &Fixture, path: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = fixture.admin().get(&format!("{path}&limit=4{cursor}")).await;
        found.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Somebody's userid or username, as it is compared; none: they have none.
fn key(line: &Value, by: &str) -> Option<String> {
    line[by].as_str().map(str::to_lowercase)
}

scenario!(
    who_can_enter_a_portal_is_listed_by_userid_and_by_username_and_who_has_none_comes_last,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        // Members of the second corp who have these names are not imported; nobody scans as the others.
        for name in ["moyan", "baishi", "Zoe", "anna"] {
            admin.create("users", json!({ "username": name })).await;
        }
        fixture.connect().await;
        fixture.connect_second(json!({ "duplicate_rule": "skip" })).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let list = format!("clients/{}/access-checks?", portal.id);
        let whole = walk(&fixture, &list).await;
        for filter in ["", "&admitted=false", "&q=an", "&q=an&admitted=true"] {
            let mut wanted: Vec<String> = walk(&fixture, &format!("{list}{filter}"))
                .await
                .iter()
                .map(Value::to_string)
                .collect();
            wanted.sort();
            for (by, sort) in [
                ("userid", "userid"),
                ("userid", "-userid"),
                ("username", "username"),
                ("username", "-username"),
            ] {
                let sorted = walk(&fixture, &format!("{list}sort={sort}{filter}")).await;
                let mut same: Vec<String> = sorted.iter().map(Value::to_string).collect();
                same.sort();
                assert_eq!(same, wanted, "{sort} {filter}");
                let mut keys: Vec<Option<String>> = sorted.iter().map(|line| key(line, by)).collect();
                if filter.is_empty() {
                    let without = whole.iter().filter(|line| key(line, by).is_none()).count();
                    assert!(without >= 2 && without < whole.len(), "{by} {without}");
                }
                let with = keys.iter().take_while(|key| key.is_some()).count();
                assert!(keys.split_off(with).iter().all(Option::is_none), "{sort} {filter}");
                if sort.starts_with('-') {
                    keys.reverse();
                }
                // Others are compared as the database does it.
                let is_plain = |key: &String| key.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let plain: Vec<String> = keys.into_iter().flatten().filter(is_plain).collect();
                assert!(plain.is_sorted(), "{sort} {filter}: {plain:?}");
            }
        }
        let down = walk(&fixture, &format!("{list}sort=-created_at")).await;
        let up: Vec<Value> = down.into_iter().rev().collect();
        assert_eq!(up, whole);
        // The export and the counts are of everybody, in no order that could be asked for.
        for path in ["access-checks.csv", "access-checks/counts"] {
            let refused = admin
                .call("GET", &format!("clients/wiki/{path}?sort=userid"), None)
                .await;
            assert_eq!(refused.refusal(), (400, "WB-101"), "{path}");
        }
        let first = admin.get(&format!("{list}limit=4&sort=userid")).await;
        let cursor = text(&first, "next_cursor");
        let other = admin
            .call("GET", &format!("{list}sort=-userid&cursor={cursor}"), None)
            .await;
        assert_eq!(other.refusal(), (400, "AD-104"));
        let unknown = admin.call("GET", &format!("{list}sort=colour"), None).await;
        assert_eq!(unknown.refusal(), (422, "AD-105"));
    }
);

scenario!(
    a_filter_that_finds_few_goes_on_behind_whom_it_looked_at,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        fixture.admin().disable(sample::NORMAL).await;
        let way = explained(&fixture, &source, &portal, sample::NORMAL, "").await;
        let number = text(&way["refusal"], "number").to_owned();
        for sort in ["userid", "-userid", "username", "-username", "-created_at"] {
            let found = listed(&fixture, &portal, &format!("&sort={sort}&number={number}")).await;
            assert_eq!(found.keys().collect::<Vec<_>>(), [sample::NORMAL], "{sort}");
        }
    }
);

scenario!(
    the_portals_of_a_person_are_listed_by_name,
    |fixture: Fixture| async move {
        fixture.connect().await;
        for (client, name) in [
            ("c1", "Wiki"),
            ("c2", "Board"),
            ("c3", "Mail"),
            ("c4", "Zoo"),
            ("c5", "Drive"),
            ("c6", "Desk"),
        ] {
            fixture.portal(client, json!({ "name": name })).await;
        }
        let she = fixture.admin().user_id(sample::NORMAL).await;
        let names = async |sort: &str| -> Vec<String> {
            let doors = walk(&fixture, &format!("users/{she}/access-checks?sort={sort}")).await;
            doors.iter().map(|door| text(door, "name").to_owned()).collect()
        };
        let up = ["Board", "Desk", "Drive", "Mail", "Wiki", "Zoo"];
        assert_eq!(names("name").await, up);
        let down: Vec<&str> = up.into_iter().rev().collect();
        assert_eq!(names("-name").await, down);
        assert_eq!(names("created_at").await[..2], ["Wiki", "Board"]);
        let portals = fixture.admin().items("clients").await;
        assert_eq!(portals.len(), up.len(), "{}", id(&portals[0]));
    }
);
