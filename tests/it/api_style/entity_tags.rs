//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110, sections 8.8.3 and 13.1).

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use simulator::sample;

use super::send;
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

const TRIES: usize = 100;

/// One resource of each kind that can be changed: its path, and a change.
async fn resources(fixture: &Fixture) -> Vec<(String, Value)> {
    let source = fixture.connect().await;
    let auth_source = fixture.auth_source(sample::CORP).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let user = fixture.admin().create("users", json!({ "username": "anna" })).await;
    let hook = json!({ "kind": "webhook", "name": "hook", "url": "https://hook.example/x" });
    let channel = fixture.admin().create("notice-channels", hook).await;
    let told = json!({ "channel_id": channel["id"], "topics": ["alert"] });
    let subscription = fixture.admin().create("notice-subscriptions", told).await;
    let group = fixture.admin().create("groups", json!({ "name": "ops" })).await;
    vec![
        (format!("groups/{}", id(&group)), json!({ "name": "neu" })),
        (format!("notice-channels/{}", id(&channel)), json!({ "name": "neu" })),
        (
            format!("notice-subscriptions/{}", id(&subscription)),
            json!({ "utc_offset": 60 }),
        ),
        (format!("data-sources/{}", id(&source)), json!({ "description": "neu" })),
        (format!("auth-sources/{}", id(&auth_source)), json!({ "name": "neu" })),
        (format!("clients/{}", portal.id), json!({ "name": "neu" })),
        (format!("users/{}", id(&user)), json!({ "display_name": "neu" })),
    ]
}

scenario!(
    each_resource_that_can_be_changed_has_a_strong_tag_that_follows_its_state,
    |fixture: Fixture| async move {
        for (path, change) in resources(&fixture).await {
            let first = send(&fixture, ("GET", &path), &[], None).await;
            let tag = first.tag();
            assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
            assert_eq!(send(&fixture, ("GET", &path), &[], None).await.tag(), tag, "{path}");
            let changed = send(&fixture, ("PATCH", &path), &[("if-match", &tag)], Some(change.clone())).await;
            assert_eq!(changed.status, 200, "{path}: {}", changed.text);
            let after = changed.tag();
            assert_ne!(after, tag, "{path}");
            assert_eq!(send(&fixture, ("GET", &path), &[], None).await.tag(), after, "{path}");
            // What changes nothing leaves the tag.
            let same = send(&fixture, ("PATCH", &path), &[("if-match", &after)], Some(change)).await;
            assert_eq!((same.status, same.tag()), (200, after), "{path}");
        }
    }
);

scenario!(
    creations_carry_the_tag_of_what_they_made,
    |fixture: Fixture| async move {
        let bodies = [
            ("users", json!({ "username": "anna" })),
            (
                "clients",
                json!({ "name": "x", "redirect_uris": ["https://x.portal.example/cb"] }),
            ),
            (
                "data-sources",
                json!({ "name": "x", "corp_id": "wwx", "save_anyway": true }),
            ),
        ];
        for (list, body) in bodies {
            let made = send(&fixture, ("POST", list), &[], Some(body)).await;
            assert_eq!(made.status, 201, "{list}: {}", made.text);
            let path = format!("{list}/{}", id(&made.json()));
            assert_eq!(
                send(&fixture, ("GET", &path), &[], None).await.tag(),
                made.tag(),
                "{list}"
            );
        }
    }
);

