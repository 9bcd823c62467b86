//! Rules of access tokens for resource servers: resources, API scopes, signing algorithm. Pure.

use crate::{
    kernel::validation::ValidationErrors,
    oidc::{keys::alg::Alg, metadata::Metadata, resource, scope::SUPPORTED},
};

/// Most scopes.
const MOST: usize = 50;
/// Most resources.
const MOST_RESOURCES: usize = 20;
/// Longest resource, bytes; it stands in every token.
const LONGEST_RESOURCE: usize = 500;
/// Longest scope, bytes.
const LONGEST_SCOPE: usize = 100;

pub(super) fn note(faults: &mut ValidationErrors, metadata: &Metadata) {
    let fits = |resource: &String| resource.len() <= LONGEST_RESOURCE && resource::is_target(resource);
    faults.check(
        metadata.resources.len() <= MOST_RESOURCES && metadata.resources.iter().all(fits),
        "metadata.resources",
        format_args!(
            "takes up to {MOST_RESOURCES} absolute URIs without a fragment, of up to {LONGEST_RESOURCE} characters"
        ),
    );
    faults.check(
        metadata.api_scopes.len() <= MOST && metadata.api_scopes.iter().all(|scope| is_api_scope(scope)),
        "metadata.api_scopes",
        format_args!("takes up to {MOST} scopes of up to {LONGEST_SCOPE} characters, none of Menjin's own"),
    );
    let alg = metadata.access_token_signed_response_alg.as_deref();
    faults.check(
        alg.is_none_or(|word| Alg::of(word).is_some()),
        "metadata.access_token_signed_response_alg",
        format_args!("needs one of {}", Alg::ALL.map(Alg::word).join(" ")),
    );
}

/// Whether this is a scope (RFC 6749 §3.3), and none of Menjin's own, which are about people.
fn is_api_scope(scope: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    (1..=LONGEST_SCOPE).contains(&scope.len()) && scope.bytes().all(token) && !SUPPORTED.contains(&scope)
}

#[cfg(test)]
mod tests {
    use super::note;
    use crate::{
        kernel::validation::ValidationErrors,
        oidc::{metadata::Metadata, registration::failure::RegistrationFailure},
    };

    fn accepted(metadata: &Metadata) -> bool {
        let mut faults = ValidationErrors::default();
        note(&mut faults, metadata);
        faults.into_result(RegistrationFailure::Invalid.entry()).is_ok()
    }

    #[test]
    fn scopes_resources_and_algorithm_are_checked() {
        let scopes = |scope: &str| Metadata {
            api_scopes: vec![scope.to_owned()],
            ..Metadata::default()
        };
        assert!(accepted(&Metadata::default()) && accepted(&scopes("orders:read")));
        for scope in ["", "a b", "a\"b", "openid", "密", &"s".repeat(101)] {
            assert!(!accepted(&scopes(scope)), "{scope}");
        }
        for (resource, fits) in [
            ("https://api.example", true),
            ("urn:api", true),
            ("api", false),
            ("https://a/#", false),
        ] {
            let metadata = Metadata {
                resources: vec![resource.to_owned()],
                ..Metadata::default()
            };
            assert_eq!(accepted(&metadata), fits, "{resource}");
        }
        for (word, fits) in [("ES256", true), ("RS256", true), ("none", false), ("HS256", false)] {
            let metadata = Metadata {
                access_token_signed_response_alg: Some(word.to_owned()),
                ..Metadata::default()
            };
            assert_eq!(accepted(&metadata), fits, "{word}");
        }
    }
}
