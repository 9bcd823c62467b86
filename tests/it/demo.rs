//! `menjin demo` without a browser: every part answers, whoever is out is out at both portals, and the past and the faults are there.

use std::collections::BTreeSet;

use menjin::demo::{Demo, Options};
use qrcode::{Color, EcLevel, QrCode};
use serde_json::Value;
use simulator::sample;

use crate::actors::{As, Browser, Page, Phone, text};

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

async fn running(options: Options) -> Demo {
    menjin::demo::start(options, &|line| eprintln!("demo: {line}"))
        .await
        .unwrap()
}

/// Somebody signs in at the first portal by a scan, and at the second one without; the page of the first one.
async fn signed_in_at_both(demo: &Demo, browser: &Browser, http: &reqwest::Client, who: &str) -> Page {
    let welcome = browser.open(&demo.portal_url).await;
    let login = browser.open(&welcome.link("/a/login")).await;
    let phone = Phone::new(http, &demo.wecom_url);
    let signed_in = phone.sign_in_from(browser, &login, As::Member(who)).await;
    assert!(
        signed_in.body.contains("id=\"claims\""),
        "{}: {}",
        signed_in.url,
        signed_in.body
    );
    let second = browser.open(&format!("{}login", demo.second_portal_url)).await;
    assert!(
        second.body.contains("id=\"claims\""),
        "asked again: {} {}",
        second.url,
        second.body
    );
    signed_in
}

