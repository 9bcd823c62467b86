//! All faults of a request at once, each with its place (RFC 9457, RFC 6901).

use serde_json::{Value, json};

use super::send;
use crate::{actors::text, fixture::Fixture, scenario};

/// Place and number of each fault.
fn faults(body: &Value) -> Vec<(String, String)> {
    let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no errors: {body}"));
    let told = errors.iter().map(|error| {
        for member in ["title", "title_zh", "remedy", "remedy_zh", "detail"] {
            assert!(!text(error, member).is_empty(), "{member}: {error}");
        }
        assert!(
            error["pointer"].is_string() != error["parameter"].is_string(),
            "{error}"
        );
        let place = error["pointer"].as_str().or_else(|| error["parameter"].as_str());
        (place.unwrap().to_owned(), text(error, "number").to_owned())
    });
    told.collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected
        .iter()
        .map(|(place, number)| ((*place).to_owned(), (*number).to_owned()));
    owned.collect()
}

scenario!(
    each_field_that_is_wrong_is_told_by_itself,
    |fixture: Fixture| async move {
        let cases = [
            (
                "users",
                json!({ "username": " ", "email": "x", "phone_number": "y", "picture": "z" }),
                "DI-101",
                vec!["#/username", "#/email", "#/phone_number", "#/picture"],
            ),
            (
                "clients",
                json!({ "name": " ", "redirect_uris": ["https://x.portal.example/cb", "nonsense"], "access_token_lifetime": 1,
                    "metadata": { "contacts": ["a", ""] } }),
                "RG-101",
                vec![
                    "#/name",
                    "#/redirect_uris/1",
                    "#/access_token_lifetime",
                    "#/metadata/contacts/1",
                ],
            ),
            (
                "data-sources",
                json!({ "name": "", "corp_id": "no corp", "removal_threshold_percent": 0, "app": { "secret": "s" } }),
                "DI-101",
                vec!["#/name", "#/corp_id", "#/removal_threshold_percent", "#/app/agent_id"],
            ),
            (
                "api-tokens",
                json!({ "name": "", "role": "auditor", "expires_at": 1 }),
                "AD-105",
                vec!["#/name", "#/expires_at"],
            ),
        ];
        for (path, body, number, expected) in cases {
            let refused = send(&fixture, ("POST", path), &[], Some(body)).await;
            assert_eq!(refused.refusal(), (422, number.to_owned()), "{path}: {}", refused.text);
            let body = refused.json();
            let mut told = faults(&body);
            told.sort();
            told.dedup();
            let mut expected = pairs(&expected.iter().map(|place| (*place, number)).collect::<Vec<_>>());
            expected.sort();
            assert_eq!(told, expected, "{path}: {body}");
            // The sentence for people names them as well.
            assert!(text(&body, "detail").contains(": "), "{body}");
        }
    }
);

scenario!(
    what_cannot_be_read_is_told_by_its_place_with_the_number_of_each_fault,
    |fixture: Fixture| async move {
        let body = json!({ "username": 5, "nonsense": 1, "display_name": "a\u{0}b", "profile": { "address": [] } });
        let refused = send(&fixture, ("POST", "users"), &[], Some(body)).await;
        assert_eq!(refused.refusal(), (400, "WB-101".to_owned()), "{}", refused.text);
        let told = faults(&refused.json());
        for expected in [
            ("#/username", "WB-101"),
            ("#/nonsense", "WB-101"),
            ("#/display_name", "WB-170"),
            ("#/profile/address", "WB-101"),
        ] {
            assert!(told.contains(&pairs(&[expected])[0]), "{expected:?}: {told:?}");
        }
        let missing = send(&fixture, ("POST", "api-tokens"), &[], Some(json!({}))).await;
        assert_eq!(
            faults(&missing.json()),
            pairs(&[("#/name", "WB-101"), ("#/role", "WB-101")])
        );
        let broken = fixture
            .http
            .post(format!("{}/api/v1/users", fixture.base))
            .bearer_auth(crate::fixture::ADMIN_TOKEN)
            .header("content-type", "application/json")
            .body("{")
            .send()
            .await
            .unwrap();
        let broken: Value = serde_json::from_str(&broken.text().await.unwrap()).unwrap();
        assert_eq!(faults(&broken), pairs(&[("#", "WB-101")]));
    }
);

