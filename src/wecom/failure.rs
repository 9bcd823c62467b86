//! Failures of WeCom calls and callbacks, in words for the person and remedies for the admin, and how WeCom's codes map onto them.
//!
//! Callers who can say something more fitting (an applicant who is not visible, a code used twice) decide on [`WeComError`] first and
//! leave only the rest to this table.

use super::{
    classify::NOT_VISIBLE,
    error::{Class, WeComError},
};
use crate::{catalogue, kernel::failure::Failure};

catalogue! {
    /// Failures of speaking to WeCom.
    pub enum WeComFailure {
        /// The configured proxy is no URL, or TLS could not be set up with it.
        ProxyInvalid = "WC-101", 422, "The proxy for reaching WeCom is not set up correctly.",
            "访问企业微信的代理设置不正确。", "Set `wecom.proxy` to a URL such as http://proxy.corp.example:3128, or leave it out; `wecom.ca_file` must hold certificates in PEM form.",
            "请将`wecom.proxy`设为http://proxy.corp.example:3128这样的URL，或不设置；`wecom.ca_file`须为PEM格式的证书。";
        /// 40001, 40091.
        SecretWrong = "WC-110", 422, "WeCom does not accept the secret of this app.",
            "企业微信不接受该应用的 Secret。", "Copy the secret again from the app's page in the WeCom console, check that the app is enabled and belongs to this corp, and save. WeCom says this also while the app is switched off; the secret is tried again by itself, at most an hour apart, since WeCom blocks addresses that keep sending wrong ones.",
            "请从企业微信管理后台该应用的页面重新复制Secret，确认应用已启用且属于该企业，然后保存。应用停用时企业微信也会这样回答；系统会自动重试该Secret，间隔最长一小时，因为企业微信会封锁持续发送错误Secret的地址。";
        /// 40013.
        CorpIdWrong = "WC-111", 422, "WeCom does not know this corp ID.",
            "企业微信不认识该企业 ID。", "Copy the corp ID from My Company > Company Information at the bottom of the WeCom console, and save.", "请从企业微信管理后台“我的企业→企业信息”页面底部复制企业ID并保存。";
        /// 40056, 301002.
        AgentWrong = "WC-112", 422, "The secret does not belong to this WeCom app.",
            "该 Secret 不属于此企业微信应用。", "AgentId and secret must be of the same app: copy both again from the app's page in the WeCom console.", "AgentId和Secret须属于同一应用：请从企业微信管理后台该应用的页面重新复制两者。";
        /// 50003, 60031; 48006: switched off by WeCom because nobody used it.
        AppDisabled = "WC-113", 422, "The app is disabled in WeCom.",
            "该应用已在企业微信中停用。", "Enable the app in the WeCom console, then test the connection again.", "请在企业微信管理后台启用该应用，然后重新检测连接。";
        /// 40080.
        SuiteSecretWrong = "WC-114", 422, "WeCom does not accept the secret of this suite.",
            "企业微信不接受该服务商应用的 Secret。", "Copy the suite's secret again from its page in the provider console and save it here.", "请从服务商后台该应用的页面重新复制Secret，并在此保存。";
        /// 40083.
        SuiteIdWrong = "WC-115", 422, "WeCom does not know this suite ID.",
            "企业微信不认识该服务商应用的 SuiteID。", "Copy the SuiteID, or the ID of the template, again from its page in the provider console.", "请从服务商后台该应用的页面重新复制SuiteID或模板ID。";
        /// 40084, 48003, 48004.
        NotInstalled = "WC-116", 422, "The corp no longer authorises this app of the service provider.",
            "该企业已不再授权此服务商应用。", "Somebody deleted the app in the corp's WeCom, or its permanent code was replaced: have the corp install the app again.",
            "该企业已在企业微信中删除此应用，或其永久授权码已更换：请让该企业重新安装应用。";
        /// 40085.
        NoSuiteTicket = "WC-117", 503, "WeCom has not sent this suite a ticket that is still good.",
            "该服务商应用没有有效的 suite_ticket。", "WeCom pushes a ticket every ten minutes to the command callback of the suite, good for 30 minutes: check its URL, Token and EncodingAESKey in the provider console, and press refresh ticket there.",
            "企业微信每十分钟向该应用的指令回调URL推送一次suite_ticket，有效期30分钟：请在服务商后台检查该URL、Token和EncodingAESKey，并点击刷新Ticket。";
        /// 60020.
        IpNotTrusted = "WC-120", 422, "WeCom does not trust the address of this server.",
            "企业微信不信任本服务器的 IP 地址。", "Add the address named in the detail to the app's trusted IPs (企业可信IP) in the WeCom console; it works after about a minute. The console asks for a trusted domain or a callback URL first. For an app of a service provider, add it to the IP list (IP白名单) in the provider console.",
            "请在企业微信管理后台将详情所列的地址加入该应用的企业可信IP，约一分钟后生效。企业微信管理后台会要求先设置可信域名或接收消息服务器URL。服务商应用请加入服务商后台的IP白名单。";
        /// 50001.
        DomainNotTrusted = "WC-121", 422, "WeCom does not trust the domain of this site for this app.",
            "该站点的域名不是此应用的可信域名。", "In the WeCom console set both the callback domain of the web login and the trusted domain of the app to exactly the host and port of `public_url`.",
            "请在企业微信管理后台将网页登录的授权回调域和应用的可信域名都设为与`public_url`完全一致的主机和端口。";
        /// 45009, 45033.
        Throttled = "WC-130", 503, "WeCom is limiting requests right now. Please try again in a few minutes.",
            "企业微信正在限制请求频率，请几分钟后再试。", "The block ends with WeCom's window (a minute, an hour, a day). Look for other programs that use the same app or the same egress address.",
            "企业微信的限制期（一分钟、一小时或一天）结束后即恢复。请检查是否有其他程序使用同一应用或同一出口地址。";
        /// No readable reply, or busy after all tries.
        Unreachable = "WC-140", 502, "WeCom cannot be reached right now. Please try again.",
            "暂时无法连接企业微信，请稍后再试。", "Check outbound HTTPS, DNS and `wecom.proxy`, and `wecom.ca_file` where a certificate is not trusted; the log line with this reference number has the cause.",
            "请检查出站HTTPS、DNS和`wecom.proxy`；如果证书不受信任，请检查`wecom.ca_file`。日志中带有该参考码的一行记录了原因。";
        /// A fresh token was refused too.
        TokenRefused = "WC-141", 502, "WeCom keeps refusing access for this app. Please try again.",
            "企业微信持续拒绝该应用的访问，请稍后再试。", "If it lasts longer than a few minutes, reset the app's secret in the WeCom console and enter the new one here.",
            "如果持续超过几分钟，请在企业微信管理后台重置该应用的Secret，并在此处填写新的Secret。";
        /// A fresh token of a suite or provider was refused too.
        SuiteTokenRefused = "WC-142", 502, "WeCom keeps refusing access for this suite. Please try again.",
            "企业微信持续拒绝该服务商应用的访问，请稍后再试。", "If it lasts longer than a few minutes, check the secret of the suite and whether its tickets arrive.",
            "如果持续超过几分钟，请检查该服务商应用的Secret以及suite_ticket是否正常到达。";
        /// 48009.
        DetailsForbidden = "WC-150", 422, "WeCom does not show contact details to the contacts-sync secret from this address.",
            "企业微信不允许通讯录同步 Secret 从此地址读取成员详情。", "Read details with the secret of an app whose visible scope is the whole corp; the contacts-sync secret remains useful for ids.",
            "请用可见范围为整个企业的应用的Secret读取详情；通讯录同步Secret仍可用于读取ID。";
        /// 48002.
        SecretKindWrong = "WC-151", 422, "This kind of WeCom secret may not do that.",
            "此类企业微信 Secret 无权执行该操作。", "App secrets sign people in and read details within the visible scope; the contacts-sync secret lists ids. Enter each in its own place.",
            "应用Secret用于登录和读取可见范围内的详情；通讯录同步Secret用于列出ID。请分别填写在各自的位置。";
        /// Other codes an admin must mend.
        NotPermitted = "WC-152", 422, "WeCom does not permit this to the app.",
            "企业微信未授权该应用执行此操作。", "Look up the WeCom code of the detail at https://open.work.weixin.qq.com/devtool/query and grant the permission in the WeCom console.",
            "请在https://open.work.weixin.qq.com/devtool/query查询详情中的企业微信错误码，并在企业微信管理后台授予相应权限。";
        /// 701008.
        NoLicence = "WC-153", 422, "This member has no licence for apps of service providers.",
            "该成员没有服务商应用的接口许可。", "Assign the member an interface licence (接口许可) for this app in the provider console.", "请在服务商后台为该成员分配此应用的接口许可账号。";
        /// 40029, expired tickets.
        CodeUsed = "WC-160", 400, "This sign-in was already used or has expired. Please start again.",
            "本次登录已被使用或已过期，请重新开始。", "Nothing to mend when it happens now and then. If always: another program exchanges the codes, or the code is another app's.",
            "偶尔发生时无需处理。如果总是发生：可能是其他程序在兑换code，或code属于其他应用。";
        /// 40077, 40078, 42007: codes of an installation.
        InstallCodeUsed = "WC-161", 400, "This installation was already finished or has expired. Please start it again.",
            "本次安装已完成或已过期，请重新安装。", "Nothing to mend when it happens now and then. If always: another program exchanges the codes of this suite.",
            "偶尔发生时无需处理。如果总是发生：可能是其他程序在兑换该服务商应用的授权码。";
        /// 60111 and its kin, where the caller had no use for the difference.
        NotVisible = "WC-170", 404, "WeCom does not show this member, department or tag to the app.",
            "企业微信未向该应用展示此成员、部门或标签。", "Add it to the app's visible scope in the WeCom console, or it no longer exists there.", "请在企业微信管理后台将其加入该应用的可见范围；也可能它在企业微信中已不存在。";
        /// The callback's Token or EncodingAESKey has another form than WeCom's.
        CallbackKeyInvalid = "WC-180", 422, "The callback key is not 43 letters and digits, or the callback token is empty.",
            "回调 EncodingAESKey 不是 43 位字母数字，或回调 Token 为空。", "Copy Token and EncodingAESKey again from the callback settings in the WeCom console.", "请从企业微信管理后台的回调设置中重新复制Token和EncodingAESKey。";
        /// The signature of a callback is not made with our token.
        CallbackNotSigned = "WC-181", 403, "This callback is not signed by WeCom.",
            "该回调没有企业微信的有效签名。", "If WeCom itself is calling: the Token here and in the WeCom console differ.", "如果确为企业微信发出的请求，则此处与企业微信管理后台的Token不一致。";
        /// Signed, but not encrypted with our key.
        CallbackUndecryptable = "WC-182", 400, "This callback cannot be decrypted.",
            "该回调无法解密。", "The EncodingAESKey here and in the WeCom console differ.", "此处与企业微信管理后台的EncodingAESKey不一致。";
        /// Signed and decrypted, but meant for another corp.
        CallbackMisdirected = "WC-183", 403, "This callback is meant for another corp.",
            "该回调属于其他企业。", "The callback URL is entered at another corp, or the corp ID here is wrong.", "回调URL填在了其他企业，或此处的企业ID有误。";
        /// Neither the XML nor the JSON the reference describes.
        CallbackUnreadable = "WC-184", 400, "This callback cannot be read.",
            "该回调内容无法识别。", "The log line with this reference number has the cause.", "日志中带有该参考码的一行记录了原因。";
        /// Larger than any callback.
        CallbackTooLarge = "WC-185", 413, "This callback is too large.",
            "该回调内容过大。", "WeCom's callbacks are a few kilobytes; look who else posts to this URL.", "企业微信的回调只有几KB；请检查还有谁向此URL发送请求。";
        /// A code nobody described, or a request WeCom calls wrong.
        Unexpected = "WC-190", 502, "WeCom gave an unexpected answer.",
            "企业微信返回了意外的结果。", "Please report the WeCom code of the detail together with the log line of this reference number.", "请将详情中的企业微信错误码连同日志中带有该参考码的一行一并报告。";
        /// 81013, or named among those who were not reached.
        NotReached = "WC-191", 422, "WeCom does not deliver messages of this app to this member.",
            "企业微信不向该成员投递此应用的消息。", "Put the member into the app's visible scope in the WeCom console; who has left or is disabled cannot be reached, and apps of others need a licence for each member.",
            "请在企业微信管理后台将该成员加入应用的可见范围；已离职或已停用的成员无法收到消息，第三方应用还须为每位成员购买许可。";
        /// Of a data source with nothing but a contacts-sync secret, or none.
        NoSender = "WC-192", 422, "This data source has no WeCom app that could send messages.",
            "该数据源没有可发送消息的企业微信应用。", "Enter the integration app of the data source, or an auth source for its people; the contacts-sync secret sends nothing.",
            "请为该数据源填写集成应用，或为其成员添加认证源；通讯录同步的Secret不能发送消息。";
    }
}

