//! One-time codes: setting up, one use each, lockout, recovery codes, and whoever must have them.

use std::time::Duration;

use futures_util::future::join_all;
use menjin::crypto::totp;
use serde_json::json;
use simulator::sample;

use super::{
    GOOD, OTHER, anna, anna_and_portal, company, give_password, id_token, lets_in, local_user, sign_in,
    without_reference,
};
use crate::{
    actors::{Admin, Browser, Page, Portal, id},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// An authenticator app that scanned the page's secret.
pub struct Authenticator {
    secret: Vec<u8>,
}

impl Authenticator {
    /// Reads the secret from the page, as the picture would give it.
    pub fn scan(page: &Page) -> Self {
        let uri = page
            .body
            .split("href=\"otpauth://")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let text = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap();
        let (mut secret, mut held, mut bits) = (Vec::new(), 0_u32, 0);
        for letter in text.bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
                .iter()
                .position(|known| *known == letter)
                .unwrap();
            held = (held << 5 | u32::try_from(value).unwrap()) & 0xffff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                secret.push(u8::try_from(held >> bits & 0xff).unwrap());
            }
        }
        Self { secret }
    }

    /// What it shows, so many steps from now.
    pub fn shows(&self, fixture: &Fixture, steps: i64) -> String {
        totp::code(&self.secret, totp::step_of(fixture.clock.now()) + steps)
    }
}

/// Sets one-time codes up behind an admin's link; the app and the recovery codes.
pub async fn set_up(fixture: &Fixture, user: &str) -> (Authenticator, Vec<String>) {
    let link = fixture
        .admin()
        .create(&format!("users/{user}/totp-link"), json!({}))
        .await;
    assert_eq!(link["kind"], "enrolment");
    let url = link["url"].as_str().unwrap();
    let page = fixture.browser().get(url).await;
    assert!(page.body.contains("data:image/svg+xml;base64,"), "{}", page.body);
    let app = Authenticator::scan(&page);
    let wrong = fixture.browser().post(url, &[("code", "000000")]).await;
    assert_eq!(wrong.status, 403, "{}", wrong.body);
    assert_eq!(
        Authenticator::scan(&wrong).secret,
        app.secret,
        "the secret stays the same"
    );
    let done = fixture.browser().post(url, &[("code", &app.shows(fixture, 0))]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(fixture.browser().get(url).await.status, 404, "the link is used up");
    (app, recovery_codes(&done))
}

fn recovery_codes(page: &Page) -> Vec<String> {
    let codes = page.body.split("<li><code>").skip(1);
    let codes: Vec<String> = codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10, "{}", page.body);
    codes
}

/// Types a code into the page that asks for it.
pub async fn enter(browser: &Browser, page: &Page, code: &str) -> Page {
    browser.submit(&page.link("/signin/code/"), &[("code", code)]).await
}

/// This code completes the sign-in.
async fn completes(browser: &Browser, page: &Page, code: &str) {
    let page = enter(browser, page, code).await;
    assert!(page.returned("code").is_some(), "{} {}", page.url, page.body);
}

/// Signs in up to the page that asks for the code.
async fn to_code_page(portal: &Portal, browser: &Browser) -> Page {
    let page = sign_in(portal, browser, "anna", GOOD).await;
    assert!(page.url.contains("/signin/code/"), "{} {}", page.url, page.body);
    assert!(
        browser.cookie("menjin_session").is_none(),
        "no session after half a sign-in"
    );
    page
}