/// What the script of an open page asks, until it is this word: portals are told in the background.
async fn state_becomes(browser: &Browser, portal: &str, word: &str) {
    for _ in 0..20_000 {
        let state = browser.get(&format!("{portal}state")).await;
        if state.body == word {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{portal} never said {word}");
}

async fn api(demo: &Demo, http: &reqwest::Client, path: &str) -> Value {
    let request = http.get(format!("{}/api/v1/{path}", demo.menjin_url));
    let answer = request.bearer_auth(&demo.admin_token).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap()
}

async fn finds(demo: &Demo, http: &reqwest::Client) -> Vec<String> {
    let report = api(demo, http, "doctor").await;
    let checks = report["checks"].as_array().unwrap().iter();
    let findings = checks.flat_map(|check| check["findings"].as_array().unwrap());
    findings.map(|finding| text(finding, "number").to_owned()).collect()
}

#[actix_web::test]
async fn the_demo_signs_a_member_in_at_both_portals_and_shows_the_claims_as_a_table() {
    let demo = running(Options::default()).await;
    let http = http();
    let browser = Browser::new(&http);
    let signed_in = signed_in_at_both(&demo, &browser, &http, sample::NORMAL).await;
    for part in [
        "李华",
        "<td><code>sub</code></td>",
        "the person&#39;s lasting id",
        "<details><summary>The same as JSON",
    ] {
        assert!(signed_in.body.contains(part), "{part}: {}", signed_in.body);
    }
    let in_chinese = browser.open(&format!("{}?ui_locales=zh-CN", demo.portal_url)).await;
    assert!(
        in_chinese.body.contains("含义") && in_chinese.body.contains("已登录"),
        "{}",
        in_chinese.body
    );
    let refreshed = browser.open(&signed_in.link("/a/refresh")).await;
    assert!(refreshed.body.contains("id=\"claims\""), "{}", refreshed.body);
    demo.stop().await;
}

#[actix_web::test]
async fn who_signs_out_at_one_portal_is_out_at_the_other_which_says_so() {
    let demo = running(Options::default()).await;
    let http = http();
    let browser = Browser::new(&http);
    let stranger = Browser::new(&http);
    signed_in_at_both(&demo, &browser, &http, sample::NORMAL).await;
    signed_in_at_both(&demo, &stranger, &http, sample::ADMIN).await;
    browser.open(&format!("{}logout", demo.second_portal_url)).await;
    state_becomes(&browser, &demo.portal_url, "told").await;
    let page = browser.open(&demo.portal_url).await;
    assert!(page.body.contains("Signed out by Menjin"), "{}", page.body);
    assert!(page.body.contains("It does not say why"), "{}", page.body);
    assert_eq!(
        browser.get(&format!("{}state", demo.second_portal_url)).await.body,
        "out"
    );
    // Nobody else is touched, and nobody is believed without a good token.
    let forged = format!("{}backchannel-logout", demo.portal_url);
    for token in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        let refused = stranger.post(&forged, &[("logout_token", token)]).await;
        assert_eq!(
            (refused.status, refused.body.contains("invalid_request")),
            (400, true),
            "{token}"
        );
    }
    assert_eq!(stranger.get(&format!("{}state", demo.portal_url)).await.body, "in");
    demo.stop().await;
}

#[actix_web::test]
async fn a_leaver_by_the_phones_button_is_out_at_both_portals_and_in_the_report() {
    let demo = running(Options::default()).await;
    let http = http();
    let browser = Browser::new(&http);
    signed_in_at_both(&demo, &browser, &http, sample::NORMAL).await;
    let form = [("corp", sample::CORP), ("userid", sample::NORMAL), ("action", "leave")];
    let left = browser.post(&format!("{}/member", demo.wecom_url), &form).await;
    for part in ["delete_user → HTTP 200", "/a/", "/b/", "/console/leaving"] {
        assert!(left.body.contains(part), "{part}: {}", left.body);
    }
    state_becomes(&browser, &demo.portal_url, "told").await;
    state_becomes(&browser, &demo.second_portal_url, "told").await;
    // A portal knows a moment before its answer is written down.
    let mut reports = Value::Null;
    for _ in 0..5_000 {
        reports = api(&demo, &http, "offboardings").await;
        if reports["items"][0]["portal_counts"]["told"] == 2 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(reports["items"].as_array().unwrap().len(), 1, "{reports}");
    assert_eq!(reports["items"][0]["portal_counts"]["told"], 2, "{reports}");
    demo.stop().await;
}

#[actix_web::test]
async fn the_first_page_says_what_runs_where_and_leads_to_the_console() {
    let demo = running(Options::default()).await;
    let http = http();
    let browser = Browser::new(&http);
    for (lang, sentence) in [("en", "What to try, in this order"), ("zh-CN", "按这个顺序试")] {
        let page = browser.open(&format!("{}?ui_locales={lang}", demo.start_url)).await;
        assert_eq!(page.status, 200);
        for part in [
            sentence,
            &demo.console_url,
            &demo.wecom_url,
            "chenyu",
            "href=\"/a/\"",
            "href=\"/faults\"",
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        assert!(!page.body.contains(&demo.admin_token) && !page.body.contains("id=\"open\""));
    }
    demo.stop().await;
}

#[actix_web::test]
async fn the_console_opens_from_the_first_page_as_its_owner_also_in_a_second_browser() {
    let demo = running(Options::default()).await;
    let http = http();
    let stranger = Browser::new(&http);
    let asked = stranger.open(&format!("{}/console", demo.menjin_url)).await;
    assert!(
        asked.url.contains("/signin/"),
        "nobody comes in by Menjin itself: {}",
        asked.url
    );
    let (first, second) = (Browser::new(&http), Browser::new(&http));
    for browser in [&first, &second, &first] {
        let page = browser.open(&demo.console_url).await;
        assert!(
            page.url.starts_with(&format!("{}/console", demo.menjin_url)),
            "{}",
            page.url
        );
        assert!(page.status == 200 && page.body.contains("demo owner"), "{}", page.body);
    }
    demo.stop().await;
}

/// The picture that a phone's camera reads is of the phone's page, at the address by which the network knows this machine.
async fn the_code_leads_a_phone_here(demo: &Demo, http: &reqwest::Client) {
    let browser = Browser::new(http);
    let login = browser.open(&format!("{}login", demo.portal_url)).await;
    let shown = browser.open(&login.link("/go/")).await;
    let phone = shown.link("/phone/");
    assert!(
        phone.starts_with(&demo.wecom_url),
        "{phone} is not at {}",
        demo.wecom_url
    );
    let code = QrCode::with_error_correction_level(phone.as_str(), EcLevel::L).unwrap();
    let dark = code.to_colors().into_iter().enumerate();
    let dark: BTreeSet<(usize, usize)> = dark
        .filter(|(_, colour)| *colour == Color::Dark)
        .map(|(at, _)| (at % code.width(), at / code.width()))
        .collect();
    assert_eq!(modules(&shown.body), dark, "another text than {phone}");
}

/// The dark modules of the picture on a page, from its upper left corner, without the quiet zone.
fn modules(page: &str) -> BTreeSet<(usize, usize)> {
    let path = page.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
    let squares = path.split('M').skip(1).map(|square| {
        let (x, y) = square.split_once('h').unwrap().0.split_once(' ').unwrap();
        (x.parse::<usize>().unwrap(), y.parse::<usize>().unwrap())
    });
    let squares: BTreeSet<(usize, usize)> = squares.collect();
    let left = squares.iter().map(|(x, _)| *x).min().unwrap();
    let top = squares.iter().map(|(_, y)| *y).min().unwrap();
    squares.into_iter().map(|(x, y)| (x - left, y - top)).collect()
}

// The address is told by the name that was asked for, also in what portals and WeCom's apps are registered with.
#[actix_web::test]
async fn a_demo_that_listens_to_the_network_says_so_and_signs_in_by_the_told_host() {
    let refused = menjin::demo::start(
        Options {
            host: Some("a b".to_owned()),
            ..Options::default()
        },
        &|_| {},
    );
    assert!(refused.await.err().unwrap().contains("--host"));
    let http = http();
    // An address of this machine that is no loopback address; without a network only the name can be tried.
    for host in [None, Some("localhost".to_owned())] {
        let options = Options {
            listen: "0.0.0.0".parse().unwrap(),
            host: host.clone(),
            ..Options::default()
        };
        let demo = match menjin::demo::start(options, &|_| {}).await {
            Err(sentence) if host.is_none() => {
                assert!(sentence.contains("--host"), "{sentence}");
                continue;
            }
            started => started.unwrap(),
        };
        assert!(demo.open);
        let browser = Browser::new(&http);
        let start = browser.open(&demo.start_url).await;
        assert!(start.body.contains("id=\"open\""), "{}", start.body);
        the_code_leads_a_phone_here(&demo, &http).await;
        signed_in_at_both(&demo, &browser, &http, sample::NORMAL).await;
        browser.open(&format!("{}logout", demo.second_portal_url)).await;
        state_becomes(&browser, &demo.portal_url, "told").await;
        demo.stop().await;
    }
}

#[actix_web::test]
async fn the_history_fills_fourteen_days_is_marked_and_leaves_nothing_wrong() {
    let history = Options {
        history: true,
        ..Options::default()
    };
    let demo = running(history).await;
    let http = http();
    let activity = api(&demo, &http, "activity?days=14&utc_offset=480").await;
    let days = activity["days"].as_array().unwrap();
    assert!(days.iter().all(|day| day["signed_in"].as_i64() > Some(0)), "{activity}");
    assert!(
        days.iter().filter(|day| day["refused"].as_i64() > Some(0)).count() >= 8,
        "{activity}"
    );
    let reasons = api(&demo, &http, &format!("refusals/summary?since={}", days[0]["since"])).await;
    assert!(reasons["items"].as_array().unwrap().len() >= 3, "{reasons}");
    let leavers = api(&demo, &http, "offboardings?reason=departed").await;
    let leavers = leavers["items"].as_array().unwrap().clone();
    assert_eq!(leavers.len(), 2, "{leavers:?}");
    for leaver in &leavers {
        assert_eq!(leaver["portal_counts"]["told"], 2, "{leaver}");
    }
    let summary = api(&demo, &http, "offboardings/summary").await;
    let slowest = summary["slowest"]["milliseconds"].as_i64().unwrap();
    assert!(slowest < 60_000, "told on the day they left: {summary}");
    let requests = api(&demo, &http, "access-requests?state=open").await;
    assert_eq!(requests["items"].as_array().unwrap().len(), 1, "{requests}");
    assert_eq!(requests["items"][0]["userid"], "xiexin", "{requests}");
    let conflicts = api(&demo, &http, "conflicts").await;
    let open = conflicts["items"].as_array().unwrap().iter();
    let open: Vec<&str> = open.map(|conflict| text(conflict, "userid")).collect();
    assert_eq!(open, ["shijin"], "{conflicts}");
    let tokens = api(&demo, &http, "api-tokens").await;
    assert!(tokens.to_string().contains("made-up history"), "{tokens}");
    let branding = api(&demo, &http, "branding").await;
    assert!(text(&branding, "name").contains("made-up history"), "{branding}");
    assert_eq!(finds(&demo, &http).await, [""; 0]);
    // The time is now: who signs in is signed in now.
    let browser = Browser::new(&http);
    signed_in_at_both(&demo, &browser, &http, sample::NORMAL).await;
    demo.stop().await;
}

/// Faults that whoever scans meanwhile is told of.
const SCANNED: &[&str] = &["ip", "secret"];

/// Somebody scans while a fault is on: the page says whose it is to mend.
async fn reads_what_helps(demo: &Demo, http: &reqwest::Client, login: &str) {
    let browser = Browser::new(http);
    let login = browser.open(login).await;
    let phone = Phone::new(http, &demo.wecom_url);
    let page = phone.sign_in_from(&browser, &login, As::Member(sample::NORMAL)).await;
    assert_eq!(page.status, 422, "{} {}", page.url, page.body);
    assert!(
        page.body.contains("ell your administrator the code below"),
        "{}",
        page.body
    );
}

#[actix_web::test]
async fn a_fault_that_is_switched_on_is_named_by_the_doctor_until_it_is_off() {
    let demo = running(Options::default()).await;
    let http = http();
    let browser = Browser::new(&http);
    assert_eq!(finds(&demo, &http).await, [""; 0]);
    let place = format!("{}faults", demo.start_url);
    let foreign = http.post(&place).header("origin", "http://elsewhere.example");
    let foreign = foreign
        .form(&[("fault", "secret"), ("on", "true")])
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), 403, "a form of somebody else's page");
    for (fault, number) in [
        ("domain", "DI-207"),
        ("token", "WC-181"),
        ("ip", "DI-212"),
        ("closed", "WC-110"),
        ("secret", "WC-110"),
        ("logouts", "DR-210"),
    ] {
        let on = browser.submit(&place, &[("fault", fault), ("on", "true")]).await;
        assert!(
            on.body.contains(&format!("<code>{number}</code>")),
            "{fault}: {}",
            on.body
        );
        assert!(
            on.body.contains("/console/settings/doctor?check="),
            "{fault}: {}",
            on.body
        );
        assert_eq!(on.find_link("/a/login").is_some(), SCANNED.contains(&fault), "{fault}");
        if SCANNED.contains(&fault) {
            reads_what_helps(&demo, &http, &on.link("/a/login")).await;
        }
        let off = browser.submit(&place, &[("fault", fault), ("on", "false")]).await;
        assert!(off.body.contains("id=\"well\""), "{fault}: {}", off.body);
    }
    demo.stop().await;
}
