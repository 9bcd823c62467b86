//! `menjin demo` without a browser: every part answers, and the way through the demo portal ends with claims.

use simulator::sample;

use crate::actors::{As, Browser, Phone};

#[actix_web::test]
async fn the_demo_signs_a_member_in_at_both_portals() {
    let demo = menjin::demo::start(menjin::demo::Options { port: 0 }, &|line| eprintln!("demo: {line}"))
        .await
        .unwrap();
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let browser = Browser::new(&http);
    let welcome = browser.open(&demo.portal_url).await;
    let login = browser.open(&welcome.link("/a/login")).await;
    let phone = Phone::new(&http, &demo.wecom_url);
    let signed_in = phone.sign_in_from(&browser, &login, As::Member(sample::NORMAL)).await;
    assert!(
        signed_in.body.contains("id=\"claims\""),
        "{}: {}",
        signed_in.url,
        signed_in.body
    );
    assert!(signed_in.body.contains("李华"), "{}", signed_in.body);
    let refreshed = browser.open(&signed_in.link("/a/refresh")).await;
    assert!(refreshed.body.contains("id=\"claims\""), "{}", refreshed.body);
    let second = browser.open(&format!("{}login", demo.second_portal_url)).await;
    assert!(
        second.body.contains("id=\"claims\""),
        "a second portal asked again: {} {}",
        second.url,
        second.body
    );
    demo.stop().await;
}
