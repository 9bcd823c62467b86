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
