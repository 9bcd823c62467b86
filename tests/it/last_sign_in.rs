//! When people signed in last: known for each user, whatever became of the session, and what lists are filtered and sorted by.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Admin, As, id},
    backends::number,
    fixture::Fixture,
    scenario,
};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Shorter than a session lasts.
const HOURS: Duration = Duration::from_secs(2 * 3600);

async fn last_sign_in(admin: &Admin, username: &str) -> Option<i64> {
    admin.user(username).await["last_sign_in_at"].as_i64()
}

async fn names(admin: &Admin, query: &str) -> Vec<String> {
    let found = admin.items(&format!("users?limit=200{query}")).await;
    let name = |user: &Value| user["username"].as_str().unwrap().to_owned();
    found.iter().map(name).collect()
}

scenario!(
    people_are_found_by_when_they_signed_in_last_whatever_became_of_the_session,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let admin = fixture.admin();
        let everybody = names(&admin, "").await.len();
        let opened = last_sign_in(&admin, sample::NORMAL).await.unwrap();
        let session = &admin.items("sessions").await[0];
        assert_eq!(
            session["auth_time"].as_i64().unwrap() / 1000,
            opened / 1000,
            "{session}"
        );
        assert_eq!(last_sign_in(&admin, sample::ADMIN).await, None);
        assert_eq!(names(&admin, "&signed_in=never").await.len(), everybody - 1);
        assert_eq!(names(&admin, "&signed_in=within-7d").await, [sample::NORMAL]);
        assert!(names(&admin, "&signed_in=before-7d").await.is_empty());

        // A portal entered by the same session is no sign-in; proving it anew in the same browser is one.
        fixture.advance(HOURS);
        portal.tokens_silently(&browser, &[]).await;
        assert_eq!(last_sign_in(&admin, sample::NORMAL).await, Some(opened));
        let again = portal.authorize_url(&[("prompt", "login")]);
        portal
            .sign_in_at(&fixture, &browser, As::Member(sample::NORMAL), &again)
            .await;
        let renewed = last_sign_in(&admin, sample::NORMAL).await.unwrap();
        assert!(
            renewed - opened >= i64::try_from(HOURS.as_millis()).unwrap(),
            "{renewed}"
        );

        // Nor does it go with the session.
        fixture.advance(60 * DAY);
        fixture.app.tick().await.unwrap();
        let left = number(fixture.database_url(), "SELECT count(*) FROM session").await;
        assert_eq!(left, 0, "swept");
        assert_eq!(last_sign_in(&admin, sample::NORMAL).await, Some(renewed));
        assert_eq!(names(&admin, "&signed_in=before-7d").await, [sample::NORMAL]);
        assert!(names(&admin, "&signed_in=within-30d").await.is_empty());
        assert_eq!(names(&admin, "&signed_in=within-90d&q=li").await, [sample::NORMAL]);
        assert!(names(&admin, "&signed_in=never&q=lihua").await.is_empty());
    }
);

scenario!(
    a_list_sorted_by_the_last_sign_in_has_everybody_once_page_by_page,
    |fixture: Fixture| async move {
        let (portal, ..) = fixture.signed_in().await;
        let admin = fixture.admin();
        fixture.advance(DAY);
        portal.tokens(&fixture, &fixture.browser(), sample::ADMIN).await;
        let mut paged = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = admin.get(&format!("users?limit=2&sort=-last_sign_in_at{cursor}")).await;
            paged.extend(page["items"].as_array().unwrap().iter().map(|user| id(user).to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let first = [admin.user_id(sample::ADMIN).await, admin.user_id(sample::NORMAL).await];
        assert_eq!(paged[..2], first);
        let mut upwards: Vec<String> = admin
            .items("users?limit=200&sort=last_sign_in_at")
            .await
            .iter()
            .map(|user| id(user).to_owned())
            .collect();
        upwards.reverse();
        assert_eq!(paged, upwards);
        let active = admin
            .items("users?limit=200&sort=-last_sign_in_at&status=active&q=a")
            .await;
        assert!(active.iter().all(|user| user["status"] == "active"), "{active:?}");

        // A row for each user, and none of anybody who is gone.
        let user = admin.create("users", json!({ "username": "anna" })).await;
        admin.call("DELETE", &format!("users/{}", first[1]), None).await;
        for (count, expected) in [
            (
                "SELECT count(*) FROM users WHERE id NOT IN (SELECT user_id FROM last_sign_in)",
                0,
            ),
            (
                "SELECT count(*) FROM last_sign_in WHERE user_id NOT IN (SELECT id FROM users)",
                0,
            ),
        ] {
            assert_eq!(number(fixture.database_url(), count).await, expected, "{count}");
        }
        assert!(
            names(&admin, "&signed_in=never").await.contains(&"anna".to_owned()),
            "{user}"
        );
        for wrong in ["ever", "within-0d", "within-4000d", "before-x"] {
            let refused = admin.call("GET", &format!("users?signed_in={wrong}"), None).await;
            assert_eq!(refused.refusal(), (422, "AD-105"), "{wrong}");
        }
    }
);

scenario!(
    people_of_a_department_are_those_whose_member_is_in_it,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let admin = fixture.admin();
        let departments = admin
            .items(&format!("departments?data_source={}&limit=200", id(&source)))
            .await;
        let mut found = 0;
        for department in &departments {
            let members = admin
                .items(&format!(
                    "members?state=present&limit=200&department={}",
                    id(department)
                ))
                .await;
            let mut linked: Vec<&str> = members.iter().filter_map(|member| member["user_id"].as_str()).collect();
            linked.sort_unstable();
            let users = admin
                .items(&format!("users?limit=200&department={}", id(department)))
                .await;
            let mut users: Vec<&str> = users.iter().map(id).collect();
            users.sort_unstable();
            assert_eq!(users, linked, "{department}");
            found += users.len();
        }
        assert!(found > 3, "{found}");
        let nowhere = admin
            .items("users?department=00000000-0000-7000-8000-000000000001")
            .await;
        assert!(nowhere.is_empty());
    }
);
