//! Entity tags of what is replaced as a whole: the branding, and the role of an operator.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Answer, send};
use crate::{actors::id, fixture::Fixture, scenario};

/// As many at once as the branding is changed in one moment.
const TRIES: usize = 20;

async fn operator(fixture: &Fixture) -> (String, String) {
    let user = fixture.admin().create("users", json!({ "username": "anna" })).await;
    let (user, operator) = (format!("users/{}", id(&user)), format!("operators/{}", id(&user)));
    let appointed = send(fixture, ("PUT", &operator), &[], Some(json!({ "role": "auditor" }))).await;
    assert_eq!(appointed.status, 200, "{}", appointed.text);
    (user, operator)
}

async fn read(fixture: &Fixture, path: &str) -> Answer {
    send(fixture, ("GET", path), &[], None).await
}

/// The tag follows the state, a reader who has it is told so, and a change of another state is refused and changes nothing.
async fn assert_tagged(fixture: &Fixture, (method, path): (&str, &str), [first, second]: [Value; 2]) {
    let before = read(fixture, path).await;
    let tag = before.tag();
    let known = send(fixture, ("GET", path), &[("if-none-match", &tag)], None).await;
    // An operator is shown with more than the tag stands for.
    let (status, text) = match path.starts_with("operators/") {
        true => (200, before.text.as_str()),
        false => (304, ""),
    };
    assert_eq!((known.status, known.text.as_str()), (status, text), "{path}");
    let changed = send(fixture, (method, path), &[("if-match", &tag)], Some(first)).await;
    assert_eq!(changed.status, 200, "{path}: {}", changed.text);
    assert_ne!(changed.tag(), tag, "{path}");
    let after = read(fixture, path).await;
    assert_eq!(after.tag(), changed.tag(), "{path}");
    let refused = send(fixture, (method, path), &[("if-match", &tag)], Some(second)).await;
    assert_eq!(refused.refusal(), (412, "AD-114".to_owned()), "{path}");
    let malformed = send(fixture, (method, path), &[("if-match", "x")], Some(json!({}))).await;
    assert_eq!(malformed.refusal(), (400, "AD-115".to_owned()), "{path}");
    assert_eq!(read(fixture, path).await.text, after.text, "{path}");
}

scenario!(
    the_branding_and_the_roles_of_operators_are_changed_in_the_state_that_was_read,
    |fixture: Fixture| async move {
        let names = [json!({ "name": "One" }), json!({ "name": "Two" })];
        assert_tagged(&fixture, ("PUT", "branding"), names.clone()).await;
        let names = names.map(|mut name| {
            name["accent"] = json!("#0b7a4b");
            name
        });
        assert_tagged(&fixture, ("PATCH", "branding"), names.clone()).await;
        let source = fixture.connect().await;
        let companys = format!("data-sources/{}/branding", id(&source));
        for method in ["PUT", "PATCH"] {
            assert_tagged(&fixture, (method, &companys), names.clone()).await;
            assert_eq!(fixture.admin().call("DELETE", &companys, None).await.status, 204);
        }
        let topics = [json!({ "topics": [] }), json!({ "topics": ["new_sign_in"] })];
        assert_tagged(&fixture, ("PATCH", "personal-notices"), topics).await;
        let (_, operator) = operator(&fixture).await;
        let roles = [json!({ "role": "admin" }), json!({ "role": "owner" })];
        assert_tagged(&fixture, ("PUT", &operator), roles).await;
    }
);

scenario!(
    the_logo_is_a_part_of_the_branding_that_its_tag_stands_for,
    |fixture: Fixture| async move {
        let tag = read(&fixture, "branding").await.tag();
        let put = async |tag: &str| {
            let request = fixture
                .http
                .put(format!("{}/api/v1/branding/logo", fixture.base))
                .bearer_auth(crate::fixture::ADMIN_TOKEN)
                .header("if-match", tag)
                .body(crate::branding::png(32, 32));
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.headers().get("etag").cloned())
        };
        assert_eq!(put("\"stale\"").await.0, 412);
        let (status, after) = put(&tag).await;
        let after = after.unwrap().to_str().unwrap().to_owned();
        assert_eq!((status, read(&fixture, "branding").await.tag()), (200, after.clone()));
        assert_ne!(after, tag);
        let remove = async |tag: &str| send(&fixture, ("DELETE", "branding/logo"), &[("if-match", tag)], None).await;
        assert_eq!(remove(&tag).await.refusal(), (412, "AD-114".to_owned()));
        assert_eq!(remove(&after).await.status, 204);
        assert_eq!(read(&fixture, "branding").await.tag(), tag, "as it was");
    }
);

// Where nothing was ever entered there is no row that a change could lock.
scenario!(
    of_parallel_changes_of_the_branding_with_one_tag_one_wins,
    |fixture: Fixture| async move {
        for _ in 0..2 {
            let tag = read(&fixture, "branding").await.tag();
            let tries = (0..TRIES).map(|number| {
                let (fixture, tag) = (&fixture, &tag);
                let body = json!({ "name": format!("{tag} {number}").chars().take(40).collect::<String>() });
                async move { send(fixture, ("PATCH", "branding"), &[("if-match", tag)], Some(body)).await }
            });
            let mut won = 0;
            for answer in join_all(tries).await {
                match answer.status {
                    200 => won += 1,
                    _ => assert_eq!(answer.refusal(), (412, "AD-114".to_owned()), "{}", answer.text),
                }
            }
            assert_eq!(won, 1);
        }
    }
);

scenario!(
    an_operators_tag_is_that_of_their_user_and_demands_that_they_are_one,
    |fixture: Fixture| async move {
        let (user, operator) = operator(&fixture).await;
        let tag = read(&fixture, &operator).await.tag();
        assert_eq!(read(&fixture, &user).await.tag(), tag);
        fixture.admin().change(&user, json!({ "status": "disabled" })).await;
        let dismiss = async |tag: &str| send(&fixture, ("DELETE", &operator), &[("if-match", tag)], None).await;
        assert_eq!(dismiss(&tag).await.refusal(), (412, "AD-114".to_owned()));
        let tag = read(&fixture, &operator).await.tag();
        assert_eq!(dismiss(&tag).await.status, 204);
        for tag in ["*", read(&fixture, &user).await.tag().as_str()] {
            let role = Some(json!({ "role": "auditor" }));
            let refused = send(&fixture, ("PUT", &operator), &[("if-match", tag)], role).await;
            assert_eq!(
                refused.refusal(),
                (412, "AD-114".to_owned()),
                "{tag}: they are none any more"
            );
        }
    }
);
