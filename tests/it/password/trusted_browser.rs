//! Browsers that proved themselves before: strangers cannot lock anybody out of them, and they gain nothing else by it.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::{GOOD, WRONG, anna, bare, give_password, local_user, sign_in, totp::set_up, type_in};
use crate::{
    actors::{Browser, Page, Portal},
    fixture::Fixture,
    scenario,
};

const BAD: &str = "not the right password";
const COOKIE: &str = "menjin_known";

/// Types again in a browser that is signed in.
async fn again(portal: &Portal, browser: &Browser, username: &str, password: &str) -> Page {
    let login = browser.open(&portal.authorize_url(&[("prompt", "login")])).await;
    assert_eq!(login.status, 200, "{:?} {}", login.location, login.body);
    type_in(browser, &login, username, password).await
}

/// Strangers from everywhere lock the name.
async fn lock(fixture: &Fixture, portal: &Portal, username: &str) {
    for number in 0..10 {
        let browser = fixture.browser().at_address(&format!("203.0.113.{number}"));
        sign_in(portal, &browser, username, BAD).await;
    }
    let page = sign_in(portal, &fixture.browser(), username, GOOD).await;
    assert!(page.body.contains(WRONG), "strangers are bounded");
}

scenario!(
    strangers_cannot_lock_anybody_out_of_a_browser_that_proved_itself,
    |fixture: Fixture| async move {
        anna(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let home = fixture.browser();
        assert!(sign_in(&portal, &home, "anna", BAD).await.body.contains(WRONG));
        assert!(home.cookie(COOKIE).is_none(), "nothing was proven");
        sign_in(&portal, &home, "anna", GOOD).await;
        assert!(home.cookie(COOKIE).is_some());
        lock(&fixture, &portal, "anna").await;
        // What her browser is answered does not tell that it is known.
        let strange = sign_in(&portal, &fixture.browser(), "anna", BAD).await;
        let own = again(&portal, &home, "anna", BAD).await;
        assert_eq!(
            (own.status, bare(&own, "anna")),
            (strange.status, bare(&strange, "anna"))
        );
        for name in ["anna", " ANNA "] {
            let page = again(&portal, &home, name, GOOD).await;
            assert!(page.returned("code").is_some(), "{}", page.body);
        }
        let page = sign_in(&portal, &fixture.browser(), "anna", GOOD).await;
        assert!(
            page.body.contains(WRONG),
            "her success does not give strangers new tries"
        );
    }
);

scenario!(a_known_browser_has_bounds_of_its_own, |fixture: Fixture| async move {
    anna(&fixture).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let home = fixture.browser();
    sign_in(&portal, &home, "anna", GOOD).await;
    let url = portal.authorize_url(&[("prompt", "login")]);
    let logins = join_all((0..100).map(|_| home.open(&url))).await;
    let before = fixture.app.password_hashes();
    let pages = join_all(logins.iter().map(|login| type_in(&home, login, "anna", BAD))).await;
    assert!(pages.iter().all(|page| page.status == 403 && page.body.contains(WRONG)));
    assert_eq!(fixture.app.password_hashes() - before, 10, "of 100 parallel tries");
    assert!(again(&portal, &home, "anna", GOOD).await.body.contains(WRONG), "locked");
    // Without the mark it is a stranger, which nobody has locked.
    let page = sign_in(&portal, &fixture.browser(), "anna", GOOD).await;
    assert!(page.returned("code").is_some(), "{}", page.body);
    fixture.advance(Duration::from_secs(15 * 60 + 1));
    let page = again(&portal, &home, "anna", GOOD).await;
    assert!(page.returned("code").is_some(), "{}", page.body);
});

scenario!(
    a_known_browser_is_a_stranger_at_other_names,
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
        assert!(
            sign_in(&portal, &fixture.browser(), "carla", GOOD)
                .await
                .body
                .contains(WRONG),
            "her tries at carla are everybody's"
        );
        // A second person of that browser is known there besides the first.
        let page = again(&portal, &home, "dora", GOOD).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        for name in ["anna", "dora"] {
            lock(&fixture, &portal, name).await;
            let page = again(&portal, &home, name, GOOD).await;
            assert!(page.returned("code").is_some(), "{name}: {}", page.body);
        }
    }
);