scenario!(a_code_on_top_of_the_password, |fixture: Fixture| async move {
    let (user, portal) = anna_and_portal(&fixture).await;
    let (app, _) = set_up(&fixture, &user).await;
    let browser = fixture.browser();
    let asked = to_code_page(&portal, &browser).await;
    let page = enter(&browser, &asked, &app.shows(&fixture, 0)).await;
    assert!(
        page.status == 403 && page.body.contains("SI-202"),
        "the code that set it up was used: {}",
        page.body
    );
    for (steps, good) in [(-2, false), (2, false), (1, true)] {
        let page = enter(&browser, &asked, &app.shows(&fixture, steps)).await;
        assert_eq!(page.returned("code").is_some(), good, "{steps}: {}", page.body);
        if good {
            let id = id_token(&portal, &page).await;
            assert_eq!(id["amr"], json!(["pwd", "otp", "mfa"]));
            assert_eq!(id["acr"], "urn:menjin:acr:pwd-otp");
        }
    }
    // The next step's code was used, so neither it nor an earlier one counts again.
    fixture.advance(Duration::from_secs(30));
    let again = fixture.browser();
    let asked = to_code_page(&portal, &again).await;
    for steps in [0, -1] {
        assert_eq!(enter(&again, &asked, &app.shows(&fixture, steps)).await.status, 403);
    }
    fixture.advance(Duration::from_secs(30));
    completes(&again, &asked, &app.shows(&fixture, 0)).await;
    assert_eq!(
        enter(&again, &asked, &app.shows(&fixture, 1)).await.status,
        400,
        "the half is used up"
    );
});

scenario!(
    a_pending_login_belongs_to_its_browser_and_ends_with_the_password,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let (app, _) = set_up(&fixture, &user).await;
        fixture.advance(Duration::from_secs(60));
        let browser = fixture.browser();
        let asked = to_code_page(&portal, &browser).await;
        let page = enter(&fixture.browser(), &asked, &app.shows(&fixture, 0)).await;
        assert!(page.body.contains("SI-103"), "another browser: {}", page.body);
        give_password(&fixture, &user, OTHER).await;
        let page = enter(&browser, &asked, &app.shows(&fixture, 0)).await;
        assert!(
            page.status == 400 && page.body.contains("SI-101"),
            "{} {}",
            page.status,
            page.body
        );
        assert!(browser.cookie("menjin_session").is_none());
        give_password(&fixture, &user, GOOD).await;
        let asked = to_code_page(&portal, &browser).await;
        fixture.advance(Duration::from_secs(10 * 60));
        let page = enter(&browser, &asked, &app.shows(&fixture, 0)).await;
        assert!(page.body.contains("SI-101"), "too late: {}", page.body);
    }
);

scenario!(
    of_100_parallel_uses_of_one_code_exactly_one_wins,
    |fixture: Fixture| async move {
        let user = anna(&fixture).await;
        let (app, recovery) = set_up(&fixture, &user).await;
        fixture.advance(Duration::from_secs(60));
        // So many tries of one person would lock them; the bound is another test's matter.
        let base = fixture
            .restart_with(&[
                ("PASSWORD__USER_FAILURES", "1000"),
                ("PASSWORD__ADDRESS_FAILURES", "1000"),
            ])
            .await;
        let portal = fixture.portal("wiki", json!({})).await.at(&base);
        for code in [app.shows(&fixture, 0), recovery[0].clone()] {
            let browser = fixture.browser();
            let asked = to_code_page(&portal, &browser).await;
            let form = [("code", code.as_str())];
            let pages = join_all((0..100).map(|_| browser.post(&asked.url, &form))).await;
            let won = pages.iter().filter(|page| page.status == 303).count();
            assert_eq!(won, 1, "{:?}", pages.iter().map(|page| page.status).collect::<Vec<_>>());
        }
        let events = fixture.admin().items("audit-events?kind=signed_in").await;
        assert_eq!(events.len(), 2, "one session each");
    }
);

scenario!(wrong_codes_lock_the_user, |fixture: Fixture| async move {
    let (user, portal) = anna_and_portal(&fixture).await;
    let (app, _) = set_up(&fixture, &user).await;
    fixture.advance(Duration::from_secs(60));
    let browser = fixture.browser();
    // Knowing the password does not reset what guessing at the code costs.
    let mut page = to_code_page(&portal, &browser).await;
    for _ in 0..4 {
        assert_eq!(enter(&browser, &page, "000000").await.status, 403);
    }
    page = to_code_page(&portal, &browser).await;
    for _ in 0..4 {
        assert_eq!(enter(&browser, &page, "000000").await.status, 403);
    }
    let right = enter(&browser, &page, &app.shows(&fixture, 0)).await;
    assert!(right.body.contains("SI-202"), "locked: {}", right.body);
    let login = sign_in(&portal, &fixture.browser(), "anna", GOOD).await;
    assert!(login.body.contains("SI-201"), "{}", login.body);
    fixture.advance(Duration::from_secs(15 * 60 + 1));
    let page = to_code_page(&portal, &browser).await;
    completes(&browser, &page, &app.shows(&fixture, 0)).await;
});

