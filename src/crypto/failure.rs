//! Failures of sealing and password hashing (`CR-…`).

use crate::catalogue;

catalogue! {
    /// Failures of sealing and hashing.
    pub enum CryptoFailure {
        /// A sealed value does not open: another key, another context, or damaged.
        Unreadable = "CR-101", 500, "A stored secret could not be opened.",
            "存储的密钥无法解封。", "The seal key is not the one these secrets were sealed with: restore it, or enter the secrets again.";
        /// There is no usable seal key.
        NoKey = "CR-102", 500, "There is no usable seal key.",
            "没有可用的封存密钥。", "Set seal.key or seal.key_file to 64 hex digits.";
        /// The queue of password hashes is full.
        HashingBusy = "CR-103", 503, "Too many people are signing in at this moment. Please try again shortly.",
            "当前登录人数过多，请稍后再试。", "Passwords are checked password.parallel at a time, and password.queue may wait.";
        /// A stored password hash cannot be read.
        HashUnreadable = "CR-104", 500, "A stored password could not be read.",
            "无法读取已存储的密码。", "The log line with this reference has the cause; set a new password by a one-time link.";
    }
}
