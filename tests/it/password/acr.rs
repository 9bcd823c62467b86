//! Authentication context classes: told, asked for, and reached by signing in again.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{
    GOOD, anna, anna_and_portal, company, connect_with_password, id_token, sign_in,
    totp::{enter, set_up},
    type_in,
};
use crate::{
    actors::{As, LogoutReceiver, claims, id_claims, text},
    back_channel_logout::{listening, sign_out},
    fixture::Fixture,
    oidc::json_of,
    scenario,
};

const WECOM: &str = "urn:menjin:acr:wecom";
const PASSWORD: &str = "urn:menjin:acr:pwd";
const PASSWORD_OTP: &str = "urn:menjin:acr:pwd-otp";

scenario!(discovery_lists_the_classes, |fixture: Fixture| async move {
    let document = json_of(&fixture, "/.well-known/openid-configuration").await;
    let listed = document["acr_values_supported"].as_array().unwrap();
    for class in [WECOM, "urn:menjin:acr:wecom-in-app", PASSWORD, PASSWORD_OTP] {
        assert!(listed.contains(&json!(class)), "{class}");
    }
    assert!(document["claims_supported"].as_array().unwrap().contains(&json!("acr")));
});

scenario!(unknown_acr_values_never_err, |fixture: Fixture| async move {
    let (_, portal) = anna_and_portal(&fixture).await;
    let browser = fixture.browser();
    sign_in(&portal, &browser, "anna", GOOD).await;
    let long = "x".repeat(3000);
    for values in ["1", "urn:example:loa:9 0", long.as_str(), "<script>"] {
        let page = browser.get(&portal.authorize_url(&[("acr_values", values)])).await;
        assert_eq!(id_token(&portal, &page).await["acr"], PASSWORD, "{values:.40}");
    }
});

scenario!(the_acr_told_is_one_of_the_asked, |fixture: Fixture| async move {
    let (user, portal) = anna_and_portal(&fixture).await;
    let (app, _) = set_up(&fixture, &user).await;
    fixture.advance(Duration::from_secs(60));
    let browser = fixture.browser();
    let asked = sign_in(&portal, &browser, "anna", GOOD).await;
    enter(&browser, &asked, &app.shows(&fixture, 0)).await;
    for (values, told) in [
        ("", PASSWORD_OTP),
        (PASSWORD, PASSWORD),
        ("urn:menjin:acr:pwd-otp urn:menjin:acr:pwd", PASSWORD_OTP),
        ("x urn:menjin:acr:pwd urn:menjin:acr:pwd-otp", PASSWORD),
    ] {
        let page = browser.get(&portal.authorize_url(&[("acr_values", values)])).await;
        assert_eq!(id_token(&portal, &page).await["acr"], told, "{values}");
    }
});

scenario!(
    a_session_of_another_class_is_stepped_up,
    |fixture: Fixture| async move {
        let (_, user, portal) = company(&fixture).await;
        let browser = fixture.browser();
        let first = id_token(&portal, &sign_in(&portal, &browser, sample::NORMAL, GOOD).await).await;
        fixture.advance(Duration::from_secs(5));
        // A scan is asked for: only auth sources are offered, and the other way is one link away, since it is only preferred.
        let login = browser.open(&portal.authorize_url(&[("acr_values", WECOM)])).await;
        assert!(
            login.body.contains("/go/") && !login.body.contains("name=\"password\""),
            "{}",
            login.body
        );
        let others = browser.open(&login.link("others=1")).await;
        assert!(
            others.body.contains("/go/") && others.body.contains("name=\"password\""),
            "{}",
            others.body
        );
        let scan = As::Member(sample::NORMAL);
        let page = fixture.phone().sign_in_from(&browser, &login, scan).await;
        let second = id_token(&portal, &page).await;
        assert_eq!(second["acr"], WECOM);
        assert_eq!(second["sub"], first["sub"]);
        assert_eq!(second["sid"], first["sid"], "one browser, one person, one session");
        assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
        // And the other way: only the form is offered.
        let login = browser.open(&portal.authorize_url(&[("acr_values", PASSWORD)])).await;
        assert!(!login.body.contains("/go/"), "{}", login.body);
        let third = id_token(&portal, &type_in(&browser, &login, sample::NORMAL, GOOD).await).await;
        assert_eq!((&third["acr"], &third["sid"]), (&json!(PASSWORD), &first["sid"]));
        let sessions = format!("sessions?user_id={user}&limit=200");
        assert_eq!(fixture.admin().items(&sessions).await.len(), 1);
    }
);

