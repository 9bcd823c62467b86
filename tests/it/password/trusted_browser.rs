//! Trusted browsers, which proved themselves before: anonymous clients cannot lock anybody out of them, and they gain nothing else by it.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::{
    BAD, GOOD, OTHER, WRONG, anna, anna_and_portal, bare, give_password, is_wrong, lets_in, local_user, sign_in,
    totp::{enter, set_up},
    type_in,
};
use crate::{
    actors::{Browser, Page, Portal},
    fixture::Fixture,
    scenario,
};

const COOKIE: &str = "menjin_known";

/// Types again in a browser that is signed in.
async fn again(portal: &Portal, browser: &Browser, username: &str, password: &str) -> Page {
    let login = browser.open(&portal.authorize_url(&[("prompt", "login")])).await;
    assert_eq!(login.status, 200, "{:?} {}", login.location, login.body);
    type_in(browser, &login, username, password).await
}

/// Types the right password again in this browser, which must be let in.
async fn lets_in_again(portal: &Portal, browser: &Browser, username: &str) {
    let page = again(portal, browser, username, GOOD).await;
    assert!(page.returned("code").is_some(), "{username}: {}", page.body);
}

/// Anonymous clients from everywhere lock the name.
async fn lock(fixture: &Fixture, portal: &Portal, username: &str) {
    for number in 0..10 {
        let browser = fixture.browser().at_address(&format!("203.0.113.{number}"));
        sign_in(portal, &browser, username, BAD).await;
    }
    is_wrong(fixture, portal, username, GOOD).await;
}

scenario!(
    nobody_can_lock_a_user_out_of_a_trusted_browser,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let home = fixture.browser();
        assert!(sign_in(&portal, &home, "anna", BAD).await.body.contains(WRONG));
        assert!(home.cookie(COOKIE).is_none(), "nothing was proven");
        sign_in(&portal, &home, "anna", GOOD).await;
        assert!(home.cookie(COOKIE).is_some());
        lock(&fixture, &portal, "anna").await;
        // What her browser is answered does not tell that it is trusted.
        let strange = sign_in(&portal, &fixture.browser(), "anna", BAD).await;
        let own = again(&portal, &home, "anna", BAD).await;
        assert_eq!(
            (own.status, bare(&own, "anna")),
            (strange.status, bare(&strange, "anna"))
        );
        for name in ["anna", " ANNA "] {
            lets_in_again(&portal, &home, name).await;
        }
        // Her success does not give anonymous clients new tries.
        is_wrong(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(a_trusted_browser_has_limits_of_its_own, |fixture: Fixture| async move {
    let (_, portal) = anna_and_portal(&fixture).await;
    let home = fixture.browser();
    sign_in(&portal, &home, "anna", GOOD).await;
    let url = portal.authorize_url(&[("prompt", "login")]);
    let logins = join_all((0..100).map(|_| home.open(&url))).await;
    let before = fixture.app.password_hashes();
    let pages = join_all(logins.iter().map(|login| type_in(&home, login, "anna", BAD))).await;
    assert!(pages.iter().all(|page| page.status == 403 && page.body.contains(WRONG)));
    assert_eq!(fixture.app.password_hashes() - before, 10, "of 100 parallel tries");
    assert!(again(&portal, &home, "anna", GOOD).await.body.contains(WRONG), "locked");
    // Without the mark it is an anonymous client, which nobody has locked.
    lets_in(&fixture, &portal, "anna", GOOD).await;
    fixture.advance(Duration::from_secs(15 * 60 + 1));
    lets_in_again(&portal, &home, "anna").await;
});

scenario!(
    a_trusted_browser_is_not_trusted_for_other_users,
    |fixture: Fixture| async move {
        anna(&fixture).await;
        for name in ["carla", "dora"] {
            let user = local_user(&fixture, name).await;
            give_password(&fixture, &user, GOOD).await;
        }
        let portal = fixture.portal("wiki", json!({})).await;
        let home = fixture.browser();
        sign_in(&portal, &home, "anna", GOOD).await;
        for _ in 0..10 {
            again(&portal, &home, "carla", BAD).await;
        }
        assert!(again(&portal, &home, "carla", GOOD).await.body.contains(WRONG));
        // Her tries at carla are everybody's.
        is_wrong(&fixture, &portal, "carla", GOOD).await;
        // The browser is trusted for a second person besides the first.
        lets_in_again(&portal, &home, "dora").await;
        for name in ["anna", "dora"] {
            lock(&fixture, &portal, name).await;
            lets_in_again(&portal, &home, name).await;
        }
    }
);

scenario!(
    trust_in_a_browser_ends_with_the_next_password_and_after_half_a_year,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let (home, work) = (fixture.browser(), fixture.browser());
        sign_in(&portal, &home, "anna", GOOD).await;
        let old = home.cookie(COOKIE).unwrap();
        give_password(&fixture, &user, OTHER).await;
        give_password(&fixture, &user, GOOD).await;
        sign_in(&portal, &work, "anna", GOOD).await;
        lock(&fixture, &portal, "anna").await;
        let page = sign_in(&portal, &home, "anna", GOOD).await;
        assert!(page.body.contains(WRONG), "the same letters, and another password");
        assert_eq!(home.cookie(COOKIE).unwrap(), old);
        lets_in_again(&portal, &work, "anna").await;
        fixture.advance(Duration::from_secs(180 * 86_400 + 1));
        lock(&fixture, &portal, "anna").await;
        assert!(
            sign_in(&portal, &work, "anna", GOOD).await.body.contains(WRONG),
            "too long ago"
        );
    }
);

scenario!(made_up_marks_are_none, |fixture: Fixture| async move {
    let (user, portal) = anna_and_portal(&fixture).await;
    let home = fixture.browser();
    sign_in(&portal, &home, "anna", GOOD).await;
    let real = home.cookie(COOKIE).unwrap();
    assert!(!real.contains(&user) && real.len() < 1024);
    lock(&fixture, &portal, "anna").await;
    let long = "A".repeat(4000);
    let turned: String = real.chars().rev().collect();
    let doubled = format!("{real}{real}");
    for made_up in [
        "",
        "x",
        "{}",
        "AAAA",
        "%00",
        &turned,
        &doubled,
        &real[..real.len() / 2],
        &long,
    ] {
        let browser = fixture.browser();
        browser.plant("127.0.0.1", COOKIE, made_up);
        let page = sign_in(&portal, &browser, "anna", GOOD).await;
        assert!(
            page.status == 403 && page.body.contains(WRONG),
            "{made_up:.20}: {}",
            page.body
        );
    }
    let copied = fixture.browser();
    copied.plant("127.0.0.1", COOKIE, &real);
    let page = sign_in(&portal, &copied, "anna", BAD).await;
    assert!(page.body.contains(WRONG), "a mark is no password");
    assert!(copied.cookie("menjin_session").is_none());
});

scenario!(
    a_browser_is_known_only_after_the_code_and_at_the_code_too,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let (app, _) = set_up(&fixture, &user).await;
        fixture.advance(Duration::from_secs(60));
        let home = fixture.browser();
        let asked = sign_in(&portal, &home, "anna", GOOD).await;
        assert!(home.cookie(COOKIE).is_none(), "a code is owed");
        let page = enter(&home, &asked, &app.shows(&fixture, 0)).await;
        assert!(
            page.returned("code").is_some() && home.cookie(COOKIE).is_some(),
            "{}",
            page.body
        );
        fixture.advance(Duration::from_secs(60));
        lock(&fixture, &portal, "anna").await;
        let asked = again(&portal, &home, "anna", GOOD).await;
        assert!(asked.url.contains("/signin/code/"), "{} {}", asked.url, asked.body);
        for _ in 0..8 {
            let page = enter(&home, &asked, "000000").await;
            assert!(page.body.contains("SI-202"), "{}", page.body);
        }
        let page = enter(&home, &asked, &app.shows(&fixture, 0)).await;
        assert!(
            page.returned("code").is_some(),
            "the ninth, with the password the tenth: {}",
            page.body
        );
    }
);

