//! Whose names a pairwise client that registered itself learns: those of a sector that is proven to be its own.

use serde_json::{Value, json};
use simulator::sample;

use super::{
    anonymous::{initial, manage, register, registered_without_consent},
    server::serving,
};
use crate::{
    actors::{Browser, Portal, id_claims, text},
    fixture::Fixture,
    scenario,
};

const VICTIM: &str = "https://victim.portal.example/cb";

async fn sub(portal: &Portal, browser: &Browser) -> String {
    let claims = id_claims(&portal.tokens_silently(browser, &[("scope", "openid")]).await);
    text(&claims, "sub").to_owned()
}

fn pairwise(redirect_uri: &str) -> Value {
    json!({ "redirect_uris": [redirect_uri], "subject_type": "pairwise" })
}

scenario!(
    a_client_that_registered_itself_learns_no_name_of_a_sector_it_has_not_proven,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let registration = json!({ "redirect_uris": [VICTIM], "metadata": { "subject_type": "pairwise" } });
        let mut victim = fixture.portal("victim", registration).await;
        VICTIM.clone_into(&mut victim.redirect_uri);
        let browser = fixture.browser();
        victim.tokens(&fixture, &browser, sample::NORMAL).await;
        let known = sub(&victim, &browser).await;
        let one = registered_without_consent(&fixture, &pairwise(VICTIM)).await;
        let two = registered_without_consent(&fixture, &pairwise(VICTIM)).await;
        let (first, second) = (sub(&one, &browser).await, sub(&two, &browser).await);
        assert!(
            first != known && second != known && first != second,
            "{first} {second} {known}"
        );
        assert_eq!(sub(&one, &browser).await, first, "and it stays");
        // A document proves the sector of its own host only.
        let mut body = pairwise(VICTIM);
        body["sector_identifier_uri"] = json!(serving(json!([VICTIM, "https://other.portal.example/cb"])));
        let proven = registered_without_consent(&fixture, &body).await;
        body["redirect_uris"] = json!(["https://other.portal.example/cb"]);
        let sister = registered_without_consent(&fixture, &body).await;
        let theirs = sub(&proven, &browser).await;
        assert_ne!(theirs, known);
        assert_eq!(sub(&sister, &browser).await, theirs, "one document, one sector");
        // An admin's word.
        let path = format!("clients/{}", one.client_id);
        fixture
            .admin()
            .change(&path, json!({ "metadata": { "sector_unproven": false } }))
            .await;
        assert_eq!(sub(&one, &browser).await, known);
        let path = format!("clients/{}", two.client_id);
        fixture
            .admin()
            .change(&path, json!({ "redirect_uris": [VICTIM] }))
            .await;
        assert_eq!(sub(&two, &browser).await, known, "an admin wrote the address");
    }
);

scenario!(
    a_replacement_does_not_carry_an_admins_word_to_another_host,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let token = initial(&fixture, 2).await;
        let made = register(&fixture, &token, &pairwise("https://mine.portal.example/cb"))
            .await
            .ok(201);
        let path = format!("clients/{}", text(&made, "client_id"));
        let unproven = async || fixture.admin().get(&path).await["metadata"]["sector_unproven"] == true;
        assert!(unproven().await);
        fixture
            .admin()
            .change(&path, json!({ "metadata": { "sector_unproven": false } }))
            .await;
        let put = async |redirect_uri: &str, subject_type: &str, more: Value| {
            let mut body = pairwise(redirect_uri);
            body["client_id"] = made["client_id"].clone();
            body["subject_type"] = json!(subject_type);
            crate::fixture::lay_over(&mut body, more);
            manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
        };
        put("https://mine.portal.example/other", "pairwise", json!({})).await;
        assert!(!unproven().await, "the same host");
        put(
            "https://mine.portal.example/cb",
            "pairwise",
            json!({ "sector_unproven": false, "metadata": { "sector_unproven": false } }),
        )
        .await;
        put(VICTIM, "pairwise", json!({ "sector_unproven": false })).await;
        assert!(unproven().await, "another host");
        put("https://mine.portal.example/cb", "pairwise", json!({})).await;
        assert!(unproven().await, "a word that was lost does not come back");
        // Public first, pairwise later.
        let body = json!({ "redirect_uris": ["https://late.portal.example/cb"] });
        let late = register(&fixture, &token, &body).await.ok(201);
        let path = format!("clients/{}", text(&late, "client_id"));
        fixture
            .admin()
            .change(&path, json!({ "metadata": { "sector_unproven": null } }))
            .await;
        let mut body = pairwise("https://late.portal.example/cb");
        body["client_id"] = late["client_id"].clone();
        manage(&fixture, "PUT", &late, Some(&body)).await.ok(200);
        assert_eq!(fixture.admin().get(&path).await["metadata"]["sector_unproven"], true);
    }
);
