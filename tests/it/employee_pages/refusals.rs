//! A refusal says who was scanned, for which portal, what helps and whom to ask, and leads back.

use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{absolute, ways};
use crate::{actors::As, fixture::Fixture, scenario};

scenario!(
    whoever_is_refused_reads_who_was_scanned_for_what_and_what_helps,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({ "name": "维基 Wiki" })).await;
        fixture.admin().disable(sample::NORMAL).await;
        for (who, named, help) in [
            (
                As::Member(sample::OUT_OF_SCOPE),
                Some(sample::OUT_OF_SCOPE),
                "open the app to you",
            ),
            (As::Member(sample::NORMAL), Some("李华"), "Starting again does not help"),
            (As::Outsider, None, "Join the company in WeCom first"),
            (As::Linked, None, "an account of this company"),
        ] {
            let browser = fixture.browser();
            let page = portal.sign_in(&fixture, &browser, who).await;
            assert_eq!(page.status, 403, "{}", page.body);
            assert!(page.body.contains(help), "{who:?}: {}", page.body);
            assert!(
                page.body.contains("维基 Wiki"),
                "{who:?}: for which portal: {}",
                page.body
            );
            if let Some(named) = named {
                assert!(page.body.contains(named), "{who:?}: {}", page.body);
            }
            let ways = ways(&page);
            assert_eq!(ways[0].0, "Use another account", "{who:?}: {}", page.body);
            assert_eq!(ways[1].1, "https://wiki.portal.example/", "back: {}", page.body);
            assert!(!page.body.contains("Start again"), "{who:?}: {}", page.body);
            assert!(
                page.body.contains("class=\"copy\""),
                "the code can be selected: {}",
                page.body
            );
            let other = browser.open(&absolute(&page, &ways[0].1)).await;
            let page = fixture
                .phone()
                .sign_in_from(&browser, &other, As::Member(sample::BY_PICK))
                .await;
            assert!(page.returned("code").is_some(), "another account: {}", page.body);
        }
    }
);

scenario!(
    who_was_scanned_is_told_to_the_browser_of_the_sign_in_alone,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let callback = portal
            .to_callback(&fixture, &browser, As::Member(sample::OUT_OF_SCOPE))
            .await;
        let stranger = fixture.browser().open(&callback).await;
        assert!(!stranger.body.contains(sample::OUT_OF_SCOPE), "{}", stranger.body);
        assert!(browser.open(&callback).await.body.contains(sample::OUT_OF_SCOPE));
        assert!(
            browser.open(&callback).await.body.contains(sample::OUT_OF_SCOPE),
            "a reload"
        );
        let stranger = fixture.browser().open(&callback).await;
        assert!(!stranger.body.contains(sample::OUT_OF_SCOPE), "{}", stranger.body);
    }
);

scenario!(
    a_portal_that_refuses_names_its_own_contact_and_the_rest_the_installations,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let branding = json!({ "contact": "IT desk, extension 8000" });
        assert_eq!(
            fixture.admin().call("PUT", "branding", Some(branding)).await.status,
            200
        );
        let nobody = json!({ "username": "somebody", "display_name": "Somebody" });
        let nobody = fixture.admin().create("users", nobody).await;
        let closed = json!({
            "allowed_users": [nobody["id"]],
            "metadata": { "contacts": ["wiki@corp.example"] },
        });
        let closed = fixture.portal("wiki", closed).await;
        let page = closed
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-112"), "{}", page.body);
        assert!(page.body.contains("wiki@corp.example"), "{}", page.body);
        let page = closed.sign_in(&fixture, &fixture.browser(), As::Outsider).await;
        assert!(page.body.contains("IT desk, extension 8000"), "{}", page.body);
        assert!(!page.body.contains("wiki@corp.example"), "{}", page.body);
    }
);

