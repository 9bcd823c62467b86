//! Userinfo (OpenID Connect Core 5.3): what the scope of an access token lets a portal know about the person.

use serde_json::{Map, Value};

use super::{
    Provider,
    failure::{Fault, OidcFailure},
    params::Params,
    scope,
};
use crate::gate::facts::Person;

/// The access token of a request: header, or form field (RFC 6750 §2.1 and §2.2). Never the query, where it would be logged.
///
/// # Errors
/// `OP-160` when there is none, `OP-162` when there are two.
pub fn bearer(authorization: Option<&str>, form: Option<&[u8]>) -> Result<String, Fault> {
    let in_form = match form.map(Params::parse) {
        Some(params) => {
            params.unique_among(&["access_token"])?;
            params.owned("access_token")
        }
        None => None,
    };
    let in_header = authorization
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(OidcFailure::TokenTwice.into()),
        (Some(token), None) | (None, Some(token)) => Ok(token),
        (None, None) => Err(OidcFailure::TokenMissing.into()),
    }
}

impl Provider {
    /// `GET` or `POST /oauth2/userinfo`.
    ///
    /// # Errors
    /// `OP-161` for every token that is not worth anything now.
    pub async fn userinfo(&self, token: &str) -> Result<Map<String, Value>, Fault> {
        let unfolded = self.unfold(token).await?;
        let (claims, standing) = unfolded
            .filter(|(claims, _)| scope::contains(&claims.scope, "openid"))
            .ok_or(OidcFailure::TokenInvalid)?;
        Ok(claims_of(&standing.person, &claims.scope))
    }
}

/// The claims a scope covers. What nobody told us is left out: never null, never empty.
fn claims_of(person: &Person, scope: &str) -> Map<String, Value> {
    let mut claims = Map::new();
    put(&mut claims, "sub", Some(&person.id.to_string()));
    if scope::contains(scope, "profile") {
        // Where WeCom withholds the name the username stands in for it: portals show something rather than fail.
        let name = person.display_name.as_ref().filter(|name| !name.is_empty());
        put(&mut claims, "name", Some(name.unwrap_or(&person.username)));
        put(&mut claims, "preferred_username", Some(&person.username));
        put(&mut claims, "picture", person.picture.as_ref());
        put(&mut claims, "locale", person.locale.as_ref());
        claims.insert("updated_at".to_owned(), person.updated_at.secs().into());
    }
    if scope::contains(scope, "email") && put(&mut claims, "email", person.email.as_ref()) {
        claims.insert("email_verified".to_owned(), person.email_verified.into());
    }
    if scope::contains(scope, "phone") && put(&mut claims, "phone_number", person.phone_number.as_ref()) {
        claims.insert("phone_number_verified".to_owned(), person.phone_verified.into());
    }
    claims
}

fn put(claims: &mut Map<String, Value>, name: &str, value: Option<&String>) -> bool {
    let value = value.filter(|value| !value.is_empty());
    if let Some(value) = value {
        claims.insert(name.to_owned(), value.as_str().into());
    }
    value.is_some()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{bearer, claims_of};
    use crate::{gate::facts::Person, kernel::clock::Timestamp};

    fn person() -> Person {
        Person {
            id: Uuid::from_u128(7),
            username: "zhangsan".to_owned(),
            display_name: None,
            email: Some("z@example.com".to_owned()),
            email_verified: false,
            phone_number: None,
            phone_verified: false,
            picture: Some(String::new()),
            locale: Some("zh-CN".to_owned()),
            particulars: Default::default(),
            updated_at: Timestamp::from_millis(1_700_000_000_999),
            active: true,
        }
    }

    #[test]
    fn claims_follow_the_scope_and_are_never_empty() {
        let claims = claims_of(&person(), "openid");
        assert_eq!(claims.len(), 1);
        let claims = claims_of(&person(), "openid profile email phone");
        assert_eq!(claims["name"], "zhangsan");
        assert_eq!(claims["email_verified"], false);
        assert_eq!(claims["updated_at"], 1_700_000_000);
        for absent in ["picture", "phone_number", "phone_number_verified"] {
            assert!(!claims.contains_key(absent), "{absent}");
        }
    }

    #[test]
    fn one_token_in_one_place() {
        assert_eq!(bearer(Some("bEaReR abc"), None).unwrap(), "abc");
        assert_eq!(bearer(None, Some(b"access_token=abc")).unwrap(), "abc");
        let twice = bearer(Some("Bearer abc"), Some(b"access_token=abc")).unwrap_err();
        assert_eq!(twice.failure.entry.number, "OP-162");
        for header in [None, Some("Basic abc"), Some("Bearer")] {
            assert_eq!(bearer(header, Some(b"x=1")).unwrap_err().failure.entry.number, "OP-160");
        }
    }
}
