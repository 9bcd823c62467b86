//! The problem replies (RFC 9457) of operations. Those that follow from an operation's shape are added to each by [`refine`](super::refine);
//! the types here are named in `responses(…)` by operations that can give more.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

/// What a status means in every operation.
pub fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read: malformed, or with a field or parameter that is not known.",
        401 => "No API token, or one that is unknown, expired or revoked.",
        403 => "The role of the API token does not allow this.",
        404 => "There is no such entry.",
        408 => "The body did not arrive in time.",
        409 => "The state of things forbids it; the number and the detail say why.",
        413 => "The body is larger than 1 MiB.",
        415 => "The content type is not JSON.",
        422 => "A value cannot be accepted; the detail names every field at fault and what is expected there.",
        429 => "Too often; try again later.",
        500 => "Something failed inside Menjin; the reference leads to the log.",
        502 => "WeCom, or another server that was asked, did not answer as it should.",
        503 => "The database, or another part that is needed, cannot be reached; try again later.",
        _ => "Failed.",
    }
}

/// A problem reply.
pub fn problem(status: u16) -> Response {
    ResponseBuilder::new()
        .description(meaning(status))
        .content(
            "application/problem+json",
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build(),
        )
        .build()
}

macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident = $status:literal;)*) => { $(
        $(#[$meta])*
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([($status.to_string(), problem($status).into())])
            }
        }
    )* };
}

problems! {
    /// 404 of an operation without a path parameter: what a field or parameter names does not exist.
    NotFound = 404;
    /// 409.
    Conflict = 409;
    /// 422 of an operation without a body: a parameter, or the state of what it is about, cannot be accepted.
    Invalid = 422;
    /// 429.
    TooMany = 429;
    /// 502.
    BadGateway = 502;
}
