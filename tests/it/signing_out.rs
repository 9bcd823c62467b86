//! Sign-out in the browser: OpenID Connect RP-Initiated and Front-Channel Logout 1.0.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::sample;

use crate::{
    actors::{Browser, LogoutReceiver, Page, claims, text},
    anonymous_limit::open_with_most,
    back_channel_logout::{deliveries, listening, sign_out},
    backends::Backend,
    fixture::Fixture,
    scenario,
};

/// The sign-out endpoint with these parameters.
pub fn logout_url(fixture: &Fixture, parameters: &[(&str, &str)]) -> String {
    reqwest::Url::parse_with_params(&format!("{}/oauth2/logout", fixture.base), parameters)
        .unwrap()
        .to_string()
}

/// Presses the button of the page that asks; `parameters` are those it was asked with.
pub async fn confirm_logout(fixture: &Fixture, browser: &Browser, page: &Page, parameters: &[(&str, &str)]) -> Page {
    let confirm = page.field("confirm");
    let form = [parameters, &[("confirm", confirm.as_str())]].concat();
    browser.post(&format!("{}/oauth2/logout", fixture.base), &form).await
}

/// The Cookie header of this browser.
fn cookie(browser: &Browser) -> String {
    format!("menjin_session={}", browser.cookie("menjin_session").unwrap())
}

/// Where the portal `wiki` registered to return to.
pub const BYE: &str = "https://wiki.portal.example/bye";

// RP-Initiated Logout 1.0 section 2: without either nobody can tell whose address it is.
scenario!(
    a_return_address_without_hint_and_client_is_told_what_is_missing,
    |fixture: Fixture| async move {
        let (_, browser, _) = fixture.signed_in().await;
        let back = ("post_logout_redirect_uri", BYE);
        for who in [&browser, &fixture.browser()] {
            let page = who.get(&logout_url(&fixture, &[back, ("state", "a")])).await;
            assert_eq!((page.status, &page.location), (400, &None));
            for part in ["OP-240", "id_token_hint", "client_id", "/oauth2/logout?ui_locales="] {
                assert!(page.body.contains(part), "{part}: {}", page.body);
            }
            let foreign = ("post_logout_redirect_uri", "https://evil.example/");
            let page = who.get(&logout_url(&fixture, &[foreign])).await;
            assert!(
                page.body.contains("OP-240"),
                "whether it is registered is not told: {}",
                page.body
            );
            let named = who.get(&logout_url(&fixture, &[back, ("client_id", "wiki")])).await;
            assert_eq!(named.status, 200, "{}", named.body);
        }
    }
);

// Checklist, Front-Channel: iss and sid on the registered URI in an iframe, then the redirect.
scenario!(
    the_signed_out_page_tells_portals_in_frames_and_goes_on,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let front = |uri: &str| json!({ "metadata": { "frontchannel_logout_uri": uri } });
        let wiki = fixture
            .portal("wiki", front("https://wiki.portal.example/out?tenant=a"))
            .await;
        let crm = fixture.portal("crm", front("https://crm.portal.example/out")).await;
        let other = fixture.portal("other", front("https://other.portal.example/out")).await;
        let browser = fixture.browser();
        let tokens = wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        crm.tokens_silently(&browser, &[]).await;
        other.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let url = logout_url(
            &fixture,
            &[
                ("id_token_hint", hint),
                ("post_logout_redirect_uri", BYE),
                ("state", "a b"),
            ],
        );
        let answer = fixture
            .http
            .get(&url)
            .header("accept-language", "en")
            .header("cookie", cookie(&browser))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(
            policy.ends_with("; frame-src https://crm.portal.example https://wiki.portal.example"),
            "{policy}"
        );
        let body = answer.text().await.unwrap().replace("&amp;", "&").replace("&#38;", "&");
        let iss: String = url::form_urlencoded::byte_serialize(fixture.base.as_bytes()).collect();
        let sid = claims(hint)["sid"].as_str().unwrap().to_owned();
        for frame in [
            "https://wiki.portal.example/out?tenant=a&",
            "https://crm.portal.example/out?",
        ] {
            let frame = format!("src=\"{frame}iss={iss}&sid={sid}\"");
            assert!(body.contains(&frame), "{frame} in {body}");
        }
        assert_eq!(body.matches("<iframe").count(), 2, "only the portals of this session");
        assert!(
            body.contains(&format!("content=\"3; url={BYE}?state=a%20b\"")),
            "{body}"
        );
        assert!(
            body.contains(&format!("href=\"{BYE}?state=a%20b\"")),
            "without refresh there is a link"
        );
        // The second time nobody has to be told.
        let again = fixture
            .http
            .get(&url)
            .header("cookie", cookie(&browser))
            .send()
            .await
            .unwrap();
        assert_eq!(again.headers()["location"], format!("{BYE}?state=a%20b"));
    }
);

