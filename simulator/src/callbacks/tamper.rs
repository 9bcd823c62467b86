//! What can be wrong with a callback on demand (reference §6.7).

use serde::{Deserialize, Serialize};

/// The part to tamper with. All but `Signature` are signed correctly. Where there is no other suite, its key and id are made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tamper {
    /// One digit of the signature.
    Signature,
    /// Encrypted with another key.
    Key,
    /// Another receive id.
    ReceiveId,
    /// The length points beyond the buffer.
    Length,
    /// A padding byte of 33.
    Padding,
    /// The base64 is cut.
    Base64,
    /// Timestamp of an hour ago: a replay.
    Stale,
    /// Sealed as another suite's: its Token, its EncodingAESKey, its id.
    OtherSuite,
    /// Encrypted with the EncodingAESKey of another suite.
    OtherSuiteKey,
    /// The id of another suite as receive id.
    OtherSuiteId,
    /// The own suite id as receive id, where a corpid belongs.
    SuiteId,
    /// The provider's corpid as receive id.
    ProviderId,
}
