//! The profile "Form Post".

use crate::{actors::Page, fixture::Fixture, scenario};

/// The value of a hidden field.
fn field(page: &Page, name: &str) -> Option<String> {
    let rest = page.body.split(&format!("name=\"{name}\"")).nth(1)?;
    Some(rest.split("value=\"").nth(1)?.split('"').next()?.to_owned())
}

fn is_posting(page: &Page, redirect_uri: &str) {
    assert_eq!(
        (page.status, page.location.as_deref()),
        (200, None),
        "nothing goes into a query"
    );
    assert!(
        page.body.contains("method=\"post\"") && page.body.contains(&format!("action=\"{redirect_uri}\"")),
        "{}",
        page.body
    );
    assert!(page.body.contains("document.forms[0].submit()"), "submits itself");
    assert!(
        page.body.contains("<button") || page.body.contains("type=\"submit\""),
        "has a button without script"
    );
}

scenario!(
    answers_arrive_as_a_form_the_browser_posts,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let page = browser
            .get(&portal.authorize_url(&[("response_mode", "form_post")]))
            .await;
        is_posting(&page, &portal.redirect_uri);
        assert_eq!(field(&page, "state").as_deref(), Some("af0ifjsldkj-._~"));
        assert!(field(&page, "iss").is_some());
        let code = field(&page, "code").unwrap();
        assert_eq!(portal.redeem(&code).await.status, 200);
    }
);

scenario!(
    errors_arrive_as_a_form_the_browser_posts,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        for (name, value, error) in [
            ("prompt", "none", "login_required"),
            ("scope", "email", "invalid_scope"),
            ("response_type", "", "invalid_request"),
        ] {
            let page = fixture
                .browser()
                .get(&portal.authorize_url(&[("response_mode", "form_post"), (name, value)]))
                .await;
            is_posting(&page, &portal.redirect_uri);
            assert_eq!(field(&page, "error").as_deref(), Some(error));
            assert_eq!(field(&page, "state").as_deref(), Some("af0ifjsldkj-._~"));
            assert!(field(&page, "code").is_none());
        }
    }
);
