//! The pages that employees meet: none is a dead end, refusals help, the language stays, WeCom's panel is on the login page.

mod dead_ends;
mod login_panel;
mod refusals;
mod ways_out;

use reqwest::Method;
use simulator::sample;

use crate::{actors::Page, fixture::Fixture, scenario};

/// Words of WeCom's errors, of our calls there, and of parsers.
const NOT_FOR_PEOPLE: [&str; 12] = [
    "errcode",
    "errmsg",
    "cgi-bin",
    "getuserinfo",
    "user/get",
    "gettoken",
    "from ip",
    "missing field",
    "invalid type",
    ", expected",
    "did not match",
    "class=\"detail\"",
];

/// The page of a failure says what helps, and nothing that only admins can use.
pub fn is_for_people(number: &str, page: &Page) {
    // The form for the code of a device is its own help.
    if page.body.contains("<html") && !page.body.contains("name=\"user_code\"") {
        assert!(
            page.body.contains("class=\"advice\""),
            "{number}: no help: {}",
            page.body
        );
    }
    for word in NOT_FOR_PEOPLE {
        assert!(
            !page.body.contains(word),
            "{number}: {word} is on {}: {}",
            page.url,
            page.body
        );
    }
}

/// The links of a page that lead on, label and address, the best first.
pub fn ways(page: &Page) -> Vec<(String, String)> {
    let part = page.body.split("<p class=\"ways\">").nth(1).unwrap_or_default();
    let links = part.split("</p>").next().unwrap_or_default().split("<a ").skip(1);
    links
        .map(|link| {
            let href = link.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
            let label = link.split('>').nth(1).unwrap().split('<').next().unwrap();
            (label.to_owned(), href.replace("&#38;", "&").replace("&amp;", "&"))
        })
        .collect()
}

/// The address of a way, absolute.
pub fn absolute(page: &Page, href: &str) -> String {
    reqwest::Url::parse(&page.url).unwrap().join(href).unwrap().into()
}

scenario!(
    the_start_page_says_what_this_is_and_leads_on_in_both_languages,
    |fixture: Fixture| async move {
        let start = format!("{}/", fixture.base);
        for (browser, what, account) in [
            (fixture.browser(), "signs in to its applications", "My sign-ins"),
            (fixture.browser().in_chinese(), "统一登录", "我的登录"),
        ] {
            let page = browser.get(&start).await;
            assert_eq!(page.status, 200, "{}", page.body);
            assert!(page.body.contains(what) && page.body.contains(account), "{}", page.body);
            assert!(!page.body.contains("role=\"alert\""), "an error");
            assert!(!page.body.contains(env!("CARGO_PKG_VERSION")), "tells the version");
            for (_, way) in ways(&page) {
                let next = browser.open(&absolute(&page, &way)).await;
                assert_eq!(next.status, 200, "{way}");
                assert_ne!(next.url, start, "{way} leads round");
            }
            assert_eq!(browser.open(&page.link("/api/v1/docs")).await.status, 200);
        }
        let head = fixture.http.request(Method::HEAD, &start).send().await.unwrap();
        assert_eq!(head.status().as_u16(), 200);
        assert_eq!(head.text().await.unwrap(), "");
    }
);

scenario!(
    the_mark_is_an_icon_of_every_page_and_where_browsers_look_for_it,
    |fixture: Fixture| async move {
        let page = fixture.fetch("/account").await.text().await.unwrap();
        assert!(page.contains("rel=\"icon\" href=\"/favicon.svg\""), "{page}");
        for path in ["/favicon.svg", "/favicon.ico"] {
            let icon = fixture.fetch(path).await;
            assert_eq!(icon.headers()["content-type"], "image/svg+xml");
            assert!(icon.text().await.unwrap().starts_with("<svg"), "{path}");
        }
    }
);

scenario!(
    a_chosen_language_stays_after_the_scan_and_elsewhere,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        assert!(login.body.contains("lang=\"en\""), "{}", login.body);
        let chinese = browser.open(&login.link("keep=1")).await;
        assert!(chinese.body.contains("登录 \u{2068}wiki\u{2069}"), "{}", chinese.body);
        let refused = fixture
            .phone()
            .sign_in_from(&browser, &chinese, crate::actors::As::Member(sample::OUT_OF_SCOPE))
            .await;
        assert!(refused.body.contains("可见范围"), "after the scan: {}", refused.body);
        // The person's choice comes before the portal's, which comes before the browser's.
        let again = browser.open(&portal.authorize_url(&[("ui_locales", "en")])).await;
        assert!(again.body.contains("登录 \u{2068}wiki\u{2069}"), "{}", again.body);
        let account = browser.get(&format!("{}/account", fixture.base)).await;
        assert!(account.body.contains("我的登录"), "{}", account.body);
        // Nobody chose anything where a portal alone asked.
        let other = fixture.browser();
        let asked = other.open(&portal.authorize_url(&[("ui_locales", "zh-CN")])).await;
        assert!(asked.body.contains("登录 \u{2068}wiki\u{2069}"), "{}", asked.body);
        assert!(other.cookie("menjin_language").is_none());
    }
);

scenario!(
    without_a_session_the_account_page_says_where_to_get_in,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let account = format!("{}/account", fixture.base);
        let stranger = browser.get(&account).await;
        assert_eq!(ways(&stranger)[0].1, "/", "{}", stranger.body);
        browser.open(&portal.authorize_url(&[])).await;
        let visitor = browser.get(&account).await;
        assert_eq!(ways(&visitor)[0].1, "https://wiki.portal.example/", "{}", visitor.body);
        let start = browser.get(&format!("{}/", fixture.base)).await;
        assert_eq!(ways(&start)[0].1, "https://wiki.portal.example/", "{}", start.body);
    }
);

scenario!(one_button_signs_out_everywhere, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let (here, there) = (fixture.browser(), fixture.browser());
    for browser in [&here, &there] {
        portal.tokens(&fixture, browser, sample::NORMAL).await;
    }
    let page = here.get(&format!("{}/account", fixture.base)).await;
    let form = [("confirm", page.field("confirm"))];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = here.post(&page.link("/end-all"), &form).await;
    assert_eq!(done.status, 200, "{}", done.body);
    for browser in [&here, &there] {
        assert!(portal.authorize_silently(browser).await.returned("code").is_none());
    }
});
