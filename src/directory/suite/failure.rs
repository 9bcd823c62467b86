//! Failures of suites: of entering one, of its callbacks, and what is wrong with one that stands.

use crate::catalogue;

catalogue! {
    /// Failures of suites.
    pub enum SuiteFailure {
        /// No such address.
        UnknownCallback = "SU-101", 404, "There is no callback of a suite at this address.",
            "此地址没有服务商应用的回调服务。", "Copy the URL again from the page of the suite into the provider console of WeCom.", "请从服务商应用页面重新复制URL，填入服务商管理后台。";
        /// The receive id is ours, the document speaks of another.
        OtherSuite = "SU-102", 403, "This push is about another suite.",
            "该推送属于其他服务商应用。", "The callback URL is entered at another suite, or the suite ID here is wrong.", "回调URL填在了其他应用，或此处的SuiteID有误。";
        /// WeCom's id is unique.
        Taken = "SU-103", 409, "A suite with this suite ID is there already.",
            "已有相同 SuiteID 的服务商应用。", "Edit the existing one.", "请编辑现有的服务商应用。";
        /// Companies are connected through it.
        InUse = "SU-104", 409, "Companies have this suite installed, so it cannot be deleted.",
            "仍有企业安装了该服务商应用，无法删除。", "Disconnect the companies named in the detail first: their admins delete the app in WeCom.", "请先断开详情所列的企业：由其管理员在企业微信中删除该应用。";
        /// Ids and codes of its companies are those of this suite.
        Fixed = "SU-105", 409, "The suite ID cannot change while companies have this suite installed.",
            "仍有企业安装该服务商应用时不能修改 SuiteID。", "Enter the other suite as a new one.", "请将另一个应用新建为服务商应用。";
        /// 40080.
        SecretRefused = "SU-110", 422, "WeCom does not accept the secret of this suite, so nothing was saved.",
            "企业微信不接受该服务商应用的 Secret，未保存。", "Copy the secret again from the place named there. It can be saved all the same (save_anyway).", "请从所示位置重新复制Secret。也可以仍然保存（save_anyway）。";
        /// 40083.
        SuiteIdRefused = "SU-111", 422, "WeCom does not know this suite ID, so nothing was saved.",
            "企业微信不认识该 SuiteID，未保存。", "Copy the suite ID again from the place named there. It can be saved all the same (save_anyway).", "请从所示位置重新复制SuiteID。也可以仍然保存（save_anyway）。";
        /// 40001 of the provider.
        ProviderSecretRefused = "SU-112", 422, "WeCom does not accept the secret of the service provider, so nothing was saved.",
            "企业微信不接受该服务商的 ProviderSecret，未保存。", "Copy the secret again from the place named there. It can be saved all the same (save_anyway).", "请从所示位置重新复制ProviderSecret。也可以仍然保存（save_anyway）。";
        /// 40013 of the provider.
        ProviderCorpRefused = "SU-113", 422, "WeCom does not know this corp ID as a service provider's, so nothing was saved.",
            "企业微信不认识该服务商企业 ID，未保存。", "Copy the corp ID again from the place named there. It can be saved all the same (save_anyway).", "请从所示位置重新复制企业ID。也可以仍然保存（save_anyway）。";
        /// No ticket, long after the suite was entered.
        NoTicket = "SU-120", 409, "WeCom has never sent a ticket for this suite, so nobody can install it or sign in through it.",
            "企业微信从未推送过该服务商应用的 Ticket，因此无法安装，也无法登录。", "Enter the command callback URL, Token and EncodingAESKey in the provider console and save; then press the button that refreshes the ticket (刷新Ticket). If a request was refused here, that is told beside.",
            "请在服务商管理后台填写指令回调URL、Token和EncodingAESKey并保存，然后点击“刷新Ticket”。如果有请求在此被拒绝，会另行列出。";
        /// Tickets come every ten minutes and serve for thirty.
        TicketExpired = "SU-121", 409, "The last ticket of this suite is older than 30 minutes, so its companies cannot be reached and nobody can sign in through it.",
            "该服务商应用最近一次的 Ticket 已超过 30 分钟，无法访问已接入企业，也无法登录。", "Press the button that refreshes the ticket (刷新Ticket) in the provider console. If none arrives then, see whether WeCom can reach the command callback URL.",
            "请在服务商管理后台点击“刷新Ticket”。如果仍未收到，请检查企业微信能否访问指令回调URL。";
        /// 40080 of a suite that stands.
        SecretWrong = "SU-122", 409, "WeCom does not accept the secret of this suite.",
            "企业微信不接受该服务商应用的 Secret。", "Copy the secret again from the place named there, and save it here.", "请从所示位置重新复制Secret，并在此保存。";
        /// 40083 of a suite that stands.
        SuiteIdWrong = "SU-123", 409, "WeCom does not know the suite ID of this suite.",
            "企业微信不认识该服务商应用的 SuiteID。", "Copy the suite ID again from the place named there, and save it here.", "请从所示位置重新复制SuiteID，并在此保存。";
        /// 60020.
        IpUntrusted = "SU-124", 409, "WeCom refuses the address that this server calls from: it is not on the list of the service provider.",
            "企业微信拒绝本服务器的出口 IP：它不在服务商的 IP 白名单中。", "Add the address named in the detail to the IP list (IP白名单) of the provider console; it works at once. The next ticket shows whether it does.",
            "请在服务商管理后台将详情所列的地址加入IP白名单，立即生效。下一次推送Ticket时会自动重新检测。";
        /// Another refusal.
        Refused = "SU-125", 409, "WeCom does not give this suite an access token.",
            "企业微信未向该服务商应用提供访问令牌。", "Look up the WeCom code of the detail at https://open.work.weixin.qq.com/devtool/query.", "请在https://open.work.weixin.qq.com/devtool/query查询详情中的企业微信错误码。";
        /// No answer.
        Unproven = "SU-126", 409, "WeCom gave no usable answer when this suite was tried, so nobody knows whether its secret is right.",
            "尝试该服务商应用时企业微信未给出有效答复，尚不确定其 Secret 是否正确。", "Nothing, if WeCom is only busy: it is tried again with the next ticket. Else see what the detail says about the connection.",
            "如果企业微信只是繁忙，则无需处理：收到下一次Ticket时会自动重试。否则请查看详情中的连接信息。";
        /// Any receive id passes the verification of the data callback.
        NoProvider = "SU-128", 409, "The corp ID of the service provider is not entered, so whoever knows Token and EncodingAESKey can verify the data callback as any company.",
            "未填写服务商的企业 ID，因此任何知道 Token 和 EncodingAESKey 的人都能以任意企业的身份通过数据回调的验证。", "Enter the corp ID of the service provider, as the place named there shows it.", "请填写服务商的企业ID（见所示位置）。";
        /// 40001 of a provider that stands.
        ProviderSecretWrong = "SU-129", 409, "WeCom does not accept the secret of the service provider.",
            "企业微信不接受该服务商的 ProviderSecret。", "Copy the secret again from the place named there, and save it here.", "请从所示位置重新复制ProviderSecret，并在此保存。";
        /// 40013 of a provider that stands.
        ProviderCorpWrong = "SU-130", 409, "WeCom does not know the corp ID as a service provider's.",
            "企业微信不认识该服务商企业 ID。", "Copy the corp ID again from the place named there, and save it here.", "请从所示位置重新复制企业ID，并在此保存。";
        /// Another answer about the provider, or none.
        ProviderUnproven = "SU-131", 409, "WeCom gave no token for the secret of the service provider, so nobody knows whether it is right.",
            "企业微信未为该服务商的 ProviderSecret 返回令牌，尚不确定其是否正确。", "Nothing, if WeCom is only busy: it is tried again with the next ticket. Else see what the detail says.",
            "如果企业微信只是繁忙，则无需处理：收到下一次Ticket时会自动重试。否则请查看详情。";
        /// Asked to try it, and there is nothing to try it with.
        WaitsForTicket = "SU-127", 409, "This suite waits for its first ticket, so it cannot be tried yet.",
            "该服务商应用尚未收到首个 Ticket，暂时无法检测。", "Enter the command callback in the provider console: WeCom sends a ticket when it is saved, and every ten minutes.", "请在服务商管理后台填写指令回调：保存时及之后每十分钟，企业微信都会推送Ticket。";
    }
}

#[cfg(test)]
mod tests {
    use super::SuiteFailure;

    #[test]
    fn sentences_fit_a_protocol_error() {
        for entry in SuiteFailure::ENTRIES {
            let printable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
            assert!(entry.en.chars().all(printable), "{}", entry.number);
            assert!(entry.number.starts_with("SU-1") && !entry.zh.is_empty());
        }
    }
}
