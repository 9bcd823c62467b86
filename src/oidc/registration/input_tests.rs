//! Tests of the input of a client.

use super::*;

fn new(text: &str) -> NewClient {
    serde_json::from_str(text).unwrap()
}

const PLAIN: &str = r#"{"name":"a","redirect_uris":["https://a.example/cb"]}"#;

#[test]
fn defaults_are_acceptable() {
    let settings = new(PLAIN).settings().unwrap();
    assert!(!settings.require_pkce && settings.enabled && settings.auth_sources.is_none());
}

#[test]
fn public_clients_always_use_pkce() {
    let public = r#"{"name":"a","redirect_uris":["com.example.a:/cb"],"auth_method":"none","require_pkce":false}"#;
    let settings = new(public).settings().unwrap();
    assert!(settings.require_pkce);
    let off: ClientChange = serde_json::from_str(r#"{"require_pkce":false}"#).unwrap();
    assert!(off.merged(&settings).unwrap().require_pkce);
}

#[test]
fn faults_are_told_together() {
    let input = r#"{"name":"","redirect_uris":[],"scopes":["root"],"access_token_lifetime":1,"client_id":"a b","client_secret":"short"}"#;
    let detail = new(input).settings().unwrap_err().detail.unwrap();
    for field in [
        "name",
        "redirect_uris",
        "scopes",
        "access_token_lifetime",
        "client_id",
        "client_secret",
    ] {
        assert!(detail.contains(field), "{field} in {detail}");
    }
    assert!(!detail.contains("short:") && !detail.contains("root"));
}

#[test]
fn a_client_stays_public_or_confidential() {
    let settings = new(PLAIN).settings().unwrap();
    let open: ClientChange = serde_json::from_str(r#"{"auth_method":"none"}"#).unwrap();
    assert!(open.merged(&settings).is_err());
    let post: ClientChange = serde_json::from_str(r#"{"auth_method":"client_secret_post"}"#).unwrap();
    assert!(post.merged(&settings).is_ok());
}
