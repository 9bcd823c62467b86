//! Recipes: what a kind of portal needs of us, and what is to be entered there, as templates. Pure.
//!
//! In addresses and settings `@issuer@` is this deployment, `@address@` the portal's own address without a slash at its end, `@client_id@`
//! and `@client_secret@` what we know it by, `@random@` a secret of its own that nobody else needs to know.

mod recipe;
mod table;

pub use recipe::{Block, Recipe, Values};
pub use table::RECIPES;

/// The recipe with this key.
pub fn recipe(key: &str) -> Option<&'static Recipe> {
    RECIPES.iter().find(|recipe| recipe.key == key)
}

/// The recipe that a portal looks like of which nobody wrote down by which it was made: by the path of its first redirect URI, else by whether it has a
/// secret.
pub fn resembling(redirect_uris: &[String], has_secret: bool) -> Option<&'static Recipe> {
    let by_path = RECIPES.iter().find(|recipe| {
        let path = recipe.redirects.first().and_then(|uri| uri.strip_prefix("@address@"));
        path.is_some_and(|path| path.len() > 1)
            && recipe.has_secret() == has_secret
            && recipe.address(redirect_uris).is_some()
    });
    let loopback = redirect_uris.iter().any(|uri| uri.starts_with("http://127.0.0.1"));
    by_path.or_else(|| {
        recipe(match (has_secret, loopback) {
            (true, _) => "web",
            (false, true) => "cli",
            (false, false) => "spa",
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const VALUES: Values<'_> = Values {
        issuer: "https://sso.corp.example",
        address: "https://app.corp.example/",
        client_id: "app",
        client_secret: "s3cr@address@et",
        random: "r4nd0m",
    };

    #[test]
    fn every_place_is_filled_once_and_other_signs_stay() {
        assert_eq!(
            VALUES.fill("@address@/x @client_secret@ a@b @issuer@"),
            "https://app.corp.example/x s3cr@address@et a@b https://sso.corp.example"
        );
        for recipe in RECIPES {
            for block in recipe.blocks {
                let filled = VALUES.fill(block.text);
                for place in [
                    "@issuer@",
                    "@client_id@",
                    "@client_secret@",
                    "@address_encoded@",
                    "@random@",
                ] {
                    assert!(!filled.contains(place), "{} {}", recipe.key, block.place);
                }
                assert!(!filled.contains("corp.example//"), "{}", recipe.key);
            }
        }
    }

    #[test]
    fn keys_are_names_of_clients_and_stand_once() {
        let keys: BTreeSet<&str> = RECIPES.iter().map(|recipe| recipe.key).collect();
        assert_eq!(keys.len(), RECIPES.len());
        assert!(keys.iter().all(|key| {
            key.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        }));
    }

    #[test]
    fn what_is_registered_is_what_the_settings_say() {
        for recipe in RECIPES {
            let settings: String = recipe.blocks.iter().map(|block| block.text).collect();
            let secret = settings.contains("@client_secret@");
            assert_eq!(secret, recipe.has_secret(), "{}: the secret", recipe.key);
            assert!(
                settings.contains("@client_id@") && settings.contains("@issuer@"),
                "{}",
                recipe.key
            );
            assert!(
                recipe.pkce || recipe.has_secret(),
                "{}: a public client without PKCE",
                recipe.key
            );
            assert!(recipe.scopes.contains(&"openid"), "{}", recipe.key);
            if settings.contains("groups") {
                assert!(recipe.scopes.contains(&"groups"), "{}: groups", recipe.key);
            }
            if settings.contains("offline_access") {
                assert!(
                    recipe.scopes.contains(&"offline_access"),
                    "{}: offline_access",
                    recipe.key
                );
            }
            if recipe.server_logout {
                assert!(settings.contains("backend_logout_url"), "{}", recipe.key);
            }
        }
    }

    /// Where each recipe's portal sends a browser that was signed out, and by what: its settings (`SETTINGS`), or the source of that version. Empty:
    /// it sends none anywhere.
    const SIGN_OUTS: &[(&str, &[&str], &str)] = &[
        ("grafana", &["https://app.corp.example/login"], SETTINGS),
        ("gitlab", &["https://app.corp.example/"], SETTINGS),
        ("gitea", &[], "Gitea 1.23 has no sign-out at a provider"),
        (
            "harbor",
            &[
                "https://app.corp.example/account/sign-in",
                "https://app.corp.example/harbor/projects",
            ],
            "2.14 and 2.13, src/core/controllers/oidc.go",
        ),
        ("jenkins", &["https://app.corp.example/OicLogout"], SETTINGS),
        (
            "nextcloud",
            &["https://app.corp.example/"],
            "user_oidc 7, LoginController::singleLogoutService",
        ),
        (
            "oauth2-proxy",
            &["https://app.corp.example/"],
            "its own page; nobody is sent back by Menjin",
        ),
        ("apache", &["https://app.corp.example/"], SETTINGS),
        (
            "argocd",
            &["https://app.corp.example"],
            "3.1, server/logout/logout.go: url without its slash",
        ),
        ("kubernetes", &[], "kubelogin has no sign-out"),
        (
            "jumpserver",
            &["https://app.corp.example/"],
            "4.10, backends/oidc/views.py",
        ),
        ("superset", &["https://app.corp.example/"], SETTINGS),
        (
            "pgadmin",
            &["https://app.corp.example/login", "https://app.corp.example/"],
            "9.18, authenticate/oauth2.py",
        ),
        ("jupyterhub", &["https://app.corp.example/"], SETTINGS),
        ("web", &["https://app.corp.example/"], SETTINGS),
        ("spa", &["https://app.corp.example/"], SETTINGS),
        ("cli", &[], "no browser of its own"),
    ];
    const SETTINGS: &str = "its settings";

    #[test]
    fn where_a_portal_sends_those_who_signed_out_is_registered_and_nothing_else() {
        for recipe in RECIPES {
            let row = SIGN_OUTS.iter().find(|(key, ..)| *key == recipe.key);
            let (_, sent, by) = row.unwrap_or_else(|| panic!("{}: not in the table", recipe.key));
            let registered = recipe.client("x", &VALUES)["post_logout_redirect_uris"].clone();
            assert_eq!(registered, serde_json::json!(sent), "{}", recipe.key);
            let settings: String = recipe.blocks.iter().map(|block| VALUES.fill(block.text)).collect();
            let decoded = settings.replace("%3A", ":").replace("%2F", "/");
            if *by == SETTINGS {
                for address in *sent {
                    assert!(
                        decoded.contains(address),
                        "{}: {address} is not in {decoded}",
                        recipe.key
                    );
                }
            }
            for rest in decoded.split("post_logout_redirect_uri=").skip(1) {
                let named = rest.split(['"', '\n', '&', ' ']).next().unwrap();
                let known = named.starts_with('{') || sent.contains(&named);
                assert!(known, "{}: {named} is not registered", recipe.key);
            }
        }
        assert_eq!(SIGN_OUTS.len(), RECIPES.len());
    }

    #[test]
    fn a_portal_of_which_nothing_was_written_down_is_known_by_its_redirect_uri_or_its_secret() {
        let of = |uri: &str, has_secret| {
            let uris = [uri.to_owned()];
            let recipe = resembling(&uris, has_secret).unwrap();
            (recipe.key, recipe.address(&uris))
        };
        assert_eq!(
            of("https://g.corp.example/login/generic_oauth", true),
            ("grafana", Some("https://g.corp.example".to_owned()))
        );
        assert_eq!(of("https://wiki.corp.example/cb", true).0, "web");
        let spa = ("spa", Some("https://app.corp.example".to_owned()));
        assert_eq!(of("https://app.corp.example/", false), spa);
        assert_eq!(of("http://127.0.0.1/callback", false), ("cli", None));
    }
}