scenario!(a_recovery_code_works_once, |fixture: Fixture| async move {
    let (user, portal) = anna_and_portal(&fixture).await;
    let (_, recovery) = set_up(&fixture, &user).await;
    for (typed, good) in [
        (recovery[0].clone(), true),
        (recovery[0].clone(), false),
        (recovery[1].to_lowercase().replace('-', " "), true),
        ("AAAA-AAAA-AAAA-AAAA".to_owned(), false),
        (String::new(), false),
    ] {
        let browser = fixture.browser();
        let asked = to_code_page(&portal, &browser).await;
        let page = enter(&browser, &asked, &typed).await;
        assert_eq!(page.returned("code").is_some(), good, "{typed}: {}", page.body);
    }
    // Another user's recovery code is nobody's.
    let other = local_user(&fixture, "carla").await;
    give_password(&fixture, &other, GOOD).await;
    set_up(&fixture, &other).await;
    let browser = fixture.browser();
    let asked = sign_in(&portal, &browser, "carla", GOOD).await;
    assert_eq!(enter(&browser, &asked, &recovery[2]).await.status, 403);
});

scenario!(
    a_code_is_not_used_up_while_wecom_gives_no_answer,
    |fixture: Fixture| async move {
        let (_, user, portal) = company(&fixture).await;
        let (app, recovery) = set_up(&fixture, &user).await;
        fixture.advance(Duration::from_secs(7 * 24 * 3600));
        for by_app in [false, true] {
            let code = if by_app {
                app.shows(&fixture, 0)
            } else {
                recovery[0].clone()
            };
            let browser = fixture.browser();
            let asked = sign_in(&portal, &browser, sample::NORMAL, GOOD).await;
            fixture.break_wecom("/cgi-bin/user/get");
            let page = enter(&browser, &asked, &code).await;
            assert!(page.body.contains("GT-118"), "{}", page.body);
            fixture.mend_wecom();
            completes(&browser, &asked, &code).await;
            // Nobody needs to be asked again from here on, and the code has had its one use.
            let again = fixture.browser();
            let asked = sign_in(&portal, &again, sample::NORMAL, GOOD).await;
            assert_eq!(enter(&again, &asked, &code).await.status, 403);
            fixture.advance(Duration::from_secs(7 * 24 * 3600));
        }
    }
);