// OpenID Connect Back-Channel Logout 1.0 §2.4: the sid of the logout token is the one of the portal's ID token.
scenario!(
    a_sign_out_after_a_step_up_ends_what_was_begun_before_it,
    |fixture: Fixture| async move {
        let (_, user) = connect_with_password(&fixture).await;
        let (receiver, later_receiver) = (LogoutReceiver::listen(), LogoutReceiver::listen());
        let before = listening(&fixture, "before", &receiver).await;
        let after = listening(&fixture, "after", &later_receiver).await;
        let browser = fixture.browser();
        let tokens = before.tokens(&fixture, &browser, sample::NORMAL).await;
        fixture.advance(Duration::from_secs(5));
        let login = browser.open(&after.authorize_url(&[("acr_values", PASSWORD)])).await;
        let page = type_in(&browser, &login, sample::NORMAL, GOOD).await;
        let stepped_up = id_token(&after, &page).await;
        // The portal of before goes on: its session has another proof now, and is the same.
        let renewed = before.refresh(tokens["refresh_token"].as_str().unwrap()).await.body;
        let kept = id_claims(&renewed);
        let first = id_claims(&tokens);
        assert_eq!((&kept["sid"], &kept["auth_time"]), (&first["sid"], &first["auth_time"]));
        assert!(receiver.tokens().is_empty() && later_receiver.tokens().is_empty());
        sign_out(&fixture, &browser, &renewed).await;
        receiver.wait_for(1).await;
        later_receiver.wait_for(1).await;
        assert_eq!(claims(&receiver.tokens()[0])["sid"], first["sid"]);
        assert_eq!(claims(&later_receiver.tokens()[0])["sid"], stepped_up["sid"]);
        let reply = before.refresh(renewed["refresh_token"].as_str().unwrap()).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        let sessions = format!("sessions?user_id={user}&active=true");
        assert_eq!(
            fixture.admin().get(&sessions).await["items"],
            json!([]),
            "nothing lives on"
        );
    }
);

scenario!(
    what_rests_on_a_scan_is_not_renewed_on_a_password,
    |fixture: Fixture| async move {
        connect_with_password(&fixture).await;
        let strict = fixture.scan_only_portal("strict", sample::CORP).await;
        let wide = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let tokens = strict.tokens(&fixture, &browser, sample::NORMAL).await;
        fixture.advance(Duration::from_secs(5));
        let login = browser.open(&wide.authorize_url(&[("acr_values", PASSWORD)])).await;
        let page = type_in(&browser, &login, sample::NORMAL, GOOD).await;
        assert_eq!(id_token(&wide, &page).await["acr"], PASSWORD);
        let reply = strict.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(reply.refusal(), (400, "invalid_grant"));
        // A scan leads in again, in the same session.
        fixture.advance(Duration::from_secs(5));
        let again = strict.tokens(&fixture, &browser, sample::NORMAL).await;
        assert_eq!(id_claims(&again)["sid"], id_claims(&tokens)["sid"]);
    }
);

scenario!(
    what_is_preferred_is_asked_for_once_and_never_errs,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (_, portal) = anna_and_portal(&fixture).await;
        let browser = fixture.browser();
        sign_in(&portal, &browser, "anna", GOOD).await;
        fixture.advance(Duration::from_secs(5));
        let login = browser
            .open(&portal.authorize_url(&[("acr_values", PASSWORD_OTP)]))
            .await;
        assert_eq!(login.status, 200, "{:?}", login.location);
        let page = type_in(&browser, &login, "anna", GOOD).await;
        assert_eq!(
            id_token(&portal, &page).await["acr"],
            PASSWORD,
            "she has no one-time codes"
        );
        let silent = [("acr_values", PASSWORD_OTP), ("prompt", "none")];
        let page = browser.get(&portal.authorize_url(&silent)).await;
        assert_eq!(id_token(&portal, &page).await["acr"], PASSWORD, "nobody may be asked");
        // A portal that takes no passwords cannot have it; nobody is bothered.
        let strict = fixture.scan_only_portal("strict", sample::CORP).await;
        let scanned = fixture.browser();
        strict.tokens(&fixture, &scanned, sample::NORMAL).await;
        let page = scanned.get(&strict.authorize_url(&[("acr_values", PASSWORD)])).await;
        assert_eq!(id_token(&strict, &page).await["acr"], WECOM);
    }
);

