//! Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a request that is sent again with the same key is not carried out again, but
//! answered as it was the first time.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
mod store;
