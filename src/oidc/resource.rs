//! Resource indicators (RFC 8707): the resource servers an access token is for, and its `aud`. Pure.

use serde::{Deserialize, Serialize};

use super::{client::Client, failure::Fault, params::Params, token::failure::TokenFailure};
use crate::kernel::address;

/// The resources a request names, each once, in the order sent. They are compared with the registration as exact strings.
///
/// # Errors
/// `OP-270` for what is no absolute URI without a fragment, `OP-271` for what the client is not registered for.
pub fn asked(params: &Params, client: &Client) -> Result<Vec<String>, Fault> {
    let mut asked: Vec<String> = Vec::new();
    for resource in params.all("resource") {
        if !is_target(resource) {
            return Err(TokenFailure::TargetMalformed.into());
        }
        if !client.metadata.resources.iter().any(|known| known == resource) {
            return Err(TokenFailure::TargetUnknown.because(resource));
        }
        if !asked.iter().any(|known| known == resource) {
            asked.push(resource.to_owned());
        }
    }
    Ok(asked)
}

/// The granted resources that a token request names; all of them when it names none (RFC 8707 §2.2). A resource that was removed from
/// the registration since is not granted any more.
///
/// # Errors
/// As [`asked`], and `OP-272` for what was not granted.
pub fn narrowed(granted: &[String], params: &Params, client: &Client) -> Result<Vec<String>, Fault> {
    let asked = asked(params, client)?;
    if let Some(wider) = asked.iter().find(|resource| !granted.contains(resource)) {
        return Err(TokenFailure::TargetNotGranted.because(wider));
    }
    if !asked.is_empty() {
        return Ok(asked);
    }
    if let Some(gone) = granted
        .iter()
        .find(|resource| !client.metadata.resources.contains(resource))
    {
        return Err(TokenFailure::TargetUnknown.because(gone));
    }
    Ok(granted.to_vec())
}

/// Whether this is an absolute URI without a fragment, also without an empty one (RFC 8707 §2).
pub fn is_target(text: &str) -> bool {
    !text.contains('#') && text.is_ascii() && address::absolute(text).is_some()
}

/// The `aud` of an access token: one string, or several (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    /// The audience of these resources; the issuer, for our own endpoints, where none is named.
    pub fn of(resources: &[String], issuer: &str) -> Self {
        match resources {
            [] => Self::One(issuer.to_owned()),
            [one] => Self::One(one.clone()),
            several => Self::Several(several.to_vec()),
        }
    }

    /// Whether a token with this `aud` is for `who`.
    pub fn names(&self, who: &str) -> bool {
        match self {
            Self::One(one) => one == who,
            Self::Several(several) => several.iter().any(|one| one == who),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Audience, asked, is_target, narrowed};
    use crate::oidc::{client::Client, params::Params, tests::samples};

    const A: &str = "https://a.example/api";
    const B: &str = "urn:b";

    fn client() -> Client {
        let mut client = samples::client("https://p/cb");
        client.metadata.resources = vec![A.to_owned(), B.to_owned()];
        client
    }

    fn number(sent: &str) -> &'static str {
        asked(&Params::parse(sent.as_bytes()), &client())
            .unwrap_err()
            .failure
            .entry
            .number
    }

    #[test]
    fn only_registered_absolute_addresses_are_named_once_each() {
        let params = Params::parse(b"resource=urn:b&resource=https://a.example/api&resource=urn:b&resource=");
        assert_eq!(asked(&params, &client()).unwrap(), [B, A]);
        assert_eq!(number("resource=/api"), "OP-270");
        assert_eq!(number("resource=https://a.example/api%23"), "OP-270");
        assert_eq!(number("resource=https://a.example/api/"), "OP-271");
        assert!(!is_target("https://a.example/密") && !is_target("") && !is_target("https:a.example"));
    }

    #[test]
    fn a_token_request_narrows_and_never_widens() {
        let granted = [A.to_owned()];
        let narrow = |sent: &str, granted: &[String]| narrowed(granted, &Params::parse(sent.as_bytes()), &client());
        assert_eq!(narrow("", &granted).unwrap(), granted);
        assert_eq!(narrow("resource=https://a.example/api", &granted).unwrap(), granted);
        let wider = narrow("resource=urn:b", &granted).unwrap_err();
        assert_eq!((wider.failure.entry.number, wider.error), ("OP-272", "invalid_target"));
        assert!(narrow("resource=urn:b", &[]).is_err());
        assert!(narrow("", &["urn:gone".to_owned()]).is_err());
    }

    #[test]
    fn one_audience_is_a_string_and_several_are_an_array() {
        let several = Audience::of(&[A.to_owned(), B.to_owned()], "https://id");
        assert_eq!(serde_json::to_value(&several).unwrap(), json!([A, B]));
        assert!(several.names(B) && !several.names("https://id"));
        let ours = Audience::of(&[], "https://id");
        assert_eq!(serde_json::to_value(&ours).unwrap(), json!("https://id"));
        assert_eq!(serde_json::from_value::<Audience>(json!([A, B])).unwrap(), several);
    }
}
