//! What is kept for visitors who proved nothing: counted when it is kept, given back when it is finished, and bounded in all.

use menjin::store::Shelf;
use reqwest::Url;
use serde_json::json;
use simulator::{
    World, sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{As, Browser, Page, Portal, text},
    backends::Backend,
    device,
    fixture::Fixture,
    password,
};

/// Begun from one address in the tests before it is too much.
const MOST: u64 = 8;
/// The same for one person who is signed in.
const PROVEN: u64 = 100;
/// The smallest budget of all shelves.
const BUDGET: u64 = 1024 * 1024;

macro_rules! on_both {
    ($name:ident, $settings:expr) => {
        mod $name {
            use super::*;

            async fn on(backend: Backend) {
                let settings = $settings.map(|(key, value): (&str, String)| (format!("MENJIN__{key}"), value));
                if let Some(fixture) = Fixture::open_set(backend, World::sample(), &settings).await {
                    super::$name(fixture).await;
                }
            }

            #[actix_web::test]
            async fn on_sqlite_and_memory() {
                on(Backend::SqliteMemory).await;
            }

            #[actix_web::test]
            async fn on_postgres_and_redis() {
                on(Backend::PostgresRedis).await;
            }
        }
    };
}

async fn status(browser: &Browser, url: &str) -> u16 {
    browser.get(url).await.status
}

/// Begins sign-ins from one address until it is refused; answers how many.
async fn exhaust(fixture: &Fixture, url: &str) -> u64 {
    let mut begun = 0;
    while status(&fixture.browser(), url).await == 303 {
        begun += 1;
        assert!(begun <= 2 * MOST, "there is no bound");
    }
    begun
}

async fn bytes(fixture: &Fixture, shelf: Shelf) -> u64 {
    fixture.app.ephemeral().shelf_bytes(shelf).await.unwrap()
}

/// The path of the login page that an authorization request leads to.
fn journey(page: &Page) -> String {
    let to = Url::parse(page.location.as_deref().unwrap()).unwrap();
    to.path().to_owned()
}

async fn requests_that_keep_nothing_shut_nobody_out(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let public = json!({ "auth_method": "none" });
    let app = fixture.portal("app", public).await;
    let tv = device::portal(&fixture, "tv", json!({})).await;
    let issued = device::asked(&fixture, &tv).await;
    let nothing_kept = [
        portal.authorize_url(&[("client_id", "nobody")]),
        portal.authorize_url(&[("redirect_uri", "https://elsewhere.example/")]),
        portal.authorize_url(&[("scope", "profile")]),
        portal.authorize_url(&[("prompt", "none")]),
        format!("{}/oauth2/authorize/resume?request={}", fixture.base, "0".repeat(32)),
        format!("{}/device?user_code=BCDF-GHJK", fixture.base),
    ];
    for url in &nothing_kept {
        for _ in 0..MOST + 2 {
            assert_ne!(status(&fixture.browser(), url).await, 429, "{url}");
        }
    }
    let push = async |form: &[(&str, &str)]| {
        let request = fixture.http.post(format!("{}/oauth2/par", fixture.base)).form(form);
        request.send().await.unwrap().status().as_u16()
    };
    for _ in 0..MOST + 2 {
        assert_eq!(push(&[("client_id", "wiki")]).await, 401);
        assert_eq!(push(&[("client_id", "app")]).await, 400);
    }
    // A reload of what is kept already keeps nothing more.
    let page = text(&issued, "verification_uri_complete");
    for _ in 0..MOST + 2 {
        assert_eq!(status(&fixture.browser(), page).await, 303);
    }
    assert_eq!(
        exhaust(&fixture, &portal.authorize_url(&[])).await,
        MOST - 1,
        "one device"
    );
    assert_eq!(push(&app.parameters(&[])).await, 429, "a public client is anybody");
}

on_both!(
    requests_that_keep_nothing_shut_nobody_out,
    [("SERVER__STRANGERS_PER_TEN_MINUTES", MOST.to_string())]
);

async fn who_proved_themselves_and_who_scans_outrank_strangers(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let scanned = fixture.browser();
    portal.tokens(&fixture, &scanned, sample::NORMAL).await;
    password::anna(&fixture).await;
    let typed = fixture.browser();
    let page = password::sign_in(&portal, &typed, "anna", password::GOOD).await;
    assert!(page.returned("code").is_some(), "{}", page.body);
    let trusted = fixture.browser();
    let mark = typed
        .cookie("menjin_known")
        .or_else(|| typed.cookie("__Host-menjin_known"));
    trusted.plant("127.0.0.1", "menjin_known", &mark.unwrap());

    let url = portal.authorize_url(&[]);
    let early = fixture.browser();
    let login = early.open(&url).await;
    assert_eq!(
        exhaust(&fixture, &url).await,
        MOST - 1,
        "who signed in gave theirs back"
    );
    let again = portal.authorize_url(&[("prompt", "login")]);
    assert_eq!(status(&scanned, &again).await, 303, "a living session");
    assert_eq!(status(&trusted, &url).await, 303, "a trusted browser");
    for (name, value) in [("menjin_session", "x"), ("menjin_known", "x")] {
        let liar = fixture.browser();
        liar.plant("127.0.0.1", name, value);
        assert_eq!(status(&liar, &url).await, 429, "a cookie alone proves nothing");
    }
    // Whoever has a login page can scan, and gives back what was counted.
    let page = fixture
        .phone()
        .sign_in_from(&early, &login, As::Member(sample::NORMAL))
        .await;
    assert!(page.returned("code").is_some(), "{}", page.body);
    assert_eq!(status(&fixture.browser(), &url).await, 303);
    assert_eq!(status(&fixture.browser(), &url).await, 429);
}

