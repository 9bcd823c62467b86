//! Faults of what concerns people and portals: logouts, queues, members whom nobody confirms.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{AGAIN, FAR, assert_found, assert_well, found_at, healthy, numbers, sql};
use crate::{
    actors::{LogoutReceiver, id, text},
    back_channel_logout::{listening, sign_out},
    backends::free_port,
    fixture::Fixture,
    scenario,
};

/// How much older than the last sync a confirmation may be.
const DAY: Duration = Duration::from_secs(24 * 3600);

scenario!(
    a_logout_address_that_is_refused_is_named_until_it_is_corrected,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let receiver = LogoutReceiver::listen();
        listening(&fixture, "wiki", &receiver).await;
        assert_well(&fixture).await;
        let set = async |address: String| {
            let body = json!({ "metadata": { "backchannel_logout_uri": address } });
            fixture.admin().change("clients/wiki", body).await;
        };
        for (address, why) in [
            (format!("http://127.0.0.1:{}/out", free_port()), "OB-103"),
            ("https://[::1]:1/out".to_owned(), "OB-102"),
        ] {
            set(address.clone()).await;
            let finding = assert_found(&fixture, "DR-210", "error").await;
            let seen = text(&finding, "seen");
            assert!(seen.contains(&address) && seen.contains(why), "{finding}");
            assert_eq!(finding["where"], "clients/wiki");
        }
    }
);

scenario!(
    portals_that_hang_are_named_and_hang_nobody,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        // They accept connections and say nothing.
        let silent: Vec<_> = (0..3)
            .map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        for (number, listener) in silent.iter().enumerate() {
            let address = format!("http://{}/out", listener.local_addr().unwrap());
            let extra = json!({ "metadata": { "backchannel_logout_uri": address } });
            fixture.portal(&format!("silent{number}"), extra).await;
        }
        let receiver = LogoutReceiver::listen();
        listening(&fixture, "wiki", &receiver).await;
        let admin = fixture.admin();
        let found = tokio::time::timeout(FAR, found_at(&fixture, &admin)).await;
        let found = found.expect("it hangs");
        assert_eq!(found, vec![("DR-210".to_owned(), "error".to_owned()); 3]);
    }
);

scenario!(logouts_that_a_portal_refused_are_named, |fixture: Fixture| async move {
    healthy(&fixture).await;
    let receiver = LogoutReceiver::listen();
    let portal = listening(&fixture, "wiki", &receiver).await;
    let browser = fixture.browser();
    let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
    sign_out(&fixture, &browser, &tokens).await;
    fixture.wait_for_background_work().await;
    assert_well(&fixture).await;
    sql(&fixture, "UPDATE logout_delivery SET state = 'failed'").await;
    let finding = assert_found(&fixture, "DR-211", "warning").await;
    assert_eq!(finding["where"], "clients/wiki");
});

scenario!(what_is_due_and_nobody_does_is_named, |fixture: Fixture| async move {
    healthy(&fixture).await;
    let look = "INSERT INTO pending_look (data_source_id, userid_key, kind, userid, told_at, next_at, attempts)
                    SELECT id, 'lihua', 'member', 'lihua', 1, 1, 0 FROM data_source";
    sql(&fixture, look).await;
    let finding = assert_found(&fixture, "DR-200", "error").await;
    assert!(text(&finding, "seen").starts_with("1 members"), "{finding}");
});

scenario!(members_whom_no_sync_confirms_are_named, |fixture: Fixture| async move {
    healthy(&fixture).await;
    sql(
        &fixture,
        &format!("UPDATE member SET checked_at = 0 WHERE userid = '{}'", sample::NORMAL),
    )
    .await;
    let finding = assert_found(&fixture, "DR-220", "warning").await;
    assert!(text(&finding, "seen").starts_with("1 members"), "{finding}");
});

scenario!(
    who_left_and_is_still_told_of_notices_is_named_until_the_address_is_somebody_elses,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let admin = fixture.admin();
        let body = json!({ "username": "leaver", "email": "Leaver@corp.example" });
        let leaver = admin.create("users", body).await;
        let channel = json!({
            "kind": "email", "name": "mail", "host": "127.0.0.1", "port": 9,
            "security": "none", "sender": "menjin@corp.example",
        });
        let channel = admin.create("notice-channels", channel).await;
        let body = json!({
            "channel_id": channel["id"], "address": "leaver@corp.example",
            "topics": ["access_requested"], "language": "en",
        });
        admin.create("notice-subscriptions", body).await;
        assert_well(&fixture).await;
        let path = format!("users/{}", id(&leaver));
        admin.change(&path, json!({ "status": "disabled" })).await;
        let finding = assert_found(&fixture, "DR-215", "warning").await;
        assert_eq!(finding["seen"], "leaver@corp.example");
        let body = json!({ "username": "successor", "email": "leaver@corp.example" });
        admin.create("users", body).await;
        assert_well(&fixture).await;
    }
);

scenario!(
    requests_that_reach_nobody_who_may_decide_are_named,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let admin = fixture.admin();
        let path = format!("data-sources/{}", id(&source));
        admin.change(&path, json!({ "access_requests": true })).await;
        let finding = assert_found(&fixture, "DR-216", "warning").await;
        assert_eq!(finding["seen"], source["name"], "{finding}");
        let channel = json!({ "kind": "wecom", "name": "cards", "data_source_id": id(&source) });
        let channel = admin.create("notice-channels", channel).await;
        // Somebody is told, who decides nothing.
        let told = json!({ "channel_id": channel["id"], "address": sample::NORMAL, "topics": ["access_requested"] });
        admin.create("notice-subscriptions", told).await;
        assert_found(&fixture, "DR-216", "warning").await;
        let user = admin.user_id(sample::NORMAL).await;
        admin.change(&path, json!({ "approvers": [user] })).await;
        assert_well(&fixture).await;
        let path = format!("notice-channels/{}", id(&channel));
        admin.change(&path, json!({ "enabled": false })).await;
        assert_found(&fixture, "DR-216", "warning").await;
    }
);

// A complete sync confirms everybody at once, in the row of the data source. PostgreSQL's clock stays, so this check is asked alone.
scenario!(
    members_whom_yesterdays_and_todays_sync_confirm_are_well,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        let found = async || {
            fixture.advance(AGAIN);
            numbers(&fixture.admin().get("doctor?check=freshness").await)
        };
        fixture.advance(DAY + Duration::from_secs(3600));
        assert_eq!(fixture.sync(id(&source)).await["state"], "succeeded");
        assert!(found().await.is_empty());
        sql(&fixture, "UPDATE data_source SET members_confirmed_at = 1").await;
        assert_eq!(found().await, [("DR-220".to_owned(), "warning".to_owned())]);
    }
);
