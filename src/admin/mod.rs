//! What admins do over the REST API: who they are (API tokens and roles), and one handler file per resource under `http/`.
//!
//! The rules of each resource live with its feature (`directory`, `oidc::registration`); this room only knows who may call them.

pub mod events;
pub mod failure;
pub mod http;
pub mod role;
pub mod sync;
pub mod tokens;

use std::sync::Arc;

use url::{Position, Url};

pub use failure::AdminFailure;
pub use sync::StartSync;

use crate::{
    crypto::seal::Sealer,
    directory::{self, Directory, Forget},
    kernel::{clock::Clock, entropy::Entropy},
    oidc::registration::Registrations,
    store::Database,
    wecom::WeCom,
};

/// What the admin API is built from.
#[derive(Clone)]
pub struct Parts {
    /// Where everything is kept.
    pub database: Database,
    /// Seals WeCom secrets.
    pub sealer: Sealer,
    /// The time.
    pub clock: Clock,
    /// Ids and tokens.
    pub entropy: Entropy,
    /// Told when a credential was edited.
    pub wecom: WeCom,
    /// What browsers type; the callback domain comes from it.
    pub public_url: String,
    /// Starts a sync by hand.
    pub start_sync: StartSync,
}

/// The admin API's use cases. Cheap to clone.
#[derive(Clone)]
pub struct Admin {
    database: Database,
    clock: Clock,
    entropy: Entropy,
    directory: Directory,
    registrations: Registrations,
    start_sync: StartSync,
}

impl Admin {
    /// The admin API over these parts.
    pub fn new(parts: Parts) -> Self {
        let wecom = parts.wecom.clone();
        let forget: Forget = Arc::new(move |credential| {
            let wecom = wecom.clone();
            Box::pin(async move { wecom.forget(&credential).await })
        });
        Self::forgetting(parts, forget)
    }

    fn forgetting(parts: Parts, forget: Forget) -> Self {
        let registrations = Registrations::new(parts.database.clone(), parts.clock.clone(), parts.entropy.clone());
        let directory = Directory::new(directory::Parts {
            database: parts.database.clone(),
            sealer: parts.sealer,
            clock: parts.clock.clone(),
            entropy: parts.entropy.clone(),
            callback_domain: callback_domain(&parts.public_url),
            forget,
        });
        Self {
            database: parts.database,
            clock: parts.clock,
            entropy: parts.entropy,
            directory,
            registrations,
            start_sync: parts.start_sync,
        }
    }

    /// Data sources, auth sources, users, contacts, runs.
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Clients.
    pub const fn registrations(&self) -> &Registrations {
        &self.registrations
    }
}

/// 企业微信授权登录回调域: the host, with the port unless it is the scheme's own.
fn callback_domain(public_url: &str) -> String {
    match Url::parse(public_url) {
        Ok(url) => url[Position::BeforeHost..Position::AfterPort].to_owned(),
        Err(_) => public_url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::callback_domain;

    #[test]
    fn the_callback_domain_is_what_wecom_asks_for() {
        for (public_url, domain) in [
            ("https://sso.example", "sso.example"),
            ("https://sso.example:443/", "sso.example"),
            ("https://sso.example:8443", "sso.example:8443"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(callback_domain(public_url), domain);
        }
    }
}
