//! Signing in at the suite: by QR code and inside the client, and who must stay outside.

use serde_json::json;
use simulator::{Action, Delivery, sample};

use super::{company, portal_of, told};
use crate::{
    actors::{As, id_claims},
    fixture::Fixture,
    refusals::refused_when_scanning,
    scenario,
};

scenario!(
    a_member_scans_at_the_suite_and_is_known_by_the_id_alone,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        let wecom = browser.get(&login.link("/go/")).await.location.unwrap();
        assert!(
            wecom.contains("login_type=ServiceApp") && wecom.contains(&format!("appid={}", sample::SUITE)),
            "{wecom}"
        );
        assert!(!wecom.contains("agentid="), "{wecom}");
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let userid = told(&fixture, sample::NORMAL);
        assert!(userid.starts_with("wo"), "{userid}");
        let user = fixture.admin().user(&userid).await;
        assert_eq!(id_claims(&tokens)["sub"], user["id"]);
        let userinfo = portal.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(userinfo.body["preferred_username"], userid, "{}", userinfo.body);
        for given in ["email", "phone_number", "picture", "gender"] {
            assert!(userinfo.body.get(given).is_none(), "{given}: {}", userinfo.body);
        }
        assert!(!userinfo.body.to_string().contains("李华"), "{}", userinfo.body);
    }
);

scenario!(
    inside_the_client_a_member_of_the_company_is_in_without_a_page,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        let browser = fixture.browser().in_wecom_at(sample::CORP, sample::NORMAL);
        let page = browser.open(&portal.authorize_url(&[])).await;
        let tokens = portal.tokens_from(&page).await;
        let amr = id_claims(&tokens)["amr"].clone();
        assert!(amr.as_array().unwrap().contains(&json!("wecom_in_app")), "{amr}");
        let calls = fixture.wecom.calls("service/auth/getuserinfo3rd");
        assert_eq!(calls, 1, "one exchange, at the suite");
    }
);

// Reference 9.8: any corp's employee can complete a ServiceApp login.
scenario!(
    an_employee_of_another_corp_is_refused_by_scan_and_inside_the_client,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        let stranger = fixture.wecom.edit(|world| {
            let corp = world.corp_mut(sample::CORP2).unwrap();
            corp.members.values().next().unwrap().userid.clone()
        });
        let who = As::Of(sample::CORP2, &stranger);
        refused_when_scanning(&fixture, &portal, who, "GT-126", "of_connected_corp").await;
        let inside = fixture.browser().in_wecom_at(sample::CORP2, &stranger);
        let page = inside.open(&portal.authorize_url(&[])).await;
        assert!(page.status >= 400 && page.body.contains("GT-126"), "{}", page.body);
        let ours = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(ours.returned("code").is_some(), "{}", ours.body);
    }
);

scenario!(
    an_outsider_is_refused_whatever_openid_wecom_gives,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        refused_when_scanning(&fixture, &portal, As::Outsider, "GT-106", "is_a_member").await;
    }
);

scenario!(
    a_member_for_whom_the_corp_did_not_authorise_the_app_is_refused,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        let who = As::Member(sample::OUT_OF_SCOPE);
        refused_when_scanning(&fixture, &portal, who, "GT-108", "in_visible_scope").await;
    }
);

scenario!(
    whoever_left_a_moment_ago_is_refused_because_the_look_is_live,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let action = Action::Status {
            userid: sample::NORMAL.to_owned(),
            status: 2,
        };
        fixture
            .wecom
            .act(sample::CORP, action, Delivery::default())
            .await
            .unwrap();
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-109"), "{}", page.body);
    }
);

scenario!(
    once_the_company_deleted_the_app_nobody_of_it_comes_in_by_scan_or_inside_the_client,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        fixture.advance(std::time::Duration::from_secs(2));
        let cancelled = fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default())
            .await;
        assert!(cancelled.is_some());
        crate::installations::tick(&fixture).await;
        let inside = fixture.browser().in_wecom_at(sample::CORP, sample::NORMAL);
        let page = inside.open(&portal.authorize_url(&[])).await;
        assert!(page.status >= 400 && page.returned("code").is_none(), "{}", page.body);
        let scanned = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(
            scanned.status >= 400 && scanned.returned("code").is_none(),
            "{}",
            scanned.body
        );
    }
);
