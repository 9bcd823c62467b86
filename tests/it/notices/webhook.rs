//! Webhooks: signed so that nobody can forge or repeat them, and guarded as every call to an address that somebody entered.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join;
use menjin::notices::NewNotice;
use serde_json::{Value, json};

use super::{asked, notices, tell, tick, webhook_receiver::WebhookReceiver};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// A webhook to this address that is told of requests; answers its key.
async fn hook(fixture: &Fixture, url: &str) -> String {
    hook_for(fixture, url, "access_requested").await
}

/// A webhook to this address that is told of this topic; answers its key.
pub(super) async fn hook_for(fixture: &Fixture, url: &str, topic: &str) -> String {
    let (name, _) = url.split_once('?').unwrap_or((url, ""));
    let channel = json!({ "kind": "webhook", "name": name, "url": url });
    let channel = fixture.admin().create("notice-channels", channel).await;
    let told = json!({ "channel_id": channel["id"], "topics": [topic], "language": "en" });
    fixture.admin().create("notice-subscriptions", told).await;
    text(&channel, "secret").to_owned()
}

async fn only_delivery(fixture: &Fixture) -> Value {
    notices(fixture, "").await[0]["deliveries"][0].clone()
}

scenario!(
    a_webhook_is_signed_over_id_moment_and_body_and_a_repetition_bears_the_same_id,
    |fixture: Fixture| async move {
        let receiver = WebhookReceiver::listen();
        let key = hook(&fixture, &receiver.address).await;
        receiver.answer(500);
        tell(&fixture, &asked("matter:1", "Li Hua")).await;
        tick(&fixture).await;
        let row = only_delivery(&fixture).await;
        assert_eq!(
            (text(&row, "state"), &row["last_status"]),
            ("pending", &json!(500)),
            "{row}"
        );
        assert_eq!(text(&row["problem"], "number"), "NO-117");
        receiver.answer(204);
        fixture.advance(Duration::from_secs(5));
        tick(&fixture).await;
        assert_eq!(text(&only_delivery(&fixture).await, "state"), "delivered");
        let told = receiver.told();
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].id.as_str(), told[1].id.as_str()), (id(&row), id(&row)));
        assert_eq!(told[1].at - told[0].at, 5);
        assert_ne!(told[0].signature, told[1].signature);
        for one in &told {
            assert!(one.is_signed_with(&key));
            // Another moment, id or body is no longer what was signed.
            let mut forged = [one.clone(), one.clone(), one.clone()];
            forged[0].at += 1;
            forged[1].id.push('0');
            forged[2].body.push(' ');
            assert!(forged.iter().all(|forged| !forged.is_signed_with(&key)));
            assert!(!one.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        }
        let body: Value = serde_json::from_str(&told[0].body).unwrap();
        assert_eq!(
            (text(&body, "type"), text(&body["data"], "subject")),
            ("access_requested", "matter:1")
        );
        assert_eq!(body["data"]["facts"]["name"], "Li Hua");
        assert_eq!(body["data"]["link"], json!(format!("{}/console", fixture.base)));
    }
);

scenario!(
    a_webhook_that_is_gone_is_not_called_again_and_a_private_address_never,
    |fixture: Fixture| async move {
        let receiver = WebhookReceiver::listen();
        hook(&fixture, &receiver.address).await;
        receiver.answer(410);
        tell(&fixture, &asked("matter:1", "one")).await;
        tick(&fixture).await;
        let row = only_delivery(&fixture).await;
        assert_eq!(
            (text(&row, "state"), text(&row["problem"], "number")),
            ("failed", "NO-118"),
            "{row}"
        );
        fixture.advance(Duration::from_secs(86_400));
        tick(&fixture).await;
        assert_eq!(receiver.told().len(), 1);
        // Not among the addresses that the tests allow.
        let private = json!({ "kind": "webhook", "name": "private", "url": "https://[::1]:9/" });
        let private = fixture.admin().create("notice-channels", private).await;
        let path = format!("notice-channels/{}/test", id(&private));
        let tried = fixture.admin().create(&path, json!({})).await;
        assert_eq!(text(&tried["deliveries"][0]["problem"], "number"), "OB-102", "{tried}");
    }
);

scenario!(
    what_a_receiver_repeats_of_a_request_is_kept_nowhere,
    |fixture: Fixture| async move {
        let receiver = WebhookReceiver::listen();
        let key = hook(&fixture, &format!("{}?key=robot-secret-0123456789", receiver.address)).await;
        receiver.answer(400);
        receiver.echo();
        let secret = "q3Zx8TfK1mPqWv5sN7bYcLrD0gHjUeAi";
        let told = NewNotice {
            path: Some(format!("/access-requests/{secret}")),
            ..asked("matter:1", "Li Hua")
        };
        tell(&fixture, &told).await;
        tick(&fixture).await;
        let row = only_delivery(&fixture).await;
        let said = text(&row, "last_error");
        assert!(said.contains("HTTP 400 bad request"), "{row}");
        let signature = receiver.told()[0].signature.clone();
        for hidden in [
            secret,
            "robot-secret",
            signature.trim_start_matches("v1,"),
            key.as_str(),
            "Li Hua",
        ] {
            let beginning = hidden.get(..8.min(hidden.len())).unwrap();
            assert!(!row.to_string().contains(beginning), "{hidden}: {row}");
        }
        assert!(said.len() < 500, "{said}");
    }
);

scenario!(
    a_new_address_and_a_new_key_entered_at_once_both_stand,
    |fixture: Fixture| async move {
        let channel = json!({ "kind": "webhook", "name": "robot", "url": "https://first.corp.example/told" });
        let channel = fixture.admin().create("notice-channels", channel).await;
        let path = format!("notice-channels/{}", id(&channel));
        for round in 0..20 {
            let url = format!("https://robot{round}.corp.example/told");
            let secret = format!("whsec_{}", STANDARD.encode([round; 32]));
            let admin = fixture.admin();
            let (here, there) = join(
                admin.change(&path, json!({ "url": url })),
                admin.change(&path, json!({ "secret": secret })),
            )
            .await;
            let shown = format!("https://robot{round}.corp.example/…");
            assert!(
                [&here, &there].iter().any(|answer| answer["url"] == shown),
                "{here} {there}"
            );
            let asked = json!({ "url": url, "secret": secret });
            let same = fixture
                .admin()
                .call("POST", &format!("{path}/compare"), Some(asked))
                .await;
            assert_eq!(same.body, json!({ "url": true, "secret": true }), "round {round}");
        }
    }
);
