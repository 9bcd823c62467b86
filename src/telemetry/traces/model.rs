//! Who exports traces, and how the collector is reached.

use std::sync::Arc;

use futures_util::future::BoxFuture;

/// Who exports.
#[derive(Clone, Debug)]
pub struct Service {
    /// `service.name`.
    pub name: String,
    /// `service.instance.id`.
    pub instance: String,
}

/// How the collector answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It has them.
    Taken,
    /// It has them but for some, which it never will take.
    TakenInPart {
        /// How many it did not take.
        rejected: u64,
        /// Why, in its words.
        why: String,
    },
    /// It may take them a moment later; why.
    Later(String),
    /// It never will; why.
    Refused(String),
}

/// Posts a protobuf message to the collector.
pub type Post = Arc<dyn Fn(Vec<u8>) -> BoxFuture<'static, Posted> + Send + Sync>;
