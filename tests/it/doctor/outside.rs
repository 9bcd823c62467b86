//! What stands in front of Menjin, seen from outside in: the public URL, its certificate, the proxy, WeCom's verification files.

use menjin::config::Config;
use serde_json::json;

use super::{assert_found_at, found_at};
use crate::{
    actors::{Admin, Relay, TlsServer},
    backends::free_port,
    fixture::{ADMIN_TOKEN, Fixture, Served},
    scenario,
};

/// Menjin once more, behind a TLS proxy whose authority it trusts.
pub async fn behind(fixture: &Fixture, relay: Relay, change: impl FnOnce(&mut Config)) -> (Admin, Served) {
    fixture.advance_to_now();
    fixture.app.tick().await.unwrap();
    let served = fixture.serve_with(|config| {
        let proxy = TlsServer::relay(&config.public_url, relay);
        config.public_url = proxy.base;
        config.outbound.ca = Some(proxy.authority.into_bytes());
        change(config);
    });
    let served = served.await;
    (Admin::new(&fixture.http, &served.base, ADMIN_TOKEN), served)
}

const HONEST: Relay = Relay {
    forwards: true,
    hides: None,
};

/// Nothing of WeCom's verification files comes through.
pub const WITHOUT_FILES: Relay = Relay {
    hides: Some("/WW_verify_"),
    ..HONEST
};

scenario!(behind_an_honest_proxy_all_is_well, |fixture: Fixture| async move {
    let (admin, served) = behind(&fixture, HONEST, |_| {}).await;
    let found = found_at(&fixture, &admin).await;
    assert!(found.is_empty(), "{found:?}");
    // How our own request arrived is told to nobody else.
    let stranger = format!("{}/doctor/arrival", served.base);
    for query in ["", "?seal=", "?seal=AAAA", "?other=1"] {
        let answer = fixture.http.get(format!("{stranger}{query}")).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{query}");
    }
});

scenario!(a_proxy_that_nobody_named_is_named, |fixture: Fixture| async move {
    let (admin, _) = behind(&fixture, HONEST, |config| config.trusted_proxies.clear()).await;
    assert_found_at(&fixture, &admin, "DR-102", "warning").await;
});

scenario!(
    a_proxy_at_another_address_than_the_trusted_is_named,
    |fixture: Fixture| async move {
        let other = |config: &mut Config| config.trusted_proxies = vec!["192.0.2.7/32".parse().unwrap()];
        let (admin, _) = behind(&fixture, HONEST, other).await;
        let finding = assert_found_at(&fixture, &admin, "DR-170", "warning").await;
        assert!(finding["seen"].as_str().unwrap().contains("127.0.0.1"), "{finding}");
    }
);

scenario!(
    a_proxy_that_does_not_say_for_whom_it_asks_is_named,
    |fixture: Fixture| async move {
        let silent = Relay {
            forwards: false,
            ..HONEST
        };
        let (admin, _) = behind(&fixture, silent, |_| {}).await;
        assert_found_at(&fixture, &admin, "DR-171", "warning").await;
    }
);

scenario!(
    a_proxy_that_hides_our_question_is_named_without_the_question,
    |fixture: Fixture| async move {
        let hiding = Relay {
            hides: Some("/doctor/"),
            ..HONEST
        };
        let (admin, _) = behind(&fixture, hiding, |_| {}).await;
        let finding = assert_found_at(&fixture, &admin, "DR-172", "warning").await;
        let seen = finding["seen"].as_str().unwrap();
        assert!(seen.ends_with("/doctor/arrival: HTTP status 404"), "{finding}");
        let report = admin.get("doctor").await;
        assert!(!report.to_string().contains("seal="), "{report}");
    }
);

scenario!(
    a_verification_file_that_wecom_would_not_find_is_named,
    |fixture: Fixture| async move {
        let file = json!({ "name": "WW_verify_abcDEF0123456789.txt", "content": "abcDEF0123456789" });
        fixture.admin().create("verification-files", file).await;
        let (admin, _) = behind(&fixture, WITHOUT_FILES, |_| {}).await;
        let finding = assert_found_at(&fixture, &admin, "DR-165", "error").await;
        assert!(finding["seen"].as_str().unwrap().contains("404"), "{finding}");
    }
);

scenario!(
    a_certificate_that_is_not_trusted_is_named,
    |fixture: Fixture| async move {
        let (admin, _) = behind(&fixture, HONEST, |config| config.outbound.ca = None).await;
        assert_found_at(&fixture, &admin, "DR-162", "error").await;
    }
);

scenario!(
    a_public_url_where_nobody_or_somebody_else_answers_is_named,
    |fixture: Fixture| async move {
        fixture.advance_to_now();
        fixture.app.tick().await.unwrap();
        let nobody = format!("http://127.0.0.1:{}", free_port());
        let served = fixture.serve_with(|config| config.public_url = nobody).await;
        let admin = Admin::new(&fixture.http, &served.base, ADMIN_TOKEN);
        assert_found_at(&fixture, &admin, "DR-160", "warning").await;
        // Another installation: its issuer is its own address.
        let other = fixture.base.replace("127.0.0.1", "localhost");
        let served = fixture.serve_with(|config| config.public_url = other).await;
        let admin = Admin::new(&fixture.http, &served.base, ADMIN_TOKEN);
        let finding = assert_found_at(&fixture, &admin, "DR-161", "error").await;
        assert!(finding["seen"].as_str().unwrap().contains(&fixture.base), "{finding}");
    }
);