scenario!(default_acr_values_stand_in, |fixture: Fixture| async move {
    fixture.connect().await;
    anna(&fixture).await;
    let metadata = json!({ "metadata": { "default_acr_values": [WECOM] } });
    let portal = fixture.portal("bank", metadata).await;
    let plain = fixture.portal("wiki", json!({})).await;
    let browser = fixture.browser();
    sign_in(&plain, &browser, "anna", GOOD).await;
    let login = browser.open(&portal.authorize_url(&[])).await;
    assert!(
        login.status == 200 && login.body.contains("/go/"),
        "{:?} {}",
        login.location,
        login.body
    );
    let page = browser.get(&portal.authorize_url(&[("acr_values", PASSWORD)])).await;
    assert_eq!(
        id_token(&portal, &page).await["acr"],
        PASSWORD,
        "the request's own wish counts"
    );
});

// OpenID Connect Core 12.2: a refreshed ID token tells of the sign-in it came from, not of what the session became.
scenario!(
    refreshed_tokens_tell_the_class_of_their_own_sign_in,
    |fixture: Fixture| async move {
        let (portal, browser, first) = fixture.signed_in().await;
        fixture.advance(Duration::from_secs(5));
        let inside = browser.in_wecom_of(sample::NORMAL);
        let page = inside.open(&portal.authorize_url(&[("prompt", "login")])).await;
        let second = id_token(&portal, &page).await;
        let before = id_claims(&first);
        assert_eq!(second["sid"], before["sid"], "the session goes on");
        assert_eq!(
            (&before["acr"], &second["acr"]),
            (&json!(WECOM), &json!("urn:menjin:acr:wecom-in-app"))
        );
        let renewed = portal.refresh(first["refresh_token"].as_str().unwrap()).await.body;
        for name in ["id_token", "access_token"] {
            for claim in ["acr", "amr", "auth_time", "sid"] {
                let told = claims(text(&renewed, name));
                assert_eq!(told[claim], before[claim], "{claim} of the {name}");
            }
        }
    }
);

fn must(class: &str) -> String {
    json!({ "id_token": { "acr": { "essential": true, "values": [class] } } }).to_string()
}

scenario!(
    an_essential_class_is_reached_or_told_to_be_unmet,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (user, portal) = anna_and_portal(&fixture).await;
        let browser = fixture.browser();
        sign_in(&portal, &browser, "anna", GOOD).await;
        fixture.advance(Duration::from_secs(5));
        let claims = must(PASSWORD_OTP);
        let silent = [("claims", claims.as_str()), ("prompt", "none")];
        let page = browser.get(&portal.authorize_url(&silent)).await;
        assert_eq!(page.returned("error").unwrap(), "login_required", "it could be reached");
        // Only the way that leads there is offered, and no way around it.
        let url = portal.authorize_url(&[("claims", &claims)]);
        let login = browser.open(&url).await;
        assert!(
            !login.body.contains("/go/") && !login.body.contains("others=1"),
            "{}",
            login.body
        );
        let page = type_in(&browser, &login, "anna", GOOD).await;
        assert_eq!(page.returned("error").unwrap(), "unmet_authentication_requirements");
        assert_eq!(page.returned("state").unwrap(), "af0ifjsldkj-._~");
        assert!(page.returned("code").is_none() && page.returned("error_description").unwrap().contains("SI-239"));
        let (app, _) = set_up(&fixture, &user).await;
        fixture.advance(Duration::from_secs(60));
        let login = browser.open(&url).await;
        let asked = type_in(&browser, &login, "anna", GOOD).await;
        let page = enter(&browser, &asked, &app.shows(&fixture, 0)).await;
        assert_eq!(id_token(&portal, &page).await["acr"], PASSWORD_OTP);
        let page = browser.get(&url).await;
        assert_eq!(
            id_token(&portal, &page).await["acr"],
            PASSWORD_OTP,
            "now it is met without asking"
        );
    }
);

