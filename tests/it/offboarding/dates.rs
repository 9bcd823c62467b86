//! The date until which somebody has access: from that moment on they are out everywhere, by the date itself.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use super::{
    Secrets, connect,
    matrix::{Insider, is_refused_at},
};
use crate::{
    actors::{As, LogoutReceiver, Portal, claims, id, id_claims, text},
    back_channel_logout::listening,
    fixture::{Fixture, Replica},
    scenario,
};

/// A path of the user behind these tokens.
fn user_of(tokens: &Value) -> String {
    format!("users/{}", text(&id_claims(tokens), "sub"))
}

/// The moment so many seconds from now, milliseconds.
fn in_seconds(fixture: &Fixture, seconds: i64) -> i64 {
    fixture.clock.now().millis() + seconds * 1000
}

/// One line of the matrix: somebody signed in has a date; a millisecond before it they are in, at it they are out on both replicas although
/// no job has run; then the job tells the portals and reports, and once the date is taken back the same person comes in.
async fn is_out_at_their_date(
    (fixture, replica): (&Fixture, &Replica),
    (portal, receiver): (&Portal, &LogoutReceiver),
    userid: &'static str,
) {
    let browser = fixture.browser();
    let tokens = portal.tokens(fixture, &browser, userid).await;
    let (sub, sid) = (id_claims(&tokens)["sub"].clone(), id_claims(&tokens)["sid"].clone());
    let (user, until) = (user_of(&tokens), in_seconds(fixture, 60));
    let shown = fixture.admin().change(&user, json!({ "access_until": until })).await;
    assert_eq!(
        (&shown["access_until"], &shown["status"]),
        (&json!(until), &json!("active"))
    );
    fixture.advance(Duration::from_millis(59_999));
    for base in [&fixture.base, &replica.base] {
        let here = portal.at(base);
        assert_eq!(
            here.userinfo(text(&tokens, "access_token")).await.status,
            200,
            "too early"
        );
    }
    let code = portal.authorize_silently(&browser).await.returned("code").unwrap();
    fixture.advance(Duration::from_millis(1));
    let redeemed = portal.redeem(&code).await;
    assert_eq!(redeemed.refusal(), (400, "invalid_grant"), "{}", redeemed.body);
    for base in [&fixture.base, &replica.base] {
        let here = portal.at(base);
        assert_eq!(here.userinfo(text(&tokens, "access_token")).await.status, 401, "{base}");
        assert_eq!(here.introspect(text(&tokens, "access_token")).await["active"], false);
        assert_eq!(here.introspect(text(&tokens, "refresh_token")).await["active"], false);
        let silent = here.authorize_silently(&browser).await;
        assert_eq!(silent.returned("error").as_deref(), Some("login_required"), "{base}");
        let own = browser.open(&format!("{base}/account")).await;
        assert!(!own.body.contains(userid), "{}", own.body);
    }
    let page = portal.sign_in(fixture, &fixture.browser(), As::Member(userid)).await;
    assert!(
        page.body.contains("GT-121") && page.returned("code").is_none(),
        "{}",
        page.body
    );
    replica.app.tick().await.unwrap();
    let insider = Insider {
        userid,
        browser,
        tokens,
    };
    for base in [&fixture.base, &replica.base] {
        is_refused_at(fixture, portal, &insider, base, "past their date").await;
    }
    let shown = fixture.admin().get(&user).await;
    assert_eq!(
        (&shown["status"], &shown["disabled_reason"]),
        (&json!("disabled"), &json!("access_ended"))
    );
    replica.app.tick().await.unwrap();
    let told = receiver
        .tokens()
        .iter()
        .filter(|token| claims(token)["sid"] == sid)
        .count();
    assert_eq!(told, 1);
    let reports = format!("offboardings?user_id={}", sub.as_str().unwrap());
    let reports = fixture.admin().items(&reports).await;
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert_eq!(
        (
            &reports[0]["reason"],
            &reports[0]["learned_by"],
            &reports[0]["evidence"]
        ),
        (
            &json!("access_ended"),
            &json!("date"),
            &json!({ "access_until": until })
        )
    );
    assert_eq!(reports[0]["portal_counts"]["told"], 1, "{}", reports[0]);
    // Two processes that write to one SQLite file, which only tests have, do not meet in the middle of a transaction.
    fixture.wait_for_background_work().await;
    replica.app.wait_for_background_work().await;
    let shown = fixture.admin().change(&user, json!({ "access_until": null })).await;
    assert_eq!(
        (&shown["status"], &shown["disabled_reason"], &shown["access_until"]),
        (&json!("active"), &Value::Null, &Value::Null)
    );
    let back = portal.tokens(fixture, &fixture.browser(), userid).await;
    assert_eq!(id_claims(&back)["sub"], sub, "another person");
    let report = fixture.admin().get(&format!("offboardings/{}", id(&reports[0]))).await;
    assert!(report["readmitted_at"].is_i64(), "{report}");
}

