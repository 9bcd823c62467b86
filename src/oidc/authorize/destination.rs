//! The redirect target of an authorization response: a redirect URI the client registered. Pure.
//!
//! A [`Destination`] exists only after the client is known and the redirect URI is, character by character, one of its own: only code that
//! holds one can redirect.

use serde::{Deserialize, Serialize};

use crate::{
    oidc::{
        client::Client,
        failure::Fault,
        params::{encode, with_query},
    },
    web::failure::Told,
};

/// Values of `response_mode`, as published in the discovery document.
pub const RESPONSE_MODES: [&str; 2] = ["query", "form_post"];

/// `response_mode`: how an answer is sent to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of a redirect: the default of the code flow.
    #[default]
    Query,
    /// As a form the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// Parses the parameter `response_mode`.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// A redirect URI that the client registered, with response mode and `state`.
#[derive(Clone, Debug)]
pub struct Destination {
    redirect_uri: String,
    issuer: String,
    mode: ResponseMode,
    state: Option<String>,
}

impl Destination {
    /// The only constructor: exact comparison (RFC 9700 §2.1), no prefix, no pattern, no other port.
    pub fn of(client: &Client, redirect_uri: &str, issuer: &str) -> Option<Self> {
        let registered = client.redirect_uris.iter().any(|uri| uri == redirect_uri);
        registered.then(|| Self {
            redirect_uri: redirect_uri.to_owned(),
            issuer: issuer.to_owned(),
            mode: ResponseMode::default(),
            state: None,
        })
    }

    /// With the response mode and `state` of the request.
    #[must_use]
    pub fn with(mut self, mode: ResponseMode, state: Option<String>) -> Self {
        self.mode = mode;
        self.state = state;
        self
    }

    /// The redirect URI.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// How answers are sent there.
    pub const fn mode(&self) -> ResponseMode {
        self.mode
    }

    /// A success response with one parameter.
    pub fn answer(&self, name: &'static str, value: &str) -> Answer {
        self.fields(vec![(name, value.to_owned())])
    }

    /// An error response, under a reference unless it is a normal answer.
    pub fn refuse(&self, fault: &Fault) -> Answer {
        let told = (!fault.is_normal()).then(|| Told::of(&fault.failure));
        let reference = told.as_ref().map(|told| told.reference.as_str());
        let description = fault.description(reference);
        let answer = self.fields(vec![
            ("error", fault.error.to_owned()),
            ("error_description", description),
        ]);
        Answer { told, ..answer }
    }

    /// Adds `state` unchanged and `iss` (RFC 9207), as in every response.
    fn fields(&self, mut fields: Vec<(&'static str, String)>) -> Answer {
        if let Some(state) = &self.state {
            fields.push(("state", state.clone()));
        }
        fields.push(("iss", self.issuer.clone()));
        Answer {
            redirect_uri: self.redirect_uri.clone(),
            mode: self.mode,
            fields,
            told: None,
        }
    }
}

/// An authorization response to a portal.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The redirect URI it is sent to.
    pub redirect_uri: String,
    /// How it is sent.
    pub mode: ResponseMode,
    /// Its parameters.
    pub fields: Vec<(&'static str, String)>,
    /// What an error response tells, to be logged and recorded.
    pub told: Option<Told>,
}

impl Answer {
    /// The address of a redirect with this answer in its query.
    pub fn location(&self) -> String {
        let fields = self.fields.iter().map(|(name, value)| (*name, value.as_str()));
        with_query(&self.redirect_uri, &encode(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::{Destination, ResponseMode};
    use crate::oidc::{failure::OidcFailure, tests::samples};

    #[test]
    fn only_the_exact_redirect_uri_is_a_destination() {
        let client = samples::client("https://portal.example.com/cb");
        assert!(Destination::of(&client, "https://portal.example.com/cb", "i").is_some());
        for other in [
            "https://portal.example.com/cb/",
            "https://portal.example.com/cb?x=1",
            "https://portal.example.com/cb#x",
            "https://PORTAL.example.com/cb",
            "https://portal.example.com:443/cb",
            "https://portal.example.com/c",
            "",
        ] {
            assert!(Destination::of(&client, other, "i").is_none(), "{other}");
        }
    }

    #[test]
    fn answers_echo_the_state_and_say_who_answers() {
        let client = samples::client("https://portal.example.com/cb?k=v");
        let state = "-._~ ?&=+门".to_owned();
        let to = Destination::of(&client, "https://portal.example.com/cb?k=v", "https://id")
            .unwrap()
            .with(ResponseMode::Query, Some(state.clone()));
        let location = url::Url::parse(&to.answer("code", "abc").location()).unwrap();
        let pairs: Vec<(String, String)> = location.query_pairs().into_owned().collect();
        let expected = [
            ("k", "v"),
            ("code", "abc"),
            ("state", state.as_str()),
            ("iss", "https://id"),
        ];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let refused = to.refuse(&OidcFailure::LoginRequired.into());
        let names: Vec<_> = refused.fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["error", "error_description", "state", "iss"]);
    }
}