on_both!(
    who_proved_themselves_and_who_scans_outrank_strangers,
    [("SERVER__STRANGERS_PER_TEN_MINUTES", MOST.to_string())]
);

// Both windows have read the journey before either of them is finished, while WeCom takes its time.
async fn a_journey_that_leads_to_two_sessions_at_once_gives_back_one(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let url = portal.authorize_url(&[]);
    let browser = fixture.browser();
    let leave = browser.open(&url).await.link("/go/");
    let windows = [browser.open(&leave).await, browser.open(&leave).await];
    let (phone, member) = (fixture.phone(), As::Member(sample::NORMAL));
    let ways_back = [
        phone.scan(&browser, &windows[0], member).await,
        phone.scan(&browser, &windows[1], member).await,
    ];
    assert_eq!(status(&fixture.browser(), &url).await, 303, "somebody else");
    fixture.add_fault(Fault::new("/cgi-bin/auth/getuserinfo", FaultKind::Slow(500)).times(2));
    let both = futures_util::future::join(browser.get(&ways_back[0]), browser.get(&ways_back[1]));
    let (first, second) = both.await;
    assert_eq!(
        (first.status, second.status),
        (303, 303),
        "{} {}",
        first.body,
        second.body
    );
    assert_eq!(exhaust(&fixture, &url).await, MOST - 1);
}

on_both!(
    a_journey_that_leads_to_two_sessions_at_once_gives_back_one,
    [("SERVER__STRANGERS_PER_TEN_MINUTES", MOST.to_string())]
);

async fn a_person_who_is_signed_in_has_a_share_too(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let signed_in = fixture.browser();
    portal.tokens(&fixture, &signed_in, sample::NORMAL).await;
    let url = portal.authorize_url(&[("prompt", "login")]);
    let mut begun = 0;
    while status(&signed_in, &url).await == 303 {
        begun += 1;
        assert!(begun <= 2 * PROVEN, "there is no bound");
    }
    assert_eq!(begun, PROVEN + MOST, "their own share, and then their address's");
    let silent = portal.authorize_silently(&signed_in).await;
    assert!(silent.returned("code").is_some(), "what keeps nothing goes on");
}

on_both!(
    a_person_who_is_signed_in_has_a_share_too,
    [("SERVER__STRANGERS_PER_TEN_MINUTES", MOST.to_string())]
);

async fn departures_of_a_journey_replace_each_other(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser();
    let login = browser.open(&portal.authorize_url(&[])).await;
    let leave = login.link("/go/");
    let state = |page: &Page| page.returned("state").unwrap();
    let first = state(&fixture.browser().get(&leave).await);
    for _ in 0..8 {
        fixture.browser().get(&leave).await;
    }
    let settled = bytes(&fixture, Shelf::Strangers).await;
    for _ in 0..100 {
        assert_eq!(fixture.browser().get(&leave).await.status, 302);
    }
    assert_eq!(bytes(&fixture, Shelf::Strangers).await, settled);
    // Nor does it grow by coming back without a code, however often.
    for number in 0..20 {
        let visitor = fixture.browser();
        let left = state(&visitor.get(&leave).await);
        let back = format!("{}/wecom/callback?state={left}", fixture.base);
        assert!(visitor.get(&back).await.body.contains("SI-104"), "declined");
        let kept = bytes(&fixture, Shelf::Strangers).await;
        assert!(kept < settled + 8192, "{kept} bytes after {number}, {settled} before");
    }
    let callback = |state: &str| format!("{}/wecom/callback?code=x&state={state}", fixture.base);
    let page = fixture.browser().get(&callback(&first)).await;
    assert!(page.body.contains("SI-102"), "forgotten: {}", page.body);
    // Two windows of one browser: either may be scanned.
    let windows = [browser.open(&leave).await, browser.open(&leave).await];
    let page = fixture
        .phone()
        .scan(&browser, &windows[0], As::Member(sample::NORMAL))
        .await;
    let page = browser.open(&page).await;
    assert!(page.returned("code").is_some(), "{}", page.body);
}

on_both!(
    departures_of_a_journey_replace_each_other,
    [("SERVER__STRANGERS_PER_TEN_MINUTES", MOST.to_string())]
);

