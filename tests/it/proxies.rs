//! Behind a reverse proxy: whose address counts, and what is said when nobody told us of the proxy.

use std::{
    io::Write,
    net::Ipv4Addr,
    sync::{Mutex, OnceLock},
};

use serde_json::json;
use simulator::{World, sample};

use crate::{
    actors::{As, Portal},
    anonymous_limit::open_with_most,
    backends::Backend,
    device,
    fixture::Fixture,
    scenario,
};

/// A public client, in whose name anybody may ask for device codes: 30 in ten minutes from one address.
async fn public_device(fixture: &Fixture) -> Portal {
    device::portal(fixture, "tv", json!({ "auth_method": "none" })).await
}

/// One request for device codes, as a proxy hands it on for somebody at this address.
async fn ask(fixture: &Fixture, portal: &Portal, base: &str, forwarded: (&str, &str)) -> u16 {
    let form = [("scope", "openid"), ("client_id", portal.client_id.as_str())];
    let request = fixture
        .http
        .post(format!("{base}/oauth2/device_authorization"))
        .form(&form);
    let answer = request.header(forwarded.0, forwarded.1).send().await.unwrap();
    answer.status().as_u16()
}

scenario!(
    device_codes_are_counted_by_the_client_behind_a_trusted_proxy,
    |fixture: Fixture| async move {
        let portal = public_device(&fixture).await;
        let from = |address: &'static str| ask(&fixture, &portal, &fixture.base, ("x-forwarded-for", address));
        for _ in 0..30 {
            assert_eq!(from("198.51.100.7").await, 200);
        }
        assert_eq!(from("198.51.100.7").await, 429);
        assert_eq!(from("203.0.113.1, 198.51.100.7").await, 429, "its own invention");
        assert_eq!(from("198.51.100.8").await, 200, "somebody else behind the same proxy");
    }
);

scenario!(
    device_codes_are_counted_by_the_peer_where_no_proxy_is_trusted,
    |fixture: Fixture| async move {
        let portal = public_device(&fixture).await;
        let base = fixture.restart_with(&[("SERVER__TRUSTED_PROXIES", "")]).await;
        for number in 0..30 {
            let address = format!("198.51.100.{number}");
            let name = if number % 2 == 0 {
                "x-forwarded-for"
            } else {
                "forwarded"
            };
            assert_eq!(ask(&fixture, &portal, &base, (name, &address)).await, 200);
        }
        assert_eq!(
            ask(&fixture, &portal, &base, ("x-forwarded-for", "198.51.100.99")).await,
            429
        );
    }
);

scenario!(
    guesses_at_user_codes_are_counted_by_the_client_behind_a_trusted_proxy,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = device::portal(&fixture, "tv", json!({})).await;
        let issued = device::asked(&fixture, &portal).await;
        let right = issued["verification_uri_complete"].as_str().unwrap();
        let untold = fixture.restart_with(&[("SERVER__TRUSTED_PROXIES", "")]).await;
        let guess = |base: &str| format!("{base}/device?user_code=BCDF-GHJK");
        let status = async |url: String, from: &str| fixture.browser().at_address(from).get(&url).await.status;
        for _ in 0..300 {
            assert_eq!(status(guess(&fixture.base), "198.51.100.7").await, 400);
        }
        assert_eq!(status(right.to_owned(), "198.51.100.7").await, 429);
        assert_eq!(status(right.to_owned(), "198.51.100.8").await, 303, "somebody else");
        for number in 0..300 {
            assert_eq!(
                status(guess(&untold), &format!("203.0.113.{}", number % 200)).await,
                400
            );
        }
        assert_eq!(
            status(guess(&untold), "203.0.113.250").await,
            429,
            "the header is not believed"
        );
    }
);

/// Begun in the tests before it is too much.
const MOST: u64 = 6;

async fn status(fixture: &Fixture, url: &str, from: &str) -> u16 {
    fixture.browser().at_address(from).get(url).await.status
}

async fn an_ipv6_site_does_not_count_as_65_536_clients(fixture: Fixture) {
    fixture.connect().await;
    let url = fixture.portal("wiki", json!({})).await.authorize_url(&[]);
    let mut begun = 0;
    for network in 0..100 {
        for host in 0..2 {
            let answer = status(&fixture, &url, &format!("2001:db8:1:{network:x}00::{host:x}")).await;
            begun += u64::from(answer == 303);
        }
    }
    assert_eq!(begun, 10 * MOST);
    assert_eq!(status(&fixture, &url, "2001:db8:2::1").await, 303, "another site");
}

async fn anonymous_clients_behind_an_unnamed_proxy_count_as_one(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let untold = portal.at(&fixture.restart_with(&[("SERVER__TRUSTED_PROXIES", "")]).await);
    for number in 0..MOST {
        let from = format!("198.51.100.{number}");
        assert_eq!(status(&fixture, &untold.authorize_url(&[]), &from).await, 303);
    }
    assert_eq!(status(&fixture, &untold.authorize_url(&[]), "198.51.100.99").await, 429);
    assert_eq!(
        status(&fixture, &portal.authorize_url(&[]), "198.51.100.99").await,
        303,
        "where it is named"
    );
}

