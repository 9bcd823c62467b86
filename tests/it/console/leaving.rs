//! Leaving in the console: reports, and sending again what was not delivered.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{Colleague, in_both_languages, send};
use crate::{
    actors::{As, LogoutReceiver, id},
    back_channel_logout::listening,
    fixture::Fixture,
    scenario,
};

scenario!(
    a_report_answers_whether_somebody_is_out_everywhere,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let portal = fixture.portal("wiki", json!({})).await;
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        let code = page.returned("code").unwrap();
        portal.redeem(&code).await;
        let she = admin.user_id(sample::NORMAL).await;
        admin.disable(sample::NORMAL).await;
        let report = admin.items(&format!("offboardings?user_id={she}")).await[0].clone();
        let path = format!("/console/leaving/{}", id(&report));
        let owner = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let auditor = Colleague::hire(&fixture, "auditor").await.browser(&fixture).await;
        for browser in [&owner, &auditor] {
            let [en, zh] = in_both_languages(&fixture, browser, "/console/leaving?reason=admin").await;
            assert!(
                en.body.contains(id(&report)) && zh.body.contains(id(&report)),
                "{}",
                en.body
            );
            let [en, _] = in_both_languages(&fixture, browser, &path).await;
            assert!(
                en.body.contains("wiki") && en.body.contains("disabled by an admin"),
                "{}",
                en.body
            );
            let csv = browser.open(&format!("{}{path}/export", fixture.base)).await;
            assert!(csv.status == 200 && csv.body.contains("wiki"), "{}", csv.body);
        }
        let none = in_both_languages(&fixture, &owner, "/console/leaving?reason=departed").await;
        assert!(!none[0].body.contains(id(&report)), "{}", none[0].body);
        let refused = send(&fixture, &auditor, &format!("{path}/resend"), &[]).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
    }
);

scenario!(
    a_report_can_be_printed_and_a_delivery_names_whom_it_is_about,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let hears = json!({ "metadata": { "backchannel_logout_uri": "http://127.0.0.1:9/out" } });
        let portal = fixture.portal("wiki", hears).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let admin = fixture.admin();
        admin.disable(sample::NORMAL).await;
        let owner = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let report = admin.items("offboardings").await.remove(0);
        for page in in_both_languages(&fixture, &owner, &format!("/console/leaving/{}", id(&report))).await {
            assert!(page.body.contains("type=\"button\" data-print hidden"), "{}", page.body);
        }
        for page in in_both_languages(&fixture, &owner, "/console/portals/wiki/logouts").await {
            assert!(page.body.contains("<bdi>李华</bdi>"), "{}", page.body);
        }
    }
);

scenario!(
    a_report_leads_to_the_run_that_learned_of_it,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let admin = fixture.admin();
        fixture.edit_corp(|corp| {
            corp.members.remove(sample::NORMAL);
        });
        let run = admin.sync(id(&source)).await;
        let report = admin.items("offboardings?reason=departed").await[0].clone();
        let owner = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let run = format!("/console/sync/{}", id(&run));
        let path = format!("/console/leaving/{}", id(&report));
        for page in in_both_languages(&fixture, &owner, &path).await {
            assert!(page.body.contains(&run), "{}", page.body);
        }
        in_both_languages(&fixture, &owner, &run).await;
    }
);

scenario!(
    whom_a_portal_does_not_know_of_is_counted_and_found_by_a_click,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let receiver = LogoutReceiver::listen();
        let wiki = listening(&fixture, "wiki", &receiver).await;
        wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        receiver.answer(503);
        admin.disable(sample::NORMAL).await;
        admin.disable(sample::ADMIN).await;
        let known = |query: &'static str| {
            let admin = &admin;
            async move {
                let found = admin.items(&format!("offboardings?{query}")).await;
                let names = found
                    .iter()
                    .map(|report| report["username"].as_str().unwrap().to_owned());
                names.collect::<Vec<String>>()
            }
        };
        assert_eq!(known("portals=pending").await, [sample::NORMAL]);
        assert!(known("portals=failed").await.is_empty());
        for _ in 0..30 {
            fixture.advance(Duration::from_secs(3601));
            fixture.app.tick().await.unwrap();
        }
        assert_eq!(known("portals=failed").await, [sample::NORMAL]);
        assert_eq!(known("q=LIHUA").await, [sample::NORMAL], "by username");
        assert_eq!(known("q=李").await, [sample::NORMAL], "by name");
        assert_eq!(known("until=1").await.len(), 0);
        assert_eq!(known("since=1").await.len(), 2);
        assert_eq!(admin.get("health").await["waiting"]["leavers_unheard"], 1);
        let owner = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let [list, _] = in_both_languages(&fixture, &owner, "/console/leaving").await;
        assert!(list.body.contains("Leaving <span class=\"count\">1"), "{}", list.body);
        assert!(list.body.contains(sample::ADMIN), "{}", list.body);
        let unheard = owner.get(&list.link("portals=failed")).await;
        assert!(
            unheard.body.contains(sample::NORMAL) && !unheard.body.contains(sample::ADMIN),
            "{}",
            unheard.body
        );
        let csv = owner.get(&unheard.link("leaving.csv")).await;
        assert_eq!(csv.body.lines().count(), 2, "exactly what is filtered: {}", csv.body);
        let [overview, _] = in_both_languages(&fixture, &owner, "/console").await;
        overview.link("/console/leaving?portals=failed");
    }
);
