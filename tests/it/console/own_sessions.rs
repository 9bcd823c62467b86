//! Where one is signed in oneself: listed for every role, and endable.

use serde_json::json;

use super::{Colleague, in_both_languages, sent, shown};
use crate::{actors::id, fixture::Fixture, scenario};

scenario!(
    everybody_at_the_console_sees_and_ends_their_own_sessions_and_nobody_else_s,
    |fixture: Fixture| async move {
        let auditor = Colleague::hire(&fixture, "auditor").await;
        let laptop = auditor.browser(&fixture).await;
        fixture.advance(std::time::Duration::from_secs(60));
        let left_behind = auditor.browser(&fixture).await;
        for page in in_both_languages(&fixture, &laptop, "/console/sessions").await {
            assert_eq!(
                page.body.matches("name=\"session\"").count(),
                3,
                "two, and all others: {}",
                page.body
            );
            assert_eq!(page.body.matches("class=\"badge\"").count(), 1, "{}", page.body);
        }
        let home = shown(&fixture, &laptop, "/console/people").await;
        home.link("/console/sessions");

        let foreign = Colleague::hire(&fixture, "owner").await;
        let owner = foreign.browser(&fixture).await;
        let of = format!("sessions?user_id={}&active=true", foreign.id);
        let theirs = fixture.admin().items(&of).await;
        let refused = sent(&fixture, &laptop, "/console/sessions", &[("session", id(&theirs[0]))]).await;
        assert!(
            refused.status == 403 && refused.body.contains("AD-103"),
            "{}",
            refused.body
        );
        shown(&fixture, &owner, "/console/people").await;

        let done = sent(&fixture, &laptop, "/console/sessions", &[("session", "others")]).await;
        assert_eq!(done.status, 200, "{}", done.body);
        let gone = left_behind.open(&format!("{}/console", fixture.base)).await;
        assert!(gone.url.contains("/signin/"), "{}", gone.url);
        shown(&fixture, &laptop, "/console/people").await;
        let events = fixture.admin().items("audit-events?kind=configured&limit=50").await;
        let told = events
            .iter()
            .find(|event| event["detail"]["action"] == "ended")
            .unwrap();
        assert_eq!(told["actor"], json!(format!("user:{}", auditor.id)));

        // That of this browser as well.
        let of = format!("sessions?user_id={}&active=true", auditor.id);
        let own = fixture.admin().items(&of).await;
        assert_eq!(own.len(), 1, "{own:?}");
        let page = sent(&fixture, &laptop, "/console/sessions", &[("session", id(&own[0]))]).await;
        assert!(
            page.body.contains("You are not signed in in this browser"),
            "{}",
            page.body
        );
    }
);