// RFC 6749 leaves it open; what a person reloads must not be remembered anew each time.
async fn reloading_the_way_back_begins_no_other_journey(fixture: Fixture) {
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser();
    let login = browser.open(&portal.authorize_url(&[])).await;
    let journey = login.url.split('?').next().unwrap().to_owned();
    let shown = browser.open(&login.link("/go/")).await;
    let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
    let back = browser.get(&callback).await.location.unwrap();
    assert!(back.contains("/oauth2/authorize/resume?request="), "{back}");
    let other = fixture.browser().at_address("198.51.100.7");
    for _ in 0..3 {
        let again = other.get(&back).await;
        assert_eq!(again.location.unwrap().split('?').next().unwrap(), journey);
    }
    let second = fixture.browser().open(&portal.authorize_url(&[])).await;
    assert_ne!(
        second.url.split('?').next().unwrap(),
        journey,
        "another request has its own"
    );
    // The person themselves is let in, once.
    assert!(browser.get(&back).await.returned("code").is_some());
    assert_eq!(browser.get(&back).await.status, 400);
    // A device's code begins one journey too, and a reload keeps nothing more.
    let tv = device::portal(&fixture, "tv", json!({})).await;
    let issued = device::asked(&fixture, &tv).await;
    let address = issued["verification_uri_complete"].as_str().unwrap();
    let visitor = fixture.browser().at_address("198.51.100.8");
    let mut journeys = Vec::new();
    for _ in 0..2 * MOST {
        journeys.push(visitor.get(address).await.location.unwrap());
    }
    journeys.dedup();
    assert_eq!(journeys.len(), 1);
}

macro_rules! on_both {
    ($name:ident) => {
        mod $name {
            use super::*;

            #[actix_web::test]
            async fn on_sqlite_and_memory() {
                if let Some(fixture) = open_with_most(Backend::SqliteMemory, MOST).await {
                    super::$name(fixture).await;
                }
            }

            #[actix_web::test]
            async fn on_postgres_and_redis() {
                if let Some(fixture) = open_with_most(Backend::PostgresRedis, MOST).await {
                    super::$name(fixture).await;
                }
            }
        }
    };
}

on_both!(an_ipv6_site_does_not_count_as_65_536_clients);
on_both!(anonymous_clients_behind_an_unnamed_proxy_count_as_one);
on_both!(reloading_the_way_back_begins_no_other_journey);

#[actix_web::test]
async fn https_without_a_named_proxy_is_warned_of_at_the_start() {
    let set = |key: &str, value: &str| (format!("MENJIN__SERVER__{key}"), value.to_owned());
    let named = set("TRUSTED_PROXIES", "10.0.0.1");
    let https = [
        set("PUBLIC_URL", "https://sso.corp.example"),
        set("TRUSTED_PROXIES", ""),
    ];
    for (settings, warned) in [(https.as_slice(), true), ([https[0].clone(), named].as_slice(), false)] {
        let fixture = Fixture::open_set(Backend::SqliteMemory, World::sample(), settings).await;
        let told = fixture.unwrap().command_within(20, &["serve"]);
        assert_eq!(told.contains("server.trusted_proxies names none"), warned, "{told}");
    }
}

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps warnings of this whole test program about addresses.
fn listen_to_the_log() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let filter = tracing_subscriber::EnvFilter::new("menjin::web::client_address=warn");
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
        log.with_writer(|| Lines).init();
    });
}

fn warnings_about(peer: Ipv4Addr) -> usize {
    let text = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    let warnings = text
        .lines()
        .filter(|line| line.contains("server.trusted_proxies is empty"));
    warnings.filter(|line| line.contains(&format!("from {peer} "))).count()
}

scenario!(
    an_unnamed_proxy_is_logged_once_in_the_log,
    |fixture: Fixture| async move {
        listen_to_the_log();
        let portal = fixture.portal("wiki", json!({})).await;
        let untold = fixture.restart_with(&[("SERVER__TRUSTED_PROXIES", "")]).await;
        // Each fixture of this program speaks from a loopback address of its own, so that its warnings are told apart.
        let port: u16 = fixture.base.rsplit(':').next().unwrap().parse().unwrap();
        let [high, low] = port.to_be_bytes();
        let peer = Ipv4Addr::new(127, 77, high, low);
        let proxy = reqwest::Client::builder().local_address(Some(peer.into())).no_proxy();
        let proxy = proxy.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let visit = async |base: &str, header: Option<&str>| {
            let request = proxy.get(portal.at(base).authorize_url(&[]));
            let request = header.map_or(request.try_clone().unwrap(), |name| {
                request.header(name, "198.51.100.7")
            });
            request.send().await.unwrap();
        };
        visit(&untold, None).await;
        assert_eq!(warnings_about(peer), 0, "nothing is odd about a visitor");
        for header in ["x-forwarded-for", "forwarded", "x-forwarded-for"] {
            visit(&untold, Some(header)).await;
            visit(&fixture.base, Some(header)).await;
        }
        assert_eq!(warnings_about(peer), 1);
    }
);
