//! The first page of the console, and the resources of the API that it is made of.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{Colleague, in_both_languages};
use crate::{
    actors::{As, id},
    fixture::Fixture,
    scenario,
};

scenario!(
    the_overview_says_in_one_sentence_whether_everybody_can_sign_in,
    |fixture: Fixture| async move {
        let auditor = Colleague::hire(&fixture, "auditor").await;
        let browser = auditor.browser(&fixture).await;
        let [en, zh] = in_both_languages(&fixture, &browser, "/console").await;
        assert!(en.body.contains("Nobody can sign in yet"), "{}", en.body);
        assert!(zh.body.contains("还没有人能登录"), "{}", zh.body);

        fixture.trust_domain();
        let source = fixture.connect().await;
        fixture.admin().sync(id(&source)).await;
        let [en, _] = in_both_languages(&fixture, &browser, "/console").await;
        assert!(en.body.contains("Everybody can sign in."), "{}", en.body);
        assert!(en.body.contains("/console/sync/"), "the last sync: {}", en.body);
        assert!(en.body.contains("<svg"), "{}", en.body);
    }
);

scenario!(
    a_refusal_and_a_leaver_show_on_the_overview_and_in_the_activity,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let admin = fixture.admin();
        let browser = fixture.browser();
        portal
            .sign_in(&fixture, &browser, As::Member(sample::NORMAL))
            .await
            .returned("code")
            .unwrap();
        admin.disable(sample::NORMAL).await;
        let refused = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert_eq!(refused.status, 403, "{}", refused.body);

        let activity = admin.get("activity?days=3&utc_offset=480").await;
        let days = activity["days"].as_array().unwrap();
        assert_eq!(days.len(), 3);
        let today = (&days[2]["signed_in"], &days[2]["refused"]);
        assert_eq!(today, (&json!(1), &json!(1)), "{activity}");
        fixture.advance(Duration::from_secs(24 * 3600));
        let activity = admin.get("activity?days=2&utc_offset=480").await;
        assert_eq!(activity["days"][0]["signed_in"], 1, "yesterday's: {activity}");
        assert_eq!(activity["days"][1]["signed_in"], 0, "{activity}");

        let summary = admin.get("offboardings/summary").await;
        assert_eq!(summary["people"], 1, "{summary}");

        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let [en, zh] = in_both_languages(&fixture, &browser, "/console").await;
        assert!(en.body.contains("/console/refusals?number=GT-111"), "{}", en.body);
        assert!(en.body.contains("People whose access ended: 1"), "{}", en.body);
        assert!(zh.body.contains("1 人离开"), "{}", zh.body);
    }
);

scenario!(activity_refuses_odd_spans, |fixture: Fixture| async move {
    for query in [
        "days=0",
        "days=91",
        "days=x",
        "utc_offset=841",
        "utc_offset=1.5",
        "odd=1",
    ] {
        let reply = fixture.admin().call("GET", &format!("activity?{query}"), None).await;
        assert!(
            matches!(reply.status, 400 | 422),
            "{query}: {} {}",
            reply.status,
            reply.body
        );
    }
});