async fn matrix(fixture: Fixture, secrets: Secrets) {
    connect(&fixture, secrets).await;
    let replica = fixture.replica().await;
    let receiver = LogoutReceiver::listen();
    let portal = listening(&fixture, "wiki", &receiver).await;
    for userid in [sample::NORMAL, "zhaoliu"] {
        is_out_at_their_date((&fixture, &replica), (&portal, &receiver), userid).await;
    }
}

scenario!(
    with_both_secrets_whose_date_has_come_is_out_everywhere_by_the_date_itself,
    |fixture: Fixture| matrix(fixture, Secrets::Both)
);

scenario!(
    with_the_app_secret_whose_date_has_come_is_out_everywhere_by_the_date_itself,
    |fixture: Fixture| matrix(fixture, Secrets::App)
);

scenario!(
    with_the_contacts_secret_whose_date_has_come_is_out_everywhere_by_the_date_itself,
    |fixture: Fixture| matrix(fixture, Secrets::Contacts)
);

// Also an answer of the token endpoint says it, and no token is good for longer.
scenario!(
    no_token_outlives_the_date_and_a_refresh_at_the_date_is_refused,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let until = in_seconds(&fixture, 100);
        fixture
            .admin()
            .change(&user_of(&tokens), json!({ "access_until": until }))
            .await;
        let short = portal.tokens_silently(&browser, &[]).await;
        assert_eq!(short["expires_in"], 100, "{short}");
        for token in ["access_token", "id_token"] {
            let exp = claims(text(&short, token))["exp"].as_i64().unwrap();
            assert!(exp * 1000 <= until, "{token}: {exp}");
        }
        fixture.advance(Duration::from_secs(100));
        let refused = portal.refresh(text(&short, "refresh_token")).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant"), "{}", refused.body);
    }
);

// Neither a sync, nor WeCom's word, nor the status alone brings back whose date has come; nor does clearing the date whom an admin disabled.
scenario!(
    the_date_is_moved_by_an_admin_alone_and_gives_back_only_what_it_took,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let user = user_of(&tokens);
        let admin = fixture.admin();
        let past = in_seconds(&fixture, -1);
        let shown = admin.change(&user, json!({ "access_until": past })).await;
        assert_eq!(
            shown["disabled_reason"], "access_ended",
            "a passed moment ends it at once"
        );
        portal.assert_ended(&tokens).await;
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let shown = admin.get(&user).await;
        assert_eq!(
            (&shown["disabled_reason"], &shown["access_until"]),
            (&json!("access_ended"), &json!(past))
        );
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-121"), "{}", page.body);
        let alone = admin.call("PATCH", &user, Some(json!({ "status": "active" }))).await;
        assert_eq!(alone.refusal(), (422, "DI-101"), "{}", alone.body);
        for wrong in [
            json!(-1),
            json!("tomorrow"),
            json!(1e18),
            json!(253_402_300_800_000_i64),
        ] {
            let refused = admin.call("PATCH", &user, Some(json!({ "access_until": wrong }))).await;
            assert!((400..500).contains(&refused.status), "{wrong}: {}", refused.body);
        }
        admin.change(&user, json!({ "status": "disabled" })).await;
        let shown = admin.change(&user, json!({ "access_until": null })).await;
        assert_eq!(
            (&shown["status"], &shown["disabled_reason"]),
            (&json!("disabled"), &json!("admin"))
        );
        let later = in_seconds(&fixture, 3600);
        let both = json!({ "status": "active", "access_until": later });
        assert_eq!(admin.change(&user, both).await["status"], "active");
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    }
);

// A date is an admin's hand: only who may touch console users sets theirs, and then it counts for them too.
scenario!(
    the_date_of_a_console_user_needs_the_right_to_touch_them,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let user = user_of(&tokens);
        fixture
            .admin()
            .change(&user, json!({ "console_role": "auditor" }))
            .await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let soon = json!({ "access_until": in_seconds(&fixture, 5) });
        let operator = fixture.admin_with_role("operator").await;
        let refused = operator.call("PATCH", &user, Some(soon.clone())).await;
        assert_eq!(refused.refusal(), (403, "DI-107"), "{}", refused.body);
        fixture.admin().change(&user, soon).await;
        fixture.advance(Duration::from_secs(5));
        fixture.app.tick().await.unwrap();
        assert_eq!(fixture.admin().get(&user).await["disabled_reason"], "access_ended");
        portal.assert_ended(&tokens).await;
    }
);
