//! Settings and health over the admin API: what is in effect and where it was set, never a secret; what runs, what waits, what is wrong.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    actors::id,
    callbacks::connect_callback,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

fn one<'a>(items: &'a [Value], key: &str) -> &'a Value {
    items.iter().find(|item| item["key"] == key).unwrap()
}

scenario!(
    the_configuration_in_effect_is_shown_with_where_it_was_set,
    |fixture: Fixture| async move {
        let caller = fixture.admin_with_role("auditor").await;
        let shown = caller.get("settings").await;
        assert_eq!(shown["read_only"], true);
        let items = shown["items"].as_array().unwrap();
        let url = one(items, "server.public_url");
        assert_eq!(
            (&url["value"], &url["source"]),
            (&json!(fixture.base), &json!("environment"))
        );
        assert_eq!(url["variable"], "MENJIN__SERVER__PUBLIC_URL");
        let idle = one(items, "session.idle");
        assert_eq!(
            (&idle["value"], &idle["default"], &idle["source"]),
            (&json!(28800), &json!(28800), &json!("default"))
        );
        assert!(idle["meaning"].as_str().unwrap().starts_with("Seconds"), "{idle}");
        assert_eq!(one(items, "admin.token")["value"], "set");
        let database = one(items, "database.url");
        assert_eq!((&database["value"], &database["secret"]), (&json!("set"), &json!(true)));
        let all = shown.to_string();
        assert!(!all.contains(ADMIN_TOKEN) && !all.contains(fixture.database_url()));
        for (method, body) in [("PATCH", json!({})), ("PUT", json!({})), ("DELETE", Value::Null)] {
            let refused = fixture.admin().call(method, "settings", Some(body)).await;
            assert_eq!(refused.refusal(), (405, "WB-104"), "{method}");
        }
    }
);

scenario!(
    health_tells_what_runs_what_waits_and_what_is_wrong,
    |fixture: Fixture| async move {
        let (path, _) = connect_callback(&fixture).await;
        fixture.advance(Duration::from_secs(90));
        let admin = fixture.admin();
        let health = admin.get("health").await;
        assert_eq!(
            (&health["ready"], &health["uptime_seconds"]),
            (&json!(true), &json!(90)),
            "{health}"
        );
        assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
        let storage = match fixture.database_url().starts_with("sqlite") {
            true => json!({ "database": "sqlite", "ephemeral": "memory" }),
            false => json!({ "database": "postgresql", "ephemeral": "redis" }),
        };
        assert_eq!(health["storage"], storage);
        assert_eq!(health["parts"], json!({ "database": "ready", "ephemeral": "ready" }));
        let nothing = json!({ "logout_deliveries": 0, "pending_looks": 0, "outstanding_events": 0 });
        assert_eq!(health["queues"], nothing);
        let source = &health["data_sources"][0];
        assert_eq!((&source["enabled"], &source["syncing"]), (&json!(true), &json!(false)));
        assert!(
            path.contains(id(source)) && source["last_synced_at"].is_i64(),
            "{source}"
        );

        // What is wrong is told in the one shape, at the resource where it is mended, and goes when it is.
        let of_domain = async || {
            let health = fixture.admin().get("health").await;
            let problems = health["problems"].as_array().unwrap().clone();
            problems.into_iter().find(|one| one["problem"]["number"] == "DI-207")
        };
        let told = of_domain().await.unwrap();
        assert_eq!(
            (&told["collection"], &told["problem"]["severity"]),
            (&json!("wecom-apps"), &json!("error"))
        );
        fixture.trust_domain();
        fixture.sync(id(source)).await;
        assert_eq!(of_domain().await, None);
    }
);
