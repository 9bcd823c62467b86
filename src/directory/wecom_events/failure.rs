//! Failures of WeCom callbacks besides those of their envelope, which are `WC-180` to `WC-185`.

use crate::catalogue;

catalogue! {
    /// Failures of receiving WeCom's events.
    pub enum CallbackFailure {
        /// No such endpoint.
        UnknownEndpoint = "CB-101", 404, "There is no callback at this address.",
            "此地址没有回调服务。", "Copy the URL again from the data source's callback page into the WeCom console.";
        /// Signed, but its timestamp is outside the accepted window.
        Stale = "CB-102", 403, "This callback is too old.",
            "该回调的时间戳已过期。", "Set the clock of this server by NTP. If it is right, somebody sent an old callback again; nothing was done.";
        /// The owner is the integration app, and there is none.
        NoApp = "CB-103", 422, "This data source has no integration app that could tell of changes.",
            "该数据源没有可接收事件的集成应用。", "Enter the integration app first, or set the callback up for the contacts-sync helper.";
        /// This very verification was answered before.
        AnsweredBefore = "CB-140", 403, "This verification was answered before.",
            "该验证请求已被应答过。", "Save the callback URL in the WeCom console again: each verification is answered once. If nobody did, somebody repeated one they had seen; it was not decrypted for them.";
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
