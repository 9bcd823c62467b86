//! Why somebody was refused, at the console.

use serde_json::json;
use simulator::sample;

use super::{at_work, shown};
use crate::{actors::As, fixture::Fixture, scenario};

scenario!(
    a_refusal_is_found_by_reason_and_opens_with_what_would_let_that_person_in,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let refused = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::OUT_OF_SCOPE))
            .await;
        let code = refused.reference();
        let auditor = at_work(&fixture, "auditor").await;

        let list = shown(&fixture, &auditor, "/console/refusals").await;
        assert!(
            list.body.contains("outside the range of people") && list.body.contains(sample::OUT_OF_SCOPE),
            "{}",
            list.body
        );
        let of_reason = auditor.get(&list.link("number=GT-108")).await;
        assert!(of_reason.body.contains(&code), "{}", of_reason.body);
        let others = shown(&fixture, &auditor, "/console/refusals?number=GT-106").await;
        assert!(!others.body.contains(&code), "{}", others.body);

        let person = format!("/console/refusals?person={}", sample::OUT_OF_SCOPE);
        assert!(shown(&fixture, &auditor, &person).await.body.contains(&code));
        let person = format!("/console/refusals?person={}", sample::NORMAL);
        assert!(!shown(&fixture, &auditor, &person).await.body.contains(&code));

        let trace = auditor.get(&list.link(&code)).await;
        for told in [
            "outside the range of people",
            "this one decided",
            "class=\"decided\"",
            "What would let this person in",
            "GT-108",
            "Mozilla",
            "Sent to WeCom",
            "getuserinfo",
        ] {
            assert!(trace.body.contains(told), "{told}: {}", trace.body);
        }
        // However it is typed.
        let typed = code.replace('-', "").to_lowercase();
        shown(&fixture, &auditor, &format!("/console/refusals/{typed}")).await;
    }
);

scenario!(
    a_day_of_the_viewers_zone_bounds_the_list,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        // It is 2026-01-05T08:00Z: still the fourth twelve hours behind, and the fifth ahead.
        let code = portal
            .sign_in(&fixture, &fixture.browser(), As::Outsider)
            .await
            .reference();
        let auditor = at_work(&fixture, "auditor").await;
        for (query, there) in [
            ("since=2026-01-05&until=2026-01-05", true),
            ("since=2026-01-06", false),
            ("until=2026-01-04", false),
            ("until=2026-01-04&zone=-600", true),
            ("since=2026-01-05&zone=-600", false),
        ] {
            let list = shown(&fixture, &auditor, &format!("/console/refusals?{query}")).await;
            assert_eq!(list.body.contains(&code), there, "{query}");
        }
    }
);

scenario!(
    an_unknown_code_says_how_codes_look_and_how_long_traces_are_kept,
    |fixture: Fixture| async move {
        let auditor = at_work(&fixture, "auditor").await;
        let page = auditor
            .get(&format!("{}/console/refusals/2B4C-6D8E", fixture.base))
            .await;
        assert_eq!(page.status, 404);
        assert!(
            page.body.contains("2B4C-6D8E") && page.body.contains("<strong>30</strong>"),
            "{}",
            page.body
        );
        let settings = fixture.admin().items("settings").await;
        assert!(
            settings
                .iter()
                .any(|setting| setting["key"] == json!("audit.trace_days"))
        );
    }
);