scenario!(an_admin_takes_one_time_codes_away, |fixture: Fixture| async move {
    let (user, portal) = anna_and_portal(&fixture).await;
    let (old, _) = set_up(&fixture, &user).await;
    let path = format!("users/{user}/totp");
    let shown = fixture.admin().get(&format!("users/{user}")).await;
    assert_eq!(
        (&shown["totp_set"], &shown["password_set"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
    lets_in(&fixture, &portal, "anna", GOOD).await;
    let (new, _) = set_up(&fixture, &user).await;
    // A new link replaces what there is.
    let (newest, _) = set_up(&fixture, &user).await;
    fixture.advance(Duration::from_secs(60));
    let browser = fixture.browser();
    let asked = to_code_page(&portal, &browser).await;
    for app in [old, new] {
        assert_eq!(enter(&browser, &asked, &app.shows(&fixture, 0)).await.status, 403);
    }
    completes(&browser, &asked, &newest.shows(&fixture, 0)).await;
    let gone = fixture
        .admin()
        .create(&format!("users/{user}/totp-link"), json!({}))
        .await;
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
    assert_eq!(
        fixture.browser().get(gone["url"].as_str().unwrap()).await.status,
        404,
        "its link is void"
    );
});

scenario!(who_must_have_codes_sets_them_up_first, |fixture: Fixture| async move {
    anna(&fixture).await;
    let base = fixture.restart_with(&[("PASSWORD__TOTP", "required")]).await;
    let portal = fixture.portal("wiki", json!({})).await.at(&base);
    let browser = fixture.browser();
    let page = sign_in(&portal, &browser, "anna", GOOD).await;
    assert!(page.url.contains("/signin/enrol/"), "{} {}", page.url, page.body);
    assert!(browser.cookie("menjin_session").is_none());
    let app = Authenticator::scan(&page);
    let form = page.link("/signin/enrol/");
    let wrong = browser.post(&form, &[("code", "000000")]).await;
    assert_eq!(wrong.status, 403, "{}", wrong.body);
    let code = app.shows(&fixture, 0);
    let elsewhere = fixture.browser().post(&form, &[("code", &code)]).await;
    assert!(elsewhere.body.contains("SI-103"), "{}", elsewhere.body);
    let done = browser.post(&form, &[("code", &app.shows(&fixture, 0))]).await;
    recovery_codes(&done);
    let page = browser.open(&done.link("/oauth2/authorize/resume")).await;
    assert_eq!(id_token(&portal, &page).await["amr"], json!(["pwd", "otp", "mfa"]));
    // From now on the code is asked for, and the page for setting up is gone.
    assert_eq!(browser.get(&form).await.status, 400);
    fixture.advance(Duration::from_secs(30));
    let other = fixture.browser();
    let asked = to_code_page(&portal, &other).await;
    completes(&other, &asked, &app.shows(&fixture, 0)).await;
});

scenario!(
    console_admins_must_have_codes_where_it_says_so,
    |fixture: Fixture| async move {
        anna(&fixture).await;
        let chief = fixture
            .admin()
            .create("users", json!({ "username": "chief", "console_role": "auditor" }))
            .await;
        give_password(&fixture, id(&chief), GOOD).await;
        let base = fixture.restart_with(&[("PASSWORD__TOTP", "required_for_admins")]).await;
        let portal = fixture.portal("wiki", json!({})).await.at(&base);
        lets_in(&fixture, &portal, "anna", GOOD).await;
        let page = sign_in(&portal, &fixture.browser(), "chief", GOOD).await;
        assert!(page.url.contains("/signin/enrol/"), "{} {}", page.url, page.body);
    }
);

scenario!(
    the_gate_is_asked_before_codes_are_set_up,
    |fixture: Fixture| async move {
        anna(&fixture).await;
        let base = fixture.restart_with(&[("PASSWORD__TOTP", "required")]).await;
        let portal = fixture.portal("wiki", json!({})).await.at(&base);
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, "anna", GOOD).await;
        let app = Authenticator::scan(&page);
        // Through the same process: one alone owns a SQLite database.
        let admin = Admin::new(&fixture.http, &base, ADMIN_TOKEN);
        admin.disable("anna").await;
        let code = app.shows(&fixture, 0);
        let page = browser.post(&page.link("/signin/enrol/"), &[("code", &code)]).await;
        assert!(page.body.contains("GT-111"), "{}", page.body);
        assert!(browser.cookie("menjin_session").is_none());
    }
);

scenario!(a_wrong_code_is_on_record_with_the_user, |fixture: Fixture| async move {
    let user = anna(&fixture).await;
    set_up(&fixture, &user).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let browser = fixture.browser();
    let asked = sign_in(&portal, &browser, "anna", GOOD).await;
    let page = enter(&browser, &asked, "AAAA-AAAA-AAAA-AAAA").await;
    assert!(page.body.contains("SI-202"), "{}", page.body);
    let (_, reference) = without_reference(&page.body);
    let event = fixture.admin().trace(&reference.unwrap()).await;
    let actor = format!("user:{user}");
    assert_eq!((&event["number"], &event["actor"]), (&json!("SI-202"), &json!(actor)));
});