// Checklist, RP-Initiated Logout: expired hint fine, alg=none and foreign keys not, exactly registered URI, state and nothing else.
scenario!(
    a_logout_leads_back_only_on_proof_and_only_where_registered,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let other = fixture.portal("other", json!({})).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let foreign = other.tokens_silently(&browser, &[]).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let (head, rest) = hint.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
        let unsigned = format!("{head}.{payload}.");
        let backwards: String = signature.chars().rev().collect();
        let forged = format!("{head}.{payload}.{backwards}");
        let access = tokens["access_token"].as_str().unwrap().to_owned();
        let own_foreign = foreign["id_token"].as_str().unwrap().to_owned();
        for (hint, extra, number) in [
            (none.as_str(), ("logout_hint", "x"), "OP-170"),
            (&unsigned, ("logout_hint", "x"), "OP-170"),
            (&forged, ("logout_hint", "x"), "OP-170"),
            (&access, ("logout_hint", "x"), "OP-170"),
            (&"x".repeat(20_000), ("logout_hint", "x"), "OP-170"),
            (hint, ("client_id", "other"), "OP-170"),
            // A hint of another portal opens that portal's addresses, not this one's.
            (&own_foreign, ("logout_hint", "x"), "OP-171"),
        ] {
            let page = browser
                .get(&logout_url(
                    &fixture,
                    &[("id_token_hint", hint), ("post_logout_redirect_uri", BYE), extra],
                ))
                .await;
            assert!(
                page.status == 400 && page.body.contains(number),
                "{number}: {} {}",
                page.status,
                page.body
            );
            assert!(page.location.is_none());
            let anyway = page.body.contains("href=\"/oauth2/logout?ui_locales=");
            assert!(anyway, "the person is left signed in without a way out: {}", page.body);
        }
        for wrong in [
            "https://wiki.portal.example/bye/",
            "https://wiki.portal.example/bye?x",
            "https://wiki.portal.example/BYE",
            "https://evil.example/",
            "javascript:alert(1)",
        ] {
            let parameters = [
                ("id_token_hint", hint),
                ("post_logout_redirect_uri", wrong),
                ("state", "s"),
            ];
            let page = browser.get(&logout_url(&fixture, &parameters)).await;
            assert!(
                page.status == 400 && page.location.is_none(),
                "{wrong}: {} {}",
                page.status,
                page.body
            );
            assert!(page.body.contains("OP-171"));
            let anyway = browser.get(&page.link("/oauth2/logout")).await;
            assert!(
                anyway.body.contains("name=\"confirm\""),
                "the person can still sign out: {}",
                anyway.body
            );
        }
        let alive = portal.authorize_silently(&browser).await;
        assert!(alive.returned("code").is_some(), "a refused logout ended the session");
        // Expired by days, and with everything else a portal may send.
        fixture.advance(Duration::from_secs(4 * 3600));
        let parameters = [
            ("id_token_hint", hint),
            ("client_id", "wiki"),
            ("post_logout_redirect_uri", BYE),
            ("state", "a&b=c"),
            ("logout_hint", "lihua"),
            ("ui_locales", "tlh xx zh-CN"),
            ("unknown", "x"),
        ];
        let page = browser.get(&logout_url(&fixture, &parameters)).await;
        assert_eq!(
            page.location.as_deref(),
            Some(format!("{BYE}?state=a%26b%3Dc").as_str())
        );
        portal.assert_signed_out(&browser).await;
    }
);

scenario!(
    without_a_hint_client_id_and_the_persons_yes_lead_back,
    |fixture: Fixture| async move {
        let (_, browser, _) = fixture.signed_in().await;
        let parameters = [
            ("client_id", "wiki"),
            ("post_logout_redirect_uri", BYE),
            ("state", "s1"),
            ("ui_locales", "zh-CN"),
        ];
        let page = browser.get(&logout_url(&fixture, &parameters)).await;
        assert!(page.status == 200 && page.body.contains("退出登录"), "{}", page.body);
        let mut form = parameters.to_vec();
        form.push(("confirm", "guessed"));
        let wrong = browser.post(&format!("{}/oauth2/logout", fixture.base), &form).await;
        assert!(wrong.status == 403 && wrong.location.is_none(), "{}", wrong.body);
        let done = confirm_logout(&fixture, &browser, &page, &parameters).await;
        assert_eq!(done.location.as_deref(), Some(format!("{BYE}?state=s1").as_str()));
        // Nobody is signed in: no proof, no yes, no way back.
        let nobody = fixture.browser().get(&logout_url(&fixture, &parameters)).await;
        assert!(
            nobody.status == 200 && nobody.location.is_none(),
            "{:?}",
            nobody.location
        );
    }
);

/// Posts a logout request as a portal's page does, without any cookie of ours; answers where the browser is sent.
async fn posted(fixture: &Fixture, form: &[(&str, &str)]) -> String {
    let url = format!("{}/oauth2/logout", fixture.base);
    let page = fixture.browser().post(&url, form).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let to = page.location.unwrap();
    let (start, ticket) = to.split_once("?form=").unwrap();
    assert_eq!((start, ticket.len()), (format!("{url}/posted").as_str(), 43), "{to}");
    to
}