scenario!(
    a_change_of_another_state_is_refused_and_changes_nothing,
    |fixture: Fixture| async move {
        for (path, change) in resources(&fixture).await {
            let before = send(&fixture, ("GET", &path), &[], None).await;
            let weak = format!("W/{}", before.tag());
            for stale in ["\"stale\"", weak.as_str(), "\"a\", W/\"b\""] {
                for method in ["PATCH", "DELETE"] {
                    let body = (method == "PATCH").then(|| change.clone());
                    let refused = send(&fixture, (method, &path), &[("if-match", stale)], body).await;
                    assert_eq!(refused.refusal(), (412, "AD-114".to_owned()), "{method} {path} {stale}");
                }
            }
            for malformed in ["", "stale", "\"a", "\"a\" \"b\"", "*, \"a\""] {
                let refused = send(
                    &fixture,
                    ("PATCH", &path),
                    &[("if-match", malformed)],
                    Some(change.clone()),
                )
                .await;
                assert_eq!(refused.refusal(), (400, "AD-115".to_owned()), "{path} {malformed:?}");
            }
            let after = send(&fixture, ("GET", &path), &[], None).await;
            assert_eq!((after.tag(), &after.text), (before.tag(), &before.text), "{path}");
            // A list with the tag, and the star, hold.
            let list = format!("\"stale\", {}", before.tag());
            for holds in [list.as_str(), "*"] {
                let changed = send(&fixture, ("PATCH", &path), &[("if-match", holds)], Some(change.clone())).await;
                assert_eq!(changed.status, 200, "{path} {holds}: {}", changed.text);
            }
        }
        // The last first: auth sources are named by nobody here, and nothing hangs on the order.
        for (path, _) in resources_that_are_there(&fixture).await.into_iter().rev() {
            let tag = send(&fixture, ("GET", &path), &[], None).await.tag();
            let removed = send(&fixture, ("DELETE", &path), &[("if-match", &tag)], None).await;
            assert_eq!(removed.status, 204, "{path}: {}", removed.text);
            assert_eq!(send(&fixture, ("GET", &path), &[], None).await.status, 404, "{path}");
        }
    }
);

async fn resources_that_are_there(fixture: &Fixture) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for list in ["data-sources", "auth-sources", "clients"] {
        for item in fixture.admin().items(list).await {
            found.push((format!("{list}/{}", id(&item)), item));
        }
    }
    let anna = fixture.admin().user("anna").await;
    found.push((format!("users/{}", id(&anna)), anna));
    found
}

scenario!(
    of_100_parallel_changes_with_one_tag_exactly_one_wins,
    |fixture: Fixture| async move {
        for (path, change) in resources(&fixture).await {
            let field = change.as_object().unwrap().keys().next().unwrap().clone();
            let tag = send(&fixture, ("GET", &path), &[], None).await.tag();
            let tries = (0..TRIES).map(|number| {
                let value = match field.as_str() {
                    "utc_offset" => json!(number),
                    _ => json!(format!("try {number}")),
                };
                let body = json!({ (field.as_str()): value });
                let (fixture, path, tag) = (&fixture, &path, &tag);
                async move { send(fixture, ("PATCH", path), &[("if-match", tag)], Some(body)).await }
            });
            let answers = join_all(tries).await;
            let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
            assert_eq!(won.len(), 1, "{path}");
            for lost in answers.iter().filter(|answer| answer.status != 200) {
                assert_eq!(lost.refusal(), (412, "AD-114".to_owned()), "{path}");
            }
            let shown = fixture.admin().get(&path).await;
            assert_eq!(shown[&field], won[0].json()[&field], "{path}");
        }
    }
);

scenario!(bookkeeping_leaves_the_tag_alone, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let member = fixture.admin().user(sample::NORMAL).await;
    let auth_source = fixture.auth_source(sample::CORP).await;
    let paths = [
        format!("data-sources/{}", id(&source)),
        format!("auth-sources/{}", id(&auth_source)),
        format!("users/{}", id(&member)),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(send(&fixture, ("GET", path), &[], None).await);
    }
    fixture.advance(std::time::Duration::from_secs(3600));
    fixture.sync(id(&source)).await;
    let probed = send(
        &fixture,
        ("POST", &format!("data-sources/{}/probe", id(&source))),
        &[],
        None,
    )
    .await;
    assert_eq!(probed.status, 200, "{}", probed.text);
    for (path, before) in paths.iter().zip(before) {
        let after = send(&fixture, ("GET", path), &[], None).await;
        assert_eq!(after.tag(), before.tag(), "{path}");
    }
    let shown = fixture.admin().get(&paths[0]).await;
    assert_ne!(shown["last_synced_at"], source["last_synced_at"]);
});

