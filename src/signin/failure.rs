//! Failures of signing in (`SI-…`) that arise before the gate is asked.

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
        /// The portal has no auth source at all.
        NoAuthSource = "SI-105", 403, "No way of signing in is set up for this application.",
            "该应用尚未配置登录方式。", "Create an auth source, enable it, and let the client accept it.";
        /// The auth source is not one of the portal's.
        UnknownAuthSource = "SI-106", 404, "This way of signing in does not exist here.",
            "该登录方式不存在。", "The link names an auth source the portal does not accept.";
        /// The callback came for another corp than the auth source's.
        ForeignAppId = "SI-107", 400, "WeCom returned for another company.",
            "企业微信返回了其他企业的登录结果。", "The appid in the callback differs from the auth source's corp ID.";
        /// The callback has no `state`, or one no version of ours writes.
        CallbackMalformed = "SI-108", 400, "The reply from WeCom could not be read.",
            "无法读取企业微信返回的内容。", "The callback needs a state of 32 characters and, unless declined, a code.";
        /// WeCom knew none of several codes of this journey.
        TooManyCodes = "SI-140", 429, "Too many tries failed. Go back to the application and start again.",
            "失败次数过多，请返回应用重新开始。", "WeCom knew none of the last codes this browser came back with. If it happens to honest people, another program exchanges the codes of this app, or the code is another app's.";
    }
}

catalogue! {
    /// Failures of passwords, one-time codes and one-time links. None tells which of its several causes it was.
    pub enum PasswordFailure {
        /// Wrong username, wrong password, no password, locked, or too many tries from that address.
        WrongOrTooMany = "SI-201", 403, "The username or password is wrong, or there were too many attempts.",
            "用户名或密码不正确，或尝试次数过多。",
            "After password.user_failures strangers are refused at a name, after password.address_failures from an address, for a while; a browser the user signed in with before is counted by itself. The audit log has the failure; a new one-time link unlocks the user.";
        /// Wrong code, used code, or locked.
        WrongCode = "SI-202", 403, "The code is wrong or was used already, or there were too many attempts.",
            "验证码不正确或已使用过，或尝试次数过多。",
            "Check the clock of the phone; each code works once. Whoever lost their phone uses a recovery code, or an admin removes the user's one-time codes.";
        /// A link that was used, replaced, or is too old.
        LinkUnknown = "SI-203", 404, "This link was used already or has expired.",
            "该链接已使用或已过期。", "Links work once and for 24 hours, and only the newest. Make a new one.";
        /// The chosen password violates the password policy.
        PasswordUnfit = "SI-204", 400, "This password cannot be used.",
            "该密码不可用。", "At least 12 and at most 256 characters, not the username, none of the most common passwords, the same twice.";
        /// A console role, a password that was not chosen lately, and no one-time codes.
        CodesMissing = "SI-205", 403, "The console needs a one-time code besides the password, and you have set none up. Ask whoever runs it for a link to set it up.",
            "登录控制台除密码外还需要一次性验证码，而您尚未设置。请向管理员索取设置链接。",
            "POST /api/v1/users/ID/totp-link, or menjin admin owner reset on the machine. Within a day of choosing a password by a link, codes are set up on the way; later a password alone, which may have leaked, must not be enough to set them up.";
    }
}
