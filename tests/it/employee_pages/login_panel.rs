//! WeCom's panel on the login page: the frame, what the page lets in for it, and whose panel it is.

use serde_json::json;
use simulator::sample;

use crate::{actors::As, fixture::Fixture, scenario};

/// The policy of a page.
async fn policy(fixture: &Fixture, path: &str) -> String {
    let answer = fixture.http.get(path).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    policy.to_owned()
}

fn panel(body: &str) -> Option<String> {
    let address = body.split("data-panel=\"").nth(1)?.split('"').next()?;
    Some(address.replace("&#38;", "&").replace("&amp;", "&"))
}

scenario!(
    the_only_company_s_panel_is_on_the_page_and_leads_into_the_portal,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        let frame = format!("{}{}", fixture.base, panel(&login.body).unwrap());
        let left = browser.get(&frame).await;
        let to = left.location.clone().unwrap();
        assert!(to.starts_with(&fixture.wecom.base_url()), "{to}");
        for part in ["redirect_type=top", "panel_size=small", "lang=en"] {
            assert!(to.contains(part), "{part} is missing: {to}");
        }
        let shown = browser.open(&to).await;
        let ticket = shown.link("/phone/");
        let form = [("as", "member"), ("userid", sample::NORMAL)];
        fixture.http.post(&ticket).form(&form).send().await.unwrap();
        let ticket = ticket.rsplit('/').next().unwrap();
        let wait = format!("{}/wwlogin/sso/wait?ticket={ticket}", fixture.wecom.base_url());
        let done = browser.get(&wait).await;
        assert!(done.body.contains("target=\"_top\""), "{}", done.body);
        let page = browser.open(&done.link("/wecom/callback")).await;
        assert!(page.returned("code").is_some(), "{}: {}", page.url, page.body);

        let policy = policy(&fixture, &login.url).await;
        let wecom = fixture.wecom.base_url();
        assert!(policy.contains(&format!("frame-src 'self' {wecom}")), "{policy}");
        assert!(
            policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        let script = fixture.fetch("/assets/login.js").await;
        assert!(
            script.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/javascript")
        );
    }
);

scenario!(
    a_frame_that_cannot_go_on_says_why_inside_the_page_and_leads_out_of_it,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        let frame = format!("{}{}", fixture.base, panel(&login.body).unwrap());
        fixture.advance(std::time::Duration::from_secs(16 * 60));
        let answer = fixture.http.get(&frame).send().await.unwrap();
        assert_eq!(answer.headers()["x-frame-options"], "SAMEORIGIN");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("SI-101") && page.contains("target=\"_top\""), "{page}");
    }
);

scenario!(
    the_company_used_last_comes_first_with_its_panel,
    |fixture: Fixture| async move {
        fixture.connect().await;
        fixture.connect_second(json!({})).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        assert_eq!(panel(&login.body), None, "nothing is chosen among two: {}", login.body);
        let second = fixture.auth_source(sample::CORP2).await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        // With script a company's button shows its panel on the same page.
        let here = format!("{}?source={second}", login.url);
        assert!(login.body.contains(&format!("?source={second}")), "{}", login.body);
        let picked = browser.open(&here).await;
        assert!(panel(&picked.body).unwrap().contains(&second), "{}", picked.body);
        let shown = browser.open(&login.link(&format!("/go/{second}"))).await;
        let callback = fixture
            .phone()
            .scan(&browser, &shown, As::Member(sample::NAMESAKE))
            .await;
        assert!(browser.open(&callback).await.returned("code").is_some());
        let later = browser.open(&portal.authorize_url(&[("prompt", "login")])).await;
        assert!(panel(&later.body).unwrap().contains(&second), "{}", later.body);
        assert_eq!(later.body.matches("/go/").count(), 2, "the other is there too");
        let remembered = browser.cookie("menjin_company").unwrap();
        assert_eq!(remembered, second, "a row id, nothing about the person");
    }
);

scenario!(inside_wecom_there_is_no_panel, |fixture: Fixture| async move {
    fixture.connect().await;
    fixture.connect_second(json!({})).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let browser = fixture.browser().in_wecom();
    let login = browser.open(&portal.authorize_url(&[])).await;
    assert!(
        panel(&login.body).is_none() && login.body.contains("/go/"),
        "{}",
        login.body
    );
});
