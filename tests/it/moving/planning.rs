//! What is entered, how it is proved to be the same company, and who may.

use futures_util::future::join_all;
use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{company, own_app, problems};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    what_wecom_refuses_is_not_planned_and_no_secret_is_shown,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let mut wrong = own_app();
        wrong["app_secret"] = json!("no-secret-of-any-app-00000000000000000");
        let refused = fixture.admin().call("POST", &company.moves(), Some(wrong)).await;
        assert_eq!(refused.refusal(), (422, "DI-237"), "{}", refused.body);
        let mut alien = own_app();
        alien["agent_id"] = json!(0);
        let refused = fixture.admin().call("POST", &company.moves(), Some(alien)).await;
        assert_eq!(refused.refusal(), (422, "DI-101"), "{}", refused.body);
        assert!(fixture.admin().items(&company.moves()).await.is_empty());
        let planned = company.plan(&fixture).await;
        assert_eq!(
            (&planned["state"], &planned["ready"]),
            (&json!("planned"), &json!(false))
        );
        assert_eq!(problems(&planned), ["MV-105"], "{planned}");
        let told = fixture.admin().get(&company.at(&planned, "")).await.to_string();
        let events = json!(fixture.admin().items("audit-events?limit=200").await).to_string();
        for text in [planned.to_string(), told, events] {
            assert!(!text.contains(sample::APP_SECRET), "{text}");
        }
    }
);

scenario!(
    a_company_has_one_open_move_and_a_dropped_one_makes_room,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let tries = (0..20).map(|_| async { fixture.admin().call("POST", &company.moves(), Some(own_app())).await });
        let answers = join_all(tries).await;
        let won = answers
            .iter()
            .filter(|answer| answer.status == 201 || answer.status == 200)
            .count();
        assert_eq!(won, 1);
        let lost = answers.iter().filter(|answer| answer.refusal().1 == "MV-103").count();
        assert_eq!(lost, 19);
        let one = fixture.admin().items(&company.moves()).await.remove(0);
        let dropped = fixture.admin().status("DELETE", &company.at(&one, ""), None).await;
        assert_eq!(dropped.0, 204, "{}", dropped.1);
        let again = company.plan(&fixture).await;
        assert_ne!(id(&again), id(&one));
        let pair = fixture.admin().call("POST", &company.at(&one, "/pair"), None).await;
        assert_eq!(pair.refusal(), (409, "MV-111"), "{}", pair.body);
    }
);

scenario!(
    by_the_providers_secret_wecom_proves_the_company_or_says_that_it_is_another,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let suite = fixture.admin().items("suites").await.remove(0);
        fixture
            .admin()
            .change(
                &format!("suites/{}", id(&suite)),
                json!({ "provider_secret": sample::PROVIDER_SECRET }),
            )
            .await;
        let other = json!({
            "corp_id": sample::CORP2, "agent_id": sample::AGENT_ID2, "app_secret": sample::APP_SECRET2,
        });
        let refused = fixture.admin().call("POST", &company.moves(), Some(other)).await;
        assert_eq!(refused.refusal(), (422, "MV-110"), "{}", refused.body);
        // A corp ID of which the provider can know none.
        let path = "/cgi-bin/service/corpid_to_opencorpid";
        fixture.add_fault(Fault::new(path, FaultKind::Errcode(40013)));
        let refused = fixture.admin().call("POST", &company.moves(), Some(own_app())).await;
        assert_eq!(refused.refusal(), (422, "MV-110"), "{}", refused.body);
        fixture.mend_wecom();
        let planned = company.plan(&fixture).await;
        assert_eq!(planned["proven_by"], "provider", "{planned}");
    }
);

scenario!(
    a_company_that_wecom_does_not_prove_waits_for_an_admins_word,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let other = json!({
            "corp_id": sample::CORP2, "agent_id": sample::AGENT_ID2, "app_secret": sample::APP_SECRET2,
        });
        let planned = fixture.admin().create(&company.moves(), other).await;
        assert_eq!(planned["proven_by"], json!(null), "{planned}");
        let paired = fixture.admin().create(&company.at(&planned, "/pair"), json!({})).await;
        assert_eq!(paired["pairs"]["converted"], 0, "{paired}");
        assert!(problems(&paired).contains(&"MV-104"), "{paired}");
        let rehearsed = company.rehearsed(&fixture, &paired).await;
        let refused = company.change(&fixture, &rehearsed).await;
        assert_eq!(refused.refusal(), (409, "MV-104"), "{}", refused.body);
        let confirmed = fixture
            .admin()
            .change(&company.at(&planned, ""), json!({ "corp_confirmed": true }))
            .await;
        assert_eq!(confirmed["proven_by"], "admin", "{confirmed}");
        // What was confirmed is another thing than what was rehearsed.
        let refused = company.change(&fixture, &confirmed).await;
        assert_eq!(refused.refusal(), (409, "MV-106"), "{}", refused.body);
    }
);

scenario!(
    a_company_with_a_data_source_of_its_own_and_one_that_installed_nothing_do_not_move,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let own = fixture.connect().await;
        let refused = fixture.admin().call("POST", &company.moves(), Some(own_app())).await;
        assert_eq!(refused.refusal(), (409, "MV-113"), "{}", refused.body);
        assert!(text(&refused.body, "detail").contains("青云科技"), "{}", refused.body);
        let path = format!("data-sources/{}/moves", id(&own));
        let refused = fixture.admin().call("POST", &path, Some(own_app())).await;
        assert_eq!(refused.refusal(), (409, "MV-102"), "{}", refused.body);
    }
);

scenario!(
    a_data_source_of_its_own_that_came_meanwhile_refuses_the_change_and_nothing_moved,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        fixture.connect().await;
        let people = company.people(&fixture).await;
        let refused = company.change(&fixture, &ready).await;
        assert_eq!(refused.refusal(), (409, "MV-113"), "{}", refused.body);
        assert_eq!(company.people(&fixture).await, people);
        let installation = fixture.admin().items("installations").await.remove(0);
        assert_eq!(installation["status"], "bound", "{installation}");
    }
);
