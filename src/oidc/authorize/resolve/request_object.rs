//! Signed request objects, JAR, by value (RFC 9101; OpenID Connect Core section 6.1): verified, then turned into parameters.
//!
//! Encryption, `none` and objects by reference are refused.

use serde_json::{Map, Value};

use super::failure::RequestFailure;
use crate::oidc::{
    client::Client,
    client_keys::{
        fetch::SignatureError,
        jwt::{FUTURE_LEEWAY, Jwt, numeric_date},
    },
    failure::Fault,
    params::Params,
    provider::Provider,
    security_profile::{self, ClientSignature, permits},
};

/// `typ` of a request object, where it has one: its own (RFC 9101 §10.8), or that of any JWT, which many libraries write.
const TYPES: [&str; 2] = ["oauth-authz-req+jwt", "jwt"];
/// Seconds an object counts after its `exp`, because clocks differ.
const LEEWAY: i64 = 60;
/// Registered JWT claims, which are no parameters of the request.
const OF_THE_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

impl Provider {
    /// The parameters in a request object of this client.
    ///
    /// # Errors
    /// `OP-230` to `OP-236`.
    pub(super) async fn verify_request_object(&self, client: &Client, object: &str) -> Result<Params, Fault> {
        let jwt = Jwt::read(object).filter(|jwt| jwt.alg.is_asymmetric());
        let jwt = jwt.ok_or(RequestFailure::ObjectUnreadable)?;
        if !permits(client, ClientSignature::RequestObject, jwt.alg) {
            return Err(RequestFailure::ObjectAlgorithm.into());
        }
        let claims = self
            .verify_client_jwt(client, &jwt)
            .await
            .map_err(|unproven| match unproven {
                SignatureError::NoMatchingKey => RequestFailure::ObjectSignature.into(),
                SignatureError::KeysUnreachable(failure) => RequestFailure::ObjectKeysUnreachable.caused_by(&failure),
                SignatureError::Internal(failure) => failure.into(),
            })?;
        parties(&jwt, &claims, client, self.issuer())?;
        lifetime(&claims, client, self.deps().clock.now().secs())?;
        if ["request", "request_uri"].iter().any(|name| claims.contains_key(*name)) {
            return Err(RequestFailure::ObjectNested.into());
        }
        Ok(params(&claims))
    }
}

/// Checks issuer and audience, and that the JWT is a request object at all.
fn parties(jwt: &Jwt<'_>, claims: &Map<String, Value>, client: &Client, issuer: &str) -> Result<(), Fault> {
    let is_client = |name: &str| claims.get(name).and_then(Value::as_str) == Some(&client.client_id);
    let for_us = match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().any(|aud| aud == issuer),
        aud => aud.and_then(Value::as_str) == Some(issuer),
    };
    let rules = [
        ("typ", jwt.typ.as_deref().is_none_or(|typ| TYPES.contains(&typ))),
        ("iss", is_client("iss")),
        ("client_id", is_client("client_id")),
        ("aud", for_us),
        // A JWT with the client as its subject is a client assertion, not a request object (RFC 9101 §10.8.1).
        ("sub", !is_client("sub")),
    ];
    let broken = rules.into_iter().find(|(_, kept)| !kept);
    broken.map_or(Ok(()), |(name, _)| Err(RequestFailure::ObjectClaims.because(name)))
}

/// Checks `exp` and `nbf` where present; a security profile may require them.
fn lifetime(claims: &Map<String, Value>, client: &Client, now: i64) -> Result<(), Fault> {
    let date = |name: &str| numeric_date(claims, name).map_err(|()| RequestFailure::ObjectLifetime.because(name));
    let (expires, begins) = (date("exp")?, date("nbf")?);
    if expires.is_some_and(|exp| exp.saturating_add(LEEWAY) <= now) {
        return Err(RequestFailure::ObjectLifetime.because("exp"));
    }
    if begins.is_some_and(|nbf| nbf > now.saturating_add(FUTURE_LEEWAY)) {
        return Err(RequestFailure::ObjectLifetime.because("nbf"));
    }
    if let Some(longest) = security_profile::of(client).longest_object {
        let longest = i64::try_from(longest.as_secs()).unwrap_or(i64::MAX);
        let begins = begins.ok_or_else(|| RequestFailure::ObjectLifetime.because("nbf"))?;
        let expires = expires.ok_or_else(|| RequestFailure::ObjectLifetime.because("exp"))?;
        if now.saturating_sub(begins) > longest || expires.saturating_sub(begins) > longest {
            return Err(RequestFailure::ObjectLifetime.because("60 minutes"));
        }
    }
    Ok(())
}

/// Claims as parameters. `claims` may be an object where the parameter is its text; a list of strings is a parameter sent several times.
fn params(claims: &Map<String, Value>) -> Params {
    let mut pairs = Vec::new();
    for (name, value) in claims.iter().filter(|(name, _)| !OF_THE_JWT.contains(&name.as_str())) {
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name.clone(), text.clone())),
            Value::Array(several) if several.iter().all(Value::is_string) => {
                let texts = several.iter().filter_map(Value::as_str);
                pairs.extend(texts.map(|text| (name.clone(), text.to_owned())));
            }
            other => pairs.push((name.clone(), other.to_string())),
        }
    }
    Params::of(pairs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{lifetime, params};
    use crate::oidc::{metadata::SecurityProfile, tests::samples};

    #[test]
    fn members_become_parameters_and_the_jwts_own_do_not() {
        let claims = json!({
            "iss": "x", "aud": "y", "exp": 5, "sub": "z",
            "max_age": 60, "claims": {"userinfo": {"name": null}}, "resource": ["https://a", "https://b"], "nonce": null, "state": "s",
        });
        let params = params(claims.as_object().unwrap());
        assert_eq!(params.get("max_age"), Some("60"));
        assert_eq!(params.get("claims"), Some(r#"{"userinfo":{"name":null}}"#));
        assert_eq!(params.get("state"), Some("s"));
        assert!(params.get("nonce").is_none() && params.get("iss").is_none() && params.get("exp").is_none());
        assert!(params.unique_among(&["resource"]).is_err(), "both are there");
    }

    #[test]
    fn moments_are_honoured_and_a_profile_demands_them() {
        let mut client = samples::client("https://p/cb");
        let says =
            |client: &_, claims: serde_json::Value| lifetime(claims.as_object().unwrap(), client, 10_000).is_ok();
        assert!(says(&client, json!({})));
        assert!(says(&client, json!({ "exp": 9_941 })) && !says(&client, json!({ "exp": 9_940 })));
        assert!(says(&client, json!({ "nbf": 10_030 })) && !says(&client, json!({ "nbf": 10_031 })));
        assert!(!says(&client, json!({ "exp": "soon" })));
        client.metadata.security_profile = SecurityProfile::Fapi2;
        assert!(says(&client, json!({ "nbf": 10_000, "exp": 13_600 })));
        for claims in [
            json!({}),
            json!({ "exp": 10_300 }),
            json!({ "nbf": 10_000 }),
            json!({ "nbf": 10_000, "exp": 13_601 }),
            json!({ "nbf": 6_399, "exp": 9_999 }),
        ] {
            assert!(!says(&client, claims.clone()), "{claims}");
        }
    }
}
