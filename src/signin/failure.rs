//! What can go wrong on the way in, before the gate is asked.

use crate::catalogue;

catalogue! {
    /// Failures of signing in.
    pub enum SignInFailure {
        /// The journey is unknown or too old.
        JourneyUnknown = "SI-101", 400, "This sign-in has expired. Go back to the application and start again.",
            "本次登录已过期，请返回应用重新开始。", "Journeys live 15 minutes; the person waited longer or opened an old link.";
        /// The `state` is unknown, or older than its lifetime.
        StateUnknown = "SI-102", 400, "This sign-in has expired. Go back to the application and start again.",
            "本次登录已过期，请返回应用重新开始。", "The state in the callback was never issued here, or was issued more than 10 minutes ago.";
        /// Another browser than the one that started.
        OtherBrowser = "SI-103", 403, "This sign-in was started in another browser, so it cannot be finished here.",
            "本次登录由另一个浏览器发起，无法在此完成。", "Either cookies are blocked, or somebody tried to sign this browser in as another person (login CSRF).";
        /// WeCom returned without a code: the person declined.
        Declined = "SI-104", 403, "You declined to sign in with WeCom.",
            "您取消了企业微信登录。", "Nothing to do.";
        /// The portal has no door at all.
        NoDoor = "SI-105", 403, "No way of signing in is set up for this application.",
            "该应用尚未配置登录方式。", "Create an auth source, enable it, and let the client accept it.";
        /// The door is not one of the portal's.
        UnknownDoor = "SI-106", 404, "This way of signing in does not exist here.",
            "该登录方式不存在。", "The link names an auth source the portal does not accept.";
        /// The callback came for another corp than the door's.
        ForeignAppId = "SI-107", 400, "WeCom returned for another company.",
            "企业微信返回了其他企业的登录结果。", "The appid in the callback differs from the auth source's corp ID.";
        /// A callback without state, or with one no version of ours writes.
        CallbackMalformed = "SI-108", 400, "The reply from WeCom could not be read.",
            "无法读取企业微信返回的内容。", "The callback needs a state of 32 characters and, unless declined, a code.";
    }
}
