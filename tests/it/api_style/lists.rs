//! Lists: sorting, cursors, filters.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::sample;

use super::send;
use crate::{
    actors::{As, id, text},
    fixture::Fixture,
    scenario,
};

/// Walks a list page by page.
async fn walk(fixture: &Fixture, path: &str) -> Vec<Value> {
    let (mut cursor, mut found) = (String::new(), Vec::new());
    loop {
        let page = fixture.admin().get(&format!("{path}&limit=3{cursor}")).await;
        found.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| id(item).to_owned()).collect()
}

/// The words of what has a name and can be changed.
const NAMED: &[(&str, &str)] = &[
    ("created_at", "created_at"),
    ("name", "name"),
    ("updated_at", "updated_at"),
];

/// Every list that can be sorted, by its words and the member that holds the value; `None`: only the order of the ids.
const SORTED: &[(&str, &[(&str, &str)])] = &[
    (
        "users",
        &[
            ("created_at", "created_at"),
            ("username", "username"),
            ("updated_at", "updated_at"),
        ],
    ),
    ("members", &[("created_at", "id"), ("userid", "userid")]),
    (
        "clients",
        &[
            ("created_at", "created_at"),
            ("name", "name"),
            ("client_id", "client_id"),
            ("updated_at", "updated_at"),
        ],
    ),
    ("data-sources", NAMED),
    ("auth-sources", NAMED),
    (
        "wecom-apps",
        &[("created_at", "id"), ("name", "name"), ("agent_id", "agent_id")],
    ),
    (
        "departments",
        &[("created_at", "id"), ("name", "name"), ("wecom_id", "wecom_id")],
    ),
    (
        "tags",
        &[("created_at", "id"), ("name", "name"), ("wecom_id", "wecom_id")],
    ),
    ("groups", NAMED),
    ("sessions", &[("created_at", "created_at")]),
    ("sync-runs", &[("started_at", "started_at")]),
    ("offboardings", &[("at", "at")]),
    ("refusals", &[("at", "at")]),
    ("audit-events", &[("at", "at")]),
    ("logout-deliveries", &[("created_at", "created_at")]),
    ("identity-findings", &[("opened_at", "opened_at")]),
    ("api-tokens", &[("created_at", "created_at"), ("name", "name")]),
    (
        "initial-access-tokens",
        &[("created_at", "created_at"), ("name", "name")],
    ),
    (
        "suites",
        &[
            ("created_at", "created_at"),
            ("name", "name"),
            ("updated_at", "updated_at"),
        ],
    ),
    (
        "verification-files",
        &[
            ("created_at", "created_at"),
            ("name", "name"),
            ("updated_at", "updated_at"),
        ],
    ),
    ("conflicts", &[("created_at", "id"), ("userid", "userid")]),
    ("access-requests", &[("created_at", "created_at"), ("userid", "userid")]),
    ("notice-channels", &[("created_at", "created_at"), ("name", "name")]),
    ("notice-subscriptions", &[("created_at", "created_at")]),
    ("notices", &[("created_at", "created_at")]),
];

