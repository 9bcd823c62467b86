//! An API call with its parameters, and the type of an answer.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::{
    errmsg::{Refusal, refusal},
    policy::View,
    state::State,
    tokens::{Caller, Kind},
};

/// An API call with its parameters.
#[derive(Clone)]
pub(crate) struct ApiCall {
    pub path: String,
    pub query: HashMap<String, String>,
    /// The JSON body; null for GET and for what could not be read.
    pub body: Value,
    /// The body was there but was not JSON (§1.1).
    pub malformed: bool,
    pub ip: String,
    /// `Host` of the request: addresses in replies begin with it.
    pub host: String,
    pub now: u64,
}

impl ApiCall {
    /// A query parameter; empty counts as missing.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A field of the body that is non-empty text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body
            .get(name)
            .and_then(Value::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A numeric query parameter; 40035 when it is not a number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u32>, Refusal> {
        self.param(name)
            .map(|text| text.parse().map_err(|_| refusal(40035)))
            .transpose()
    }
}

pub(super) type Answer = Result<Map<String, Value>, Refusal>;

/// The object in a JSON value made by `json!({…})`.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The corp as the caller may see it; 40013 when it was removed meanwhile.
pub(super) fn view<'a>(state: &'a mut State, caller: &Caller) -> Result<View<'a>, Refusal> {
    state
        .corp(&caller.corp)
        .map(|corp| View::of(caller.kind, corp))
        .ok_or_else(|| refusal(40013))
}

/// The app of the token, which is the one that the call names.
pub(super) fn own_app(call: &ApiCall, caller: &Caller) -> Result<u32, Refusal> {
    let Kind::App(own) = caller.kind else {
        return Err(refusal(48002));
    };
    let agentid = number(call.body.get("agentid")).ok_or_else(|| refusal(41011))?;
    if agentid == u64::from(own) {
        Ok(own)
    } else {
        Err(refusal(301_002))
    }
}

/// A whole number, also as text.
pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
