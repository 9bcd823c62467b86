//! People with a console role over the admin API: who they are, who appoints them, and that the last one of the highest role stays.

use serde_json::json;

use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// A moment to come, milliseconds.
const FAR: i64 = 4_000_000_000_000;

async fn made(fixture: &Fixture, username: &str) -> String {
    let user = fixture.admin().create("users", json!({ "username": username })).await;
    id(&user).to_owned()
}

scenario!(
    somebody_is_appointed_promoted_and_dismissed,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let (anna, bert) = (made(&fixture, "anna").await, made(&fixture, "bert").await);
        assert_eq!(admin.items("operators").await.len(), 0);
        let path = format!("operators/{anna}");
        assert_eq!(
            admin.call("GET", &path, None).await.refusal(),
            (404, "DI-102"),
            "a user like any other"
        );
        let appointed = admin.call("PUT", &path, Some(json!({ "role": "auditor" }))).await;
        assert_eq!((appointed.status, text(&appointed.body, "role")), (200, "auditor"));
        admin.call("PUT", &path, Some(json!({ "role": "admin" }))).await;
        admin
            .call("PUT", &format!("operators/{bert}"), Some(json!({ "role": "operator" })))
            .await;
        let admins = admin.items("operators?role=admin").await;
        assert_eq!((admins.len(), text(&admins[0], "username")), (1, "anna"));
        assert_eq!(admin.items("operators").await.len(), 2);
        assert_eq!(
            admin.user("anna").await["console_role"],
            "admin",
            "the same fact as the user's"
        );

        assert_eq!(
            admin.call("DELETE", &format!("operators/{bert}"), None).await.status,
            204
        );
        let gone = admin.call("DELETE", &format!("operators/{bert}"), None).await;
        assert_eq!(gone.refusal(), (404, "DI-102"));
        assert_eq!(admin.user("bert").await["status"], "active", "they stay a user");
        for rubbish in [
            json!({ "role": "king" }),
            json!({}),
            json!({ "role": null }),
            json!({ "role": "admin", "x": 1 }),
        ] {
            let refused = admin.call("PUT", &path, Some(rubbish.clone())).await;
            assert!((400..500).contains(&refused.status), "{rubbish}: {}", refused.body);
        }
        let unknown = admin.call("GET", "operators?role=king", None).await;
        assert_eq!(unknown.refusal(), (422, "AD-105"));
    }
);

scenario!(
    the_last_one_of_the_highest_role_stays_whichever_way_is_tried,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let (anna, bert) = (made(&fixture, "anna").await, made(&fixture, "bert").await);
        let (path, user) = (format!("operators/{anna}"), format!("users/{anna}"));
        let highest = json!({ "role": "owner" });
        admin.call("PUT", &path, Some(highest.clone())).await;
        // Ways by which nobody would be left.
        let ways = [
            ("DELETE", &path, None),
            ("PUT", &path, Some(json!({ "role": "auditor" }))),
            ("PATCH", &user, Some(json!({ "console_role": null }))),
            ("PATCH", &user, Some(json!({ "status": "disabled" }))),
            ("PATCH", &user, Some(json!({ "access_until": FAR }))),
            ("DELETE", &user, None),
        ];
        for (method, path, body) in ways {
            let refused = admin.call(method, path, body).await;
            assert_eq!(refused.refusal(), (409, "DI-249"), "{method} {path}: {}", refused.body);
        }
        assert_eq!(
            admin.call("PUT", &path, Some(highest.clone())).await.status,
            200,
            "the same role is no loss"
        );
        // Somebody disabled is nobody who could act.
        let other = format!("operators/{bert}");
        admin.call("PUT", &other, Some(highest)).await;
        admin
            .change(&format!("users/{bert}"), json!({ "status": "disabled" }))
            .await;
        assert_eq!(admin.call("DELETE", &path, None).await.refusal(), (409, "DI-249"));
        admin
            .change(&format!("users/{bert}"), json!({ "status": "active" }))
            .await;
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        let last = admin.items("operators").await;
        assert_eq!((last.len(), text(&last[0], "username")), (1, "bert"));
    }
);

