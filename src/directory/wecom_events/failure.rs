//! Failures of WeCom callbacks besides those of their envelope, which are `WC-180` to `WC-185`.

use crate::catalogue;

catalogue! {
    /// Failures of receiving WeCom's events.
    pub enum CallbackFailure {
        /// No such endpoint.
        UnknownEndpoint = "CB-101", 404, "There is no callback at this address.",
            "此地址没有回调服务。", "Copy the URL again from the data source's callback page into the WeCom console.", "请从数据源的回调页面重新复制URL，填入企业微信管理后台。";
        /// Signed, but its timestamp is outside the accepted window.
        Stale = "CB-102", 403, "This callback is too old.",
            "该回调的时间戳已过期。", "Set the clock of this server by NTP. If it is right, somebody sent an old callback again; nothing was done.", "请用NTP校准本服务器的时钟。如果时钟无误，则是有人重发了旧的回调；系统未作任何处理。";
        /// The owner is the integration app, and there is none.
        NoApp = "CB-103", 422, "This data source has no integration app that could tell of changes.",
            "该数据源没有可接收事件的集成应用。", "Enter the integration app first, or set the callback up for the contacts-sync helper.", "请先填写集成应用，或改为在通讯录同步中设置回调。";
        /// The company is connected by a suite.
        OfSuite = "CB-104", 422, "This company is connected by the app of a service provider, whose callbacks tell of its changes.",
            "该企业通过服务商应用接入，其变更由该应用的回调通知。", "Nothing is to be entered for this company. See that the callbacks of the service-provider app are verified.", "无需为该企业填写回调。请确认服务商应用的回调已通过验证。";
        /// This very verification was answered before.
        AnsweredBefore = "CB-140", 403, "This verification was answered before.",
            "该验证请求已被应答过。", "Save the callback URL in the WeCom console again: each verification is answered once. If nobody did, somebody repeated one they had seen; it was not decrypted for them.",
            "请在企业微信管理后台重新保存回调URL：每个验证请求只应答一次。如果无人保存过，则是有人重发了曾看到的请求；系统未为其解密。";
    }
}

#[cfg(test)]
mod tests {
    use super::CallbackFailure;

    #[test]
    fn sentences_fit_a_protocol_error() {
        for entry in CallbackFailure::ENTRIES {
            let printable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
            assert!(entry.en.chars().all(printable), "{}", entry.number);
            assert!(entry.number.starts_with("CB-1") && !entry.zh.is_empty() && !entry.remedy.is_empty());
        }
    }
}
