//! Request parameters: parsing and encoding of query strings and forms. Pure.
//!
//! RFC 6749 §3.1: a parameter without a value counts as absent, none may come twice, unknown ones are ignored. Only `resource` may be
//! repeated (RFC 8707 §2). Control characters stand in no parameter of any of our specifications, but for the white space of JSON.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::failure::{Fault, OidcFailure};
use crate::kernel::validation::{is_line, is_paragraph};

/// The one parameter that may come several times (RFC 8707 §2).
const REPEATABLE: &str = "resource";

/// The one parameter that is JSON, where line breaks and tabs are white space (RFC 8259 §2).
const JSON: &str = "claims";

/// Longest name of a parameter that is repeated in an answer, bytes.
const LONGEST_NAME: usize = 40;

/// Longest `state`, bytes, wherever one is sent: it is kept, and comes back in a header of the answer.
const LONGEST_STATE: usize = 4096;

/// The parameters of one request in the order sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Parses a query string or a form body.
    pub fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Wraps names and values.
    pub const fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// A copy without these names.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(key, _)| !names.contains(&key.as_str()));
        Self(kept.cloned().collect())
    }

    /// A copy with this one value under a name, in place of all that was there.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut params = self.without(&[name]);
        params.0.push((name.to_owned(), value.to_owned()));
        params
    }

    /// Bytes of all names and values.
    pub fn size(&self) -> usize {
        self.0
            .iter()
            .map(|(key, value)| key.len().saturating_add(value.len()))
            .sum()
    }

    /// The value under a name; the first if there are several, which [`Params::unique`] refuses.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values under a name, in the order sent.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.0.iter().filter(move |(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value under a name, owned.
    pub fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The `state`, if there is one.
    ///
    /// # Errors
    /// `OP-123` for one of more than 4,096 bytes, which comes back in no answer.
    pub fn state(&self) -> Result<Option<&str>, Fault> {
        match self.get("state") {
            Some(state) if state.len() > LONGEST_STATE => Err(OidcFailure::ParameterTooLong.because("state")),
            state => Ok(state),
        }
    }

    /// The value under a name that must be there.
    ///
    /// # Errors
    /// `OP-140` naming the parameter.
    pub fn required(&self, name: &str) -> Result<&str, Fault> {
        self.get(name)
            .ok_or_else(|| OidcFailure::ParameterMissing.because(name))
    }

    /// Refuses a request in which one of `names` comes twice or holds control characters.
    ///
    /// # Errors
    /// `OP-110` and `OP-129` naming the parameter.
    pub fn unique_among(&self, names: &[&str]) -> Result<(), Fault> {
        let twice = names
            .iter()
            .find(|name| self.0.iter().filter(|(key, _)| key == *name).count() > 1);
        twice.map_or(Ok(()), |name| Err(OidcFailure::DuplicateParameter.because(*name)))?;
        self.plain(|name| names.contains(&name))
    }

    /// Refuses a request in which any parameter but `resource` comes twice, or any holds control characters.
    ///
    /// # Errors
    /// `OP-110` and `OP-129` naming the parameter.
    pub fn unique(&self) -> Result<(), Fault> {
        let mut names: Vec<&str> = self.0.iter().map(|(key, _)| key.as_str()).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [left, right] if left == right && *left != REPEATABLE => Some(*left),
            _ => None,
        });
        twice.map_or(Ok(()), |name| Err(OidcFailure::DuplicateParameter.because(shown(name))))?;
        self.plain(|_| true)
    }

    fn plain(&self, looked_at: impl Fn(&str) -> bool) -> Result<(), Fault> {
        let is_plain = |(name, value): &&(String, String)| {
            is_line(name) && (is_line(value) || name == JSON && is_paragraph(value))
        };
        let mut pairs = self.0.iter().filter(|(name, _)| looked_at(name));
        match pairs.find(|pair| !is_plain(pair)) {
            Some((name, _)) => Err(OidcFailure::ControlCharacters.because(shown(name))),
            None => Ok(()),
        }
    }
}