scenario!(
    nobody_signs_in_for_a_class_that_cannot_be_reached,
    |fixture: Fixture| async move {
        fixture.connect().await;
        anna(&fixture).await;
        let strict = fixture.scan_only_portal("strict", sample::CORP).await;
        for class in [PASSWORD, "urn:example:unknown"] {
            let claims = must(class);
            for prompt in ["", "none", "login"] {
                let url = strict.authorize_url(&[("claims", &claims), ("prompt", prompt)]);
                let page = fixture.browser().get(&url).await;
                let error = page.returned("error");
                assert_eq!(
                    error.as_deref(),
                    Some("unmet_authentication_requirements"),
                    "{class} {prompt}"
                );
            }
        }
        let browser = fixture.browser();
        strict.tokens(&fixture, &browser, sample::NORMAL).await;
        let any = json!({ "id_token": { "acr": { "essential": true } } }).to_string();
        let page = browser.get(&strict.authorize_url(&[("claims", &any)])).await;
        assert_eq!(id_token(&strict, &page).await["acr"], WECOM, "any class will do");
        let wish = json!({ "id_token": { "acr": { "values": ["urn:example:unknown", PASSWORD] } } }).to_string();
        let page = browser.get(&strict.authorize_url(&[("claims", &wish)])).await;
        assert_eq!(id_token(&strict, &page).await["acr"], WECOM, "a wish never errs");
    }
);

// The state of a QR page stands in its address, and silent OAuth takes any state.
scenario!(
    silent_oauth_with_the_state_of_a_qr_page_does_not_reach_the_class_of_the_qr_page,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let claims = json!({ "id_token": { "acr": { "essential": true, "values": [WECOM] } } }).to_string();
        let url = portal.authorize_url(&[("claims", &claims)]);
        let silent = async |inside: &crate::actors::Browser, shown: &crate::actors::Page| {
            let shown = reqwest::Url::parse(&shown.url).unwrap();
            let mut query: Vec<(String, String)> = shown.query_pairs().into_owned().collect();
            query.retain(|(name, _)| matches!(name.as_str(), "appid" | "agentid" | "redirect_uri" | "state"));
            let fixed = [("response_type", "code"), ("scope", "snsapi_base")];
            query.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
            let oauth = shown.join("/connect/oauth2/authorize").unwrap();
            let oauth = reqwest::Url::parse_with_params(oauth.as_str(), query).unwrap();
            inside.get(oauth.as_str()).await.location.unwrap()
        };
        let qr_page = async |browser: &crate::actors::Browser| {
            let login = browser.open(&url).await;
            browser.open(&login.link("/go/")).await
        };
        // The same cookies, inside the WeCom client.
        let outside = fixture.browser();
        let shown = qr_page(&outside).await;
        let inside = fixture.browser().in_wecom_of(sample::NORMAL);
        let journey = outside.cookie("menjin_journey").unwrap();
        inside.plant("127.0.0.1", "menjin_journey", &journey);
        let callback = silent(&inside, &shown).await;
        let page = inside.open(&callback).await;
        assert_eq!(
            page.returned("error").as_deref(),
            Some("unmet_authentication_requirements"),
            "{:?} {}",
            page.location,
            page.body
        );
        // The WeCom client ends at the callback without the cookie, and the address is carried to the browser that has it.
        let outside = fixture.browser();
        let shown = qr_page(&outside).await;
        let inside = fixture.browser().in_wecom_of(sample::NORMAL);
        let callback = silent(&inside, &shown).await;
        let page = inside.open(&callback).await;
        assert!(page.status == 403 && page.body.contains("SI-103"), "{}", page.body);
        let carried = outside.open(&callback).await;
        assert_eq!((carried.status, &carried.location), (400, &None), "{}", carried.body);
        // The honest way.
        let page = fixture
            .phone()
            .sign_in_from(&outside, &outside.open(&url).await, As::Member(sample::NORMAL))
            .await;
        assert_eq!(id_token(&portal, &page).await["acr"], WECOM);
    }
);
