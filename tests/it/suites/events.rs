//! Events of a company that installed a suite: at the data callback, and as pushes to the command callback (reference 7.7, 9.7). They are acted on as
//! those of an app that the company made itself.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, SuiteCallback, sample, world::Action};

use super::{Sealed, connected, problems, save, sealed, shown, ticket, url};
use crate::{
    actors::id,
    fixture::{Fixture, START},
    installations, scenario,
};

/// The sample corp, connected by this suite and synced, where WeCom tells ids as they are; its data source.
async fn company(fixture: &Fixture) -> (Value, Value) {
    let suite = connected(fixture).await;
    save(fixture, &suite, SuiteCallback::Data).await.unwrap();
    fixture.wecom.edit(|world| {
        world.switches.suites.encrypted_corpids = false;
        world.switches.suites.encrypted_userids = false;
    });
    ticket(fixture).await;
    let installed = installations::connected(fixture, &suite).await;
    let path = format!("data-sources/{}", installed["data_source_id"].as_str().unwrap());
    let source = fixture.admin().get(&path).await;
    assert_eq!(source["corp_id"], sample::CORP);
    (suite, source)
}

/// What the app hears when somebody leaves its visible scope.
fn left_scope(fixture: &Fixture, userid: &str) -> String {
    let agent_id = fixture.wecom.edit(|world| {
        let app = world.installed_mut(sample::CORP, sample::SUITE);
        app.map_or(sample::AGENT_ID, |app| app.agentid)
    });
    format!(
        "<xml><ToUserName>{}</ToUserName><FromUserName>{userid}</FromUserName><CreateTime>{START}</CreateTime><MsgType>event</MsgType><Event>unsubscribe</Event><AgentID>{agent_id}</AgentID></xml>",
        sample::CORP
    )
}

/// What the suite hears when somebody leaves the company.
fn left_company(userid: &str) -> String {
    format!(
        "<xml><SuiteId>{}</SuiteId><AuthCorpId>{}</AuthCorpId><InfoType>change_contact</InfoType><TimeStamp>{START}</TimeStamp><ChangeType>delete_user</ChangeType><UserID>{userid}</UserID></xml>",
        sample::SUITE,
        sample::CORP
    )
}

async fn status(fixture: &Fixture, userid: &str) -> Value {
    fixture.wait_for_background_work().await;
    fixture.admin().user(userid).await["status"].clone()
}

scenario!(
    who_left_is_put_out_at_once_by_the_data_callback_of_the_suite,
    |fixture: Fixture| async move {
        let (suite, source) = company(&fixture).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        let message = left_scope(&fixture, sample::NORMAL);
        let data = url(&suite, "data").replace("$CORPID$", sample::CORP);
        let event = Sealed {
            receive_id: sample::CORP,
            ..sealed(&suite, &message)
        };
        assert_eq!(event.deliver(&fixture, &data).await, (200, String::new()));
        assert_eq!(status(&fixture, sample::NORMAL).await, "disabled");
        let read = shown(&fixture, &suite).await;
        assert_eq!(read["callbacks"][1]["last_received_at"], json!(START * 1000), "{read}");
        // Its keys are the suite's: there is nothing to enter or renew at the data source.
        let callbacks = format!("data-sources/{}/callbacks", id(&source));
        assert!(fixture.admin().items(&callbacks).await.is_empty());
    }
);

scenario!(
    who_left_is_put_out_at_once_by_a_push_to_the_command_callback,
    |fixture: Fixture| async move {
        let (suite, _) = company(&fixture).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        let message = left_company(sample::NORMAL);
        for nonce in ["a", "b"] {
            let push = Sealed {
                nonce,
                ..sealed(&suite, &message)
            };
            let answer = push.deliver(&fixture, url(&suite, "command")).await;
            assert_eq!(answer, (200, "success".to_owned()));
        }
        assert_eq!(status(&fixture, sample::NORMAL).await, "disabled");
        let pushes = format!("suites/{}/pushes", id(&suite));
        assert!(
            fixture.admin().items(&pushes).await.is_empty(),
            "a change of contacts is no row"
        );
    }
);

scenario!(
    events_of_companies_that_nobody_connected_are_acknowledged_and_do_nothing,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        // The same corp, connected by an app of its own: ids of one mode never meet those of another.
        fixture.connect().await;
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        let (scope, company) = (left_scope(&fixture, sample::NORMAL), left_company(sample::NORMAL));
        let data = url(&suite, "data").replace("$CORPID$", sample::CORP);
        let calls = fixture.wecom.call_log().len();
        let event = Sealed {
            receive_id: sample::CORP,
            ..sealed(&suite, &scope)
        };
        assert_eq!(event.deliver(&fixture, &data).await.0, 200);
        let push = sealed(&suite, &company);
        assert_eq!(push.deliver(&fixture, url(&suite, "command")).await.0, 200);
        assert_eq!(status(&fixture, sample::NORMAL).await, "active");
        assert_eq!(fixture.wecom.call_log().len(), calls);
    }
);

scenario!(
    an_event_for_another_company_than_its_address_says_is_refused,
    |fixture: Fixture| async move {
        let (suite, _) = company(&fixture).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        let message = left_scope(&fixture, sample::NORMAL);
        for (address, receive_id) in [
            (sample::CORP2, sample::CORP),
            (sample::CORP, sample::CORP2),
            (sample::CORP, sample::SUITE),
            (sample::CORP, sample::PROVIDER),
        ] {
            let data = url(&suite, "data").replace("$CORPID$", address);
            let event = Sealed {
                receive_id,
                ..sealed(&suite, &message)
            };
            let (status, body) = event.deliver(&fixture, &data).await;
            assert!(
                status == 403 && body.contains("WC-183"),
                "{address} {receive_id}: {body}"
            );
        }
        assert_eq!(status(&fixture, sample::NORMAL).await, "active");
        let read = shown(&fixture, &suite).await;
        let refused = &read["callbacks"][1]["refused"];
        assert_eq!(refused.as_array().unwrap().len(), 1, "{read}");
    }
);

// The simulated WeCom tells both callbacks, under the ids that the suite knows: encrypted ones, of corp and of people.
scenario!(
    whoever_leaves_a_connected_company_is_put_out_by_what_wecom_itself_sends,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        save(&fixture, &suite, SuiteCallback::Data).await.unwrap();
        ticket(&fixture).await;
        let company = installations::connected(&fixture, &suite).await;
        let source = company["data_source_id"].as_str().unwrap();
        let disabled = async || {
            let path = format!("users?data_source={source}&status=disabled&limit=200");
            fixture.admin().items(&path).await
        };
        // Whom WeCom has disabled is here already.
        let before = disabled().await;
        fixture.advance(Duration::from_secs(60));
        let left = Action::Remove {
            userid: sample::BY_PICK.to_owned(),
        };
        let told = fixture.wecom.act(sample::CORP, left, Delivery::default()).await;
        assert!(told.is_some());
        fixture.wait_for_background_work().await;
        let mut gone = disabled().await;
        gone.retain(|user| before.iter().all(|known| id(known) != id(user)));
        assert_eq!(gone.len(), 1, "{gone:?}");
        assert_ne!(gone[0]["username"], sample::BY_PICK, "ids are encrypted");
        assert!(problems(&fixture, &suite).await.is_empty());
        let read = shown(&fixture, &suite).await;
        for callback in read["callbacks"].as_array().unwrap() {
            let last = callback["last_received_at"].as_i64();
            assert_eq!(last, Some((START + 60) * 1000), "{callback}");
        }
    }
);
