//! The one box for everything.

use serde_json::json;
use simulator::sample;

use super::{Colleague, in_both_languages};
use crate::{
    actors::{As, id},
    fixture::Fixture,
    scenario,
};

scenario!(
    a_code_opens_its_trace_however_it_was_typed,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        fixture.admin().disable(sample::NORMAL).await;
        let refused = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        let code = refused.reference();
        let auditor = Colleague::hire(&fixture, "auditor").await.browser(&fixture).await;
        let lower = code.to_lowercase();
        let blanks = code.replace('-', "%20%20");
        for typed in [code.as_str(), &lower, &code.replace('-', ""), &blanks] {
            let answer = auditor.get(&format!("{}/console/search?q={typed}", fixture.base)).await;
            assert_eq!(answer.status, 303, "{typed}: {}", answer.body);
            let location = answer.location.unwrap_or_default();
            assert!(
                location.ends_with(&format!("/console/refusals/{code}")),
                "{typed}: {location}"
            );
        }
    }
);

scenario!(
    the_box_finds_people_members_portals_and_data_sources,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({ "name": "Wiki of all" })).await;
        let she = fixture.admin().user_id(sample::NORMAL).await;
        let owner = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        for (typed, found) in [
            (sample::NORMAL, format!("/console/people/{she}")),
            ("Wiki", format!("/console/portals/{}", portal.id)),
            (sample::CORP, format!("/console/wecom/{}", id(&source))),
        ] {
            let [en, _] = in_both_languages(&fixture, &owner, &format!("/console/search?q={typed}")).await;
            assert!(en.body.contains(&found), "{typed}: {}", en.body);
        }
        for empty in ["", "nothing-is-called-so"] {
            let [en, zh] = in_both_languages(&fixture, &owner, &format!("/console/search?q={empty}")).await;
            assert!(
                en.body.contains("7K3F-9QXA") && zh.body.contains("7K3F-9QXA"),
                "{}",
                en.body
            );
        }
        let run = fixture.admin().items("sync-runs").await[0].clone();
        for (typed, section) in [
            (she.as_str(), "people"),
            (id(&run), "sync"),
            (portal.id.as_str(), "portals"),
        ] {
            let answer = owner.get(&format!("{}/console/search?q={typed}", fixture.base)).await;
            let location = answer.location.unwrap_or_default();
            assert!(
                location.ends_with(&format!("/console/{section}/{typed}")),
                "{typed}: {location}"
            );
        }
        let nobody = owner
            .open(&format!("{}/console/search?q={}", fixture.base, id(&source)))
            .await;
        assert_eq!(nobody.status, 200, "{}", nobody.body);
    }
);
