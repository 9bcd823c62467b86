//! What goes wrong on the way: the person gets in all the same, and nothing wrong is kept.

use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{agree, answer_at_wecom, begin, inside, offers, requiring, user};
use crate::{doctor::sql, fixture::Fixture, scenario};

const DETAIL: &str = "/cgi-bin/auth/getuserdetail";

scenario!(
    errors_of_wecom_keep_nobody_out_and_the_next_day_they_are_asked_again,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email"]).await;
        for (path, code) in [
            (DETAIL, 84014),
            (DETAIL, 84015),
            (DETAIL, 84090),
            (DETAIL, -1),
            (DETAIL, 45009),
            ("/cgi-bin/auth/getuserinfo", 40029),
        ] {
            let browser = inside(&fixture);
            let offer = begin(&portal, &browser).await;
            assert!(offers(&offer), "{code}: {}", offer.body);
            fixture.add_fault(Fault::new(path, FaultKind::Errcode(code)));
            let page = answer_at_wecom(&browser, &offer, "allow", &["biz_mail"]).await;
            fixture.mend_wecom();
            assert!(page.returned("code").is_some(), "{code}: {}", page.body);
            assert!(user(&fixture).await["email"].is_null(), "{code}");
            assert!(!offers(&begin(&portal, &browser).await), "{code}: not at once");
            fixture.advance(std::time::Duration::from_secs(24 * 3600 + 1));
        }
        agree(&portal, &inside(&fixture), &["biz_mail"]).await;
        assert!(user(&fixture).await["email"].is_string());
    }
);

scenario!(
    whom_the_app_may_not_see_is_not_asked_again_for_a_month,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email"]).await;
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        fixture.add_fault(Fault::new(DETAIL, FaultKind::Errcode(60111)));
        let page = answer_at_wecom(&browser, &offer, "allow", &["biz_mail"]).await;
        fixture.mend_wecom();
        assert!(page.returned("code").is_some(), "{}", page.body);
        let account = browser.open(&format!("{}/account", fixture.base)).await;
        assert!(account.body.contains("WeCom did not pass it on"), "{}", account.body);
        fixture.advance(std::time::Duration::from_secs(24 * 3600 + 1));
        assert!(!offers(&begin(&portal, &inside(&fixture)).await));
    }
);

scenario!(
    what_wecom_says_of_another_corp_is_nobodys_here,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email"]).await;
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        // Their data source is another corp's by the time they come back; the app that asked is not.
        sql(&fixture, "UPDATE data_source SET corp_id = 'wwother'").await;
        answer_at_wecom(&browser, &offer, "allow", &["biz_mail"]).await;
        assert!(user(&fixture).await["email"].is_null());
        let failed = fixture.admin().items("audit-events?number=SI-107").await;
        assert_eq!(failed.len(), 1, "{failed:?}");
    }
);

scenario!(
    details_of_somebody_else_are_refused_and_nothing_hostile_is_kept,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email", "phone_number", "picture"]).await;
        fixture.edit_corp(|corp| {
            let member = corp.member_mut(sample::NORMAL).unwrap();
            "https://w.example/0".clone_into(&mut member.sensitive.avatar);
        });
        let splice = |find: &str, bytes: &str| FaultKind::Splice {
            find: find.to_owned(),
            bytes: bytes.as_bytes().to_vec(),
        };
        let all = ["biz_mail", "mobile", "avatar"];
        let long = "x".repeat(100_000);
        let hostile = [
            splice("\"lihua\"", "\"zhangsan\""),
            splice("hua@biz.example", "<script>alert(1)</script>"),
            splice("hua@biz.example", "hua\u{202e}@biz.example"),
            splice("hua@biz.example", &long),
            splice("hua@biz.example", "a@b@c"),
            splice("13800001111", "<b>1</b>"),
            splice("https://w.example/0", "javascript:alert(1)"),
        ];
        for (number, fault) in hostile.into_iter().enumerate() {
            let path = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
            let empty = json!({ "email": null, "phone_number": null, "picture": null, "pinned": [] });
            fixture.admin().change(&path, empty).await;
            fixture.advance(std::time::Duration::from_secs(24 * 3600 + 1));
            let browser = inside(&fixture);
            fixture.add_fault(Fault::new(DETAIL, fault));
            let offer = begin(&portal, &browser).await;
            let page = answer_at_wecom(&browser, &offer, "allow", &all).await;
            fixture.mend_wecom();
            assert!(page.returned("code").is_some(), "{number}: {}", page.body);
            let after = user(&fixture).await;
            let kept = [&after["email"], &after["phone_number"], &after["picture"]];
            let missing = kept.iter().filter(|value| value.is_null()).count();
            let expected = if number == 0 { 3 } else { 1 };
            assert_eq!(missing, expected, "{number}: {kept:?}");
            // What was left out counts as withheld; for the next round they are asked again.
            let account = browser.open(&format!("{}/account", fixture.base)).await;
            let confirm = account.field("confirm");
            let form = [("confirm", confirm.as_str())];
            browser
                .submit(&account.link("/account/private-fields/ask-again"), &form)
                .await;
        }
        let failed = fixture.admin().items("audit-events?number=SI-213").await;
        assert_eq!(failed.len(), 1, "{failed:?}");
    }
);