/// The name of a parameter as an answer repeats it: anything that is no such name is somebody's text.
fn shown(name: &str) -> &str {
    let is_name = name.len() <= LONGEST_NAME
        && name
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.'));
    if is_name { name } else { "the name of a parameter" }
}

/// Encodes fields for a query or form, spaces as `%20`, which every reader understands.
pub fn encode<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    encoded.replace('+', "%20")
}

/// An address with fields added to its query; the address itself stays as registered, character by character.
pub fn with_query(address: &str, query: &str) -> String {
    if query.is_empty() {
        return address.to_owned();
    }
    let separator = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{address}{separator}{query}")
}

#[cfg(test)]
mod tests {
    use super::{Params, encode, with_query};

    #[test]
    fn an_empty_value_counts_as_absent_and_order_does_not_matter() {
        let params = Params::parse(b"b=2&nonce=&a=%E9%97%A8+1");
        assert_eq!(params.get("a"), Some("门 1"));
        assert_eq!(params.get("nonce"), None);
        assert!(params.required("nonce").is_err());
        assert!(params.unique().is_ok());
    }

    #[test]
    fn twice_is_refused_by_name_even_with_the_same_value() {
        let params = Params::parse(b"a=1&b=2&a=1");
        let fault = params.unique().unwrap_err();
        assert_eq!(fault.failure.detail.as_deref(), Some("a"));
        assert!(params.unique_among(&["b"]).is_ok());
        assert!(params.unique_among(&["a"]).is_err());
    }

    #[test]
    fn control_characters_are_refused_by_name_and_never_repeated() {
        for (sent, told) in [
            ("a=1&nonce=%00", "nonce"),
            ("x=%1b", "x"),
            ("x=%7F", "x"),
            ("x=%C2%85", "x"),
            ("resource=a&resource=%0A", "resource"),
            ("a%00b=1", "the name of a parameter"),
            ("claims=%00", "claims"),
            ("claims=%1f", "claims"),
        ] {
            let fault = Params::parse(sent.as_bytes()).unique().unwrap_err();
            assert_eq!(
                (fault.error, fault.failure.entry.number),
                ("invalid_request", "OP-129"),
                "{sent}"
            );
            assert_eq!(fault.failure.detail.as_deref(), Some(told), "{sent}");
        }
        let long = format!("{0}=1&{0}=2", "x".repeat(41));
        let fault = Params::parse(long.as_bytes()).unique().unwrap_err();
        assert_eq!(fault.failure.detail.as_deref(), Some("the name of a parameter"));
        assert!(
            Params::parse(b"a=%20&b=%E9%97%A8&claims=%7B%0D%0A%09%7D")
                .unique()
                .is_ok()
        );
        assert!(Params::parse(b"a=%00&b=1").unique_among(&["b"]).is_ok());
        assert!(Params::parse(b"a=%00&b=1").unique_among(&["a"]).is_err());
    }

    #[test]
    fn only_resource_may_be_repeated() {
        let params = Params::parse(b"resource=b&x=1&resource=&resource=a");
        assert!(params.unique().is_ok());
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["b", "a"]);
    }

    #[test]
    fn addresses_keep_their_own_query() {
        let query = encode([("state", "a b+c&d"), ("iss", "http://x")]);
        assert_eq!(query, "state=a%20b%2Bc%26d&iss=http%3A%2F%2Fx");
        assert_eq!(with_query("https://p/cb", "x=1"), "https://p/cb?x=1");
        assert_eq!(with_query("https://p/cb?k=v", "x=1"), "https://p/cb?k=v&x=1");
        assert_eq!(with_query("https://p/cb?", "x=1"), "https://p/cb?x=1");
        assert_eq!(with_query("https://p/cb?k=v", ""), "https://p/cb?k=v");
    }

    #[test]
    fn what_is_sent_on_is_fit_for_a_header() {
        assert_eq!(
            encode([("a", "\n"), ("b", "1 2"), ("c", "\u{fffd}")]),
            "a=%0A&b=1%202&c=%EF%BF%BD"
        );
    }

    #[test]
    fn bytes_that_are_no_text_do_not_disturb() {
        assert!(Params::parse(b"%FF=%00&%&&=&==").get("nothing").is_none());
    }
}
