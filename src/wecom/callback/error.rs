//! Errors of callbacks: why one is refused. Reasons are fixed words: nothing from an unauthenticated request reaches the log.

use std::fmt;

use crate::{kernel::failure::Failure, wecom::failure::WeComFailure};

/// A callback that is not acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackError {
    /// Token or EncodingAESKey have another form than WeCom's.
    Key,
    /// Not signed with our token.
    Signature,
    /// Not encrypted with our key, or damaged.
    Decryption(&'static str),
    /// Meant for another receive id.
    Receiver,
    /// Neither the XML nor the JSON of the reference.
    Unreadable(&'static str),
    /// Larger than [`super::envelope::LARGEST_BODY`].
    TooLarge,
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key => f.write_str("the callback's token or key has a wrong form"),
            Self::Signature => f.write_str("the signature is not ours"),
            Self::Decryption(reason) => write!(f, "not decryptable: {reason}"),
            Self::Receiver => f.write_str("meant for another receive id"),
            Self::Unreadable(reason) => write!(f, "not readable: {reason}"),
            Self::TooLarge => f.write_str("too large"),
        }
    }
}

impl std::error::Error for CallbackError {}

impl From<CallbackError> for Failure {
    fn from(error: CallbackError) -> Self {
        let kind = match error {
            CallbackError::Key => WeComFailure::CallbackKeyInvalid,
            CallbackError::Signature => WeComFailure::CallbackNotSigned,
            CallbackError::Decryption(_) => WeComFailure::CallbackUndecryptable,
            CallbackError::Receiver => WeComFailure::CallbackMisdirected,
            CallbackError::Unreadable(_) => WeComFailure::CallbackUnreadable,
            CallbackError::TooLarge => WeComFailure::CallbackTooLarge,
        };
        kind.failure().cause(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_number() {
        let table = [
            (CallbackError::Key, "WC-180"),
            (CallbackError::Signature, "WC-181"),
            (CallbackError::Decryption("x"), "WC-182"),
            (CallbackError::Receiver, "WC-183"),
            (CallbackError::Unreadable("x"), "WC-184"),
            (CallbackError::TooLarge, "WC-185"),
        ];
        for (error, number) in table {
            assert_eq!(Failure::from(error).entry.number, number);
        }
    }
}