scenario!(
    only_who_may_give_console_roles_appoints,
    |fixture: Fixture| async move {
        let anna = made(&fixture, "anna").await;
        let path = format!("operators/{anna}");
        for role in ["auditor", "operator"] {
            let caller = fixture.admin_with_role(role).await;
            let refused = caller.call("PUT", &path, Some(json!({ "role": "auditor" }))).await;
            assert_eq!(refused.refusal(), (403, "AD-103"), "{role}");
            assert_eq!(
                caller.call("DELETE", &path, None).await.refusal(),
                (403, "AD-103"),
                "{role}"
            );
        }
        assert_eq!(fixture.admin().items("operators").await.len(), 0);
    }
);

scenario!(
    two_who_dismiss_each_other_at_once_leave_one,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let mut paths = Vec::new();
        for username in ["anna", "bert"] {
            let path = format!("operators/{}", made(&fixture, username).await);
            admin.call("PUT", &path, Some(json!({ "role": "owner" }))).await;
            paths.push(path);
        }
        for _ in 0..5 {
            let both = futures_util::future::join(
                admin.call("DELETE", &paths[0], None),
                admin.call("DELETE", &paths[1], None),
            );
            let (one, two) = both.await;
            let mut statuses = [one.status, two.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [204, 409], "{} {}", one.body, two.body);
            for path in &paths {
                admin.call("PUT", path, Some(json!({ "role": "owner" }))).await;
            }
        }
    }
);

scenario!(
    an_admin_appoints_and_dismisses_all_but_owners,
    |fixture: Fixture| async move {
        let admin = fixture.admin_with_role("admin").await;
        let path = format!("operators/{}", made(&fixture, "anna").await);
        for role in ["auditor", "operator", "admin"] {
            let appointed = admin.call("PUT", &path, Some(json!({ "role": role }))).await;
            assert_eq!(
                (appointed.status, text(&appointed.body, "role")),
                (200, role),
                "{}",
                appointed.body
            );
        }
        let owner = json!({ "role": "owner" });
        let refused = admin.call("PUT", &path, Some(owner.clone())).await;
        assert_eq!(refused.refusal(), (403, "DI-107"));
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);

        for username in ["bert", "carl"] {
            let path = format!("operators/{}", made(&fixture, username).await);
            let appointed = fixture.admin().call("PUT", &path, Some(owner.clone())).await;
            assert_eq!(appointed.status, 200, "{}", appointed.body);
            for (method, body) in [("PUT", Some(json!({ "role": "auditor" }))), ("DELETE", None)] {
                let refused = admin.call(method, &path, body).await;
                assert_eq!(refused.refusal(), (403, "DI-107"), "{method} {username}");
            }
        }
        assert_eq!(fixture.admin().items("operators?role=owner").await.len(), 2);
    }
);

scenario!(
    one_of_the_highest_role_has_no_date_on_which_they_go,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let (anna, bert) = (made(&fixture, "anna").await, made(&fixture, "bert").await);
        for user in [&anna, &bert] {
            let path = format!("operators/{user}");
            admin.call("PUT", &path, Some(json!({ "role": "owner" }))).await;
        }
        let until = json!({ "access_until": FAR });
        admin.change(&format!("users/{anna}"), until.clone()).await;
        let refused = admin.call("PATCH", &format!("users/{bert}"), Some(until.clone())).await;
        assert_eq!(refused.refusal(), (409, "DI-249"), "{}", refused.body);
        let refused = admin.call("DELETE", &format!("operators/{bert}"), None).await;
        assert_eq!(refused.refusal(), (409, "DI-249"), "{}", refused.body);
        admin
            .change(&format!("users/{anna}"), json!({ "access_until": null }))
            .await;
        admin.change(&format!("users/{bert}"), until).await;
    }
);