scenario!(
    a_mark_is_void_with_the_next_password_and_after_half_a_year,
    |fixture: Fixture| async move {
        let user = anna(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let (home, work) = (fixture.browser(), fixture.browser());
        sign_in(&portal, &home, "anna", GOOD).await;
        let old = home.cookie(COOKIE).unwrap();
        give_password(&fixture, &user, "another walk to the hills").await;
        give_password(&fixture, &user, GOOD).await;
        sign_in(&portal, &work, "anna", GOOD).await;
        lock(&fixture, &portal, "anna").await;
        let page = sign_in(&portal, &home, "anna", GOOD).await;
        assert!(page.body.contains(WRONG), "the same letters, and another password");
        assert_eq!(home.cookie(COOKIE).unwrap(), old);
        let page = again(&portal, &work, "anna", GOOD).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        fixture.advance(Duration::from_secs(180 * 86_400 + 1));
        lock(&fixture, &portal, "anna").await;
        assert!(
            sign_in(&portal, &work, "anna", GOOD).await.body.contains(WRONG),
            "too long ago"
        );
    }
);

scenario!(made_up_marks_are_none, |fixture: Fixture| async move {
    let user = anna(&fixture).await;
    let portal = fixture.portal("wiki", json!({})).await;
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
        let user = anna(&fixture).await;
        let (app, _) = set_up(&fixture, &user).await;
        fixture.advance(Duration::from_secs(60));
        let portal = fixture.portal("wiki", json!({})).await;
        let home = fixture.browser();
        let asked = sign_in(&portal, &home, "anna", GOOD).await;
        assert!(home.cookie(COOKIE).is_none(), "a code is owed");
        let code = app.shows(&fixture, 0);
        let page = home.submit(&asked.link("/signin/code/"), &[("code", &code)]).await;
        assert!(
            page.returned("code").is_some() && home.cookie(COOKIE).is_some(),
            "{}",
            page.body
        );
        fixture.advance(Duration::from_secs(60));
        lock(&fixture, &portal, "anna").await;
        let asked = again(&portal, &home, "anna", GOOD).await;
        assert!(asked.url.contains("/signin/code/"), "{} {}", asked.url, asked.body);
        let form = asked.link("/signin/code/");
        for _ in 0..8 {
            let page = home.submit(&form, &[("code", "000000")]).await;
            assert!(page.body.contains("SI-202"), "{}", page.body);
        }
        let page = home.submit(&form, &[("code", &app.shows(&fixture, 0))]).await;
        assert!(
            page.returned("code").is_some(),
            "the ninth, with the password the tenth: {}",
            page.body
        );
    }
);

scenario!(
    a_browser_known_before_codes_were_set_up_is_a_stranger_afterwards,
    |fixture: Fixture| async move {
        let user = anna(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
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
    wrong_codes_count_for_the_person_in_however_many_known_browsers,
    |fixture: Fixture| async move {
        let user = anna(&fixture).await;
        let (app, _) = set_up(&fixture, &user).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browsers = [fixture.browser(), fixture.browser()];
        for browser in &browsers {
            fixture.advance(Duration::from_secs(60));
            let asked = sign_in(&portal, browser, "anna", GOOD).await;
            let code = app.shows(&fixture, 0);
            browser.submit(&asked.link("/signin/code/"), &[("code", &code)]).await;
            assert!(browser.cookie(COOKIE).is_some());
        }
        fixture.advance(Duration::from_secs(60));
        for browser in &browsers {
            let asked = again(&portal, browser, "anna", GOOD).await;
            let form = asked.link("/signin/code/");
            for _ in 0..5 {
                let page = browser.submit(&form, &[("code", "000000")]).await;
                assert!(page.body.contains("SI-202"), "{}", page.body);
            }
        }
        let asked = again(&portal, &browsers[1], "anna", GOOD).await;
        let form = asked.link("/signin/code/");
        let page = browsers[1].submit(&form, &[("code", &app.shows(&fixture, 0))]).await;
        assert!(page.body.contains("SI-202"), "ten in all: {}", page.body);
        fixture.advance(Duration::from_secs(3600));
        let asked = again(&portal, &browsers[1], "anna", GOOD).await;
        let form = asked.link("/signin/code/");
        let page = browsers[1].submit(&form, &[("code", &app.shows(&fixture, 0))]).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);
