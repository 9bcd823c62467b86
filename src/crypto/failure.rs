//! Failures of sealing and password hashing (`CR-…`).

use crate::catalogue;

catalogue! {
    /// Failures of sealing and hashing.
    pub enum CryptoFailure {
        /// A sealed value does not open: another key, another context, or damaged.
        Unreadable = "CR-101", 500, "A stored secret could not be opened.",
            "存储的密钥无法解封。", "The seal key is not the one these secrets were sealed with: restore it, or enter the secrets again.", "当前的封存密钥不是封存这些机密时所用的那一个：请恢复原密钥，或重新填写这些机密。";
        /// There is no usable seal key.
        NoKey = "CR-102", 500, "There is no usable seal key.",
            "没有可用的封存密钥。", "Set seal.key to 64 hex digits, or seal.key_file to a file that holds them.", "请将seal.key设为64位十六进制数，或将seal.key_file设为含有该数的文件。";
        /// The queue of password hashes is full.
        HashingBusy = "CR-103", 503, "Too many people are signing in at this moment. Please try again shortly.",
            "当前登录人数过多，请稍后再试。", "Passwords are checked password.parallel at a time, and password.queue may wait.", "同时校验的密码数由password.parallel限定，可排队等待的数量由password.queue限定。";
        /// A stored password hash cannot be read.
        HashUnreadable = "CR-104", 500, "A stored password could not be read.",
            "无法读取已存储的密码。", "The log line with this reference has the cause; set a new password by a one-time link.", "日志中带有该参考码的一行记录了原因；请通过一次性链接设置新密码。";
    }
}
