//! Sample values for tests of the pure rules.

use std::time::Duration;

use uuid::Uuid;

use crate::{
    gate::facts::{Person, Standing},
    kernel::clock::Timestamp,
    oidc::{
        authorize::{destination::ResponseMode, request::Request},
        client::{AuthMethod, Client},
        keys::alg::Alg,
    },
};

/// A confidential portal with one redirect URI.
pub fn client(redirect_uri: &str) -> Client {
    Client {
        id: Uuid::from_u128(11),
        client_id: "portal".to_owned(),
        method: AuthMethod::ClientSecretBasic,
        enabled: true,
        secret_digest: None,
        secret_sealed: None,
        metadata: Default::default(),
        redirect_uris: vec![redirect_uri.to_owned()],
        post_logout_redirect_uris: Vec::new(),
        scopes: vec!["openid".to_owned(), "email".to_owned()],
        require_pkce: false,
        id_token_alg: Alg::Rs256,
        access_token_lifetime: Duration::from_secs(300),
        id_token_lifetime: Duration::from_secs(300),
        refresh_token_lifetime: None,
    }
}

/// A plain request.
pub fn request(asked_at: Timestamp) -> Request {
    Request {
        client: Uuid::from_u128(11),
        redirect_uri: "https://portal.example.com/cb".to_owned(),
        mode: ResponseMode::Query,
        state: None,
        scope: "openid".to_owned(),
        nonce: None,
        challenge: None,
        prompt: Default::default(),
        max_age: None,
        expected: Vec::new(),
        ui_locales: None,
        terms: Default::default(),
        asked_at,
        pushed: None,
        standing: Default::default(),
        trace: None,
    }
}

/// A person without a display name.
pub fn person() -> Person {
    Person {
        id: Uuid::from_u128(7),
        username: "zhangsan".to_owned(),
        display_name: None,
        email: Some("z@example.com".to_owned()),
        email_verified: false,
        phone_number: None,
        phone_verified: false,
        picture: None,
        locale: Some("zh-CN".to_owned()),
        standard_claims: Default::default(),
        updated_at: Timestamp::from_millis(1_700_000_000_999),
        standing: Standing::Active,
        access_until: None,
    }
}
