//! What a client registers for people to see: picture, policy and terms on the login page.

use serde_json::json;

use crate::{actors::Portal, fixture::Fixture, scenario};

/// Body and content security policy of a portal's login page.
async fn login(fixture: &Fixture, portal: &Portal, locale: &str) -> (String, String) {
    let page = fixture
        .browser()
        .get(&portal.authorize_url(&[("ui_locales", locale)]))
        .await;
    let answer = fixture.http.get(page.location.unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    (answer.text().await.unwrap(), policy)
}

scenario!(
    the_login_page_shows_picture_policy_and_terms,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let metadata = json!({
            "logo_uri": "https://cdn.portal.example/logo.png?a=1&b=\"><script>",
            "policy_uri": "https://wiki.portal.example/policy",
            "tos_uri": "https://wiki.portal.example/terms",
        });
        let portal = fixture.portal("wiki", json!({ "metadata": metadata })).await;
        let (body, policy) = login(&fixture, &portal, "en").await;
        assert!(
            body.contains("src=\"https://cdn.portal.example/logo.png?a=1&#38;b="),
            "{body}"
        );
        assert!(!body.contains("<script>"), "{body}");
        assert!(
            policy.contains("img-src 'self' https://cdn.portal.example data:;"),
            "{policy}"
        );
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        let (chinese, _) = login(&fixture, &portal, "zh-CN").await;
        for (page, policy, terms) in [
            (&body, "Privacy policy", "Terms of service"),
            (&chinese, "隐私政策", "服务条款"),
        ] {
            assert!(
                page.contains("href=\"https://wiki.portal.example/policy\"") && page.contains(policy),
                "{page}"
            );
            assert!(
                page.contains("href=\"https://wiki.portal.example/terms\"") && page.contains(terms),
                "{page}"
            );
        }
    }
);

scenario!(
    a_portal_without_them_has_the_plain_page,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let (body, policy) = login(&fixture, &portal, "en").await;
        let others = body.replacen("<img class=\"mark\" src=\"/favicon.svg\"", "", 1);
        assert!(!others.contains("<img") && !body.contains("Privacy policy"), "{body}");
        assert!(policy.contains("img-src 'self' data:;"), "{policy}");
    }
);