scenario!(
    a_browser_trusted_before_codes_were_set_up_is_not_afterwards,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let home = fixture.browser();
        sign_in(&portal, &home, "anna", GOOD).await;
        assert!(home.cookie(COOKIE).is_some());
        set_up(&fixture, &user).await;
        lock(&fixture, &portal, "anna").await;
        // Else who has the password could have made as many marks as they like before, each with tries at the codes of its own.
        let page = again(&portal, &home, "anna", GOOD).await;
        assert!(page.body.contains(WRONG), "{} {}", page.url, page.body);
    }
);

scenario!(
    wrong_codes_count_for_the_user_across_all_trusted_browsers,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let (app, _) = set_up(&fixture, &user).await;
        let browsers = [fixture.browser(), fixture.browser()];
        for browser in &browsers {
            fixture.advance(Duration::from_secs(60));
            let asked = sign_in(&portal, browser, "anna", GOOD).await;
            enter(browser, &asked, &app.shows(&fixture, 0)).await;
            assert!(browser.cookie(COOKIE).is_some());
        }
        fixture.advance(Duration::from_secs(60));
        for browser in &browsers {
            let asked = again(&portal, browser, "anna", GOOD).await;
            for _ in 0..5 {
                let page = enter(browser, &asked, "000000").await;
                assert!(page.body.contains("SI-202"), "{}", page.body);
            }
        }
        let asked = again(&portal, &browsers[1], "anna", GOOD).await;
        let page = enter(&browsers[1], &asked, &app.shows(&fixture, 0)).await;
        assert!(page.body.contains("SI-202"), "ten in all: {}", page.body);
        fixture.advance(Duration::from_secs(3600));
        let asked = again(&portal, &browsers[1], "anna", GOOD).await;
        let page = enter(&browsers[1], &asked, &app.shows(&fixture, 0)).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);
