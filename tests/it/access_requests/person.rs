//! What the person sees and does: applies, looks where it stands, takes it back, and is told what came of it.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{applied, apply, asking, decide, notices, own_page, refused, send, standing};
use crate::{
    actors::{As, id, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    a_member_who_is_not_imported_asks_and_once_approved_comes_in,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let browser = fixture.browser();
        let page = apply(&fixture, &portal, &browser, sample::NORMAL, "For the handbook").await;
        for said in ["waiting for a decision", "李华", "维基 Wiki", "For the handbook"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        let open = fixture.admin().items("access-requests").await.remove(0);
        assert_eq!(
            (
                &open["state"],
                &open["userid"],
                &open["name"],
                &open["client_id"],
                &open["reason"]
            ),
            (
                &json!("open"),
                &json!(sample::NORMAL),
                &json!("李华"),
                &json!("wiki"),
                &json!("For the handbook")
            )
        );
        assert_eq!(
            (&open["data_source_id"], &open["corp_id"], &open["mode"]),
            (&source["id"], &json!(sample::CORP), &json!("web"))
        );
        let asked = notices(&fixture, "access_requested").await;
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(asked[0].subject, format!("access_request:{}", id(&open)));
        assert_eq!(asked[0].facts["userid"], sample::NORMAL);
        assert!(asked[0].path.as_ref().unwrap().starts_with("/access-requests/"));
        let task = asked[0].card.as_ref().unwrap();
        assert!(
            task.len() <= 128
                && task
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-@".contains(&byte))
        );
        refused(&fixture, &portal, &fixture.browser(), sample::NORMAL).await;

        let approved = decide(&fixture, &open, "approve", json!({})).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(
            (
                &approved.body["state"],
                &approved.body["user_id"],
                &approved.body["username"],
                &approved.body["portals"]
            ),
            (
                &json!("approved"),
                &user["id"],
                &json!(sample::NORMAL),
                &json!(["wiki"])
            )
        );
        assert_eq!(approved.body["allowed"], json!([]));
        let told = notices(&fixture, "access_approved").await.remove(0);
        assert_eq!(
            (told.facts["username"].as_str(), told.facts["portal"].as_str()),
            (sample::NORMAL, "维基 Wiki")
        );
        let way = browser.get(&format!("{}{}", fixture.base, told.path.unwrap())).await;
        assert_eq!(
            way.location.as_deref(),
            Some("https://wiki.portal.example/"),
            "{}",
            way.body
        );

        let page = browser.open(&page.url).await;
        assert!(page.body.contains("You have an account now"), "{}", page.body);
        let login = browser.open(&page.link("/signin/")).await;
        let back = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::NORMAL))
            .await;
        let tokens = portal.tokens_from(&back).await;
        let info = portal.userinfo(text(&tokens, "access_token")).await.body;
        assert_eq!((&info["sub"], &info["name"]), (&user["id"], &json!("李华")));
        let kinds: Vec<String> = fixture
            .admin()
            .items("audit-events?limit=200")
            .await
            .iter()
            .filter(|event| event["subject"] == format!("access_request:{}", id(&open)))
            .map(|event| text(event, "kind").to_owned())
            .collect();
        assert_eq!(kinds, ["access_request.approved", "access_request.opened"]);
    }
);

scenario!(
    both_languages_are_spoken_on_each_of_the_persons_pages,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let browser = fixture.browser().in_chinese();
        let form = own_page(&fixture, &portal, &browser, sample::NORMAL).await;
        assert!(
            form.body.contains("提交申请") && form.body.contains("lang=\"zh-CN\""),
            "{}",
            form.body
        );
        let waits = send(&browser, &form, "").await;
        assert!(waits.body.contains("正在等待处理"), "{}", waits.body);
        let open = fixture.admin().items("access-requests").await.remove(0);
        decide(
            &fixture,
            &open,
            "refuse",
            json!({ "reason": "请联系人事", "show_reason": true }),
        )
        .await;
        for (lang, said) in [("en", "Your request was refused"), ("zh-CN", "未获批准")] {
            let address = waits.url.split('?').next().unwrap();
            let page = browser.open(&format!("{address}?ui_locales={lang}")).await;
            assert!(
                page.body.contains(said) && page.body.contains("请联系人事"),
                "{}",
                page.body
            );
            let text = page.body.split("<main").nth(1).unwrap();
            assert!(!text.contains(">access-request-"), "a key without a text: {text}");
        }
    }
);

scenario!(
    asking_again_says_where_it_stands_and_makes_no_second_request,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (browser, first) = applied(&fixture, &portal).await;
        for again in [browser, fixture.browser()] {
            let page = own_page(&fixture, &portal, &again, sample::NORMAL).await;
            assert!(page.body.contains("waiting for a decision"), "{}", page.body);
            // Also by a form that was open in another tab.
            let page = again
                .submit(&page.url, &[("confirm", &page.field("confirm")), ("reason", "again")])
                .await;
            assert!(page.body.contains("waiting for a decision"), "{}", page.body);
        }
        let all = fixture.admin().items("access-requests").await;
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0]["reason"], first["reason"]);
        assert_eq!(notices(&fixture, "access_requested").await.len(), 1);
    }
);