async fn departures_of_others_push_no_scan_at_the_console_out(fixture: Fixture) {
    fixture.connect().await;
    let owner = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
    fixture.admin().change(&owner, json!({ "console_role": "owner" })).await;
    let console = format!("{}/console", fixture.base);
    let browser = fixture.browser();
    let shown = browser.open(&browser.open(&console).await.link("/go/")).await;
    // Whoever opens a page of the console is on the same journey: a stranger elsewhere, and colleagues in the same office.
    for number in 0..60 {
        let other = fixture.browser();
        let other = if number % 3 == 0 {
            other
        } else {
            other.at_address("198.51.100.7")
        };
        let login = other.open(&console).await;
        assert_eq!(other.get(&login.link("/go/")).await.status, 302);
    }
    let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
    let page = browser.open(&callback).await;
    assert!(
        page.status == 200 && page.url.contains("/console"),
        "{} {}",
        page.url,
        page.body
    );
}

on_both!(
    departures_of_others_push_no_scan_at_the_console_out,
    [("SERVER__STRANGERS_PER_TEN_MINUTES", MOST.to_string())]
);

/// Leaves for WeCom from a network of its own; the `state` of it.
async fn leave_elsewhere(fixture: &Fixture, leave: &str, network: u32) -> String {
    let visitor = fixture.browser().at_address(&format!("2001:db8:{network:x}::1"));
    visitor.get(leave).await.returned("state").unwrap()
}

async fn departures_from_many_networks_are_bounded(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let callback = |state: &str| format!("{}/wecom/callback?code=x&state={state}", fixture.base);
    let is_forgotten = async |state: &str| {
        let page = fixture.browser().get(&callback(state)).await;
        page.body.contains("SI-102")
    };
    // A journey to a portal is one person's, wherever they are.
    let login = fixture.browser().open(&portal.authorize_url(&[])).await;
    let leave = login.link("/go/");
    let first = leave_elsewhere(&fixture, &leave, 1).await;
    for network in 2..5 {
        leave_elsewhere(&fixture, &leave, network).await;
    }
    assert!(!is_forgotten(&first).await, "four may come back");
    leave_elsewhere(&fixture, &leave, 5).await;
    assert!(is_forgotten(&first).await);
    // That to the console is everybody's: all networks together have a bound.
    let console = fixture.browser().open(&format!("{}/console", fixture.base)).await;
    let leave = console.link("/go/");
    let first = leave_elsewhere(&fixture, &leave, 1).await;
    for network in 2..257 {
        leave_elsewhere(&fixture, &leave, network).await;
    }
    assert!(!is_forgotten(&first).await, "256 may come back");
    leave_elsewhere(&fixture, &leave, 257).await;
    assert!(is_forgotten(&first).await);
}

on_both!(
    departures_from_many_networks_are_bounded,
    [("SERVER__STRANGERS_PER_TEN_MINUTES", MOST.to_string())]
);

/// Begins a sign-in from a network of its own.
async fn begin_elsewhere(fixture: &Fixture, portal: &Portal, network: u32) -> Page {
    let address = format!("2001:{network:x}::1");
    let long = "x".repeat(1000);
    let url = portal.authorize_url(&[("state", &long)]);
    let browser = fixture.browser().at_address(&address);
    let begun = browser.get(&url).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    begun
}

async fn what_is_kept_in_all_is_bounded_and_the_oldest_journeys_go(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let signed_in = fixture.browser();
    let code = portal.code(&fixture, &signed_in, sample::NORMAL).await;
    let known = signed_in.get(&portal.authorize_url(&[("prompt", "login")])).await;
    let tv = device::portal(&fixture, "tv", json!({})).await;
    let issued = device::asked(&fixture, &tv).await;
    let first = begin_elsewhere(&fixture, &portal, 1).await;
    let mut last = first.clone();
    for network in 2..500 {
        last = begin_elsewhere(&fixture, &portal, network).await;
    }
    for (shelf, share) in [
        (Shelf::Strangers, BUDGET / 2),
        (Shelf::Proven, BUDGET / 4),
        (Shelf::Proofs, BUDGET / 8),
        (Shelf::Counters, BUDGET / 8),
    ] {
        let kept = bytes(&fixture, shelf).await;
        assert!(kept <= share, "{shelf:?} has {kept} bytes");
    }
    assert!(bytes(&fixture, Shelf::Strangers).await > BUDGET / 4, "nothing was kept");
    let opened = async |page: &Page| fixture.fetch(&journey(page)).await.status().as_u16();
    assert_eq!(opened(&first).await, 400, "the oldest is gone");
    assert_eq!(opened(&last).await, 200);
    assert_eq!(opened(&known).await, 200, "strangers do not push out who is signed in");
    assert_eq!(portal.redeem(&code).await.status, 200, "nor a code");
    assert_eq!(device::error_of_poll(&tv, &issued).await, "authorization_pending");
}

on_both!(
    what_is_kept_in_all_is_bounded_and_the_oldest_journeys_go,
    [("EPHEMERAL__UNPROVEN_MEGABYTES", "1".to_owned())]
);
