//! Several admins who decide at the same moment.

use serde_json::json;
use simulator::sample;

use super::{conflict, in_conflict};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
    sync::member,
};

scenario!(
    of_several_admins_who_decide_at_once_one_does,
    |fixture: Fixture| async move {
        let (local, _) = in_conflict(&fixture).await;
        let decisions = [
            ("link", json!({ "user_id": local["id"] })),
            ("rename", json!({ "username": "li.hua" })),
            ("rename", json!({ "username": "lihua.2" })),
            ("ignore", json!({})),
        ];
        let admin = fixture.admin();
        let path = format!("conflicts/{}", id(&member(&fixture, sample::NORMAL).await));
        let calls = decisions.map(|(action, body)| {
            let (admin, path) = (&admin, &path);
            async move { admin.call("POST", &format!("{path}/{action}"), Some(body)).await }
        });
        let replies = futures_util::future::join_all(calls).await;
        let held = member(&fixture, sample::NORMAL).await;
        // Whoever ignores first may be followed by one who links or renames; but there is one user at the end, or none.
        let became = replies
            .iter()
            .filter(|reply| reply.status == 200 && reply.body["user_id"].is_string())
            .count();
        assert_eq!(became, usize::from(held["user_id"].is_string()), "{held}");
        assert_eq!(became, 1, "of three who would make them a user one wins");
        let new = admin.items("users?q=li&limit=200").await;
        let new = new
            .iter()
            .filter(|user| ["li.hua", "lihua.2"].contains(&text(user, "username")))
            .count();
        assert!(new <= 1, "both names were given");
        for reply in &replies {
            assert!(reply.status == 200 || reply.status == 409, "{}", reply.body);
        }
    }
);

scenario!(
    a_user_can_be_only_one_members_however_many_admins_link_at_once,
    |fixture: Fixture| async move {
        for username in [sample::NORMAL, sample::ADMIN] {
            fixture.admin().create("users", json!({ "username": username })).await;
        }
        let wanted = fixture.admin().create("users", json!({ "username": "wanted" })).await;
        fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
        let body = json!({ "user_id": wanted["id"] });
        let (one, other) = futures_util::future::join(
            conflict(&fixture, sample::NORMAL, "link", body.clone()),
            conflict(&fixture, sample::ADMIN, "link", body.clone()),
        )
        .await;
        let mut statuses = [one.refusal(), other.refusal()];
        statuses.sort_unstable();
        assert_eq!(statuses, [(200, ""), (409, "DI-229")]);
        let user = fixture.admin().get(&format!("users/{}", id(&wanted))).await;
        assert_eq!(user["members"].as_array().unwrap().len(), 1);
    }
);
