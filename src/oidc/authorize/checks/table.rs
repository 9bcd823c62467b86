//! The ordered table of checks of an authorization request. Pure.

use super::acr;
use super::claims;
use super::dpop;
use super::pkce;
use super::prompt;
use super::resource;
use super::scope;
use super::shape;
use crate::oidc::authorize::checks::draft::Draft;
use crate::oidc::{client::Client, failure::Fault, params::Params};

type Check = fn(&Params, &Client, &mut Draft) -> Result<(), Fault>;

/// The order is fixed, so that a request with several faults always gets the same error.
const CHECKS: &[Check] = &[
    shape::well_formed,
    shape::response_type,
    shape::response_mode,
    shape::no_request_object,
    scope::openid,
    pkce::challenge,
    resource::resources,
    dpop::key,
    prompt::prompt,
    prompt::max_age,
    shape::nonce,
    claims::claims,
    shape::ui_locales,
    acr::acr_values,
];

/// Runs all checks in order; `pushed`: the parameters came through PAR.
///
/// # Errors
/// The first fault.
pub fn run(params: &Params, client: &Client, pushed: bool) -> Result<Draft, Fault> {
    let mut draft = Draft {
        pushed,
        ..Draft::default()
    };
    for check in CHECKS {
        check(params, client, &mut draft)?;
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::run;
    use crate::oidc::{
        authorize::checks::draft::Draft, client::AuthMethod, failure::Fault, params::Params, tests::samples,
    };

    const GOOD: &str = "response_type=code&scope=openid+email&state=s";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn with(more: &str) -> Result<Draft, Fault> {
        let client = samples::client("https://p/cb");
        run(&Params::parse(format!("{GOOD}{more}").as_bytes()), &client, false)
    }

    fn error(more: &str) -> (&'static str, &'static str) {
        let fault = with(more).unwrap_err();
        (fault.failure.entry.number, fault.error)
    }

    #[test]
    fn unknown_parameters_and_harmless_ones_never_err() {
        let draft =
            with("&display=wap&acr_values=x&claims_locales=fr&login_hint=nobody&foo=bar&ui_locales=xx").unwrap();
        assert_eq!(draft.scope, "openid email");
        let client = samples::client("https://p/cb");
        assert!(run(&Params::parse(b"scope=openid&response_type=code"), &client, false).is_ok());
    }

    #[test]
    fn each_fault_has_its_number_and_its_code() {
        assert_eq!(error("&state=s"), ("OP-110", "invalid_request"));
        assert_eq!(error("&response_mode=fragment"), ("OP-113", "invalid_request"));
        assert_eq!(error("&request=x"), ("OP-114", "request_not_supported"));
        assert_eq!(error("&request_uri=x"), ("OP-115", "request_uri_not_supported"));
        assert_eq!(error("&registration=x"), ("OP-128", "registration_not_supported"));
        assert_eq!(error("&prompt=none%20login"), ("OP-120", "invalid_request"));
        assert_eq!(error("&prompt=create"), ("OP-120", "invalid_request"));
        for max_age in ["-1", "x", "1.5", "99999999999999999999"] {
            assert_eq!(error(&format!("&max_age={max_age}")), ("OP-121", "invalid_request"));
        }
        assert_eq!(
            error(&format!("&nonce={}", "n".repeat(513))),
            ("OP-123", "invalid_request")
        );
        let client = samples::client("https://p/cb");
        let number = |query: &str| {
            run(&Params::parse(query.as_bytes()), &client, false)
                .unwrap_err()
                .failure
                .entry
                .number
        };
        assert_eq!(number("scope=openid"), "OP-111");
        assert_eq!(number("scope=openid&response_type=id_token"), "OP-112");
        assert_eq!(number("scope=openid&response_type=code+id_token"), "OP-112");
        assert_eq!(number("scope=email&response_type=code"), "OP-116");
        assert_eq!(number("response_type=code"), "OP-116");
    }

    #[test]
    fn claims_by_name_are_kept_and_malformed_ones_are_refused() {
        let asked = r#"{"userinfo":{"email":null,"name":null,"x":null},"id_token":{"acr":{"essential":true,"values":["urn:menjin:acr:wecom","a"]},"sub":{"value":"u"}}}"#;
        let asked = crate::oidc::params::encode([("claims", asked)]);
        let draft = with(&format!("&{asked}")).unwrap();
        // This client is registered for `email`, not for `profile`.
        assert_eq!(draft.terms.claims.userinfo, ["email"]);
        assert_eq!(
            (draft.terms.acr, draft.terms.acr_essential),
            (vec!["urn:menjin:acr:wecom".to_owned()], true)
        );
        assert_eq!(
            (draft.expected[0].sector.clone(), draft.expected[0].subjects[0].as_str()),
            (None, "u")
        );
        assert_eq!(error("&claims=name"), ("OP-300", "invalid_request"));
        assert_eq!(error("&claims=%7B%22userinfo%22:7%7D"), ("OP-300", "invalid_request"));
    }

    #[test]
    fn pkce_is_s256_or_nothing() {
        let draft = with(&format!("&code_challenge={CHALLENGE}&code_challenge_method=S256")).unwrap();
        assert_eq!(draft.challenge.as_deref(), Some(CHALLENGE));
        assert_eq!(error(&format!("&code_challenge={CHALLENGE}")).0, "OP-118");
        assert_eq!(
            error(&format!("&code_challenge={CHALLENGE}&code_challenge_method=plain")).0,
            "OP-118"
        );
        assert_eq!(error("&code_challenge_method=S256").0, "OP-117");
        assert_eq!(error("&code_challenge=short&code_challenge_method=S256").0, "OP-119");
    }

    #[test]
    fn acr_values_keep_what_we_know_and_the_clients_default_stands_in() {
        let draft = with("&acr_values=x+urn:menjin:acr:pwd+urn:menjin:acr:wecom+urn:menjin:acr:pwd").unwrap();
        assert_eq!(draft.terms.acr, ["urn:menjin:acr:pwd", "urn:menjin:acr:wecom"]);
        assert!(!draft.terms.acr_essential);
        assert!(
            with(&format!("&acr_values={}", "x".repeat(60_000)))
                .unwrap()
                .terms
                .acr
                .is_empty()
        );
        let mut client = samples::client("https://p/cb");
        client.metadata.default_acr_values = vec!["y".into(), "urn:menjin:acr:pwd-otp".into()];
        let asked = |more: &str| {
            let draft = run(&Params::parse(format!("{GOOD}{more}").as_bytes()), &client, false).unwrap();
            draft.terms.acr
        };
        assert_eq!(asked(""), ["urn:menjin:acr:pwd-otp"]);
        assert_eq!(asked("&acr_values=urn:menjin:acr:pwd"), ["urn:menjin:acr:pwd"]);
        assert!(
            asked("&acr_values=x").is_empty(),
            "the request asked, if for nothing we know"
        );
    }

    #[test]
    fn public_clients_cannot_go_without_pkce() {
        let mut client = samples::client("https://p/cb");
        client.method = AuthMethod::None;
        client.require_pkce = false;
        let fault = run(&Params::parse(GOOD.as_bytes()), &client, false).unwrap_err();
        assert_eq!(fault.failure.entry.number, "OP-117");
    }

    #[test]
    fn prompts_combine() {
        assert!(with("&prompt=none").unwrap().prompt.none);
        assert!(with("&prompt=login%20consent").unwrap().prompt.login);
        assert!(with("&prompt=select_account").unwrap().prompt.login);
        assert!(!with("&prompt=consent").unwrap().prompt.login);
        assert_eq!(with("&max_age=0").unwrap().max_age, Some(0));
    }
}
