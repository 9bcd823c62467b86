//! The page of one's own sign-ins: it shows what belongs to the person, and its buttons work for nobody else.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{allowed, answer, asking, consented, is_question, questioned};
use crate::{fixture::Fixture, scenario};

scenario!(
    without_a_session_the_account_page_says_so_honestly,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let page = fixture.browser().get(&format!("{}/account", fixture.base)).await;
        assert_eq!(page.status, 200);
        assert!(
            page.body.contains("You are not signed in in this browser"),
            "{}",
            page.body
        );
        let chinese = fixture
            .browser()
            .in_chinese()
            .get(&format!("{}/account", fixture.base))
            .await;
        assert!(chinese.body.contains("您尚未在此浏览器中登录"));
        assert!(!page.body.contains("<form"));
        for path in [
            "sessions/end-others",
            "sessions/00000000-0000-0000-0000-000000000001/end",
            "portals/x/withdraw",
        ] {
            let refused = fixture
                .browser()
                .post(&format!("{}/account/{path}", fixture.base), &[("confirm", "x")])
                .await;
            assert!(matches!(refused.status, 403 | 404), "{path}: {}", refused.status);
        }
    }
);

scenario!(
    the_account_page_lists_sessions_and_portals_of_this_person_only,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (laptop, phone, other) = (fixture.browser(), fixture.browser(), fixture.browser());
        let wiki = fixture.portal("wiki", json!({ "name": "Wiki" })).await;
        let secret = fixture.portal("secret", json!({ "name": "Secret" })).await;
        let expenses = asking(&fixture, "expenses", json!({})).await;
        wiki.tokens(&fixture, &laptop, sample::NORMAL).await;
        fixture.advance(Duration::from_secs(7200));
        consented(&fixture, &expenses, &phone, sample::NORMAL).await;
        secret.tokens(&fixture, &other, sample::BY_PICK).await;
        let page = phone.get(&format!("{}/account", fixture.base)).await;
        assert_eq!(
            page.body.matches("/account/sessions/").count(),
            4,
            "two and the buttons for several: {}",
            page.body
        );
        for part in [
            "this browser",
            "WeCom QR code",
            "青云科技",
            "Wiki",
            "报销系统",
            "2 h ago",
            "You allowed",
        ] {
            assert!(page.body.contains(part), "{part} is missing: {}", page.body);
        }
        assert!(!page.body.contains("Secret"), "another person's portal");
        let chinese = phone.get(&format!("{}/account?ui_locales=zh-CN", fixture.base)).await;
        assert!(chinese.body.contains("2 小时前"), "{}", chinese.body);
    }
);

scenario!(
    a_person_ends_one_session_all_others_or_their_own,
    |fixture: Fixture| async move {
        let wiki = fixture.connected_portal().await;
        let (here, there, elsewhere) = (fixture.browser(), fixture.browser(), fixture.browser());
        let mut refresh = Vec::new();
        for browser in [&here, &there, &elsewhere] {
            let tokens = wiki.tokens(&fixture, browser, sample::NORMAL).await;
            refresh.push(tokens["refresh_token"].as_str().unwrap().to_owned());
        }
        let account = format!("{}/account", fixture.base);
        let page = there.get(&account).await;
        let own = page.link("/account/sessions/");
        let confirm = page.field("confirm");
        let done = there.post(&own, &[("confirm", &confirm)]).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(there.cookie("menjin_session").is_none());
        assert_eq!(wiki.refresh(&refresh[1]).await.status, 400);
        let page = here.get(&account).await;
        let back = here
            .submit(&page.link("/end-others"), &[("confirm", &page.field("confirm"))])
            .await;
        assert_eq!(back.body.matches("/end?").count(), 1, "{}", back.body);
        assert_eq!(wiki.refresh(&refresh[2]).await.status, 400);
        assert!(wiki.authorize_silently(&elsewhere).await.returned("code").is_none());
        assert_eq!(wiki.refresh(&refresh[0]).await.status, 200, "this session lives on");
    }
);

scenario!(
    the_account_forms_belong_to_one_session_and_to_one_person,
    |fixture: Fixture| async move {
        let wiki = fixture.connected_portal().await;
        let (victim, thief) = (fixture.browser(), fixture.browser());
        wiki.tokens(&fixture, &victim, sample::NORMAL).await;
        wiki.tokens(&fixture, &thief, sample::BY_PICK).await;
        let account = format!("{}/account", fixture.base);
        let (theirs, mine) = (victim.get(&account).await, thief.get(&account).await);
        let victims = theirs.link("/account/sessions/");
        // A form of another site in the victim's browser does not know the value; the thief's own value is good for the thief only.
        for guess in ["", "x", &mine.field("confirm")] {
            for form in [&victims, &theirs.link("/end-others"), &theirs.link("/withdraw")] {
                let refused = victim.post(form, &[("confirm", guess)]).await;
                assert_eq!(refused.status, 403, "{form} {guess}");
                assert!(refused.body.contains("AC-102"));
            }
        }
        let foreign = thief.post(&victims, &[("confirm", &mine.field("confirm"))]).await;
        assert_eq!(foreign.status, 404, "{}", foreign.body);
        let unknown = format!(
            "{}/account/portals/{}/withdraw",
            fixture.base, "00000000-0000-0000-0000-000000000009"
        );
        assert_eq!(
            thief
                .post(&unknown, &[("confirm", &mine.field("confirm"))])
                .await
                .status,
            404
        );
        assert_eq!(victim.get(&victims).await.status, 405, "nothing happens by GET");
        assert!(victim.get(&wiki.authorize_url(&[])).await.returned("code").is_some());
    }
);

scenario!(
    a_revoked_consent_ends_the_tokens_and_asks_again,
    |fixture: Fixture| async move {
        let (portal, browser, question) = questioned(&fixture).await;
        let wiki = fixture.portal("wiki", json!({})).await;
        answer(&browser, &question, "decline").await;
        let question = browser
            .open(&portal.authorize_url(&[("scope", "openid offline_access")]))
            .await;
        let tokens = allowed(&portal, &browser, &question).await;
        let kept = wiki.tokens_silently(&browser, &[]).await;
        let page = browser.get(&format!("{}/account", fixture.base)).await;
        let withdraw = format!("/account/portals/{}/withdraw", portal.id);
        let back = browser
            .submit(&page.link(&withdraw), &[("confirm", &page.field("confirm"))])
            .await;
        assert!(back.find_link(&withdraw).is_none(), "{}", back.body);
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(portal.userinfo(access).await.status, 401);
        let refused = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refused.body["error"], "invalid_grant");
        assert!(is_question(
            &browser.open(&portal.authorize_url(&[("scope", "openid")])).await
        ));
        assert_eq!(
            wiki.userinfo(kept["access_token"].as_str().unwrap()).await.status,
            200,
            "only that portal"
        );
        let person = fixture.admin().user_id(sample::NORMAL).await;
        let events = fixture.admin().get("audit-events?kind=consent_withdrawn").await;
        assert_eq!(events["items"][0]["actor"], format!("user:{person}"));
    }
);
