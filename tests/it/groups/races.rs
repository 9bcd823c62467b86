//! Groups that many change at once.

use futures_util::future::join_all;
use serde_json::json;

use super::{group, log_of};
use crate::{actors::id, fixture::Fixture, scenario};

const TRIES: usize = 100;

scenario!(
    of_a_hundred_parallel_admissions_of_one_person_one_is_made_and_recorded,
    |fixture: Fixture| async move {
        let (admin, ops) = (fixture.admin(), group(&fixture, "ops").await);
        let anna = admin.create("users", json!({ "username": "anna" })).await;
        let (path, body) = (format!("groups/{}/users", id(&ops)), json!({ "users": [anna["id"]] }));
        let (admin, path) = (&admin, &path);
        let tries = (0..TRIES).map(|_| admin.call("POST", path, Some(body.clone())));
        for reply in join_all(tries).await {
            assert_eq!((reply.status, &reply.body["users"]), (200, &json!(1)), "{}", reply.body);
        }
        let log = log_of(&fixture, &ops).await;
        let added = log.iter().filter(|event| event["detail"]["action"] == "user_added");
        assert_eq!(added.count(), 1, "{log:?}");
        let one = format!("{path}/{}", id(&anna));
        let tries = (0..TRIES).map(|_| admin.call("DELETE", &one, None));
        let removed = join_all(tries).await;
        assert_eq!(removed.iter().filter(|reply| reply.status == 204).count(), 1);
        assert!(removed.iter().all(|reply| [204, 404].contains(&reply.status)));
    }
);

// A portal whose only list names a group that is gone would let nobody in, and one whose list is emptied everybody.
scenario!(
    a_group_is_either_named_by_a_portal_or_deleted,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        for turn in 0..10 {
            let ops = group(&fixture, &format!("ops {turn}")).await;
            let portal = fixture.portal(&format!("wiki-{turn}"), json!({})).await;
            let (group_path, client) = (format!("groups/{}", id(&ops)), format!("clients/{}", portal.id));
            let names = json!({ "allowed_groups": [ops["id"]] });
            let (named, deleted) = futures_util::future::join(
                admin.call("PATCH", &client, Some(names)),
                admin.call("DELETE", &group_path, None),
            )
            .await;
            let outcome = (named.status, deleted.status);
            assert!(
                [(200, 409), (422, 204)].contains(&outcome),
                "{outcome:?} {} {}",
                named.body,
                deleted.body
            );
            let stands = admin.get(&client).await["allowed_groups"].as_array().unwrap().len();
            assert_eq!(stands, usize::from(named.status == 200));
        }
    }
);
