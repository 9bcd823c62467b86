//! Failures of signing in (`SI-…`) that arise before the gate is asked.

use crate::catalogue;

catalogue! {
    /// Failures of signing in.
    pub enum SignInFailure {
        /// The journey is unknown or too old.
        JourneyUnknown = "SI-101", 400, "This sign-in has expired. Go back to the application and start again.",
            "本次登录已过期，请返回应用重新开始。", "Journeys live 15 minutes; the person waited longer or opened an old link.", "一次登录过程的有效期为15分钟；用户等待过久，或打开了旧链接。";
        /// The `state` is unknown, or older than its lifetime.
        StateUnknown = "SI-102", 400, "This sign-in has expired. Go back to the application and start again.",
            "本次登录已过期，请返回应用重新开始。", "The state in the callback was never issued here, or was issued more than 10 minutes ago.", "回调中的state从未由此处签发，或签发已超过10分钟。";
        /// Another browser than the one that started.
        OtherBrowser = "SI-103", 403, "This sign-in was started in another browser, so it cannot be finished here.",
            "本次登录由另一个浏览器发起，无法在此完成。", "Either cookies are blocked, or somebody tried to sign this browser in as another person (login CSRF).", "可能是浏览器禁用了Cookie，也可能是有人试图让此浏览器以他人身份登录（登录CSRF）。";
        /// WeCom returned without a code: the person declined.
        Declined = "SI-104", 403, "You declined to sign in with WeCom.",
            "您取消了企业微信登录。", "Nothing to do.", "无需处理。";
        /// The portal has no auth source at all.
        NoAuthSource = "SI-105", 403, "No way of signing in is set up for this application.",
            "该应用尚未配置登录方式。", "Create an auth source, enable it, and let the client accept it.", "请新建认证源并启用，然后让门户接受它。";
        /// The auth source is not one of the portal's.
        UnknownAuthSource = "SI-106", 404, "This way of signing in does not exist here.",
            "该登录方式不存在。", "The link names an auth source the portal does not accept.", "该链接所指的认证源不被门户接受。";
        /// The callback came for another corp than the auth source's.
        ForeignAppId = "SI-107", 400, "WeCom returned for another company.",
            "企业微信返回了其他企业的登录结果。", "The appid in the callback differs from the auth source's corp ID.", "回调中的appid与认证源的企业ID不一致。";
        /// The callback has no `state`, or one no version of ours writes.
        CallbackMalformed = "SI-108", 400, "The reply from WeCom could not be read.",
            "无法读取企业微信返回的内容。", "The callback needs a state of 32 characters and, unless declined, a code.", "回调须带有32个字符的state；除用户取消外，还须带有code。";
        /// WeCom knew none of several codes of this journey.
        TooManyCodes = "SI-140", 429, "Too many tries failed. Go back to the application and start again.",
            "失败次数过多，请返回应用重新开始。", "WeCom knew none of the last codes this browser came back with. If it happens to honest people, another program exchanges the codes of this app, or the code is another app's.",
            "此浏览器最近几次带回的code，企业微信均不认识。如果正常用户遇到此情况，可能是其他程序在兑换该应用的code，或code属于其他应用。";
        /// WeCom gave the details of somebody else than the person who is signed in.
        ForeignDetails = "SI-213", 502, "WeCom answered about another person.",
            "企业微信返回了其他人的信息。", "Nothing of it was kept, and the sign-in went on. Whoever agreed on WeCom's page is not who is signed in in that browser, as where two people share a phone; if it happens often, another program mixes up the answers of this app.",
            "所返回的内容均未保存，登录照常继续。在企业微信页面上同意的人不是该浏览器中已登录的人，例如两人共用一部手机；如经常出现，可能是其他程序混淆了该应用的应答。";
        /// Something came of the trial already.
        TrialOver = "SI-210", 409, "This trial of a sign-in is over. Nobody was signed in by it.",
            "此次试登录已结束，没有任何人因此登录。", "Each trial has one outcome, the first. Make a new one: POST /api/v1/clients/ID/trials, or the button on the portal's pages of the console.",
            "每次试登录只有一个结果，即第一个。请新建一次：POST /api/v1/clients/ID/trials，或使用控制台中门户页面上的按钮。";
        /// The trial is unknown or too old.
        TrialUnknown = "SI-211", 404, "This trial of a sign-in has expired.",
            "此次试登录已过期。", "Trials can be gone through for 10 minutes. Make a new one: POST /api/v1/clients/ID/trials, or the button on the portal's pages of the console.",
            "试登录须在10分钟内完成。请新建一次：POST /api/v1/clients/ID/trials，或使用控制台中门户页面上的按钮。";
        /// One admin made too many trials.
        TooManyTrials = "SI-212", 429, "Too many trials of sign-ins were made. Try again in ten minutes.",
            "试登录次数过多，请十分钟后再试。", "One admin may make 30 in ten minutes.", "每位管理员十分钟内可新建30次。";
    }
}

