//! The seal key is replaced: servers open with both keys and seal with the new one, `menjin keys reseal` seals everything anew beside them, and then nothing
//! needs the old one any more.

use serde_json::json;
use simulator::sample;

use crate::{
    actors::{Admin, id, text},
    callbacks::connect_callback,
    fixture::{ADMIN_TOKEN, Fixture},
    installations,
    password::{GOOD, anna, sign_in, totp},
    scenario, suites,
};

const NEW: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

/// The settings with the new key, and with the one before besides.
struct Keys {
    new: String,
    old: String,
}

impl Keys {
    fn of(fixture: &Fixture) -> Self {
        let [new, old] = ["new.key", "seal.key"].map(|name| fixture.directory().join(name));
        std::fs::write(&new, NEW).unwrap();
        let [new, old] = [new, old].map(|path| path.to_str().unwrap().to_owned());
        Self { new, old }
    }

    fn both(&self) -> [(&str, &str); 2] {
        [("SEAL__KEY_FILE", &self.new), ("SEAL__PREVIOUS_KEY_FILE", &self.old)]
    }

    fn new_alone(&self) -> [(&str, &str); 1] {
        [("SEAL__KEY_FILE", &self.new)]
    }
}

/// Runs `menjin keys reseal` with these settings; answers whether it was content, and what it said.
async fn reseal(fixture: &Fixture, settings: &[(&str, &str)]) -> (bool, String) {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"))
        .args(["keys", "reseal"])
        .envs(fixture.environment())
        .envs(settings.iter().map(|(key, value)| (format!("MENJIN__{key}"), *value)))
        .current_dir(fixture.directory())
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), told)
}

scenario!(
    everything_is_sealed_anew_beside_a_server_and_then_the_old_key_is_needed_no_more,
    |fixture: Fixture| async move {
        let (_, callback) = connect_callback(&fixture).await;
        let admin = fixture.admin();
        let source = admin.items("data-sources").await.remove(0);
        let path = format!("data-sources/{}", id(&source));
        let (app, _) = totp::set_up(&fixture, &anna(&fixture).await).await;
        let portal = fixture.portal("wiki", json!({ "refresh_token_lifetime": 3600 })).await;
        fixture
            .portal("signing", json!({ "auth_method": "client_secret_jwt" }))
            .await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let mail = json!({
            "kind": "email", "name": "Mail", "host": "mail.corp.example", "username": "menjin", "secret": "hunter2-hunter2",
            "sender": "menjin@corp.example",
        });
        admin.create("notice-channels", mail).await;
        let kept = fixture.http.post(format!("{}/api/v1/groups", fixture.base));
        let kept = kept.bearer_auth(ADMIN_TOKEN).header("idempotency-key", "once");
        let kept = kept.json(&json!({ "name": "on call" })).send().await.unwrap();
        assert_eq!(kept.status(), 201);

        // Servers that know both keys open everything, and seal with the new one.
        let keys = Keys::of(&fixture);
        let base = fixture.restart_with(&keys.both()).await;
        let beside = Admin::new(&fixture.http, &base, ADMIN_TOKEN);
        beside.sync(id(&source)).await;
        let hook = json!({ "kind": "webhook", "name": "Hook", "url": "https://hook.example/secret" });
        beside.create("notice-channels", hook).await;

        let changes = async {
            for _ in 0..20 {
                beside
                    .change(&path, json!({ "contacts_secret": sample::CONTACTS_SECRET }))
                    .await;
            }
        };
        let both = keys.both();
        let ((content, told), ()) = tokio::join!(reseal(&fixture, &both), changes);
        assert!(content, "{told}");
        for place in [
            "callback_endpoint.token_sealed",
            "callback_endpoint.aes_key_sealed",
            "client.secret_sealed",
            "idempotency_key.reply",
            "notice_channel.secret",
            "setting.value",
            "signing_key.private_sealed",
            "totp.secret_sealed",
            "wecom_app.secret_sealed",
        ] {
            assert!(told.contains(place), "{place}: {told}");
        }
        assert!(told.contains("Nothing is left of seal.previous_key"), "{told}");
        beside.sync(id(&source)).await;
        // Again there is nothing to do, nor was there for what the new server had sealed.
        let (content, told) = reseal(&fixture, &both).await;
        assert!(content && told.starts_with("Sealed anew: 0. "), "{told}");
        let resealed = admin.items("audit-events?kind=configured&limit=200").await;
        let resealed = resealed.iter().filter(|event| event["subject"] == "seal_key");
        assert_eq!(resealed.count(), 1, "told once");

        // The new key alone opens everything; the old one nothing.
        let base = fixture.restart_with(&keys.new_alone()).await;
        let alone = Admin::new(&fixture.http, &base, ADMIN_TOKEN);
        alone.sync(id(&source)).await;
        let portal = portal.at(&base);
        let refreshed = portal.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        let browser = fixture.browser();
        let asked = sign_in(&portal, &browser, "anna", GOOD).await;
        let done = totp::enter(&browser, &asked, &app.shows(&fixture, 1)).await;
        assert!(done.returned("code").is_some(), "{} {}", done.url, done.body);
        assert!(!text(&callback, "token").is_empty());
        let (content, told) = reseal(&fixture, &keys.new_alone()).await;
        assert!(content && told.starts_with("Sealed anew: 0. "), "{told}");
        let (content, told) = reseal(&fixture, &[]).await;
        assert!(!content && told.contains("opened by neither key"), "{told}");
    }
);

scenario!(
    what_is_sealed_for_a_service_provider_is_sealed_anew,
    |fixture: Fixture| async move {
        let suite = installations::suite(&fixture).await;
        installations::connected(&fixture, &suite).await;
        let keys = Keys::of(&fixture);
        let (content, told) = reseal(&fixture, &keys.both()).await;
        assert!(content, "{told}");
        for place in [
            "suite_installation.permanent_code_sealed",
            "wecom_app.secret_sealed",
            "wecom_suite.aes_key_sealed",
            "wecom_suite.secret_sealed",
            "wecom_suite.ticket_sealed",
            "wecom_suite.token_sealed",
        ] {
            assert!(told.contains(place), "{place}: {told}");
        }
        let (content, told) = reseal(&fixture, &keys.new_alone()).await;
        assert!(content && told.starts_with("Sealed anew: 0. "), "{told}");
        let base = fixture.restart_with(&keys.new_alone()).await;
        let alone = Admin::new(&fixture.http, &base, ADMIN_TOKEN);
        let source = alone.items("data-sources").await.remove(0);
        alone.sync(id(&source)).await;
        assert!(!suites::url(&suite, "command").is_empty());
    }
);