async fn filled(fixture: &Fixture) -> Value {
    let (portal, _, _) = fixture.signed_in().await;
    let source = fixture.admin().items("data-sources").await.remove(0);
    for name in ["mail", "drive", "board", "Zoo"] {
        fixture.advance(std::time::Duration::from_secs(1));
        fixture.portal(name, json!({ "name": name })).await;
        fixture
            .admin()
            .create("api-tokens", json!({ "name": name, "role": "auditor" }))
            .await;
        fixture
            .admin()
            .create("initial-access-tokens", json!({ "name": name }))
            .await;
        let file = json!({ "name": format!("WW_verify_{name}.txt"), "content": name });
        fixture.admin().create("verification-files", file).await;
        let suite =
            json!({ "name": name, "suite_id": format!("wwsuite{name}"), "secret": format!("secret-of-{name}") });
        fixture.admin().create("suites", suite).await;
        // Nobody listens there: the test message is a notice all the same.
        let hook = json!({ "kind": "webhook", "name": name, "url": "http://127.0.0.1:9/" });
        let hook = fixture.admin().create("notice-channels", hook).await;
        let told = json!({ "channel_id": hook["id"], "topics": ["alert"] });
        fixture.admin().create("notice-subscriptions", told).await;
        let test = format!("notice-channels/{}/test", id(&hook));
        fixture.admin().create(&test, json!({})).await;
        portal
            .sign_in(fixture, &fixture.browser(), As::Member(sample::ADMIN))
            .await;
        fixture.sync(id(&source)).await;
        fixture.admin().create("groups", json!({ "name": name })).await;
    }
    // Members of the second corp who have these names are not imported.
    for name in ["moyan", "baishi"] {
        fixture.admin().create("users", json!({ "username": name })).await;
    }
    fixture.connect_second(json!({ "duplicate_rule": "skip" })).await;
    for name in ["zoe", "anna", "Bert"] {
        fixture.admin().create("users", json!({ "username": name })).await;
    }
    fixture.admin().disable(sample::NORMAL).await;
    source
}

scenario!(
    pages_of_every_sorted_list_meet_without_gap_or_overlap_both_ways,
    |fixture: Fixture| async move {
        filled(&fixture).await;
        for (list, words) in SORTED {
            let all: BTreeSet<String> = ids(&walk(&fixture, &format!("{list}?")).await).into_iter().collect();
            for (word, member) in *words {
                let up = walk(&fixture, &format!("{list}?sort={word}")).await;
                let down = walk(&fixture, &format!("{list}?sort=-{word}")).await;
                let (up_ids, mut down_ids) = (ids(&up), ids(&down));
                assert_eq!(up_ids.iter().cloned().collect::<BTreeSet<_>>(), all, "{list} {word}");
                assert_eq!(up_ids.len(), all.len(), "{list} {word}: a row twice");
                down_ids.reverse();
                assert_eq!(down_ids, up_ids, "{list} {word}: the other way round");
                let numbers: Vec<i64> = up.iter().filter_map(|item| item[*member].as_i64()).collect();
                assert!(numbers.is_sorted(), "{list} {word}: {numbers:?}");
            }
        }
        // Texts are compared as the database does it; without regard to letter case where names are.
        let users = walk(&fixture, "users?sort=username").await;
        let local: Vec<&str> = users
            .iter()
            .filter(|user| user["data_source_id"].is_null())
            .map(|user| text(user, "username"))
            .collect();
        assert_eq!(local, ["anna", "baishi", "Bert", "moyan", "zoe"]);
        let conflicts = walk(&fixture, "conflicts?sort=-userid").await;
        let userids: Vec<&str> = conflicts.iter().map(|item| text(item, "userid")).collect();
        assert!(
            userids.contains(&"moyan") && userids.is_sorted_by(|a, b| a.to_lowercase() > b.to_lowercase()),
            "{userids:?}"
        );
    }
);

