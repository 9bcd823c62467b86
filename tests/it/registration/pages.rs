//! What a client registers for people to see: picture, policy and terms on the login page.

use serde_json::json;

use super::server::serving_picture;
use crate::{actors::Portal, branding::png, fixture::Fixture, scenario};

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
            "logo_uri": serving_picture(png(96, 48)),
            "policy_uri": "https://wiki.portal.example/policy",
            "tos_uri": "https://wiki.portal.example/terms",
        });
        let portal = fixture.portal("wiki", json!({ "metadata": metadata })).await;
        let (body, policy) = login(&fixture, &portal, "en").await;
        let address = body.split("src=\"/branding/portal-logo?v=").nth(1).unwrap();
        let digest = address.split('"').next().unwrap();
        let picture = fixture.fetch(&format!("/branding/portal-logo?v={digest}")).await;
        let headers = picture.headers().clone();
        assert_eq!(
            headers["content-type"], "image/png",
            "what it is says the picture itself"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers["cache-control"].to_str().unwrap().contains("immutable"));
        assert_eq!(picture.bytes().await.unwrap().to_vec(), png(96, 48));
        assert_eq!(fixture.fetch("/branding/portal-logo?v=x").await.status(), 404);
        assert!(policy.contains("img-src 'self' data:;"), "{policy}");
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

scenario!(
    a_logo_that_is_no_picture_or_is_not_there_leaves_the_page_as_it_is,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
        let nowhere = "http://127.0.0.1:9/logo.png".to_owned();
        for (client, address) in [("svg", serving_picture(svg)), ("gone", nowhere)] {
            let metadata = json!({ "logo_uri": address });
            let portal = fixture.portal(client, json!({ "metadata": metadata })).await;
            let (body, _) = login(&fixture, &portal, "en").await;
            assert!(!body.contains("portal-logo") && body.contains("/go/"), "{body}");
        }
    }
);

scenario!(
    a_portal_s_new_address_brings_its_new_picture_and_never_the_old_one,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let logo = |address: String| json!({ "metadata": { "logo_uri": address } });
        let portal = fixture.portal("wiki", logo(serving_picture(png(96, 48)))).await;
        let shown = |body: &str| {
            body.split("portal-logo?v=")
                .nth(1)
                .map(|rest| rest.split('"').next().unwrap().to_owned())
        };
        let first = shown(&login(&fixture, &portal, "en").await.0).unwrap();
        assert_eq!(shown(&login(&fixture, &portal, "en").await.0).unwrap(), first);
        fixture
            .admin()
            .change("clients/wiki", logo(serving_picture(png(48, 96))))
            .await;
        let second = shown(&login(&fixture, &portal, "en").await.0).unwrap();
        assert_ne!(second, first);
        fixture
            .admin()
            .change("clients/wiki", logo("http://127.0.0.1:9/none.png".to_owned()))
            .await;
        assert_eq!(shown(&login(&fixture, &portal, "en").await.0), None);
    }
);