scenario!(
    who_is_signed_in_but_may_not_enter_is_offered_another_account,
    |fixture: Fixture| async move {
        let (_, browser, _) = fixture.signed_in().await;
        let boss = fixture.admin().items("users?limit=200").await;
        let boss = boss.iter().find(|user| user["username"] == sample::BY_PICK).unwrap();
        let closed = fixture.portal("vault", json!({ "allowed_users": [boss["id"]] })).await;
        let page = browser.open(&closed.authorize_url(&[])).await;
        assert!(page.body.contains("GT-112"), "{}", page.body);
        assert!(page.body.contains(sample::NORMAL), "as whom: {}", page.body);
        let (label, way) = ways(&page).remove(0);
        assert_eq!(label, "Use another account", "{}", page.body);
        let login = browser.open(&absolute(&page, &way)).await;
        let page = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::BY_PICK))
            .await;
        assert!(page.returned("code").is_some(), "{}: {}", page.url, page.body);
    }
);

scenario!(what_passes_by_itself_is_tried_again, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser();
    let callback = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
    fixture.break_wecom("/cgi-bin/user/get");
    let page = browser.open(&callback).await;
    assert!(page.body.contains("GT-113"), "{}", page.body);
    let (label, way) = ways(&page).remove(0);
    assert_eq!(label, "Try again");
    fixture.mend_wecom();
    let login = browser.open(&absolute(&page, &way)).await;
    let page = fixture
        .phone()
        .sign_in_from(&browser, &login, As::Member(sample::NORMAL))
        .await;
    assert!(page.returned("code").is_some(), "{}", page.body);
});

scenario!(
    a_refusal_is_in_the_language_that_the_portal_asked_for,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        for locale in ["zh-CN", "en"] {
            let address = portal.authorize_url(&[("ui_locales", locale)]);
            let browser = fixture.browser();
            let page = portal.sign_in_at(&fixture, &browser, As::Outsider, &address).await;
            let lang = format!("<html lang=\"{locale}\">");
            assert!(page.status == 403 && page.body.contains(&lang), "{}", page.body);
        }
    }
);

scenario!(
    what_an_admin_must_mend_in_wecom_is_said_so_and_another_way_is_offered_where_there_is_one,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let only = fixture.scan_only_portal("wiki", sample::CORP).await;
        fixture.connect_second(json!({})).await;
        let both = fixture.portal("both", json!({})).await;
        for (portal, besides) in [(&only, false), (&both, true)] {
            for code in [40001, 50003, 60020, 48002] {
                let browser = fixture.browser();
                let callback = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
                fixture.add_fault(Fault::new("/cgi-bin/auth/getuserinfo", FaultKind::Errcode(code)));
                let page = browser.open(&callback).await;
                fixture.mend_wecom();
                assert_eq!(page.status, 422, "{code}: {}", page.body);
                assert!(
                    page.body.contains("ell your administrator the code below"),
                    "{code}: {}",
                    page.body
                );
                let (label, way) = ways(&page).remove(0);
                assert_eq!(label == "Sign in another way", besides, "{code}: {label}");
                assert_eq!(page.body.contains("sign in another way until then"), besides, "{code}");
                if besides {
                    let login = browser.open(&absolute(&page, &way)).await;
                    assert_eq!(login.body.matches("/go/").count(), 2, "{}", login.body);
                }
            }
        }
    }
);

scenario!(
    a_portal_that_is_set_up_wrongly_is_not_called_a_page_that_is_too_old,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let metadata = json!({ "contacts": ["wiki@corp.example"] });
        let portal = fixture.portal("wiki", json!({ "metadata": metadata })).await;
        let browser = fixture.browser();
        browser.open(&portal.authorize_url(&[])).await;
        for (number, changed, contact) in [
            ("OP-103", ("redirect_uri", "https://elsewhere.example/"), true),
            ("OP-101", ("client_id", "nobody"), false),
        ] {
            let page = browser.open(&portal.authorize_url(&[changed])).await;
            assert!(page.body.contains(number), "{}", page.body);
            assert!(page.body.contains("set up wrongly"), "{number}: {}", page.body);
            assert!(!page.body.contains("Nothing is wrong"), "{number}: {}", page.body);
            assert!(
                ways(&page).iter().all(|(label, _)| !label.contains("tart again")),
                "{number}"
            );
            assert_eq!(
                page.body.contains("wiki@corp.example"),
                contact,
                "{number}: {}",
                page.body
            );
            // An application that is not known here is not the one before it.
            assert_eq!(
                page.body.contains("<dt>Application</dt>"),
                contact,
                "{number}: {}",
                page.body
            );
        }
    }
);
