//! The page of one's own sign-ins: it shows what belongs to the person, and its buttons work for nobody else.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{answer, asking, confirm_of, consented, id_of, is_question};
use crate::{actors::As, scenario, stage::Stage};

scenario!(
    without_a_session_the_account_page_says_so_honestly,
    |stage: Stage| async move {
        stage.connect().await;
        let page = stage.browser().get(&format!("{}/account", stage.base)).await;
        assert_eq!(page.status, 200);
        assert!(
            page.body.contains("You are not signed in in this browser"),
            "{}",
            page.body
        );
        let chinese = stage
            .browser()
            .in_chinese()
            .get(&format!("{}/account", stage.base))
            .await;
        assert!(chinese.body.contains("您尚未在此浏览器中登录"));
        assert!(!page.body.contains("<form"));
        for path in [
            "sessions/end-others",
            "sessions/00000000-0000-0000-0000-000000000001/end",
            "portals/x/withdraw",
        ] {
            let refused = stage
                .browser()
                .post(&format!("{}/account/{path}", stage.base), &[("confirm", "x")])
                .await;
            assert!(matches!(refused.status, 403 | 404), "{path}: {}", refused.status);
        }
    }
);

scenario!(
    the_account_page_lists_sessions_and_portals_of_this_person_only,
    |stage: Stage| async move {
        stage.connect().await;
        let (laptop, phone, other) = (stage.browser(), stage.browser(), stage.browser());
        let wiki = stage.portal("wiki", json!({ "name": "Wiki" })).await;
        let secret = stage.portal("secret", json!({ "name": "Secret" })).await;
        let expenses = asking(&stage, "expenses", json!({})).await;
        wiki.tokens(&stage, &laptop, sample::NORMAL).await;
        stage.advance(Duration::from_secs(7200));
        consented(&stage, &expenses, &phone, sample::NORMAL).await;
        secret.tokens(&stage, &other, sample::BY_PICK).await;
        let page = phone.get(&format!("{}/account", stage.base)).await;
        assert_eq!(
            page.body.matches("/account/sessions/").count(),
            3,
            "two and the button: {}",
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
        let chinese = phone.get(&format!("{}/account?ui_locales=zh-CN", stage.base)).await;
        assert!(chinese.body.contains("2 小时前"), "{}", chinese.body);
    }
);

scenario!(
    a_person_ends_one_session_all_others_or_their_own,
    |stage: Stage| async move {
        stage.connect().await;
        let wiki = stage.portal("wiki", json!({})).await;
        let (here, there, elsewhere) = (stage.browser(), stage.browser(), stage.browser());
        let mut refresh = Vec::new();
        for browser in [&here, &there, &elsewhere] {
            let tokens = wiki.tokens(&stage, browser, sample::NORMAL).await;
            refresh.push(tokens["refresh_token"].as_str().unwrap().to_owned());
        }
        let account = format!("{}/account", stage.base);
        let page = there.get(&account).await;
        let own = page.link("/account/sessions/");
        let confirm = confirm_of(&page);
        let done = there.post(&own, &[("confirm", &confirm)]).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(there.cookie("menjin_session").is_none());
        assert_eq!(wiki.refresh(&refresh[1]).await.status, 400);
        let page = here.get(&account).await;
        let back = here
            .submit(&page.link("/end-others"), &[("confirm", &confirm_of(&page))])
            .await;
        assert_eq!(back.body.matches("/end?").count(), 1, "{}", back.body);
        assert_eq!(wiki.refresh(&refresh[2]).await.status, 400);
        assert!(
            elsewhere
                .get(&wiki.authorize_url(&[("prompt", "none")]))
                .await
                .returned("code")
                .is_none()
        );
        assert_eq!(wiki.refresh(&refresh[0]).await.status, 200, "this session lives on");
    }
);

scenario!(
    the_account_forms_belong_to_one_session_and_to_one_person,
    |stage: Stage| async move {
        stage.connect().await;
        let wiki = stage.portal("wiki", json!({})).await;
        let (victim, thief) = (stage.browser(), stage.browser());
        wiki.tokens(&stage, &victim, sample::NORMAL).await;
        wiki.tokens(&stage, &thief, sample::BY_PICK).await;
        let account = format!("{}/account", stage.base);
        let (theirs, mine) = (victim.get(&account).await, thief.get(&account).await);
        let victims = theirs.link("/account/sessions/");
        // A form of another site in the victim's browser does not know the value; the thief's own value is good for the thief only.
        for guess in ["", "x", &confirm_of(&mine)] {
            for form in [&victims, &theirs.link("/end-others"), &theirs.link("/withdraw")] {
                let refused = victim.post(form, &[("confirm", guess)]).await;
                assert_eq!(refused.status, 403, "{form} {guess}");
                assert!(refused.body.contains("AC-102"));
            }
        }
        let foreign = thief.post(&victims, &[("confirm", &confirm_of(&mine))]).await;
        assert_eq!(foreign.status, 404, "{}", foreign.body);
        let unknown = format!(
            "{}/account/portals/{}/withdraw",
            stage.base, "00000000-0000-0000-0000-000000000009"
        );
        assert_eq!(
            thief.post(&unknown, &[("confirm", &confirm_of(&mine))]).await.status,
            404
        );
        assert_eq!(victim.get(&victims).await.status, 405, "nothing happens by GET");
        assert!(victim.get(&wiki.authorize_url(&[])).await.returned("code").is_some());
    }
);

scenario!(
    a_revoked_consent_ends_the_tokens_and_asks_again,
    |stage: Stage| async move {
        stage.connect().await;
        let portal = asking(&stage, "expenses", json!({})).await;
        let wiki = stage.portal("wiki", json!({})).await;
        let browser = stage.browser();
        let question = portal.sign_in(&stage, &browser, As::Member(sample::NORMAL)).await;
        answer(&browser, &question, "decline").await;
        let question = browser
            .open(&portal.authorize_url(&[("scope", "openid offline_access")]))
            .await;
        let back = answer(&browser, &question, "allow").await;
        let tokens = portal.redeem(&back.returned("code").unwrap()).await.body;
        let code = browser.open(&wiki.authorize_url(&[])).await.returned("code").unwrap();
        let kept = wiki.redeem(&code).await.body;
        let page = browser.get(&format!("{}/account", stage.base)).await;
        let withdraw = format!("/account/portals/{}/withdraw", portal.id);
        let back = browser
            .submit(&page.link(&withdraw), &[("confirm", &confirm_of(&page))])
            .await;
        assert!(!back.body.contains("报销系统"), "{}", back.body);
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
        let person = id_of(&stage, sample::NORMAL).await;
        let events = stage.admin().get("audit-events?kind=consent_withdrawn").await;
        assert_eq!(events["items"][0]["actor"], format!("user:{person}"));
    }
);
