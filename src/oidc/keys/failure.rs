//! Failures of changing the signing keys by hand.

use crate::catalogue;

catalogue! {
    /// Failures of key rotation.
    pub enum KeyFailure {
        /// Somebody else changed the keys between reading and writing.
        Changing = "KY-101", 409, "The signing keys were changed by somebody else at the same time.",
            "签名密钥正被他人更换。", "Look at the keys (menjin keys list, GET /api/v1/keys) and ask again if it is still needed.", "请查看密钥（menjin keys list，GET /api/v1/keys），如仍需要，请再次请求。";
    }
}
