//! WeCom's panel on the login page: the frame, what the page lets in for it, and whose panel it is.

use serde_json::{Value, json};
use simulator::sample;
use url::Url;

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
        let left = browser
            .get(&format!("{}{}", fixture.base, panel(&login.body).unwrap()))
            .await;
        let params: Value = serde_json::from_str(&left.body).unwrap();
        for (name, value) in [
            ("redirect_type", "top"),
            ("panel_size", "small"),
            ("lang", "en"),
            ("login_type", "CorpApp"),
        ] {
            assert_eq!(params[name], value, "{params}");
        }
        // What the script makes of them.
        let mut to = Url::parse(&format!("{}/wwlogin/sso/login", fixture.wecom.base_url())).unwrap();
        for (name, value) in params.as_object().unwrap() {
            to.query_pairs_mut().append_pair(name, value.as_str().unwrap());
        }
        let to = to.to_string();
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
        assert!(policy.contains(&format!("frame-src {wecom}")), "{policy}");
        assert!(
            policy.contains("script-src 'self'")
                && policy.contains("connect-src 'self'")
                && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
    }
);

scenario!(
    wecom_s_script_is_ours_to_serve_and_knows_wecom_where_it_is_configured,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        let scripts: Vec<&str> = login.body.split("<script src=\"").skip(1).collect();
        assert_eq!(scripts.len(), 2, "{}", login.body);
        for (script, path) in scripts.iter().zip(["/assets/wecom-jssdk.js?v=", "/assets/login.js?v="]) {
            let address = script.split('"').next().unwrap();
            assert!(address.starts_with(path), "{address}");
            let answer = fixture.fetch(address).await;
            let headers = answer.headers().clone();
            assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
            assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
            let text = answer.text().await.unwrap();
            assert!(!text.contains("https://login.work.weixin.qq.com"), "{address}");
            let other = fixture.fetch(&format!("{path}0")).await;
            assert_eq!(other.headers()["cache-control"], "no-cache");
        }
        let sdk = fixture.fetch("/assets/wecom-jssdk.js").await.text().await.unwrap();
        assert!(sdk.contains(&format!("{}/wwlogin/sso/login", fixture.wecom.base_url())));
    }
);

scenario!(
    a_panel_that_cannot_be_shown_leaves_the_link_and_whoever_opens_its_address_is_led_on,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        let panel = format!("{}{}", fixture.base, panel(&login.body).unwrap());
        let opened = fixture.http.get(&panel).header("sec-fetch-mode", "navigate");
        let opened = opened.send().await.unwrap();
        assert_eq!(opened.status(), 303);
        let to = opened.headers()["location"].to_str().unwrap();
        assert!(login.url.contains(to.split('?').next().unwrap()), "{to}");
        fixture.advance(std::time::Duration::from_secs(16 * 60));
        let answer = fixture.http.get(&panel).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{}", answer.status());
        let page = fixture.browser().open(&login.link("/go/")).await;
        assert!(
            page.body.contains("SI-101") && page.body.contains("class=\"ways\""),
            "{}",
            page.body
        );
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
