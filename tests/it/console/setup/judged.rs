//! Fields are judged the moment they are filled in also where nobody asks WeCom, and outside the wizard: a pasted file, a portal's address, credentials
//! of a data source and of an auth source. Nothing is saved by it.

use serde_json::json;
use simulator::sample;

use super::faults::{stands, tried};
use crate::{actors::Page, console::Colleague, fixture::Fixture, scenario};

fn is_silent(page: &Page, field: &str) -> bool {
    !page.body.contains(&format!("id=\"{field}-fault\""))
}

scenario!(
    a_pasted_file_is_judged_as_it_is_filled_in,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let name = [("form", "file"), ("name", "x.txt"), ("content", "")];
        let page = tried(&fixture, &browser, &name).await;
        stands(&page, "f-name", &["DI-101", "WW_verify_"]);
        assert!(
            is_silent(&page, "f-content"),
            "nothing was typed there yet: {}",
            page.body
        );
        let good = [
            ("form", "file"),
            ("name", "WW_verify_abcDEF0123456789.txt"),
            ("content", "abcDEF0123456789"),
        ];
        let page = tried(&fixture, &browser, &good).await;
        assert!(
            is_silent(&page, "f-name") && is_silent(&page, "f-content"),
            "{}",
            page.body
        );
        assert!(fixture.admin().items("verification-files").await.is_empty());
    }
);

scenario!(
    the_address_of_a_new_portal_is_judged_as_it_is_filled_in,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        fixture.portal("taken", json!({})).await;
        let of = |address: &'static str, client_id: &'static str| {
            [
                ("form", "portal"),
                ("recipe", "grafana"),
                ("name", "Grafana"),
                ("address", address),
                ("client_id", client_id),
            ]
        };
        for (address, fault) in [
            ("", false),
            ("grafana", true),
            ("http://grafana.corp.example", true),
            ("https://grafana.corp.example#x", true),
            ("https://grafana.corp.example", false),
        ] {
            let page = tried(&fixture, &browser, &of(address, "grafana")).await;
            assert_eq!(is_silent(&page, "f-address"), !fault, "{address}: {}", page.body);
        }
        let page = tried(&fixture, &browser, &of("https://grafana.corp.example", "taken")).await;
        stands(&page, "f-client-id", &["RG-103"]);
        let clients = fixture.admin().items("clients").await;
        assert_eq!(clients.len(), 1, "{clients:?}");
    }
);

scenario!(
    credentials_are_tried_outside_the_wizard_as_in_it,
    |fixture: Fixture| async move {
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let new = browser.open(&format!("{}/console/wecom/new", fixture.base)).await;
        assert!(new.body.contains("data-check=\"/console/setup/check\""), "{}", new.body);
        let wrong = [
            ("form", "source"),
            ("corp_id", sample::CORP),
            ("app.agent_id", "1000002"),
            ("app.secret", "nonsense-secret"),
        ];
        stands(&tried(&fixture, &browser, &wrong).await, "f-app-secret", &["DI-237"]);

        fixture.connect().await;
        // On its own it goes with the data source that has this corp ID, which is not taken by that.
        let own = [
            ("form", "auth-source"),
            ("corp_id", sample::CORP),
            ("agent_id", "1000002"),
            ("app_secret", "nonsense-secret"),
            ("data_source_id", ""),
        ];
        let page = tried(&fixture, &browser, &own).await;
        stands(&page, "f-app-secret", &["DI-237"]);
        assert!(is_silent(&page, "f-corp-id"), "{}", page.body);
        let good: Vec<(&str, &str)> = own
            .into_iter()
            .map(|(name, value)| match name {
                "app_secret" => (name, sample::APP_SECRET),
                _ => (name, value),
            })
            .collect();
        let page = tried(&fixture, &browser, &good).await;
        assert!(is_silent(&page, "f-app-secret"), "{}", page.body);
    }
);

scenario!(what_is_only_judged_is_not_made, |fixture: Fixture| async move {
    let admin = fixture.admin();
    let client = json!({ "name": "a", "client_id": "a", "redirect_uris": ["https://a.example/cb"] });
    let file = json!({ "name": "WW_verify_abcDEF0123456789.txt", "content": "abcDEF0123456789" });
    for (path, body) in [("clients", client), ("verification-files", file)] {
        let judged = admin
            .call("POST", &format!("{path}?dry_run=true"), Some(body.clone()))
            .await;
        assert_eq!(judged.status, 204, "{path}: {}", judged.body);
        assert!(admin.items(path).await.is_empty(), "{path}");
        let unclear = admin
            .call("POST", &format!("{path}?dry_run=1"), Some(body.clone()))
            .await;
        assert_eq!(unclear.refusal(), (422, "AD-105"), "{path}");
        assert_eq!(admin.call("POST", path, Some(body)).await.status, 201, "{path}");
    }
});