catalogue! {
    /// Failures of passwords, one-time codes and one-time links. None tells which of its several causes it was.
    pub enum PasswordFailure {
        /// Wrong username, wrong password, no password, locked, or too many tries from that address.
        WrongOrTooMany = "SI-201", 403, "The username or password is wrong, or there were too many attempts.",
            "用户名或密码不正确，或尝试次数过多。",
            "After password.user_failures strangers are refused at a name, after password.address_failures from an address, for a while; a browser the user signed in with before is counted by itself. The audit log has the failure; a new one-time link unlocks the user.",
            "失败次数达到password.user_failures后，陌生浏览器在一段时间内不能登录该用户名；达到password.address_failures后，该地址在一段时间内不能登录。该用户曾登录过的浏览器单独计数。审计日志中有失败记录；新的一次性链接可解除锁定。";
        /// Wrong code, used code, or locked.
        WrongCode = "SI-202", 403, "The code is wrong or was used already, or there were too many attempts.",
            "验证码不正确或已使用过，或尝试次数过多。",
            "Check the clock of the phone; each code works once. Whoever lost their phone uses a recovery code, or an admin removes the user's one-time codes.",
            "请检查手机的时钟；每个验证码只能使用一次。手机丢失的人可使用恢复码，或由管理员移除其一次性验证码。";
        /// A link that was used, replaced, or is too old.
        LinkUnknown = "SI-203", 404, "This link leads nowhere any more: it was used already, has expired, or the account has another address by now.",
            "该链接已无效：已使用、已过期，或账号的邮箱已更改。", "Links work once, and only the newest: 30 minutes for a forgotten password, 24 hours otherwise. One that was mailed works as long as the account has that address, and none for somebody without access. Ask again where it was asked for: on the sign-in page, under My e-mail address, or an administrator.", "链接只能使用一次，且仅最新的有效：忘记密码的链接为30分钟，其他为24小时。通过邮件发送的链接仅在账号仍使用该邮箱时有效；没有访问权限的人的链接均无效。请在原处重新请求：登录页面、“我的邮箱”，或联系管理员。";
        /// The chosen password violates the password policy.
        PasswordUnfit = "SI-204", 400, "This password cannot be used.",
            "该密码不可用。", "At least 12 and at most 256 characters, not the username, none of the most common passwords, the same twice.", "密码须为12至256个字符，不得与用户名相同，不得为最常用的密码，两次输入须一致。";
        /// Too many asked for new passwords from one network.
        TooManyMails = "SI-206", 429, "New passwords were asked for too often. Try again in a quarter of an hour.",
            "请求重设密码过于频繁，请一刻钟后再试。", "One network may ask 20 times in a quarter of an hour; of IPv6 a /64, and more of those around it. An admin can make a link instead.",
            "同一网络一刻钟内可请求20次（IPv6按/64计，其上级网络更多）。管理员可改为生成链接。";
        /// No one-time codes, and a password that is no leave to set them up.
        CodesMissing = "SI-205", 403, "Besides the password a one-time code is needed here, and you have set none up. Ask your administrator for a link to set it up.",
            "此处除密码外还需要一次性验证码，而您尚未设置。请向管理员索取设置链接。",
            "POST /api/v1/users/ID/totp-link, or menjin admin owner reset on the machine. Within a day of choosing a password by an administrator's link, codes are set up on the way; later a password alone, which may have leaked, must not be enough for somebody with a role in the console, nor ever one that was chosen by a link mailed for a forgotten password.",
            "请使用POST /api/v1/users/ID/totp-link，或在服务器上运行menjin admin owner reset。通过管理员生成的链接设置密码后的一天之内，验证码会在登录途中设置；此后拥有控制台角色的人仅凭密码（可能已泄露）不能设置验证码；通过“忘记密码”邮件设置的密码则始终不能。";
    }
}

