//! WeCom's script for the panel on a login page: `@wecom/jssdk` as its package has it (`assets/vendor/wecom-jssdk`). It knows WeCom at one address alone, so it
//! is served with the one that is configured. Pure.

use super::{endpoints::Endpoints, login_url};
use crate::crypto::digest::sha256_base64url;

/// As the package has it.
const SDK: &str = include_str!("../../assets/vendor/wecom-jssdk/wecom.global.prod.js");
/// Where it believes WeCom's login page to be.
const PUBLISHED: &str = "https://login.work.weixin.qq.com";

/// The script for WeCom at the configured address.
#[derive(Debug)]
pub struct LoginSdk {
    /// Its text.
    pub script: String,
    /// Digest of that, base64url.
    pub digest: String,
}

impl LoginSdk {
    /// With WeCom's login page where it is configured, and its messages believed from there.
    pub fn of(endpoints: &Endpoints) -> Self {
        let page = login_url::web_login_page(endpoints);
        let script = SDK.replace(&login_url::web_login_page(&Endpoints::default()), &page);
        let origin = login_url::web_login_origin(endpoints);
        let script = match origin == PUBLISHED {
            true => script,
            false => script.replace(PUBLISHED, &origin),
        };
        Self {
            digest: sha256_base64url(script.as_bytes()),
            script,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LoginSdk, PUBLISHED, SDK};
    use crate::wecom::endpoints::Endpoints;

    #[test]
    fn the_sdk_is_unchanged_at_the_published_address_and_knows_another_one_alone_elsewhere() {
        let published = LoginSdk::of(&Endpoints::default());
        assert_eq!(published.script, SDK);
        let elsewhere = LoginSdk::of(&Endpoints {
            web_login: "https://wecom.corp.example/proxied".to_owned(),
            ..Endpoints::default()
        });
        assert!(!elsewhere.script.contains(PUBLISHED));
        for part in [
            "\"https://wecom.corp.example/proxied/wwlogin/sso/login\"",
            "\"https://wecom.corp.example\"",
        ] {
            assert!(elsewhere.script.contains(part), "{part}");
        }
        assert_ne!(elsewhere.digest, published.digest);
    }

    #[test]
    fn nothing_in_it_needs_more_than_the_policy_allows() {
        for foreign in [
            "eval(",
            "new Function",
            "innerHTML",
            "document.write",
            "createElement(\"script\")",
        ] {
            assert!(!SDK.contains(foreign), "{foreign}");
        }
    }
}