// A portal's page posts its form here and the browser hides the cookie: nothing may end by that alone.
scenario!(
    a_posted_logout_without_cookie_goes_on_by_get_and_its_hint_is_in_no_address,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let form = [
            ("client_id", "wiki"),
            ("post_logout_redirect_uri", BYE),
            ("state", "a b"),
        ];
        let asked = browser.get(&posted(&fixture, &form).await).await;
        assert!(
            asked.status == 200 && asked.body.contains("name=\"confirm\""),
            "{}",
            asked.body
        );
        let alive = portal.authorize_silently(&browser).await;
        assert!(alive.returned("code").is_some());
        // With a hint too: by GET the browser sends its cookie, and nobody is asked any more.
        let with_hint = [
            ("id_token_hint", text(&tokens, "id_token")),
            ("post_logout_redirect_uri", BYE),
            ("state", "a b"),
        ];
        let to = posted(&fixture, &with_hint).await;
        let alive = portal.authorize_silently(&browser).await;
        assert!(alive.returned("code").is_some(), "the post alone ended the session");
        let done = browser.get(&to).await;
        assert_eq!(done.location.as_deref(), Some(format!("{BYE}?state=a%20b").as_str()));
        portal.assert_signed_out(&browser).await;
        // Loaded again it is a sign-out that nobody asked for by name: there is no way back, and whoever is signed in is asked.
        let again = browser.get(&to).await;
        assert_eq!((again.status, again.location.as_deref()), (200, None), "{}", again.body);
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let again = browser.get(&to).await;
        assert!(again.body.contains("name=\"confirm\""), "{}", again.body);
        assert!(portal.authorize_silently(&browser).await.returned("code").is_some());
    }
);

scenario!(
    a_posted_logout_goes_on_whatever_its_length,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let (state, long) = ("s".repeat(4096), "m".repeat(50 * 1024));
        let form = [
            ("id_token_hint", text(&tokens, "id_token")),
            ("post_logout_redirect_uri", BYE),
            ("state", state.as_str()),
            ("logout_hint", &long),
        ];
        // A browser that has no cookie at all goes back to the portal, and has ended nothing.
        let nobody = fixture.browser().get(&posted(&fixture, &form).await).await;
        assert_eq!(nobody.location.unwrap(), format!("{BYE}?state={state}"));
        let alive = portal.authorize_silently(&browser).await;
        assert!(alive.returned("code").is_some());
        let done = browser.get(&posted(&fixture, &form).await).await;
        assert_eq!(done.location.unwrap(), format!("{BYE}?state={state}"));
        portal.assert_signed_out(&browser).await;
    }
);

async fn a_posted_logout_goes_on_from_a_page_of_ours_where_too_much_is_kept(fixture: Fixture) {
    let (portal, browser, tokens) = fixture.signed_in().await;
    let form = [
        ("id_token_hint", text(&tokens, "id_token")),
        ("post_logout_redirect_uri", BYE),
        ("state", "s1"),
    ];
    let url = format!("{}/oauth2/logout", fixture.base);
    let mut page = fixture.browser().post(&url, &form).await;
    for kept in 0.. {
        if page.status == 200 {
            break;
        }
        assert!(page.status == 303 && kept < 12, "there is no bound: {}", page.status);
        page = fixture.browser().post(&url, &form).await;
    }
    assert_eq!((page.location.as_deref(), page.field("state").as_str()), (None, "s1"));
    let done = confirm_logout(&fixture, &browser, &page, &form).await;
    assert_eq!(done.location.unwrap(), format!("{BYE}?state=s1"));
    portal.assert_signed_out(&browser).await;
}

#[actix_web::test]
async fn a_posted_logout_goes_on_where_too_much_is_kept_on_sqlite_and_memory() {
    if let Some(fixture) = open_with_most(Backend::SqliteMemory, 8).await {
        a_posted_logout_goes_on_from_a_page_of_ours_where_too_much_is_kept(fixture).await;
    }
}

#[actix_web::test]
async fn a_posted_logout_goes_on_where_too_much_is_kept_on_postgres_and_redis() {
    if let Some(fixture) = open_with_most(Backend::PostgresRedis, 8).await {
        a_posted_logout_goes_on_from_a_page_of_ours_where_too_much_is_kept(fixture).await;
    }
}

scenario!(
    a_code_redeemed_after_the_logout_is_worth_nothing,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        for _ in 0..5 {
            let browser = fixture.browser();
            let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
            let url = portal.authorize_url(&[]);
            let codes = join_all((0..10).map(|_| browser.get(&url))).await;
            let codes: Vec<String> = codes.iter().map(|page| page.returned("code").unwrap()).collect();
            // Ten redemptions and the logout at once: whoever gets tokens, they are dead afterwards.
            let logout = sign_out(&fixture, &browser, &tokens);
            let (redeemed, ()) = tokio::join!(join_all(codes.iter().map(|code| portal.redeem(code))), logout);
            for answer in redeemed {
                assert!(matches!(answer.status, 200 | 400), "{}", answer.body);
                if answer.status == 200 {
                    portal.assert_ended(&answer.body).await;
                }
            }
        }
        fixture.wait_for_background_work().await;
        assert_eq!(deliveries(&fixture, "?state=delivered").await.len(), 5);
    }
);
