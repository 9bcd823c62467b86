//! Certificates of the servers we call: portals' and WeCom's. One that is not trusted is told as what it is, and `ca_file` makes it trusted.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Admin, TlsServer, id},
    back_channel_logout::{deliveries, sign_out},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// Menjin once more over the same storage, trusting this authority for these calls.
async fn trusting(fixture: &Fixture, server: &TlsServer, setting: &str, more: &[(&str, &str)]) -> Admin {
    let port = server.base.rsplit_once(':').unwrap().1;
    let file = std::env::temp_dir().join(format!("menjin-test-ca-{port}-{}.pem", std::process::id()));
    std::fs::write(&file, &server.authority).unwrap();
    let mut settings = vec![(setting, file.to_str().unwrap())];
    settings.extend_from_slice(more);
    let base = fixture.restart_with(&settings).await;
    std::fs::remove_file(file).unwrap();
    Admin::new(&fixture.http, &base, ADMIN_TOKEN)
}

scenario!(
    an_untrusted_certificate_of_a_portal_is_told_as_such_and_ca_file_makes_it_trusted,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let redirect_uri = "https://wiki.portal.example/callback";
        let server = TlsServer::start(json!([redirect_uri]).to_string());
        // Back-channel logout: the delivery tells it.
        let out = json!({ "metadata": { "backchannel_logout_uri": format!("{}/out", server.base) } });
        let portal = fixture.portal("wiki", out).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        sign_out(&fixture, &browser, &tokens).await;
        fixture.wait_for_background_work().await;
        let row = deliveries(&fixture, "").await.remove(0);
        let told = row["last_error"].as_str().unwrap();
        assert!(told.starts_with("OB-180") && told.contains("certificate"), "{row}");
        // A document that is fetched: the refusal tells it.
        let sector = |client_id: &str| {
            json!({
                "client_id": client_id,
                "name": "wiki",
                "redirect_uris": [redirect_uri],
                "metadata": { "subject_type": "pairwise", "sector_identifier_uri": format!("{}/sector", server.base) },
            })
        };
        let refused = admin.call("POST", "clients", Some(sector("two"))).await;
        assert_eq!(refused.refusal(), (422, "RG-107"));
        assert!(
            refused.body["detail"].as_str().unwrap().contains("OB-180"),
            "{}",
            refused.body
        );
        // A server that is not there is another matter.
        let gone = json!({ "metadata": { "sector_identifier_uri": "https://127.0.0.1:1/sector" } });
        let refused = admin.call("PATCH", "clients/wiki", Some(gone)).await;
        assert!(
            refused.body["detail"].as_str().unwrap().contains("OB-103"),
            "{}",
            refused.body
        );

        let trusting = trusting(&fixture, &server, "OUTBOUND__CA_FILE", &[]).await;
        trusting.create("clients", sector("three")).await;
        let path = format!("logout-deliveries/{}", id(&row));
        trusting.create(&format!("{path}/retry"), json!({})).await;
        let state = async || admin.get(&path).await["state"].clone();
        for _ in 0..1000 {
            if state().await == "delivered" {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(state().await, "delivered");
    }
);

scenario!(
    an_untrusted_certificate_at_wecoms_address_is_told_as_such_and_ca_file_makes_it_trusted,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let server = TlsServer::start("{}".to_owned());
        let there = [("WECOM__API_URL", server.base.as_str())];
        let base = fixture.restart_with(&there).await;
        let failed = async |admin: &Admin| -> Value { admin.sync(id(&source)).await };
        let run = failed(&Admin::new(&fixture.http, &base, ADMIN_TOKEN)).await;
        assert!(run.to_string().contains("certificate is not trusted"), "{run}");
        let run = failed(&trusting(&fixture, &server, "WECOM__CA_FILE", &there).await).await;
        assert!(!run.to_string().contains("certificate"), "{run}");
    }
);
