//! An answer of WeCom that was long on its way, and what was learned meanwhile.

use std::time::Duration;

use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{Change, Secrets, connect, unsubscribed};
use crate::{actors::As, fixture::Fixture, scenario, sync::member};

scenario!(
    a_slow_answer_writes_over_nothing_that_was_learned_since,
    |fixture: Fixture| async move {
        connect(&fixture, Secrets::App).await;
        let portal = fixture.portal("wiki", json!({})).await;
        fixture.advance(Duration::from_secs(5));
        let asked = fixture.wecom.calls("user/get");
        fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Slow(1500)).times(1));
        let browser = fixture.browser();
        let disabled = async {
            while fixture.wecom.calls("user/get") == asked {
                tokio::task::yield_now().await;
            }
            fixture.advance(Duration::from_secs(1));
            Change::Disabled.happens_to(&fixture, sample::NORMAL);
            unsubscribed(&fixture, sample::NORMAL).await;
            assert_eq!(member(&fixture, sample::NORMAL).await["status"], 2);
        };
        let scan = Box::pin(portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)));
        let (_, ()) = tokio::join!(scan, disabled);
        assert_eq!(
            member(&fixture, sample::NORMAL).await["status"],
            2,
            "the older answer counts"
        );
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(user["disabled_reason"], "wecom_disabled", "{user}");
    }
);