catalogue! {
    /// Failures of passkeys. What is wrong with a sign-in is never told.
    pub enum PasskeyFailure {
        /// Unknown or removed credential, wrong signature, another challenge, no user verification, or too many tries.
        NotAccepted = "SI-220", 403, "The passkey was not accepted, or there were too many attempts.",
            "通行密钥未被接受，或尝试次数过多。",
            "The passkey was removed, or the try took more than five minutes. Try again, or sign in another way. The audit log has the failure with its cause.",
            "该通行密钥已被移除，或操作超过了五分钟。请重试，或以其他方式登录。审计日志中有此次失败及其原因。";
        /// Passkeys are not available at this address, or not for this portal.
        NotHere = "SI-221", 404, "Passkeys cannot be used here.",
            "此处不能使用通行密钥。", "Browsers have passkeys where public_url is https with a domain name; the portal must take passwords.", "public_url为https且使用域名时，浏览器才提供通行密钥；门户须接受密码登录。";
        /// The session was not proven strongly in the last quarter of an hour.
        ProofNeeded = "SI-222", 403, "Prove first who you are: sign in again with a code, a passkey or WeCom. A password alone is not enough.",
            "请先证明您的身份：使用验证码、通行密钥或企业微信重新登录，仅凭密码不够。", "Sign in again and come back within 15 minutes. Whoever has neither codes nor a passkey asks for a link for codes.",
            "请重新登录，并在15分钟内返回。既没有验证码也没有通行密钥的人，请索取设置验证码的链接。";
        /// What the browser sent is no new passkey, or answers no question that was asked here.
        Unfit = "SI-223", 400, "The passkey could not be set up.",
            "无法设置该通行密钥。", "The try took more than five minutes, or the browser's answer could not be verified. Try again, if need be with another device.", "操作超过了五分钟，或浏览器的应答未通过验证。请重试，必要时换一台设备。";
        /// Ten already.
        TooMany = "SI-224", 409, "You have ten passkeys, and there can be no more.",
            "您已有十个通行密钥，不能再添加。", "Remove one that is not used any more.", "请移除一个不再使用的通行密钥。";
        /// The credential is registered.
        KnownAlready = "SI-225", 409, "This passkey is set up already.",
            "该通行密钥已设置过。", "Each device or security key is set up once.", "每台设备或每个安全密钥只需设置一次。";
        /// The name is empty, too long, or more than one line.
        NameUnfit = "SI-226", 400, "The name must have 1 to 64 characters.",
            "名称须为 1 至 64 个字符。", "Call it by the device it is in, for instance.", "例如，可以用所在设备的名称命名。";
        /// Not there, or somebody else's.
        Unknown = "SI-227", 404, "There is no such passkey.",
            "没有这个通行密钥。", "It was removed, or belongs to somebody else. Open the page again.", "该通行密钥已被移除，或属于他人。请重新打开此页面。";
        /// The authenticator keeps no credential that is found without a username.
        NeedsUsername = "SI-228", 400, "This device or security key cannot keep passkeys that work without a username.",
            "该设备或安全密钥不支持免用户名的通行密钥。", "Use another device or security key. Remove what it may have kept for this address.", "请使用其他设备或安全密钥，并移除该设备可能为此地址保存的通行密钥。";
        /// Password right, no one-time codes, but a passkey.
        PasskeyInstead = "SI-229", 403, "Sign in with your passkey. A password alone is not enough here, and you have set up no one-time codes.",
            "请使用通行密钥登录。此处仅凭密码不够，而您尚未设置一次性验证码。", "Who lost the passkey asks for a link to set up one-time codes: POST /api/v1/users/ID/totp-link.",
            "丢失通行密钥的人，请索取设置一次性验证码的链接：POST /api/v1/users/ID/totp-link。";
        /// The browser has no session.
        NotSignedIn = "SI-230", 403, "You are not signed in in this browser.",
            "您尚未在此浏览器中登录。", "Sign in at the console or at any application, then open this page again.", "请登录控制台或任一应用，然后重新打开此页面。";
        /// The confirmation token (CSRF) is not that of this session.
        Unconfirmed = "SI-231", 403, "This could not be confirmed in this browser.",
            "无法在此浏览器中确认该操作。", "Open the page again. A form that another site posted is refused with this number too.", "请重新打开此页面。其他网站提交的表单也会以此编号拒绝。";
        /// Neither a password nor a console role.
        NotForYou = "SI-232", 403, "Passkeys take the place of a password, and you do not sign in with one.",
            "通行密钥用于代替密码，而您并不使用密码登录。", "Who signs in with WeCom needs no passkey. An admin gives somebody a password by a link.", "使用企业微信登录的人不需要通行密钥。管理员可通过链接让人设置密码。";
    }
}