scenario!(
    a_cursor_belongs_to_its_sort_and_unknown_words_are_refused_with_those_there_are,
    |fixture: Fixture| async move {
        filled(&fixture).await;
        for (list, words) in SORTED {
            let first = fixture
                .admin()
                .get(&format!("{list}?limit=1&sort={}", words[0].0))
                .await;
            if let Some(cursor) = first["next_cursor"].as_str() {
                let other = format!("{list}?limit=1&sort=-{}&cursor={cursor}", words[0].0);
                let refused = send(&fixture, ("GET", &other), &[], None).await;
                assert_eq!(
                    refused.refusal(),
                    (400, "AD-104".to_owned()),
                    "{list}: {}",
                    refused.text
                );
                assert_eq!(refused.json()["errors"][0]["parameter"], "cursor");
            }
            let unknown = send(&fixture, ("GET", &format!("{list}?sort=colour")), &[], None).await;
            assert_eq!(
                unknown.refusal(),
                (422, "AD-105".to_owned()),
                "{list}: {}",
                unknown.text
            );
            let detail = text(&unknown.json(), "detail").to_owned();
            for (word, _) in *words {
                assert!(detail.contains(&format!("{word}, -{word}")), "{list}: {detail}");
            }
        }
        // A cursor that somebody made up is refused, whatever is in it; so is the id that older versions used.
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let nil = "00000000-0000-0000-0000-000000000000";
        let forged = |text: String| URL_SAFE_NO_PAD.encode(text);
        for cursor in [
            nil.to_owned(),
            forged(format!("username\n{nil}\na\u{0}")),
            forged(format!("updated_at\n{nil}\nx")),
            forged("username".to_owned()),
        ] {
            for sort in ["username", "updated_at", "created_at"] {
                let refused = send(
                    &fixture,
                    ("GET", &format!("users?sort={sort}&cursor={cursor}")),
                    &[],
                    None,
                )
                .await;
                assert_eq!(refused.refusal(), (400, "AD-104".to_owned()), "{sort} {cursor}");
            }
        }
    }
);

// The databases know only some letters themselves.
scenario!(
    what_is_searched_is_found_without_regard_to_letter_case_in_any_language,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        for (username, name) in [("u1", "Ünal Öztürk"), ("u2", "ЖАННА"), ("u3", "张_三%")] {
            let user = json!({ "username": username, "display_name": name });
            admin.create("users", user).await;
            fixture.portal(username, json!({ "name": name })).await;
        }
        for (typed, found) in [
            ("ünal", "u1"),
            ("Ünal", "u1"),
            ("ÖZT", "u1"),
            ("жанна", "u2"),
            ("Жан", "u2"),
            ("张_", "u3"),
            ("三%", "u3"),
        ] {
            let users = admin.items(&format!("users?q={}", encoded(typed))).await;
            assert_eq!((users.len(), text(&users[0], "username")), (1, found), "{typed}");
            let clients = admin.items(&format!("clients?q={}", encoded(typed))).await;
            assert_eq!((clients.len(), text(&clients[0], "client_id")), (1, found), "{typed}");
        }
        assert!(admin.items(&format!("users?q={}", encoded("ünül"))).await.is_empty());
    }
);

fn encoded(typed: &str) -> String {
    url::form_urlencoded::byte_serialize(typed.as_bytes()).collect()
}