impl WeComError {
    /// Which entry of the catalogue this is.
    pub const fn kind(&self) -> WeComFailure {
        match (self.class, self.errcode) {
            (_, Some(40001 | 40091)) => WeComFailure::SecretWrong,
            (_, Some(40013)) => WeComFailure::CorpIdWrong,
            (_, Some(40056 | 301_002)) => WeComFailure::AgentWrong,
            (_, Some(48006 | 50003 | 60031)) => WeComFailure::AppDisabled,
            (_, Some(40080)) => WeComFailure::SuiteSecretWrong,
            (_, Some(40083)) => WeComFailure::SuiteIdWrong,
            (_, Some(40084 | 48003 | 48004)) => WeComFailure::NotInstalled,
            (_, Some(40085)) => WeComFailure::NoSuiteTicket,
            (_, Some(40082 | 42009)) => WeComFailure::SuiteTokenRefused,
            (_, Some(701_008)) => WeComFailure::NoLicence,
            (_, Some(40077 | 40078 | 42007)) => WeComFailure::InstallCodeUsed,
            (_, Some(60020)) => WeComFailure::IpNotTrusted,
            (_, Some(50001)) => WeComFailure::DomainNotTrusted,
            (_, Some(48009)) => WeComFailure::DetailsForbidden,
            (_, Some(48002)) => WeComFailure::SecretKindWrong,
            (Class::Throttled, _) => WeComFailure::Throttled,
            (Class::Retry, _) => WeComFailure::Unreachable,
            (Class::Token, _) => WeComFailure::TokenRefused,
            (Class::Admin, _) => WeComFailure::NotPermitted,
            (Class::Restart, _) => WeComFailure::CodeUsed,
            (Class::Outcome, _) => WeComFailure::NotVisible,
            (Class::Defect, _) => WeComFailure::Unexpected,
        }
    }
}

