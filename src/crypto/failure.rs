//! What sealing can suffer.

use crate::catalogue;

catalogue! {
    /// Failures of sealing at rest.
    pub enum CryptoFailure {
        /// A sealed value does not open: another key, another place, or damaged.
        Unreadable = "CR-101", 500, "A stored secret could not be opened.",
            "存储的密钥无法解封。", "The seal key is not the one these secrets were sealed with: restore it, or enter the secrets again.";
        /// There is no usable seal key.
        NoKey = "CR-102", 500, "There is no usable seal key.",
            "没有可用的封存密钥。", "Set seal.key or seal.key_file to 64 hex digits.";
    }
}