scenario!(lists_are_filtered, |fixture: Fixture| async move {
    let source = filled(&fixture).await;
    let admin = fixture.admin();
    let names = |items: Vec<Value>, member: &'static str| -> BTreeSet<String> {
        items.iter().map(|item| text(item, member).to_owned()).collect()
    };
    let users = |query: &'static str| {
        let admin = &admin;
        async move { names(admin.items(&format!("users?limit=200&{query}")).await, "username") }
    };
    let (disabled, active) = (users("status=disabled").await, users("status=active").await);
    assert!(
        disabled.contains(sample::NORMAL) && active.contains("anna"),
        "{disabled:?} {active:?}"
    );
    assert!(disabled.is_disjoint(&active), "{disabled:?} {active:?}");
    assert_eq!(&disabled | &active, users("").await);
    assert_eq!(users("q=NN").await, BTreeSet::from(["anna".to_owned()]));
    assert!(users("console_role=admin").await.is_empty());
    let of_source = admin
        .items(&format!("users?limit=200&data_source={}", id(&source)))
        .await;
    assert!(!of_source.is_empty() && of_source.iter().all(|user| user["data_source_id"] == source["id"]));

    let members = admin.items("members?limit=200").await;
    let department = admin
        .items(&format!("departments?limit=200&data_source={}", id(&source)))
        .await
        .pop()
        .unwrap();
    let inside = admin
        .items(&format!("members?limit=200&department={}", id(&department)))
        .await;
    let is_inside = |member: &&Value| {
        let departments = member["departments"].as_array().unwrap();
        member["data_source_id"] == source["id"] && departments.contains(&department["wecom_id"])
    };
    let expected: Vec<Value> = members.iter().filter(is_inside).cloned().collect();
    assert_eq!(ids(&inside), ids(&expected));
    let found = admin
        .items(&format!("members?q={}", sample::NORMAL.to_uppercase()))
        .await;
    let found = names(found, "userid");
    assert!(
        !found.is_empty() && found.iter().all(|userid| userid.to_lowercase() == sample::NORMAL),
        "{found:?}"
    );
    assert_eq!(admin.items("members?state=departed").await.len(), 0);
    assert_eq!(
        admin.items("members?state=present&limit=200").await.len(),
        members.len()
    );
    let nowhere = "00000000-0000-0000-0000-000000000000";
    assert!(admin.items(&format!("members?department={nowhere}")).await.is_empty());

    assert_eq!(
        names(admin.items("clients?q=OAR").await, "client_id"),
        BTreeSet::from(["board".to_owned()])
    );
    let only = admin.items("auth-sources").await.remove(0);
    admin
        .change("clients/board", json!({ "auth_sources": [only["id"]] }))
        .await;
    let other = admin.items("auth-sources").await.remove(1);
    let accepting = names(
        admin.items(&format!("clients?auth_source={}", id(&other))).await,
        "client_id",
    );
    assert!(
        !accepting.contains("board") && accepting.contains("mail"),
        "{accepting:?}"
    );
    let accepting = names(
        admin.items(&format!("clients?auth_source={}", id(&only))).await,
        "client_id",
    );
    assert!(
        accepting.contains("board") && accepting.contains("mail"),
        "{accepting:?}"
    );
    admin.change("clients/board", json!({ "enabled": false })).await;
    assert_eq!(
        names(admin.items("clients?enabled=false").await, "client_id"),
        BTreeSet::from(["board".to_owned()])
    );

    for list in ["auth-sources", "wecom-apps"] {
        let found = admin.items(&format!("{list}?data_source={}", id(&source))).await;
        assert!(
            !found.is_empty() && found.iter().all(|item| item["corp_id"] == sample::CORP),
            "{list}: {found:?}"
        );
    }
    for list in ["data-sources", "auth-sources", "wecom-apps"] {
        let found = admin.items(&format!("{list}?corp_id={}", sample::CORP2)).await;
        assert!(
            !found.is_empty() && found.iter().all(|item| item["corp_id"] == sample::CORP2),
            "{list}: {found:?}"
        );
        assert!(admin.items(&format!("{list}?enabled=false")).await.is_empty(), "{list}");
    }

    let token = admin.items("api-tokens?role=auditor&limit=1").await.remove(0);
    admin.call("DELETE", &format!("api-tokens/{}", id(&token)), None).await;
    let revoked = admin.items("api-tokens?state=revoked").await;
    assert_eq!(ids(&revoked), ids(&[token]));
    assert_eq!(admin.items("api-tokens?state=valid&role=auditor").await.len(), 3);
    assert!(admin.items("api-tokens?state=expired").await.is_empty());

    let sessions = admin.items(&format!("sessions?auth_source={}", id(&only))).await;
    assert!(
        sessions.iter().all(|session| session["auth_source_id"] == only["id"]),
        "{sessions:?}"
    );
    assert!(admin.items(&format!("sessions?auth_source={nowhere}")).await.is_empty());
    let tags = admin.items("tags?limit=200").await;
    let tag = tags[0]["name"].as_str().unwrap();
    assert!(
        admin
            .items(&format!("tags?q={tag}"))
            .await
            .iter()
            .all(|found| text(found, "name").contains(tag))
    );
});
