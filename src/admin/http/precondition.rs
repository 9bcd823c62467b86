//! Preconditions (RFC 9110, section 13): callers of operations on resources that have an entity tag. Every other operation refuses `If-Match`,
//! because its handler takes a plain [`Caller`].

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header::{ETAG, IF_MATCH, IF_NONE_MATCH},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    authorization::{Caller, Needed, NoQuery, admit, lines},
    reply,
};
use crate::kernel::{
    entity_tag::{IfMatch, IfNoneMatch, PreconditionFailure, Tagged},
    failure::{Failure, Result},
};

/// A caller as [`Caller`], with what their headers demand of the resource. A handler that changes the resource hands
/// [`if_match`](Self::if_match) on to its use case, whose store judges it against the row it has locked; one that reads it answers by
/// [`shown`](Self::shown) or [`shown_anew`](Self::shown_anew).
pub struct Matched<N, Q = NoQuery> {
    caller: Caller<N, Q>,
    /// To be judged before anything is changed.
    pub if_match: IfMatch,
    if_none_match: IfNoneMatch,
}

impl<N, Q> Deref for Matched<N, Q> {
    type Target = Caller<N, Q>;

    fn deref(&self) -> &Self::Target {
        &self.caller
    }
}

impl<N, Q> Matched<N, Q> {
    /// 200 with the resource and its tag, or 304 where the reader has this state.
    ///
    /// # Errors
    /// `AD-114` where `If-Match` demanded another state.
    pub fn shown(&self, view: &(impl Serialize + Tagged)) -> Result<HttpResponse> {
        self.if_match.judge(view.entity_tag())?;
        if self.if_none_match.has(view.entity_tag()) {
            let tag = (ETAG, view.entity_tag().to_string());
            return Ok(HttpResponse::NotModified().insert_header(tag).finish());
        }
        Ok(reply::tagged(view))
    }

    /// 200 with the resource and its tag, also where the reader has this state: for what shows more than its tag stands for.
    ///
    /// # Errors
    /// `AD-114` where `If-Match` demanded another state.
    pub fn shown_anew(&self, view: &(impl Serialize + Tagged)) -> Result<HttpResponse> {
        self.if_match.judge(view.entity_tag())?;
        Ok(reply::tagged(view))
    }
}

impl<N: Needed, Q: DeserializeOwned> FromRequest for Matched<N, Q> {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(matched(request))
    }
}

fn matched<N: Needed, Q: DeserializeOwned>(request: &HttpRequest) -> Result<Matched<N, Q>> {
    let caller = admit(request)?;
    if !request.method().is_safe() && request.headers().contains_key(IF_NONE_MATCH) {
        return Err(PreconditionFailure::Unsupported
            .failure()
            .detail("If-None-Match is for reading"));
    }
    Ok(Matched {
        caller,
        if_match: IfMatch::parse(lines(request, &IF_MATCH))?,
        if_none_match: IfNoneMatch::parse(lines(request, &IF_NONE_MATCH))?,
    })
}
