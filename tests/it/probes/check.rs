//! Credentials that are tried without being saved hear what saving them would hear.

use serde_json::{Value, json};
use simulator::sample;

use super::{UNKNOWN_CORP, source_of};
use crate::{actors::id, fixture::Fixture, scenario};

scenario!(
    credentials_that_are_tried_hear_what_saving_them_would_hear,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let check = async |body: Value| admin.call("POST", "data-sources/check", Some(body)).await;
        let nobody = "0190aaaa-0000-7000-8000-00000000dead";
        let unknown = check(json!({ "corp_id": sample::CORP, "data_source_id": nobody })).await;
        assert_eq!(unknown.refusal(), (404, "DI-102"), "{}", unknown.body);
        let nameless = json!({ "corp_id": sample::CORP, "app": { "secret": sample::APP_SECRET } });
        let nameless = check(nameless).await;
        assert_eq!(nameless.refusal(), (422, "DI-101"), "{}", nameless.body);
        assert_eq!(nameless.body["errors"][0]["pointer"], "#/app/agent_id");

        let half = json!({ "corp_id": sample::CORP, "app": { "agent_id": sample::AGENT_ID } });
        let half = check(half).await;
        assert_eq!(half.refusal(), (422, "DI-101"), "{}", half.body);
        assert_eq!(half.body["errors"][0]["pointer"], "#/app/secret");
        let bare = admin
            .create("data-sources", json!({ "name": "白石", "corp_id": sample::CORP2 }))
            .await;
        let nothing = json!({ "corp_id": sample::CORP2, "data_source_id": bare["id"], "app": {} });
        let nothing = check(nothing).await;
        assert_eq!(nothing.refusal(), (422, "DI-101"), "{}", nothing.body);
        assert_eq!(nothing.body["errors"][0]["pointer"], "#/app/agent_id");

        // What is stored goes along into another corp, and is tried there.
        let source = admin.create("data-sources", source_of(json!({}))).await;
        let path = format!("data-sources/{}", id(&source));
        let both = async |corp_id: &str| {
            let tried = check(json!({ "corp_id": corp_id, "data_source_id": source["id"] })).await;
            let saved = admin.call("PATCH", &path, Some(json!({ "corp_id": corp_id }))).await;
            assert_eq!(tried.refusal(), saved.refusal(), "{} {}", tried.body, saved.body);
            // Each answer of WeCom has a hint of its own in the detail.
            let fault = |body: &Value| {
                (
                    body["errors"][0]["pointer"].clone(),
                    body["errors"][0]["number"].clone(),
                )
            };
            assert_eq!(fault(&tried.body), fault(&saved.body));
            tried
        };
        let wrong = both(UNKNOWN_CORP).await;
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        assert_eq!(wrong.body["errors"][0]["pointer"], "#/corp_id");
        admin.sync(id(&source)).await;
        assert_eq!(both(UNKNOWN_CORP).await.refusal(), (409, "DI-104"));
    }
);