scenario!(
    a_name_that_may_be_a_secret_is_not_repeated,
    |fixture: Fixture| async move {
        let body = json!({ "username": "anna", "S3cret-put-in-the-wrong-place": 1 });
        let refused = send(&fixture, ("POST", "users"), &[], Some(body)).await;
        assert!(!refused.text.contains("S3cret"), "{}", refused.text);
        assert_eq!(faults(&refused.json()), pairs(&[("#", "WB-101")]));
    }
);

scenario!(
    parameters_of_a_query_string_are_told_by_their_names,
    |fixture: Fixture| async move {
        for (path, status, expected) in [
            (
                "users?limit=0&cursor=x",
                400,
                vec![("cursor", "AD-104"), ("limit", "AD-104")],
            ),
            (
                "users?limit=0&status=sleeping&sort=colour&console_role=king",
                422,
                vec![
                    ("console_role", "AD-105"),
                    ("limit", "AD-104"),
                    ("sort", "AD-105"),
                    ("status", "AD-105"),
                ],
            ),
            (
                "users?colour=red&nonsense=1",
                400,
                vec![("colour", "WB-101"), ("nonsense", "WB-101")],
            ),
            ("members?data_source=x", 400, vec![("data_source", "WB-101")]),
            ("sessions?active=perhaps", 422, vec![("active", "AD-105")]),
            (
                "sync-runs?since=x&state=y",
                422,
                vec![("since", "AD-105"), ("state", "AD-105")],
            ),
            (
                "refusals?limit=0&since=x&until=y",
                422,
                vec![("limit", "AD-104"), ("since", "AD-105"), ("until", "AD-105")],
            ),
            (
                "refusals/summary?since=x&until=y",
                422,
                vec![("since", "AD-105"), ("until", "AD-105")],
            ),
            (
                "grants?revoked=perhaps&cursor=x",
                422,
                vec![("cursor", "AD-104"), ("revoked", "AD-105")],
            ),
            (
                "operators?role=king&limit=x",
                422,
                vec![("limit", "AD-104"), ("role", "AD-105")],
            ),
            (
                "conflicts?decision=some&sort=colour",
                422,
                vec![("decision", "AD-105"), ("sort", "AD-105")],
            ),
            (
                "audit-events?reference=x&kind=y&number=z&since=-1&limit=0",
                422,
                vec![
                    ("kind", "AD-105"),
                    ("limit", "AD-104"),
                    ("number", "AD-105"),
                    ("reference", "AD-105"),
                    ("since", "AD-105"),
                ],
            ),
            (
                "audit-events.csv?kind=y&until=x",
                422,
                vec![("kind", "AD-105"), ("until", "AD-105")],
            ),
            (
                "access-checks?client_id=wiki&live=perhaps&departments=x&wecom=up",
                422,
                vec![
                    ("departments", "AD-105"),
                    ("live", "AD-105"),
                    ("user_id", "AD-105"),
                    ("wecom", "AD-105"),
                ],
            ),
            (
                "clients/wiki/access-checks?limit=0&way=none&change=x&membership_grace=long&scope_tags=a",
                422,
                vec![
                    ("change", "AD-105"),
                    ("limit", "AD-104"),
                    ("membership_grace", "AD-105"),
                    ("scope_app", "AD-105"),
                    ("scope_tags", "AD-105"),
                    ("way", "AD-105"),
                ],
            ),
        ] {
            let refused = send(&fixture, ("GET", path), &[], None).await;
            assert_eq!(refused.status, status, "{path}: {}", refused.text);
            let body = refused.json();
            let mut told = faults(&body);
            told.sort();
            assert_eq!(told, pairs(&expected), "{path}: {body}");
            assert!(body["errors"][0]["pointer"].is_null(), "{body}");
        }
    }
);

scenario!(the_list_of_faults_is_bounded, |fixture: Fixture| async move {
    let addresses: Vec<String> = (0..90).map(|number| format!("nonsense {number}")).collect();
    let body = json!({ "name": "x", "redirect_uris": addresses });
    let refused = send(&fixture, ("POST", "clients"), &[], Some(body)).await;
    assert_eq!(refused.status, 422);
    assert_eq!(faults(&refused.json()).len(), 50);
});
