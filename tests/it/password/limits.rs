//! Lockout per user and per address, and the bounds of the pool.

use std::{cell::Cell, time::Duration};

use futures_util::future::{join, join_all};
use serde_json::json;

use super::{BAD, GOOD, WRONG, anna_and_portal, bare, give_password, is_wrong, lets_in, local_user, sign_in, type_in};
use crate::{actors::Portal, fixture::Fixture, scenario};

scenario!(
    ten_failures_lock_a_user_for_a_quarter_of_an_hour,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let mut wrong = String::new();
        for _ in 0..10 {
            wrong = bare(&sign_in(&portal, &fixture.browser(), "anna", BAD).await, "anna");
        }
        let hashes = fixture.app.password_hashes();
        let locked = sign_in(&portal, &fixture.browser(), "Anna", GOOD).await;
        assert_eq!(bare(&locked, "Anna"), wrong, "locked looks like wrong");
        assert_eq!(fixture.app.password_hashes(), hashes, "a locked name costs no hash");
        let other = local_user(&fixture, "carla").await;
        give_password(&fixture, &other, GOOD).await;
        // Others are not locked.
        lets_in(&fixture, &portal, "carla", GOOD).await;
        fixture.advance(Duration::from_secs(15 * 60 - 1));
        assert_eq!(sign_in(&portal, &fixture.browser(), "anna", GOOD).await.status, 403);
        fixture.advance(Duration::from_secs(2));
        lets_in(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(the_lock_lasts_from_the_last_failure, |fixture: Fixture| async move {
    let (_, portal) = anna_and_portal(&fixture).await;
    for _ in 0..9 {
        sign_in(&portal, &fixture.browser(), "anna", BAD).await;
    }
    fixture.advance(Duration::from_secs(14 * 60));
    sign_in(&portal, &fixture.browser(), "anna", BAD).await;
    fixture.advance(Duration::from_secs(2 * 60));
    // The window is over, the lock is not.
    is_wrong(&fixture, &portal, "anna", GOOD).await;
    fixture.advance(Duration::from_secs(13 * 60 + 1));
    lets_in(&fixture, &portal, "anna", GOOD).await;
});

scenario!(names_nobody_has_are_locked_alike, |fixture: Fixture| async move {
    let (_, portal) = anna_and_portal(&fixture).await;
    for _ in 0..10 {
        sign_in(&portal, &fixture.browser(), "nobody", BAD).await;
    }
    let hashes = fixture.app.password_hashes();
    is_wrong(&fixture, &portal, "nobody", BAD).await;
    assert_eq!(
        fixture.app.password_hashes(),
        hashes,
        "no hash, as with a name somebody has"
    );
});

/// The same installation, where so many failures lock an address.
async fn with_address_failures(fixture: &Fixture, portal: &Portal, most: &str) -> Portal {
    let base = fixture.restart_with(&[("PASSWORD__ADDRESS_FAILURES", most)]).await;
    portal.at(&base)
}

scenario!(
    a_success_takes_back_ones_own_failures_and_nobody_elses,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let portal = with_address_failures(&fixture, &portal, "10").await;
        let at = |address: &'static str| fixture.browser().at_address(address);
        for number in 0..5 {
            sign_in(&portal, &at("198.51.100.7"), &format!("nobody{number}"), BAD).await;
        }
        // Slips before a success are nobody's attack: neither the name nor the address keeps them.
        for round in 0..5 {
            for _ in 0..4 {
                sign_in(&portal, &at("198.51.100.7"), "anna", BAD).await;
            }
            let page = sign_in(&portal, &at("198.51.100.7"), "anna", GOOD).await;
            assert!(page.returned("code").is_some(), "round {round}: {}", page.body);
        }
        // The five at other names are still counted: five more lock the address, for whoever is new there, and for nobody else.
        for number in 5..10 {
            let page = sign_in(&portal, &at("198.51.100.7"), "anna", GOOD).await;
            assert!(page.returned("code").is_some(), "{number}: {}", page.body);
            sign_in(&portal, &at("198.51.100.7"), &format!("nobody{number}"), BAD).await;
        }
        let page = sign_in(&portal, &at("198.51.100.7"), "anna", GOOD).await;
        assert!(page.body.contains(WRONG));
        let page = sign_in(&portal, &at("198.51.100.8"), "anna", GOOD).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        fixture.advance(Duration::from_secs(15 * 60 + 1));
        let page = sign_in(&portal, &at("198.51.100.7"), "anna", GOOD).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

scenario!(
    an_office_behind_one_address_is_not_shut_out_by_mistypes,
    |fixture: Fixture| async move {
        let portal = fixture.portal("wiki", json!({})).await;
        let narrow = with_address_failures(&fixture, &portal, "4").await;
        let office = |_: usize| fixture.browser().at_address("198.51.100.7");
        let mut browsers = Vec::new();
        // Twelve people mistype twice each, six times what the address may fail.
        for number in 0..12 {
            let name = format!("colleague{number}");
            let user = local_user(&fixture, &name).await;
            give_password(&fixture, &user, GOOD).await;
            let browser = office(number);
            for _ in 0..2 {
                assert_eq!(sign_in(&narrow, &browser, &name, BAD).await.status, 403);
            }
            let page = sign_in(&narrow, &browser, &name, GOOD).await;
            assert!(page.returned("code").is_some(), "{name}: {}", page.body);
            browsers.push((name, browser));
        }
        // One of them goes on guessing at others: new browsers at that address wait, trusted ones do not.
        for number in 0..4 {
            sign_in(&narrow, &office(number), &format!("nobody{number}"), BAD).await;
        }
        let page = sign_in(&narrow, &office(0), "colleague0", GOOD).await;
        assert!(page.body.contains(WRONG), "a new browser waits");
        for (name, browser) in &browsers {
            let again = browser.open(&narrow.authorize_url(&[("prompt", "login")])).await;
            let page = type_in(browser, &again, name, GOOD).await;
            assert!(page.returned("code").is_some(), "{name}: {}", page.body);
        }
    }
);

scenario!(
    a_client_cannot_choose_the_address_it_is_counted_by,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let portal = with_address_failures(&fixture, &portal, "20").await;
        // The proxy appends whom it heard from; what stands left of it is the client's own invention.
        for number in 0..20 {
            let browser = fixture
                .browser()
                .at_address(&format!("203.0.113.{number}, 198.51.100.9"));
            sign_in(&portal, &browser, &format!("nobody{number}"), BAD).await;
        }
        let browser = fixture.browser().at_address("203.0.113.200, 198.51.100.9");
        assert!(sign_in(&portal, &browser, "anna", GOOD).await.body.contains(WRONG));
    }
);

scenario!(
    one_site_of_ipv6_does_not_fill_the_audit_log,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let portal = with_address_failures(&fixture, &portal, "2").await;
        for network in 0..30 {
            let browser = fixture.browser().at_address(&format!("2001:db8:1:{network:x}00::1"));
            sign_in(&portal, &browser, &format!("nobody{}", network % 3), BAD).await;
        }
        let events = fixture.admin().get("audit-events?limit=200").await;
        let failures = events["items"].as_array().unwrap().iter();
        let failures = failures.filter(|event| event["number"] == WRONG).count();
        assert_eq!(failures, 3, "one row of the site for each name");
        let browser = fixture.browser().at_address("2001:db8:1:ffff::1");
        assert!(sign_in(&portal, &browser, "anna", GOOD).await.body.contains(WRONG));
        let browser = fixture.browser().at_address("2001:db8:2::1");
        let page = sign_in(&portal, &browser, "anna", GOOD).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

scenario!(
    of_100_parallel_wrong_tries_no_more_are_checked_than_the_bound,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let browsers: Vec<_> = (0..100)
            .map(|number| fixture.browser().at_address(&format!("198.51.100.{number}")))
            .collect();
        let url = portal.authorize_url(&[]);
        let logins = join_all(browsers.iter().map(|browser| browser.open(&url))).await;
        let before = fixture.app.password_hashes();
        let tries = browsers.iter().zip(&logins);
        let pages = join_all(tries.map(|(browser, login)| type_in(browser, login, "anna", BAD))).await;
        assert_eq!(fixture.app.password_hashes() - before, 10);
        assert!(pages.iter().all(|page| page.status == 403 && page.body.contains(WRONG)));
        // Locked.
        is_wrong(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(
    a_storm_of_sign_ins_does_not_starve_the_rest,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let browsers: Vec<_> = (0..200)
            .map(|number| fixture.browser().at_address(&format!("198.51.100.{number}")))
            .collect();
        let url = portal.authorize_url(&[]);
        let logins = join_all(browsers.iter().map(|browser| browser.open(&url))).await;
        let before = fixture.app.password_hashes();
        let names: Vec<String> = (0..200).map(|number| format!("nobody{number}")).collect();
        let storm = browsers.iter().zip(&logins).zip(&names);
        let storm = join_all(storm.map(|((browser, login), name)| type_in(browser, login, name, BAD)));
        let others = async {
            let mut answered = 0;
            for _ in 0..50 {
                let discovery = format!("{}/.well-known/openid-configuration", fixture.base);
                for address in [format!("{}/healthz", fixture.base), discovery] {
                    answered += usize::from(fixture.http.get(address).send().await.unwrap().status() == 200);
                }
            }
            (answered, fixture.app.password_hashes() - before)
        };
        let (pages, (answered, hashed_meanwhile)) = join(storm, others).await;
        assert_eq!(answered, 100);
        let (checked, sent_away): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.status == 403);
        assert!(
            sent_away
                .iter()
                .all(|page| page.status == 503 && page.body.contains("CR-103")),
            "who finds the queue full is told to come back"
        );
        assert_eq!(
            fixture.app.password_hashes() - before,
            checked.len(),
            "nobody else cost a hash"
        );
        assert!(
            hashed_meanwhile < 200,
            "the others were answered while the storm went on"
        );
        lets_in(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(
    a_storm_of_strangers_leaves_trusted_browsers_their_turn,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let narrow = [("PASSWORD__PARALLEL", "1"), ("PASSWORD__QUEUE", "4")];
        let portal = portal.at(&fixture.restart_with(&narrow).await);
        let trusted = fixture.browser();
        let page = sign_in(&portal, &trusted, "anna", GOOD).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        let url = portal.authorize_url(&[("prompt", "login")]);
        let calm = Cell::new(false);
        // Each tries again and again, under a new name each time, until the trusted browser is done.
        let strangers = (0..40).map(|number| {
            let (calm, url) = (&calm, &url);
            let browser = fixture.browser().at_address(&format!("198.51.100.{number}"));
            async move {
                let login = browser.open(url).await;
                let mut busy = 0;
                for round in 0..500 {
                    if calm.get() {
                        break;
                    }
                    let page = type_in(&browser, &login, &format!("nobody{number}-{round}"), BAD).await;
                    busy += usize::from(page.status == 503 && page.body.contains("CR-103"));
                }
                busy
            }
        });
        let signs_in = async {
            for round in 0..5 {
                let login = trusted.open(&url).await;
                let page = type_in(&trusted, &login, "anna", GOOD).await;
                assert!(
                    page.returned("code").is_some(),
                    "{round}: {} {}",
                    page.status,
                    page.body
                );
            }
            calm.set(true);
        };
        let (busy, ()) = join(join_all(strangers), signs_in).await;
        assert!(busy.iter().sum::<usize>() > 0, "the strangers' queue was never full");
    }
);