scenario!(secrets_change_the_tag, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let path = format!("data-sources/{}", id(&source));
    let before = send(&fixture, ("GET", &path), &[], None).await.tag();
    // The same secret once more: it is sealed anew, and whoever read the tag before is told so.
    for secret in [
        json!({ "contacts_secret": sample::CONTACTS_SECRET }),
        json!({ "app": { "secret": sample::APP_SECRET } }),
    ] {
        let tag = send(&fixture, ("GET", &path), &[], None).await.tag();
        let changed = send(&fixture, ("PATCH", &path), &[("if-match", &tag)], Some(secret)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_ne!(changed.tag(), tag);
    }
    assert_ne!(send(&fixture, ("GET", &path), &[], None).await.tag(), before);
    let portal = fixture.portal("wiki", json!({})).await;
    let (path, rotate) = (
        format!("clients/{}", portal.id),
        format!("clients/{}/secret", portal.id),
    );
    let tag = send(&fixture, ("GET", &path), &[], None).await.tag();
    let rotated = send(&fixture, ("POST", &rotate), &[("if-match", &tag)], None).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    assert_ne!(rotated.tag(), tag);
    assert_eq!(send(&fixture, ("GET", &path), &[], None).await.tag(), rotated.tag());
    let again = send(&fixture, ("POST", &rotate), &[("if-match", &tag)], None).await;
    assert_eq!(again.refusal(), (412, "AD-114".to_owned()));
});

scenario!(readers_are_told_what_they_have_already, |fixture: Fixture| async move {
    // A group is shown with what its tag does not stand for: who is in it, and which portals name it.
    let with_tags = resources(&fixture).await.into_iter();
    for (path, change) in with_tags.filter(|(path, _)| !path.starts_with("groups/")) {
        let tag = send(&fixture, ("GET", &path), &[], None).await.tag();
        let weak = format!("W/{tag}");
        for known in [tag.as_str(), weak.as_str(), "*"] {
            let same = send(&fixture, ("GET", &path), &[("if-none-match", known)], None).await;
            assert_eq!(
                (same.status, same.text.as_str(), same.tag()),
                (304, "", tag.clone()),
                "{path} {known}"
            );
        }
        fixture.admin().change(&path, change).await;
        let other = send(&fixture, ("GET", &path), &[("if-none-match", &tag)], None).await;
        assert_eq!(other.status, 200, "{path}");
        let gone = send(&fixture, ("GET", &path), &[("if-match", &tag)], None).await;
        assert_eq!(gone.refusal(), (412, "AD-114".to_owned()), "{path}");
    }
});

scenario!(
    a_precondition_is_never_ignored_in_silence,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let token = admin
            .create("api-tokens", json!({ "name": "t", "role": "auditor" }))
            .await;
        let token = format!("api-tokens/{}", id(&token));
        let user = admin.create("users", json!({ "username": "anna" })).await;
        let user = format!("users/{}", id(&user));
        let link = format!("{user}/password-link");
        let refused = (412, "AD-116".to_owned());
        for (request, header) in [
            (("DELETE", token.as_str()), "if-match"),
            (("POST", link.as_str()), "if-match"),
            (("GET", "users"), "if-match"),
            (("GET", token.as_str()), "if-match"),
            (("DELETE", token.as_str()), "if-none-match"),
            (("DELETE", user.as_str()), "if-none-match"),
        ] {
            let answer = send(&fixture, request, &[(header, "\"x\"")], None).await;
            assert_eq!(answer.refusal(), refused, "{request:?} {header}");
        }
        assert_eq!(text(&admin.get(&user).await, "username"), "anna");
        assert_eq!(admin.get(&token).await["revoked_at"], Value::Null);
        // The whole answer is right for whoever has an older one.
        let list = send(&fixture, ("GET", "users"), &[("if-none-match", "\"x\"")], None).await;
        assert_eq!(list.status, 200);
    }
);

// Both tags stand for the secret of one app.
scenario!(
    of_two_who_change_the_secret_of_one_app_by_its_two_resources_one_wins,
    |fixture: Fixture| async move {
        let source = format!("data-sources/{}", id(&fixture.connect().await));
        let auth_source = format!("auth-sources/{}", id(&fixture.auth_source(sample::CORP).await));
        let changes = [
            (&source, json!({ "app": { "secret": sample::APP_SECRET } })),
            (&auth_source, json!({ "app_secret": sample::APP_SECRET })),
        ];
        for _ in 0..2 {
            let patch = async |(path, body): &(&String, Value), tag: &str| {
                send(&fixture, ("PATCH", path), &[("if-match", tag)], Some(body.clone())).await
            };
            let first = send(&fixture, ("GET", &source), &[], None).await.tag();
            let second = send(&fixture, ("GET", &auth_source), &[], None).await.tag();
            let (one, two) = join(patch(&changes[0], &first), patch(&changes[1], &second)).await;
            let mut statuses = [one.status, two.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 412], "{} {}", one.text, two.text);
        }
    }
);
