//! Parses the `claims` request parameter (OpenID Connect Core 5.5). Pure.
//!
//! Only names of claims that could be released are kept; everything else is ignored, as the specification wants, and so cannot fill our
//! stores.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::json;

/// Longest parameter, bytes.
const LONGEST: usize = 8 * 1024;
/// Most values of one claim.
const MOST_VALUES: usize = 20;
/// Most values of `sub` in a request.
const MOST_SUBJECTS: usize = 8;
/// Longest `sub`, bytes (OpenID Connect Core, section 2).
const LONGEST_SUBJECT: usize = 255;

/// Claims requested by name. Part of the terms of the grant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestedClaims {
    /// To be sent by userinfo.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
    /// To be sent in the ID token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
}

impl RequestedClaims {
    /// Whether nothing was asked for by name.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }
}

/// The parsed `claims` parameter of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsRequest {
    /// Claims requested by name.
    pub asked: RequestedClaims,
    /// Lists of acceptable values of `sub`; the person's must be in each of the lists.
    pub subjects: Vec<Vec<String>>,
    /// Authentication context classes wanted in the ID token, the best first.
    pub acr: Vec<String>,
    /// Whether one of them is required.
    pub acr_essential: bool,
}

/// One member: `null`, or the demands on the claim.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ClaimDemand {
    essential: bool,
    value: Option<Value>,
    values: Vec<Value>,
}

impl ClaimDemand {
    /// The values that are texts; `None` when there are too many.
    fn texts(&self) -> Option<Vec<String>> {
        let values = self.value.iter().chain(&self.values);
        let texts: Vec<String> = values.filter_map(|value| value.as_str().map(str::to_owned)).collect();
        (texts.len() <= MOST_VALUES).then_some(texts)
    }

    fn names_somebody(&self) -> bool {
        self.value.is_some() || !self.values.is_empty()
    }
}

/// Parses the parameter; `known` says which claims could be released.
///
/// # Errors
/// Which part is malformed.
pub fn parse(text: &str, known: impl Fn(&str) -> bool) -> Result<ClaimsRequest, &'static str> {
    if text.len() > LONGEST {
        return Err("longer than 8192 bytes");
    }
    let document = json::object(text.as_bytes())
        .map_err(|_| "not a JSON object with each name once and without control characters")?;
    let mut request = ClaimsRequest::default();
    for (place, wishes) in document {
        let names = match place.as_str() {
            "userinfo" => &mut request.asked.userinfo,
            "id_token" => &mut request.asked.id_token,
            _ => continue,
        };
        let Value::Object(wishes) = wishes else {
            return Err("userinfo and id_token are objects");
        };
        for (claim, wish) in wishes {
            let wish: Option<ClaimDemand> =
                json::part("claims", &wish).map_err(|_| "a member is neither null nor a wish")?;
            let wish = wish.unwrap_or_default();
            let texts = wish.texts().ok_or("more than 20 values")?;
            match claim.as_str() {
                // `sub` is always sent; a value says who the person must be (Core 5.5.1).
                "sub" if texts.len() > MOST_SUBJECTS || texts.iter().any(|text| text.len() > LONGEST_SUBJECT) => {
                    return Err("sub takes up to 8 values of up to 255 bytes");
                }
                "sub" if wish.names_somebody() => request.subjects.push(texts),
                "acr" if wish.names_somebody() && texts.is_empty() => return Err("values of acr are texts"),
                "acr" if place == "id_token" => {
                    request.acr = texts;
                    request.acr_essential = wish.essential;
                }
                name if known(name) => names.push(claim),
                _ => {}
            }
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ClaimsRequest, &'static str> {
        parse(text, |name| matches!(name, "name" | "email"))
    }

    #[test]
    fn names_are_kept_where_they_are_asked_for() {
        let request = read(
            r#"{"userinfo":{"name":{"essential":true},"email":null,"shoe_size":null},
                "id_token":{"email":{"value":"x"},"auth_time":{"essential":true}},"future":3}"#,
        )
        .unwrap();
        assert_eq!(request.asked.userinfo, ["name", "email"]);
        assert_eq!(request.asked.id_token, ["email"]);
        assert_eq!(read("{}").unwrap(), ClaimsRequest::default());
    }

    #[test]
    fn a_person_and_a_context_class_may_be_demanded() {
        let request = read(
            r#"{"id_token":{"sub":{"value":"u1"},"acr":{"essential":true,"values":["high","low"]}},
                "userinfo":{"sub":{"values":["u1","u2"]},"acr":{"values":["x"]}}}"#,
        )
        .unwrap();
        assert_eq!(request.subjects.len(), 2);
        assert_eq!(
            (request.acr, request.acr_essential),
            (vec!["high".to_owned(), "low".to_owned()], true)
        );
        assert!(read(r#"{"userinfo":{"sub":null}}"#).unwrap().subjects.is_empty());
        let nobody = read(r#"{"userinfo":{"sub":{"value":7}}}"#).unwrap();
        assert_eq!(
            nobody.subjects,
            [Vec::<String>::new()],
            "a number names nobody, and somebody is demanded"
        );
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        let many = format!(
            r#"{{"id_token":{{"acr":{{"values":[{}]}}}}}}"#,
            vec!["\"a\""; 21].join(",")
        );
        let long = format!(r#"{{"x":"{}"}}"#, "y".repeat(LONGEST));
        let deep = "[".repeat(5000);
        let named = format!(r#"{{"userinfo":{{"sub":{{"value":"{}"}}}}}}"#, "u".repeat(256));
        let crowd = format!(r#"{{"userinfo":{{"sub":{{"values":[{}]}}}}}}"#, ["\"u\""; 9].join(","));
        for text in [
            "",
            "x",
            "[]",
            "null",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":null}"#,
            r#"{"userinfo":{"name":true}}"#,
            r#"{"userinfo":{"name":[true,"x",[]]}}"#,
            r#"{"userinfo":{"name":null,"name":null}}"#,
            r#"{"id_token":{},"id_token":{}}"#,
            r#"{"id_token":{"sub":{"value":"\u0000"}}}"#,
            r#"{"userinfo":{"name":{"essential":"yes"}}}"#,
            r#"{"userinfo":{"name":{"values":"x"}}}"#,
            &many,
            &long,
            &deep,
            &named,
            &crowd,
            r#"{"id_token":{"acr":{"essential":true,"value":7}}}"#,
        ] {
            assert!(read(text).is_err(), "{}", text.get(..40).unwrap_or(text));
        }
    }
}
