//! What alerts tell besides what the doctor finds (`NO-13…`). Status 200: nobody is answered with them.

use crate::catalogue;

catalogue! {
    /// What is no fault of the installation, and yet somebody must hear of.
    pub enum AlertKind {
        /// Another network, or another browser, than those that this person was seen in.
        NewPlace = "NO-130", 200, "Somebody with a console role signed in from a new place.",
            "有控制台角色的人从新的位置登录了。",
            "If it was they, nothing need be done: the place is known from now on. If not, end their sessions on the page that is named, replace their password and codes, and look at what they did (audit log).",
            "如果是其本人，则无需处理：该位置此后视为已知。如果不是，请在所列页面结束其会话，更换其密码和验证码，并在审计日志中查看其操作。";
        /// Successors are published.
        KeysChange = "NO-131", 200, "New signing keys will soon sign.",
            "即将改用新的签名密钥。",
            "Portals that read the keys from jwks_uri, as OpenID Connect has it, need nothing. A portal into which a key was copied by hand needs the new one, of jwks_uri, before that moment; until then both are published.",
            "按OpenID Connect的方式从jwks_uri读取密钥的门户无需处理。若某门户中的密钥是手动复制的，请在该时刻之前从jwks_uri换上新密钥；在此之前新旧密钥均已公布。";
    }
}
