//! What happens at the very moment of a change: looks on the way, deletions, plans.

use std::time::Duration;

use serde_json::json;
use simulator::{
    Delivery, sample,
    world::{Fault, FaultKind},
};

use super::{company, own_app, told};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    installations::tick,
    scenario,
};

scenario!(
    what_wecom_says_of_an_id_that_a_member_had_a_moment_ago_ends_nobodys_access,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let bounds = json!({ "auth_sources": [company.auth_source], "membership_max_age": 600 });
        let portal = fixture.portal("wiki", bounds).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let done = company.moved(&fixture).await;
        // The new app sees them no more, which is why the move is taken back; somebody asks at that moment.
        fixture.edit_corp(|corp| {
            let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
            app.scope.parties = Vec::new();
            app.scope.tags = Vec::new();
            app.scope.users = vec![sample::BY_PICK.to_owned()];
        });
        fixture.advance(Duration::from_secs(601));
        let asked = fixture.wecom.calls("user/get");
        fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Slow(1500)).times(1));
        let undo = async {
            while fixture.wecom.calls("user/get") == asked {
                tokio::task::yield_now().await;
            }
            company.undone(&fixture, &done).await
        };
        let (_, undone) = tokio::join!(portal.refresh(text(&tokens, "refresh_token")), undo);
        assert_eq!(undone["state"], "undone", "{undone}");
        let user = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(user["status"], "active", "{user}");
        let events = format!("audit-events?user={}&limit=200", id(&user));
        let events = json!(fixture.admin().items(&events).await).to_string();
        assert!(!events.contains("access.ended"), "{events}");
    }
);

scenario!(
    a_plan_that_meets_the_deletion_of_the_app_is_given_up_with_it,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        fixture.advance(Duration::from_secs(2));
        fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default())
            .await
            .unwrap();
        let plan = async { fixture.admin().call("POST", &company.moves(), Some(own_app())).await };
        let (planned, ()) = tokio::join!(plan, tick(&fixture));
        tick(&fixture).await;
        let installation = fixture.admin().items("installations").await.remove(0);
        assert_eq!(installation["status"], "cancelled", "{installation}");
        for one in fixture.admin().items(&company.moves()).await {
            assert_eq!(one["state"], "dropped", "{one} {}", planned.body);
        }
        let late = fixture.admin().call("POST", &company.moves(), Some(own_app())).await;
        assert!(late.status >= 400, "{}", late.body);
    }
);

scenario!(
    a_change_that_meets_the_deletion_of_the_app_is_made_or_dropped_and_never_half,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let people = company.people(&fixture).await;
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        fixture.advance(Duration::from_secs(2));
        fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default())
            .await
            .unwrap();
        let (answer, ()) = tokio::join!(company.change(&fixture, &ready), tick(&fixture));
        company.settled(&fixture).await;
        tick(&fixture).await;
        let now = company.shown(&fixture, &ready).await;
        let source = company.source(&fixture).await;
        match answer.status {
            200 => {
                assert_eq!(now["state"], "final", "{now}");
                assert_eq!(source["enabled"], true, "{source}");
                assert_eq!(company.people(&fixture).await.len(), people.len());
            }
            _ => {
                assert_eq!(now["state"], "dropped", "{now} {}", answer.body);
                assert_eq!(source["disabled_reason"], "installation_cancelled", "{source}");
            }
        }
    }
);

scenario!(
    whatever_signs_in_by_the_own_app_goes_back_with_the_move_and_a_removed_company_leaves_no_code,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let done = company.moved(&fixture).await;
        let more = json!({
            "name": "另一个入口", "corp_id": sample::CORP, "agent_id": sample::AGENT_ID, "app_secret": sample::APP_SECRET,
        });
        let more = fixture.admin().create("auth-sources", more).await;
        assert_eq!(fixture.admin().items("wecom-apps").await.len(), 2);
        company.undone(&fixture, &done).await;
        let apps = fixture.admin().items("wecom-apps").await;
        assert_eq!(apps.len(), 1, "{apps:?}");
        let source = company.source(&fixture).await;
        for auth_source in [id(&more), &company.auth_source] {
            let shown = fixture.admin().get(&format!("auth-sources/{auth_source}")).await;
            assert_eq!(shown["corp_id"], source["corp_id"], "{shown}");
        }
        // There again, and then the data source is removed while it could go back.
        company.moved(&fixture).await;
        assert_eq!(fixture.admin().items("wecom-apps").await.len(), 2);
        for auth_source in fixture.admin().items("auth-sources").await {
            let path = format!("auth-sources/{}", id(&auth_source));
            assert_eq!(fixture.admin().status("DELETE", &path, None).await.0, 204);
        }
        let path = format!("data-sources/{}", company.source);
        let removed = fixture.admin().status("DELETE", &path, None).await;
        assert!(removed.0 < 300, "{}", removed.1);
        fixture.wait_for_background_work().await;
        let apps = fixture.admin().items("wecom-apps").await;
        assert!(apps.is_empty(), "{apps:?}");
    }
);
