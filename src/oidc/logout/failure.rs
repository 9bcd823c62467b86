//! Errors of the admin operations on the outbox of back-channel logout, and of logout without a browser.

use crate::catalogue;

catalogue! {
    /// Failures of the outbox, and of logout without a browser.
    pub enum LogoutFailure {
        /// No such delivery.
        DeliveryUnknown = "OP-340", 404, "There is no such logout delivery.",
            "没有此登出通知记录。", "Settled deliveries are kept for 30 days.", "已结束的登出通知保留30天。";
        /// The delivery was confirmed already.
        DeliveryDone = "OP-341", 409, "The portal has been told already.",
            "门户已收到登出通知。", "Only deliveries that were not delivered can be tried again.", "只有未送达的登出通知可以重试。";
        /// An unknown state in a filter.
        StateUnknown = "OP-342", 400, "There is no such delivery state.",
            "没有此状态。", "Use pending, delivered, failed or abandoned.", "请使用pending、delivered、failed或abandoned。";
        /// A program asked for a logout that ends nothing.
        NothingEnded = "OP-420", 400, "Nothing was signed out: this request came without a browser, and may not end a session.",
            "未退出任何会话：该请求不是来自浏览器，且无权结束会话。", "Send the person's browser here. Or set metadata.server_initiated_logout of a confidential client, and send a valid id_token_hint of its own that has a sid.",
            "请将用户的浏览器引导至此。或为机密客户端设置metadata.server_initiated_logout，并发送其自身有效且含有sid的id_token_hint。";
    }
}
