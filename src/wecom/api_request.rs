//! One call to the API: its path and parameters, how it may be sent, and which of its values no error may repeat.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{
    list_reader::{ListReader, RowSink},
    reply_record::Digest,
};
use crate::kernel::secret::Secret;

/// Query and body fields whose values must not survive in an error text.
const SENSITIVE: &[&str] = &[
    "corpsecret",
    "access_token",
    "code",
    "user_ticket",
    "encoding_aeskey",
    "response_code",
    "suite_secret",
    "suite_ticket",
    "provider_secret",
    "permanent_code",
    "auth_code",
    "pre_auth_code",
];

/// Asked before a call is sent again: whether its caller may cause one more.
pub type Allowance = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// One call, before a token is added.
pub(super) struct ApiRequest {
    pub(super) call: &'static str,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    /// Where the rows of its long list go, as they arrive: such a reply may be larger and take longer than others.
    pub(super) rows: Option<Arc<dyn RowSink>>,
    /// By what it is known among the calls of a [`super::reply_record::ReplyRecord`]; `None`: it is not recorded.
    pub(super) digest: Option<Digest>,
    /// Its reply stays unread where it is one that was given before.
    pub(super) may_stay_unread: bool,
    /// The path that an API base answers which does not know this one (HTTP 404).
    pub(super) older_path: Option<&'static str>,
    /// The query parameter that carries the token (reference 0.3).
    pub(super) token_parameter: &'static str,
    /// None: patience alone decides how often it is sent.
    allowance: Option<Allowance>,
}

impl ApiRequest {
    /// A GET without parameters.
    pub(super) const fn new(call: &'static str) -> Self {
        Self {
            call,
            query: Vec::new(),
            body: None,
            rows: None,
            digest: None,
            may_stay_unread: false,
            older_path: None,
            token_parameter: "access_token",
            allowance: None,
        }
    }

    /// Asks this each time before the call is sent again.
    pub(super) fn within(mut self, allowance: Allowance) -> Self {
        self.allowance = Some(allowance);
        self
    }

    /// Whether it may be sent again.
    pub(super) async fn may_be_repeated(&self) -> bool {
        match &self.allowance {
            Some(allowance) => allowance().await,
            None => true,
        }
    }

    /// Adds a query parameter.
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Makes it a POST of this JSON.
    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Has the list of its reply read so.
    pub(super) fn listing<T: Send + 'static>(mut self, list: &Arc<ListReader<T>>) -> Self {
        self.rows = Some(Arc::<ListReader<T>>::clone(list));
        self
    }

    /// See the field.
    pub(super) const fn may_stay_unread(mut self) -> Self {
        self.may_stay_unread = true;
        self
    }

    /// See the field.
    pub(super) const fn older_path(mut self, path: &'static str) -> Self {
        self.older_path = Some(path);
        self
    }

    /// See the field.
    pub(super) const fn carried_by(mut self, parameter: &'static str) -> Self {
        self.token_parameter = parameter;
        self
    }

    /// Removes our own secrets from WeCom's words.
    pub(super) fn scrub(&self, token: Option<&Secret<String>>, text: &str) -> String {
        let query = self.query.iter().filter(|(name, _)| SENSITIVE.contains(name));
        let body = self
            .body
            .iter()
            .flat_map(|body| SENSITIVE.iter().filter_map(|name| body.get(name)?.as_str()));
        let secrets = query.map(|(_, value)| value.as_str()).chain(body);
        let secrets = secrets.chain(token.map(|token| token.expose().as_str()));
        secrets
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| {
                let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
                text.replace(secret, "…").replace(&encoded, "…")
            })
    }
}