/// Whether an error says that the app does not see the member, or that there is none (reference 3.4).
pub fn is_not_visible(error: &WeComError) -> bool {
    error.errcode.is_some_and(|code| NOT_VISIBLE.contains(&code))
}

impl From<WeComError> for Failure {
    fn from(error: WeComError) -> Self {
        let failure = error.kind().failure().cause(&error);
        let address = error.observed_ip.as_deref();
        match (error.errcode, address) {
            (Some(60020), Some(address)) => failure.detail(format!("WeCom saw the address {address}")),
            (Some(errcode), _) => {
                let means = match errcode {
                    45009 => ": a quota of a minute, an hour or a day is used up",
                    45033 => ": too many calls at once",
                    _ => "",
                };
                failure.detail(format!("WeCom code {errcode} at {}{means}", error.call))
            }
            (None, _) => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::{
        classify::classify,
        testing::{Reaction, Stub, app, bench},
    };

    const CODES: [i64; 24] = [
        -1, 6000, 40001, 40091, 40013, 40056, 301_002, 50003, 60031, 60020, 50001, 45009, 45033, 40014, 42001, 48009,
        48002, 48001, 40029, 60111, 60003, 40035, 987_654, 40003,
    ];

    fn error(errcode: i64) -> WeComError {
        WeComError {
            call: "user/get",
            class: classify(errcode),
            errcode: Some(errcode),
            message: "words".to_owned(),
            observed_ip: Some("203.0.113.9".to_owned()),
            export: None,
        }
    }

    #[test]
    fn every_code_has_its_number() {
        let table = [
            (40001, "WC-110"),
            (40091, "WC-110"),
            (40013, "WC-111"),
            (40056, "WC-112"),
            (50003, "WC-113"),
            (48006, "WC-113"),
            (60020, "WC-120"),
            (50001, "WC-121"),
            (45009, "WC-130"),
            (-1, "WC-140"),
            (40014, "WC-141"),
            (48009, "WC-150"),
            (48002, "WC-151"),
            (48001, "WC-152"),
            (40029, "WC-160"),
            (40080, "WC-114"),
            (40083, "WC-115"),
            (40084, "WC-116"),
            (48004, "WC-116"),
            (40085, "WC-117"),
            (40082, "WC-142"),
            (42009, "WC-142"),
            (701_008, "WC-153"),
            (40078, "WC-161"),
            (60111, "WC-170"),
            (987_654, "WC-190"),
        ];
        for (errcode, number) in table {
            assert_eq!(Failure::from(error(errcode)).entry.number, number, "{errcode}");
        }
        assert!(Failure::from(error(60020)).detail.unwrap().contains("203.0.113.9"));
        let unread = WeComError::without_code("user/get", Class::Retry, "timed out");
        assert_eq!(Failure::from(unread).entry.number, "WC-140");
    }

    #[test]
    fn sentences_fit_a_protocol_error_and_numbers_are_unique() {
        let mut numbers = std::collections::BTreeSet::new();
        for entry in WeComFailure::ENTRIES {
            let printable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
            assert!(entry.en.chars().all(printable), "{}", entry.number);
            assert!(numbers.insert(entry.number) && entry.number.starts_with("WC-1"));
        }
    }

    #[tokio::test]
    async fn no_secret_is_seen_in_any_failure() {
        let tell_tale = ["SECRET", "TOKEN", "CODE", "TICKET", "access_token=", "corpsecret="];
        for at_gettoken in [true, false] {
            for reaction in CODES.map(Some).into_iter().chain([None]) {
                let stub = Stub::start(move |call| {
                    if call.path.ends_with("gettoken") && !at_gettoken {
                        return Reaction::json(r#"{"access_token":"TOKEN-1","expires_in":7200}"#);
                    }
                    // The worst WeCom could do: repeat the whole request in its words.
                    let echo = format!("{} {} TOKEN-1 from ip: 203.0.113.9", call.target, call.body);
                    let echo = if at_gettoken { echo.replace("TOKEN-1", "") } else { echo };
                    reaction.map_or(Reaction::Reset, |code| {
                        Reaction::json(&serde_json::json!({"errcode": code, "errmsg": echo}).to_string())
                    })
                });
                let wecom = bench(&stub).wecom;
                let errors = [
                    wecom.exchange_code(&app(), "CODE-1").await.err(),
                    wecom.user_detail(&app(), "TICKET-1").await.err(),
                    wecom.tags(&app()).await.err(),
                ];
                for error in errors.into_iter().flatten() {
                    let failure = Failure::from(error.clone());
                    let mut shown = format!("{error} {error:?} {failure} {failure:?} {:?}", app());
                    for parameter in ["access_token=…", "corpsecret=…"] {
                        shown = shown.replace(parameter, "");
                    }
                    for word in tell_tale {
                        assert!(!shown.contains(word), "{word}: {shown}");
                    }
                }
            }
        }
    }
}