scenario!(
    a_request_that_was_taken_back_can_be_decided_no_more,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (browser, request) = applied(&fixture, &portal).await;
        let page = own_page(&fixture, &portal, &browser, sample::NORMAL).await;
        let address = format!("{}/withdraw", page.url.split('?').next().unwrap());
        let unconfirmed = browser.submit(&address, &[("confirm", "x")]).await;
        assert!(
            unconfirmed.status == 403 && unconfirmed.body.contains("AR-114"),
            "{}",
            unconfirmed.body
        );
        let page = browser.submit(&address, &[("confirm", &page.field("confirm"))]).await;
        assert!(page.body.contains("You took your request back"), "{}", page.body);
        assert_eq!(standing(&fixture, &request).await["state"], "withdrawn");
        let late = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(late.refusal(), (409, "AR-103"), "{}", late.body);
        assert!(
            text(&late.body, "detail").contains("withdrawn by member:"),
            "{}",
            late.body
        );
        refused(&fixture, &portal, &fixture.browser(), sample::NORMAL).await;
    }
);

scenario!(
    without_the_proof_of_a_scan_nobody_applies,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let browser = fixture.browser();
        let form = own_page(&fixture, &portal, &browser, sample::NORMAL).await;
        let confirm = form.field("confirm");
        let other = fixture.browser();
        let scanned = portal.to_qr_page(&other).await;
        assert_eq!(scanned.status, 200, "{}", scanned.body);
        // Another browser, with a journey cookie of its own or none; and what is sent names nobody.
        for stranger in [other, fixture.browser()] {
            let page = stranger.get(&form.url).await;
            assert!(page.status == 403 && page.body.contains("AR-101"), "{}", page.body);
            assert!(
                !page.body.contains("李华") && !page.body.contains(sample::NORMAL),
                "{}",
                page.body
            );
            let forged = [
                ("confirm", confirm.as_str()),
                ("userid", sample::NORMAL),
                ("reason", ""),
            ];
            let sent = stranger.submit(&form.url, &forged).await;
            assert!((400..500).contains(&sent.status), "{}", sent.body);
        }
        let foreign = browser
            .submit(&form.url, &[("confirm", "forged"), ("reason", "")])
            .await;
        assert!(
            foreign.status == 403 && foreign.body.contains("AR-114"),
            "{}",
            foreign.body
        );
        let elsewhere = format!("{}/access-request/another-journey", fixture.base);
        assert!(browser.get(&elsewhere).await.body.contains("AR-101"));
        // The proof is ten minutes old.
        fixture.advance(Duration::from_secs(600));
        let late = send(&browser, &form, "").await;
        assert!(late.status == 403 && late.body.contains("AR-101"), "{}", late.body);
        assert!(late.find_link("/").is_some(), "no dead end: {}", late.body);
        assert_eq!(fixture.admin().items("access-requests").await.len(), 0);
    }
);

scenario!(
    what_is_sent_besides_the_reason_changes_nobody,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let browser = fixture.browser();
        let form = own_page(&fixture, &portal, &browser, sample::NORMAL).await;
        let confirm = form.field("confirm");
        let fields = [
            ("confirm", confirm.as_str()),
            ("reason", ""),
            ("userid", sample::ADMIN),
            ("client_id", "vault"),
            ("data_source", "x"),
        ];
        browser.submit(&form.url, &fields).await;
        let all = fixture.admin().items("access-requests").await;
        assert_eq!((all.len(), &all[0]["userid"]), (1, &json!(sample::NORMAL)));
    }
);

scenario!(
    where_a_company_takes_no_requests_none_is_offered_nor_taken,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "import": "chosen" })).await;
        let portal = fixture.portal("wiki", json!({})).await;
        assert_eq!(source["access_requests"], false, "off unless an admin says otherwise");
        let page = refused(&fixture, &portal, &fixture.browser(), sample::NORMAL).await;
        assert!(page.find_link("/access-request/").is_none(), "{}", page.body);
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "access_requests": true })).await;
        let browser = fixture.browser();
        let form = own_page(&fixture, &portal, &browser, sample::NORMAL).await;
        fixture.admin().change(&path, json!({ "access_requests": false })).await;
        let sent = send(&browser, &form, "").await;
        assert!(sent.status == 403 && sent.body.contains("AR-111"), "{}", sent.body);
        assert_eq!(fixture.admin().items("access-requests").await.len(), 0);
    }
);

scenario!(
    whoever_is_refused_for_another_reason_is_offered_nothing,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        for who in [As::Member(sample::OUT_OF_SCOPE), As::Outsider, As::Linked] {
            let page = portal.sign_in(&fixture, &fixture.browser(), who).await;
            assert!(page.find_link("/access-request/").is_none(), "{who:?}: {}", page.body);
        }
        // Nobody is signed in by a trial, and nobody applies in one.
        let trial = crate::trials::make(&fixture, "wiki").await;
        let browser = fixture.browser();
        let page = crate::trials::go_through(&fixture, &browser, &trial, As::Member(sample::NORMAL)).await;
        assert!(page.body.contains("GT-110"), "{}", page.body);
        assert!(page.find_link("/access-request/").is_none(), "{}", page.body);
    }
);
