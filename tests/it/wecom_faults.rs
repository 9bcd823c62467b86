//! Single faults of WeCom that nobody notices, and outages after which everything goes on within seconds.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    ForcedExpiry, sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{As, id, text},
    callbacks::{connect_callback, leaves, status, tell},
    fixture::Fixture,
    scenario,
    sync::runs_of,
};

/// Faults after which the same call may succeed.
const PASSING: [FaultKind; 5] = [
    FaultKind::Reset,
    FaultKind::Truncated,
    FaultKind::BadGateway,
    FaultKind::Errcode(-1),
    FaultKind::Errcode(45033),
];

/// Lets this much time pass, and what is due be done each few seconds.
async fn pass(fixture: &Fixture, seconds: u64) {
    const STEP: u64 = 5;
    for _ in 0..seconds / STEP {
        fixture.advance(Duration::from_secs(STEP));
        fixture.app.tick().await.unwrap();
    }
}

scenario!(
    with_one_fault_in_nine_calls_every_sync_is_complete,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        for kind in PASSING {
            fixture.add_fault(Fault::new("/cgi-bin/", kind.clone()).every(9));
            for _ in 0..3 {
                let run = fixture.sync(id(&source)).await;
                assert_eq!(run["state"], "succeeded", "{kind:?}: {run}");
            }
            fixture.mend_wecom();
        }
    }
);

scenario!(
    a_single_broken_reply_at_a_scan_is_not_noticed,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        for path in ["/cgi-bin/gettoken", "/cgi-bin/user/get"] {
            for kind in PASSING {
                fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
                fixture.advance(Duration::from_secs(61));
                fixture.add_fault(Fault::new(path, kind.clone()).times(1));
                let browser = fixture.browser();
                let page = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
                assert!(page.returned("code").is_some(), "{path} {kind:?}: {}", page.body);
                fixture.mend_wecom();
            }
        }
    }
);

scenario!(
    a_code_is_exchanged_once_whatever_comes_back,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        for kind in PASSING {
            let before = fixture.wecom.calls("auth/getuserinfo");
            fixture.add_fault(Fault::new("/cgi-bin/auth/getuserinfo", kind.clone()));
            let browser = fixture.browser();
            let page = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
            assert!(page.returned("code").is_none(), "{kind:?}");
            assert_eq!(fixture.wecom.calls("auth/getuserinfo"), before + 1, "{kind:?}");
            fixture.mend_wecom();
        }
    }
);

scenario!(
    who_leaves_during_an_outage_is_out_seconds_after_it,
    |fixture: Fixture| async move {
        connect_callback(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.break_wecom("/cgi-bin/");
        tell(&fixture, leaves(&fixture)).await;
        pass(&fixture, 150).await;
        assert_eq!(status(&fixture).await, "active", "absence proves nothing");
        fixture.mend_wecom();
        pass(&fixture, 15).await;
        assert_eq!(status(&fixture).await, "disabled");
        portal.assert_ended(&tokens).await;
    }
);

scenario!(
    who_leaves_while_a_process_dies_is_put_out_by_the_next,
    |fixture: Fixture| async move {
        connect_callback(&fixture).await;
        // Acknowledged, and not acted on: the process finds nothing out before it is gone.
        fixture.break_wecom("/cgi-bin/");
        tell(&fixture, leaves(&fixture)).await;
        fixture.mend_wecom();
        let next = fixture.replica().await;
        fixture.advance(Duration::from_secs(15));
        next.app.tick().await.unwrap();
        assert_eq!(status(&fixture).await, "disabled");
    }
);

scenario!(
    a_scheduled_sync_that_met_an_outage_is_whole_seconds_after_it,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "auto_sync_hours": 24 })).await;
        fixture.advance(Duration::from_secs(24 * 3600 + 1));
        fixture.break_wecom("/cgi-bin/");
        fixture.app.tick().await.unwrap();
        let last = async || runs_of(&fixture, &source).await.remove(0);
        assert_eq!(last().await["state"], "failed");
        fixture.mend_wecom();
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        pass(&fixture, 15).await;
        let run = last().await;
        assert_eq!(
            (text(&run, "state"), &run["counts"]["departed"]),
            ("succeeded", &Value::from(1)),
            "{run}"
        );
    }
);

scenario!(
    the_longer_wecom_is_away_the_less_often_a_sync_is_tried,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "auto_sync_hours": 24 })).await;
        fixture.advance(Duration::from_secs(24 * 3600 + 1));
        fixture.break_wecom("/cgi-bin/");
        let tried = async || {
            let runs = runs_of(&fixture, &source).await;
            runs.iter().filter(|run| run["state"] == "failed").count()
        };
        for (seconds, runs) in [
            (0, 1),
            (9, 1),
            (1, 2),
            (29, 2),
            (1, 3),
            (120, 4),
            (600, 5),
            (1800, 6),
            (1799, 6),
        ] {
            fixture.advance(Duration::from_secs(seconds));
            fixture.app.tick().await.unwrap();
            assert_eq!(tried().await, runs, "{seconds} s later");
        }
    }
);