catalogue! {
    /// Failures of what is mailed to people.
    pub enum MailFailure {
        /// No address, one that takes no mail, or no channel.
        NoMail = "SI-240", 409, "No mail can be sent to this account: it has no e-mail address, or no channel for e-mail is enabled.",
            "无法向该账号发送邮件：没有邮箱地址，或没有启用的邮件渠道。", "Enter an address for the user, and enable a channel for e-mail under Settings, Notices; or hand the link over yourself.", "请为该用户填写邮箱地址，并在设置的通知页面启用邮件渠道；也可自行转交链接。";
        /// One person asked too often, or one address was mailed too often.
        TooOften = "SI-241", 429, "This was asked for too often. Try again later.",
            "请求过于频繁，请稍后再试。", "One person may ask five times an hour, and one address is mailed six links a day, whoever asks. The link of the last mail works for a day; look for it also among unwanted mails.", "每人每小时可请求五次；无论由谁请求，每个邮箱每天最多收到六封链接邮件。最近一封邮件中的链接一天内有效，请同时查看垃圾邮件。";
        /// Somebody else is signed in in this browser.
        AnotherAccount = "SI-242", 403, "This link is for another account than the one that is signed in in this browser.",
            "该链接属于另一个账号，而非此浏览器中已登录的账号。", "Open it in a browser in which nobody else is signed in, and only if the account is yours.", "请在没有他人登录的浏览器中打开，且仅当该账号属于您时。";
        /// Another active user proved this address, and nobody is signed in in this browser.
        SignInFirst = "SI-244", 403, "Another account has verified this address. If the account in the mail is yours, sign in with it in this browser, then open the link again.",
            "另一个账号已验证此邮箱。如果邮件中的账号属于您，请先在此浏览器中以该账号登录，再打开链接。", "With a press here the address would be verified for this account and for the other no longer, so it takes somebody who can sign in as it.",
            "在此点击后，该邮箱将归于此账号，另一账号的验证即告终止，因此须由能登录此账号的人操作。";
        /// A console role: an address that was not entered since it was given, or a link to one-time codes.
        NotByMail = "SI-243", 409, "This link is not mailed: the account has a role in the console. Hand it over.",
            "此链接不通过邮件发送：该账号拥有控制台角色。请自行转交。",
            "To people with a console role a link to a password is mailed only at an address that was entered together with their present role or since (PATCH /api/v1/users/ID with email, also with the address that stands there), and a link to one-time codes never.",
            "对拥有控制台角色的人，只有在授予其当前角色时或之后填写的邮箱（PATCH /api/v1/users/ID，字段email，即使与现有邮箱相同）才会收到设置密码的链接；设置一次性验证码的链接一律不发送。";
    }
}
